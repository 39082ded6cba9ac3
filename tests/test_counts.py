"""Guards the counting: what a unit is, in which quarter it lies, the share of engagement, and when the lead changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import counts
from helpers.counts import (
    by_host,
    default_selection,
    engagement_share,
    last_change,
    leaders,
    mixed_bloc_acts,
    per_quarter,
    share_lead,
    span,
    units,
)
from helpers.dates import quarter_of
from helpers.ledger import Ledger, load
from tests.ledgers import empty, many, write

SIDES = ["western", "russian"]
QUIET = settings(max_examples=100, deadline=None, derandomize=True)
Unit = tuple[str, str, int]


def ledger(folder: Path, *events: dict[str, Any], **tables: Any) -> Ledger:
    return load(write(folder / "ledger", events, **tables))


def found(one: Ledger, **choices: Any) -> set[Unit]:
    """The units as (event, bloc, direction)."""
    rows = units(one, replace(default_selection(one), **choices))
    assert not rows.duplicated(["event_id", "bloc"]).any()
    return set(zip(rows["event_id"], rows["bloc"], rows["direction"]))


def quarters(year: int, quarter: int, count: int) -> range:
    start = year * 4 + quarter - 1
    return range(start, start + count)


def test_an_act_of_two_partners_of_one_bloc_is_one_unit(tmp_path: Path) -> None:
    assert found(ledger(tmp_path, {"event_id": "a", "partners": "FRA;DEU"})) == {("a", "western", 1)}


def test_an_act_of_several_blocs_is_one_unit_for_each(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"event_id": "a", "partners": "FRA;RUS;DEU;UN;BLR"}, {"event_id": "b"})
    assert found(one) == {("a", "western", 1), ("a", "russian", 1), ("a", "multilateral", 1), ("a", "other", 1), ("b", "russian", 1)}
    assert mixed_bloc_acts(units(one)) == ["a"]


def test_an_act_in_several_hosts_counts_in_each_and_once_in_the_region(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"event_id": "a", "hosts": "MLI;NER;SEN"}, {"event_id": "b", "hosts": "NER"})
    rows = units(one)
    assert rows["hosts"].tolist() == [("MLI", "NER"), ("NER",)]
    assert sorted(zip(by_host(rows)["event_id"], by_host(rows)["host"])) == [("a", "MLI"), ("a", "NER"), ("b", "NER")]
    assert per_quarter(rows, span(one)).to_numpy().sum() == pytest.approx(2)


@pytest.mark.parametrize(
    "event",
    [
        {"status": "announced"},
        {"status": "alleged"},
        {"status": "anticipated"},
        {"status": "retracted"},
        {"hosts": "SEN"},
        {"hosts": "CIV;BEN"},
        {"type": "agreement"},
        {"type": "visit"},
        {"type": "agreement_ended"},
        {"type": "coup"},
        {"type": "statement"},
        {"type": "joint_operation"},
        {"type": "rotation"},
        {"type": "transition"},
        {"type": "sanction"},
        {"type": "diplomatic_upgrade"},
    ],
    ids=lambda event: "-".join(event.values()),
)
def test_what_is_not_a_material_military_act_that_occurred_in_the_region_is_left_out(event: dict[str, str], tmp_path: Path) -> None:
    assert found(ledger(tmp_path, {"event_id": "a", **event}, {"event_id": "b"})) == {("b", "russian", 1)}


@pytest.mark.parametrize(
    ("kind", "direction"),
    [
        ("deployment", 1),
        ("base_opening", 1),
        ("training", 1),
        ("arms_delivery", 1),
        ("aid", 1),
        ("logistics", 1),
        ("withdrawal", -1),
        ("base_handover", -1),
        ("expulsion", -1),
        ("reduction", -1),
        ("aid_suspended", -1),
    ],
)
def test_every_material_military_type_counts_in_its_direction(kind: str, direction: int, tmp_path: Path) -> None:
    assert found(ledger(tmp_path, {"event_id": "a", "type": kind})) == {("a", "russian", direction)}


def test_what_is_ongoing_counts_at_its_start(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"event_id": "a", "status": "ongoing", "date": "2020-05-05/.."})
    counted = per_quarter(units(one), span(one))
    assert counted.loc[("russian", 1)].to_dict()[2020 * 4 + 1] == 1


def test_talk_is_counted_by_its_own_selection(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        {"event_id": "a", "type": "agreement"},
        {"event_id": "b", "type": "agreement_ended", "partners": "FRA"},
        {"event_id": "c"},
    )
    rows = units(one, counts.talk_selection(one))
    assert set(zip(rows["event_id"], rows["direction"])) == {("a", 1), ("b", -1)}


def test_a_choice_of_hosts_statuses_and_families_is_followed(tmp_path: Path) -> None:
    one = ledger(
        tmp_path, {"event_id": "a", "hosts": "SEN;MLI"}, {"event_id": "b", "status": "announced"}, {"event_id": "c", "type": "sanction"}
    )
    assert found(one, hosts=("SEN",)) == {("a", "russian", 1)}
    assert found(one, statuses=("announced",)) == {("b", "russian", 1)}
    assert found(one, families=("sanctions",)) == {("c", "russian", -1)}


EXIT = [
    {"event_id": "says", "type": "agreement_ended", "partners": "FRA", "date": "2022-01-10", "process": "exit", "initiator": "host"},
    {"event_id": "first", "type": "reduction", "partners": "FRA", "date": "2022-02-10", "process": "exit", "initiator": "host"},
    {"event_id": "base", "type": "base_handover", "partners": "FRA", "date": "2022-05-10", "process": "exit"},
    {"event_id": "last", "type": "withdrawal", "partners": "FRA", "date": "2022-08-15", "process": "exit", "initiator": "both"},
]


def exit_process(**cells: Any) -> dict[str, Any]:
    return {"process": "exit", "partners": "FRA", "direction": -1, **cells}


def test_a_process_counts_once_at_the_act_it_names(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, processes=[exit_process(counts_at="last")])
    row = units(one).iloc[0]
    assert found(one) == {("last", "western", -1)}
    assert (row["process"], row["initiator"], row["type"]) == ("exit", "both", "withdrawal")
    assert per_quarter(units(one), span(one)).loc[("western", -1)].to_dict()[2022 * 4 + 2] == 1


def test_a_process_that_names_none_counts_at_its_first_material_act_of_its_direction(tmp_path: Path) -> None:
    one = ledger(
        tmp_path,
        {"event_id": "hello", "partners": "FRA", "date": "2021-01-01", "process": "exit"},
        *reversed(EXIT),
        processes=[exit_process()],
    )
    assert found(one) == {("first", "western", -1), ("hello", "western", 1)}
    assert found(one, verbal=True) == {("first", "western", -1), ("hello", "western", 1)}


def test_a_process_counts_at_a_verbal_act_only_where_talk_is_asked_for(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, processes=[exit_process(counts_at="says")])
    assert found(one) == {("first", "western", -1)}
    assert found(one, verbal=True) == {("says", "western", -1)}


def test_a_process_is_one_unit_for_each_bloc_of_its_partners(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, processes=[exit_process(counts_at="last", partners="FRA;DEU;UN")])
    assert found(one) == {("last", "western", -1), ("last", "multilateral", -1)}
    assert mixed_bloc_acts(units(one)) == ["last"]


def test_a_process_counts_in_all_its_hosts(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, processes=[exit_process(hosts="MLI;NER;SEN", counts_at="last")])
    assert units(one)["hosts"].tolist() == [("MLI", "NER")]


def test_acts_of_a_process_count_one_by_one_where_asked(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, processes=[exit_process(counts_at="last")])
    assert found(one, once=False) == {("first", "western", -1), ("base", "western", -1), ("last", "western", -1)}


def test_acts_against_the_direction_of_their_process_count_by_themselves(tmp_path: Path) -> None:
    back = {"event_id": "back", "partners": "RUS", "date": "2022-06", "process": "exit"}
    one = ledger(tmp_path, *EXIT, back, processes=[exit_process(counts_at="last")])
    assert found(one) == {("last", "western", -1), ("back", "russian", 1)}
    assert units(one).set_index("event_id")["process"].to_dict() == {"last": "exit", "back": ""}


def test_a_process_without_an_act_that_occurred_counts_nothing(tmp_path: Path) -> None:
    acts = [{**act, "status": "announced"} for act in EXIT]
    assert found(ledger(tmp_path, *acts, {"event_id": "x"}, processes=[exit_process()])) == {("x", "russian", 1)}


def test_a_dated_act_counts_for_a_process_before_an_undated_one(tmp_path: Path) -> None:
    acts = [{**EXIT[1], "date": "[..2022-02]"}, EXIT[2]]
    assert found(ledger(tmp_path, *acts, processes=[exit_process()])) == {("base", "western", -1)}


def test_an_undated_act_is_counted_but_in_no_quarter(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"event_id": "a", "date": "[..2020-03]"}, {"event_id": "b", "date": "2020-02"})
    rows = units(one)
    assert set(rows["event_id"]) == {"a", "b"}
    assert np.isnan(rows.set_index("event_id")["first"]["a"])
    assert per_quarter(rows, span(one)).to_numpy().sum() == pytest.approx(1)


def test_an_act_of_unsure_date_is_shared_among_its_quarters(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"event_id": "a", "date": "2021"}, {"event_id": "b", "date": "[2021-03-31..2021-04-03]"})
    counted = per_quarter(units(one), quarters(2021, 1, 4)).loc[("russian", 1)]
    assert counted.tolist() == pytest.approx([90 / 365 + 0.25, 91 / 365 + 0.75, 92 / 365, 92 / 365])


def cross_foot(one: Ledger) -> None:
    """Units in quarters and undated units are all units; sums over blocs are the acts and the extra of mixed ones."""
    rows, undated = units(one), units(one)["first"].isna().sum()
    assert per_quarter(rows, span(one)).to_numpy().sum() + undated == pytest.approx(len(rows))
    each = by_host(rows)
    assert per_quarter(each, span(one), ["host"]).to_numpy().sum() + each["first"].isna().sum() == pytest.approx(len(each))
    mixed = rows[rows["event_id"].isin(mixed_bloc_acts(rows))]
    assert len(rows) == rows["event_id"].nunique() + len(mixed) - mixed["event_id"].nunique()
    left = counts.disengagement_by_initiator(one, rows)
    assert left.to_numpy().sum() == (rows["direction"] < 0).sum()


def test_a_made_ledger_cross_foots(tmp_path: Path) -> None:
    events = [
        *EXIT,
        *many(7, partners="FRA;RUS", date="2019"),
        *many(3, partners="RUS;BLR", hosts="MLI;TCD", date="2020-11~"),
        *many(2, partners="USA", date="[..2021-04]"),
        *many(2, partners="USA", date="2024-03", type="withdrawal", initiator="host"),
    ]
    one = ledger(tmp_path, *events, processes=[exit_process(counts_at="last", partners="FRA;UN")])
    cross_foot(one)
    assert len(units(one)) == 2 + 14 + 6 + 2 + 2
    assert len(mixed_bloc_acts(units(one))) == 1 + 7 + 3


def test_the_project_s_ledger_cross_foots(project: Ledger) -> None:
    cross_foot(project)


def test_the_project_s_processes_count_at_most_once_per_bloc(project: Ledger) -> None:
    rows = units(project)
    folded = rows[rows["process"].ne("")]
    assert not folded.duplicated(["process", "bloc"]).any()
    assert folded.groupby("process")["event_id"].nunique().max() == 1


def nothing_counts(one: Ledger) -> None:
    rows = units(one)
    table = engagement_share(one, rows, span(one))
    assert (len(rows), len(span(one)), len(table)) == (0, 0, 0)
    assert share_lead(one, table) == {"kind": "too few"}
    assert mixed_bloc_acts(rows) == []
    assert len(by_host(rows)) == 0
    assert counts.disengagement_by_initiator(one, rows).to_numpy().sum() == 0
    assert len(counts.partner_years(one, default_selection(one))) == 0


def test_an_empty_ledger_has_no_units_no_quarters_and_too_few_to_lead(tmp_path: Path) -> None:
    nothing_counts(load(empty(tmp_path / "new")))


@pytest.mark.parametrize(
    "event", [{"type": "coup"}, {"status": "announced"}, {"hosts": "SEN"}], ids=["a coup", "announced", "on the coast"]
)
def test_a_ledger_of_acts_that_do_not_count_has_no_units(event: dict[str, str], tmp_path: Path) -> None:
    nothing_counts(ledger(tmp_path, event))


def test_a_ledger_of_undated_acts_has_units_but_no_quarters(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"date": "[..2020]"}, {"date": "[..2021]", "partners": "FRA"})
    assert (len(units(one)), len(span(one)), len(engagement_share(one, units(one), span(one)))) == (2, 0, 0)


def test_a_ledger_of_disengagement_alone_has_no_share(tmp_path: Path) -> None:
    one = ledger(tmp_path, *many(9, type="withdrawal", partners="FRA", date="2020-02-10"))
    table = engagement_share(one, units(one), span(one))
    assert len(table) == 24 and table["share"].isna().all()
    assert share_lead(one, table) == {"kind": "too few"}


def sided(western: dict[str, int], russian: dict[str, int]) -> list[dict[str, Any]]:
    """So many acts of each side on a day."""
    each = [*(("FRA", day, count) for day, count in western.items()), *(("RUS", day, count) for day, count in russian.items())]
    return [act for partner, day, count in each for act in many(count, partners=partner, date=day)]


def shares(one: Ledger) -> dict[str, Any]:
    table = engagement_share(one, units(one), span(one))
    return dict(zip(table["label"], table["share"]))


STEADY = {f"{year}-{month}-10": 2 for year in (2019, 2020) for month in ("02", "05", "08", "11")}


def test_the_share_is_the_second_side_s_part_of_the_trailing_four_quarters(tmp_path: Path) -> None:
    one = ledger(tmp_path, *sided(STEADY, {"2020-02-20": 8}), cutoff="2021-12-31")
    found = shares(one)
    assert [found[f"2020 Q{quarter}"] for quarter in (1, 2, 3, 4)] == [0.5, 0.5, 0.5, 0.5]
    assert (found["2019 Q4"], found["2021 Q1"]) == (0, 0 / 6)
    table = engagement_share(one, units(one), span(one)).set_index("label")
    assert table.loc["2020 Q4", SIDES].tolist() == [8, 8]
    assert table.loc["2021 Q1", SIDES].tolist() == [6, 0]


def test_the_share_is_blank_in_the_first_three_quarters_and_under_five_units(tmp_path: Path) -> None:
    found = shares(ledger(tmp_path, *sided(STEADY, {"2019-02-20": 20}), cutoff="2021-12-31"))
    assert [label for label, share in found.items() if not np.isnan(share)] == [
        "2019 Q4",
        "2020 Q1",
        "2020 Q2",
        "2020 Q3",
        "2020 Q4",
        "2021 Q1",
    ]
    assert np.isnan(found["2021 Q2"])


def test_exactly_five_units_are_enough_and_four_are_not(tmp_path: Path) -> None:
    five = shares(ledger(tmp_path / "5", *sided({"2019-02-10": 1, "2020-02-10": 2}, {"2020-02-10": 3}), cutoff="2020-12-31"))
    four = shares(ledger(tmp_path / "4", *sided({"2019-02-10": 1, "2020-02-10": 2}, {"2020-02-10": 2}), cutoff="2020-12-31"))
    assert five["2020 Q1"] == pytest.approx(0.6)
    assert np.isnan(four["2020 Q1"])


def test_disengagement_and_other_blocs_are_not_in_the_share(tmp_path: Path) -> None:
    others = [
        *many(9, partners="UN", date="2020-02-10"),
        *many(9, partners="TUR", date="2020-02-10"),
        *many(9, partners="FRA", date="2020-03-10", type="withdrawal"),
    ]
    assert shares(ledger(tmp_path, *sided(STEADY, {"2020-02-20": 8}), *others))["2020 Q2"] == 0.5


@pytest.mark.parametrize(("cutoff", "whole"), [("2020-12-31", True), ("2020-12-30", False), ("2020-10-01", False), ("2020-11", False)])
def test_a_quarter_cut_by_the_cutoff_is_not_complete(cutoff: str, whole: bool, tmp_path: Path) -> None:
    one = ledger(tmp_path, *many(6, date="2019-11-10"), cutoff=cutoff)
    table = engagement_share(one, units(one), span(one))
    assert table["complete"].tolist() == [True] * (len(table) - 1) + [whole]
    assert table["label"].iloc[-1] == "2020 Q4"


def test_an_incomplete_quarter_changes_no_lead(tmp_path: Path) -> None:
    acts = sided(STEADY, {"2021-02-10": 30})
    assert (
        share_lead(one := ledger(tmp_path / "a", *acts, cutoff="2021-03-30"), engagement_share(one, units(one), span(one)))["kind"]
        == "same"
    )
    changed = share_lead(one := ledger(tmp_path / "b", *acts, cutoff="2021-03-31"), engagement_share(one, units(one), span(one)))
    assert changed == {"kind": "change", "leader": "russian", "from": "western", "since": "2021 Q1", "until": "2021 Q1"}


W, R, T, B = "western", "russian", "tie", ""


@pytest.mark.parametrize(
    ("leading", "verdict"),
    [
        ([], {"kind": "too few"}),
        ([B, T, B], {"kind": "too few"}),
        ([W, W], {"kind": "same", "leader": W, "since": 0, "until": 1}),
        ([B, R, T, B, R, T], {"kind": "same", "leader": R, "since": 1, "until": 4}),
        ([W, R], {"kind": "change", "leader": R, "from": W, "since": 1, "until": 1}),
        ([W, T, B, R, T, R, B], {"kind": "change", "leader": R, "from": W, "since": 3, "until": 5}),
        ([R, W, R, W, W], {"kind": "change", "leader": W, "from": R, "since": 3, "until": 4}),
        ([R, W, R, T], {"kind": "change", "leader": R, "from": W, "since": 2, "until": 2}),
    ],
)
def test_the_last_change_is_the_start_of_the_present_leader_s_last_run(leading: list[str], verdict: dict[str, Any]) -> None:
    assert last_change(list(range(len(leading))), leading) == verdict


def test_leaders_are_the_side_with_more_a_tie_or_blank() -> None:
    blank = float("nan")
    assert leaders([1, 0.5, 0.5, blank, 1, 0.4], [0, 0.5, 0.5 + 5e-10, 1, blank, 0.6], SIDES, 1e-9) == [W, T, T, B, B, R]
    assert leaders([0.5], [0.5 + 2e-9], SIDES, 1e-9) == [R]


values = st.one_of(st.floats(0, 100), st.just(float("nan")), st.sampled_from([0.0, 1.0, 2.0]))


@QUIET
@given(st.lists(st.tuples(values, values), max_size=30))
def test_swapping_the_sides_swaps_leader_and_from_and_nothing_else(pairs: list[tuple[float, float]]) -> None:
    first, second = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    labels, other = [str(place) for place in range(len(pairs))], dict(zip(SIDES, reversed(SIDES)))
    verdict = last_change(labels, leaders(first, second, SIDES, 1e-9))
    swapped = last_change(labels, leaders(second, first, SIDES, 1e-9))
    assert swapped == {key: other.get(value, value) for key, value in verdict.items()}


@QUIET
@given(st.lists(st.sampled_from([W, R, T, B]), max_size=30), st.integers(0, 30), st.sampled_from([T, B]))
def test_ties_and_blanks_anywhere_change_no_verdict(leading: list[str], place: int, extra: str) -> None:
    labels = [str(number) for number in range(len(leading))]
    place = min(place, len(leading))
    widened = last_change([*labels[:place], "extra", *labels[place:]], [*leading[:place], extra, *leading[place:]])
    assert widened == last_change(labels, leading)


@QUIET
@given(st.lists(st.sampled_from([W, R, T, B]), max_size=30))
def test_the_present_leader_leads_from_the_change_to_the_end(leading: list[str]) -> None:
    verdict = last_change(range(len(leading)), leading)
    if verdict["kind"] == "too few":
        assert not {W, R} & set(leading)
        return
    assert set(leading[verdict["since"] :]) <= {verdict["leader"], T, B}
    assert leading[verdict["until"]] == leading[verdict["since"]] == verdict["leader"]
    before = [leader for leader in leading[: verdict["since"]] if leader in (W, R)]
    assert (before[-1] == verdict["from"] != verdict["leader"]) if verdict["kind"] == "change" else not before


def lead(one: Ledger) -> dict[str, Any]:
    return share_lead(one, engagement_share(one, units(one), span(one)))


TURNED = sided(
    {f"{year}-05-10": count for year, count in zip(range(2014, 2024), (9, 9, 8, 8, 7, 6, 4, 3, 2, 1))},
    {f"{year}-05-20": count for year, count in zip(range(2014, 2024), (1, 1, 1, 1, 2, 2, 3, 7, 8, 9))},
)


@pytest.mark.parametrize("extra", [20, 60])
def test_more_early_acts_of_the_side_that_led_early_do_not_move_the_last_lead_change(extra: int, tmp_path: Path) -> None:
    plain = lead(ledger(tmp_path / "plain", *TURNED))
    padded = lead(ledger(tmp_path / "padded", *TURNED, *many(extra, partners="USA", date="2014-06-01")))
    assert plain == {"kind": "change", "leader": R, "from": W, "since": "2021 Q2", "until": plain["until"]}
    assert padded == plain


def test_swapping_the_partners_in_the_ledger_swaps_the_lead_change(tmp_path: Path) -> None:
    other = {"FRA": "RUS", "RUS": "FRA"}
    swapped = [{**act, "partners": other[act["partners"]]} for act in TURNED]
    assert lead(ledger(tmp_path / "b", *swapped)) == {**lead(ledger(tmp_path / "a", *TURNED)), "leader": W, "from": R}


def test_who_left_and_who_was_pushed_is_told_by_initiator(tmp_path: Path) -> None:
    acts = [
        *many(3, partners="FRA", type="withdrawal", date="2022-08", initiator="host"),
        *many(2, partners="FRA", type="reduction", date="2022", initiator="partner"),
        *many(1, partners="RUS", type="withdrawal", date="[..2024]", initiator="unknown"),
        *many(4, partners="UN", type="expulsion", date="2023", initiator="both"),
    ]
    one = ledger(tmp_path, *acts, *many(5, partners="FRA", date="2019"))
    table = counts.disengagement_by_initiator(one, units(one))
    assert table.loc["western"].to_dict() == {"host": 3, "partner": 2, "both": 0, "third": 0, "unknown": 0}
    assert (table.loc["russian", "unknown"], table.loc["multilateral", "both"], table.to_numpy().sum()) == (1, 4, 10)
    assert table.index.tolist() == [bloc["code"] for bloc in one.parameters["blocs"]]


def test_partner_years_count_every_act_for_every_partner(tmp_path: Path) -> None:
    one = ledger(tmp_path, *EXIT, *many(2, partners="FRA;DEU", date="2021"), processes=[exit_process(counts_at="last")])
    table = counts.partner_years(one, default_selection(one)).set_index(["actor", "direction", "year"])["acts"]
    assert table.round(9).to_dict() == {("DEU", 1, 2021): 2, ("FRA", 1, 2021): 2, ("FRA", -1, 2022): 3}


def test_quarters_run_from_the_first_act_to_the_cutoff(tmp_path: Path) -> None:
    one = ledger(
        tmp_path, {"type": "agreement", "date": "2018-11-10"}, {"date": "2020"}, {"hosts": "SEN", "date": "2010"}, cutoff="2023-02-01"
    )
    assert (span(one)[0], span(one)[-1]) == (quarter_of(pd.Timestamp("2018-11-10").toordinal()), 2023 * 4)
