"""One airlift, read closely: its legs as great circles, its reports by origin, its claims report by report.

The case is the event with rows in `legs`; nothing of a route, a host or a force stands here. Pages are counted against
origins: ten pages of one text are ten reports and one origin.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd

from helpers import evidence
from helpers.dates import iso, parse
from helpers.ledger import Ledger

EARTH_KM = 6371.0  # the sphere of the great circles
NO_ORIGIN = "no origin stated"


def case(ledger: Ledger) -> str:
    """The event_id of the case: the event with legs that most claims are about, else the event that most claims are about, else ""."""
    about = ledger["claims"]["about"]
    claimed = about[about.ne("")].value_counts()
    flown = sorted(set(ledger["legs"]["event_id"])) or sorted(claimed.index)
    return min(flown, key=lambda event: (-claimed.get(event, 0), event)) if flown else ""


def great_circle_km(lat1: Any, lon1: Any, lat2: Any, lon2: Any) -> Any:
    """Length of the great circle between points given in degrees (numbers or arrays of one shape), in km (haversine)."""
    a, b, c, d = (np.radians(np.asarray(value, float)) for value in (lat1, lon1, lat2, lon2))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0, 1)))


def arc(lat1: float, lon1: float, lat2: float, lon2: float, points: int = 33) -> tuple[np.ndarray, np.ndarray]:
    """Longitudes and latitudes along the great circle, in degrees, shape (points,) each; longitudes run on over ±180."""
    angles = np.radians([[lat1, lon1], [lat2, lon2]])
    ends = np.stack([np.cos(angles[:, 0]) * np.cos(angles[:, 1]), np.cos(angles[:, 0]) * np.sin(angles[:, 1]), np.sin(angles[:, 0])], axis=1)
    whole = great_circle_km(lat1, lon1, lat2, lon2) / EARTH_KM
    part = np.linspace(0, 1, points)[:, None]
    if whole < 1e-12:
        return np.full(points, float(lon1)), np.full(points, float(lat1))
    along = (np.sin((1 - part) * whole) * ends[0] + np.sin(part * whole) * ends[1]) / np.sin(whole)
    longitudes = np.degrees(np.unwrap(np.arctan2(along[:, 1], along[:, 0])))
    return longitudes + lon1 - longitudes[0], np.degrees(np.arcsin(np.clip(along[:, 2], -1, 1)))


def short(name: str) -> str:
    """A place's name up to its first comma, slash or bracket."""
    return re.split(r"\s*[,/(]", name, maxsplit=1)[0].strip() or name


def legs(ledger: Ledger, event: str) -> pd.DataFrame:
    """The legs of an event in order: sequence, start, end (short names), lat1, lon1, lat2, lon2, km, text ("A – B: 950 km")."""
    rows = ledger["legs"][ledger["legs"]["event_id"].eq(event)].sort_values("sequence")
    places = ledger["places"].set_index("place_id")
    ends = {end: places.reindex(rows[end]) for end in ("from", "to")}
    table = pd.DataFrame({"sequence": rows["sequence"].astype(int).to_numpy(), "start": [short(name) for name in ends["from"]["name"]],
                          "end": [short(name) for name in ends["to"]["name"]], "lat1": ends["from"]["lat"].to_numpy(float),
                          "lon1": ends["from"]["lon"].to_numpy(float),
                          "lat2": ends["to"]["lat"].to_numpy(float), "lon2": ends["to"]["lon"].to_numpy(float)})
    table["km"] = great_circle_km(table["lat1"], table["lon1"], table["lat2"], table["lon2"])
    table["text"] = [f"{row.start} – {row.end}: {row.km:,.0f} km" for row in table.itertuples()]
    return table


def chain(table: pd.DataFrame) -> tuple[str, str]:
    """How the legs hang together (loop, route, or legs where one does not begin where the last ended), and their places as text."""
    if (table["end"].iloc[:-1].to_numpy() != table["start"].iloc[1:].to_numpy()).any():
        return "legs", ", ".join(f"{row.start} – {row.end}" for row in table.itertuples())
    names = [table["start"].iloc[0], *table["end"]]
    return ("loop" if names[0] == names[-1] else "route"), " – ".join(names)


