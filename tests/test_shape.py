"""Guards the shape of the project: imports run one way, files and functions stay small, notebooks hold no functions and no outputs."""

from __future__ import annotations

import ast
import graphlib
import json
import re
from pathlib import Path

import pytest

from helpers.build import NOTEBOOKS
from helpers.schema import PROJECT_DATA

HELPERS = sorted((PROJECT_DATA.parent / "helpers").glob("*.py"))
PAGES = sorted(NOTEBOOKS.glob("*.ipynb"))
MOST_LINES, LONGEST_FUNCTION = 250, 40


def imported(file: Path) -> set[str]:
    """The helper files that a helper file imports, also inside functions."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "helpers":
            names |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers."):
            names.add((node.module or "").split(".")[1])
    return names & {other.stem for other in HELPERS}


def test_imports_make_no_cycle() -> None:
    order = list(graphlib.TopologicalSorter({file.stem: imported(file) for file in HELPERS}).static_order())
    assert order.index("dates") < order.index("ledger") < order.index("counts") < order.index("findings") < order.index("pages") < order.index("build")


def test_every_helper_file_is_named_in_the_readme() -> None:
    said = (PROJECT_DATA.parent / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z_]+\*?)`", said))
    missing = [file.stem for file in HELPERS if not file.stem.startswith("__") and file.stem not in named
               and not any(name.endswith("*") and file.stem.startswith(name[:-1]) for name in named)]
    assert missing == []


@pytest.mark.parametrize("file", HELPERS, ids=lambda file: file.stem)
def test_a_helper_file_is_small_and_says_what_it_is_for(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES and ast.get_docstring(ast.parse(text))
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, f"{node.name} is too long"
    for node in [*tree.body, *(part for whole in tree.body if isinstance(whole, ast.ClassDef) for part in whole.body)]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            assert node.name.startswith("_") or ast.get_docstring(node), f"{node.name} has no docstring"


@pytest.mark.parametrize("notebook", PAGES, ids=lambda notebook: notebook.stem)
def test_a_notebook_holds_no_function_no_output_and_short_cells(notebook: Path) -> None:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [("".join(cell["source"]), cell) for cell in cells if cell["cell_type"] == "code"]
    assert cells[0]["cell_type"] == "markdown" and "".join(cells[0]["source"]).startswith("# ")
    assert sum("parameters" in cell["metadata"].get("tags", []) for _, cell in code) == 1
    for source, cell in code:
        assert cell["outputs"] == [] and cell["execution_count"] is None
        assert not re.search(r"^\s*(def|class|lambda)\b", source, re.M) and len(source.strip().splitlines()) <= 4
