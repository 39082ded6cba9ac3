"""Guards the stock and what is read from it: who stood where, who left, who stands there instead, by DESIGN §3 measures 2 to 4."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.counts import engagement_share, share_lead, span, units
from helpers.departures import (
    departure_verdict,
    departures,
    replacement_verdict,
    stock_lead,
)
from helpers.ledger import Ledger, load
from helpers.schema import PROJECT_DATA
from helpers.strengths import Stock
from tests.ledgers import empty, rows, table, write

W, R, UN = "western", "russian", "multilateral"
SIDES = (W, R)
QUIET = settings(max_examples=60, deadline=None, derandomize=True)
Figure = tuple[str, str, int] | tuple[str, str, int, dict[str, Any]]
FORCES = [
    {"force": name, "partners": partner} for name, partner in (("fr", "FRA"), ("ru", "RUS"), ("us", "USA"), ("un", "UN"), ("tr", "TUR"))
]


def q(label: str) -> int:
    """`2020 Q3` as a number."""
    return int(label[:4]) * 4 + int(label[-1]) - 1


def figure(series: str, date: str, people: int, more: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"series_id": series, "date": date, "personnel": people, **(more or {})}


def cited(figures: tuple[Figure, ...]) -> list[dict[str, Any]]:
    """Figures each with a page of its own, so that two of one day don't have one key."""
    return [{"source_id": f"f{number}", **figure(*one)} for number, one in enumerate(figures)]


def ledger(
    folder: Path, series: list[dict[str, Any]], *figures: Figure, forces: list[dict[str, Any]] | None = None, **more: Any
) -> Ledger:
    """A ledger of strengths alone; a series `fr-mli` is of the force `fr`; a figure is (series, date, people, other cells)."""
    named = [{"force": row["series_id"].split("-")[0], **row} for row in series]
    pages = [{"source_id": f"f{number}"} for number in range(len(figures))]
    known = [*(forces or ()), *(row for row in FORCES if row["force"] not in {item["force"] for item in forces or ()})]
    return load(write(folder / "ledger", [{}], pages, series=named, strengths=cited(figures), forces=known, **more))


def at(one: Ledger | Stock, place: str, bloc: str, label: str) -> tuple[float, float, float] | None:
    """(median, low, high) of a bloc at a place, None where no row of it stands."""
    found = cell(one, place, bloc, label)
    return None if found is None else (found["median"], found["low"], found["high"])


def cell(one: Ledger | Stock, place: str, bloc: str, label: str) -> dict[str, Any] | None:
    frame = (one if isinstance(one, Stock) else Stock(one)).table
    found = frame[(frame["place"] == place) & (frame["bloc"] == bloc) & (frame["quarter"] == q(label))]
    assert len(found) <= 1
    return None if found.empty else found.iloc[0].to_dict()


def same(number: float) -> tuple[float, float, float]:
    return (number, number, number)


MALI, NIGER, REGION = (
    {"series_id": "fr-mli", "host": "MLI"},
    {"series_id": "fr-ner", "host": "NER"},
    {"series_id": "fr-xsa", "host": "XSA"},
)
RUSSIANS = {"series_id": "ru-mli", "host": "MLI"}


# One series: its figures, how long they hold, its end.


def test_an_observation_is_the_median_lowest_and_highest_of_a_quarter(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI],
        ("fr-mli", "2020-01-10", 100),
        ("fr-mli", "2020-02", 200, {"low": 50, "high": 900}),
        ("fr-mli", "2020-03-31", 400),
    )
    assert at(one, "MLI", W, "2020 Q1") == (200, 50, 900)
    assert at(one, "MLI", W, "2019 Q4") is None


