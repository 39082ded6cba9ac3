"""What a date says: the ledger's EDTF profile, its bounds in days, its share of a quarter.

Profile (a subset of the Extended Date/Time Format, ISO 8601-2:2019, level 1 and 2):
`2023-08-20`, `2023-08`, `2023`; `~` approximate, `?` uncertain; `a/b`, `a/..` lasted;
`[a..b]` once, some time between; `[..b]` no later than b. Days are proleptic Gregorian
ordinals (`datetime.date.toordinal`), so that bounds can be compared and subtracted.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

_POINT = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?])?", re.ASCII)
_ON_ONE_LINE = re.compile(r".+?(?:(?<=[\d~?])(?:\.\.|/)(?=\d)| |$)", re.ASCII)
_EXCEL_DAY = re.compile(r"\d{5}(\.\d+)?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\d{4}/\d{1,2}/\d{1,2}")


class DateError(ValueError):
    """A date outside the profile; `rule` says what is wrong, `remedy` what to write instead."""

    def __init__(self, rule: str, remedy: str):
        super().__init__(f"{rule}: {remedy}")
        self.rule, self.remedy = rule, remedy


@dataclass(frozen=True)
class Dating:
    """What one date says. `first` and `last` are ordinals of the first and last possible day.

    form: point | lasted | between | before; unit: day | month | year (of the start as written);
    written: ordinals of the start as written, before `~` widens it; `first` is None for `before`;
    until: the last possible day of the end, for what lasted (None where the end is open or there is none).
    """

    text: str
    form: str
    unit: str
    first: int | None
    last: int
    written: tuple[int, int]
    mark: str
    until: int | None = None
    open: bool = False


@dataclass(frozen=True)
class _Point:
    first: int
    last: int
    unit: str
    mark: str
    written: tuple[int, int]


def _shift_months(year: int, month: int, by: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1


def _month_bounds(year: int, month: int) -> tuple[int, int]:
    last = calendar.monthrange(year, month)[1]
    return date(year, month, 1).toordinal(), date(year, month, last).toordinal()


def _written(year: int, month: int | None, day: int | None) -> tuple[int, int]:
    if not 1900 <= year <= 2199:
        raise DateError("year out of range", "years run from 1900 to 2199")
    if month is None:
        return date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    if not 1 <= month <= 12:
        raise DateError("a month that does not exist", "months run from 01 to 12")
    if day is None:
        return _month_bounds(year, month)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise DateError("a day that does not exist", f"{year}-{month:02d} has {calendar.monthrange(year, month)[1]} days; "
                        f"write {year}-{month:02d} if the day is not known")
    return (date(year, month, day).toordinal(),) * 2


def _widened(year: int, month: int | None, day: int | None, bounds: tuple[int, int]) -> tuple[int, int]:
    """`~` widens by 7 days, 1 month or 6 months, as precise as the date is written."""
    if day is not None:
        return bounds[0] - 7, bounds[1] + 7
    reach, first, last = (1, month, month) if month is not None else (6, 1, 12)
    return (_month_bounds(*_shift_months(year, first, -reach))[0],
            _month_bounds(*_shift_months(year, last, reach))[1])


def _point(text: str) -> _Point:
    if _EXCEL_DAY.fullmatch(text):
        raise DateError("a date in a spreadsheet's notation", "write the day as 2023-08-20 and format the column as text")
    match = _POINT.fullmatch(text)
    if not match:
        raise DateError("not a date of the profile", "write 2023-08-20, 2023-08 or 2023, with ~ or ? behind it, "
                        "a/b for what lasted, [a..b] for once in between")
    year, month, day = (int(part) if part else None for part in match.groups()[:3])
    mark = match.group(4) or ""
    written = _written(year, month, day)
    first, last = _widened(year, month, day, written) if mark == "~" else written
    return _Point(first, last, "day" if day else "month" if month else "year", mark, written)


def _between(text: str) -> Dating:
    start, found, end = text[1:-1].partition("..")
    if not found or not end:
        raise DateError("an interval without its end", "write [2023-08..2023-09], or [..2023-09] for no later than")
    b = _point(end)
    if not start:
        return Dating(text, "before", b.unit, None, b.last, b.written, b.mark)
    a = _point(start)
    if a.written[0] > b.written[1]:
        raise DateError("a reversed interval", f"write [{end}..{start}]")
    return Dating(text, "between", a.unit, a.first, b.last, (a.written[0], b.written[1]), a.mark or b.mark)


def _lasted(text: str) -> Dating:
    start, _, end = text.partition("/")
    a = _point(start)
    if end == "..":
        return Dating(text, "lasted", a.unit, a.first, a.last, a.written, a.mark, None, True)
    b = _point(end)
    if a.written[0] > b.written[1]:
        raise DateError("a reversed interval", f"write {end}/{start}")
    return Dating(text, "lasted", a.unit, a.first, a.last, a.written, a.mark, b.last)


@lru_cache(maxsize=65536)
def parse(text: str) -> Dating:
    """Reads one date of the profile. Raises DateError with the rule broken and the remedy."""
    if not text:
        raise DateError("an empty date", "write what is known: a year is enough; [..2024-03] for no later than")
    if text.startswith("[") and text.endswith("]"):
        return _between(text)
    if "/" in text and not _EXCEL_DAY.fullmatch(text):
        return _lasted(text)
    point = _point(text)
    return Dating(text, "point", point.unit, point.first, point.last, point.written, point.mark)


def last_day(text: str) -> int:
    """The last day that a publication date (`2024`, `2024-03`, `2024-03-26`) can mean, as ordinal."""
    return parse(text).last


def in_lines(text: str) -> list[str]:
    """A date as written, or two with a word between them, cut where a narrow column may break it: between two bounds, never inside a day."""
    return _ON_ONE_LINE.findall(text)


def iso(ordinal: int) -> str:
    """An ordinal as `2023-08-20`."""
    return date.fromordinal(int(ordinal)).isoformat()


# Quarters are numbered year * 4 + (0..3), so that neighbours differ by one.

def quarter_of(ordinal: int) -> int:
    """The quarter in which a day lies."""
    day = date.fromordinal(int(ordinal))
    return day.year * 4 + (day.month - 1) // 3


def quarter_name(quarter: int) -> str:
    """`2023 Q4`."""
    return f"{int(quarter) // 4} Q{int(quarter) % 4 + 1}"


def quarter_bounds(quarter: int) -> tuple[int, int]:
    """First and last day of a quarter, as ordinals."""
    year, first = quarter // 4, quarter % 4 * 3 + 1
    return _month_bounds(year, first)[0], _month_bounds(year, first + 2)[1]


def aoristic(first: np.ndarray, last: np.ndarray, quarters: range) -> np.ndarray:
    """Aoristic weights: the share of each event's possible days in each quarter.

    first, last: shape (n,), ordinals, first <= last. Returns shape (n, len(quarters)), each in [0, 1];
    a row sums to one where the quarters cover the event's possible days.
    Method: Ratcliffe, "Aoristic signatures and the spatio-temporal analysis of high volume crime patterns",
    Journal of Quantitative Criminology 18 (2002).
    """
    first, last = np.asarray(first, float)[:, None], np.asarray(last, float)[:, None]
    if (last < first).any():
        raise ValueError("an event's last possible day lies before its first")
    bounds = np.array([quarter_bounds(quarter) for quarter in quarters], float).reshape(-1, 2)
    overlap = np.minimum(last, bounds[:, 1]) - np.maximum(first, bounds[:, 0]) + 1
    return np.clip(overlap, 0, None) / (last - first + 1)
