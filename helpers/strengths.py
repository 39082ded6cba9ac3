"""The stock: reported strength by bloc and place at each quarter's end.

Of all series (`series`) at a place it takes those that count: a transfer hands the last figure to the successor, of a
succession group only the newest counts, the parts of a current parent are not added to it, and the region's total takes a
force's regional figure where one is current, its hosts' figures elsewhere, never both.
"""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from helpers.counts import host_set
from helpers.dates import quarter_bounds, quarter_of
from helpers.ledger import Ledger
from helpers.series import Series, State, as_figures, in_stock


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
        """place, bloc, quarter, median, low, high, made_of (forces and their people), unknown (last figures too old to count),
        unknown_forces, region_only (forces)."""
        rows = []
        for place in [self.region, *self.hosts]:
            for quarter in self.quarters:
                rows += self._totals(place, quarter)
        columns = ["place", "bloc", "quarter", "median", "low", "high", "made_of", "unknown", "unknown_forces", "region_only"]
        return pd.DataFrame(rows, columns=columns)

    def _totals(self, place: str, quarter: int) -> list[tuple]:
        totals: dict[str, _Total] = {}
        for name, state in self.members(place, quarter).items():
            force = self.series[name].force
            totals.setdefault(self.blocs[force], _Total()).add(force, state, quarter)
        hatched = self.region_only(place, quarter) if place != self.region else []
        for force in hatched:
            totals.setdefault(self.blocs[force], _Total())
        return [(place, bloc, quarter, *total.cells(), ", ".join(force for force in hatched if self.blocs[force] == bloc)) for bloc, total in totals.items()]


class _Total:
    """A bloc's sum at a place and quarter, and what it is made of."""

    def __init__(self) -> None:
        self.figures, self.forces, self.unknown, self.old = [], [], 0.0, set()

    def add(self, force: str, state: State, quarter: int) -> None:
        """Adds a force's state at the quarter's end."""
        item = state.observation
        if state.kind == "unknown":
            self.unknown += item.median
            self.old.add(force)
            return
        high = item.high if state.kind == "current" or item.quarter == quarter else 0.0
        self.figures.append((item.median, item.low, high))
        if item.median:
            self.forces.append((-item.median, force))

    def cells(self) -> tuple:
        """median, low, high, made_of, unknown, unknown_forces."""
        made_of = "; ".join(f"{force} {int(-people + 0.5):,}" for people, force in sorted(self.forces))
        return *(tuple(sum(part) for part in zip(*self.figures)) or (0.0, 0.0, 0.0)), made_of, self.unknown, ", ".join(sorted(self.old))