def test_the_median_of_two_figures_lies_between_them(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-01-10", 100), ("fr-mli", "2020-03-10", 201))
    assert at(one, "MLI", W, "2020 Q1") == (150.5, 100, 201)


def test_figures_of_later_quarters_replace_earlier_ones(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-01-10", 100), ("fr-mli", "2020-07-10", 70))
    assert [at(one, "MLI", W, f"2020 Q{number}") for number in (1, 2, 3, 4)] == [same(100), same(100), same(70), same(70)]


def test_a_zero_beats_the_figures_of_its_day_and_earlier_but_the_highest_keeps_them(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-01-10", 500), ("fr-mli", "2020-02-15", 300), ("fr-mli", "2020-02-15", 0))
    assert at(one, "MLI", W, "2020 Q1") == (0, 0, 500)
    assert at(one, "MLI", W, "2020 Q2") == same(0)
    assert departures(one, Stock(one)).set_index(["host", "bloc"]).loc[("MLI", W), "peak"] == 500


def test_a_figure_after_the_zero_of_its_quarter_counts(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-01-10", 500), ("fr-mli", "2020-02-15", 0), ("fr-mli", "2020-03-01", 20))
    assert at(one, "MLI", W, "2020 Q1") == (20, 20, 500)
    assert at(one, "MLI", W, "2020 Q2")[0] == 20


def test_a_baseline_of_an_earlier_day_leaves_the_arrival_alone(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-01-10", 0, {"kind": "start"}), ("fr-mli", "2020-01-11", 500))
    assert at(one, "MLI", W, "2020 Q1") == same(500)


@pytest.mark.parametrize(("start", "arrival"), [("2020-01-10", "2020-01-10"), ("2020-01", "2020-01-20"), ("2020-02~", "2020-02-24~")])
def test_a_baseline_never_beats_the_arrival_of_its_own_day_or_month(start: str, arrival: str, tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", start, 0, {"kind": "start"}), ("fr-mli", arrival, 500))
    assert (at(one, "MLI", W, "2020 Q1")[0], at(one, "MLI", W, "2020 Q2")[0]) == (500, 500)


def test_a_figure_holds_through_the_eighth_quarter_after_its_own_and_is_unknown_then_never_zero(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2020-02-10", 500))
    stock = Stock(one)
    assert at(stock, "MLI", W, "2022 Q1") == same(500)
    after = cell(stock, "MLI", W, "2022 Q2")
    assert (after["median"], after["unknown"], after["unknown_forces"]) == (0, 500, "fr")
    states = {
        label: stock.state(stock.series["fr-mli"], q(label)).kind for label in ("2019 Q4", "2020 Q1", "2022 Q1", "2022 Q2", "2025 Q4")
    }
    assert states == {"2019 Q4": "out", "2020 Q1": "current", "2022 Q1": "current", "2022 Q2": "unknown", "2025 Q4": "unknown"}


def test_a_zero_never_expires(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", "2014-02-10", 500), ("fr-mli", "2015-02-10", 0))
    last = cell(one, "MLI", W, "2025 Q4")
    assert (last["median"], last["unknown"]) == (0, 0)


def test_nothing_counts_after_the_end(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{**MALI, "ended": "2021-05"}],
        ("fr-mli", "2020-10-10", 500),
        ("fr-mli", "2021-04-10", 300),
        ("fr-mli", "2021-06-10", 900),
        ("fr-mli", "2022-02-10", 100),
    )
    assert [at(one, "MLI", W, label) for label in ("2021 Q1", "2021 Q2", "2021 Q3", "2022 Q1", "2025 Q4")] == [
        same(500),
        (0, 0, 300),
        same(0),
        same(0),
        same(0),
    ]


@pytest.mark.parametrize("date", ["2020", "[2020-01..2020-06]", "2020~", "[2020..2021]", "2020/2022", "2020/..", "2020-02/2021-04", "[..2020-03]"])
def test_a_figure_of_a_year_or_of_no_one_quarter_is_listed_and_in_no_quarter(date: str, tmp_path: Path) -> None:
    stock = Stock(ledger(tmp_path, [MALI, RUSSIANS], ("fr-mli", date, 500), ("ru-mli", "2019-02-01", 10)))
    assert set(stock.table["bloc"]) == {R}
    assert [item["value"] for item in stock.series["fr-mli"].in_no_quarter] == [500]


@pytest.mark.parametrize(
    "date", ["2020-02-10", "2020-02", "2020-03~", "[2020-01..2020-03]", "2020-02-10?", "[2020-01-05..2020-02]"]
)
def test_the_quarter_of_a_figure_is_that_of_its_date_as_written(date: str, tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI], ("fr-mli", date, 500))
    assert (at(one, "MLI", W, "2020 Q1"), at(one, "MLI", W, "2019 Q4")) == (same(500), None)


@pytest.mark.parametrize(
    "cells",
    [{"kind": "planned"}, {"kind": "ceiling"}, {"kind": "cumulative"}, {"basis": "alleged"}],
    ids=lambda cells: "-".join(cells.values()),
)
def test_what_was_planned_capped_summed_or_alleged_never_counts(cells: dict[str, str], tmp_path: Path) -> None:
    one = ledger(
        tmp_path, [MALI], ("fr-mli", "2020-02-10", 500), ("fr-mli", "2020-02-12", 9000, cells), ("fr-mli", "2021-02-10", 8000, cells)
    )
    assert (at(one, "MLI", W, "2020 Q1"), at(one, "MLI", W, "2021 Q1")) == (same(500), same(500))


# Renamed forces: transfer and succession.

HEIRS = [
    {"force": "old", "partners": "RUS", "succession_group": "g", "successor": "new"},
    {"force": "new", "partners": "RUS", "succession_group": "g"},
]
PLAIN_HEIRS = [{**row, "succession_group": ""} for row in HEIRS]
OLD, NEW = {"series_id": "old-mli"}, {"series_id": "new-mli"}


@pytest.mark.parametrize("forces", [HEIRS, PLAIN_HEIRS], ids=["in one succession group", "in none"])
def test_after_a_transfer_the_last_figure_stands_until_the_successor_s_first(forces: list[dict[str, Any]], tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{**OLD, "ended": "2023-06-01"}, NEW],
        ("old-mli", "2022-11-10", 1000),
        ("old-mli", "2023-06-01", 0, {"kind": "transfer"}),
        ("new-mli", "2024-02-10", 2000),
        forces=forces,
    )
    assert [at(one, "MLI", R, label) for label in ("2022 Q4", "2023 Q2", "2023 Q4", "2024 Q1", "2025 Q4")] == [
        same(1000),
        same(1000),
        same(1000),
        same(2000),
        same(2000),
    ]
    assert at(one, "XSA", R, "2023 Q4") == same(1000) and at(one, "XSA", R, "2024 Q1") == same(2000)


def test_a_transfer_to_a_force_known_only_by_its_regional_figure_is_not_counted_twice(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{**OLD, "ended": "2023-06-01"}, {"series_id": "new-xsa", "host": "XSA"}],
        ("old-mli", "2022-11-10", 1000),
        ("old-mli", "2023-06-01", 0, {"kind": "transfer"}),
        ("new-xsa", "2024-02-10", 2000),
        forces=PLAIN_HEIRS,
    )
    assert [at(one, "XSA", R, label)[0] for label in ("2023 Q4", "2024 Q1")] == [1000, 2000]
    assert verdict(one, "MLI", R)["kind"] != "left"


def test_an_end_without_a_transfer_is_a_zero_even_where_a_successor_is_named(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{**OLD, "ended": "2023-06-01"}, NEW],
        ("old-mli", "2022-11-10", 1000),
        ("new-mli", "2024-02-10", 2000),
        forces=PLAIN_HEIRS,
    )
    assert [at(one, "MLI", R, label)[0] for label in ("2023 Q1", "2023 Q2", "2023 Q4", "2024 Q1")] == [1000, 0, 0, 2000]


def test_a_successor_s_figure_before_the_transfer_does_not_take_over(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [OLD, NEW],
        ("old-mli", "2022-11-10", 1000),
        ("new-mli", "2022-12-10", 100),
        ("old-mli", "2023-06-01", 0, {"kind": "transfer"}),
        ("new-mli", "2024-02-10", 2000),
        forces=PLAIN_HEIRS,
    )
    assert [at(one, "MLI", R, label)[0] for label in ("2022 Q4", "2023 Q3", "2024 Q1")] == [1100, 1100, 2000]


def test_a_transfer_is_no_zero_and_no_departure(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{**OLD, "ended": "2024-06-01"}, NEW],
        ("old-mli", "2024-02-10", 1000),
        ("old-mli", "2024-06-01", 0, {"kind": "transfer"}),
        forces=HEIRS,
    )
    assert verdict(one, "MLI", R)["kind"] == "present"


def test_within_a_succession_group_only_the_newest_observation_of_a_place_counts(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [OLD, NEW, {"series_id": "old-ner", "host": "NER"}],
        ("old-mli", "2020-02-10", 1000),
        ("old-ner", "2020-02-10", 70),
        ("new-mli", "2020-08-10", 300),
        forces=HEIRS,
    )
    assert [at(one, "MLI", R, label)[0] for label in ("2020 Q1", "2020 Q2", "2020 Q3", "2021 Q4")] == [1000, 1000, 300, 300]
    assert at(one, "NER", R, "2020 Q4") == same(70)
    assert at(one, "XSA", R, "2020 Q4") == same(370)


def test_forces_of_no_succession_group_are_added(tmp_path: Path) -> None:
    one = ledger(tmp_path, [OLD, NEW], ("old-mli", "2020-02-10", 1000), ("new-mli", "2020-08-10", 300), forces=PLAIN_HEIRS)
    assert at(one, "MLI", R, "2020 Q4") == same(1300)


def test_within_a_succession_group_the_newest_regional_observation_counts(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{"series_id": "old-xsa", "host": "XSA"}, {"series_id": "new-xsa", "host": "XSA"}],
        ("old-xsa", "2020-02-10", 3000),
        ("new-xsa", "2020-08-10", 4500),
        forces=HEIRS,
    )
    assert [at(one, "XSA", R, label) for label in ("2020 Q2", "2020 Q3")] == [same(3000), same(4500)]


# Parts and wholes.


def test_a_part_of_a_current_parent_is_not_added(tmp_path: Path) -> None:
    one = ledger(
        tmp_path, [MALI, {"series_id": "us-mli", "part_of": "fr-mli"}], ("fr-mli", "2020-02-10", 1000), ("us-mli", "2020-03-10", 200)
    )
    assert (at(one, "MLI", W, "2020 Q1"), at(one, "XSA", W, "2020 Q1")) == (same(1000), same(1000))


def test_a_part_of_a_part_is_not_added_either(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI, {"series_id": "us-mli", "part_of": "fr-mli"}, {"series_id": "de-mli", "part_of": "us-mli"}],
        ("fr-mli", "2020-02-10", 1000),
        ("de-mli", "2020-03-10", 200),
        forces=[{"force": "de", "partners": "DEU"}],
    )
    assert at(one, "MLI", W, "2020 Q1") == same(1000)


