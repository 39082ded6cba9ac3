"""The lead change under every combination of choices about acts, all at once: masks × weights, then quarters row by row.

A combination selects units (a mask over candidates) and weighs them (quarters by date bound, number by bloc and unit).
Candidates that every combination takes or leaves together are summed first (`Alike`), so a way of weighing is one small matrix
product however long the ledger; what follows is done for all rows together.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers import choices, switches
from helpers.alike import MIX, Alike, signatures
from helpers.choices import Acts, Choices
from helpers.dates import aoristic, quarter_bounds, quarter_name, quarter_of
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes, gathered

WEIGHING = ("bloc", "date_bound", "unit")  # switches that weigh units; all others select them
NONE = np.iinfo(np.int32).max


class Candidates:
    """All that can be a unit: every act by itself, then each act that can stand for its process, in the order of standing for it.

    act: position in Acts; partners: sets of actors; folded (acts only): part of a process's chain; opens: per
    candidate of a process the position of its process's first.
    """

    def __init__(self, ledger: Ledger, acts: Acts):
        events, table = acts.events, ledger["processes"].set_index("process")
        self.folded = events["process"].map(table["direction"]).eq(acts.direction).to_numpy()
        named = events["event_id"].eq(events["process"].map(table["counts_at"]))
        ranked = events.assign(rank=np.where(named, 0, np.where(events["material"], 1, 2)))[self.folded]
        ranked = ranked.sort_values(["process", "rank", "first", "event_id"], na_position="last")
        self.standing = ranked.index.to_numpy(int)
        opens = ~ranked.duplicated("process").to_numpy()
        self.opens = np.maximum.accumulate(np.where(opens, np.arange(len(ranked)), 0)) if len(ranked) else np.zeros(0, int)
        self.act = np.concatenate([np.arange(len(events)), self.standing])
        self.partners = [frozenset(text.split(";")) for text in [*events["partners"], *ranked["process"].map(table["partners"])]]

    def counted(self, selected: np.ndarray, once: np.ndarray) -> np.ndarray:
        """Which candidates count (rows, candidates): without `once` every selected act, with it the first selected one of
        each process stands for all of them."""
        alone = selected & ~(once[:, None] & self.folded)
        chain = selected[:, self.standing]
        before = np.cumsum(chain, axis=1, dtype=np.int32) - chain
        first = chain & (before == before[:, self.opens]) & once[:, None]
        return np.concatenate([alone, first], axis=1)


class Selected:
    """The units that every combination of the switches of a measure selects; `weighing` switches are left to the caller.

    units: (rows of `grid`, candidates), true where a candidate counts.
    """

    def __init__(self, ledger: Ledger, chosen: Choices, measure: str, weighing: tuple[str, ...]):
        self.ledger, self.rules, self.sides = ledger, ledger.parameters["share"], ledger.parameters["sides"]
        acting = chosen.of(measure)
        self.selecting = [switch for switch in acting if switch.name not in WEIGHING]
        self.weighing = [switch for switch in acting if switch.name in weighing]
        self.acts = Acts(ledger)
        self.candidates, self.grid = Candidates(ledger, self.acts), choices.grid(self.selecting)
        once = self._words("processes", choices.usual(ledger)["processes"]) == switches.WORDS["processes"][0]
        self.units = self.candidates.counted(self.selected(), once)

    def _words(self, name: str, default: str) -> np.ndarray:
        """The value of a switch in every row of the grid."""
        for column, switch in enumerate(self.selecting):
            if switch.name == name:
                return np.array(switch.values)[self.grid[:, column]]
        return np.full(len(self.grid), default)

    def selected(self, open_switches: tuple[str, ...] = ()) -> np.ndarray:
        """Acts that each row selects (rows, acts); `open_switches` let every act through."""
        default, found = choices.usual(self.ledger), np.ones((len(self.grid), len(self.acts.events)), bool)
        for name in ("status", "family", "material", "joint_operations", "hosts"):
            if name not in open_switches:
                words, place = np.unique(self._words(name, default[name]), return_inverse=True)
                found &= np.array([self.acts.mask(name, word) for word in words])[place]
        words = np.char.add(np.char.add(self._words("origins", default["origins"]), " "), self._words("self_reports", default["self_reports"]))
        pairs, place = np.unique(words, return_inverse=True)
        return found & np.array([self.acts.reported(*pair.split(" ")) for pair in pairs])[place]

    def members(self, bloc: str) -> np.ndarray:
        """How many partners of each side every candidate has (sides, candidates)."""
        blocs = {**dict(zip(self.ledger["actors"]["actor"], self.ledger["actors"]["bloc"])), **choices.flips(self.ledger, bloc)}
        table = {actors: [sum(blocs.get(actor) == side for actor in actors) for side in self.sides] for actors in set(self.candidates.partners)}
        return np.array([table[actors] for actors in self.candidates.partners], int).reshape(-1, len(self.sides)).T


class Shares(Selected):
    """Selected units of every combination of the engagement share, and what they come to by quarter for each way of weighing them."""

    def __init__(self, ledger: Ledger, chosen: Choices):
        super().__init__(ledger, chosen, "share", WEIGHING)
        self.first = self.acts.events["first"].to_numpy(float)
        start = np.array([NONE if np.isnan(day) else quarter_of(day) for day in self.first], int)
        self.start = Alike(self.selected(("material",))).least(start, NONE)
        self.quarters = self._quarters()

    def _quarters(self) -> range:
        """Complete quarters from the first that any combination knows an act of."""
        first, cutoff = self.start.min(initial=NONE), self.ledger.cutoff_day
        if first == NONE or cutoff is None:
            return range(0)
        last = quarter_of(cutoff)
        return range(first, last + (quarter_bounds(last)[1] <= cutoff))

    def windows(self, bound: str) -> np.ndarray:
        """Weight of each act in each trailing window (acts, quarters) under a date bound; an undated act is in none."""
        events, dated = self.acts.events, ~np.isnan(self.first)
        last = events["last"].to_numpy(float)
        begin, end = {"aoristic": (self.first, last), "earliest": (self.first, self.first), "latest": (last, last)}[bound]
        weights = np.zeros((len(events), len(self.quarters)))
        weights[dated] = aoristic(begin[dated], end[dated], self.quarters) if len(self.quarters) else weights[dated]
        place = np.arange(len(self.quarters))
        behind = place[None, :] - place[:, None]
        return weights @ ((behind >= 0) & (behind < self.rules["quarters"])).astype(float)

    def live(self, weights: list[np.ndarray], members: list[np.ndarray]) -> np.ndarray:
        """Candidates that can add something in some combination: they engage, for a side, in a window."""
        engages = self.acts.direction[self.candidates.act] > 0
        inside = np.any([some.any(axis=1) for some in weights], axis=0)[self.candidates.act]
        return np.flatnonzero(engages & inside & np.any([some.any(axis=0) for some in members], axis=0))


def leads(first: np.ndarray, second: np.ndarray, blank: np.ndarray, tie: float) -> np.ndarray:
    """Who leads in each quarter of each row: 1, 2, or 0 (blank or tie). As `counts.leaders`, for all rows at once."""
    total = first + second
    share = np.divide(second, total, out=np.full_like(total, 0.5), where=total > 0)
    ahead = (1 - share) - share
    return np.where(blank | (total <= 0) | (np.abs(ahead) <= tie), 0, np.where(ahead > 0, 1, 2)).astype(np.int8)


def last_changes(leading: np.ndarray) -> np.ndarray:
    """Per row kind (0 too few, 1 the same throughout, 2 change), leader (1, 2), since, until (places of quarters). As `counts.last_change`."""
    rows, columns = leading.shape
    if not columns:
        return np.zeros((rows, 4), int)
    at, place = np.arange(rows), np.arange(columns)
    until = columns - 1 - np.argmax((leading > 0)[:, ::-1], axis=1)
    present = leading[at, until]
    others = (leading > 0) & (leading != present[:, None])
    before = np.where(others.any(axis=1), columns - 1 - np.argmax(others[:, ::-1], axis=1), -1)
    since = np.argmax((leading > 0) & (place > before[:, None]), axis=1)
    kind = np.where(present == 0, 0, np.where(before < 0, 1, 2))
    return np.stack([kind, present, since, until], axis=1) * (present > 0)[:, None]


def verdict(found: tuple[int, ...], quarters: range, sides: list[str]) -> dict[str, Any]:
    """A row of `last_changes` as `counts.last_change` writes it."""
    kind, leader, since, until = found
    if kind == 0:
        return {"kind": "too few"}
    named = {"leader": sides[leader - 1], "since": quarter_name(quarters[since]), "until": quarter_name(quarters[until])}
    return {"kind": "same", **named} if kind == 1 else {"kind": "change", **named, "from": sides[2 - leader]}


class Way:
    """One way of weighing: sums of both sides in every window of every row (rows, quarters), and the rows' signatures."""

    def __init__(self, shares: Shares, units: Alike, acts: np.ndarray, weights: np.ndarray, numbers: np.ndarray):
        count, rules = weights.shape[1], shares.rules
        columns = [*(weights * number[:, None] for number in numbers), signatures(acts, weights, numbers)]
        sums = units.sums(np.concatenate(columns, axis=1))
        self.first, self.second, self.signature = sums[:, :count], sums[:, count:2 * count], sums[:, 2 * count:].astype(np.uint64)
        early = np.array(shares.quarters)[None, :] < shares.start[:, None] + rules["blank_first"]
        self.blank = early | (self.first + self.second < rules["minimum_units"] - rules["tie"])
        self.changes = last_changes(leads(self.first, self.second, self.blank, rules["tie"]))

    @property
    def key(self) -> np.ndarray:
        """One number per row, equal where the units, their weights and the first quarter that counts are equal."""
        opened = np.where(self.blank.all(axis=1), -1, np.argmin(self.blank, axis=1)) if self.blank.shape[1] else np.zeros(len(self.blank), int)
        return self.signature[:, 0] * MIX[0] + self.signature[:, 1] * MIX[1] + opened.astype(np.uint64) * MIX[2]

    @property
    def value(self) -> np.ndarray:
        """The second side's share in the last window with a leader; NaN without one."""
        if not self.blank.shape[1]:
            return np.full(len(self.blank), np.nan)
        at, last = np.arange(len(self.blank)), self.changes[:, 3]
        total = self.first[at, last] + self.second[at, last]
        return np.divide(self.second[at, last], total, out=np.full(len(at), np.nan), where=self.changes[:, 0] > 0)


