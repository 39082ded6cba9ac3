"""Builds that several test files read, and what they need to take a page apart; import the fixtures that a file uses."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers.build import NOTEBOOKS, Built, build, plan
from helpers.ledger import load
from helpers.schema import PROJECT_DATA, project_package
from tests import ledgers

ROOT = PROJECT_DATA.parent
Keep = Callable[[dict[str, str]], bool]

# What the second build must not leave a trace of, and must not depend on.
STRANGER = {
    "USER": "qqzz-stranger",
    "LOGNAME": "qqzz-stranger",
    "USERNAME": "qqzz-stranger",
    "TZ": "Pacific/Kiritimati",
    "PYTHONHASHSEED": "4711",
    "LC_ALL": "C",
    "HOSTNAME": "qqzz-host",
    "PLOTLY_RENDERER": "png",
    "COLUMNS": "33",
}
# Debian's `faketime`, where there is one: years ahead, and running on, because a clock that stands still would stop a kernel's timeouts.
FAKED = (["faketime", "-f", "@2031-05-06 07:08:09"], {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}) if shutil.which("faketime") else ([], {})


# Only our process gets the other clock: under libfaketime kernels wait for a semaphore for ever when another one is killed (seen).
ALONE = ("import os, runpy, sys; [os.environ.pop(name, None) for name in ('LD_PRELOAD', 'FAKETIME', 'FAKETIME_SHARED')]; sys.argv[0] = 'helpers'; "
         "runpy.run_module('helpers', run_name='__main__')")


def built(data: Path, out: Path, **more: Any) -> Built:
    """A build in a thread of its own, because Playwright keeps an event loop running in ours."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(build, data, out, **more).result()


