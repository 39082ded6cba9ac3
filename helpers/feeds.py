"""Machine-coded event feeds: one function counts the acts of hosts and partners in a frame of any engine.

`rows` says of every row that names a host whether it counts or why not, `acts` has each act once, `totals` sums them up. All
are narwhals expressions without a join, so that pandas, DuckDB and Dask run the same lines; what they return is small and
goes on in pandas (`counted`). Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pandas as pd

from helpers.feed_codes import Crosswalk, FeedError, described, roles

COUNTED = ("day", "host", "bloc", "direction", "events", "mentions", "sources")
TEXT = ("first", "second", "first_group", "second_group", "code", "place")
# Why a row is in no count, in the order in which it is asked. A row that names no host is none of ours.
REASONS = {
    1: "unreadable", 2: "no host among the actors", 3: "both actors of one country", 4: "other actor without a code",
    5: "code of the other actor unmatched", 6: "event code unmatched", 7: "a type that is not counted", 8: "a host gives",
}
UNREADABLE, ELSEWHERE, DOMESTIC, NOBODY, STRANGER, UNMATCHED, UNCOUNTED, REVERSED = REASONS


def _number(name: str, kind: Any) -> nw.Expr:
    """A column as whole numbers, −1 where it holds none."""
    column = nw.col(name)
    if kind == nw.Date:
        return (column.dt.year() * 10000 + column.dt.month() * 100 + column.dt.day()).fill_null(-1)
    if kind.is_numeric():
        return column.fill_null(-1).cast(nw.Int64)
    text = column.cast(nw.String)
    return nw.when(text.str.contains("^[0-9]{1,18}$")).then(text).otherwise(nw.lit("-1")).cast(nw.Int64)


def _text(name: str, kind: Any) -> nw.Expr:
    """A column as text, empty where it holds none (a column without any code may have been read as numbers)."""
    return nw.lit("") if kind.is_numeric() else nw.col(name).cast(nw.String).fill_null("")


def cells(frame: Any, form: str) -> nw.LazyFrame:
    """The columns that counting needs, by role: id, day (20240131), added (the day it entered the feed), mentions and sources as
    whole numbers (−1: unreadable), the codes as text. Raises FeedError where one is missing or an event code lost its zeros."""
    read, wanted = nw.from_native(frame).lazy(), roles(form)
    schema = read.collect_schema()
    missing = [name for name in wanted.values() if name not in schema]
    if missing:
        raise FeedError(f"column {missing[0]}: missing, so that this is not the format {form}. Columns there: {', '.join(list(schema)[:8])} …")
    if schema[wanted["code"]].is_numeric():
        raise FeedError(f"column {wanted['code']}: event codes are read as numbers and lost their first zeros. Read the column as text")
    extra = 10 ** (described()["formats"][form]["added_digits"] - 8)
    numbers = {role: _number(name, schema[name]) for role, name in wanted.items() if role not in TEXT}
    numbers["added"] = numbers["added"] // extra if schema[wanted["added"]] != nw.Date else numbers["added"]
    return read.select(**numbers, **{role: _text(wanted[role], schema[wanted[role]]) for role in TEXT})


def _chosen(column: nw.Expr, values: Mapping[str, int], otherwise: Any) -> nw.Expr:
    """The number that a code stands for, else another expression: a case per number, since a join would need both frames of one engine."""
    found = otherwise
    for number in sorted(set(values.values())):
        found = nw.when(column.is_in([code for code in values if values[code] == number])).then(nw.lit(number)).otherwise(found)
    return found


def _first_of(cases: Sequence[tuple[nw.Expr, Any]], otherwise: Any) -> nw.Expr:
    """The value of the first case that holds."""
    found = otherwise
    for holds, value in reversed(cases):
        found = nw.when(holds).then(value).otherwise(found)
    return found


def _parties(walk: Crosswalk, place: bool) -> dict[str, nw.Expr]:
    """Per actor the number of the host it is and that of its bloc, 0 for none (numbers from 1)."""
    hosts = {code: walk.hosts.index(ours) + 1 for code, ours in walk.country.items() if ours in walk.hosts}
    blocs = {code: walk.blocs.index(walk.bloc_of[ours]) + 1 for code, ours in walk.country.items() if ours in walk.bloc_of}
    groups = {code: walk.blocs.index(walk.bloc_of[ours]) + 1 for code, ours in walk.group.items()}
    places = {code: walk.hosts.index(host) + 1 for code, host in walk.place.items()}
    found = {}
    for who, other in (("first", "second"), ("second", "first")):
        blank = (nw.col(who) == "") & (nw.col(f"{who}_group") == "") & ~nw.col(other).is_in(list(hosts))
        there = nw.when(blank).then(_chosen(nw.col("place"), places, nw.lit(0))).otherwise(nw.lit(0)) if place else nw.lit(0)
        found[f"{who}_host"] = _chosen(nw.col(who), hosts, there)
        found[f"{who}_bloc"] = _chosen(nw.col(who), blocs, _chosen(nw.col(f"{who}_group"), groups, nw.lit(0)))
    return found


def _ours(read: nw.LazyFrame, walk: Crosswalk, place: bool) -> nw.LazyFrame:
    """Rows that name a host, and those without an id (`bad`: can't be read): all others are left at once, since they are nearly all."""
    hosts = [code for code, ours in walk.country.items() if ours in walk.hosts]
    bad = [*(nw.col(role) < 0 for role in ("id", "mentions", "sources")), *(~nw.col(role).is_between(10**7, 10**8 - 1) for role in ("day", "added"))]
    there = [nw.col("place").is_in(list(walk.place))] if place else []
    read = read.with_columns(bad=nw.any_horizontal(*bad, ignore_nulls=True))
    return read.filter(nw.any_horizontal(nw.col("id") < 0, nw.col("first").is_in(hosts), nw.col("second").is_in(hosts), *there, ignore_nulls=True))


def rows(frame: Any, form: str, walk: Crosswalk, place: bool = False) -> nw.LazyFrame:
    """The rows of a feed that name a host, with act, key, since, detail, added, mentions, sources.

    A row that counts: act = its id, key = the day, host, bloc and direction as one number (`_decoded`), since = 0.
    Any other: act and key = −1 × its reason (`REASONS`), since = the day it entered the feed, detail = the code that has no match.
    Giving codes: actor 1 gives, so that actor 2 is the host; by all others the two may stand in either order. Where both
    are hosts, actor 2 is the host and actor 1 the partner. place: an actor without any code is taken for the country in
    which the act took place, where the other is no host.
    """
    read = _ours(cells(frame, form), walk, place).with_columns(**_parties(walk, place))
    forward, code = nw.col("second_host") > 0, nw.col("code")
    sides = {"host": nw.when(forward).then(nw.col("second_host")).otherwise(nw.col("first_host")),
             "bloc": nw.when(forward).then(nw.col("first_bloc")).otherwise(nw.col("second_bloc")),
             "other": nw.when(forward).then(nw.col("first")).otherwise(nw.col("second")),
             "other_group": nw.when(forward).then(nw.col("first_group")).otherwise(nw.col("second_group")),
             "sign": _chosen(code, {code: sign + 2 for code, sign in walk.directions.items()}, nw.lit(0))}
    read = read.with_columns(**sides)
    bloc, sign = nw.col("bloc"), nw.col("sign")
    reason = _first_of([
        (nw.col("bad"), nw.lit(UNREADABLE)),
        (nw.col("host") == 0, nw.lit(ELSEWHERE)),
        (nw.col("first_host") == nw.col("second_host"), nw.lit(DOMESTIC)),
        ((bloc == 0) & (nw.col("other") == "") & (nw.col("other_group") == ""), nw.lit(NOBODY)),
        (bloc == 0, nw.lit(STRANGER)),
        ((sign == 0) & code.is_in(list(walk.known)), nw.lit(UNCOUNTED)),
        (sign == 0, nw.lit(UNMATCHED)),
        (~forward & code.is_in(list(walk.giving)), nw.lit(REVERSED))], nw.lit(0))
    counts = nw.col("reason") == 0
    key = ((nw.col("day") * 100 + nw.col("host")) * 100 + bloc) * 10 + sign
    stranger = nw.when(nw.col("other") == "").then(nw.col("other_group")).otherwise(nw.col("other"))
    return read.with_columns(reason=reason).select(
        "added", "mentions", "sources",
        act=nw.when(counts).then(nw.col("id")).otherwise(-nw.col("reason")), key=nw.when(counts).then(key).otherwise(-nw.col("reason")),
        since=nw.when(counts).then(nw.lit(0)).otherwise(nw.col("added")),
        detail=_first_of([(nw.col("reason") == STRANGER, stranger), (nw.col("reason") == UNMATCHED, code)], nw.lit("")))


def acts(read: nw.LazyFrame) -> nw.LazyFrame:
    """Each act once, however often its id stands in the feed (the first by day and code, with the most mentions and sources), and the
    rows that don't count by reason, day and detail: act, since, detail, key, added, rows, mentions, sources."""
    return read.group_by("act", "since", "detail").agg(
        nw.col("key").min(), nw.col("added").min(), nw.len().alias("rows"), nw.col("mentions").max(), nw.col("sources").max())


def joined(parts: nw.LazyFrame) -> nw.LazyFrame:
    """`acts` of several parts of a feed as one: an id that stands in two of them is one act."""
    return parts.group_by("act", "since", "detail").agg(
        nw.col("key").min(), nw.col("added").min(), nw.col("rows").sum(), nw.col("mentions").max(), nw.col("sources").max())


def totals(once: nw.LazyFrame) -> nw.LazyFrame:
    """The sums of `acts` by key, day of entry and detail: key, added, detail, events, rows, mentions, sources."""
    return once.group_by("key", "added", "detail").agg(
        nw.len().alias("events"), nw.col("rows").sum(), nw.col("mentions").sum(), nw.col("sources").sum())


def collected(lazy: nw.LazyFrame) -> pd.DataFrame:
    """A small lazy frame as pandas."""
    return lazy.collect(backend="pandas").to_native() if lazy.implementation.is_duckdb() else lazy.collect().to_pandas()


def count(frame: Any, form: str, walk: Crosswalk, place: bool = False) -> pd.DataFrame:
    """The totals of a frame of any engine that narwhals knows (pandas, DuckDB relation, Dask …); `counted` reads them."""
    once = acts(rows(frame, form, walk, place))
    # Of many partitions Dask fails to plan a grouping of a grouping (KeyError in its optimiser): the cluster does the first, which leaves
    # one row per act that counts and a few hundred others, and the second is done here.
    once = nw.from_native(once.collect().to_pandas()).lazy() if once.implementation.is_dask() else once
    return collected(totals(once))


def counted(total: pd.DataFrame, walk: Crosswalk) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The acts by day × host × bloc × direction (columns `COUNTED`, day as 2024-01-31), and what became of the other rows: acts, duplicates,
    rows by reason, codes without a match, rows that name a host by the day on which they entered the feed."""
    total = total.astype({"key": "int64", "added": "int64", "events": "int64", "rows": "int64", "mentions": "int64", "sources": "int64"})
    ours = total[total["key"] > 0]
    key, whole = ours["key"], _iso(ours["key"] // 10**5).notna()
    table = pd.DataFrame({"day": _iso(key // 10**5), "host": [walk.hosts[number - 1] for number in key // 1000 % 100],
                          "bloc": [walk.blocs[number - 1] for number in key // 10 % 100], "direction": key % 10 - 2,
                          **ours[["events", "mentions", "sources"]]}, index=ours.index)
    table = table[whole].groupby(list(COUNTED[:4]), as_index=False)[list(COUNTED[4:])].sum()
    left = total[total["key"] < 0].assign(reason=-total["key"])
    reasons = {name: int(left.loc[left["reason"] == number, "rows"].sum()) for number, name in REASONS.items() if number != ELSEWHERE}
    reasons[REASONS[UNREADABLE]] += int(ours.loc[~whole, "rows"].sum())
    days = total[total["key"] != -ELSEWHERE].assign(day=_iso(total["added"])).dropna(subset="day").groupby("day")["rows"].sum()
    return table, {"acts": int(ours.loc[whole, "events"].sum()), "duplicates": int((ours["rows"] - ours["events"])[whole].sum()), "left out": reasons,
                   "no such day": sorted({str(day) for day in (key // 10**5)[~whole]}),
                   "event codes unmatched": _most(left, UNMATCHED), "actor codes unmatched": _most(left, STRANGER),
                   "days": {day: int(number) for day, number in days.items()}}


def _iso(days: pd.Series) -> pd.Series:
    """20240131 as 2024-01-31, missing where there is no such day."""
    return pd.to_datetime(days.astype(str), format="%Y%m%d", errors="coerce").dt.strftime("%Y-%m-%d")


def _most(left: pd.DataFrame, reason: int) -> dict[str, int]:
    """Rows by code, the most frequent first."""
    found = left[left["reason"] == reason].groupby("detail")["rows"].sum().reset_index().sort_values(["rows", "detail"], ascending=[False, True])
    return {str(code): int(number) for code, number in zip(found["detail"], found["rows"])}