def lead_change(ledger: Ledger, chosen: Choices) -> Outcomes:
    """The last lead change of the engagement share under every combination; value: the second side's share in its last window."""
    shares, default = Shares(ledger, chosen), choices.usual(ledger)
    weighing = choices.grid(shares.weighing)
    words = [{**default, **{switch.name: switch.values[place] for switch, place in zip(shares.weighing, row)}} for row in weighing]
    windows = {bound: shares.windows(bound) for bound in dict.fromkeys(word["date_bound"] for word in words)}
    members = {bloc: shares.members(bloc) for bloc in dict.fromkeys(word["bloc"] for word in words)}
    live = shares.live(list(windows.values()), list(members.values()))
    units, acts, ways, known = Alike(shares.units[:, live]), shares.candidates.act[live], [], {}
    for word in words:
        most = 1 if word["unit"] == switches.WORDS["unit"][0] else None
        numbers = members[word["bloc"]][:, live].clip(max=most)
        same = (word["date_bound"], numbers.tobytes())
        if same not in known:
            known[same] = Way(shares, units, acts, windows[word["date_bound"]][acts], numbers)
        ways.append(known[same])
    return _joined(shares, weighing, ways)


def _joined(shares: Shares, weighing: np.ndarray, ways: list[Way]) -> Outcomes:
    """The ways of weighing as one set of outcomes, the default in the first row."""
    rows = len(shares.grid)
    grid = np.concatenate([np.repeat(shares.grid, len(ways), axis=0), np.tile(weighing, (rows, 1))], axis=1)
    changes = np.stack([way.changes for way in ways], axis=1).reshape(-1, 4)
    keys, values = (np.stack([getattr(way, name) for way in ways], axis=1).reshape(-1) for name in ("key", "value"))
    base = max(len(shares.quarters), 3)
    codes, at, which = np.unique(changes @ np.array([base ** 3, base ** 2, base, 1]), return_index=True, return_inverse=True)
    verdicts = [verdict(tuple(changes[place].tolist()), shares.quarters, shares.sides) for place in at]
    return gathered("lead-change", [*shares.selecting, *shares.weighing], grid, verdicts, which, keys, values, changes[:, 0] > 0)
