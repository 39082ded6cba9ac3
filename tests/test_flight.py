"""Guards the flight page: distances on the sphere, pages against origins, no undated page lost, nothing of one region in code."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import charts_flight, charts_route, flight, flight_findings, maps
from helpers.exhibits import Nothing, Table
from helpers.findings import Finding
from helpers.ledger import Ledger, load
from helpers.look import Figure
from helpers.schema import PROJECT_DATA
from tests import ledgers

LATITUDES, LONGITUDES = st.floats(-89.9, 89.9), st.floats(-179.9, 179.9)
POINTS = st.tuples(LATITUDES, LONGITUDES)
SQUARE = {"type": "FeatureCollection", "features": [
    {"type": "Feature", "properties": {"iso3": "QAA", "name": "Quaalia"},
     "geometry": {"type": "Polygon", "coordinates": [[[20, 40], [30, 40], [30, 50], [20, 50], [20, 40]]]}}]}
ENOUGH = settings(max_examples=80, deadline=None, derandomize=True)


def other_region(folder: Path, **more: Any) -> Ledger:
    """A ledger of an invented region: two hosts, three partners, an airlift with legs of its own, five pages of two origins."""
    tables: dict[str, Any] = {
        "hosts": [{"host": "QAA", "name": "Quaalia", "order": 1}, {"host": "QBB", "name": "Quebbia", "order": 2},
                  {"host": "QCC", "name": "Queccia", "group": "coast", "order": 3}],
        "actors": [{"actor": "WWW", "name": "Westmark", "bloc": "western"}, {"actor": "RRR", "name": "Rusmark", "bloc": "russian"},
                   {"actor": "OOO", "name": "Othermark", "bloc": "other"}],
        "events": [{"event_id": "lift", "date": "2021-05-10?/..", "hosts": "QAA", "partners": "OOO", "type": "logistics",
                    "status": "alleged"},
                   {"event_id": "came", "date": "2016-03", "hosts": "QAA", "partners": "WWW", "process": "arrive"},
                   {"event_id": "came-2", "date": "2017-03-01", "hosts": "QAA", "partners": "WWW", "process": "arrive"},
                   {"event_id": "told", "date": "2021-06-01", "hosts": "QAA", "partners": "WWW", "type": "agreement_ended",
                    "initiator": "host", "process": "leave"},
                   {"event_id": "went", "date": "2022-02-01", "hosts": "QAA", "partners": "WWW", "type": "withdrawal", "process": "leave"},
                   {"event_id": "gave", "date": "2021-09-09", "hosts": "QAA;QBB", "partners": "RRR", "type": "arms_delivery"},
                   {"event_id": "plan", "date": "2024-01-01", "hosts": "QBB", "partners": "RRR", "type": "deployment",
                    "status": "announced"},
                   {"event_id": "coup", "date": "2020-08-18", "hosts": "QAA", "type": "coup"}],
        "sources": [{"source_id": f"c-{number}", "publisher": f"Paper {number}", "published": day}
                    for number, day in enumerate(("2021-07-01", "", "2021-07-03", "", "2021-06-20"), 1)],
        "origins": [{"origin_id": "blog", "name": "A blog", "named": "no"}, {"origin_id": "wire", "name": "Wire One"}],
        "citations": [{"event_id": "lift", "source_id": f"c-{number}", "origin_id": "blog",
                       "reported_date": "2021-05-10?"} for number in (1, 2, 3, 4)]
        + [{"event_id": "lift", "source_id": "c-5", "origin_id": "wire", "stance": "partial"}],
        "claims": [{"source_id": "c-1", "about": "lift", "attribute": "route", "value": "by the hills", "verdict": "event"},
                   {"source_id": "c-2", "about": "lift", "attribute": "route", "value": "by the hills", "verdict": "duplicate"},
                   {"source_id": "c-5", "about": "lift", "attribute": "purpose", "value": "food", "verdict": "event"},
                   {"source_id": "c-2", "about": "told", "attribute": "Westmark gone", "value": "has left", "verdict": "duplicate"}],
        "places": [{"place_id": "p1", "name": "Alpha, the airfield", "host": "QAA", "lat": "42", "lon": "22"},
                   {"place_id": "p2", "name": "Beta / old town", "host": "QBB", "lat": "48", "lon": "28"},
                   {"place_id": "p3", "name": "Gamma", "host": "QAA", "lat": "42", "lon": "29"}],
        "legs": [{"event_id": "lift", "sequence": 1, "from": "p1", "to": "p2"},
                 {"event_id": "lift", "sequence": 2, "from": "p2", "to": "p3"},
                 {"event_id": "lift", "sequence": 3, "from": "p3", "to": "p1"}],
        "processes": [{"process": "arrive", "title": "Westmark comes", "hosts": "QAA", "partners": "WWW", "counts_at": "came",
                       "completed": "2017-03-01"},
                      {"process": "leave", "title": "Westmark leaves", "hosts": "QAA", "partners": "WWW", "direction": -1,
                       "counts_at": "went", "completed": "2022-02-01"}],
        "forces": [{"force": "Westforce", "partners": "WWW"}, {"force": "Rusforce", "partners": "RRR"}],
        "series": [{"series_id": "w", "force": "Westforce", "host": "QAA", "ended": "2022-02-01"},
                   {"series_id": "r", "force": "Rusforce", "host": "QAA"}],
        "strengths": [{"series_id": "w", "date": "2020-05-01", "personnel": 800},
                      {"series_id": "r", "date": "2025-02-01", "personnel": 120}]}
    path = ledgers.write(folder, **{**tables, **more})
    (path / "outlines.geojson").write_text(json.dumps(SQUARE), encoding="utf-8")
    return load(path)


def everything(ledger: Ledger) -> list[Any]:
    """All that the notebook shows, in its order."""
    case = flight.case(ledger)
    legs, reports = flight.legs(ledger, case), flight.reports(ledger, case)
    told, route = flight.told(ledger, case, reports), flight_findings.route(ledger, case, legs)
    details, ahead = flight.details(told, reports), flight.only_decided(ledger, case, reports)
    return [flight_findings.misled(ledger, case, reports), charts_flight.against_origins(ledger, case, reports), route,
            charts_route.route(ledger, case, legs, route), charts_flight.timeline(ledger, case, reports),
            flight_findings.report_table(reports),
            charts_flight.claims(ledger, case, told, reports), flight_findings.sayable(ledger, case, details),
            flight_findings.detail_table(details),
            flight_findings.denials(ledger, case, reports), flight_findings.ahead(ledger, case, reports, ahead),
            flight_findings.ahead_table(ahead),
            flight_findings.standing(ledger, case), flight_findings.case_row(ledger, case)]


def shown(item: Any) -> str:
    """All text of an exhibit, as JSON."""
    return json.dumps(item._repr_mimebundle_(), default=str, ensure_ascii=False) + (json.dumps(item.layout.meta,
                                                                                               ensure_ascii=False) if isinstance(item,
                                                                                                                                 Figure) else "")


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return other_region(tmp_path_factory.mktemp("flight") / "data")


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return load(ledgers.empty(tmp_path_factory.mktemp("flight-nothing") / "data"))


# Distances.

def test_a_quarter_of_a_meridian_and_half_of_the_equator_have_their_known_length() -> None:
    assert flight.great_circle_km(0, 0, 90, 0) == pytest.approx(6371 * math.pi / 2)
    assert flight.great_circle_km(0, -90, 0, 90) == pytest.approx(6371 * math.pi)


def test_a_known_loop_has_the_known_legs_within_five_kilometres(tmp_path: Path) -> None:
    fields = {"a": (12.534, -7.950), "b": (16.248, -0.005), "c": (20.243, 0.977), "d": (13.485, 2.186)}
    stops = "abcda"
    ledger = other_region(tmp_path / "data", places=[{"place_id": name, "host": "QAA", "lat": str(lat), "lon": str(lon)} for name,
                                                     (lat, lon) in fields.items()],
                          legs=[{"event_id": "lift", "sequence": place, "from": start, "to": end} for place,
                                (start, end) in enumerate(zip(stops, stops[1:]), 1)])
    legs = flight.legs(ledger, "lift")
    assert np.abs(legs["km"].to_numpy() - [950, 456, 762, 1103]).max() < 5 and abs(legs["km"].sum() - 3272) < 5


@given(POINTS, POINTS, POINTS)
@ENOUGH
def test_distances_are_symmetric_and_no_detour_is_shorter(a: tuple, b: tuple, c: tuple) -> None:
    assert flight.great_circle_km(*a, *b) == pytest.approx(flight.great_circle_km(*b, *a))
    assert flight.great_circle_km(*a, *c) <= flight.great_circle_km(*a, *b) + flight.great_circle_km(*b, *c) + 1e-6
    assert flight.great_circle_km(*a, *a) == 0


@given(POINTS, POINTS)
@ENOUGH
def test_the_distance_is_that_of_the_chord_between_the_points(a: tuple, b: tuple) -> None:
    def place(point: tuple) -> np.ndarray:
        lat, lon = np.radians(point)
        return np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])

    chord = np.linalg.norm(place(a) - place(b))
    assert flight.great_circle_km(*a, *b) == pytest.approx(2 * 6371 * math.asin(min(1.0, chord / 2)), abs=1e-3)


@given(POINTS, POINTS)
@ENOUGH
def test_the_drawn_line_begins_and_ends_at_its_places_and_is_as_long_as_the_leg(a: tuple, b: tuple) -> None:
    whole = flight.great_circle_km(*a, *b)
    if whole > 19_900:  # nearly opposite points have no one shortest way
        return
    lon, lat = flight.arc(*a, *b)
    assert (lat[0], lon[0]) == pytest.approx(a, abs=1e-6)
    assert lat[-1] == pytest.approx(b[0], abs=1e-6) and (lon[-1] - b[1]) % 360 == pytest.approx(0,
                                                                                                abs=1e-6) or (lon[-1] - b[1]) % 360 == pytest.approx(360, abs=1e-6)
    assert flight.great_circle_km(lat[:-1], lon[:-1], lat[1:], lon[1:]).sum() == pytest.approx(whole, abs=1e-2)
    assert np.abs(np.diff(lon)).max() < 180 or abs(lat).max() > 80  # no line across the whole map


# Which event is the case, and how its legs hang together.

def test_the_case_is_the_event_with_legs_that_most_claims_are_about(tmp_path: Path) -> None:
    legs = [{"event_id": name, "from": "l1", "to": "l2"} for name in ("a", "b", "c")]
    claims = [{"about": "b", "source_id": "s-b"}, {"about": "c", "source_id": "s-c"}, {"about": "c", "source_id": "s-c"},
              *[{"about": "d", "source_id": "s-d"}] * 5]
    base: dict[str, Any] = {"events": [{"event_id": name} for name in "abcd"], "places": [{}, {}]}
    claims = [{"claim_id": f"k{place}", **claim} for place, claim in enumerate(claims)]
    assert flight.case(load(ledgers.write(tmp_path / "1", **base, legs=legs, claims=claims))) == "c"
    assert flight.case(load(ledgers.write(tmp_path / "2", **base, legs=legs))) == "a"
    assert flight.case(load(ledgers.write(tmp_path / "3", **base, claims=claims))) == "d"
    assert flight.case(load(ledgers.write(tmp_path / "4", **base))) == ""


@pytest.mark.parametrize(("stops", "kind"), [("p1 p2 p3 p1", "loop"), ("p1 p2 p3", "route"), ("p1 p2", "route")])
def test_legs_that_follow_each_other_are_a_route_and_a_loop_when_they_come_back(tmp_path: Path, stops: str, kind: str) -> None:
    names = stops.split()
    ledger = other_region(tmp_path / "data", legs=[{"event_id": "lift", "sequence": place, "from": a, "to": b} for place,
                                                   (a, b) in enumerate(zip(names, names[1:]), 1)])
    legs = flight.legs(ledger, "lift")
    assert flight.chain(legs)[0] == kind
    assert flight_findings.route(ledger, "lift", legs).verdict == {"kind": kind, "legs": len(names) - 1}


def test_legs_that_do_not_follow_each_other_are_no_route(tmp_path: Path) -> None:
    ledger = other_region(tmp_path / "data", legs=[{"event_id": "lift", "sequence": 1, "from": "p1", "to": "p2"},
                                                   {"event_id": "lift", "sequence": 2, "from": "p3", "to": "p1"}])
    assert flight.chain(flight.legs(ledger, "lift"))[0] == "legs"


def test_each_leg_and_the_total_stand_as_text_with_their_unit(invented: Ledger) -> None:
    legs = flight.legs(invented, "lift")
    text = flight_findings.route(invented, "lift", legs).text
    for km in [*legs["km"], legs["km"].sum()]:
        assert f"{km:,.0f} km" in text
    assert legs["start"].tolist() == ["Alpha", "Beta", "Gamma"]


# Reports and their origins.

def test_pages_without_a_date_are_listed_as_undated_in_list_figure_and_table(invented: Ledger) -> None:
    reports = flight.reports(invented, "lift")
    undated = {f"c-{number}" for number in (2, 4)}
    assert set(reports.loc[reports["first"].isna(), "source_id"]) == undated and set(reports["source_id"]) == {f"c-{number}" for number in range(1, 6)}
    table = flight_findings.report_table(reports)
    assert sum(row[0] == "undated" for row in table.rows) == 2 and "2 pages without a date" in table.note
    figure = charts_flight.timeline(invented, "lift", reports)
    assert sum("undated" in row for row in figure.layout.meta["table"]["rows"]) == 2
    assert sum("undated" in str(trace.customdata) for trace in figure.data if trace.customdata is not None) == 2


@given(st.lists(st.sampled_from(["blog", "wire", "other", ""]), min_size=1, max_size=14), st.lists(st.booleans(), min_size=14, max_size=14))
@settings(max_examples=25, deadline=None, derandomize=True)
def test_pages_are_counted_once_and_origins_never_exceed_them(tmp_path_factory: pytest.TempPathFactory, origins: list[str],
                                                              dated: list[bool]) -> None:
    ledger = load(ledgers.write(
        tmp_path_factory.mktemp("tally") / "data", [{"event_id": "lift", "status": "alleged"}],
        sources=[{"source_id": f"c-{number}", "published": "2021-07-01" if dated[number] else ""} for number in range(len(origins))],
        citations=[{"event_id": "lift", "source_id": f"c-{number}", "origin_id": origin} for number, origin in enumerate(origins)],
        origins=[{"origin_id": "blog", "named": "no"}, {"origin_id": "wire"}, {"origin_id": "other"}], places=[{}, {}],
        legs=[{"event_id": "lift", "from": "l1", "to": "l2"}]))
    rows = flight.reports(ledger, "lift")
    numbers = flight.tally(ledger, "lift", rows)
    assert numbers["pages"] == len(origins) == len(rows) == rows["number"].nunique() and numbers["dated"] == sum(dated[:len(origins)])
    assert numbers["origins"] == len(set(origins) - {""}) and numbers["named"] == numbers["supporting"] == len(set(origins) & {"wire",
                                                                                                                               "other"})
    assert isinstance(charts_flight.timeline(ledger, "lift", rows), Figure)
    groups = [name for place, name in enumerate(rows["origin_id"]) if place == 0 or name != rows["origin_id"].iloc[place - 1]]
    assert len(groups) == len(set(groups)), "the pages of an origin stand together"


def test_more_pages_of_one_text_add_pages_and_nothing_else(tmp_path: Path) -> None:
    before = flight.tally(*_counted(other_region(tmp_path / "1")))
    more = [{"event_id": "lift", "source_id": f"c-{number}", "origin_id": "blog"} for number in range(1, 20)]
    after = flight.tally(*_counted(other_region(tmp_path / "2", citations=[*more,
                                                                           {"event_id": "lift", "source_id": "c-99",
                                                                            "origin_id": "wire", "stance": "partial"}])))
    assert after["pages"] > before["pages"]
    assert {name: after[name] for name in ("origins", "named", "supporting")} == {name: before[name] for name in ("origins", "named",
                                                                                                                  "supporting")}


def _counted(ledger: Ledger) -> tuple[Ledger, str, pd.DataFrame]:
    return ledger, "lift", flight.reports(ledger, "lift")


def test_a_page_that_passes_on_two_origins_is_one_page_under_both(tmp_path: Path) -> None:
    both = [{"event_id": "lift", "source_id": "c-1", "origin_id": name} for name in ("blog", "wire")]
    ledger, event, rows = _counted(other_region(tmp_path / "data", citations=both, claims=[]))
    assert len(rows) == 2 and rows["number"].tolist() == [1, 1]
    assert flight.tally(ledger, event, rows)["pages"] == 1 and flight.tally(ledger, event, rows)["origins"] == 2


def test_who_denies_is_named_and_is_no_support(tmp_path: Path) -> None:
    said = [{"event_id": "lift", "source_id": "c-1", "origin_id": "blog"},
            {"event_id": "lift", "source_id": "c-3", "origin_id": "wire", "stance": "denies"}]
    ledger, event, rows = _counted(other_region(tmp_path / "data", citations=said, claims=[]))
    finding = flight_findings.denials(ledger, event, rows)
    assert finding.verdict == {"kind": "denied", "by": ["wire"]} and "Wire One" in finding.text
    numbers = flight.tally(ledger, event, rows)
    assert (numbers["pages"], numbers["denying"], numbers["supporting"]) == (1, 1, 0)


def test_where_nobody_denies_silence_is_not_called_confirmation(invented: Ledger) -> None:
    finding = flight_findings.denials(*_counted(invented))
    assert finding.verdict["kind"] == "nobody" and "confirms nothing" in finding.text


def test_a_page_that_tells_a_detail_without_the_act_is_listed_but_counts_for_nothing(tmp_path: Path) -> None:
    beside = [{"claim_id": "b1", "source_id": "c-1", "about": "lift", "attribute": "crash", "value": "it fell"},
              {"claim_id": "b2", "source_id": "s-went", "about": "", "attribute": "crash", "value": "another fell"},
              {"claim_id": "b3", "source_id": "s-gave", "about": "", "attribute": "weather", "value": "rain"}]
    ledger, event, rows = _counted(other_region(tmp_path / "data", claims=beside))
    assert rows.loc[~rows["speaks"], "source_id"].tolist() == ["s-went"]
    assert flight.tally(ledger, event, rows)["pages"] == 5
    told = flight.told(ledger, event, rows)
    assert set(told["attribute"]) == {"crash"} and set(told["source_id"]) == {"c-1", "s-went"}


# Claims.

def test_a_detail_has_a_named_origin_only_where_one_tells_it_of_the_act(invented: Ledger) -> None:
    ledger, event, rows = _counted(invented)
    details = flight.details(flight.told(ledger, event, rows), rows).set_index("attribute")
    assert details.loc["route", ["pages", "origins", "named", "new", "repeats"]].tolist() == [2, 1, 0, 1, 1]
    assert details.loc["purpose", ["pages", "origins", "named"]].tolist() == [1, 1, 1]
    verdict = flight_findings.sayable(ledger, event, details.reset_index()).verdict
    assert verdict == {"kind": "details", "two": [], "one": ["purpose"], "none": ["route"]}


def test_the_matrix_shows_each_claim_once_and_says_how_many_repeat(invented: Ledger) -> None:
    ledger, event, rows = _counted(invented)
    told = flight.told(ledger, event, rows)
    figure = charts_flight.claims(ledger, event, told, rows)
    assert len(figure.data) == told.groupby(["source_id", "attribute"]).ngroups
    assert figure.layout.meta["title"].startswith("1 of 3 claims") and len(figure.layout.meta["table"]["rows"]) == len(told) == 3


# What was only decided.

@pytest.mark.parametrize(("completed", "kept"), [("2022-02-01", True), ("2021-07-04", True), ("2021-07-03", False), ("2020", False),
                                                 ("", True), ("[..2023]", False)])
def test_a_process_unfinished_when_the_report_appeared_was_only_decided(tmp_path: Path, completed: str, kept: bool) -> None:
    processes = [{"process": "leave", "title": "Westmark leaves", "hosts": "QAA", "partners": "WWW", "direction": -1,
                  "completed": completed},
                 {"process": "arrive", "title": "Westmark comes", "hosts": "QAA", "partners": "WWW"}]
    ledger, event, rows = _counted(other_region(tmp_path / "data", processes=processes))
    table = flight.only_decided(ledger, event, rows)
    assert len(table) == int(kept)
    if kept:  # the page is undated: it is placed by the newest dated page of its origin, and this is said
        assert table[["appeared", "dated", "completed"]].to_numpy().tolist() == [["2021-07-03", False, completed]]
        finding = flight_findings.ahead(ledger, event, rows, table)
        assert finding.verdict["processes"] == ["Westmark leaves"] and "1 claim on undated pages" in finding.hedge


def test_a_report_without_any_day_to_go_by_is_counted_not_judged(tmp_path: Path) -> None:
    ledger, event, rows = _counted(other_region(tmp_path / "data", sources=[{"source_id": f"c-{number}",
                                                                             "published": ""} for number in range(1, 6)]))
    assert flight.only_decided(ledger, event, rows).empty and flight.undatable(ledger, event, rows) == 1


# How it stands.

def test_an_alleged_case_is_called_alleged_everywhere_and_counted_nowhere(invented: Ledger) -> None:
    ledger, event, rows = _counted(invented)
    assert flight_findings.misled(ledger, event, rows).verdict["status"] == "alleged"
    assert flight_findings.standing(ledger, event).verdict == {"kind": "set aside", "status": "alleged"}
    legs = flight.legs(ledger, event)
    finding = flight_findings.route(ledger, event, legs)
    figure = charts_route.route(ledger, event, legs, finding)
    assert finding.text.startswith("The alleged loop") and "alleged" in figure.layout.meta["note"]
    assert {trace.line.dash for trace in figure.data if trace.customdata is not None} == {"dash"}


def test_a_case_that_took_place_is_drawn_whole_and_counted(tmp_path: Path) -> None:
    events = [{"event_id": "lift", "date": "2021-05-10", "hosts": "QAA", "partners": "OOO", "type": "logistics"}]
    ledger = other_region(tmp_path / "data", events=events, processes=[], claims=[])
    legs = flight.legs(ledger, "lift")
    finding = flight_findings.route(ledger, "lift", legs)
    assert flight_findings.standing(ledger, "lift").verdict == {"kind": "counted", "status": "occurred"} and "reported loop" in finding.text
    assert {trace.line.dash for trace in charts_route.route(ledger, "lift", legs,
                                                            finding).data if trace.customdata is not None} == {"solid"}


# Any region, any ledger.

def test_everything_is_built_from_an_invented_ledger_of_another_region(invented: Ledger) -> None:
    made = everything(invented)
    assert [type(item) for item in made if isinstance(item, Nothing)] == []
    text = " ".join(map(shown, made))
    for name in [row["name"] for table in ("hosts", "actors", "places") for row in ledgers.rows(PROJECT_DATA, table)]:
        assert f" {name} " not in text and f" {name}," not in text, name
    assert "Wire One" in text and "Alpha" in text


def test_the_map_takes_the_outlines_of_the_ledger_s_own_folder(invented: Ledger) -> None:
    assert set(maps.outlines(invented)) == {"QAA"}
    legs = flight.legs(invented, "lift")
    figure = charts_route.route(invented, "lift", legs, flight_findings.route(invented, "lift", legs))
    assert "Quaalia" in [note.text for note in figure.layout.annotations] and not any(trace.type.startswith("scattergeo") for trace in figure.data)


def test_an_empty_ledger_gets_sentences_for_every_figure_and_table(nothing: Ledger) -> None:
    made = everything(nothing)
    assert {type(item) for item in made} == {Finding, Nothing}
    assert all(item.text.endswith(".") for item in made)


def test_a_ledger_without_claims_keeps_its_route_and_says_that_no_report_was_read(tmp_path: Path) -> None:
    made = everything(other_region(tmp_path / "data", claims=[]))
    assert isinstance(made[3], Figure) and isinstance(made[6], Nothing) and isinstance(made[8], Nothing)


def test_a_ledger_without_legs_keeps_its_claims_and_says_that_no_map_is_drawn(tmp_path: Path) -> None:
    made = everything(other_region(tmp_path / "data", legs=[], places=[]))
    assert isinstance(made[3], Nothing) and isinstance(made[6], Figure) and isinstance(made[4], Figure)


def test_names_from_the_data_stay_text_in_every_label(tmp_path: Path) -> None:
    evil = '<a href="https://example.org">x</a>'
    ledger = other_region(tmp_path / "data", sources=[{"source_id": f"c-{number}", "publisher": evil} for number in range(1, 6)],
                          origins=[{"origin_id": "blog", "name": evil, "named": "no"}, {"origin_id": "wire", "name": evil}],
                          places=[{"place_id": name, "name": evil, "host": "QAA", "lat": str(lat), "lon": "22"} for name,
                                  lat in (("p1", 42), ("p2", 44), ("p3", 46))],
                          claims=[{"source_id": "c-1", "about": "lift", "attribute": evil, "value": evil, "verdict": "event"}])
    for figure in (item for item in everything(ledger) if isinstance(item, Figure)):
        layout = figure.to_dict()["layout"]
        words = [layout.get("title"), layout.get("annotations"), layout.get("xaxis"), layout.get("yaxis"),
                 [trace.customdata for trace in figure.data]]
        assert "<a" not in json.dumps(words, default=list), figure.layout.meta["id"]
        assert {trace.hovertemplate for trace in figure.data} <= {None, "%{customdata}<extra></extra>"}


def test_the_order_of_rows_in_the_tables_changes_nothing(tmp_path: Path, invented: Ledger) -> None:
    folder = tmp_path / "turned"
    other_region(folder)
    for name in ("events", "sources", "citations", "claims", "legs", "places", "origins"):
        ledgers.table(folder, name, ledgers.rows(folder, name)[::-1])
    assert [shown(item) for item in everything(load(folder))] == [shown(item) for item in everything(invented)]


# The project's ledger.

def test_every_page_cited_for_the_project_s_case_is_listed_with_its_origin(project: Ledger) -> None:
    case = flight.case(project)
    rows = flight.reports(project, case)
    cited = project["citations"][project["citations"]["event_id"].eq(case)]
    assert set(cited["source_id"]) <= set(rows.loc[rows["speaks"], "source_id"])
    undated = set(project["sources"].loc[project["sources"]["published"].eq(""), "source_id"]) & set(rows["source_id"])
    table = flight_findings.report_table(rows)
    assert isinstance(table, Table) and len({row[1] for row in table.rows if row[0] == "undated"}) == len(undated)


def test_the_project_s_case_shows_that_counting_reports_misleads(project: Ledger) -> None:
    case = flight.case(project)
    numbers = flight.tally(project, case, flight.reports(project, case))
    assert numbers["pages"] > numbers["origins"] >= numbers["named"] >= numbers["supporting"]
    assert not [item for item in everything(project) if isinstance(item, Nothing)]
