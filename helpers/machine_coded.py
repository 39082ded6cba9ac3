"""Counts of a machine-coded feed beside the ledger: which acts it saw, its share, where the two part, its surges.

Reads what the command `feed` writes: acts by month, beside them the same by day and a report. Plain pandas, part of the main
job; what counted the feed (`feeds`) is not. Counts are never correlated: two series that both grow correlate whatever they count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from helpers import counts
from helpers.check import check
from helpers.dates import quarter_bounds, quarter_of
from helpers.ledger import Ledger
from helpers.reading import Problem, read_table
from helpers.schema import Field, Table

WINDOW = 7  # days before and after
SHIFTS = [sign * days for days in range(84, 365, 28) for sign in (-1, 1)]  # whole weeks, far enough from the act, within a year
BASE, FACTOR, LEAST = 12, 3.0, 10  # months before a surge, deviations above their median, fewest acts
NORMAL = 1.4826  # median absolute deviation × this = standard deviation of a normal distribution
COVERED = 0.9  # of a quarter's days
AGAIN = "Count the feed again: python -m helpers feed PATH --out counts.csv"
KEY = ["host", "bloc", "direction"]


class CountsError(Exception):
    """Counts that can't be used; the text names file, line, column, value, rule and remedy of every error."""

    def __init__(self, problems: Sequence[Problem]):
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


@dataclass(frozen=True)
class Feed:
    """What was counted of a feed; empty where none was brought.

    months, days: month (2024-01) or day (ordinal) × host × bloc × direction, events, mentions, sources; covered: days on which rows
    about a host entered the feed (ordinals, sorted); digest: 12 hex digits of the counts; report: as the command wrote it.
    """

    months: pd.DataFrame
    days: pd.DataFrame
    covered: np.ndarray
    digest: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def there(self) -> bool:
        """True where a feed was brought."""
        return bool(self.digest)


def _table(path: Path, period: str, pattern: str, ledger: Ledger) -> Table:
    """What a file of counts must be."""
    hosts, blocs = tuple(ledger["hosts"]["host"]), tuple(bloc["code"] for bloc in ledger.parameters["blocs"])
    fields = [Field(period, "string", "The period of the acts", True, pattern=pattern), Field("host", "string", "A host of the ledger", True, enum=hosts),
              Field("bloc", "string", "A bloc of the ledger", True, enum=blocs), Field("direction", "string", "1 or -1", True, enum=("1", "-1")),
              *(Field(name, "integer", "A whole number", True, minimum=0) for name in ("events", "mentions", "sources"))]
    return Table(path.stem, "", "", tuple(fields), (period, *KEY), "required")


def _counts(path: Path, period: str, pattern: str, ledger: Ledger) -> pd.DataFrame:
    if not path.is_file():
        raise CountsError([Problem(str(path), None, "", "", "no such file", AGAIN)])
    raw = read_table(_table(path, period, pattern, ledger), path)
    found = check({raw.table.name: raw}, lambda tables: iter(()))
    if found:
        raise CountsError(found[:200])
    frame = pd.DataFrame(raw.rows, columns=raw.table.columns, dtype=object)
    return frame.astype({name: "int64" for name in ("direction", "events", "mentions", "sources")})