def test_a_part_counts_where_its_parent_is_not_yet_or_no_more_current(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI, {"series_id": "us-mli", "part_of": "fr-mli"}],
        ("us-mli", "2019-02-10", 150),
        ("fr-mli", "2020-02-10", 1000),
        ("us-mli", "2022-02-10", 200),
    )
    assert [at(one, "MLI", W, label) for label in ("2019 Q4", "2020 Q1", "2022 Q1", "2022 Q2")] == [
        same(150),
        same(1000),
        same(1000),
        same(200),
    ]
    after = cell(one, "MLI", W, "2022 Q2")
    assert (after["unknown"], after["unknown_forces"]) == (1000, "fr")


def test_a_part_of_another_bloc_is_left_to_its_parent(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{"series_id": "un-mli"}, {"series_id": "fr-mli", "part_of": "un-mli"}],
        ("un-mli", "2020-02-10", 10000),
        ("fr-mli", "2020-02-10", 900),
    )
    for place in ("MLI", "XSA"):
        assert (at(one, place, UN, "2020 Q1"), at(one, place, W, "2020 Q1")) == (same(10000), None)


def test_a_part_of_another_bloc_waits_while_its_parent_s_figure_is_only_old(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [{"series_id": "un-mli"}, {"series_id": "fr-mli", "part_of": "un-mli"}],
        ("un-mli", "2020-02-10", 10000),
        ("fr-mli", "2021-08-10", 900),
    )
    assert cell(one, "MLI", UN, "2022 Q3")["unknown"] == 10000
    assert at(one, "MLI", W, "2022 Q3") is None


