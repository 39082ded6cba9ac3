"""What stands behind an event: independent named origins, self-reports, denials; pages are not origins.

Ten pages that pass on one agency are one origin; an unnamed or unknown origin adds none; an origin controlled by a
state that is host or partner of the event reports on itself and is marked. The tables are made once for a ledger and are
not to be changed by callers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import pandas as pd

from helpers.ledger import Ledger

SHOWN = ["event_id", "source_id", "origin_id", "origin", "own", "stance", "field", "value", "publisher", "title", "title_from_url", "published", "url", "gone"]


@lru_cache(maxsize=2)
def cited(ledger: Ledger) -> pd.DataFrame:
    """Citations with their page and origin: columns of citations, plus published, publisher, title, url …, `origin`
    (name, "" if unknown), `named` (bool), `own` (True where the origin is a party to the event)."""
    rows = ledger["citations"].merge(ledger["sources"], on="source_id", how="left")
    origins = ledger["origins"].rename(columns={"name": "origin", "kind": "origin_kind"})
    rows = rows.merge(origins, on="origin_id", how="left").fillna({"origin": "", "named": "no", "country": "", "control": ""})
    events = ledger["events"]
    parties = {event: [*hosts.split(";"), *partners.split(";")] for event, hosts, partners in zip(events["event_id"], events["hosts"], events["partners"])}
    of_event = [parties.get(event, []) for event in rows["event_id"]]
    rows["named"] = rows["named"].eq("yes")
    rows["own"] = [bool(country) and control == "state" and country in parties
                   for country, control, parties in zip(rows["country"], rows["control"], of_event)]
    return rows


def citations_of(ledger: Ledger, events: Iterable[str]) -> dict[str, list[Any]]:
    """event_id → its citations, by page and origin, for the events named: rows with the columns `SHOWN` of `cited`. Made in one pass: a table
    of rows for each event is slow."""
    rows, found = cited(ledger), defaultdict[str, list[Any]](list)
    for row in rows.loc[rows["event_id"].isin(set(events)), SHOWN].sort_values(["source_id", "origin_id"]).itertuples(index=False):
        found[row.event_id].append(row)
    return dict(found)


def supporting(ledger: Ledger) -> pd.DataFrame:
    """One row of `cited` per event and named origin whose pages carry the act: one that carries the whole row (`supports`), if there is any."""
    rows, stances = cited(ledger), ledger.parameters["carrying_stances"]
    rows = rows[rows["stance"].isin(stances) & rows["named"]]
    order = rows["stance"].map(stances.index).astype(int)
    return rows.assign(order=order).sort_values("order", kind="stable").drop_duplicates(["event_id", "origin_id"]).sort_index()


@lru_cache(maxsize=2)
def corroboration(ledger: Ledger) -> pd.DataFrame:
    """One row per event (index event_id): pages, origins (named origins that support the act: a page that carries the act but not
    each detail of the row backs the act too), in_full (of these, those with a page that carries the whole row), self_only (each of
    these origins is a party to the event), denied (any page denies), differs (pages that differ in a field)."""
    rows = cited(ledger)
    support = supporting(ledger)
    table = pd.DataFrame(index=pd.Index(ledger["events"]["event_id"], name="event_id"))
    table["pages"] = _pages(rows)
    table["origins"] = support["event_id"].value_counts()
    table["in_full"] = support.loc[support["stance"].eq("supports"), "event_id"].value_counts()
    others = support.loc[~support["own"].astype(bool), "event_id"]
    for stance in ("denies", "differs"):
        table[stance] = _pages(rows[rows["stance"].eq(stance)])
    table = table.fillna(0)
    table["self_only"] = (table["origins"] > 0) & ~table.index.isin(others)
    table["denied"] = table["denies"] > 0
    return table.astype({"pages": int, "origins": int, "in_full": int, "denies": int, "differs": int})


def _pages(rows: pd.DataFrame) -> pd.Series:
    return rows.drop_duplicates(["event_id", "source_id"])["event_id"].value_counts()


def unnamed_groups(ledger: Ledger) -> pd.DataFrame:
    """Origins without a name: groups of pages that share one text. Columns origin_id, name, pages, events."""
    rows = cited(ledger)
    unnamed = rows[~rows["named"] & rows["origin_id"].ne("")]
    grouped = unnamed.groupby(["origin_id", "origin"]).agg(pages=("source_id", "nunique"), events=("event_id", "nunique"))
    return grouped.reset_index().rename(columns={"origin": "name"})
