"""What changed, as text for the terminal and as a page: the same sentences and the same rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from helpers import build, pages
from helpers.compare import Change, Comparison, Turn, compare
from helpers.exhibits import MOST_ROWS, Column, Table
from helpers.findings import as_json, counted
from helpers.ledger import load

MOST_LINES = 12  # of a kind in the terminal; the page has all
GAINED = {"added": "gained", "removed": "lost", "changed": "changed"}


@dataclass(frozen=True)
class Section:
    """A part of the page: sentence, and the table behind it where there are rows."""

    id: str
    title: str
    sentence: str
    table: dict[str, Any] | None
    alarm: bool = False


def plain(text: str) -> str:
    """A text for the terminal: nothing that could steer it."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _counts(comparison: Comparison) -> dict[str, int]:
    merged = sum(bool(into) for _, _, into in comparison.gone)
    return {"added": len(comparison.of("events", "added")), "changed": len(comparison.of("events", "changed")),
            "withdrawn": len(comparison.gone) - merged, "merged": merged, "lost": len(comparison.lost)}


def _few(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_LINES:,} more" if len(names) > MOST_LINES else ""
    return ", ".join(names[:MOST_LINES]) + more


def sentences(comparison: Comparison) -> list[str]:
    """The comparison in sentences; what is lost comes first, what did not change is not said."""
    before, after = comparison.ledgers
    events, found = _counts(comparison), []
    if comparison.lost:
        found.append(f"LOST: {counted(events['lost'], 'event')} gone without a row in withdrawn: {_few([row['event_id'] for row in comparison.lost])}.")
    found.append(f"Ledger {before['hash'] or '(not sound)'} → {after['hash']}, data cutoff {before['cutoff'] or 'none'} → {after['cutoff'] or 'none'}.")
    if comparison.same:
        return [*found, "Nothing changed."]
    if comparison.new_here:
        found.append(f"New, which the old ledger does not have: {'; '.join(comparison.new_here)}. They are in no count below.")
    found.append("Events: " + ", ".join(f"{number:,} {what}" for what, number in events.items()) + ".")
    citations = Counter(GAINED[change.what] for change in comparison.changes if change.table == "citations")
    found.append("Citations: " + ", ".join(f"{citations[what]:,} {what}" for what in GAINED.values()) + ".")
    rows = Counter((change.table, change.what) for change in comparison.others)
    if rows:
        tables = dict.fromkeys(table for table, _ in rows)
        found.append("Rows: " + "; ".join(f"{table} " + ", ".join(f"{rows[table, what]:,} {what}" for what in ("added", "changed", "removed") if rows[table, what]) for table in tables) + ".")
    if comparison.unread:
        return [*found, comparison.unread]
    turned = [f"{turn.id} ({_turned(turn)})" for turn in comparison.turns if turn.changed]
    return [*found, f"The verdict changed: {', '.join(turned)}." if turned else "Every finding has the same verdict as before."]


def _turned(turn: Turn) -> str:
    """What in a verdict is another than before, part by part."""
    before, after = ({path: str(value) for path, value in _parts(finding.verdict)} for finding in (turn.before, turn.after))
    return "; ".join(f"{path}: {before.get(path, 'none')} → {after.get(path, 'none')}" for path in dict.fromkeys([*before, *after]) if before.get(path) != after.get(path))