def test_a_part_ends_with_its_parent_unless_it_is_reported_later(tmp_path: Path) -> None:
    series = [{**MALI, "ended": "2020-11-10"}, {"series_id": "us-mli", "part_of": "fr-mli"}]
    gone = ledger(tmp_path / "gone", series, ("fr-mli", "2020-02-10", 1000), ("us-mli", "2020-05-10", 200))
    stays = ledger(tmp_path / "stays", series, ("fr-mli", "2020-02-10", 1000), ("us-mli", "2021-02-10", 200))
    assert [at(gone, "MLI", W, label)[0] for label in ("2020 Q3", "2020 Q4", "2021 Q2")] == [1000, 0, 0]
    assert [at(stays, "MLI", W, label)[0] for label in ("2020 Q3", "2020 Q4", "2021 Q2")] == [1000, 0, 200]


# Region and hosts.


def test_the_regional_total_takes_the_regional_series_where_it_is_current_and_host_series_elsewhere_never_both(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [REGION, MALI, NIGER, {"series_id": "us-ner", "host": "NER"}],
        ("fr-mli", "2019-02-10", 2000),
        ("fr-xsa", "2019-05-10", 5100),
        ("fr-mli", "2021-05-10", 2400),
        ("fr-ner", "2021-05-10", 600),
        ("us-ner", "2021-05-10", 1000),
    )
    assert [at(one, "XSA", W, label)[0] for label in ("2019 Q1", "2019 Q2", "2021 Q1", "2021 Q2", "2021 Q3")] == [
        2000,
        5100,
        5100,
        6100,
        4000,
    ]
    assert [at(one, "MLI", W, label)[0] for label in ("2019 Q1", "2019 Q2", "2021 Q2", "2021 Q3")] == [2000, 2000, 2400, 2400]
    assert at(one, "NER", W, "2021 Q2") == same(1600)


