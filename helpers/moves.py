"""What moves a finding, and what would turn it: switch by switch, and by how many more acts or people."""

from __future__ import annotations

from math import floor

import numpy as np
import pandas as pd

from helpers import counts, departures
from helpers.choice_words import phrase, switch_name, value_name
from helpers.exhibits import Table, frame_table
from helpers.findings import Finding, Words, counted
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes
from helpers.ranges import bloc_of, blocs, scale, shown
from helpers.specifications import Evaluation
from helpers.strengths import Stock

NAMES = {"lead-change": "Lead in engagement", "stock-lead": "Lead in reported strength", "departure": "Departure", "replacement": "Replacement"}


def moves(ledger: Ledger, outcomes: Outcomes) -> pd.DataFrame:
    """Per switch how far it moves the finding when only it changes: low, high (of the scale), span, at_low, at_high (alternatives),
    turns (alternatives that turn the verdict to another bloc or none), typical (median span over all other choices). Largest first."""
    numbers, about, rows = scale(outcomes), blocs(outcomes), []
    whole = numbers.reshape([len(switch.values) for switch in outcomes.switches])
    for place, switch in enumerate(outcomes.switches):
        own = outcomes.single(place)
        turns = [value for value, row in zip(switch.values, own) if outcomes.informative[row] and about[row] != about[0]]
        thin = [value for value, row in zip(switch.values, own) if not outcomes.informative[row]]
        some = own[~np.isnan(numbers[own])]
        low, high = (int(some[picked(numbers[some])]) if len(some) else 0 for picked in (np.argmin, np.argmax))
        spans = _spans(whole, place)
        rows.append({"switch": switch.name, "low": numbers[low], "high": numbers[high], "span": numbers[high] - numbers[low] if len(some) else np.nan,
                     "at_low": switch.values[outcomes.grid[low, place]], "at_high": switch.values[outcomes.grid[high, place]],
                     "turns": turns, "thin": thin, "typical": float(np.median(spans)) if len(spans) else np.nan})
    table = pd.DataFrame(rows, columns=["switch", "low", "high", "span", "at_low", "at_high", "turns", "thin", "typical"])
    order = table.assign(turn=table["turns"].map(len).gt(0), span=table["span"].fillna(0))
    order = order.sort_values(["turn", "span", "typical", "switch"], ascending=[False, False, False, True])
    return table.loc[order.index].reset_index(drop=True)


def _spans(whole: np.ndarray, axis: int) -> np.ndarray:
    """How far the values of one switch lie apart, for each combination of the others that has at least two."""
    known = (~np.isnan(whole)).sum(axis=axis) > 1
    low, high = np.where(np.isnan(whole), np.inf, whole).min(axis=axis), np.where(np.isnan(whole), -np.inf, whole).max(axis=axis)
    return (high - low)[known]


def moves_table(ledger: Ledger, evaluation: Evaluation) -> Table:
    """Every switch and finding: how far it moves it alone, and what it turns."""
    rows = []
    for finding, outcomes in evaluation.outcomes.items():
        for row in moves(ledger, outcomes).itertuples():
            rows.append({"Finding": NAMES[finding], "Choice": switch_name(row.switch), "Lowest": shown(outcomes, row.low),
                         "with": value_name(ledger, row.switch, row.at_low),
                         "Highest": shown(outcomes, row.high), "with ": value_name(ledger, row.switch, row.at_high),
                         "Turned by": ", ".join(value_name(ledger, row.switch, value) for value in row.turns),
                         "Typical move": _span(outcomes, row.typical)})
    note = ("One choice changed, all others as on the pages; largest first. Lowest and highest: the quarter since which the same bloc leads, the hosts it left, "
            "the largest share of what left. Typical move: the middle one of its moves among all combinations of the other choices.")
    dropped = evaluation.chosen.dropped
    if dropped:
        note += f" {counted(len(dropped), 'alternative')} left out, naming a host or an actor that this ledger does not know: {', '.join(dropped)}."
    return frame_table("moves", "What each choice moves, alone and among all others", pd.DataFrame(rows), note, ["Finding"])


