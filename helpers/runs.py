"""Running a notebook in a fresh kernel, and reading what it showed: findings, figures, tables; a lost figure is an error."""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from helpers import exhibits, findings
from helpers.look import FIGURE_MIME

KINDS = {findings.MIME: "finding", FIGURE_MIME: "figure", exhibits.TABLE_MIME: "table", exhibits.NOTHING_MIME: "nothing", exhibits.DOWNLOAD_MIME: "download"}
CELL_SECONDS = 600
LONGEST_SOCKET = 96  # of 104 bytes on macOS, 108 on Linux; the kernel adds its channel's number


class PageError(Exception):
    """A page that can't be made: which notebook, which cell, why."""


@dataclass(frozen=True)
class Page:
    """A page to make: notebook, name of the file, and environment of its kernel (its own parameters)."""

    notebook: Path
    file: str
    parameters: dict[str, str] = field(default_factory=dict)


def _place_of(error: CellExecutionError, cell: Any) -> str:
    plain = re.sub(r"\x1b\[[0-9;]*m", "", error.traceback)
    line = re.findall(r"Cell In\[\d+\], line (\d+)", plain)
    return f"line {line[0]}: {cell.source.splitlines()[int(line[0]) - 1].strip()}" if line else cell.source.splitlines()[0]


def _failed_cell(notebook: Any) -> tuple[int, Any]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    failed = [place for place, cell in enumerate(cells) if any(output.output_type == "error" for output in cell.outputs)]
    return (failed[0] + 1, cells[failed[0]]) if failed else (len(cells), cells[-1])


def _sockets(folder: str, number: int) -> dict[str, str]:
    """Sockets in the file system where there are any: nobody else on the machine can listen, and ipykernel has nothing to warn of."""
    path = str(Path(folder) / str(number))
    return {} if os.name == "nt" or len(path) > LONGEST_SOCKET else {"transport": "ipc", "ip": path}


async def _run(page: Page, number: int, environment: dict[str, str], folder: str) -> Any:
    notebook = nbformat.read(page.notebook, as_version=4)
    sockets = _sockets(folder, number)
    manager = AsyncKernelManager(kernel_name="python3", **sockets)
    client = NotebookClient(notebook, km=manager, timeout=CELL_SECONDS, startup_timeout=180, resources={"metadata": {"path": folder}})
    try:
        await client.async_execute(env={**os.environ, **environment, **page.parameters, "IPYTHONDIR": folder, "PYTHONHASHSEED": "0",
                                        "PYDEVD_DISABLE_FILE_VALIDATION": "1"})
    except CellExecutionError as error:
        number, cell = _failed_cell(notebook)
        raise PageError(f"{page.notebook.name}, code cell {number}, {_place_of(error, cell)}\n  {error.ename}: {error.evalue}") from None
    except (CellTimeoutError, DeadKernelError, RuntimeError) as error:
        raise PageError(f"{page.notebook.name}: {str(error).splitlines()[0]}") from None
    finally:
        if manager.has_kernel:
            await manager.shutdown_kernel(now=True)
    return notebook


def _keep_interrupts(loop: asyncio.AbstractEventLoop) -> None:
    """nbclient takes Ctrl-C for itself, ends one kernel and reports it dead; refused, it leaves the signal to asyncio, which stops them all."""
    def refuse(*words: Any) -> None:
        """Stands where asyncio adds and removes handlers."""
        raise RuntimeError("signals are ours")

    loop.add_signal_handler = loop.remove_signal_handler = refuse  # type: ignore[method-assign, assignment]


async def _run_all(pages: Sequence[Page], environment: dict[str, str], workers: int, done: Callable[[str], None]) -> list[Any]:
    gate = asyncio.Semaphore(workers)
    _keep_interrupts(asyncio.get_running_loop())

    async def one(number: int, page: Page, folder: str) -> Any:
        """One notebook, run when a worker is free."""
        async with gate:
            notebook = await _run(page, number, environment, folder)
            done(page.file)
            return notebook

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        tasks = [asyncio.create_task(one(number, page, folder)) for number, page in enumerate(pages)]
        try:
            return await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def run(pages: Sequence[Page], environment: dict[str, str], workers: int, done: Callable[[str], None] = lambda file: None) -> list[Any]:
    """Executes the notebooks side by side, each in a fresh kernel. Raises PageError at the first that fails."""
    return asyncio.run(_run_all(pages, environment, workers, done))


def outputs(cell: Any) -> list[tuple[str, Any]]:
    """(kind, data) of a cell's outputs that a page shows: finding, figure, table, nothing, download, text."""
    found = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        mime = next((mime for mime in KINDS if mime in data), None)
        if mime:
            found.append((KINDS[mime], data[mime]))
        elif "text/plain" in data and "text/html" not in data:
            found.append(("text", data["text/plain"]))
    return found


def verify(page: Page, notebook: Any) -> None:
    """Raises PageError unless every cell tagged `figure` gave one figure, whole, or a sentence in its place, and no other is lost."""
    seen: set[str] = set()
    for number, cell in enumerate((cell for cell in notebook.cells if cell.cell_type == "code"), 1):
        shown = outputs(cell)
        figures = [data for kind, data in shown if kind == "figure"]
        data = [output.get("data", {}) for output in cell.outputs]
        lost = [item for item in data if "Figure(" in str(item.get("text/plain", ""))[:200] and FIGURE_MIME not in item]
        place = f"{page.notebook.name}, code cell {number}"
        wanted = "figure" in cell.metadata.get("tags", ())
        if lost or wanted and len(figures) + sum(kind == "nothing" for kind, _ in shown) != 1 or figures and not wanted:
            raise PageError(f"{place}: a figure is missing, doubled or not in a cell tagged `figure`")
        for figure in figures:
            meta = figure.get("layout", {}).get("meta") or {}
            whole = figure.get("data") and meta.get("id") and meta.get("alt") and meta.get("table", {}).get("rows")
            if not whole or meta["id"] in seen:
                raise PageError(f"{place}: the figure {meta.get('id') or 'without an id'!r} lacks its data, alt text or table, or its id is used twice")
            seen.add(meta["id"])


def page_findings(notebook: Any) -> list[dict[str, Any]]:
    """The findings of an executed notebook, in order."""
    return [data for cell in notebook.cells if cell.cell_type == "code" for kind, data in outputs(cell) if kind == "finding"]


def own_title(notebook: Any) -> str:
    """The title that a finding gives the page (one notebook, many pages), or ""."""
    return next((found["title"] for found in page_findings(notebook) if found.get("title")), "")


def question(notebook: Any) -> str:
    """The page's title: that of a finding, else the first heading."""
    if own_title(notebook):
        return own_title(notebook)
    found = re.search(r"^# (.+)$", "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown"), re.M)
    return found.group(1).strip() if found else "Without a title"
