"""The choices behind the findings: the switches of specifications.csv, and which acts each alternative lets through.

The code knows what each switch means; which alternatives exist, which is the default and on which measures it acts comes
from the table. An unknown switch or value is an error that names it; one that names a host or an actor that the loaded
ledger does not know is dropped and counted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers import counts, evidence, switches
from helpers.ledger import Ledger
from helpers.switches import EVERY, LISTED, WITHOUT

@dataclass(frozen=True)
class Switch:
    """One choice and its alternatives for a measure, the default first."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """All switches. rows: frame of switch, value, default (bool), measures (set), why; dropped: alternatives that name
    a host or an actor that the ledger does not know."""

    rows: pd.DataFrame
    dropped: tuple[str, ...]

    def of(self, measure: str) -> list[Switch]:
        """The switches that act on a measure; one without an alternative there is left out."""
        found = []
        for name, rows in self.rows.groupby("switch", sort=True):
            acting = rows[[measure in measures for measures in rows["measures"]]]
            others = acting.loc[~acting["default"], "value"].tolist()
            if others:
                found.append(Switch(name, (rows.loc[rows["default"], "value"].iloc[0], *others)))
        return found


def usual(ledger: Ledger) -> dict[str, str]:
    """The value of each switch that the measures of the pages use."""
    return switches.usual(ledger.parameters)


def read(ledger: Ledger) -> Choices:
    """The table of switches, which `rules` has found sound, without alternatives that name a host or an actor that the ledger does not know."""
    table = ledger["specifications"].sort_values(["switch", "value"])
    usable = [_usable(ledger, row.switch, row.value) for row in table.itertuples()]
    rows = pd.DataFrame({"switch": table["switch"], "value": table["value"], "default": table["default"].eq("yes"),
                         "measures": table["applies_to"].str.split(";").map(frozenset), "why": table["why"]})
    dropped = tuple(f"{row.switch} {row.value}" for row, good in zip(rows.itertuples(), usable) if not good)
    return Choices(rows[np.array(usable, bool)].reset_index(drop=True), dropped)


def _usable(ledger: Ledger, switch: str, value: str) -> bool:
    """False for an alternative that names what the ledger does not know."""
    if switch == "bloc" and value != LISTED:
        return value in flipped(ledger)
    return switch != "hosts" or not value.startswith(WITHOUT) or value.removeprefix(WITHOUT) in counts.host_set(ledger)


def flipped(ledger: Ledger) -> dict[str, str]:
    """Contested actors and the bloc that other analysts would choose, by `actors`."""
    actors = ledger["actors"]
    return {actor: bloc for actor, bloc in zip(actors["actor"], actors["alternative_bloc"]) if bloc}


def flips(ledger: Ledger, value: str) -> dict[str, str]:
    """The actor of an alternative with its other bloc; `as_listed` is an empty mapping."""
    return {} if value == LISTED else {value: flipped(ledger)[value]}


def hosts(ledger: Ledger, value: str) -> list[str]:
    """The hosts of an alternative: those of its groups (a group outside the default set is added to that), or all but one."""
    if value.startswith(WITHOUT):
        return [host for host in counts.host_set(ledger) if host != value.removeprefix(WITHOUT)]
    usual_groups, groups = ledger.parameters["host_groups"], value.split("_")
    return counts.host_set(ledger, groups if set(groups) <= set(usual_groups) else [*usual_groups, *groups])


def grid(switches: list[Switch]) -> np.ndarray:
    """Every combination: shape (combinations, switches), positions of values; the first row is the default."""
    sizes = [len(switch.values) for switch in switches]
    return np.indices(sizes, np.int16).reshape(len(sizes), -1).T if sizes else np.zeros((1, 0), np.int16)


class Acts:
    """Every act that some combination may count, and the masks of the switches.

    direction: +1, −1 (a joint operation +1: whether it counts is a mask); all arrays have one entry per act.
    """

    def __init__(self, ledger: Ledger):
        events = ledger["events"].sort_values("event_id").reset_index(drop=True)
        self.ledger, self.joint = ledger, (events["direction"].eq(0) & events["material"]).to_numpy()
        self.events, self.direction = events, np.where(self.joint, 1, events["direction"]).astype(int)
        rows = evidence.cited(ledger)
        support = evidence.supporting(ledger)
        others = rows.loc[~rows["own"] & rows["stance"].ne("denies"), "event_id"]
        self.named = {word: self._per_act(support[keep]) for word, keep in (("with", support["own"].notna()), ("without", ~support["own"].astype(bool)))}
        self.told = {"with": np.ones(len(events), bool), "without": events["event_id"].isin(others).to_numpy()}

    def _per_act(self, rows: pd.DataFrame) -> np.ndarray:
        return self.events["event_id"].map(rows["event_id"].value_counts()).fillna(0).to_numpy(int)

    def mask(self, switch: str, value: str) -> np.ndarray:
        """Which acts one alternative lets through."""
        events, rules = self.events, self.ledger.parameters
        if switch == "status":
            return events["status"].isin([*rules["statuses"], value]).to_numpy()
        if switch == "family":
            return (events["family"].eq(value) | (events["family"].ne(rules["context_family"]) & (value == EVERY))).to_numpy()
        if switch == "material":
            return events["material"].to_numpy(bool) | (value == "with_verbal")
        if switch == "joint_operations":
            return (self.direction != 0) & (~self.joint | (value == "engagement"))
        within = set(hosts(self.ledger, value))
        return np.array([bool(within & set(text.split(";"))) for text in events["hosts"]], bool)

    def reported(self, origins: str, self_reports: str) -> np.ndarray:
        """Which acts enough named origins support and somebody tells, without parties to the act where those are left out."""
        return self.told[self_reports] & (self.named[self_reports] >= int(origins))
