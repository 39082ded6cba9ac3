"""Findings: what the loaded data say, as objects that notebook, page, index, terminal and tests read alike.

`verdict` holds codes only (blocs, hosts, quarters) and is what tests compare; `text` and `hedge` are sentences made
from it. No sentence here states a result: each is chosen by the verdict.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from typing import Any

import pandas as pd

from helpers import counts, departures, evidence
from helpers.ledger import Ledger
from helpers.strengths import Stock

MIME = "application/vnd.sahel-shift.finding+json"


def as_json(item: Any) -> Any:
    """A dataclass as plain JSON values (numbers of numpy become numbers)."""
    return json.loads(json.dumps(asdict(item), sort_keys=True, default=float))


@dataclass(frozen=True)
class Finding:
    """One finding. values: numbers behind the text; hedge: what limits it, one sentence or none; title: of the page, where it depends on a parameter."""

    id: str
    verdict: dict[str, Any]
    text: str
    values: dict[str, Any] = field(default_factory=dict)
    hedge: str = ""
    title: str = ""

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, str]:
        shown = f"<p><strong>{escape(self.text)}</strong><br>{escape(self.hedge)}</p>"
        return {MIME: as_json(self), "text/html": shown, "text/plain": self.text}


class Words:
    """Names of blocs and hosts from the loaded data, and the grammar around them."""

    def __init__(self, ledger: Ledger):
        self.blocs = {bloc["code"]: bloc for bloc in ledger.parameters["blocs"]}
        self.hosts = dict(zip(ledger["hosts"]["host"], ledger["hosts"]["name"]))
        self.actors = dict(zip(ledger["actors"]["actor"], ledger["actors"]["name"]))
        self.region = ledger.parameters["region"]

    def noun(self, bloc: str) -> str:
        """The bloc as a noun."""
        return self.blocs[bloc]["noun"]

    def name(self, bloc: str) -> str:
        """The bloc's name."""
        return self.blocs[bloc]["name"]

    def listed(self, hosts: Sequence[str]) -> str:
        """Hosts by name, joined."""
        return joined([self.hosts.get(host, host) for host in hosts])


