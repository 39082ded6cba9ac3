"""What stands behind the events, as tables and findings: origins, self-reports, denials, pages, dates, who controls who tells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers import counts, evidence, exhibits
from helpers.dates import quarter_of
from helpers.exhibits import Column, Nothing, Table, frame_table
from helpers.findings import Finding, Words, counted, joined
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes

WIDTHS = [(1, "one day"), (7, "2 to 7 days"), (31, "8 to 31 days"), (92, "32 to 92 days"), (np.inf, "longer")]
OWN, PARTY, OTHERS, NOBODY = "its own states only", "parties to the act only", "others too", "no named origin"
SOUGHT = "Pages are collected: their number says how long somebody looked, not how certain, known or important an event is."


def corroborated(ledger: Ledger) -> Finding:
    """On how many independent named origins the events stand."""
    known = evidence.corroboration(ledger)
    if known.empty:
        return Finding("corroboration", {"kind": "none"}, "The ledger holds no event yet.")
    several, one, none = (int(number) for number in ((known["origins"] >= 2).sum(), (known["origins"] == 1).sum(), (known["origins"] == 0).sum()))
    values = {"several": several, "one": one, "none": none, "self_only": int(known["self_only"].sum()), "denied": int(known["denied"].sum())}
    text = (f"{several:,} of {counted(len(known), 'event')} stand on two or more independent named origins, {one:,} on one and {none:,} on none; "
            f"{values['self_only']:,} are known only from a party to the act, and {values['denied']:,} are denied by somebody.")
    whole = int((known["in_full"] >= 2).sum())
    return Finding("corroboration", {"kind": "events"}, text, {**values, "in_full": whole},
                   "Pages that pass on one origin are one; an unnamed origin adds nothing; a denial takes nothing away, it is shown. An origin counts once a page "
                   f"of it carries the act; {whole:,} stand on two or more whose pages carry the whole row, each date, number and place.")


def by_origins(ledger: Ledger) -> pd.DataFrame:
    """Events by number of named origins: origins, events, of these self_only, denied, and the pages that they have."""
    known = evidence.corroboration(ledger)
    table = known.groupby("origins").agg(events=("pages", "size"), self_only=("self_only", "sum"), denied=("denied", "sum"), pages=("pages", "sum"))
    return table.reset_index()


def denials(ledger: Ledger) -> Table | Nothing:
    """Every denied event with both sides: who says it, who denies it, with the pages."""
    known, words = evidence.corroboration(ledger), Words(ledger)
    denied = set(known.index[known["denied"]])
    rows = evidence.citations_of(ledger, denied)
    events = ledger["events"][ledger["events"]["event_id"].isin(denied)].sort_values(["first", "event_id"], ascending=[False, True], na_position="last")
    if events.empty:
        return Nothing("denials", "No event of the ledger is denied by a page in it.")
    columns = [Column("Date", "date"), Column("Host"), Column("Act · status"), Column("What happened", "long"), Column("Said by"),
               Column("Said on", "links"), Column("Denied by"), Column("Denied on", "links")]
    made, carrying = [], ledger.parameters["carrying_stances"]
    for event in events.itertuples():
        own = rows[event.event_id]
        says, denies = [row for row in own if row.stance in carrying], [row for row in own if row.stance == "denies"]
        made.append([event.date, words.listed(event.hosts.split(";")), f"{event.type.replace('_', ' ')} · {event.status} · denied by a source", event.summary,
                     _tellers(says), exhibits.links(says), _tellers(denies), exhibits.links(denies)])
    return Table("denials", f"{counted(len(made), 'denied event')}, with both sides", columns, made, [f"denied-{name}" for name in events["event_id"]],
                 "A denial does not change the status; it is marked wherever the event is listed.", len(made))


def _tellers(rows: Sequence[Any]) -> str:
    """The origins of some citations; parties to the event marked."""
    names = {f"{row.origin} (a party)" if row.own else row.origin or "origin unknown" for row in rows}
    return ", ".join(sorted(names))


def self_reports(ledger: Ledger) -> Table | Nothing:
    """Events that only parties to them tell of."""
    known = evidence.corroboration(ledger)
    only = known.index[known["self_only"]]
    events = ledger["events"][ledger["events"]["event_id"].isin(only)]
    if events.empty:
        return Nothing("self-reports", "No event is known only from a party to it.")
    return exhibits.event_table(ledger, events, "self-reports", "self-reported event")


def date_widths(ledger: Ledger) -> pd.DataFrame:
    """Events by the number of days on which they can have happened: width, events, certain (in one quarter), several (quarters)."""
    events = ledger["events"].dropna(subset="first")
    days = (events["last"] - events["first"] + 1).to_numpy(float)
    several = np.array([quarter_of(first) != quarter_of(last) for first, last in zip(events["first"], events["last"])], bool)
    limits = np.array([limit for limit, _ in WIDTHS])
    place = np.searchsorted(limits, days) if len(days) else np.zeros(0, int)
    rows = [(name, int((place == at).sum()), int((~several[place == at]).sum()), int(several[place == at].sum())) for at, (_, name) in enumerate(WIDTHS)]
    undated = len(ledger["events"]) - len(events)
    return pd.DataFrame([*rows, ("no first day known", undated, 0, 0)], columns=["width", "events", "certain", "several"])


def dates(ledger: Ledger, lead: Outcomes) -> Finding:
    """How precise the dates are, and what their width does to the lead."""
    table = date_widths(ledger)
    total, certain = int(table["events"].sum()), int(table["certain"].sum())
    if not total:
        return Finding("dates", {"kind": "none"}, "The ledger holds no event yet.")
    place = next((number for number, switch in enumerate(lead.switches) if switch.name == "date_bound"), None)
    found = {} if place is None else {lead.words(row)["date_bound"]: lead.verdict(row) for row in lead.single(place)}
    since = {bound: verdict["since"] for bound, verdict in found.items() if verdict["kind"] == "change"}
    said = ""
    if any(verdict["kind"] != "too few" for verdict in found.values()) and all(verdict == next(iter(found.values())) for verdict in found.values()):
        said = f" Whichever possible day is taken, the lead {f'begins in {next(iter(since.values()))}' if since else 'is the same'}."
    elif since:
        said = f" The lead begins in {joined([f'{when} ({bound} day)' if bound != 'aoristic' else f'{when} (shared out)' for bound, when in since.items()])}."
    text = f"{certain:,} of {counted(total, 'event')} lie in one quarter for certain; {table['several'].sum():,} are shared out over several.{said}"
    return Finding("dates", {"kind": "events", "since": since}, text, {"certain": certain, "events": total},
                   "A date says what is known: nothing is moved to the first of a month.")


def control(ledger: Ledger) -> pd.DataFrame:
    """Engagement acts × bloc (those that the measures count, each act for itself) by who tells of them: rows blocs, columns OWN … NOBODY."""
    acts = counts.selected_acts(ledger, counts.default_selection(ledger))
    acts = acts[acts["direction"] > 0]
    blocs = dict(zip(ledger["actors"]["actor"], ledger["actors"]["bloc"]))
    rows = evidence.supporting(ledger)
    rows = rows[rows["event_id"].isin(acts["event_id"])]
    tellers: dict[str, list[tuple[str, bool]]] = {}
    for row in rows.itertuples():
        tellers.setdefault(row.event_id, []).append((blocs.get(row.country, "") if row.control == "state" else "", row.own))
    found = [(bloc, _known_from(tellers.get(act.event_id, []), bloc)) for act in acts.itertuples()
             for bloc in sorted({blocs.get(code, "") for code in act.partners.split(";")} - {""})]
    order, kinds = [bloc["code"] for bloc in ledger.parameters["blocs"]], [OWN, PARTY, OTHERS, NOBODY]
    table = pd.crosstab(*np.array(found, object).reshape(-1, 2).T) if found else pd.DataFrame()
    return table.reindex(index=[bloc for bloc in order if bloc in table.index], columns=kinds, fill_value=0).astype(int).rename_axis(index="bloc", columns="from")


def _known_from(tellers: list[tuple[str, bool]], bloc: str) -> str:
    if not tellers:
        return NOBODY
    if all(teller == bloc for teller, _ in tellers):
        return OWN
    return PARTY if all(own for _, own in tellers) else OTHERS


def pictures(ledger: Ledger) -> Finding:
    """How much of each side's engagement is known only from origins that its own states control."""
    table, words, parts = control(ledger), Words(ledger), []
    for side in ledger.parameters["sides"]:
        total = int(table.loc[side].sum()) if side in table.index else 0
        parts.append(f"{table.loc[side, OWN]:,} of {counted(total, f'{words.name(side)} act')}" if total else f"no {words.name(side)} act is counted")
    verdict = {side: {kind: int(number) for kind, number in table.loc[side].items()} for side in table.index}
    text = f"Acts of engagement known only from origins that a state of the same side controls: {'; '.join(parts)}."
    return Finding("control", verdict, text, {},
                   "Named origins that support the act; an independent medium may still have it from a state, which a page does not always say.")


