"""Who departed and who replaced whom, read from the stock: per host and bloc, and the two sides compared.

Expiry and silence are never a departure: a figure that is too old still counts as possibly there, and a force
known only by its regional figure keeps a host from being called left.
"""

from __future__ import annotations

from dataclasses import dataclass
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


def departure(stock: Stock, host: str, bloc: str, share: float, least: float) -> Departure:
    """The quarter from which a bloc's stock in a host stays at or under `share` of its peak."""
    rows = _rows(stock, host, bloc)
    if not len(rows) or rows["median"].isna().all():
        return Departure(host, bloc, "none", 0.0, None, None, 0.0, "")
    now, hatched = rows["median"].fillna(0).iloc[-1], rows["region_only"].fillna("")
    peak, at = rows["high"].max(), rows["high"].idxmax()
    if peak < least and not hatched.iloc[-1]:
        return Departure(host, bloc, "too few", peak, at, None, now, "")
    possible = rows["median"].fillna(0) + rows["unknown"].fillna(0)
    there = (possible > share * peak) | hatched.ne("") | rows["median"].isna()
    there &= rows.index >= at
    if there.iloc[-1]:
        kind = "unknown" if not hatched.iloc[-1] and now <= share * peak else "present"
        return Departure(host, bloc, kind, peak, at, None, now, hatched.iloc[-1])
    since = int(there[there].index[-1]) + 1 if there.any() else int(at)
    return Departure(host, bloc, "left", peak, at, since, now, "")


def departures(ledger: Ledger, stock: Stock, share: float | None = None) -> pd.DataFrame:
    """One row per host and side (fields of Departure), with `other_now`: the other side's stock there at the cutoff,
    `other_region_only`, and `replacement`: other_now as a share of what left (NaN where it did not leave, or where the
    other side's figure is only the region's)."""
    rules, sides = ledger.parameters["stock"], ledger.parameters["sides"]
    found = [departure(stock, host, side, share or rules["departure_share"], rules["minimum_peak"]) for host in stock.hosts for side in sides]
    rows = []
    for place, item in enumerate(found):
        other = found[place ^ 1]
        known = item.kind == "left" and not other.region_only
        rows.append({**vars(item), "other": other.bloc, "other_now": other.now, "other_region_only": other.region_only,
                     "replacement": other.now / item.peak if known else np.nan})
    columns = [*Departure.__dataclass_fields__, "other", "other_now", "other_region_only", "replacement"]
    return pd.DataFrame(rows, columns=columns)


def departure_verdict(ledger: Ledger, rows: pd.DataFrame) -> dict[str, Any]:
    """Which side left more hosts. kind: left (with bloc), tie or nobody; hosts: per side the hosts left and since when."""
    sides = ledger.parameters["sides"]
    hosts = {side: {row.host: quarter_name(row.since) for row in rows[(rows["bloc"] == side) & rows["kind"].eq("left")].itertuples()} for side in sides}
    most = max(len(left) for left in hosts.values())
    ahead = [side for side in sides if len(hosts[side]) == most]
    if most == 0:
        return {"kind": "nobody", "hosts": hosts}
    return {"kind": "left", "bloc": ahead[0], "hosts": hosts} if len(ahead) == 1 else {"kind": "tie", "hosts": hosts}


def replacement_verdict(ledger: Ledger, rows: pd.DataFrame) -> dict[str, Any]:
    """For the side that left more hosts (both at a tie): left (hosts), stands (hosts where the other stands at the cutoff),
    at_most (largest share of what left; None where no share is known)."""
    verdict = departure_verdict(ledger, rows)
    named = {"nobody": [], "tie": ledger.parameters["sides"]}.get(verdict["kind"], [verdict.get("bloc")])
    found = {}
    for side in named:
        left = rows[(rows["bloc"] == side) & rows["kind"].eq("left")]
        stands = left[(left["other_now"] > 0) | left["other_region_only"].ne("")]
        shares = stands["replacement"].dropna()
        found[side] = {"by": left["other"].iloc[0], "left": left["host"].tolist(), "stands": stands["host"].tolist(),
                       "at_most": round(float(shares.max()), 4) if len(shares) else None}
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
