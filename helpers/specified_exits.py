"""Left or pushed under every combination of choices: who caused a side's disengagement, all combinations at once.

As for the lead (`specified_acts`) a combination selects units and weighs them; here nothing is spread over quarters: a unit
counts whole, dated or not, and the initiator of the act that counts for it says who caused it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from helpers import choices, switches
from helpers.alike import MIX, Alike, signatures
from helpers.choices import Choices
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes, gathered
from helpers.specified_acts import Selected

WEIGHING = ("bloc", "unit")


def most_often(times: dict[str, int]) -> str:
    """The initiator of most units, `tie`, or `none` without a unit. As `findings.disengagement`."""
    most = [name for name, number in times.items() if number == max(times.values())]
    return "none" if not any(times.values()) else most[0] if len(most) == 1 else "tie"


def disengagement(ledger: Ledger, chosen: Choices) -> dict[str, Outcomes]:
    """Per side what its disengagement comes to; a verdict holds the times of each initiator and which is the most frequent.

    value: units in all; informative: at least as many as the share of engagement asks for.
    """
    exits, initiators = Selected(ledger, chosen, "disengagement", WEIGHING), _initiators(ledger)
    live = np.flatnonzero(exits.acts.direction[exits.candidates.act] < 0)
    acts, units = exits.candidates.act[live], Alike(exits.units[:, live])
    caused = (exits.acts.events["initiator"].to_numpy()[acts][:, None] == np.array(initiators)[None, :]).astype(float)
    weighing, default, ways = choices.grid(exits.weighing), choices.usual(ledger), []
    for row in weighing:
        words = {**default, **{switch.name: switch.values[place] for switch, place in zip(exits.weighing, row)}}
        most = 1 if words["unit"] == switches.WORDS["unit"][0] else None
        ways.append(exits.members(words["bloc"])[:, live].clip(max=most))
    return {side: _outcomes(exits, weighing, units, acts, caused, [way[place] for way in ways], initiators)
            for place, side in enumerate(ledger.parameters["sides"])}


def _initiators(ledger: Ledger) -> list[str]:
    return next(list(field.enum) for field in ledger.package.tables["events"].fields if field.name == "initiator")


def _outcomes(exits: Selected, weighing: np.ndarray, units: Alike, acts: np.ndarray, caused: np.ndarray, numbers: list[np.ndarray],
              initiators: list[str]) -> Outcomes:
    """One side: its units by initiator in every row and way of weighing, the default in the first row."""
    times = np.stack([units.sums(number[:, None] * caused) for number in numbers], axis=1).reshape(-1, len(initiators)).astype(int)
    marks = np.stack([units.sums(signatures(acts, np.ones((len(acts), 1)), number[None, :])) for number in numbers], axis=1).reshape(-1, 2).astype(np.uint64)
    grid = np.concatenate([np.repeat(exits.grid, len(numbers), axis=0), np.tile(weighing, (len(exits.grid), 1))], axis=1)
    distinct, which = np.unique(times, axis=0, return_inverse=True)
    verdicts: list[dict[str, Any]] = []
    for row in distinct.tolist():
        by = dict(zip(initiators, row))
        verdicts.append({"kind": "mostly", "leader": most_often(by), "times": by})
    total = times.sum(axis=1)
    return gathered("disengagement", [*exits.selecting, *exits.weighing], grid, verdicts, which.reshape(-1), marks[:, 0] * MIX[0] + marks[:, 1] * MIX[1],
                    total.astype(float), total >= exits.rules["minimum_units"])