def density(ledger: Ledger) -> Finding:
    """How many pages an event has, and that this tells nothing about it."""
    pages = evidence.corroboration(ledger)["pages"]
    if pages.empty:
        return Finding("density", {"kind": "none"}, "The ledger holds no event yet.", {}, SOUGHT)
    low, middle, high = (int(pages.quantile(part, "nearest")) for part in (0.25, 0.5, 0.75))
    half = f"{low:,} to {high:,}" if low < high else f"{low:,}"
    text = f"An event has {pages.mean():.1f} pages on average and {middle:,} in the middle (the middle half of the events have {half})."
    return Finding("density", {"kind": "events"}, text, {"mean": round(float(pages.mean()), 2), "median": middle, "most": int(pages.max())}, SOUGHT)


def by_year(ledger: Ledger) -> Table:
    """Events, pages and named origins an event, by the year in which the event can have begun."""
    events = ledger["events"].dropna(subset="first")
    known = evidence.corroboration(ledger).reindex(events["event_id"])
    year = [quarter_of(day) // 4 for day in events["first"]]
    table = known.groupby(np.array(year, int)).agg(Events=("pages", "size"), Pages=("pages", "mean"), Origins=("origins", "mean"))
    table = table.rename(columns={"Pages": "Pages an event", "Origins": "Named origins an event"}).rename_axis("Year").reset_index()
    return frame_table("by-year", "Events and pages by year", table.astype({"Year": str}),
                       SOUGHT + " More events in a year can mean more acts, or more reading of that year.")