def _pages(ledger: Ledger, event: str) -> pd.DataFrame:
    """The pages of the case: source_id, speaks (cited for the event, or with a claim about it). The others tell one of its
    details without the event."""
    cited, claims = ledger["citations"], ledger["claims"]
    speaking = {*cited.loc[cited["event_id"].eq(event), "source_id"], *claims.loc[claims["about"].eq(event), "source_id"]}
    told = set(claims.loc[claims["source_id"].isin(speaking) & claims["about"].isin(["", event]), "attribute"])
    beside = set(claims.loc[claims["about"].eq("") & claims["attribute"].isin(told), "source_id"]) - speaking if event else set()
    found = sorted(speaking if event else ()) + sorted(beside)
    return pd.DataFrame({"source_id": pd.Series(found, dtype=object), "speaks": pd.Series([page in speaking for page in found], dtype=bool)})


def reports(ledger: Ledger, event: str) -> pd.DataFrame:
    """One row per page and origin of the case, grouped by origin (the largest first), undated pages last within each.

    Columns: number (of the page, from 1), source_id, publisher, title, url, gone, published, first, last (ordinals, NaN where
    undated), said (the day that the page gives for the act), origin_id, origin, named, own, stance ("" where only a
    claim speaks of it), speaks.
    """
    pages, cited = _pages(ledger, event), evidence.cited(ledger)
    own = cited[cited["event_id"].eq(event)]
    other = cited[cited["source_id"].isin(set(pages["source_id"]) - set(own["source_id"]))].assign(stance="", reported_date="", own=False)
    columns = ["source_id", "origin_id", "origin", "named", "own", "stance", "reported_date"]
    both = pd.concat([own, other])[columns].sort_values([*columns[:2], "reported_date"], ascending=[True, True, False])
    stances = both.groupby(["source_id", "origin_id"])["stance"].agg(lambda group: ", ".join(sorted(set(group) - {""}))).rename("stance")
    both = both.drop(columns="stance").drop_duplicates(["source_id", "origin_id"]).merge(stances.reset_index(), on=["source_id", "origin_id"])
    rows = pages.merge(ledger["sources"], on="source_id").merge(both, on="source_id", how="left")
    rows = rows.assign(named=rows["named"].eq(True), own=rows["own"].eq(True), said=rows["reported_date"].fillna(""))
    rows = rows.fillna({"origin_id": "", "origin": "", "stance": ""})
    days = [parse(text) if text else None for text in rows["published"]]
    rows["first"] = [np.nan if day is None or day.first is None else day.first for day in days]
    rows["last"] = [np.nan if np.isnan(first) else day.last for day, first in zip(days, rows["first"])]
    rows["size"] = rows.groupby("origin_id")["source_id"].transform("nunique") * rows["speaks"]
    rows["largest"] = rows.groupby("origin_id")["size"].transform("max")
    rows = rows.sort_values(["largest", "origin_id", "last", "first", "source_id"], ascending=[False, True, True, True, True],
                            na_position="last").reset_index(drop=True)
    numbers = {page: place for place, page in enumerate(dict.fromkeys(rows["source_id"]), 1)}
    return rows.assign(number=rows["source_id"].map(numbers))[["number", "source_id", "publisher", "title", "title_from_url", "url", "gone", "published",
                                                               "first", "last",
                                                               "said", "origin_id", "origin", "named", "own", "stance", "speaks"]]


def tally(ledger: Ledger, event: str, rows: pd.DataFrame) -> dict[str, int]:
    """What a count of reports hides: pages that speak of the act, publishers, origins (known ones), named, supporting, denying."""
    told = rows[rows["speaks"] & ~rows["stance"].eq("denies")]
    known = told[told["origin_id"].ne("")]
    supporting = known[known["named"] & known["stance"].str.contains("supports")]
    return {"pages": told["source_id"].nunique(), "publishers": told["publisher"].nunique(), "origins": known["origin_id"].nunique(),
            "named": known.loc[known["named"], "origin_id"].nunique(), "supporting": supporting["origin_id"].nunique(),
            "dated": told.dropna(subset="first")["source_id"].nunique(), "denying": rows.loc[rows["stance"].str.contains("denies"), "source_id"].nunique()}


