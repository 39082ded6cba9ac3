"""What a notebook shows besides findings and figures: tables, and the sentence that stands where a figure has no data.

Each travels by a mime type of our own, so that the page's template escapes every cell; the HTML form is only for
notebooks opened interactively and is escaped too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any

import pandas as pd

from helpers import counts, evidence
from helpers.dates import quarter_name
from helpers.findings import Words, as_json, counted
from helpers.ledger import Ledger

TABLE_MIME = "application/vnd.sahel-shift.table+json"
NOTHING_MIME = "application/vnd.sahel-shift.nothing+json"
DOWNLOAD_MIME = "application/vnd.sahel-shift.download+json"
MOST_ROWS = 2000


@dataclass(frozen=True)
class Column:
    """kind: text (short: kept on one line, long: given room, date: EDTF, broken between its bounds only), number, links (list of {url, text, note, gone}); choose: the page offers a filter of its values."""

    name: str
    kind: str = "text"
    choose: bool = False


@dataclass(frozen=True)
class Table:
    """A table: rows of cells (str, number, None, or a list of links), an id each row, `total` rows before any cut."""

    id: str
    title: str
    columns: Sequence[Column]
    rows: list[list[Any]]
    row_ids: list[str] = field(default_factory=list)
    note: str = ""
    total: int = 0

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        heads = "".join(f"<th>{escape(column.name)}</th>" for column in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{escape(_plain(cell))}</td>" for cell in row) + "</tr>" for row in self.rows[:200])
        shown = f"<p><strong>{escape(self.title)}</strong></p><table><tr>{heads}</tr>{body}</table><p>{escape(self.note)}</p>"
        return {TABLE_MIME: as_json(self), "text/html": shown, "text/plain": self.title}


def _plain(cell: Any) -> str:
    if isinstance(cell, list):
        return "; ".join(link["text"] for link in cell)
    return "" if cell is None else str(cell)


@dataclass(frozen=True)
class Nothing:
    """Stands where a figure would have no data: a sentence that says so."""

    id: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {NOTHING_MIME: as_json(self), "text/html": f"<p>{escape(self.text)}</p>", "text/plain": self.text}


@dataclass(frozen=True)
class Download:
    """Marks where the page offers the whole ledger; the build puts the archive there."""

    id: str
    text: str

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        return {DOWNLOAD_MIME: as_json(self), "text/plain": self.text}


def frame_table(id: str, title: str, frame: pd.DataFrame, note: str = "", choose: Sequence[str] = (), dates: Sequence[str] = (),
                long: Sequence[str] = ()) -> Table:
    """A frame as a table: numbers stay numbers (rounded to 2 digits), the rest is text (`dates`: EDTF; `long`: given room)."""
    kinds = {name: "number" if pd.api.types.is_numeric_dtype(frame[name]) else "date" if name in dates else "long" if name in long else "text" for name in frame}
    columns = [Column(str(name), kind, name in choose) for name, kind in kinds.items()]
    rows = [[_cell(value, column.kind) for value, column in zip(row, columns)] for row in frame.itertuples(index=False)]
    return Table(id, title, columns, rows, [], note, len(rows))


def _cell(value: Any, kind: str) -> Any:
    if kind == "number":
        return None if pd.isna(value) else int(value) if float(value).is_integer() else round(float(value), 2)
    return "" if value is None or (isinstance(value, float) and pd.isna(value)) else str(value)


def links(rows: Sequence[Any], titles: bool = True) -> list[dict[str, str]]:
    """The pages of one event (rows of `evidence.citations_of`), each once with all that it does to the row; a title rebuilt from the address is not printed as the page's own."""
    found = []
    for _, group in groupby(rows, key=lambda row: row.source_id):
        page = list(group)
        first, does = page[0], dict[str, list[str]]()
        for row in page:
            origin = row.origin + " (a party)" * row.own if row.origin else "origin unknown"
            does.setdefault(origin, []).append(f"differs in {row.field}: {row.value}" if row.stance == "differs" else row.stance)
        title = f": {first.title}" if titles and first.title and first.title_from_url != "yes" else ""
        notes = [first.published or "undated page", *(f"{origin}: {', '.join(stances)}" for origin, stances in does.items())]
        found.append({"url": first.url, "text": first.publisher + title, "gone": first.gone, "note": " · ".join(notes)})
    return found


def event_table(ledger: Ledger, events: pd.DataFrame | None = None, id: str = "events", noun: str = "event", titles: bool = True) -> Table:
    """Every event with its sources, newest first; above 2,000 the newest 2,000 (the note says so). titles: pages by publisher and title, else by publisher."""
    words, chosen = Words(ledger), ledger["events"] if events is None else events
    newest = chosen.sort_values(["first", "event_id"], ascending=[False, True], na_position="last")
    shown = newest.head(MOST_ROWS)
    known, pages = evidence.corroboration(ledger), evidence.citations_of(ledger, shown["event_id"])
    blocs = ledger["actors"].set_index("actor")["bloc"]
    columns = [Column("Date", "date"), Column("Host", choose=True), Column("Partner · bloc", choose=True), Column("Act · status", choose=True),
               Column("What happened"), Column("Origins", "number"), Column("Sources", "links")]
    rows = [_event_row(event, words, blocs, known.loc[event.event_id], links(pages.get(event.event_id, []), titles)) for event in shown.itertuples()]
    cut = f" The newest {MOST_ROWS:,} of {len(newest):,} are shown; the download holds all." if len(newest) > MOST_ROWS else ""
    note = ("Announced is not occurred, alleged is neither: read the status. Origins: named parties whose knowledge a page that carries the act passes "
            "on. Under Sources each page has its date, then each origin and what it does to the row. The finding and the figures are for all rows, whatever is filtered here." + cut)
    return Table(id, f"{counted(len(newest), noun)} with their sources", columns, rows, [f"event-{name}" for name in shown["event_id"]], note, len(newest))


