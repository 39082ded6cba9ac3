"""What the cells of a ledger must say together: rules of the codebook that no single column can hold.

Each rule passes over cells that are not sound by themselves (the check reports those already).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from helpers import dates, switches
from helpers.check import near
from helpers.reading import Problem, RawTable

Raw = dict[str, RawTable]
PAST = ("occurred", "ongoing")


def dating(text: str) -> dates.Dating | None:
    """The date, or None where it is not one of the profile."""
    try:
        return dates.parse(text)
    except dates.DateError:
        return None


def whole(text: str) -> int | None:
    """The whole number, or None where it is none."""
    try:
        return int(text)
    except ValueError:
        return None


def first_reports(tables: Raw) -> dict[str, int]:
    """event_id → the last day that its earliest `supports` page can have been published on (ordinal)."""
    published = {source: dating(text) for source, text in zip(tables["sources"].column("source_id"),
                                                              tables["sources"].column("published")) if text}
    first: dict[str, int] = {}
    citations = tables["citations"]
    for event, source, stance in zip(*(citations.column(name) for name in ("event_id", "source_id", "stance"))):
        day = published.get(source)
        if stance == "supports" and day:
            first[event] = min(first.get(event, day.last), day.last)
    return first


def _dicts(raw: RawTable) -> Iterator[tuple[int, dict[str, str]]]:
    columns = raw.table.columns
    for row, cells in enumerate(raw.rows):
        yield row, dict(zip(columns, cells))


def _dates_of_events(tables: Raw, cutoff: int | None, tolerance: int) -> Iterator[Problem]:
    events, reports = tables["events"], first_reports(tables)
    for row, cell in _dicts(events):
        day, status = dating(cell["date"]), cell["status"]
        if day is None:
            continue
        if status == "ongoing" and not day.open:
            yield events.problem(row, "status", status, f"ongoing with a closed date ({day.text})",
                                 "Write the date as a/.. (not known to have ended), or the status occurred")
        if status not in PAST or day.first is None:
            continue
        if cutoff is not None and day.first > cutoff:
            yield events.problem(row, "date", day.text, f"{status} after the ledger's cutoff ({dates.iso(cutoff)})",
                                 "Mend the date, use the status announced or anticipated, or move the cutoff in datapackage.json")
        report = reports.get(cell["event_id"])
        if report is not None and day.first > report + tolerance:
            yield events.problem(row, "date", day.text, f"{status} after its first supporting report ({dates.iso(report)})",
                                 "Mend the date or the page's publication day, or change that citation's stance to partial")


def _words_of_events(tables: Raw, context: str) -> Iterator[Problem]:
    events, cited = tables["events"], set(tables["citations"].column("event_id"))
    kinds = {cell["type"]: cell for _, cell in _dicts(tables["event_types"])}
    for row, cell in _dicts(events):
        kind = kinds.get(cell["type"], {})
        if whole(kind.get("direction", "")) == -1 and not cell["initiator"]:
            yield events.problem(row, "initiator", "", f"no initiator for a disengagement ({cell['type']})",
                                 "Write host, partner, both, third or unknown")
        if kind and kind["family"] != context and not cell["partners"]:
            yield events.problem(row, "partners", "", f"no partner for an act of the family {kind['family']}",
                                 f"Name who gives, comes or leaves; only the family {context} may have none")
        if bool(cell["amount"]) != bool(cell["currency"]):
            missing = "currency" if cell["amount"] else "amount"
            yield events.problem(row, missing, "", "an amount without its currency" if cell["amount"] else "a currency without its amount",
                                 "Give both as the source states them, or neither")
        if cell["event_id"] and cell["event_id"] not in cited and not tables["citations"].problems:
            yield events.problem(row, "event_id", cell["event_id"], "an event that no page stands for",
                                 "Add a row to citations.csv, or leave the event out")


def _citations(tables: Raw) -> Iterator[Problem]:
    citations = tables["citations"]
    for row, cell in _dicts(citations):
        differs = cell["stance"] == "differs"
        if differs and not cell["field"]:
            yield citations.problem(row, "field", "", "a page that differs, but not in what", "Name the column of events and give the page's value")
        if not differs and cell["field"]:
            yield citations.problem(row, "field", cell["field"], f"a field beside the stance {cell['stance']}", "Only differs names a field")


def _strengths(tables: Raw) -> Iterator[Problem]:
    strengths = tables["strengths"]
    for row, cell in _dicts(strengths):
        numbers = {name: int(cell[name]) for name in ("low", "personnel", "high") if cell[name].isascii() and cell[name].isdigit()}
        if list(numbers.values()) != sorted(numbers.values()):
            yield strengths.problem(row, "low", " · ".join(f"{name} {number}" for name, number in numbers.items()),
                                    "low, personnel and high out of order", "low ≤ personnel ≤ high")
        if cell["kind"] in ("zero", "start", "transfer") and numbers.get("personnel", 0) != 0:
            yield strengths.problem(row, "personnel", cell["personnel"], f"people beside the kind {cell['kind']}", "Write 0, or the kind strength")


def _series(tables: Raw) -> Iterator[Problem]:
    series = tables["series"]
    parents = dict(zip(series.column("series_id"), series.column("part_of")))
    for row, (name, parent) in enumerate(parents.items()):
        seen = {name}
        while parent and parent not in seen:
            seen.add(parent)
            parent = parents.get(parent, "")
        if parent:
            yield series.problem(min(row, len(series.rows) - 1), "part_of", parents[name], "a series inside itself",
                                 "part_of must lead to a series that is part of none")


def _processes(tables: Raw) -> Iterator[Problem]:
    processes = tables["processes"]
    events = {cell["event_id"]: cell for _, cell in _dicts(tables["events"])}
    directions = {cell["type"]: whole(cell["direction"]) for _, cell in _dicts(tables["event_types"])}
    statuses = next(field.enum for field in tables["events"].table.fields if field.name == "status")
    for row, cell in _dicts(processes):
        act = events.get(cell["counts_at"])
        if not act or act["status"] not in statuses or act["type"] not in directions:
            continue
        wrong = ("is not an act of the process" if act["process"] != cell["process"]
                 else f"has the status {act['status']}" if act["status"] not in PAST
                 else "is not of the process's direction" if directions[act["type"]] != whole(cell["direction"]) else "")
        if wrong:
            yield processes.problem(row, "counts_at", cell["counts_at"], f"counts_at {wrong}",
                                    "Name an act of this process that occurred, of its direction, or leave it empty")


def _region(tables: Raw, group: str) -> Iterator[Problem]:
    """The region's code is for figures of the whole region; an act has hosts."""
    codes = {cell["host"] for _, cell in _dicts(tables["hosts"]) if cell["group"] == group}
    for name in ("events", "processes"):
        raw = tables[name]
        for row, cell in _dicts(raw):
            for code in codes & set(cell["hosts"].split(";")):
                yield raw.problem(row, "hosts", code, "the region's code, which is only for series of strengths", "List the hosts concerned")


