"""Stock lead, departure and replacement under every combination of choices about strengths.

The stock is built once for each expiry; other hosts, other blocs and the region's own figures are readings of it that share
what they have in common. Each host and side is judged once for each distinct run of figures.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from helpers import choices, departures, switches
from helpers.choices import Choices, Switch
from helpers.counts import last_change, leaders
from helpers.dates import quarter_name
from helpers.departures import Departure
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes, gathered
from helpers.series import Series, State
from helpers.strengths import Stock

FIGURES = ("median", "low", "high")
Rows = dict[str, Any]


class Reading(Stock):
    """A stock that can be read with other hosts, blocs and series, and remembers what those readings share."""

    def __init__(self, ledger: Ledger, expiry: int):
        super().__init__(ledger, expiry)
        self._ledger, self._actors = ledger, dict(zip(ledger["actors"]["actor"], ledger["actors"]["bloc"]))
        self._first = {row.force: row.partners.split(";")[0] for row in ledger["forces"].itertuples()}
        self._known: dict[tuple, Any] = {}
        self._mark: tuple = ("",)

    def read(self, hosts: Iterable[str], bloc: str, series: str) -> Reading:
        """The same figures with these hosts, one actor counted otherwise, and (`host`) without the region's own series."""
        other, blocs = copy.copy(self), {**self._actors, **(choices.flips(self._ledger, bloc))}
        other.__dict__.pop("table", None)
        other.hosts = list(hosts)
        other.blocs = {force: blocs.get(actor, "other") for force, actor in self._first.items()}
        if series != switches.WORDS["series"][0]:
            other.series = {name: one for name, one in self.series.items() if one.host != self.region}
        apart = tuple(name for name, one in other.series.items() if one.part_of in other.series
                      and other.blocs[one.force] != other.blocs[other.series[one.part_of].force])
        other._mark = (series, apart)
        return other

    def _once(self, key: tuple, made: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = made()
        return self._known[key]

    def _within(self, place: str) -> tuple[str, ...]:
        return tuple(self.hosts) if place == self.region else ()

    def state(self, series: Series, quarter: int) -> State:
        """As `Stock.state`, once per series and quarter."""
        return self._once((self._mark[0], series.id, quarter), lambda: super(Reading, self).state(series, quarter))

    def members(self, place: str, quarter: int) -> dict[str, State]:
        """As `Stock.members`, once per place and quarter."""
        return self._once((self._mark, place, quarter, self._within(place)), lambda: super(Reading, self).members(place, quarter))

    def region_only(self, host: str, quarter: int) -> list[str]:
        """As `Stock.region_only`, once per host and quarter."""
        return self._once((self._mark[0], host, quarter), lambda: super(Reading, self).region_only(host, quarter))

    def rows(self, place: str, blocs: list[str]) -> list[Rows]:
        """Per bloc its rows at a place, an entry per quarter: median, low, high (NaN: nothing reported), unknown, hatched."""
        reported = tuple(self.blocs[one.force] for one in self.series.values()
                         if (one.observations or one.end_observation) and (place == self.region or one.host in (place, self.region)))
        return self._once((self._mark, place, self._within(place), reported), lambda: self._arrays(place, blocs))

    def _arrays(self, place: str, blocs: list[str]) -> list[Rows]:
        found = [{**{name: np.full(len(self.quarters), np.nan) for name in FIGURES}, "unknown": np.zeros(len(self.quarters)),
                  "hatched": [""] * len(self.quarters)} for _ in blocs]
        for at, quarter in enumerate(self.quarters):
            for _, bloc, _, median, low, high, _, unknown, _, hatched in self._totals(place, quarter):
                if bloc in blocs:
                    rows = found[blocs.index(bloc)]
                    rows["median"][at], rows["low"][at], rows["high"][at] = median, low, high
                    rows["unknown"][at], rows["hatched"][at] = unknown, hatched
        return found


def _content(rows: Rows, figures: str) -> tuple:
    """What a judgement depends on, to be compared."""
    return rows[figures].tobytes(), rows["high"].tobytes(), rows["unknown"].tobytes(), tuple(rows["hatched"])


class Stocks:
    """The readings of a ledger's strengths that the choices ask for, each made once."""

    def __init__(self, ledger: Ledger, chosen: Choices):
        self.ledger, self.chosen, self.sides, self.default = ledger, chosen, ledger.parameters["sides"], choices.usual(ledger)
        values = {self.default["hosts"], *chosen.rows.loc[chosen.rows["switch"].eq("hosts"), "value"]}
        self.sets = {value: choices.hosts(ledger, value) for value in sorted(values)}
        self.every = list(dict.fromkeys(host for hosts in self.sets.values() for host in hosts))
        self.departed: dict[tuple, list[Departure]] = {}  # what a judgement depends on → both sides of a host
        self._base: dict[str, Reading] = {}
        self._views: dict[tuple, Reading] = {}
        self._hosts: dict[tuple, dict[str, tuple]] = {}

    def view(self, words: dict[str, str], hosts: list[str]) -> Reading:
        """The stock as some words read it, with these hosts in the region."""
        expiry, key = words["expiry"], (words["expiry"], words["bloc"], words["series"], tuple(hosts))
        if expiry not in self._base:
            self._base[expiry] = Reading(self.ledger, int(expiry))
        if key not in self._views:
            self._views[key] = self._base[expiry].read(hosts, words["bloc"], words["series"])
        return self._views[key]

    def hosts(self, words: dict[str, str]) -> dict[str, tuple]:
        """Per host what its judgement depends on: a key of `departed`."""
        key = tuple(words[name] for name in ("expiry", "bloc", "series", "figures", "departure"))
        if key not in self._hosts:
            self._hosts[key] = {host: self._judged(host, words) for host in self.every}
        return self._hosts[key]

    def _judged(self, host: str, words: dict[str, str]) -> tuple:
        reading, share = self.view(words, self.every), int(words["departure"]) / 100
        rows, least = reading.rows(host, self.sides), self.ledger.parameters["stock"]["minimum_peak"]
        content = (host, share, *(_content(one, words["figures"]) for one in rows))
        if content not in self.departed:
            self.departed[content] = [departures.judged(host, side, reading.quarters, one, share, least, words["figures"]) for side, one in zip(self.sides, rows)]
        return content

    def combinations(self, measure: str) -> tuple[list[Switch], np.ndarray, list[dict[str, str]]]:
        """Switches, grid and the words of each row."""
        switches = self.chosen.of(measure)
        grid = choices.grid(switches)
        return switches, grid, [{**self.default, **{switch.name: switch.values[place] for switch, place in zip(switches, row)}} for row in grid]


def _numbered(keys: list[Any]) -> tuple[np.ndarray, list[Any]]:
    """Equal keys as equal numbers, in the order of their first appearance, and the distinct keys."""
    seen: dict[Any, int] = {}
    return np.array([seen.setdefault(key, len(seen)) for key in keys], int), list(seen)


def left(stocks: Stocks, measure: str) -> Outcomes:
    """`departure` or `replacement` under every combination; value: hosts that the sides left, or the largest share of what left."""
    switches, grid, words = stocks.combinations(measure)
    found, reported = [], {}
    for word in words:
        hosts = stocks.hosts(word)
        found.append(tuple(hosts[host] for host in stocks.sets[word["hosts"]]))
    which, cases = _numbered(found)
    for content, pair in stocks.departed.items():
        reported[content] = any(one.kind != "none" for one in pair)
    parts = [tuple(content for content in case if reported[content]) for case in cases]
    twins = _numbered([(parts[place], word["departure"]) for place, word in zip(which, words)])[0]
    verdicts, values, informative = zip(*[_verdict(stocks, case, measure) for case in cases])
    return gathered(measure, switches, grid, list(verdicts), which, twins, np.array(values, float)[which], np.array(informative, bool)[which])


def _verdict(stocks: Stocks, case: tuple, measure: str) -> tuple[dict[str, Any], float, bool]:
    pairs = [one for content in case for one in stocks.departed[content]]
    rows, informative = departures.facing(pairs), any(one.kind not in ("none", "too few") for one in pairs)
    if measure == "departure":
        return departures.left_by(stocks.sides, rows), float(sum(row.kind == "left" for row in rows)), informative
    verdict = departures.replaced_by(stocks.sides, rows)
    shares = [found["at_most"] for found in verdict["replaced"].values() if found["at_most"] is not None]
    return verdict, max(shares, default=np.nan), informative


def stock_lead(stocks: Stocks) -> Outcomes:
    """The last lead change of the region's stock under every combination; value: the second side's share of both at the cutoff."""
    switches, grid, words = stocks.combinations("stock")
    known: dict[tuple, tuple[dict[str, Any], float]] = {}
    found = []
    for word in words:
        reading = stocks.view(word, stocks.sets[word["hosts"]])
        first, second = (np.nan_to_num(rows[word["figures"]]) for rows in reading.rows(reading.region, stocks.sides))
        key = (first.tobytes(), second.tobytes())
        found.append(key)
        if key not in known:
            known[key] = _lead(stocks, reading.quarters, first, second)
    which, _ = _numbered(found)
    verdicts, values = zip(*known.values())
    informative = np.array([verdict["kind"] in ("change", "same") for verdict in verdicts], bool)
    return gathered("stock-lead", switches, grid, list(verdicts), which, which, np.array(values, float)[which], informative[which])


def _lead(stocks: Stocks, quarters: range, first: np.ndarray, second: np.ndarray) -> tuple[dict[str, Any], float]:
    if not (first.any() or second.any()):
        return {"kind": "nobody"}, np.nan
    verdict = last_change([quarter_name(quarter) for quarter in quarters], leaders(first, second, stocks.sides, stocks.ledger.parameters["share"]["tie"]))
    total = first[-1] + second[-1]
    return verdict, second[-1] / total if total else np.nan