def joined(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else "".join(items)


def sentence(text: str) -> str:
    """The text with a capital."""
    return text[:1].upper() + text[1:]


def people(number: float) -> str:
    """Whole people, halves up: `1,250`."""
    return f"{int(number + 0.5):,}"


def counted(number: float, noun: str, plural: str = "") -> str:
    """`1 event`, `1,204 events`."""
    return f"{number:,.0f} {noun if round(number) == 1 else plural or noun + 's'}"


def reported_events(ledger: Ledger) -> Finding:
    """What has been reported: events, pages and origins, by status."""
    events = ledger["events"]
    if events.empty:
        return Finding("reported-events", {"kind": "none"}, "The ledger holds no event yet.")
    known = evidence.corroboration(ledger)
    status = events["status"].value_counts().to_dict()
    done = sum(status.get(name, 0) for name in ledger.parameters["statuses"])
    two = int((known["origins"] >= 2).sum())
    values = {"events": len(events), "pages": len(ledger["sources"]), "occurred": done, "two_origins": two,
              "origins": int(ledger["origins"]["named"].eq("yes").sum()), "denied": int(known["denied"].sum()), **status}
    text = (f"{counted(len(events), 'act')} of military cooperation or of its end are reported by {counted(values['pages'], 'page')}; "
            f"{counted(done, 'act')} took place by those reports, and {two:,} have at least two named, independent origins.")
    hedge = (f"Announced and not known to have happened: {status.get('announced', 0):,}; alleged: {status.get('alleged', 0):,}; "
             f"denied by a source: {values['denied']:,}.")
    return Finding("reported-events", {"kind": "events"}, text, values, hedge)


def _nothing(ledger: Ledger, unit_rows: pd.DataFrame) -> str:
    """A sentence for each side without any engagement in the selection."""
    words, sides = Words(ledger), ledger.parameters["sides"]
    engaged = set(unit_rows.loc[unit_rows["direction"] > 0, "bloc"])
    missing = [side for side in sides if side not in engaged]
    return " ".join(f"The ledger holds no {words.name(side)} engagement." for side in missing)


def lead_change(ledger: Ledger, unit_rows: pd.DataFrame, share: pd.DataFrame) -> Finding:
    """Who leads reported military engagement, since when, and whom that side followed."""
    verdict, words, sides = counts.share_lead(ledger, share), Words(ledger), ledger.parameters["sides"]
    known = share[share["complete"]].dropna(subset="share")
    values = {"units": int(len(unit_rows)), "quarters": int(len(known))}
    if len(known):
        last = known.iloc[-1]
        values |= {"share_of": sides[1], "share": round(float(last["share"]), 4), "quarter": last["label"],
                   **{side: round(float(last[side]), 2) for side in sides}}
    none = _nothing(ledger, unit_rows)
    if verdict["kind"] == "too few":
        text = f"Too few acts to say who leads reported military engagement in {words.region}."
    elif verdict["kind"] == "same":
        text = (f"{sentence(words.noun(verdict['leader']))} led reported military engagement in {words.region} "
                f"throughout, from {verdict['since']} to {verdict['until']}.")
    else:
        text = (f"{sentence(words.noun(verdict['leader']))} has led reported new military engagement in {words.region} since "
                f"{verdict['since']}; before that, {words.noun(verdict['from'])} led.")
    held = sum(values.get(side, 0) for side in sides)
    window = f"the last four complete quarters hold {counted(held, 'unit')}" if held else "no window holds enough of them"
    hedge = (f"Counts are reported and collected steps, not a level; {window}. "
             "The reported strengths are the second witness.")
    return Finding("lead-change", verdict, f"{text} {none}".strip(), values, hedge)


def stock_lead(ledger: Ledger, stock: Stock) -> Finding:
    """Who has more soldiers by reported strengths, since when."""
    verdict, words = departures.stock_lead(ledger, stock), Words(ledger)
    sides = ledger.parameters["sides"]
    table = stock.table
    now = {side: _now(table, stock, side) for side in sides}
    if verdict["kind"] in ("nobody", "too few"):
        text = f"No strength of either side is reported in {words.region}."
    else:
        level = joined([f"{words.name(side)} {people(now[side])}" if side in set(table["bloc"]) else f"no {words.name(side)} strength reported" for side in sides])
        since = f"since {verdict['since']}" if verdict["kind"] == "change" else "throughout"
        text = f"By reported strength {words.noun(verdict['leader'])} has had more people in {words.region} {since} (now {level})."
    return Finding("stock-lead", verdict, text, {"now": now},
                   f"A figure counts for {ledger.parameters['stock']['expiry_quarters']} quarters after its own; silence is not a departure.")


def _now(table: pd.DataFrame, stock: Stock, side: str) -> float:
    if not len(stock.quarters):
        return 0.0
    rows = table[(table["place"] == stock.region) & (table["bloc"] == side) & (table["quarter"] == stock.quarters[-1])]
    return round(float(rows["median"].sum()), 1)


def departure(ledger: Ledger, rows: pd.DataFrame) -> Finding:
    """Which side left more hosts, and when."""
    verdict, words = departures.departure_verdict(ledger, rows), Words(ledger)
    total = rows["host"].nunique()
    values = {"hosts": int(total), "left": {side: len(left) for side, left in verdict["hosts"].items()}}
    if verdict["kind"] == "nobody":
        text = f"By reported strengths neither side has left any of {counted(total, 'host')}."
    else:
        sides = [verdict["bloc"]] if verdict["kind"] == "left" else list(verdict["hosts"])
        parts = [f"{words.noun(side)} has left {len(verdict['hosts'][side])} of {counted(total, 'host')}: "
                 + joined([f"{words.hosts[host]} (by {since})" for host, since in verdict["hosts"][side].items()]) for side in sides]
        text = sentence("; ".join(parts)) + "."
    share = ledger.parameters["stock"]["departure_share"]
    return Finding("departure", verdict, text, values, f"Left: the stock stays at or under {share:.0%} of its reported peak.")


def replacement(ledger: Ledger, rows: pd.DataFrame) -> Finding:
    """In how many of the hosts that one side left the other stands, and how large it is beside what left."""
    verdict, words = departures.replacement_verdict(ledger, rows), Words(ledger)
    parts = []
    for side, found in verdict["replaced"].items():
        if not found["stands"]:
            parts.append(f"{words.noun(found['by'])} stands in none of the hosts that {words.noun(side)} left")
            continue
        most = "a share that no figure tells" if found["at_most"] is None else f"at most {found['at_most']:.0%} of the largest reported presence that left"
        parts.append(f"{words.noun(found['by'])} stands in {len(found['stands'])} of the {counted(len(found['left']), 'host')} that "
                     f"{words.noun(side)} left, with {most}")
    text = sentence("; ".join(parts)) + "." if parts else "Neither side left a host, so neither replaced the other."
    return Finding("replacement", verdict, text, {"rows": int(len(rows))}, "People are compared, not what they do: a trainer and a fighter count alike.")


def disengagement(ledger: Ledger, unit_rows: pd.DataFrame) -> Finding:
    """Left or pushed: per side, who caused most of its disengagement."""
    table, words, sides = counts.disengagement_by_initiator(ledger, unit_rows), Words(ledger), ledger.parameters["sides"]
    verdict, parts = {}, []
    for side in sides:
        row = table.loc[side]
        most = row[row.eq(row.max())].index.tolist()
        verdict[side] = "none" if row.sum() == 0 else most[0] if len(most) == 1 else "tie"
        if row.sum():
            parts.append(f"{words.noun(side)} was pushed {times(row['host'])} and left by its own decision {times(row['partner'])} "
                         f"(both: {row['both']:,}, third parties: {row['third']:,}, unknown: {row['unknown']:,})")
        else:
            parts.append(f"no {words.name(side)} disengagement is reported")
    values = {side: {name: int(number) for name, number in table.loc[side].items()} for side in sides}
    return Finding("disengagement", verdict, sentence("; ".join(parts)) + ".", values,
                   "Units, each exit process once; who caused it is the coder's reading of the sources.")


def times(number: int) -> str:
    """`never`, `once`, `12 times`."""
    return {0: "never", 1: "once"}.get(number, f"{number:,} times")
