"""Who is there now, as a table and as a finding: for each host and bloc the force, its last figure, its date and its pages."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from helpers import departures
from helpers.dates import quarter_name
from helpers.exhibits import Column, Nothing, Table
from helpers.findings import Finding, Words, counted, joined, people, sentence
from helpers.ledger import Ledger
from helpers.standings import NO_QUARTER, Evidence, figures, page_link, standings
from helpers.strengths import Stock

THERE = ["current", "part", "act"]
OPEN = ["unknown", "no figure"]
LAST = [Column("State", "long"), Column("Last figure", "number"), Column("Range", "short"), Column("Its date", "date"), Column("Sources", "links")]
SHOWN = {"alleged": "alleged only", "planned": "planned only, not known to have come"}


def _range(low: float, high: float) -> str:
    return "" if np.isnan(low) or low == high else f"{people(low)} to {people(high)}"


def _cell(number: float) -> int | None:
    return None if np.isnan(number) else int(number + 0.5)


def _state(row: Any) -> str:
    """What is known of a force at the cutoff, in words."""
    return {"current": f"current, counts until {_quarter(row.until)}",
            "part": f"part of {row.whole}" + (", share not reported" if np.isnan(row.people) else ""),
            "act": "act reported, strength not",
            "unknown": f"too old, counted until {_quarter(row.until)}; no end reported",
            "no figure": "strength not reported; no end reported"}[row.kind]


def _quarter(number: float) -> str:
    return "" if np.isnan(number) else quarter_name(int(number))


def _gone(rows: pd.DataFrame, host: str, bloc: str, words: Words) -> list[list[Any]]:
    """One row for a bloc of whose forces in a host nobody is there any more: the last that left, and how many did."""
    last = rows.sort_values(["day", "inside", "force"], ascending=[False, True, True]).iloc[0]
    how_many = f"left, as the last of {counted(len(rows), 'force')}" if len(rows) > 1 else "left"
    return [[words.hosts[host], words.name(bloc), last["force"], how_many, 0, "", last["date"], last["pages"]]]


def _host_rows(ledger: Ledger, rows: pd.DataFrame, host: str, bloc: str) -> list[list[Any]]:
    words = Words(ledger)
    kinds = [*THERE, *OPEN]
    known = rows[rows["kind"].isin(kinds)]
    known = known.assign(rank=known["kind"].map(kinds.index)).sort_values(["rank", "people", "day", "force"], ascending=[True, False, False, True])
    place = [words.hosts[host], words.name(bloc)]
    shown = [[*place, row.force, _state(row), _cell(row.people), _range(row.low, row.high), row.date, row.pages] for row in known.itertuples()]
    left = rows[rows["kind"].eq("left")]
    if len(left) and not known["kind"].isin(["current", "part"]).any():
        shown = _gone(left, host, bloc, words) + shown
    if not shown and bloc in ledger.parameters["sides"]:
        only = [f"{row.force}: {SHOWN[row.kind]}" for row in rows[rows["kind"].isin(list(SHOWN))].itertuples()]
        shown = [[*place, "", "; ".join(["no presence reported", *only]), None, "", "", []]]
    return shown


def _left_out(rows: pd.DataFrame, words: Words) -> str:
    """A sentence on the forces that the table doesn't hold because they are only alleged or planned."""
    parts = []
    for kind, said in SHOWN.items():
        named = [f"{row.force} ({words.hosts[row.host]})" for row in rows[rows["kind"].eq(kind)].itertuples()]
        parts += [f"{said}: {joined(named)}"] if named else []
    return f" Left out: {'; '.join(parts)}." if parts else ""