def test_hosts_that_are_a_part_of_the_regional_series_count_in_their_own_panel(tmp_path: Path) -> None:
    one = ledger(
        tmp_path, [REGION, {"series_id": "us-mli", "part_of": "fr-xsa"}], ("fr-xsa", "2020-02-10", 5100), ("us-mli", "2020-02-10", 300)
    )
    assert (at(one, "XSA", W, "2020 Q1"), at(one, "MLI", W, "2020 Q1")) == (same(5100), same(300))


def test_forces_on_the_coast_are_not_in_the_region(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI, {"series_id": "us-sen", "host": "SEN"}], ("fr-mli", "2020-02-10", 50), ("us-sen", "2020-02-10", 300))
    assert at(one, "XSA", W, "2020 Q1") == same(50)
    assert set(Stock(one).table["place"]) == {"MLI", "XSA"}


def test_a_host_with_only_the_regional_figure_current_is_hatched_and_not_left(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [REGION, {**NIGER, "started": "2020-06", "ended": "2024-03"}, MALI],
        ("fr-mli", "2019-02-10", 2000),
        ("fr-xsa", "2019-05-10", 5100),
        ("fr-xsa", "2021-05-10", 5000),
        ("fr-xsa", "2023-05-10", 4000),
    )
    hatched = {label: cell(one, "NER", W, label) for label in ("2020 Q1", "2020 Q2", "2020 Q3", "2023 Q4", "2024 Q2")}
    assert {label: found and found["region_only"] for label, found in hatched.items()} == {
        "2020 Q1": None,
        "2020 Q2": "fr",
        "2020 Q3": "fr",
        "2023 Q4": "fr",
        "2024 Q2": "",
    }
    assert [cell(one, "MLI", W, label)["region_only"] for label in ("2019 Q2", "2021 Q1", "2021 Q2", "2023 Q1")] == ["", "", "fr", "fr"]
    assert at(one, "XSA", W, "2023 Q4") == same(4000)


def test_a_force_known_only_by_its_regional_figure_keeps_a_host_from_being_left(tmp_path: Path) -> None:
    one = ledger(tmp_path, [REGION, MALI], ("fr-mli", "2019-02-10", 2000), ("fr-xsa", "2024-05-10", 900))
    found = verdict(one, "MLI", W)
    assert (found["kind"], found["region_only"], found["since"]) == ("present", "fr", None)


# Departure, replacement, and the verdicts.


def verdict(one: Ledger, host: str, bloc: str) -> dict[str, Any]:
    frame = departures(one, Stock(one))
    found = frame[(frame["host"] == host) & (frame["bloc"] == bloc)]
    assert len(found) == 1
    return {key: None if value is None or isinstance(value, float) and np.isnan(value) else value for key, value in found.iloc[0].items()}


@pytest.mark.parametrize(("people", "kind", "since"), [(500, "left", "2024 Q2"), (501, "present", None), (0, "left", "2024 Q2")])
def test_a_bloc_has_left_where_its_stock_stays_at_or_under_a_tenth_of_its_peak(
    people: int, kind: str, since: str | None, tmp_path: Path
) -> None:
    found = verdict(ledger(tmp_path, [MALI], ("fr-mli", "2022-08-10", 5000), ("fr-mli", "2024-05-10", people)), "MLI", W)
    assert (found["kind"], found["since"], found["peak"], found["now"]) == (kind, q(since) if since else None, 5000, people)
    assert found["peak_quarter"] == q("2022 Q3")


