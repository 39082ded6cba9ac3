"""One force at one place: what was reported of it, quarter by quarter, and its state at a quarter's end.

Rules in short (DESIGN and README give them in full): one observation per series and quarter (median, lowest, highest); it
holds through the eighth quarter after its own, then the series is "unknown", never zero; a zero or a reported end stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.dates import parse, quarter_of
from helpers.ledger import Ledger


@dataclass(frozen=True)
class Observation:
    """What was reported of one series in one quarter; `day` is the last possible day of its newest figure."""

    quarter: int
    median: float
    low: float
    high: float
    day: int
    source_id: str

    @property
    def is_zero(self) -> bool:
        """True where nobody was there."""
        return self.median == 0


@dataclass(frozen=True)
class State:
    """A series at a quarter's end: current, zero, unknown (the figure is too old) or out (nothing of it counts)."""

    kind: str
    observation: Observation | None = None


def in_stock(ledger: Ledger) -> pd.Series:
    """True for each row of `strengths` whose kind and basis let it enter the stock."""
    kinds, figures = [*ledger.parameters["kinds_in_stock"], "transfer"], ledger["strengths"]
    return figures["kind"].isin(kinds) & ~figures["basis"].isin(ledger.parameters["stock"]["basis_not_counted"])


def as_figures(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows of `strengths`, in order, as figures: quarter (None: the date is longer than one), first and last day as written,
    value, low, high, kind, source_id."""
    found = []
    for row in rows.itertuples():
        day = parse(row.date)
        start, end = day.written if day.form != "lasted" else (day.written[0], day.until)
        low = row.personnel if np.isnan(row.low) else row.low
        high = row.personnel if np.isnan(row.high) else row.high
        inside = end is not None and quarter_of(start) == quarter_of(end)
        found.append({"quarter": quarter_of(end) if inside and day.form != "before" else None, "first": start, "last": start if end is None else end,
                      "value": row.personnel, "low": low, "high": high, "kind": row.kind, "source_id": row.source_id})
    return found


def _observation(quarter: int, figures: list[dict[str, Any]]) -> Observation:
    """A zero beats any figure of its day or earlier, but the highest keeps the figures before it; a baseline (start) beats none."""
    zeros = [figure["last"] for figure in figures if figure["value"] == 0 and figure["kind"] != "start"]
    kept = [figure for figure in figures if figure["value"] > 0 and not (zeros and figure["first"] <= max(zeros))] \
        or [figure for figure in figures if figure["value"] == 0]
    newest = max(kept, key=lambda figure: (figure["last"], figure["source_id"]))
    return Observation(quarter, float(np.median([figure["value"] for figure in kept])), min(figure["low"] for figure in kept),
                       max(figure["high"] for figure in figures), newest["last"], newest["source_id"])


class Series:
    """One force at one place: its observations, end and transfer."""

    def __init__(self, row: Any, figures: list[dict[str, Any]], force: Any, expiry: int):
        self.id, self.force, self.host, self.part_of = row.series_id, row.force, row.host, row.part_of
        self.group, self.successor, self.expiry = force.succession_group, force.successor, expiry
        self.started = parse(row.started).written[0] if row.started else None
        self.ended = parse(row.ended).last if row.ended else None
        transfers = [figure["first"] for figure in figures if figure["kind"] == "transfer"]
        self.transfer = min(transfers) if transfers else None
        end = self.ended if self.transfer is None and self.ended is not None else np.inf
        self.in_no_quarter = [figure for figure in figures if figure["quarter"] is None]
        counted = [figure for figure in figures if figure["quarter"] is not None and figure["kind"] != "transfer" and figure["first"] <= end]
        quarters = sorted({figure["quarter"] for figure in counted})
        self.observations = [_observation(quarter, [figure for figure in counted if figure["quarter"] == quarter]) for quarter in quarters]

    @cached_property
    def end_observation(self) -> Observation | None:
        """The reported end as a zero (a transfer is none)."""
        if self.ended is None or self.transfer is not None:
            return None
        quarter = quarter_of(self.ended)
        kept = [item.high for item in self.observations if item.quarter == quarter]
        return Observation(quarter, 0.0, 0.0, max(kept, default=0.0), self.ended, "")

    def first_figure_from(self, day: int) -> int | None:
        """The quarter of the first figure on or after a day."""
        return next((item.quarter for item in self.observations if item.day >= day and not item.is_zero), None)

    def own_state(self, quarter: int) -> State:
        """The state by the series' own figures and end."""
        if self.end_observation and self.end_observation.quarter <= quarter:
            return State("zero", self.end_observation)
        seen = [item for item in self.observations if item.quarter <= quarter]
        if not seen:
            return State("out")
        newest = seen[-1]
        if newest.is_zero:
            return State("zero", newest)
        return State("current" if quarter - newest.quarter <= self.expiry else "unknown", newest)