def now_table(ledger: Ledger, stock: Stock) -> Table | Nothing:
    """Who is there now, host × bloc: force, state, last figure with its range, its date as written, its pages.

    Sides have a row in every host, other blocs where anything of them is reported; of those that left, the last stands for all.
    """
    if not stock.hosts or not len(ledger["events"]) and not len(ledger["series"]):
        return Nothing("who-is-there", "No force and no event is in the ledger.")
    table, words = standings(ledger, stock), Words(ledger)
    rows = []
    for host, bloc in product(stock.hosts, words.blocs):
        rows += _host_rows(ledger, table[table["host"].eq(host) & table["bloc"].eq(bloc)], host, bloc)
    columns = [Column("Host", choose=True), Column("Bloc", choose=True), Column("Force"), *LAST]
    acts = " or ".join(name.replace("_", " ") for name in ledger.parameters["presence_types"])
    note = (f"A figure counts for {counted(ledger.parameters['stock']['expiry_quarters'], 'quarter')} after its own; after that nobody knows, and it is no "
            "departure. Several figures of one quarter: the middle one, with the range. Dates as the sources give them: [a..b] some time between, ~ about. "
            f"Where a bloc has no figure, its newest act of {acts} that took place and is not known to be over stands for it.{_left_out(table, words)}")
    current = counted(int(table["kind"].eq("current").sum()), "force")
    title = f"Who is there now: {current} with a figure that still counts at the cutoff ({ledger.cutoff or 'none'})"
    return Table("who-is-there", title, columns, rows, [], note, len(rows))


def region_table(ledger: Ledger, stock: Stock) -> Table | Nothing:
    """What the region's totals at the cutoff are made of: the regional figure of a force where it counts, else its hosts'."""
    evidence, words, found = Evidence(ledger, stock), Words(ledger), []
    quarter = stock.quarters[-1] if len(stock.quarters) else None
    for name, state in (stock.members(stock.region, quarter) if quarter is not None else {}).items():
        series, seen = stock.series[name], state.observation
        if state.kind not in ("current", "unknown"):
            continue
        until = seen.quarter + series.expiry
        current, bloc, proof = state.kind == "current", stock.blocs[series.force], evidence.of(series, seen)
        said = f"current, counts until {quarter_name(until)}" if current else f"too old, counted until {quarter_name(until)}; not in the total"
        where = "the whole region" if series.host == stock.region else words.hosts[series.host]
        cells = [words.name(bloc), series.force, where, said, _cell(seen.median), _range(seen.low, seen.high), proof["date"], proof["pages"]]
        found.append([list(words.blocs).index(bloc), not current, -seen.median, name, cells])
    if not found:
        return Nothing("region-now", "No reported strength counts, or ever counted, in the region at the cutoff.")
    totals = stock.table[(stock.table["place"] == stock.region) & (stock.table["quarter"] == quarter)].set_index("bloc")
    parts = [f"{words.name(bloc)} {people(totals.loc[bloc, 'median'])}" for bloc in words.blocs
             if bloc in totals.index and (totals.loc[bloc, "median"] or bloc in ledger.parameters["sides"])]
    columns = [Column("Bloc"), Column("Force"), Column("Where"), *LAST]
    note = ("A force's regional figure counts where one is current, its hosts' figures elsewhere, never both; so the hosts' figures need not add up to the "
            "region's.")
    rows = [row[-1] for row in sorted(found, key=lambda row: row[:4])]
    return Table("region-now", f"What the region's totals are made of: {', '.join(parts)}", columns, rows, [], note, len(rows))


def left_out_table(ledger: Ledger, stock: Stock) -> Table | Nothing:
    """Reported figures that stand in no quarter (their date is longer than one), or that never count as stock, and why."""
    rows, words = figures(ledger, stock), Words(ledger)
    rows, total = rows[rows["why"].ne("")], len(rows)
    if rows.empty:
        return Nothing("in-no-quarter", "Every reported figure stands in a quarter and counts." if total else "No figure is in the ledger.")
    undated = rows["why"].eq(NO_QUARTER)
    rows = rows.assign(rank=~undated).sort_values(["rank", "why", "host", "first", "series_id", "source_id"], kind="stable")
    shown = [[row.why, words.hosts.get(row.host, row.host), words.name(row.bloc), row.force, _cell(row.personnel), _range(row.low, row.high), row.date,
              [page_link(row, row.basis or "basis unknown")], row.note] for row in rows.itertuples()]
    columns = [Column("Why", choose=True), Column("Host", choose=True), Column("Bloc", choose=True), Column("Force"), Column("Figure", "number"),
               Column("Range", "short"), Column("Its date", "date"), Column("Source", "links"), Column("Remark", "long")]
    none, never = int(undated.sum()), int((~undated).sum())
    title = f"In no quarter: {counted(none, 'figure')}; never a stock: {counted(never, 'figure')}; of {total:,} reported"
    note = ("None of these is in a chart's line or in a total. In no quarter: the date is longer than one. Change of name: people went over to another force, "
            "whose first figure takes over.")
    return Table("in-no-quarter", title, columns, shown, [], note, len(shown))


