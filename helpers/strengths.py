"""The stock: reported strength by bloc and place at each quarter's end.

Rules in short (DESIGN and README give them in full): one observation per series and quarter (median, lowest,
highest); it holds through the eighth quarter after its own, then the series is "unknown", never zero; a zero or a reported
end stays; a transfer hands the last figure to the successor; the parts of a current parent are not added to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from helpers.counts import host_set
from helpers.dates import parse, quarter_bounds, quarter_of
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


class Stock:
    """All series of a ledger and their states; the totals by place, bloc and quarter are read from it."""

    def __init__(self, ledger: Ledger, expiry: int | None = None):
        rules = ledger.parameters["stock"]
        self.region, self.hosts = rules["region"], host_set(ledger)
        forces = {row.force: row for row in ledger["forces"].itertuples()}
        rows = dict(list(ledger["strengths"][in_stock(ledger)].groupby("series_id")))
        none = ledger["strengths"].iloc[:0]
        self.series = {row.series_id: Series(row, as_figures(rows.get(row.series_id, none)), forces[row.force], expiry or rules["expiry_quarters"])
                       for row in ledger["series"].itertuples()}
        blocs = ledger["actors"].set_index("actor")["bloc"]
        self.blocs = {name: blocs.get(row.partners.split(";")[0], "other") for name, row in forces.items()}
        first = [item.quarter for series in self.series.values() for item in series.observations]
        self.quarters = range(min(first), quarter_of(ledger.cutoff_day) + 1) if first and ledger.cutoff_day else range(0)

    def _handed_over(self, series: Series, quarter: int) -> bool:
        """True once the successor's first figure on or after the transfer has come (same place or the region's; for a
        regional series any place)."""
        if series.transfer is None or quarter_of(series.transfer) > quarter:
            return False
        firsts = [other.first_figure_from(series.transfer) for other in self.series.values()
                  if other.force == series.successor and (series.host == self.region or other.host in (series.host, self.region))]
        return any(first is not None and first <= quarter for first in firsts)

    def state(self, series: Series, quarter: int) -> State:
        """The state of a series at a quarter's end: its own, its transfer's, and the zero of what it lies inside of."""
        if self._handed_over(series, quarter):
            return State("out")
        own = series.own_state(quarter)
        if own.observation is not None and own.kind in ("current", "unknown"):
            for above in self._above(series):
                gone = above.own_state(quarter)
                if gone.kind == "zero" and above.transfer is None and own.observation.day <= gone.observation.day:
                    return State("zero", gone.observation)
        return own

    def _above(self, series: Series) -> list[Series]:
        """What a series lies inside of: its parent, and the same force's figure of the whole region."""
        whole = self._regional.get(series.force) if series.host != self.region else None
        return [above for above in (self.series.get(series.part_of), whole) if above is not None]

    @cached_property
    def _regional(self) -> dict[str, Series]:
        return {series.force: series for series in self.series.values() if series.host == self.region}

    def _newest_of_groups(self, states: dict[str, State]) -> dict[str, State]:
        """Within a succession group and place only the newest observation counts (a tie: the successor's)."""
        best: dict[tuple[str, str], str] = {}
        for name, state in states.items():
            series = self.series[name]
            if not series.group or state.observation is None:
                continue
            key = (series.group, series.host)
            rival = best.get(key)
            if rival is None or self._rank(name, states) > self._rank(rival, states):
                best[key] = name
        return {name: state for name, state in states.items() if not self.series[name].group
                or best.get((self.series[name].group, self.series[name].host)) == name}

    def _rank(self, name: str, states: dict[str, State]) -> tuple:
        state, series = states[name], self.series[name]
        rivals = {self.series[other].force for other in states}
        return state.observation.quarter, state.kind != "zero", state.observation.day, series.successor not in rivals, name

    def members(self, place: str, quarter: int) -> dict[str, State]:
        """Series that count at a place (a host, or the region), with their states, after all rules."""
        within = self.hosts if place == self.region else [place]
        states = {name: self.state(series, quarter) for name, series in self.series.items()
                  if series.host in within or series.host == place}
        states = {name: state for name, state in states.items() if state.kind != "out" and not self._under_running_parent(name, quarter)}
        states = {name: state for name, state in states.items() if not self._inside_current(name, states)}
        states = self._newest_of_groups(states)
        if place == self.region:
            whole = {self.series[name].force for name, state in states.items() if self.series[name].host == place and state.kind == "current"}
            parts = {self.series[name].force for name, state in states.items() if self.series[name].host != place and state.kind == "current"}
            states = {name: state for name, state in states.items()
                      if (self.series[name].host == place) == (self.series[name].force in whole
                                                               or self.series[name].force not in parts and self._has_region(self.series[name].force, states))}
        return states

    def _under_running_parent(self, name: str, quarter: int) -> bool:
        """A part whose parent is of another bloc never counts for its own while the parent runs (a UN mission's contingents)."""
        series = self.series[name]
        parent = self.series.get(series.part_of)
        if parent is None or self.blocs[parent.force] == self.blocs[series.force]:
            return False
        return self.state(parent, quarter).kind in ("current", "unknown")

    def _has_region(self, force: str, states: dict[str, State]) -> bool:
        return any(self.series[name].force == force and self.series[name].host == self.region for name in states)

    def _inside_current(self, name: str, states: dict[str, State]) -> bool:
        parent = self.series[name].part_of
        while parent:
            if parent in states and states[parent].kind == "current":
                return True
            parent = self.series[parent].part_of if parent in self.series else ""
        return False

    def region_only(self, host: str, quarter: int) -> list[str]:
        """Forces that stand in a host by their series, but whose only current figure is the region's."""
        day, found = quarter_bounds(quarter)[1], []
        for series in (series for series in self.series.values() if series.host == host):
            whole = [other for other in self.series.values() if other.force == series.force and other.host == self.region]
            if not whole or self.state(whole[0], quarter).kind != "current":
                continue
            inside = [other for other in self.series.values() if other.host == host and other.part_of == whole[0].id]
            known = [series, *inside]
            if series.started is not None and series.started > day or series.ended is not None and series.ended <= day:
                continue
            if not any(self.state(other, quarter).kind in ("current", "zero") for other in known):
                found.append(series.force)
        return found

    @cached_property
    def table(self) -> pd.DataFrame:
        """place, bloc, quarter, median, low, high, unknown (last figures too old to count), unknown_forces, region_only (forces)."""
        rows = []
        for place in [self.region, *self.hosts]:
            for quarter in self.quarters:
                rows += self._totals(place, quarter)
        columns = ["place", "bloc", "quarter", "median", "low", "high", "unknown", "unknown_forces", "region_only"]
        return pd.DataFrame(rows, columns=columns)

    def _totals(self, place: str, quarter: int) -> list[tuple]:
        totals: dict[str, dict[str, Any]] = {}
        for name, state in self.members(place, quarter).items():
            bloc = totals.setdefault(self.blocs[self.series[name].force], {"figures": [], "unknown": 0.0, "old": []})
            if state.kind == "unknown":
                bloc["unknown"] += state.observation.median
                bloc["old"].append(self.series[name].force)
            else:
                item = state.observation
                high = item.high if state.kind == "current" or item.quarter == quarter else 0.0
                bloc["figures"].append((item.median, item.low, high))
        hatched = self.region_only(place, quarter) if place != self.region else []
        for force in hatched:
            totals.setdefault(self.blocs[force], {"figures": [], "unknown": 0.0, "old": []})
        return [(place, bloc, quarter, *_summed(total["figures"]), total["unknown"], ", ".join(sorted(set(total["old"]))),
                 ", ".join(force for force in hatched if self.blocs[force] == bloc)) for bloc, total in totals.items()]


def _summed(figures: list[tuple[float, float, float]]) -> tuple[float, ...]:
    return tuple(sum(part) for part in zip(*figures)) if figures else (0.0, 0.0, 0.0)