def _cited_twice(tables: Raw) -> Iterator[Problem]:
    """One event_id both in the ledger and withdrawn from it."""
    withdrawn, events = tables["withdrawn"], set(tables["events"].column("event_id"))
    for row, event in enumerate(withdrawn.column("event_id")):
        if event in events:
            yield withdrawn.problem(row, "event_id", event, "withdrawn, yet still in events.csv", "Delete one of the two rows")


def _specifications(tables: Raw, parameters: dict[str, Any]) -> Iterator[Problem]:
    """Switches and alternatives that the measures can follow; one default each, and that the pages' own."""
    table, expected, rows = tables["specifications"], switches.usual(parameters), list(_dicts(tables["specifications"]))
    enums = {(name, field.name): frozenset(field.enum) for name in ("events", "hosts") for field in tables[name].table.fields}
    known = switches.Vocabulary(enums["events", "status"], frozenset(tables["event_types"].column("family")), enums["hosts", "group"])
    for row, cell in rows:
        switch, value = cell["switch"], cell["value"]
        if switch not in expected:
            yield table.problem(row, "switch", switch, "no switch that the measures know", near(switch, sorted(expected)))
        elif value and (may := switches.allowed(switch, value, known)):
            yield table.problem(row, "value", value, f"no alternative of the switch {switch}", f"It may be {may}")
        elif cell["default"] == "yes" and value != expected[switch]:
            yield table.problem(row, "default", f"{switch} {value}", f"a default that the measures do not use ({expected[switch]})",
                                f"Give yes to {expected[switch]}; another default is a change of the measures' parameters")
    for switch in {cell["switch"] for _, cell in rows} & set(expected):
        if not any(cell["switch"] == switch and cell["default"] == "yes" for _, cell in rows):
            row = next(row for row, cell in rows if cell["switch"] == switch)
            yield table.problem(row, "default", switch, "a switch without its default", f"Add the row {switch}, {expected[switch]}, yes")


def meaning(tables: Raw, cutoff: int | None, parameters: dict[str, Any]) -> Iterator[Problem]:
    """All rules over sound or unsound tables. cutoff: ordinal or None; parameters: `x-parameters`."""
    yield from _dates_of_events(tables, cutoff, parameters["dates"]["tolerance_days"])
    yield from _words_of_events(tables, parameters["context_family"])
    yield from _region(tables, parameters["region_group"])
    for rule in (_citations, _strengths, _series, _processes, _cited_twice):
        yield from rule(tables)
    yield from _specifications(tables, parameters)