def _verdict(rows: pd.DataFrame, departed: str) -> str:
    """present; remnant (left by the measure of departure, yet a figure counts); act; part (of another bloc's force); unknown; left; none."""
    kinds = set(rows["kind"])
    if "current" in kinds or rows.loc[rows["kind"].eq("part"), "people"].isna().any():
        return "remnant" if departed == "left" else "present"
    if kinds & {"act", "part"}:
        return "act" if "act" in kinds else "part"
    if kinds & set(OPEN) and departed != "left":
        return "unknown"
    return "left" if departed == "left" or kinds & {"left", "followed"} else "none"


def _places(verdicts: dict[str, str], now: dict[str, float], words: Words, kind: str) -> str:
    return joined([f"{words.hosts[host]} ({people(now[host]) if now[host] else 'strength not reported for it alone'})"
                   for host, said in verdicts.items() if said == kind])


def who_is_there_now(ledger: Ledger, stock: Stock) -> Finding:
    """Per host and side whether its forces are there at the cutoff, by the newest reported figures that still count."""
    table, words, sides = standings(ledger, stock), Words(ledger), ledger.parameters["sides"]
    rows = {(row.bloc, row.host): row for row in departures.departures(ledger, stock).itertuples()}
    hosts = {host: {side: _verdict(table[table["host"].eq(host) & table["bloc"].eq(side)], rows[side, host].kind) for side in sides} for host in stock.hosts}
    now = {side: {host: round(float(rows[side, host].now), 1) for host in stock.hosts} for side in sides}
    parts = []
    for side in sorted(sides, key=lambda side: (-sum(now[side].values()), sides.index(side))):
        said = {host: hosts[host][side] for host in stock.hosts}
        stands, small = _places(said, now[side], words, "present"), _places(said, now[side], words, "remnant")
        share = ledger.parameters["stock"]["departure_share"]
        there = [f"stands in {stands}"] if stands else []
        there += [f"has a remnant, at most {share:.0%} of its peak, in {small}"] if small else []
        none = f"no figure of {words.noun(side)} counts in any of {counted(len(stock.hosts), 'host')}"
        parts.append(f"{words.noun(side)} {joined(there)}" if there else none)
    kind = "none" if all(said in ("none", "left") for by_side in hosts.values() for said in by_side.values()) else "hosts"
    text = f"By reported figures that still count, {'; '.join(parts)}."
    if table.empty:
        text = f"No strength and no act of presence of either side is reported in {words.region}."
    return Finding("who-is-there-now", {"kind": kind, "hosts": hosts}, sentence(text), {"now": now}, _hedge(table[table["bloc"].isin(sides)], words))


def _hedge(rows: pd.DataFrame, words: Words) -> str:
    """Whom nobody reports to have left though no figure of theirs counts, and who is only alleged."""
    parts = []
    for kinds, said in ((OPEN, "No figure that counts, but no end reported"), (["alleged"], "Alleged only, not counted")):
        named = [f"{row.force} ({words.hosts[row.host]})" for row in rows[rows["kind"].isin(kinds)].itertuples()]
        parts += [f"{said}: {joined(named)}."] if named else []
    return " ".join(parts) or "Silence is not a departure, and a figure is no longer true when it is old."
