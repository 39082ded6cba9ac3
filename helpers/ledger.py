"""The ledger: tables of a folder or workbook as frames, checked, with its version (hash), cutoff and notices."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import dates, kept, region, rules
from helpers.check import check
from helpers.schema import DESCRIPTOR, PROJECT_DATA, Package, canonical, digest, project_package, read_descriptor
from helpers.reading import Found, Problem, RawTable, read_table
from helpers.workbook_reading import ABOUT, in_words, is_workbook, read_workbook


class LedgerError(Exception):
    """A ledger that can't be used; `problems` lists every error found."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        count = "1 error" if len(problems) == 1 else f"{len(problems):,} errors"
        super().__init__("\n".join([*map(str, problems[:200]), *(["…"] if len(problems) > 200 else []), f"{count} in the ledger"]))


@dataclass(frozen=True, eq=False)
class Ledger:
    """A checked ledger; two are the same only if they are one (their `hash` tells equal content).

    tables: a frame per table of the data dictionary, cells as text ("" = empty), integer and number columns as float;
    `events` also has family, direction (int), material (bool), form, unit, first and last (ordinals of the possible
    days, NaN where undated), reports (pages that support). cutoff: `YYYY-MM-DD` or "" (empty ledger); raw, own: the tables as read
    and what the ledger's own descriptor says.
    """

    tables: dict[str, pd.DataFrame]
    package: Package
    title: str
    licence: str
    contact: str
    cutoff: str
    raw: dict[str, RawTable]
    own: dict[str, Any]
    notices: list[str] = field(default_factory=list)
    folder: Path = PROJECT_DATA

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]

    @property
    def parameters(self) -> dict[str, Any]:
        """The measures' parameters (`x-parameters` of the data dictionary)."""
        return self.package.parameters

    @cached_property
    def hash(self) -> str:
        """The version, 12 hex digits (`version`); computed when asked for, since a notebook never does."""
        return version(self.raw, self.cutoff, self.own)

    @property
    def cutoff_day(self) -> int | None:
        """The last day searched, as ordinal."""
        return dates.last_day(self.cutoff) if self.cutoff else None


def _folder(folder: Path, package: Package, older: bool) -> Found:
    """The tables that a folder holds, and what its descriptor says."""
    paths = {name: folder / table.file for name, table in package.tables.items()}
    found = Found({name: read_table(package.tables[name], path, older) for name, path in paths.items() if path.is_file()}, _own_descriptor(folder))
    unknown = sorted(path.name for path in folder.glob("*.csv") if path.stem not in package.tables)
    if unknown:
        found.notices.append(f"not part of a ledger, not read: {', '.join(unknown)}")
    return found


def _complete(found: Found, package: Package, sheets: bool) -> tuple[dict[str, RawTable], list[str]]:
    """Every table of the dictionary: the ledger's own, the project's where it may fall back, else empty."""
    tables, notices, absent = {}, [], []
    for name, table in package.tables.items():
        shown = f"sheet {name}" if sheets else table.file
        if name in found.tables:
            tables[name] = found.tables[name]
        elif table.presence == "fallback":
            tables[name] = read_table(table, PROJECT_DATA / table.file)
            tables[name].absent = True
            notices.append(f"{shown}: absent, the project's own is used")
        else:
            tables[name] = RawTable(table, absent=True)
            if table.presence == "required":
                tables[name].problems.append(Problem(table.file, None, "", "", f"a required {'sheet' if sheets else 'table'} is missing",
                                                     f"Write it with the header: {','.join(table.columns)}", shown if sheets else ""))
            else:
                absent.append(shown)
        notices += tables[name].notices
    if absent:
        notices.append(f"absent, taken as empty: {', '.join(absent)}")
    return tables, notices + found.notices


def _cutoff(own: dict[str, Any], tables: dict[str, RawTable]) -> str:
    """The day until which was searched, else the latest publication day, else "" (an empty ledger)."""
    if own.get("cutoff") and tables["events"].rows:
        return dates.iso(dates.last_day(str(own["cutoff"])))
    published = [day.last for day in map(rules.dating, tables["sources"].column("published")) if day]
    return dates.iso(max(published)) if published else ""


def _frame(raw: RawTable) -> pd.DataFrame:
    frame = pd.DataFrame(raw.rows, columns=raw.table.columns, dtype=object)
    for column in raw.table.fields:
        if column.type in ("integer", "number"):
            frame[column.name] = pd.to_numeric(frame[column.name].replace("", np.nan)).astype(float)
    return frame


def _dated(events: pd.DataFrame, reports: dict[str, int], cutoff: int | None, tolerance: int) -> pd.DataFrame:
    """Adds form, unit, first, last. A past event's last possible day is the earliest of that of its date, the
    publication of its first `supports` page (plus the tolerance) and the cutoff; what is anticipated is not bounded."""
    parsed = [dates.parse(text) for text in events["date"]]
    first = np.array([np.nan if day.first is None else day.first for day in parsed], float)
    last = np.array([day.last for day in parsed], float)
    known = events["event_id"].map(reports).to_numpy(float) + tolerance
    bound = np.fmin(known, np.inf if cutoff is None else cutoff)
    past = (events["status"] != "anticipated").to_numpy()
    last = np.where(past, np.fmax(np.fmin(last, bound), first), last)
    return events.assign(form=[day.form for day in parsed], unit=[day.unit for day in parsed],
                         first=first, last=np.where(np.isnan(first), np.nan, last))