def command(*words: str, environment: dict[str, str] | None = None, before: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """`python -m helpers …` as a process of its own; before: a command that runs it."""
    return subprocess.run(
        [*before, sys.executable, *(["-c", ALONE] if before else ["-m", "helpers"]), *words],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by name, but for the lock."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file() and path.name != ".sahel-shift.lock"}


def notebook(folder: Path, name: str, *cells: str | tuple[str, str]) -> Path:
    """Writes a tiny notebook: markdown cells begin with `#`, (code, tag) is a tagged code cell, the rest is code."""
    made = nbformat.v4.new_notebook()
    for place, cell in enumerate(cells):
        code, tags = cell if isinstance(cell, tuple) else (cell, "")
        kind = nbformat.v4.new_markdown_cell if code.startswith("#") else nbformat.v4.new_code_cell
        made.cells.append(kind(code, id=f"cell-{place}", metadata={"tags": tags.split()} if tags else {}))
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, folder / f"{name}.ipynb")
    return folder


@dataclass
class Taken(HTMLParser):
    """A page taken apart: every tag with its attributes, every script, and the text outside of scripts and styles."""

    source: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    scripts: list[tuple[dict[str, str], str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.inside = ""
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attributes}
        self.tags.append((tag, named))
        self.inside = tag if tag in ("script", "style") else self.inside
        if tag == "script":
            self.scripts.append((named, ""))

    def handle_endtag(self, tag: str) -> None:
        self.inside = "" if tag == self.inside else self.inside

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] = (self.scripts[-1][0], self.scripts[-1][1] + data)
        elif not self.inside:
            self.words.append(data)

    @property
    def text(self) -> str:
        """The text a reader sees, blanks folded."""
        return re.sub(r"\s+", " ", " ".join(self.words))

    @property
    def running(self) -> list[str]:
        """The scripts that a browser would run."""
        return [text for attributes, text in self.scripts if attributes.get("type", "text/javascript") in ("text/javascript", "module")]

    @property
    def policy(self) -> dict[str, list[str]]:
        """The policy in the page: directive → values."""
        found = [
            named["content"]
            for tag, named in self.tags
            if tag == "meta" and named.get("http-equiv", "").lower() == "content-security-policy"
        ]
        assert len(found) == 1, "a page has one policy"
        return {words[0]: words[1:] for words in (part.split() for part in found[0].split(";")) if words}


def taken(page: Path) -> Taken:
    """A page from a file, taken apart."""
    return Taken(page.read_text(encoding="utf-8"))


def script_hash(text: str) -> str:
    """The hash of a script as a policy writes it."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


def pages_of(folder: Path) -> list[Path]:
    """The pages of a build."""
    return sorted(folder.glob("*.html"))


def cut(folder: Path, keep_event: Keep, keep_series: Keep = lambda row: True) -> Path:
    """A copy of the project's ledger without some events and series, and without what hangs on them."""
    shutil.copytree(PROJECT_DATA, folder)
    tables = {name: ledgers.rows(folder, name) for name in project_package().tables}
    events = {row["event_id"] for row in tables["events"] if keep_event(row)}
    series = {row["series_id"] for row in tables["series"] if keep_series(row)}
    known = {"event_id": events, "series_id": series}
    pointers = {"about": events, "counts_at": events, "merged_into": events, "part_of": series}
    for name, rows in tables.items():
        kept = [
            row for row in rows if name == "withdrawn" or all(row[column] in codes for column, codes in known.items() if column in row)
        ]
        for row in kept:
            row.update({column: "" for column, codes in pointers.items() if column in row and row[column] not in codes})
        ledgers.table(folder, name, kept)
    return folder


def actors_of(bloc: str) -> set[str]:
    """The project's actors of a bloc."""
    return {row["actor"] for row in ledgers.rows(PROJECT_DATA, "actors") if row["bloc"] == bloc}


def without_bloc(folder: Path, bloc: str) -> Path:
    """A copy of the project's ledger without any event or strength of a bloc."""
    gone = actors_of(bloc)
    forces = {row["force"] for row in ledgers.rows(PROJECT_DATA, "forces") if gone & set(row["partners"].split(";"))}
    return cut(folder, lambda row: not gone & set(row["partners"].split(";")), lambda row: row["force"] not in forces)


def without_host(folder: Path, host: str) -> Path:
    """A copy of the project's ledger without any event or series of a host."""
    return cut(folder, lambda row: host not in row["hosts"].split(";"), lambda row: row["host"] != host)


@pytest.fixture(scope="session")
def real(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the project's ledger."""
    out = tmp_path_factory.mktemp("real") / "html"
    built(PROJECT_DATA, out)
    return out


@pytest.fixture(scope="session")
def again(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The same ledger elsewhere, built by another user of another home, time zone and (where it can be faked) clock through the command, and what it printed."""
    home = tmp_path_factory.mktemp("qqzz-home")
    data, out = Path(shutil.copytree(PROJECT_DATA, home / "qqzz-data")), home / "qqzz-out"
    run = command("html", "--data", str(data), "--out", str(out), environment={**STRANGER, "HOME": str(home), **FAKED[1]}, before=FAKED[0])
    for left in Path("/dev/shm").glob("*faketime_s*_*") if FAKED[0] else []:
        left.unlink(missing_ok=True)
    assert run.returncode == 0, run.stderr
    return out, run.stdout


@pytest.fixture(scope="session")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the project's ledger with the bundle compressed."""
    out = tmp_path_factory.mktemp("packed") / "html"
    built(PROJECT_DATA, out, compress=True)
    return out


@pytest.fixture(scope="session")
def empty_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of an empty ledger."""
    folder = tmp_path_factory.mktemp("empty")
    built(ledgers.empty(folder / "data"), folder / "html")
    return folder / "html"


@pytest.fixture(scope="session")
def one_sided_pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages of the project's ledger without any Russian event or strength."""
    folder = tmp_path_factory.mktemp("one-sided")
    built(without_bloc(folder / "data", "russian"), folder / "html")
    return folder / "html"


def planned() -> list[str]:
    """The pages that the project's notebooks make of its ledger, by name (one notebook may make a page for each host)."""
    return [page.file for page in plan(NOTEBOOKS, load(PROJECT_DATA))]