def test_the_peak_is_the_largest_quarterly_sum_of_the_highest_figures(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI, {"series_id": "us-mli"}],
        ("fr-mli", "2023-02-10", 1000, {"high": 1500}),
        ("us-mli", "2023-05-10", 300),
        ("fr-mli", "2024-02-10", 800),
        ("fr-mli", "2025-02-10", 0),
        ("us-mli", "2025-05-10", 180),
    )
    found = verdict(one, "MLI", W)
    assert (found["peak"], found["peak_quarter"], found["kind"], found["since"]) == (1800, q("2023 Q2"), "left", q("2025 Q2"))


def test_the_departure_begins_where_the_stock_fell_for_good(tmp_path: Path) -> None:
    back = ledger(
        tmp_path / "a",
        [MALI],
        ("fr-mli", "2020-02-10", 5000),
        ("fr-mli", "2021-02-10", 0),
        ("fr-mli", "2022-02-10", 1000),
        ("fr-mli", "2023-02-10", 0),
    )
    stays = ledger(tmp_path / "b", [MALI], ("fr-mli", "2022-02-10", 5000), ("fr-mli", "2023-02-10", 0), ("fr-mli", "2025-02-10", 1000))
    assert (verdict(back, "MLI", W)["kind"], verdict(back, "MLI", W)["since"]) == ("left", q("2023 Q1"))
    assert verdict(stays, "MLI", W)["kind"] == "present"


def test_the_figures_of_the_quarter_of_the_zero_make_the_peak(tmp_path: Path) -> None:
    found = verdict(ledger(tmp_path, [MALI], ("fr-mli", "2024-01-10", 600), ("fr-mli", "2024-03-20", 0)), "MLI", W)
    assert (found["kind"], found["peak"], found["since"]) == ("left", 600, q("2024 Q1"))


def test_a_departure_never_begins_before_the_peak(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI],
        ("fr-mli", "2022-01-10", 900),
        ("fr-mli", "2022-05-10", 0),
        ("fr-mli", "2023-01-10", 1000),
        ("fr-mli", "2023-03-20", 0),
    )
    assert (verdict(one, "MLI", W)["since"], verdict(one, "MLI", W)["peak_quarter"]) == (q("2023 Q1"), q("2023 Q1"))


@pytest.mark.parametrize(("peak", "kind"), [(49, "too few"), (50, "left"), (1, "too few")])
def test_a_peak_under_fifty_is_too_few(peak: int, kind: str, tmp_path: Path) -> None:
    assert verdict(ledger(tmp_path, [MALI], ("fr-mli", "2022-08-10", peak), ("fr-mli", "2024-05-10", 0)), "MLI", W)["kind"] == kind


def test_expiry_and_silence_are_never_a_departure(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI, RUSSIANS], ("fr-mli", "2014-02-10", 5000), ("ru-mli", "2024-02-10", 900))
    assert verdict(one, "MLI", W)["kind"] == "unknown"
    assert departure_verdict(one, departures(one, Stock(one)))["kind"] == "nobody"


def test_a_force_of_unknown_strength_keeps_its_bloc_from_having_left(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        [MALI, {"series_id": "us-mli"}],
        ("fr-mli", "2020-02-10", 1000),
        ("us-mli", "2020-02-10", 400),
        ("fr-mli", "2024-02-10", 0),
    )
    assert verdict(one, "MLI", W)["kind"] == "unknown"


def test_a_bloc_never_reported_in_a_host_is_none(tmp_path: Path) -> None:
    found = verdict(ledger(tmp_path, [MALI], ("fr-mli", "2024-02-10", 1000)), "MLI", R)
    assert (found["kind"], found["peak"], found["now"]) == ("none", 0, 0)


GONE: list[Figure] = [
    ("fr-mli", "2022-08-10", 5000),
    ("fr-mli", "2022-11-10", 0),
    ("fr-ner", "2022-08-10", 1000),
    ("fr-ner", "2023-12-22", 0),
]


def read(one: Ledger) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    stock = Stock(one)
    frame = departures(one, stock)
    return departure_verdict(one, frame), replacement_verdict(one, frame), stock_lead(one, stock)


def test_the_bloc_that_left_more_hosts_is_named_with_where_since_when_and_who_stands_there(tmp_path: Path) -> None:
    left, replaced, lead = read(ledger(tmp_path, [MALI, NIGER, RUSSIANS], *GONE, ("ru-mli", "2024-02-10", 1500)))
    assert left == {"kind": "left", "bloc": W, "hosts": {W: {"MLI": "2022 Q4", "NER": "2023 Q4"}, R: {}}}
    assert replaced == {"kind": "left", "replaced": {W: {"by": R, "left": ["MLI", "NER"], "stands": ["MLI"], "at_most": 0.3}}}
    assert lead == {"kind": "change", "leader": R, "from": W, "since": "2024 Q1", "until": "2025 Q4"}