def _derive(frames: dict[str, pd.DataFrame], reports: dict[str, int], cutoff: int | None, tolerance: int) -> pd.DataFrame:
    kinds = frames["event_types"].set_index("type")
    events = _dated(frames["events"], reports, cutoff, tolerance)
    return events.assign(family=events["type"].map(kinds["family"]), direction=events["type"].map(kinds["direction"]).astype(int),
                         material=events["type"].map(kinds["material"]).eq("yes"))


def _own_descriptor(folder: Path) -> dict[str, Any]:
    try:
        return read_descriptor(folder)
    except ValueError as error:
        raise LedgerError([Problem(DESCRIPTOR, None, "", "", str(error), "Mend it, or delete it to use the project's")]) from None


def _check_own(own: dict[str, Any], sheets: bool) -> None:
    wrong = region.problems(own, ABOUT if sheets else "")
    if wrong:
        raise LedgerError(wrong)
    try:
        if own.get("cutoff"):
            dates.last_day(str(own["cutoff"]))
    except dates.DateError as error:
        raise LedgerError([Problem(DESCRIPTOR, None, "cutoff", "", error.rule, error.remedy, f"sheet {ABOUT}" if sheets else "")]) from None


def _of_sheets(found: Found, tables: dict[str, RawTable], problems: list[Problem]) -> list[Problem]:
    """The problems of a workbook, in its words; a cell that could not be read is not blamed again for being empty."""
    unread = {problem for raw in tables.values() for problem in raw.problems} | set(found.problems)
    places = {problem.place for problem in unread} - {""}
    return [in_words(problem) for problem in [*found.problems, *problems] if problem in unread or problem.place not in places]


def read(path: Path, older: bool = False) -> tuple[dict[str, RawTable], dict[str, Any], list[str], list[Problem]]:
    """Reads and checks a folder or workbook: raw tables, its own descriptor, notices, problems (empty if sound).
    older: a ledger of an older release, in which columns may be missing. Raises LedgerError where it can't be read at all."""
    package, sheets = project_package(), is_workbook(path)
    if not sheets and not path.is_dir():
        raise LedgerError([Problem(str(path), None, "", "", "no such folder", "Name the folder that holds events.csv, sources.csv and citations.csv")])
    found = read_workbook(path, package, older) if sheets else _folder(path, package, older)
    if found.problems and not found.tables:
        raise LedgerError(found.problems)
    _check_own(found.own, sheets)
    tables, notices = _complete(found, package, sheets)
    package = region.package(found.own)
    tables["actors"].table = package.tables["actors"]
    strange = region.stranger(tables, package, sheets)
    if strange:
        raise LedgerError(strange)
    notices += [*region.notices(found.own), *region.borrow(tables, package)]
    cutoff = _cutoff(found.own, tables)
    day = dates.last_day(cutoff) if cutoff else None
    problems = check(tables, lambda raw: rules.meaning(raw, day, package.parameters))
    return tables, found.own, notices, _of_sheets(found, tables, problems) if sheets else problems


def version(tables: dict[str, RawTable], cutoff: str, own: dict[str, Any]) -> str:
    """The ledger's hash: sha256 over the cutoff, its own region and blocs, and the canonical form of every table; first 12 hex digits."""
    said = region.version(own)
    parts = {"cutoff": cutoff, **({region.PARAMETERS: json.dumps(said, sort_keys=True)} if said else {})}
    return digest({**parts, **{name: canonical(raw.table, raw.rows) for name, raw in tables.items()}})


def load(path: str | Path = PROJECT_DATA, older: bool = False) -> Ledger:
    """Loads a ledger from a folder of CSV tables or an .xlsx workbook. Raises LedgerError, with every problem, where it is not sound.
    older: a ledger of an older release, in which columns may be missing. Within a build it is the one that the build has read (`kept`),
    so that all pages stand on one reading, also where a file changes meanwhile."""
    found = kept.taken(Path(path))
    if found is not None:
        return found
    tables, own, notices, problems = read(Path(path), older)
    if problems:
        raise LedgerError(problems)
    return made(Path(path), tables, own, notices)


def _said(own: dict[str, Any], part: str, *names: str) -> str:
    """The first of the names that the first entry of a part of the descriptor carries; whatever else stands there counts as nothing."""
    entries = own.get(part)
    first = entries[0] if isinstance(entries, list) and entries and isinstance(entries[0], dict) else {}
    return next((str(first[name]) for name in names if first.get(name)), "")


def made(path: Path, tables: dict[str, RawTable], own: dict[str, Any], notices: list[str]) -> Ledger:
    """The ledger of tables that were read and found sound (`read`)."""
    package = region.package(own)
    cutoff = _cutoff(own, tables)
    frames = {name: _frame(raw) for name, raw in tables.items()}
    frames["events"] = _derive(frames, rules.first_reports(tables), dates.last_day(cutoff) if cutoff else None,
                               package.parameters["dates"]["tolerance_days"])
    of_region = frames["hosts"].loc[frames["hosts"]["group"].eq(package.parameters["region_group"]), "host"].sort_values()
    if len(of_region):
        package.parameters["stock"]["region"] = of_region.iloc[0]
    return Ledger(frames, package, str(own.get("title") or "A ledger without a title"), _said(own, "licenses", "title", "name"),
                  _said(own, "contributors", "email", "title"), cutoff, tables, own, notices,
                  path.parent if is_workbook(path) else path)