def _span(outcomes: Outcomes, span: float) -> str:
    if np.isnan(span):
        return "–"
    return f"{100 * span:.0f} points" if outcomes.finding == "replacement" else counted(span, "host" if outcomes.finding == "departure" else "quarter")


def turned_by(ledger: Ledger, outcomes: Outcomes) -> list[str]:
    """The alternatives that turn a verdict, each alone."""
    table = moves(ledger, outcomes)
    return [phrase(ledger, row.switch, value) for row in table.itertuples() for value in row.turns]


def units_to_turn(ledger: Ledger) -> tuple[str, int, str] | None:
    """The side that is behind in the last window with a leader, how many more units there would give it the lead, and that quarter."""
    share = counts.engagement_share(ledger, counts.units(ledger), counts.span(ledger))
    verdict, sides = counts.share_lead(ledger, share), ledger.parameters["sides"]
    if verdict["kind"] == "too few":
        return None
    row = share[share["label"] == verdict["until"]].iloc[0]
    behind = sides[1 - sides.index(verdict["leader"])]
    return behind, floor(row[verdict["leader"]] - row[behind] + ledger.parameters["share"]["tie"]) + 1, verdict["until"]


def people_to_stay(ledger: Ledger, stock: Stock) -> pd.DataFrame:
    """Per departure how many more people, reported at the cutoff, would undo it: host, bloc, people."""
    rules, rows = ledger.parameters["stock"], departures.departures(ledger, stock)
    left = rows[rows["kind"] == "left"]
    people = [floor(rules["departure_share"] * row.peak - row.now) + 1 for row in left.itertuples()]
    return left[["host", "bloc"]].assign(people=people).reset_index(drop=True)


def mind(ledger: Ledger, evaluation: Evaluation) -> Finding:
    """What would turn the lead: single choices, and further units of the other side."""
    words, outcomes, more = Words(ledger), evaluation["lead-change"], units_to_turn(ledger)
    if more is None:
        return Finding("would-turn", {"kind": "too few"}, "Too few acts for a lead that could turn.")
    alone = turned_by(ledger, outcomes)
    behind, units, quarter = more
    said = f"One choice alone turns the lead: to {alone[0]}." if len(alone) == 1 else "No choice alone turns the lead."
    if len(alone) > 1:
        said = f"Each of {len(alone)} choices turns the lead alone: to {', to '.join(alone[:-1])} or to {alone[-1]}."
    text = f"{said} {counted(units, f'more {words.name(behind)} unit')} in the four quarters to {quarter} would turn it too."
    return Finding("would-turn", {"alone": alone, "bloc": behind, "units": units}, text, {},
                   "Further acts may be found: the ledger holds what was reported and read.")


def mind_table(ledger: Ledger, evaluation: Evaluation, stock: Stock) -> Table:
    """Finding by finding what would turn it."""
    words, rows, more = Words(ledger), [], units_to_turn(ledger)
    for finding, outcomes in evaluation.outcomes.items():
        if bloc_of(outcomes.verdict(0)):
            alone = turned_by(ledger, outcomes)
            rows.append((NAMES[finding], "One choice alone", "; ".join(alone) if alone else "none of those tried"))
    if more is not None:
        rows.append((NAMES["lead-change"], f"{words.name(more[0])} units more in the four quarters to {more[2]}", f"{more[1]:,}"))
    for row in people_to_stay(ledger, stock).itertuples():
        rows.append((NAMES["departure"], f"{words.name(row.bloc)} people more in {words.hosts[row.host]} at the cutoff", f"{row.people:,}"))
    frame = pd.DataFrame(rows, columns=["Finding", "What would turn it", "How much of it"])
    return frame_table("mind", "What would change our mind", frame,
                       "Reckoned with the choices of the pages. A departure is undone by people that a page reports, not by silence.")
