"""Guards the ledger: facts of the real world that it must carry, each with a source that stands in the ledger."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from helpers import charts_ground, charts_presence, charts_stock
from helpers.dates import parse, quarter_bounds, quarter_name
from helpers.departures import departures
from helpers.exhibits import Table, event_table
from helpers.findings import Words, stock_lead
from helpers.ledger import Ledger, load
from helpers.strengths import Stock

FACTS = list(csv.DictReader((Path(__file__).parent / "known_facts.csv").open(encoding="utf-8")))

NEVER_CAME = {"Hungarian forces in Chad"}


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return load()


@pytest.fixture(scope="module")
def stock(ledger: Ledger) -> Stock:
    return Stock(ledger)


@pytest.fixture(scope="module")
def shown(ledger: Ledger, stock: Stock) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What the pages show: (place, quarter, bloc) → people and forces, read from the tables of the figures on 02 and 03."""
    names = {**{name: code for code, name in Words(ledger).hosts.items()}, "": stock.region}
    found = {}
    for figure in (charts_stock.region(ledger, stock, stock_lead(ledger, stock)), charts_ground.stock_by_host(ledger, stock)):
        table = figure.layout.meta["table"]
        for cells in table["rows"]:
            row = dict(zip(table["columns"], cells))
            forces = {part.rpartition(" ")[0]: float(part.rpartition(" ")[2].replace(",", "")) for part in row["Made of"].split("; ") if part}
            found[names[row.get("Host", "")], row["Quarter"], row["Bloc"]] = {"people": row["People"], "forces": forces}
    return found


@pytest.fixture(scope="module")
def events(ledger: Ledger) -> Table:
    """The table of all events on 01."""
    return event_table(ledger)


def last_day_there(ledger: Ledger, stock: Stock, force: str, place: str) -> int | None:
    """The last day of a force at a place by the table of the timeline on 03 (None: it goes on, or is not in it)."""
    table = charts_presence.timeline(ledger, stock).layout.meta["table"]
    rows = [dict(zip(table["columns"], cells)) for cells in table["rows"]]
    ends = [row["To"] for row in rows if row["Force"] == force and row["Host"] == Words(ledger).hosts[place]]
    return max(parse(end).last for end in ends) if ends and all(ends) else None


@pytest.mark.parametrize("fact", FACTS, ids=[f"{fact['what']} [{fact['place']} {fact['quarter']}]" for fact in FACTS])
def test_the_fact_holds_on_the_pages_and_its_source_is_in_the_ledger(
    fact: dict[str, str], ledger: Ledger, stock: Stock, shown: dict[tuple[str, str, str], dict[str, Any]], events: Table
) -> None:
    assert fact["source_id"] in set(ledger["sources"]["source_id"])
    if fact["kind"] == "event":
        named = {**Words(ledger).hosts, **ledger["actors"].set_index("actor")["name"]}
        cells = dict(zip(events.row_ids, events.rows))[f"event-{fact['subject']}"]
        said = [named.get(code, code.replace("_", " ")) for code in fact["quarter"].split(";")]
        assert all(any(word in str(cell) for cell in cells[:4]) for word in said), cells[:4]
        cited = ledger["citations"]
        assert ((cited["event_id"] == fact["subject"]) & (cited["source_id"] == fact["source_id"])).any()
        return
    at = {bloc: row for (place, quarter, bloc), row in shown.items() if (place, quarter) == (fact["place"], fact["quarter"])}
    assert at, "the quarter stands in the table"
    if fact["kind"] == "bloc":
        found = at[Words(ledger).name(fact["subject"])]["people"]
    else:
        found = sum(row["forces"].get(fact["subject"], 0) for row in at.values())
    assert float(fact["low"]) <= found <= float(fact["high"])
    if fact["kind"] == "force" and not float(fact["high"]) and fact["place"] != stock.region:
        quarter = {quarter_name(number): number for number in stock.quarters}[fact["quarter"]]
        last = last_day_there(ledger, stock, fact["subject"], fact["place"])
        assert fact["subject"] in NEVER_CAME or last is not None and last <= quarter_bounds(quarter)[1]


def test_there_are_at_least_twenty_facts_beside_those_that_were_asked_for() -> None:
    assert len(FACTS) >= 40 and len({fact["what"] for fact in FACTS}) >= 28


def test_the_founding_report_is_read_claim_by_claim(ledger: Ledger) -> None:
    claims = ledger["claims"]
    founding = claims[claims["source_id"] == claims["source_id"].value_counts().index[0]]
    assert len(founding) >= 6 and founding["verdict"].nunique() >= 2
    assert founding.loc[founding["about"].ne(""), "about"].nunique() >= 2
    assert founding["locator"].str.fullmatch(r"\d+").all()


def test_eight_pages_of_one_text_are_one_unnamed_origin_and_the_broadcaster_another(ledger: Ledger) -> None:
    legs = ledger["legs"]["event_id"].iloc[0]
    cited = ledger["citations"][ledger["citations"]["event_id"].eq(legs)].merge(ledger["origins"], on="origin_id")
    unnamed, named = cited[cited["named"].eq("no")], cited[cited["named"].eq("yes")]
    assert unnamed["origin_id"].nunique() == 1 and unnamed["source_id"].nunique() == 8
    assert named["origin_id"].nunique() >= 1


def test_nobody_left_who_was_never_reported_there(ledger: Ledger, stock: Stock) -> None:
    rows = departures(ledger, stock)
    assert (rows.loc[rows["kind"].eq("left"), "peak"] >= ledger.parameters["stock"]["minimum_peak"]).all()
