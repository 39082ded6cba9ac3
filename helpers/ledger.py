"""The ledger: tables of a folder as frames, checked, with its version (hash), cutoff and notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import dates, rules
from helpers.check import check
from helpers.schema import DESCRIPTOR, PROJECT_DATA, Package, Table, canonical, digest, project_package, read_descriptor
from helpers.reading import Problem, RawTable, read_table


class LedgerError(Exception):
    """A ledger that can't be used; `problems` lists every error found."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        count = "1 error" if len(problems) == 1 else f"{len(problems):,} errors"
        super().__init__("\n".join([*map(str, problems[:200]), *(["…"] if len(problems) > 200 else []), f"{count} in the ledger"]))


@dataclass(frozen=True)
class Ledger:
    """A checked ledger.

    tables: a frame per table of the data dictionary, cells as text ("" = empty), integer and number columns as float;
    `events` also has family, direction (int), material (bool), form, unit, first and last (ordinals of the possible
    days, NaN where undated), reports (pages that support). hash: 12 hex digits; cutoff: `YYYY-MM-DD` or "" (empty ledger).
    """

    tables: dict[str, pd.DataFrame]
    package: Package
    title: str
    licence: str
    contact: str
    cutoff: str
    hash: str
    notices: list[str] = field(default_factory=list)
    folder: Path = PROJECT_DATA

    def __getitem__(self, table: str) -> pd.DataFrame:
        return self.tables[table]

    @property
    def parameters(self) -> dict[str, Any]:
        return self.package.parameters

    @property
    def cutoff_day(self) -> int | None:
        """The last day searched, as ordinal."""
        return dates.last_day(self.cutoff) if self.cutoff else None


def _read(folder: Path, package: Package) -> tuple[dict[str, RawTable], list[str]]:
    """Every table of the dictionary: the folder's own, the project's where it may fall back, else empty."""
    tables, notices, absent = {}, [], []
    for name, table in package.tables.items():
        path = folder / table.file
        if path.is_file():
            tables[name] = read_table(table, path)
        elif table.presence == "fallback":
            tables[name] = read_table(table, PROJECT_DATA / table.file)
            notices.append(f"{table.file}: absent, the project's own is used")
        else:
            tables[name] = RawTable(table)
            if table.presence == "required":
                tables[name].problems.append(Problem(table.file, None, "", "", "a required table is missing",
                                                     f"Write it with the header: {','.join(table.columns)}"))
            else:
                absent.append(table.file)
        notices += tables[name].notices
    if absent:
        notices.append(f"absent, taken as empty: {', '.join(absent)}")
    unknown = sorted(path.name for path in folder.glob("*.csv") if path.stem not in package.tables)
    if unknown:
        notices.append(f"not part of a ledger, not read: {', '.join(unknown)}")
    return tables, notices


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
        own = read_descriptor(folder)
        if own.get("cutoff"):
            dates.last_day(str(own["cutoff"]))
        return own
    except dates.DateError as error:
        raise LedgerError([Problem(DESCRIPTOR, None, "cutoff", "", error.rule, error.remedy)]) from None
    except ValueError as error:
        raise LedgerError([Problem(DESCRIPTOR, None, "", "", str(error), "Mend it, or delete it to use the project's")]) from None


def read(folder: Path) -> tuple[dict[str, RawTable], dict[str, Any], list[str], list[Problem]]:
    """Reads and checks a folder: raw tables, its own descriptor, notices, problems (empty if sound)."""
    if not folder.is_dir():
        raise LedgerError([Problem(str(folder), None, "", "", "no such folder", "Name the folder that holds events.csv, sources.csv and citations.csv")])
    package, own = project_package(), _own_descriptor(folder)
    tables, notices = _read(folder, package)
    cutoff = _cutoff(own, tables)
    day = dates.last_day(cutoff) if cutoff else None
    return tables, own, notices, check(tables, lambda raw: rules.meaning(raw, day, package.parameters))


def version(tables: dict[str, RawTable], cutoff: str) -> str:
    """The ledger's hash: sha256 over the canonical form of every table, first 12 hex digits."""
    return digest({"cutoff": cutoff, **{name: canonical(raw.table, raw.rows) for name, raw in tables.items()}})


def load(folder: str | Path = PROJECT_DATA) -> Ledger:
    """Loads a ledger from a folder of CSV tables. Raises LedgerError, with every problem, where it is not sound."""
    tables, own, notices, problems = read(Path(folder))
    if problems:
        raise LedgerError(problems)
    package = project_package()
    cutoff = _cutoff(own, tables)
    frames = {name: _frame(raw) for name, raw in tables.items()}
    frames["events"] = _derive(frames, rules.first_reports(tables), dates.last_day(cutoff) if cutoff else None,
                               package.parameters["dates"]["tolerance_days"])
    licence = (own.get("licenses") or [{}])[0]
    contact = (own.get("contributors") or [{}])[0]
    return Ledger(frames, package, str(own.get("title") or "A ledger without a title"), str(licence.get("title") or licence.get("name") or ""),
                  str(contact.get("email") or contact.get("title") or ""), cutoff, version(tables, cutoff), notices, Path(folder))