def test_replacement_is_the_other_side_s_stock_at_the_cutoff_not_the_largest_it_had(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI, RUSSIANS], *GONE[:2], ("ru-mli", "2023-02-10", 4000), ("ru-mli", "2025-02-10", 1000))
    assert verdict(one, "MLI", W)["replacement"] == pytest.approx(0.2)
    assert verdict(one, "MLI", R)["replacement"] is None


def test_a_replacement_known_only_by_the_region_stands_without_a_share(tmp_path: Path) -> None:
    one = ledger(tmp_path, [MALI, RUSSIANS, {"series_id": "ru-xsa", "host": "XSA"}], *GONE[:2], ("ru-xsa", "2024-02-10", 2000))
    assert read(one)[1]["replaced"][W] == {"by": R, "left": ["MLI"], "stands": ["MLI"], "at_most": None}
    assert verdict(one, "MLI", W)["replacement"] is None


def test_at_a_tie_both_sides_are_said(tmp_path: Path) -> None:
    one = ledger(
        tmp_path, [MALI, {"series_id": "ru-ner", "host": "NER"}], *GONE[:2], ("ru-ner", "2023-02-10", 100), ("ru-ner", "2024-02-10", 0)
    )
    left, replaced, _ = read(one)
    assert left == {"kind": "tie", "hosts": {W: {"MLI": "2022 Q4"}, R: {"NER": "2024 Q1"}}}
    assert {side: (item["left"], item["stands"]) for side, item in replaced["replaced"].items()} == {W: (["MLI"], []), R: (["NER"], [])}


def test_where_nobody_left_nobody_is_said(tmp_path: Path) -> None:
    left, replaced, lead = read(ledger(tmp_path, [MALI], ("fr-mli", "2025-02-10", 1000)))
    assert (left, replaced) == ({"kind": "nobody", "hosts": {W: {}, R: {}}}, {"kind": "nobody", "replaced": {}})
    assert lead == {"kind": "same", "leader": W, "since": "2025 Q1", "until": "2025 Q4"}


@pytest.mark.parametrize(
    "figures",
    [(), (("fr-mli", "2020", 900),), (("tr-mli", "2020-02-10", 900),)],
    ids=["no figure", "a year's figure", "other blocs' figures"],
)
def test_without_a_figure_of_the_sides_nobody_left_and_nobody_leads(figures: tuple[Figure, ...], tmp_path: Path) -> None:
    left, replaced, lead = read(ledger(tmp_path, [MALI, {"series_id": "tr-mli"}], *figures))
    assert (left["kind"], replaced["kind"], lead["kind"]) == ("nobody", "nobody", "nobody")


def test_an_empty_ledger_has_no_stock(tmp_path: Path) -> None:
    one = load(empty(tmp_path / "new"))
    assert len(Stock(one).table) == 0
    assert [item["kind"] for item in read(one)] == ["nobody", "nobody", "nobody"]


def swap(value: Any) -> Any:
    """A verdict with the two sides' codes exchanged."""
    if isinstance(value, dict):
        return {swap(key): swap(item) for key, item in value.items()}
    return {W: R, R: W}.get(value, value) if isinstance(value, str) else value


def swap_actors(folder: Path) -> Ledger:
    table(folder, "actors", [{**row, "bloc": swap(row["bloc"])} for row in rows(folder, "actors")])
    return load(folder)


ACTORS = [
    {"actor": "FRA", "bloc": W},
    {"actor": "USA", "bloc": W},
    {"actor": "RUS", "bloc": R},
    {"actor": "UN", "bloc": UN},
    {"actor": "TUR", "bloc": "other"},
]
PLACES = [f"{force}-{host}" for force in ("fr", "us", "ru", "un") for host in ("mli", "ner", "xsa")]
dates = st.builds("{}-{:02d}-{:02d}".format, st.integers(2014, 2025), st.integers(1, 12), st.integers(1, 28))
figures = st.lists(st.tuples(st.sampled_from(PLACES), dates, st.sampled_from([0, 0, 30, 100, 700, 1000, 5000])), max_size=25)
parents = st.fixed_dictionaries(
    {
        "us-mli": st.sampled_from(["", "fr-mli", "fr-xsa"]),
        "fr-mli": st.sampled_from(["", "fr-xsa", "un-mli"]),
        "ru-ner": st.sampled_from(["", "un-ner"]),
    }
)
ends = st.dictionaries(st.sampled_from(PLACES), dates, max_size=3)


