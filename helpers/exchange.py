"""A ledger on disk, as a folder of CSV tables or as a workbook: started empty, put in its canonical form, converted, packed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from helpers import region, workbook
from helpers.ledger import LedgerError, read
from helpers.reading import RawTable
from helpers.schema import DESCRIPTOR, PROJECT_DATA, canonical, project_package
from helpers.workbook_reading import is_workbook, sheet_names, strangers

OWN = ("title", "licenses", "contributors", "cutoff")  # what a descriptor says of its own ledger


class ExchangeError(Exception):
    """What can't be written, and what to do."""


def files(tables: Mapping[str, RawTable], own: Mapping[str, Any]) -> dict[str, str]:
    """A whole ledger as files of a folder (name → text): every table in canonical form, and a complete data dictionary."""
    found = {raw.table.file: canonical(raw.table, raw.rows) for raw in tables.values()}
    described = {name: value for name, value in region.descriptor(own).items() if name not in OWN or name in own}
    described |= {name: own[name] for name in OWN if name in own}
    described["resources"] = [resource for resource in described["resources"] if resource["path"] in found]
    found[DESCRIPTOR] = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    return found


def archive(path: Path) -> bytes:
    """The whole ledger in canonical form as a zip with fixed times: the same ledger, the same bytes."""
    tables, own, _, _ = read(path)
    return zipped(tables, own)


def zipped(tables: Mapping[str, RawTable], own: Mapping[str, Any]) -> bytes:
    """`archive` of tables that were read."""
    texts = files(tables, own)
    return workbook.packed({f"data/{name}": texts[name].encode() for name in sorted(texts)})


def packed_workbook(path: Path) -> bytes:
    """The whole ledger as a workbook. Raises WorkbookError where a workbook can't hold it."""
    tables, own, _, _ = read(path)
    return workbook.write(tables, own)


def _put(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all. Raises ExchangeError."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_bytes(data)
        os.replace(fresh, path)
    except OSError as error:
        if path.parent.is_dir():
            fresh.unlink(missing_ok=True)
        raise ExchangeError(f"{path} can't be written: {error.strerror or error}. Close it in the spreadsheet, or name another place") from None


def _put_folder(folder: Path, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        _put(folder / name, text.encode())


def _free(path: Path) -> None:
    """Raises ExchangeError where something stands already."""
    if path.is_file():
        raise ExchangeError(f"{path} is there already; name another file")
    if path.is_dir() and any(path.iterdir()):
        raise ExchangeError(f"{path} is not empty; name a new folder")


def start() -> dict[str, Any]:
    """What the descriptor of a new ledger says: everything that is a ledger's own, to be edited."""
    project = project_package().parameters
    return {"title": "A new ledger", "licenses": [{"name": "CC-BY-4.0"}], "contributors": [{"title": ""}],
            region.PARAMETERS: {"region": "the region", **{key: project[key] for key in ("sides", "blocs")}, "how_coded": ""}}


def new(path: Path) -> str:
    """Writes an empty ledger, a workbook where the name ends in .xlsx, else a folder; returns what to say. Raises ExchangeError."""
    _free(path)
    package = project_package()
    if is_workbook(path):
        _put(path, workbook.empty(package, read(PROJECT_DATA)[0], start()))
        return f"An empty ledger stands in {path}; actors, hosts and event types are the project's, to be edited there; publishers and specifications are the project's until you add a sheet."
    texts = {table.file: canonical(table, []) for table in package.tables.values() if table.presence != "fallback"}
    _put_folder(path, {**texts, DESCRIPTOR: json.dumps(start(), indent=1, ensure_ascii=False) + "\n"})
    return f"An empty ledger stands in {path}; actors, event types, hosts, publishers and specifications are the project's until you add your own."


def canonise(path: Path) -> list[str]:
    """Writes every table of a sound ledger in its canonical form; returns the files that changed. Raises LedgerError, ExchangeError."""
    tables, own, _, problems = read(path)
    if problems:
        raise LedgerError(problems)
    if is_workbook(path):
        others = strangers(sheet_names(path), project_package())
        if others:
            raise ExchangeError(f"{path} holds sheets that are not part of a ledger and would be lost ({', '.join(others)}); move them to another workbook")
        texts = {path: workbook.write({name: raw for name, raw in tables.items() if not raw.absent}, own)}
    else:
        texts = {path / raw.table.file: canonical(raw.table, raw.rows).encode() for raw in tables.values() if not raw.absent}
    changed = [target for target, data in texts.items() if target.is_file() and target.read_bytes() != data]
    for target in changed:
        _put(target, texts[target])
    return [target.name for target in changed]


def convert(source: Path, target: Path) -> str:
    """A sound ledger as a workbook (target ends in .xlsx) or a folder of CSV, whole: with the vocabulary that it borrows.
    Returns what to say. Raises LedgerError, ExchangeError, WorkbookError."""
    tables, own, _, problems = read(source)
    if problems:
        raise LedgerError(problems)
    _free(target)
    if is_workbook(target):
        _put(target, workbook.write(tables, own))
    else:
        _put_folder(target, files(tables, own))
    return f"{source} stands in {target}"
