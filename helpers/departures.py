"""Who departed and who replaced whom, read from the stock: per host and bloc, and the two sides compared.

Expiry and silence are never a departure: a figure that is too old still counts as possibly there, and a force
known only by its regional figure keeps a host from being called left.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd

from helpers.counts import last_change, leaders
from helpers.dates import quarter_name
from helpers.ledger import Ledger
from helpers.strengths import Stock


@dataclass(frozen=True)
class Departure:
    """kind: left (since = quarter), present, unknown (no figure is current), too few (peak under the least), none (never reported).

    peak: largest quarterly sum of the highest reported figures, at the quarter `peak_quarter`; now: stock at the cutoff.
    """

    host: str
    bloc: str
    kind: str
    peak: float
    peak_quarter: int | None
    since: int | None
    now: float
    region_only: str


def _rows(stock: Stock, host: str, bloc: str) -> pd.DataFrame:
    table = stock.table
    rows = table[(table["place"] == host) & (table["bloc"] == bloc)].set_index("quarter")
    return rows.reindex(list(stock.quarters))


def departure(stock: Stock, host: str, bloc: str, share: float, least: float, figures: str = "median") -> Departure:
    """The quarter from which a bloc's stock in a host stays at or under `share` of its peak.

    figures: which figures are read as the stock (median, low, high); the peak is always that of the highest.
    """
    rows = _rows(stock, host, bloc)
    return judged(host, bloc, stock.quarters, {figures: rows[figures].to_numpy(float), "high": rows["high"].to_numpy(float),
                  "unknown": rows["unknown"].fillna(0).to_numpy(float), "hatched": rows["region_only"].fillna("").tolist()}, share, least, figures)


def judged(host: str, bloc: str, quarters: range, rows: dict[str, Any], share: float, least: float, figures: str = "median") -> Departure:
    """A departure from a bloc's rows in a host, one entry per quarter: `figures`, high (NaN where nothing was ever reported), unknown, hatched."""
    known = ~np.isnan(rows[figures])
    if not known.any():
        return Departure(host, bloc, "none", 0.0, None, None, 0.0, "")
    level, hatched = np.where(known, rows[figures], 0.0), rows["hatched"]
    highest = np.where(known, rows["high"], -1.0)
    now, place = float(level[-1]), int(highest.argmax())
    peak, at = float(highest[place]), quarters[place]
    if peak < least and not hatched[-1]:
        return Departure(host, bloc, "too few", peak, at, None, now, "")
    there = (level + rows["unknown"] > share * peak) | np.array([text != "" for text in hatched]) | ~known
    there[:place] = False
    if there[-1]:
        kind = "unknown" if not hatched[-1] and now <= share * peak else "present"
        return Departure(host, bloc, kind, peak, at, None, now, hatched[-1])
    since = quarters[int(np.flatnonzero(there)[-1])] + 1 if there.any() else at
    return Departure(host, bloc, "left", peak, at, since, now, "")


def departures(ledger: Ledger, stock: Stock, share: float | None = None, figures: str = "median") -> pd.DataFrame:
    """One row per host and side (fields of Departure), with `other_now`: the other side's stock there at the cutoff,
    `other_region_only`, and `replacement`: other_now as a share of what left (NaN where it did not leave, or where the
    other side's figure is only the region's)."""
    rules, sides = ledger.parameters["stock"], ledger.parameters["sides"]
    return compared([departure(stock, host, side, share or rules["departure_share"], rules["minimum_peak"], figures) for host in stock.hosts for side in sides])


def compared(found: list[Departure]) -> pd.DataFrame:
    """Departures, the two sides of each host in turn, as the rows of `departures`."""
    columns = [*Departure.__dataclass_fields__, "other", "other_now", "other_region_only", "replacement"]
    return pd.DataFrame([vars(row) for row in facing(found)], columns=columns)


def facing(found: list[Departure]) -> list[SimpleNamespace]:
    """Each departure beside the other side of its host (the two sides of each host in turn)."""
    rows = []
    for place, item in enumerate(found):
        other = found[place ^ 1]
        known = item.kind == "left" and not other.region_only
        rows.append(SimpleNamespace(**vars(item), other=other.bloc, other_now=other.now, other_region_only=other.region_only,
                                    replacement=other.now / item.peak if known else np.nan))
    return rows


def departure_verdict(ledger: Ledger, rows: pd.DataFrame) -> dict[str, Any]:
    """Which side left more hosts. kind: left (with bloc), tie or nobody; hosts: per side the hosts left and since when."""
    return left_by(ledger.parameters["sides"], list(rows.itertuples()))


def left_by(sides: list[str], rows: list[Any]) -> dict[str, Any]:
    """`departure_verdict` on rows with the fields of a Departure."""
    hosts = {side: {row.host: quarter_name(row.since) for row in rows if row.bloc == side and row.kind == "left"} for side in sides}
    most = max(len(left) for left in hosts.values())
    ahead = [side for side in sides if len(hosts[side]) == most]
    if most == 0:
        return {"kind": "nobody", "hosts": hosts}
    return {"kind": "left", "bloc": ahead[0], "hosts": hosts} if len(ahead) == 1 else {"kind": "tie", "hosts": hosts}


def replacement_verdict(ledger: Ledger, rows: pd.DataFrame) -> dict[str, Any]:
    """For the side that left more hosts (both at a tie): left (hosts), stands (hosts where the other stands at the cutoff),
    at_most (largest share of what left; None where no share is known)."""
    return replaced_by(ledger.parameters["sides"], list(rows.itertuples()))


def replaced_by(sides: list[str], rows: list[Any]) -> dict[str, Any]:
    """`replacement_verdict` on rows with the fields of `facing`."""
    verdict = left_by(sides, rows)
    found = {}
    for side in {"nobody": [], "tie": sides}.get(verdict["kind"], [verdict.get("bloc")]):
        left = [row for row in rows if row.bloc == side and row.kind == "left"]
        stands = [row for row in left if row.other_now > 0 or row.other_region_only != ""]
        shares = [row.replacement for row in stands if not np.isnan(row.replacement)]
        found[side] = {"by": left[0].other, "left": [row.host for row in left], "stands": [row.host for row in stands],
                       "at_most": round(float(max(shares)), 4) if shares else None}
    return {"kind": verdict["kind"], "replaced": found}


def stock_lead(ledger: Ledger, stock: Stock) -> dict[str, Any]:
    """The last lead change on the region's stock, the second witness; kind "nobody" where no side ever had any."""
    sides = ledger.parameters["sides"]
    if not len(stock.quarters):
        return {"kind": "nobody"}
    values = [_rows(stock, stock.region, side)["median"] for side in sides]
    first, second = (value.fillna(0).to_numpy(float) for value in values)
    if not (first.any() or second.any()):
        return {"kind": "nobody"}
    labels = [quarter_name(quarter) for quarter in stock.quarters]
    return last_change(labels, leaders(first, second, sides, ledger.parameters["share"]["tie"]))