def random_ledger(folder: Path, reported: list[Figure], parts: dict[str, str], ended: dict[str, str], grouped: bool) -> Ledger:
    series = [
        {"series_id": name, "host": name[3:].upper(), "part_of": parts.get(name, ""), "ended": ended.get(name, "")} for name in PLACES
    ]
    forces = [{**row, "succession_group": "g" if grouped and row["force"] in ("fr", "us") else ""} for row in FORCES]
    return ledger(
        folder,
        series,
        *[(name, day, people, {"high": people + people // 2}) for name, day, people in reported],
        forces=forces,
        actors=ACTORS,
    )


def never_more_than_its_parts(stock: Stock) -> None:
    """The region's stock is at most the current regional figures and the current host figures of all other forces."""
    frame = stock.table
    for row in frame[frame["place"] == stock.region].itertuples():
        now = [(one, stock.state(one, row.quarter)) for one in stock.series.values() if stock.blocs[one.force] == row.bloc]
        current = [
            (one, state.observation.median) for one, state in now if state.kind == "current" and one.host in (stock.region, *stock.hosts)
        ]
        whole = {one.force for one, _ in current if one.host == stock.region}
        most = sum(people for one, people in current if one.host == stock.region or one.force not in whole)
        assert row.median <= most + 1e-9, (row, most)
    assert (frame["low"] <= frame["median"]).all() and (frame["median"] <= frame["high"]).all()
    assert (frame["low"] >= 0).all() and (frame["unknown"] >= 0).all()
    assert not frame.duplicated(["place", "bloc", "quarter"]).any()


@QUIET
@given(figures, parents, ends, st.booleans())
def test_the_region_never_holds_more_than_its_figures_and_low_median_and_high_are_in_order(
    reported: list[Figure], parts: dict[str, str], ended: dict[str, str], grouped: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        never_more_than_its_parts(Stock(random_ledger(Path(folder), reported, parts, ended, grouped)))


@settings(QUIET, max_examples=40)
@given(figures, parents, ends, st.booleans())
def test_swapping_the_blocs_swaps_the_codes_in_the_verdicts_and_nothing_else(
    reported: list[Figure], parts: dict[str, str], ended: dict[str, str], grouped: bool
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        plain = read(random_ledger(Path(folder), reported, parts, ended, grouped))
        assert read(swap_actors(Path(folder) / "ledger")) == tuple(map(swap, plain))


def test_the_project_s_region_never_holds_more_than_its_figures(project: Ledger) -> None:
    stock = Stock(project)
    assert len(stock.table)
    never_more_than_its_parts(stock)


def test_the_project_s_parts_are_never_counted_beside_their_current_parent(project: Ledger) -> None:
    stock = Stock(project)
    for place in (stock.region, *stock.hosts):
        for quarter in stock.quarters[::4]:
            counted = stock.members(place, quarter)
            current = {name for name, state in counted.items() if state.kind == "current"}
            assert not [name for name in current if stock.series[name].part_of in current]


def test_the_project_s_departures_hold_together(project: Ledger) -> None:
    stock = Stock(project)
    frame = departures(project, stock)
    assert len(frame) == len(stock.hosts) * len(SIDES)
    left = frame[frame["kind"] == "left"]
    assert (left["now"] <= project.parameters["stock"]["departure_share"] * left["peak"]).all()
    assert (left["since"] >= left["peak_quarter"]).all() and (left["peak"] >= project.parameters["stock"]["minimum_peak"]).all()
    assert frame.loc[frame["kind"] != "left", "replacement"].isna().all()


def test_swapping_the_blocs_of_the_project_swaps_its_verdicts(project: Ledger, tmp_path: Path) -> None:
    other = swap_actors(Path(shutil.copytree(PROJECT_DATA, tmp_path / "data")))
    assert read(other) == tuple(map(swap, read(project)))
    lead = [share_lead(one, engagement_share(one, units(one), span(one))) for one in (project, other)]
    assert lead[1] == swap(lead[0])
