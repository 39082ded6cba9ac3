"""What changed between two ledgers: events one by one, citations, rows of every other table, and the findings before and after.

The old ledger may be of an older release: what the schema did not have then is said once, and findings are left out
where today's check refuses it. An event that is gone without a row in `withdrawn` is lost, and named first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from helpers import counts, departures, findings
from helpers.findings import Finding, counted
from helpers.ledger import Ledger, LedgerError, made, read
from helpers.reading import RawTable
from helpers.schema import Table
from helpers.strengths import Stock

OWN_SECTION = ("events", "citations", "withdrawn")
Key = tuple[str, ...]
Row = dict[str, str]


@dataclass(frozen=True)
class Change:
    """A row of a table that is new, gone or different. fields: column → (before, after), for a changed row."""

    table: str
    key: Key
    what: str
    row: Row
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Turn:
    """A finding before and after; None where a ledger gives none. changed: the verdict is another."""

    id: str
    before: Finding | None
    after: Finding
    changed: bool


@dataclass(frozen=True)
class Comparison:
    """Everything that changed. lost: ids of events that are gone without a word; gone: (event, reason, merged into) of the
    withdrawn; new_here: tables and columns that the old ledger lacks; ledgers: title, hash, cutoff before and after; unread: why the old ledger gives no findings;
    restored: events that were withdrawn before (id → reason); sources and origins (code → name) of both ledgers."""

    ledgers: tuple[dict[str, str], dict[str, str]]
    changes: list[Change]
    lost: list[Row]
    gone: list[tuple[Row, str, str]]
    turns: list[Turn]
    new_here: list[str]
    unread: str
    restored: dict[str, str]
    sources: dict[str, Row]
    origins: dict[str, str]

    def of(self, table: str, what: str) -> list[Change]:
        """The changes of one table and kind (added, changed, removed)."""
        return [change for change in self.changes if change.table == table and change.what == what]

    @property
    def others(self) -> list[Change]:
        """The changes of the tables that have no section of their own."""
        return [change for change in self.changes if change.table not in OWN_SECTION]

    @property
    def same(self) -> bool:
        """True where nothing changed at all."""
        return self.ledgers[0] == self.ledgers[1] and not self.changes and not any(turn.changed for turn in self.turns)


def _rows(raw: RawTable) -> dict[Key, Row]:
    """Rows by key; of a key that stands twice (only in a ledger that the check refuses) the second is numbered."""
    found: dict[Key, Row] = {}
    for cells in raw.rows:
        row = dict(zip(raw.table.columns, cells))
        key = tuple(row[column] for column in raw.table.key)
        number = 2
        while key in found:
            key, number = (*key[:len(raw.table.key)], f"({number})"), number + 1
        found[key] = row
    return found


def _changes(table: Table, old: Mapping[Key, Row], new: Mapping[Key, Row], unknown: list[str]) -> Iterator[Change]:
    """Rows added, changed, removed, by key; `unknown`: columns that the old ledger doesn't have, in which nothing is compared."""
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield Change(table.name, key, "added", new[key])
        elif key not in new:
            yield Change(table.name, key, "removed", old[key])
        else:
            fields = {column: (old[key][column], new[key][column]) for column in table.columns
                      if column not in unknown and old[key][column] != new[key][column]}
            if fields:
                yield Change(table.name, key, "changed", new[key], fields)


def _new_here(old: Mapping[str, RawTable], new: Mapping[str, RawTable]) -> list[str]:
    """Tables and columns that the old ledger did not have, each said once."""
    tables = [f"the table {name} ({counted(len(raw.rows), 'row')} now)" for name, raw in new.items() if raw.rows and not _had(old[name])]
    return tables + [f"the column {column} of {name}" for name, raw in old.items() for column in raw.new_columns]


def _had(raw: RawTable) -> bool:
    """True where a ledger has the table, of its own or the project's."""
    return not raw.absent or bool(raw.rows)


def results(ledger: Ledger) -> list[Finding]:
    """The findings that are compared: who leads, who left, who replaced whom, who was pushed."""
    unit_rows, stock = counts.units(ledger), Stock(ledger)
    left = departures.departures(ledger, stock)
    return [findings.lead_change(ledger, unit_rows, counts.engagement_share(ledger, unit_rows, counts.span(ledger))),
            findings.departure(ledger, left), findings.replacement(ledger, left), findings.disengagement(ledger, unit_rows)]


def _turns(before: list[Finding], after: list[Finding]) -> list[Turn]:
    known = {finding.id: finding for finding in before}
    return [Turn(finding.id, known.get(finding.id), finding, finding.id in known and known[finding.id].verdict != finding.verdict) for finding in after]


def _gone(removed: list[Change], withdrawn: Mapping[Key, Row]) -> tuple[list[Row], list[tuple[Row, str, str]]]:
    """Events that are lost, and those that were withdrawn or merged."""
    lost, gone = [], []
    for change in removed:
        said = withdrawn.get(change.key)
        if said:
            gone.append((change.row, said["reason"], said["merged_into"]))
        else:
            lost.append(change.row)
    return lost, gone


def _said(ledger: Ledger | None, own: Mapping[str, Any]) -> dict[str, str]:
    if ledger:
        return {"title": ledger.title, "hash": ledger.hash, "cutoff": ledger.cutoff}
    return {"title": str(own.get("title") or ""), "hash": "", "cutoff": str(own.get("cutoff") or "")}


def _before(old: Path) -> tuple[dict[str, RawTable], Ledger | None, dict[str, str], str]:
    """The old ledger: raw tables, the ledger or None, what it says of itself, why there is none."""
    tables, own, notices, problems = read(old, older=True)
    unreadable = [problem for raw in tables.values() for problem in raw.problems if not raw.rows and raw.table.presence == "required"]
    if unreadable:
        raise LedgerError([replace(problem, place=f"{old}, {problem.place or problem.file}") for problem in unreadable])
    if problems:
        return tables, None, _said(None, own), (f"The old ledger does not pass today’s check ({counted(len(problems), 'error')}; "
                                                f"the first: {problems[0]}), so it gives no findings to compare.")
    ledger = made(old, tables, own, notices)
    return tables, ledger, _said(ledger, own), ""


def compare(old: Path, new: Path) -> Comparison:
    """Compares two ledgers (folders or workbooks). Raises LedgerError where the new one is not sound, or the old one can't be read at all."""
    now, own, notices, problems = read(new)
    if problems:
        raise LedgerError(problems)
    after = made(new, now, own, notices)
    then, before, said, unread = _before(old)
    rows = [{name: _rows(raw) for name, raw in tables.items()} for tables in (then, now)]
    changes = [change for name, raw in now.items() if _had(then[name])
               for change in _changes(raw.table, rows[0][name], rows[1][name], then[name].new_columns)]
    lost, gone = _gone([change for change in changes if (change.table, change.what) == ("events", "removed")], rows[1]["withdrawn"])
    restored = {key[0]: row["reason"] for key, row in rows[0]["withdrawn"].items() if key in rows[1]["events"]}
    sources, origins = [{key[0]: row for tables in rows for key, row in tables[name].items()} for name in ("sources", "origins")]
    return Comparison((said, _said(after, own)), changes, lost, gone, _turns(results(before) if before else [], results(after)),
                      _new_here(then, now), unread, restored, sources, {code: row["name"] for code, row in origins.items()})
