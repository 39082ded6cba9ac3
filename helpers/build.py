"""The build: load, run every notebook, render, and replace the pages file by file; a failure leaves the last ones untouched."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from helpers import counts, headline, look, machine_coded, pages, presence, runs, workbook
from helpers.exchange import zipped
from helpers.findings import counted, lead_change
from helpers.kept import keep
from helpers.ledger import Ledger, load
from helpers.strengths import Stock
from helpers.schema import PROJECT_DATA

NOTEBOOKS = PROJECT_DATA.parent / "notebooks"
MANIFEST, LOCK, FRESH, FINDINGS, INDEX = "manifest.json", ".sahel-shift.lock", ".sahel-shift.new", "findings.json", "index.html"
COMPARED = "compare.html"  # stands beside the pages of a build, but is not one of them
RANGE = "range-"
OTHERS = "other"  # the country page of all hosts outside the default set
HEADLINE = ("lead-change", "departure", "replacement")


class BuildError(Exception):
    """The pages can't be built; the last ones stand."""


@dataclass(frozen=True)
class Built:
    """What a build made: the index, every finding ({id, page, …}) and the files written."""

    index: Path
    findings: list[dict[str, Any]]
    files: list[str]


def workbook_of(ledger: Ledger) -> tuple[bytes, list[str]]:
    """The whole ledger as a workbook, or none and a notice that says why."""
    try:
        return workbook.write(ledger.raw, ledger.own), []
    except workbook.WorkbookError as error:
        return b"", [f"no workbook to download: {error}"]


def plan(notebooks: Path, ledger: Ledger) -> list[runs.Page]:
    """The pages to make: one per numbered notebook; of a notebook whose metadata say `"each": "host"`, one per host of the
    default set, whatever the ledger holds, and one for all others together."""
    found = []
    for path in sorted(notebooks.glob("[0-9][0-9]-*.ipynb")):
        try:
            each = json.loads(path.read_text(encoding="utf-8"))["metadata"].get("sahel_shift", {}).get("each")
        except (ValueError, KeyError) as error:
            raise runs.PageError(f"{path.name} is not a notebook: {error}") from None
        hosts = [*counts.host_set(ledger), OTHERS] if each == "host" else []
        found += [runs.Page(path, f"{path.stem}-{host.lower()}.html", {"SAHEL_SHIFT_HOST": host}) for host in hosts] or [runs.Page(path, f"{path.stem}.html")]
    return found


def frame(ledger: Ledger, compress: bool) -> pages.Frame:
    """What all pages share."""
    unit_rows = counts.units(ledger)
    share = counts.engagement_share(ledger, unit_rows, counts.span(ledger))
    picture = headline.svg(ledger, share, lead_change(ledger, unit_rows, share).text)
    sizes = [counted(len(ledger[name]), noun) for name, noun in (("events", "event"), ("sources", "source"), ("citations", "citation"), ("origins", "origin"), ("strengths", "strength figure"))]
    by_status = ledger["events"]["status"].value_counts()
    status = ", ".join(f"{count:,} {name}" for name, count in by_status.items())
    undated = int(ledger["events"]["first"].isna().sum())
    text = " · ".join([*sizes, f"by status: {status or 'none'}", f"without a first possible day: {undated:,}", f"withdrawn: {len(ledger['withdrawn']):,}"])
    book, unpacked = workbook_of(ledger)
    return pages.Frame(ledger.title, ledger.hash, ledger.cutoff, ledger.licence, ledger.contact, text, [*ledger.notices, *unpacked], ledger.parameters["how_coded"],
                       ledger.parameters["region"], look.dark_palette(ledger), {"share": picture} if picture else {}, zipped(ledger.raw, ledger.own), compress, workbook=book)


