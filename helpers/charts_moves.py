"""How far each choice moves a finding when only it changes, the largest move first."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import look
from helpers.charts_sure import FACTORS, UNITS, whole_years, whose
from helpers.choice_words import switch_name, value_name
from helpers.exhibits import Nothing
from helpers.findings import Words, joined, sentence
from helpers.ledger import Ledger
from helpers.moves import NAMES, moves
from helpers.outcomes import Outcomes
from helpers.ranges import NO_SAMPLE, bloc_of, scale, shown
from helpers.specifications import Evaluation

MOVES = {0.25: 2.0, 100.0: 0.05, 1.0: 1.0}  # the least span of the axis, on the scale


def alone(ledger: Ledger, evaluation: Evaluation, finding: str) -> go.Figure | Nothing:
    """A bar for each choice from the lowest to the highest that it moves the finding to; what turns the finding, by name."""
    outcomes = evaluation[finding]
    table, default, factor = moves(ledger, outcomes), float(scale(outcomes)[0]), FACTORS.get(finding, 1.0)
    if not bloc_of(outcomes.verdict(0)) or np.isnan(default) or table.empty:
        return Nothing(f"alone-{finding}", f"{NAMES[finding]}: the choices of the pages give nothing that another choice could move.")
    rows, figure = list(table.itertuples()), look.canvas(70 + 46 * len(table))
    names = [look.label(switch_name(row.switch)) for row in rows]
    look.bars(figure, [factor * row.span for row in rows], names, look.SOFT, [_hover(ledger, outcomes, row) for row in rows],
              base=[factor * row.low for row in rows], orientation="h", width=0.28)
    figure.add_scatter(x=[factor * default] * len(rows), y=names, mode="markers", marker=dict(size=8, color=look.INK), hoverinfo="skip")
    for name, row in zip(names, rows):
        _ends(figure, ledger, outcomes, row, name, factor, default)
    _axes(figure, table, default, factor)
    title, shown_table = _title(rows), _table(ledger, outcomes, rows)
    note = f"{sentence(UNITS[finding])}. Dot: as on the pages; bar: how far one choice moves it while all others stay. {NO_SAMPLE}"
    return look.finish(figure, f"alone-{finding}", f"{NAMES[finding]}: {title}", f"Bars of how far each choice moves the finding: {title}.", shown_table, note)


def _axes(figure: go.Figure, table: pd.DataFrame, default: float, factor: float) -> None:
    low, high = min(table["low"].min(), default), max(table["high"].max(), default)
    pad = 0.3 * max(high - low, MOVES[factor])
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[factor * (low - pad), factor * (high + pad)], showgrid=True, gridcolor=look.GRID)
    if factor == 0.25:
        whole_years(figure.update_xaxes, low, high)
    elif factor == 1:
        figure.update_xaxes(dtick=1)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _title(rows: list[Any]) -> str:
    turning = [_small(switch_name(row.switch)) for row in rows if row.turns]
    most = max(rows, key=lambda row: 0 if np.isnan(row.span) else row.span)
    title = f"moved most by {_small(switch_name(most.switch))}" if most.span > 0 else "moved by no choice alone"
    return title + (f"; turned by {joined(turning)} alone" if turning else "; turned by no choice alone")


def _table(ledger: Ledger, outcomes: Outcomes, rows: list[Any]) -> pd.DataFrame:
    return pd.DataFrame({"Choice": [switch_name(row.switch) for row in rows], "Lowest": [shown(outcomes, row.low) for row in rows],
                         "Highest": [shown(outcomes, row.high) for row in rows],
                         "Turned by": [", ".join(value_name(ledger, row.switch, value) for value in row.turns) for row in rows]})


def _hover(ledger: Ledger, outcomes: Outcomes, row: Any) -> str:
    low, high = (value_name(ledger, row.switch, value) for value in (row.at_low, row.at_high))
    return look.label(f"{shown(outcomes, row.low)} with {low}, {shown(outcomes, row.high)} with {high}")


def _ends(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, row: Any, name: str, factor: float, default: float) -> None:
    """Above a bar the alternatives at its ends (below it the second of two), and what turns the finding, in the other side's colour."""
    low, high = row.low < default, row.high > default
    for end, value, number, anchor in (("low", row.at_low, row.low, "left"), ("high", row.at_high, row.high, "right")):
        if {"low": low, "high": high}[end]:
            look.note_at(figure, look.shortened(value_name(ledger, row.switch, value)), factor * number, name, look.SOFT, 11, xanchor=anchor,
                         yshift=-14 if end == "high" and low else 14)
    if row.turns:
        place = [switch.name for switch in outcomes.switches].index(row.switch)
        others = sorted({bloc_of(outcomes.verdict(at)) for at in outcomes.single(place)} - {bloc_of(outcomes.verdict(0)), ""})
        colour = look.palette(ledger)[whose(ledger, outcomes, others[0])] if len(others) == 1 else look.INK
        who = sentence(f"{Words(ledger).noun(whose(ledger, outcomes, others[0]))} with" if len(others) == 1 else "turned by")
        by = ", ".join(value_name(ledger, row.switch, value) for value in row.turns)
        if low and high:  # above and below the bar there are names already
            look.note_at(figure, f"{look.label(who)}<br>{look.label(by)}", factor * row.high, name, colour, 11, xanchor="left", xshift=6, align="left")
        else:
            look.note_at(figure, look.label(f"{who} {by}"), default * factor, name, colour, 11, xanchor="right", yshift=-14 if low else 14)
