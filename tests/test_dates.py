"""Guards the date profile: what each notation says, what is refused and how, and the weights of days in quarters."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import dates
from helpers.dates import DateError, aoristic, parse, quarter_bounds, quarter_name, quarter_of

QUIET = settings(max_examples=100, deadline=None, derandomize=True)


def day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


@pytest.mark.parametrize(
    ("text", "form", "unit", "first", "last"),
    [
        ("2023-08-20", "point", "day", "2023-08-20", "2023-08-20"),
        ("2023-08", "point", "month", "2023-08-01", "2023-08-31"),
        ("2024-02", "point", "month", "2024-02-01", "2024-02-29"),
        ("2023", "point", "year", "2023-01-01", "2023-12-31"),
        ("2023-08-20?", "point", "day", "2023-08-20", "2023-08-20"),
        ("2023-08?", "point", "month", "2023-08-01", "2023-08-31"),
        ("2023-08-20~", "point", "day", "2023-08-13", "2023-08-27"),
        ("2024-02-28~", "point", "day", "2024-02-21", "2024-03-06"),
        ("2023-08~", "point", "month", "2023-07-01", "2023-09-30"),
        ("2023-01~", "point", "month", "2022-12-01", "2023-02-28"),
        ("2023-12~", "point", "month", "2023-11-01", "2024-01-31"),
        ("2023~", "point", "year", "2022-07-01", "2024-06-30"),
        ("2023-08-20/2023-09-02", "lasted", "day", "2023-08-20", "2023-08-20"),
        ("2023-08/2024", "lasted", "month", "2023-08-01", "2023-08-31"),
        ("2023~/2025", "lasted", "year", "2022-07-01", "2024-06-30"),
        ("2023-08-20/..", "lasted", "day", "2023-08-20", "2023-08-20"),
        ("2023/..", "lasted", "year", "2023-01-01", "2023-12-31"),
        ("[2023-08-20..2023-09-02]", "between", "day", "2023-08-20", "2023-09-02"),
        ("[2023-08..2024]", "between", "month", "2023-08-01", "2024-12-31"),
        ("[2023-08~..2023-10~]", "between", "month", "2023-07-01", "2023-11-30"),
    ],
)
def test_each_notation_says_its_first_and_last_possible_day(text: str, form: str, unit: str, first: str, last: str) -> None:
    said = parse(text)
    assert (said.text, said.form, said.unit, said.first, said.last) == (text, form, unit, day(first), day(last))


def test_no_later_than_has_no_first_day() -> None:
    said = parse("[..2023-09]")
    assert (said.form, said.first, said.last, said.until, said.open) == ("before", None, day("2023-09-30"), None, False)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("2023-08-20", ["2023-08-20"]),
        ("[2023-12..2024-05-11]", ["[2023-12..", "2024-05-11]"]),
        ("[2023-08~..2023-10~]", ["[2023-08~..", "2023-10~]"]),
        ("[..2024-06-18]", ["[..2024-06-18]"]),
        ("2023-08-20?/..", ["2023-08-20?/.."]),
        ("2013-02-18/2024-05-17", ["2013-02-18/", "2024-05-17"]),
        ("2015-02 to [2025-08-01..2025-08-06]", ["2015-02 ", "to ", "[2025-08-01..", "2025-08-06]"]),
        ("", []),
    ],
)
def test_a_narrow_column_breaks_a_date_between_its_bounds_only(text: str, lines: list[str]) -> None:
    assert dates.in_lines(text) == lines


@QUIET
@given(st.text("0123456789-.~?/[] to<&", max_size=40))
def test_no_cut_loses_a_character(text: str) -> None:
    assert "".join(dates.in_lines(text)) == text


def test_what_lasted_counts_at_its_start_and_keeps_its_end() -> None:
    closed, running = parse("2023-08-20/2024-03"), parse("2023-08-20/..")
    assert (closed.until, closed.open) == (day("2024-03-31"), False)
    assert (running.until, running.open) == (None, True)


@pytest.mark.parametrize(("text", "mark"), [("2023", ""), ("2023~", "~"), ("2023?", "?"), ("[2023..2024~]", "~"), ("2023-05?/..", "?")])
def test_marks_are_kept(text: str, mark: str) -> None:
    assert parse(text).mark == mark


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("2023-08-20~", ("2023-08-20", "2023-08-20")),
        ("2023-08~", ("2023-08-01", "2023-08-31")),
        ("2023~", ("2023-01-01", "2023-12-31")),
        ("[2023-02~..2023-03]", ("2023-02-01", "2023-03-31")),
        ("2023-05~/2024", ("2023-05-01", "2023-05-31")),
    ],
)
def test_what_is_written_is_kept_before_it_is_widened(text: str, written: tuple[str, str]) -> None:
    assert parse(text).written == (day(written[0]), day(written[1]))


PROFILE, EMPTY, END = "not a date of the profile", "an empty date", "an interval without its end"
DAY, MONTH, SHEET = "a day that does not exist", "a month that does not exist", "a date in a spreadsheet's notation"
REVERSED, RANGE = "a reversed interval", "year out of range"


@pytest.mark.parametrize(
    ("text", "rule", "remedy"),
    [
        ("", EMPTY, "a year is enough"),
        ("2023-02-29", DAY, "2023-02 has 28 days"),
        ("2023-04-31", DAY, "2023-04 has 30 days"),
        ("2023-04-00", DAY, "write 2023-04"),
        ("2023-13", MONTH, "01 to 12"),
        ("2023-00-10", MONTH, "01 to 12"),
        ("1899", RANGE, "1900"),
        ("2200-01", RANGE, "2199"),
        ("0000", RANGE, "1900"),
        ("45158", SHEET, "2023-08-20"),
        ("45158.5", SHEET, "text"),
        ("20/08/2023", SHEET, "text"),
        ("20.8.23", SHEET, "text"),
        ("8/20/2023", SHEET, "text"),
        ("2023/08/20", SHEET, "text"),
        ("2024/2023", REVERSED, "write 2023/2024"),
        ("2023-09-02/2023-08-20", REVERSED, "write 2023-08-20/2023-09-02"),
        ("[2024..2023]", REVERSED, "write [2023..2024]"),
        ("[2023-09-02..2023-08-20]", REVERSED, "write [2023-08-20..2023-09-02]"),
        ("[2023]", END, "[..2023-09]"),
        ("[2023..]", END, "[2023-08..2023-09]"),
        ("[..]", END, "[..2023-09]"),
        ("[]", END, "[..2023-09]"),
        ("soon", PROFILE, "a/b"),
        ("2023-8-20", PROFILE, "2023-08"),
        ("20230820", PROFILE, "2023-08-20"),
        ("2023-08-20T10:00", PROFILE, "2023-08-20"),
        ("2023~?", PROFILE, "~ or ?"),
        ("~2023", PROFILE, "behind"),
        ("2023/", PROFILE, "a/b"),
        ("../2023", PROFILE, "a/b"),
        ("2023..2024", PROFILE, "[a..b]"),
        ("[2023..2024", PROFILE, "[a..b]"),
        ("2023-08-20 ", PROFILE, "2023-08-20"),
        ("2021/2022/2023", PROFILE, "a/b"),
        ("2023-08-20\n", PROFILE, "2023"),
        ("[2023-02-30..2024]", DAY, "28 days"),
        ("2023-05/2023-06-31", DAY, "30 days"),
        ("20 August 2023", PROFILE, "2023-08-20"),
        ("٢٠٢٣-٠٨-٢٠", PROFILE, "2023-08-20"),
        ("２０２３", PROFILE, "2023"),
    ],
)
def test_what_is_outside_the_profile_is_refused_with_rule_and_remedy(text: str, rule: str, remedy: str) -> None:
    with pytest.raises(DateError) as caught:
        parse(text)
    assert caught.value.rule == rule
    assert remedy in caught.value.remedy


days = st.dates(date(1901, 1, 1), date(2198, 12, 31))
months, years = days.map(lambda when: when.isoformat()[:7]), days.map(lambda when: when.isoformat()[:4])
points = st.builds(str.__add__, st.one_of(days.map(date.isoformat), months, years), st.sampled_from(["", "~", "?"]))


@st.composite
def notations(draw: st.DrawFn) -> str:
    """Any dated notation of the profile."""
    first, second = sorted([draw(points), draw(points)], key=lambda text: parse(text).first)
    return draw(st.sampled_from([first, f"{first}/..", f"{first}/{second}", f"[{first}..{second}]"]))


@QUIET
@given(notations())
def test_the_possible_days_enclose_the_day_as_written(text: str) -> None:
    said = parse(text)
    assert said.first <= said.written[0] <= said.written[1] <= said.last


@QUIET
@given(days, st.integers(0, 400))
def test_a_date_written_from_a_day_reads_back_as_that_day(when: date, later: int) -> None:
    end = min(when + timedelta(later), date(2198, 12, 31))
    assert dates.iso(parse(when.isoformat()).first) == when.isoformat()
    assert parse(f"[{when}..{end}]").last == end.toordinal()
    assert dates.last_day(when.isoformat()[:7]) >= when.toordinal()


@QUIET
@given(st.text("0123456789-./~?[] ", max_size=24))
def test_any_text_is_read_or_refused_with_a_remedy_and_never_breaks(text: str) -> None:
    try:
        said = parse(text)
    except DateError as error:
        assert error.rule and error.remedy
    else:
        assert said.first is None or said.first <= said.last


@QUIET
@given(st.lists(notations(), max_size=12))
def test_weights_of_an_event_sum_to_one_over_quarters_that_cover_it(texts: list[str]) -> None:
    said = [parse(text) for text in texts]
    first, last = np.array([item.first for item in said], float), np.array([item.last for item in said], float)
    quarters = range(quarter_of(int(first.min())), quarter_of(int(last.max())) + 1) if texts else range(8092, 8100)
    weights = aoristic(first, last, quarters)
    assert weights.shape == (len(texts), len(quarters))
    assert (weights >= 0).all() and (weights <= 1).all()
    assert np.allclose(weights.sum(axis=1), 1, atol=1e-9)


@QUIET
@given(notations(), st.integers(0, 300), st.integers(0, 40))
def test_quarters_that_cut_an_event_hold_the_share_of_its_days_in_them(text: str, shift: int, length: int) -> None:
    said = parse(text)
    start = quarter_of(said.first) + shift % 8 - 4
    quarters = range(start, start + length)
    weights = aoristic(np.array([said.first]), np.array([said.last]), quarters)
    possible = [when for quarter in quarters for when in _overlap(said, quarter)]
    assert np.isclose(weights.sum(), len(possible) / (said.last - said.first + 1))


def _overlap(said: dates.Dating, quarter: int) -> range:
    first, last = quarter_bounds(quarter)
    return range(max(first, said.first), min(last, said.last) + 1)


def test_a_known_event_is_shared_by_its_days() -> None:
    weights = aoristic(np.array([day("2023-03-31")]), np.array([day("2023-04-03")]), range(2023 * 4, 2023 * 4 + 2))
    assert weights.tolist() == [[0.25, 0.75]]


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="before its first"):
        aoristic(np.array([2.0]), np.array([1.0]), range(1, 2))


@QUIET
@given(days)
def test_every_day_lies_in_one_quarter_and_quarters_follow_without_a_gap(when: date) -> None:
    quarter = quarter_of(when.toordinal())
    first, last = quarter_bounds(quarter)
    assert first <= when.toordinal() <= last
    assert quarter_of(first) == quarter_of(last) == quarter
    assert quarter_bounds(quarter + 1)[0] == last + 1
    assert quarter_name(quarter) == f"{when.year} Q{(when.month + 2) // 3}"