def _own(out: Path) -> list[str]:
    """Files of our last build in the folder. Raises BuildError where it holds other people's files."""
    if out.exists() and not out.is_dir():
        raise BuildError(f"{out} is a file; name a folder: OUT=html")
    manifest = out / MANIFEST
    if manifest.is_file():
        try:
            return [str(name) for name in json.loads(manifest.read_text(encoding="utf-8"))["files"]]
        except (ValueError, KeyError, TypeError):
            raise BuildError(f"{manifest} is not readable; delete {out} and build again") from None
    others = [path.name for path in out.iterdir() if path.name not in (LOCK, FRESH, COMPARED, f".{COMPARED}.new")] if out.is_dir() else []
    if others:
        raise BuildError(f"{out} holds files that are not ours ({others[0]} …); name an empty folder: OUT=path")
    return []


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def replace(out: Path, files: dict[str, str], before: Sequence[str]) -> None:
    """Writes the files beside the old ones, then puts each in its place, the index last.

    The manifest names old and new files while they are being replaced, so that a build killed in between leaves whole
    pages and a folder that the next build still knows as its own.
    """
    fresh = out / FRESH
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir()
    try:
        for name, text in files.items():
            _write(fresh / name, text)
        both = {name: "" for name in [*before, *files]}
        _write(fresh / MANIFEST, json.dumps({"files": sorted(both)}, indent=1) + "\n")
        os.replace(fresh / MANIFEST, out / MANIFEST)
        for name in sorted(files, key=lambda name: name == INDEX):
            os.replace(fresh / name, out / name)
        for name in set(before) - set(files):
            (out / Path(name).name).unlink(missing_ok=True)
        sizes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(files.items())}
        _write(fresh / MANIFEST, json.dumps({"files": sizes}, indent=1) + "\n")
        os.replace(fresh / MANIFEST, out / MANIFEST)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def put(out: Path, name: str, text: str) -> Path:
    """Writes one page beside those of a build, whole or not at all, and returns its path. Raises BuildError."""
    try:
        _own(out)
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / LOCK, timeout=0):
            _write(out / f".{name}.new", text)
            os.replace(out / f".{name}.new", out / name)
    except Timeout:
        raise BuildError(f"another build is writing {out}; wait for it, or name another folder") from None
    except OSError as error:
        raise BuildError(f"{out} can't be written: {error.strerror or error}") from None
    return out / name


def _ranges(planned: Sequence[runs.Page], executed: Sequence[Any]) -> dict[str, dict[str, str]]:
    """finding id → how far it moves under other choices: the findings named `range-<id>` of any page."""
    return {item["id"].removeprefix(RANGE): {"text": item["text"], "page": page.file} for page, notebook in zip(planned, executed)
            for item in runs.page_findings(notebook) if item["id"].startswith(RANGE)}


def make(folder: Path, notebooks: Path, ledger: Ledger, compress: bool, done: Callable[[str, int], None],
         feed: Path | None = None) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """All files of a build as text (pages, findings.json, index), and the findings. Raises PageError."""
    planned = plan(notebooks, ledger)
    environment = {"SAHEL_SHIFT_DATA": str(folder.resolve()), "SAHEL_SHIFT_FEED": str(feed.resolve()) if feed else ""}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place, ThreadPoolExecutor(1) as beside:
        environment |= keep(ledger, folder, Path(place) / "ledger")
        sharing = beside.submit(frame, ledger, compress)  # while the kernels run, this process packs the ledger
        executed = runs.run(planned, environment, max(1, min(os.cpu_count() or 1, len(planned))), lambda file: done(file, len(planned)))
        shared = sharing.result()
    offers = [page.file for page, notebook in zip(planned, executed) if any(kind == "download" for cell in notebook.cells for kind, _ in runs.outputs(cell))]
    shared = dataclasses.replace(shared, ranges=_ranges(planned, executed), download=offers[0] if offers else "")
    files, found, listed = {}, [], []
    for page, notebook in zip(planned, executed):
        files[page.file] = pages.render(page, notebook, shared)
        own = runs.page_findings(notebook)
        found += [{"id": item["id"], "page": page.file, **{name: item[name] for name in ("verdict", "values", "text", "hedge")}} for item in own]
        listed.append({"file": page.file, "title": runs.question(notebook), "finding": own[0]["text"] if own else ""})
    top = list({item["id"]: item for item in reversed(found) if item["id"] in HEADLINE}.values())
    top.sort(key=lambda item: HEADLINE.index(item["id"]))
    static_note = ("Share of both sides’ engagement units in the trailing four quarters; military acts that took place. "
                   "No line where there are too few.")
    files[FINDINGS] = json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    files[INDEX] = pages.render_index(listed, top, static_note, presence.now_table(ledger, Stock(ledger)), shared)
    return files, found


def build(data: Path, out: Path, notebooks: Path = NOTEBOOKS, compress: bool = False, done: Callable[[str, int], None] = lambda file, total: None,
          feed: Path | None = None) -> Built:
    """Builds every page of a ledger into a folder. feed: counts of a machine-coded feed, for its page.
    Raises LedgerError, CountsError, PageError or BuildError; then the last pages stand."""
    ledger = load(data)
    machine_coded.read(feed, ledger)  # its errors are said before any page is made
    _own(out)
    try:
        out.mkdir(parents=True, exist_ok=True)
        with FileLock(out / LOCK, timeout=0):
            before = _own(out)
            files, found = make(data, notebooks, ledger, compress, done, feed)
            replace(out, files, before)
    except Timeout:
        raise BuildError(f"another build is writing {out}; wait for it, or name another folder") from None
    except OSError as error:
        elsewhere = error.filename and not Path(str(error.filename)).is_relative_to(out)
        raise BuildError(f"{error.filename if elsewhere else out} can't be written: {error.strerror or error}") from None
    return Built(out / INDEX, found, sorted(files))
