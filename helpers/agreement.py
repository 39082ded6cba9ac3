"""How far two codings agree: Krippendorff's alpha of each field with its interval, and the share of acts that both saw on a page.

Table `codings`: an item is an event that both coded (fields type, status, initiator, date), or a page that both read from
scratch (fields `act 1`, `act 2` …, values `hosts | partners | type | date`; `acts` = 0 where a coder found none).
"""

from __future__ import annotations

from typing import Any

import krippendorff
import numpy as np
import pandas as pd

from helpers import dates
from helpers.exhibits import Nothing, Table, frame_table
from helpers.findings import Finding, counted
from helpers.ledger import Ledger

FIELDS = ("type", "status", "initiator", "date")
ACT, NO_ACT = "act ", "acts"
DRAWS, SEED, INTERVAL = 2000, 20261122, (2.5, 97.5)
ENOUGH = 0.8  # Krippendorff's customary bound for firm conclusions


def pairs(ledger: Ledger, field: str) -> pd.DataFrame:
    """Items that two coders gave a value for a field: a row per item, a column per coder."""
    rows = ledger["codings"][ledger["codings"]["field"] == field]
    wide = rows.pivot(index="item", columns="coder", values="value")
    return wide.dropna() if wide.shape[1] == 2 else wide.iloc[:0]


def alpha(codes: np.ndarray) -> float:
    """Nominal alpha of two coders (codes: 2 × items, whole numbers); 1 where both say one and the same of all items."""
    if len(np.unique(codes)) < 2:
        return 1.0
    return float(krippendorff.alpha(reliability_data=codes, level_of_measurement="nominal"))


def alphas(codes: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """`alpha` of many draws of the same items at once (drawn: draws × items, places in `codes`). Of two coders' nominal codes all that
    changes from draw to draw is how many items are coded unlike and how often each code stands (Krippendorff 2011, section C); thousands of
    calls of the library take longer than all the rest of the page."""
    unlike = 2 * (codes[0] != codes[1])[drawn].sum(axis=1)
    often = np.stack([np.bincount(codes[:, items].ravel(), minlength=codes.max() + 1) for items in drawn])
    total = 2 * codes.shape[1]
    chance = total ** 2 - (often ** 2).sum(axis=1)
    return 1 - (total - 1) * unlike / np.where(chance == 0, 1, chance)  # one code for all: nothing is unlike, alpha is 1


def interval(codes: np.ndarray) -> tuple[float, float]:
    """The middle 95 % of alpha over items drawn again with replacement (bootstrap, fixed seed)."""
    low, high = np.percentile(alphas(codes, np.random.default_rng(SEED).integers(0, codes.shape[1], (DRAWS, codes.shape[1]))), INTERVAL)
    return float(low), float(high)


def same_days(wide: pd.DataFrame) -> pd.Series:
    """True for each item whose two dates, as written, have a day in common."""
    spans = wide.map(_days)
    first, second = (spans.iloc[:, place] for place in (0, 1))
    return pd.Series([one[0] <= other[1] and other[0] <= one[1] for one, other in zip(first, second)], wide.index, bool)


def _days(text: str) -> tuple[float, float]:
    day = dates.parse(text)
    return (-np.inf if day.first is None else day.first), day.last


def fields(ledger: Ledger) -> pd.DataFrame:
    """Per field: field, items, same (share coded alike), alpha, low, high."""
    rows = []
    for field in FIELDS:
        wide = pairs(ledger, field)
        if len(wide):
            codes = pd.factorize(wide.to_numpy().ravel())[0].reshape(wide.shape).T
            alike = wide.iloc[:, 0].eq(wide.iloc[:, 1]).mean()
            rows.append((field, len(wide), alike, alpha(codes), *interval(codes)))
    return pd.DataFrame(rows, columns=["field", "items", "same", "alpha", "low", "high"])


def acts_seen(ledger: Ledger) -> tuple[int, int, int]:
    """Pages that two coders read from scratch, acts that both saw on them, and acts that either saw."""
    rows = ledger["codings"][ledger["codings"]["field"].str.startswith(ACT) | ledger["codings"]["field"].eq(NO_ACT)]
    both = rows.groupby("item")["coder"].nunique()
    pages, matched, either = both.index[both.eq(2)], 0, 0
    for page in pages:
        own = rows[rows["item"].eq(page) & rows["field"].ne(NO_ACT)]
        lists = [[_act(ledger, value) for value in own.loc[own["coder"].eq(coder), "value"]] for coder in sorted(rows.loc[rows["item"].eq(page), "coder"].unique())]
        hits = _matches(*lists)
        matched, either = matched + hits, either + len(lists[0]) + len(lists[1]) - hits
    return len(pages), matched, either


def _act(ledger: Ledger, value: str) -> tuple[set[str], set[str], int, tuple[float, float]]:
    hosts, partners, kind, date = (part.strip() for part in value.split("|"))
    directions = ledger["event_types"].set_index("type")["direction"]
    return set(hosts.split(";")), set(partners.split(";")), int(directions[kind]), _days(date)


def _matches(ours: list[Any], theirs: list[Any]) -> int:
    """Acts of one list that have a partner of their own in the other: a host, a partner and a day in common, and the direction."""
    rest, found = list(theirs), 0
    for hosts, partners, direction, (first, last) in ours:
        same = next((act for act in rest if hosts & act[0] and (partners & act[1] or partners == act[1]) and direction == act[2]
                     and first <= act[3][1] and act[3][0] <= last), None)
        if same is not None:
            rest.remove(same)
            found += 1
    return found


def agreement(ledger: Ledger) -> Finding:
    """How far two machine codings agree, field by field, and on which acts there are."""
    table, (pages, both, either) = fields(ledger), acts_seen(ledger)
    if table.empty:
        return Finding("agreement", {"kind": "none"}, "No second coding is in the ledger.")
    values = {row.field: round(row.alpha, 2) for row in table.itertuples()}
    said = ", ".join(f"{row.field} {row.alpha:.2f} ({row.low:.2f} to {row.high:.2f})" for row in table.itertuples())
    seen = f" Of {counted(either, 'act')} that either saw on {counted(pages, 'page')} read from scratch, both saw {both:,}." if pages else ""
    enough = bool((table.loc[table["field"].ne("date"), "alpha"] >= ENOUGH).all())
    return Finding("agreement", {"kind": "enough" if enough else "short"}, f"Two codings agree by Krippendorff's alpha: {said}.{seen}", values,
                   "Agreement of two machine codings of the same pages and codebook, the second blind to the first; a human check is still open.")


def agreement_table(ledger: Ledger) -> Table | Nothing:
    """Field by field: items, share coded alike, alpha and its interval; and the share of dates with a day in common."""
    table = fields(ledger)
    if table.empty:
        return Nothing("agreement-table", "No second coding is in the ledger.")
    shown = pd.DataFrame({"Field": table["field"], "Events coded twice": table["items"], "Coded alike": table["same"].map("{:.0%}".format),
                          "Krippendorff's alpha": table["alpha"].round(2), "from": table["low"].round(2), "to": table["high"].round(2)})
    wide = pairs(ledger, "date")
    days = f" Dates that have a day in common: {same_days(wide).mean():.0%}." if len(wide) else ""
    note = (f"Nominal alpha: 1 is full agreement, 0 what chance would give; {ENOUGH:.2f} is the customary bound. From, to: the middle 95 % over items drawn "
            f"again. A date is alike only as written, to the letter.{days} Initiator: only acts that end or reduce something.")
    return frame_table("agreement-table", "Two codings, field by field", shown, note)