def _event_row(event: Any, words: Words, blocs: pd.Series, known: pd.Series, sources: list[dict[str, str]]) -> list[Any]:
    partners = [code for code in event.partners.split(";") if code]
    named = dict.fromkeys(words.name(blocs[code]) for code in partners)
    marks = [event.status, "denied by a source" if known["denied"] else "", "only by a party to it" if known["self_only"] else ""]
    return [event.date, ", ".join(words.hosts.get(code, code) for code in event.hosts.split(";")),
            " · ".join([", ".join(words.actors.get(code, code) for code in partners), ", ".join(named)]) if partners else "",
            " · ".join([event.type.replace("_", " "), *filter(None, marks)]), event.summary, int(known["origins"]), sources]


def claim_table(ledger: Ledger, source_id: str) -> Table:
    """A report claim by claim: paragraph, what it says (own words), what became of it and why."""
    claims = ledger["claims"]
    own = claims[claims["source_id"] == source_id].assign(paragraph=lambda rows: pd.to_numeric(rows["locator"], errors="coerce")).sort_values(["paragraph", "claim_id"])
    frame = pd.DataFrame({"Paragraph": own["paragraph"], "Claim": own["attribute"], "What it says": own["value"], "In the ledger": own["verdict"],
                          "Event": own["about"], "Why": own["why"]})
    return frame_table("claims", f"{counted(len(own), 'claim')} of the report, one by one", frame, choose=["In the ledger"])


def set_aside(ledger: Ledger) -> Table:
    """What is in no count of the measures, and why: each event once, by the first reason that applies."""
    events, selection = ledger["events"], counts.default_selection(ledger)
    outside = ~events["hosts"].map(lambda hosts: bool(set(hosts.split(";")) & set(selection.hosts)))
    reasons = [(events["family"].eq(ledger.parameters["context_family"]), "context: an annotation, never counted"),
               (~events["family"].isin(selection.families), "not military: diplomatic acts and sanctions"),
               (outside, "no core or wider host"), (~events["status"].isin(selection.statuses), "announced, anticipated, alleged or retracted"),
               (events["direction"].eq(0), "neither engagement nor disengagement"), (~events["material"], "words only: drawn as a strip of its own"),
               (events["first"].isna(), "undated: counted, in no quarter")]
    left, rows = pd.Series(True, events.index), []
    for applies, why in reasons:
        rows.append((why, int((left & applies).sum())))
        left &= ~applies
    rows += [("counted in the measures", int(left.sum())), ("withdrawn from the ledger (withdrawn.csv)", len(ledger["withdrawn"]))]
    frame = pd.DataFrame(rows, columns=["What became of the event", "Events"])
    return frame_table("set-aside", f"Of {counted(len(events), 'event')}, {left.sum():,} are counted in the measures", frame)


def closest_reading(ledger: Ledger) -> Table | Nothing:
    """The report with the most coded claims, claim by claim; a sentence where no report was read closely."""
    claims = ledger["claims"]
    if claims.empty:
        return Nothing("claims", "No report was read claim by claim in this ledger.")
    counted_claims = claims["source_id"].value_counts()
    return claim_table(ledger, counted_claims[counted_claims == counted_claims.max()].index.min())


def departure_table(ledger: Ledger, rows: pd.DataFrame) -> Table:
    """Host by host: what each side's stock came to (rows: `departures.departures`)."""
    words, whole = Words(ledger), lambda people: (people + 0.5).floordiv(1)  # halves up, as everywhere
    peak_in = [quarter_name(quarter) if pd.notna(quarter) else "" for quarter in rows["peak_quarter"]]
    frame = pd.DataFrame({"Host": rows["host"].map(words.hosts), "Bloc": rows["bloc"].map(words.name), "State": [_state(row) for row in rows.itertuples()],
                          "Largest reported": whole(rows["peak"]), "in": peak_in,
                          "Reported at the cutoff": whole(rows["now"]), "Other side there": whole(rows["other_now"])})
    return frame_table("departures", "Each side in each host, by reported strength", frame,
                       "Largest: the largest quarterly sum of the highest reported figures.")


def _state(row: Any) -> str:
    said = {"left": "left", "present": "present", "unknown": "unknown: no figure is current", "too few": "too few to tell", "none": "never reported"}[row.kind]
    said += f" by {quarter_name(row.since)}" if row.kind == "left" else ""
    return said + (f" (part of {row.region_only}, share not reported)" if row.region_only else "")


def context_table(ledger: Ledger) -> Table | Nothing:
    """Context events (coups, statements) with their sources."""
    events = ledger["events"][ledger["events"]["family"].eq(ledger.parameters["context_family"])]
    return event_table(ledger, events, "context", "context event") if len(events) else Nothing("context", "No context event is in the ledger.")
