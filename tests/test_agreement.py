"""Guards the agreement of two codings: alpha by hand, its interval, dates, and acts that both coders saw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import agreement
from helpers.exhibits import Nothing, Table
from helpers.ledger import Ledger, load
from tests.ledgers import write

Coding = tuple[str, str, str, str]


def coded(folder: Path, *codings: Coding) -> Ledger:
    rows = [dict(zip(("item", "coder", "field", "value"), coding)) for coding in codings]
    return load(write(folder / "data", [{"event_id": f"e{number}"} for number in range(1, 11)], codings=rows))


def twice(field: str, first: str, second: str) -> list[Coding]:
    """Two coders' values, a letter an item."""
    return [(f"e{place}", coder, field, value) for coder, values in (("first", first), ("second", second)) for place, value in enumerate(values, 1)]


def test_alpha_is_that_of_the_textbook(tmp_path: Path) -> None:
    """Krippendorff's example of two observers and ten units with two values: alpha = 0.095 (Computing Krippendorff's Alpha-Reliability, 2011, A)."""
    table = agreement.fields(coded(tmp_path, *twice("type", "0100000000", "1110010100"))).iloc[0]
    assert table["items"] == 10 and table["same"] == 0.6 and table["alpha"] == pytest.approx(0.095, abs=0.001)
    assert table["low"] <= table["alpha"] <= table["high"]


def test_full_agreement_is_one_and_its_interval_too(tmp_path: Path) -> None:
    found = agreement.fields(coded(tmp_path, *twice("status", "abababab", "abababab"), *twice("initiator", "aaaa", "aaaa")))
    assert found[["same", "alpha", "low", "high"]].eq(1).all(axis=None)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=30))
def test_swapping_the_coders_changes_nothing_and_alpha_is_at_most_one(codes: list[tuple[int, int]]) -> None:
    both = np.array(codes).T
    assert agreement.alpha(both) == pytest.approx(agreement.alpha(both[::-1])) and agreement.alpha(both) <= 1 + 1e-12


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2, max_size=20), st.integers(0, 1000))
def test_many_draws_at_once_are_the_library_s_alpha_of_each(codes: list[tuple[int, int]], seed: int) -> None:
    both = np.array(codes).T
    drawn = np.random.default_rng(seed).integers(0, len(codes), (5, len(codes)))
    assert agreement.alphas(both, drawn) == pytest.approx([agreement.alpha(both[:, items]) for items in drawn])


def test_the_interval_is_the_same_each_time(tmp_path: Path) -> None:
    codes = np.array([[0, 1, 0, 1, 2, 2, 0], [0, 1, 1, 1, 2, 0, 0]])
    assert agreement.interval(codes) == agreement.interval(codes)


def test_an_item_that_only_one_coder_coded_is_left_out(tmp_path: Path) -> None:
    assert len(agreement.pairs(coded(tmp_path, *twice("type", "aab", "aab"), ("e9", "first", "type", "a")), "type")) == 3


def test_dates_are_alike_to_the_letter_and_the_share_with_a_day_in_common_is_said(tmp_path: Path) -> None:
    one = coded(tmp_path, ("e1", "a", "date", "2020-03"), ("e1", "b", "date", "2020-03-05"), ("e2", "a", "date", "2020-03-05"), ("e2", "b", "date", "2020-03-06"),
                ("e3", "a", "date", "[..2020-04-01]"), ("e3", "b", "date", "2020-03~"))
    assert agreement.same_days(agreement.pairs(one, "date")).tolist() == [True, False, True]
    table = agreement.agreement_table(one)
    assert isinstance(table, Table) and "67%" in table.note and agreement.fields(one).iloc[0]["same"] == 0


def acts(page: str, coder: str, *values: str) -> list[Coding]:
    return [(page, coder, f"act {number}", value) for number, value in enumerate(values, 1)] or [(page, coder, "acts", "0")]


def test_acts_seen_by_both_share_host_partner_direction_and_a_day(tmp_path: Path) -> None:
    one = coded(
        tmp_path,
        *acts("p1", "a", "MLI | FRA | withdrawal | 2022-08", "MLI | RUS | deployment | 2022-01", "MLI | FRA | reduction | 2022-08-10"),
        *acts("p1", "b", "MLI;NER | FRA;DEU | expulsion | 2022-08-15", "MLI | RUS | deployment | 2023-01"),
        *acts("p2", "a"), *acts("p2", "b", "NER | USA | training | 2020"), *acts("p3", "a", "NER | USA | training | 2020"),
    )
    assert agreement.acts_seen(one) == (2, 1, 5)  # one match of 3 + 2, none of 0 + 1; p3 was read by one


def test_without_a_second_coding_it_says_so(tmp_path: Path) -> None:
    one = coded(tmp_path)
    assert agreement.agreement(one).verdict == {"kind": "none"} and isinstance(agreement.agreement_table(one), Nothing)


def test_the_verdict_is_about_the_customary_bound(tmp_path: Path) -> None:
    good = agreement.agreement(coded(tmp_path / "good", *twice("type", "abcabc", "abcabc")))
    bad = agreement.agreement(coded(tmp_path / "bad", *twice("type", "abcabc", "abccba")))
    assert (good.verdict["kind"], bad.verdict["kind"]) == ("enough", "short") and "1.00" in good.text