def _parts(verdict: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in verdict.items():
        if isinstance(value, Mapping):
            yield from _parts(value, f"{above}{name} ")
        else:
            yield f"{above}{name}", value


def _short(row: dict[str, str]) -> str:
    """An event in a line: date, hosts, partners, type, status, summary."""
    return " · ".join(row[column] for column in ("date", "hosts", "partners", "type", "status", "summary") if row[column])


def _fields(change: Change) -> str:
    return "; ".join(f"{column}: {before or '(empty)'} → {after or '(empty)'}" for column, (before, after) in change.fields.items())


def text(comparison: Comparison) -> str:
    """The summary for the terminal: the sentences, then the events and findings, at most twelve lines of a kind."""
    kinds = [[f"lost       {row['event_id']}: {_short(row)}" for row in comparison.lost],
             [f"added      {change.key[0]}: {_short(change.row)}" for change in comparison.of("events", "added")],
             [f"changed    {change.key[0]}: {_fields(change)}" for change in comparison.of("events", "changed")],
             [f"merged     {row['event_id']} into {into}: {why}" for row, why, into in comparison.gone if into],
             [f"withdrawn  {row['event_id']}: {why}" for row, why, into in comparison.gone if not into]]
    lines = sentences(comparison)
    for kind in kinds:
        lines += [line if len(line) <= 300 else line[:299] + "…" for line in kind[:MOST_LINES]]
        lines += [f"           and {len(kind) - MOST_LINES:,} more on the page"] if len(kind) > MOST_LINES else []
    for turn in comparison.turns:
        if turn.before and turn.before.text != turn.after.text:
            lines += [f"finding    {turn.id}{' (the verdict changed)' if turn.changed else ''}", f"  before   {turn.before.text}", f"  now      {turn.after.text}"]
    return "\n".join(map(plain, lines))


def _table(id: str, title: str, columns: Sequence[Column], rows: list[list[Any]]) -> dict[str, Any] | None:
    note = f"The first {MOST_ROWS:,} of {len(rows):,} are shown." if len(rows) > MOST_ROWS else ""
    return as_json(Table(id, title, columns, rows[:MOST_ROWS], [], note, len(rows))) if rows else None


def _event_sections(comparison: Comparison) -> list[Section]:
    columns = [Column("Event"), Column("Date", "date"), Column("Host", choose=True), Column("Partner", choose=True), Column("Act · status", choose=True), Column("What happened", "long")]

    def row(event: dict[str, str]) -> list[str]:
        """The cells of one event."""
        return [event["event_id"], event["date"], event["hosts"], event["partners"], " · ".join([event["type"].replace("_", " "), event["status"]]), event["summary"]]

    added = [[*row(change.row), comparison.restored.get(change.key[0], "")] for change in comparison.of("events", "added")]
    changed = [[change.key[0], column, *values] for change in comparison.of("events", "changed") for column, values in change.fields.items()]
    gone = [[*row(event), why, into] for event, why, into in comparison.gone]
    number = _counts(comparison)
    return [Section("lost", "Lost without a word", f"{counted(number['lost'], 'event')} of the old ledger {'is' if number['lost'] == 1 else 'are'} in neither events nor withdrawn: "
                    "put each back, or say in withdrawn why it went.", _table("lost-events", "Events lost", columns, [row(event) for event in comparison.lost]), True),
            Section("added", "Events added", f"{counted(number['added'], 'event')} added.", _table("added-events", "Events added", [*columns, Column("Withdrawn before, because")], added)),
            Section("changed", "Events changed", f"{counted(number['changed'], 'event')} changed, field by field.",
                    _table("changed-events", "Events changed, field by field", [Column("Event"), Column("Field", choose=True), Column("Before", "long"), Column("Now", "long")], changed)),
            Section("gone", "Events withdrawn or merged", f"{counted(number['withdrawn'], 'event')} withdrawn, {number['merged']:,} merged into another.",
                    _table("gone-events", "Events withdrawn or merged", [*columns, Column("Why", "long"), Column("Merged into")], gone))]


def _citation_section(comparison: Comparison) -> Section:
    rows = []
    for change in comparison.changes:
        if change.table == "citations":
            page = comparison.sources.get(change.row["source_id"], {})
            link = {"url": page.get("url", ""), "text": f"{page.get('publisher', '')}: {page.get('title') or 'title not seen'}", "gone": page.get("gone", ""), "note": page.get("published", "")}
            rows.append([change.row["event_id"], GAINED[change.what], [link] if page else [], comparison.origins.get(change.row["origin_id"], ""),
                         " · ".join(filter(None, [change.row["stance"], change.row["field"], change.row["value"]])), _fields(change)])
    columns = [Column("Event"), Column("What", choose=True), Column("Page", "links"), Column("Origin"), Column("Stance", choose=True), Column("Changed")]
    return Section("citations", "Citations", f"{counted(len(rows), 'citation')} gained, lost or changed.", _table("changed-citations", "Citations gained, lost or changed", columns, rows))


def _other_section(comparison: Comparison) -> Section:
    rows = []
    for change in comparison.others:
        for column, (before, after) in change.fields.items() or [("", ("", ""))]:
            whole = "; ".join(f"{name}: {value}" for name, value in change.row.items() if value)
            rows.append([change.table, " · ".join(filter(None, change.key)), change.what, column, whole if change.what == "removed" else before, whole if change.what == "added" else after])
    columns = [Column("Table", choose=True), Column("Row"), Column("What", choose=True), Column("Field"), Column("Before", "long"), Column("Now", "long")]
    return Section("rows", "Sources, strengths and the rest", f"{counted(len(comparison.others), 'row')} added, changed or removed.", _table("changed-rows", "Rows added, changed or removed", columns, rows))


def _finding_section(comparison: Comparison) -> Section:
    rows = [[turn.id, "not compared" if turn.before is None else "changed" if turn.changed else "the same", turn.before.text if turn.before else "", turn.after.text] for turn in comparison.turns]
    columns = [Column("Finding"), Column("Verdict"), Column("Before", "long"), Column("Now", "long")]
    said = comparison.unread or f"{counted(sum(turn.changed for turn in comparison.turns), 'verdict')} changed."
    return Section("findings", "Findings before and after", said, _table("changed-findings", "Findings before and after", columns, rows))


def page(comparison: Comparison, frame: pages.Frame) -> str:
    """The page of a comparison (frame: of the new ledger), sealed like every other."""
    script = (pages.PAGE_FILES / "script.js").read_text(encoding="utf-8")
    view = pages.PageView(frame, [script], f"What changed: {frame.title}", build.COMPARED)
    lost, *rest = _event_sections(comparison)
    view.sections = [*([lost] if comparison.lost else []), _finding_section(comparison), *rest, _citation_section(comparison), _other_section(comparison)]
    view.sentences, view.ledgers = sentences(comparison), comparison.ledgers
    return pages.exporter("compare.html.j2").from_notebook_node(nbformat.v4.new_notebook(), resources={"page": view})[0]


def write(old: Path, new: Path, out: Path) -> tuple[str, Path]:
    """Compares two ledgers; writes `compare.html` into a folder; returns the summary and the page's path. Raises LedgerError, BuildError."""
    comparison = compare(old, new)
    html = page(comparison, build.frame(load(new), False))
    return text(comparison), build.put(out, build.COMPARED, html)