def _report(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        [pd.Timestamp(day).toordinal() + int(rows) for day, rows in found["days"].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        rule = "missing beside the counts" if isinstance(error, OSError) else "not a report of the command feed"
        raise CountsError([Problem(path.name, None, "", "", rule, AGAIN)]) from None
    return found


def read(path: str | Path | None, ledger: Ledger) -> Feed:
    """The counts of a feed (`counts.csv`, with `counts-days.csv` and `counts-report.json` beside it), or an empty feed where no path is given.
    Raises CountsError with every error of a file, or where the three are not of one run."""
    if not path:
        empty = pd.DataFrame(columns=["month", *KEY, "events", "mentions", "sources"])
        return Feed(empty, empty.rename(columns={"month": "day"}), np.array([], int))
    path = Path(path)
    months = _counts(path, "month", r"^\d{4}-(0[1-9]|1[0-2])$", ledger)
    days = _counts(path.with_name(f"{path.stem}-days.csv"), "day", r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$", ledger)
    report = _report(path.with_name(f"{path.stem}-report.json"))
    same = days.assign(month=days["day"].str[:7]).groupby(["month", *KEY])["events"].sum().sort_index()
    if not same.equals(months.set_index(["month", *KEY])["events"].sort_index()):
        raise CountsError([Problem(f"{path.stem}-days.csv", None, "events", "", f"its months do not add up to {path.name}: not of one run", AGAIN)])
    days["day"] = [pd.Timestamp(day).toordinal() for day in days["day"]]
    covered = np.array(sorted(pd.Timestamp(day).toordinal() for day in report["days"]), int)
    return Feed(months, days, covered, hashlib.sha256(path.read_bytes()).hexdigest()[:12], report)


def _within(sorted_days: np.ndarray, day: np.ndarray, reach: int) -> np.ndarray:
    """How many of the sorted days lie within `reach` days of each day."""
    return np.searchsorted(sorted_days, day + reach, "right") - np.searchsorted(sorted_days, day - reach, "left")


def sightings(ledger: Ledger, feed: Feed) -> pd.DataFrame:
    """Acts of the ledger that the feed could have seen: event_id, host, bloc, direction, day, seen, and per shift whether the feed holds such
    an act around the shifted day (NaN where the feed doesn't cover it). One row per act × host × bloc, of the measures' default
    selection, dated to the day, with every day of its window covered.

    Seen: the feed holds an act of the same host, bloc and direction within a week. The same acts at shifted dates say how often that
    happens by chance, as busy as the feed is (a placebo in time: Imbens and Rubin, Causal Inference, 2015, chapter 21).
    """
    acts = counts.selected_acts(ledger, counts.default_selection(ledger))
    each = acts[acts["first"].eq(acts["last"])].explode("hosts").rename(columns={"hosts": "host", "first": "day"})
    each = each.assign(actor=each["partners"].str.split(";")).explode("actor")
    each["bloc"] = each["actor"].map(ledger["actors"].set_index("actor")["bloc"])
    each = each.dropna(subset="bloc").drop_duplicates(["event_id", "host", "bloc"])[["event_id", *KEY, "day"]].astype({"day": int})
    whole = _within(feed.covered, each["day"].to_numpy(), WINDOW) == 2 * WINDOW + 1
    each = each[whole].sort_values(["day", "event_id", "host", "bloc"]).reset_index(drop=True)
    known = {key: np.sort(rows["day"].to_numpy(int)) for key, rows in feed.days.groupby(KEY)}
    for shift in [0, *SHIFTS]:
        day = each["day"].to_numpy() + shift
        keys = each[KEY].itertuples(index=False, name=None)
        seen = np.array([key in known and _within(known[key], at, WINDOW) > 0 for key, at in zip(keys, day)], float)
        whole = _within(feed.covered, day, WINDOW) == 2 * WINDOW + 1
        each["seen" if shift == 0 else shift] = np.where(whole, seen, np.nan)
    return each


def compared(seen: pd.DataFrame) -> dict[str, Any]:
    """Of acts with at least one covered shift (`sightings`): acts, share seen, and of the shifts the mean share, the lowest and the highest.
    The mean is over acts, each with the mean of its own shifts; a shift's own share counts where it covers at least half of the acts."""
    shifted = seen[SHIFTS].astype(float)
    kept = shifted.notna().any(axis=1)
    if not kept.any():
        return {"acts": 0}
    shifted = shifted[kept]
    each = shifted.mean()[shifted.notna().mean() >= 0.5]
    return {"acts": int(kept.sum()), "seen": float(seen.loc[kept, "seen"].mean()), "placebo": float(shifted.mean(axis=1).mean()),
            "lowest": float(each.min()) if len(each) else np.nan, "highest": float(each.max()) if len(each) else np.nan}


def _quarters(feed: Feed) -> list[int]:
    """Quarters of which the feed covers nearly every day."""
    found = pd.Series([quarter_of(day) for day in feed.covered], dtype=int).value_counts()
    length = {quarter: quarter_bounds(quarter)[1] - quarter_bounds(quarter)[0] + 1 for quarter in found.index}
    return sorted(quarter for quarter, days in found.items() if days >= COVERED * length[quarter])


def _sides(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["host"].isin(counts.host_set(ledger)) & rows["bloc"].isin(ledger.parameters["sides"])]


def _engaging(ledger: Ledger, feed: Feed) -> pd.DataFrame:
    """The feed's acts of engagement of both sides in the default hosts, with their quarter."""
    rows = _sides(ledger, feed.months)
    rows = rows[rows["direction"].eq(1)]
    return rows.assign(quarter=[int(month[:4]) * 4 + (int(month[5:]) - 1) // 3 for month in rows["month"]])


def shares(ledger: Ledger, feed: Feed) -> pd.DataFrame:
    """The second side's share of both sides' engagement by quarter, of the ledger's units and of the feed's acts, each over the trailing
    four quarters: quarter, label, ledger, feed, units, acts. NaN where the window holds too few, or the feed doesn't cover it whole."""
    sides, rules, span = ledger.parameters["sides"], ledger.parameters["share"], counts.span(ledger)
    own = counts.engagement_share(ledger, counts.units(ledger), span)
    own = own[own["complete"]]
    whole = set(_quarters(feed))
    each = _engaging(ledger, feed).groupby(["quarter", "bloc"])["events"].sum().unstack("bloc")
    window = each.reindex(index=list(span), columns=sides).fillna(0.0)
    window = window.rolling(rules["quarters"], min_periods=rules["quarters"]).sum().reindex(own["quarter"])
    total = window.sum(axis=1)
    kept = [all(quarter - back in whole for back in range(rules["quarters"])) for quarter in own["quarter"]]
    share = (window[sides[1]] / total.where(total >= rules["minimum_units"])).where(np.array(kept, bool))
    own = own.assign(units=own[sides].sum(axis=1), feed=share.to_numpy(float), acts=total.where(np.array(kept, bool)).to_numpy(float))
    return own.rename(columns={"share": "ledger"})[["quarter", "label", "ledger", "feed", "units", "acts"]].reset_index(drop=True)


def parted(ledger: Ledger, feed: Feed) -> pd.DataFrame:
    """Host by host the same share over all quarters that the feed covers and the ledger has whole: host, ledger, feed, units, acts, apart
    (feed − ledger), the widest gap first; NaN where either has fewer than the least number of units."""
    sides, least = ledger.parameters["sides"], ledger.parameters["share"]["minimum_units"]
    whole = [quarter for quarter in _quarters(feed) if quarter_bounds(quarter)[1] <= (ledger.cutoff_day or 0)]
    each, units = _engaging(ledger, feed), counts.by_host(counts.units(ledger))
    rows = []
    span = range(min(whole), max(whole) + 1) if whole else range(0)
    for host in counts.host_set(ledger):
        weights = counts.per_quarter(units[(units["host"] == host) & (units["direction"] > 0)], span, ["bloc"])
        own = weights.reindex(index=sides, columns=whole, fill_value=0.0).sum(axis=1)
        theirs = each[(each["host"] == host) & each["quarter"].isin(whole)].groupby("bloc")["events"].sum().reindex(sides, fill_value=0)
        share = [part[sides[1]] / part.sum() if part.sum() >= least else np.nan for part in (own, theirs)]
        rows.append((host, *share, float(own.sum()), int(theirs.sum()), share[1] - share[0]))
    found = pd.DataFrame(rows, columns=["host", "ledger", "feed", "units", "acts", "apart"])
    return found.sort_values("apart", key=lambda gap: -gap.abs(), na_position="last", kind="stable").reset_index(drop=True)


def surges(ledger: Ledger, feed: Feed) -> pd.DataFrame:
    """Months in which the feed has far more acts of a side than in the year before: month, host, bloc, direction, events, usual, ledger.

    A surge has at least LEAST acts and lies more than FACTOR deviations above the median of the twelve covered months before, a deviation
    being the median absolute deviation × 1.4826 or the square root of the median, whichever is larger (the Hampel identifier: Davies and
    Gather, The identification of multiple outliers, JASA 88, 1993; the root is what pure chance gives a count). ledger: acts of
    the same host, bloc, direction and month.
    """
    months = _months(feed)
    wide = _sides(ledger, feed.months).groupby([*KEY, "month"])["events"].sum().unstack("month").reindex(columns=months).fillna(0.0)
    own, rows = _ledger_months(ledger), []
    for key, values in zip(wide.index, wide.to_numpy(float)):
        for place in range(BASE, len(months)):
            before = values[place - BASE:place]
            usual = float(np.median(before))
            spread = max(NORMAL * float(np.median(np.abs(before - usual))), usual**0.5, 1.0)
            if values[place] >= LEAST and values[place] > usual + FACTOR * spread:
                rows.append((months[place], *key, int(values[place]), usual, own.get((months[place], *key), 0)))
    return pd.DataFrame(rows, columns=["month", *KEY, "events", "usual", "ledger"]).sort_values(["month", *KEY]).reset_index(drop=True)


def _months(feed: Feed) -> list[str]:
    """Months of which the feed covers nearly every day."""
    found = pd.Series([pd.Timestamp.fromordinal(int(day)).strftime("%Y-%m") for day in feed.covered], dtype=object).value_counts()
    return sorted(month for month, days in found.items() if days >= COVERED * pd.Period(month).days_in_month)


def _ledger_months(ledger: Ledger) -> dict[tuple[Any, ...], int]:
    """month × host × bloc × direction → acts of the default selection whose first possible day lies in it."""
    acts = counts.selected_acts(ledger, counts.default_selection(ledger)).dropna(subset="first").explode("hosts")
    each = acts.assign(actor=acts["partners"].str.split(";")).explode("actor")
    each["bloc"] = each["actor"].map(ledger["actors"].set_index("actor")["bloc"])
    each["month"] = [pd.Timestamp.fromordinal(int(day)).strftime("%Y-%m") for day in each["first"]]
    return each.drop_duplicates(["event_id", "hosts", "bloc"]).groupby(["month", "hosts", "bloc", "direction"]).size().to_dict()