def told(ledger: Ledger, event: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The claims of the case's pages on details of the act, or on what more than one of them tells.

    Columns: those of claims, number (of the page), own (about the case). Ordered by detail: those about the case first,
    then by how many pages tell it.
    """
    numbers = dict(zip(rows["source_id"], rows["number"]))
    claims = ledger["claims"][ledger["claims"]["source_id"].isin(numbers)]
    claims = claims.assign(number=claims["source_id"].map(numbers), own=claims["about"].eq(event))
    about = claims.groupby("attribute")["own"].any()
    pages = claims.groupby("attribute")["source_id"].nunique()
    kept = claims[claims["attribute"].map(about | (pages > 1)).eq(True)] if len(claims) else claims
    order = sorted(set(kept["attribute"]), key=lambda name: (not about[name], -pages[name], name))
    return kept.assign(rank=kept["attribute"].map(order.index)).sort_values(["rank", "number", "claim_id"]).drop(columns="rank").reset_index(drop=True)


def details(claims: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """One row per detail: attribute, own (told of the act), pages, origins, named (named origins that tell it of the act),
    new, repeats, values (list, as told), why (the coder's reason at the first claim that is no repetition)."""
    found = []
    for attribute, group in claims.groupby("attribute", sort=False):
        of_act = group[group["own"]] if group["own"].any() else group
        sources = rows[rows["source_id"].isin(of_act["source_id"])]
        repeats = group["verdict"].eq("duplicate")
        reason = group[~repeats] if not repeats.all() else group
        found.append({"attribute": attribute, "own": bool(group["own"].any()), "pages": of_act["source_id"].nunique(),
                      "origins": sources.loc[sources["origin_id"].ne(""), "origin_id"].nunique(), "named": sources.loc[sources["named"], "origin_id"].nunique(),
                      "new": int((~repeats).sum()), "repeats": int(repeats.sum()), "values": list(dict.fromkeys(group["value"])), "why": reason["why"].iloc[0]})
    return pd.DataFrame(found, columns=["attribute", "own", "pages", "origins", "named", "new", "repeats", "values", "why"])


def _appeared(rows: pd.DataFrame) -> dict[str, tuple[float, bool]]:
    """Per page the last day on which it can have appeared, and whether that day is its own or that of the dated pages of its origins."""
    newest = rows[rows["origin_id"].ne("")].groupby("origin_id")["last"].max()
    lent = rows.assign(lent=rows["origin_id"].map(newest)).groupby("source_id")["lent"].max()
    return {page: (last, True) if not np.isnan(last) else (lent[page], False) for page, last in zip(rows["source_id"], rows["last"])}


def only_decided(ledger: Ledger, event: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Claims of the case's pages about acts of a process that was not completed when the page appeared.

    Columns: claim_id, number, value, why, process (title), act (date, type and status of the act told), completed ("" where the
    ledger knows no completion), appeared (day, or ""), dated (False: by the dated pages of the same origin). Pages without any day
    to go by are left out (and counted by `undatable`). The process of which most is told comes first.
    """
    numbers, appeared = dict(zip(rows["source_id"], rows["number"])), _appeared(rows)
    events, processes = ledger["events"].set_index("event_id"), ledger["processes"].set_index("process")
    found = []
    for claim in _elsewhere(ledger, event, rows).itertuples():
        act = events.loc[claim.about]
        process, (day, own) = processes.loc[act["process"]], appeared[claim.source_id]
        done = parse(process["completed"]).first if process["completed"] else np.inf
        if np.isnan(day) or done is None or done <= day:
            continue
        found.append((claim.claim_id, numbers[claim.source_id], claim.value, claim.why, process["title"],
                      f"{act['date']}: {act['type'].replace('_', ' ')}, {act['status']}", process["completed"], iso(day), own))
    columns = ["claim_id", "number", "value", "why", "process", "act", "completed", "appeared", "dated"]
    table = pd.DataFrame(found, columns=columns)
    table["times"] = -table.groupby("process")["claim_id"].transform("size")
    return table.sort_values(["times", "process", "number", "claim_id"]).drop(columns="times").reset_index(drop=True)


def _elsewhere(ledger: Ledger, event: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Claims of these pages about acts of a process other than the case."""
    claims, events = ledger["claims"], ledger["events"]
    in_process = set(events.loc[events["process"].isin(set(ledger["processes"]["process"]) - {""}), "event_id"])
    return claims[claims["source_id"].isin(set(rows["source_id"])) & claims["about"].isin(in_process - {event})]


def undatable(ledger: Ledger, event: str, rows: pd.DataFrame) -> int:
    """Claims about other acts on pages that neither carry a date nor share an origin with a dated page."""
    appeared = _appeared(rows)
    return sum(bool(np.isnan(appeared[page][0])) for page in _elsewhere(ledger, event, rows)["source_id"])
