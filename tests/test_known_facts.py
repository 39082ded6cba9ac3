"""Guards the ledger: facts of the real world that it must carry, each with a source that stands in the ledger."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from helpers.dates import quarter_name
from helpers.departures import departures
from helpers.ledger import Ledger, load
from helpers.strengths import Stock

FACTS = list(csv.DictReader((Path(__file__).parent / "known_facts.csv").open(encoding="utf-8")))


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return load()


@pytest.fixture(scope="module")
def stock(ledger: Ledger) -> Stock:
    return Stock(ledger)


def force_at(stock: Stock, force: str, place: str, quarter: int) -> float:
    """People of one force at a place, whether or not it enters the place's total; a force that is handed over or absent has none."""
    states = [stock.state(series, quarter) for series in stock.series.values() if series.force == force and series.host == place]
    return sum(state.observation.median for state in states if state.kind == "current")


def bloc_at(stock: Stock, bloc: str, place: str, quarter: int) -> float:
    table = stock.table
    return float(table[(table["bloc"] == bloc) & (table["place"] == place) & (table["quarter"] == quarter)]["median"].sum())


@pytest.mark.parametrize("fact", FACTS, ids=[f"{fact['what']} [{fact['place']} {fact['quarter']}]" for fact in FACTS])
def test_the_fact_holds_and_its_source_is_in_the_ledger(fact: dict[str, str], ledger: Ledger, stock: Stock) -> None:
    assert fact["source_id"] in set(ledger["sources"]["source_id"])
    if fact["kind"] == "event":
        events = ledger["events"].set_index("event_id")
        assert events.loc[fact["subject"], fact["place"]] == fact["quarter"]
        cited = ledger["citations"]
        assert ((cited["event_id"] == fact["subject"]) & (cited["source_id"] == fact["source_id"])).any()
        return
    quarter = {quarter_name(number): number for number in stock.quarters}[fact["quarter"]]
    found = (force_at if fact["kind"] == "force" else bloc_at)(stock, fact["subject"], fact["place"], quarter)
    assert float(fact["low"]) <= found <= float(fact["high"])


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
