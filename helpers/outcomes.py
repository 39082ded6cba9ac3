"""What a finding comes to under every combination of choices, and how that is read: who counts, what is alike, what moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from helpers.choices import Switch


@dataclass(frozen=True)
class Outcomes:
    """One row per combination, the default first.

    grid: (rows, switches), positions of values; verdicts: the distinct ones, `which` says each row's; values: a number per row
    (NaN where there is none); twin: selects the same with the same weights as an earlier row; informative: enough units.
    """

    finding: str
    switches: list[Switch]
    grid: np.ndarray
    verdicts: list[dict[str, Any]]
    which: np.ndarray
    values: np.ndarray
    twin: np.ndarray
    informative: np.ndarray

    @property
    def counted(self) -> np.ndarray:
        """Rows that count: informative, and no twin of an earlier one."""
        return self.informative & ~self.twin

    def verdict(self, row: int) -> dict[str, Any]:
        """The verdict of a row."""
        return self.verdicts[self.which[row]]

    def words(self, row: int) -> dict[str, str]:
        """The value of each switch in a row."""
        return {switch.name: switch.values[place] for switch, place in zip(self.switches, self.grid[row])}

    def single(self, switch: int) -> np.ndarray:
        """Rows in which at most this switch departs from its default, in the order of its values."""
        others = np.delete(self.grid, switch, axis=1)
        rows = np.flatnonzero(~others.any(axis=1))
        return rows[np.argsort(self.grid[rows, switch], kind="stable")]


def gathered(finding: str, switches: list[Switch], grid: np.ndarray, verdicts: list[dict[str, Any]], which: np.ndarray, keys: np.ndarray,
             values: np.ndarray, informative: np.ndarray) -> Outcomes:
    """Outcomes with equal verdicts made one, and twins marked: rows of equal keys select the same with the same weights; the first of them counts."""
    seen: dict[str, int] = {}
    same = np.array([seen.setdefault(repr(verdict), len(seen)) for verdict in verdicts], int)
    distinct = [verdicts[int(np.argmax(same == number))] for number in range(len(seen))]
    twin = np.ones(len(keys), bool)
    twin[np.unique(keys, return_index=True)[1]] = False
    return Outcomes(finding, switches, grid, distinct, same[which], values, twin, informative)
