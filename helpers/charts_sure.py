"""Charts of the choices: every finding under every combination (the specification curve), and how far each choice moves it alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import look
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, joined, sentence
from helpers.ledger import Ledger
from helpers.moves import NAMES, moves
from helpers.outcomes import Outcomes
from helpers.ranges import NO_SAMPLE, bloc_of, blocs, exceptions, scale, shown, switch_name, value_name
from helpers.specifications import Evaluation

MOST_COLUMNS = 300
ROW, TOP, GAP, BOTTOM = 17, 190, 26, 30  # pixels: a row of the matrix, the curve, between the two, below
UNITS = {"lead-change": "quarter since which the side leads", "stock-lead": "quarter since which the side leads", "departure": "hosts that the side left",
         "replacement": "largest share of what left, %"}
HOLLOW = {"lead-change": "the side leads throughout", "stock-lead": "the side leads throughout", "departure": "no side left more hosts", "replacement": "nobody stands there, or no share is known"}


def ordered(outcomes: Outcomes) -> np.ndarray:
    """Rows in the order of the curve, twins left out: those about the default's bloc by what they come to, then others, then thin ones."""
    about, numbers = blocs(outcomes), own_scale(outcomes)
    rows = np.flatnonzero(~outcomes.twin)
    group = np.where(~outcomes.informative[rows], 2, np.where(about[rows] == about[0], 0, 1))
    return rows[np.lexsort((rows, np.nan_to_num(numbers[rows], nan=-1.0), group))]


def thinned(outcomes: Outcomes, rows: np.ndarray) -> tuple[np.ndarray, int]:
    """Every n-th row so that at most MOST_COLUMNS stay (the default always does), and n."""
    step = -(-len(rows) // MOST_COLUMNS) or 1
    kept = np.zeros(len(rows), bool)
    kept[::step] = True
    return rows[kept | (rows == 0)], step


def own_scale(outcomes: Outcomes) -> np.ndarray:
    """The scale of every row for the bloc that its own verdict is about; NaN where there is none."""
    numbers, about = np.full(len(outcomes.grid), np.nan), blocs(outcomes)
    for bloc in sorted(set(about) - {""}):
        numbers = np.where(about == bloc, scale(outcomes, bloc), numbers)
    return numbers


def curve(ledger: Ledger, evaluation: Evaluation, finding: str) -> go.Figure | Nothing:
    """The specification curve of a finding: what each combination comes to, sorted, and below which alternatives it takes."""
    outcomes, words, name = evaluation[finding], Words(ledger), f"curve-{finding}"
    if not outcomes.counted.any():
        return Nothing(name, f"{NAMES[finding]}: under every choice tried there is too little to say.")
    rows, step = thinned(outcomes, ordered(outcomes))
    alternatives = [(place, value) for place, switch in enumerate(outcomes.switches) for value in range(1, len(switch.values)) if (outcomes.grid[rows, place] == value).any()]
    height = TOP + GAP + ROW * len(alternatives) + BOTTOM + 36
    figure = look.canvas(height)
    inner = height - 44
    split = ROW * len(alternatives) / inner
    figure.update_layout(yaxis=dict(domain=[split + GAP / inner if alternatives else 0, 1]))
    _points(figure, ledger, outcomes, rows)
    if alternatives:
        axis = dict(domain=[0, split], showgrid=False, zeroline=False, fixedrange=True, automargin=True, tickfont=dict(size=11), ticks="", anchor="x",
                    linecolor="rgba(0,0,0,0)", range=[len(alternatives) - 0.4, -0.6], tickvals=list(range(len(alternatives))),
                    ticktext=[look.shortened(value_name(ledger, outcomes.switches[place].name, outcomes.switches[place].values[value]), 24) for place, value in alternatives])
        figure.update_layout(yaxis2=axis)
        for level, (place, value) in enumerate(alternatives):
            _strip(figure, outcomes.grid[rows, place] == value, level)
    figure.update_xaxes(range=[-2, len(rows) + 1], showticklabels=False, ticks="", linecolor="rgba(0,0,0,0)", anchor="y2" if alternatives else "y")
    default = int(np.flatnonzero(rows == 0)[0])
    figure.add_vline(x=default, line=dict(color=look.INK, width=1, dash="dot"))
    right = default > len(rows) / 2
    look.note_at(figure, "as on the pages", default, 1, look.INK, 11, yref="paper", yanchor="bottom", xanchor="right" if right else "left", xshift=3 if right else -3)
    title, table = _title(ledger, outcomes), summary(ledger, outcomes)
    thin = int((~outcomes.twin & ~outcomes.informative).sum())
    drawn = f", of which one in {step:,} is drawn" if step > 1 else ""
    note = (f"One column a combination, sorted by what it comes to: {counted(int((~outcomes.twin).sum()), 'distinct one')}{drawn}. Below, a mark says which alternatives a column takes; no mark: "
            f"as on the pages. Hollow: {HOLLOW[finding]}." + (f" Grey, at the right and outside the count: {counted(thin, 'combination')} with too few units." if thin else "") + f" {NO_SAMPLE}")
    about = [bloc for bloc in ledger.parameters["sides"] if bloc in set(blocs(outcomes)[outcomes.counted])]
    key = [(f"{words.noun(_shown_bloc(ledger, outcomes, bloc))} {_does(outcomes.finding)}", look.palette(ledger)[_shown_bloc(ledger, outcomes, bloc)]) for bloc in about]
    return look.finish(figure, name, title, f"Curve of combinations of choices, sorted. {title}.", table, note, [(sentence(text), colour) for text, colour in key])


def _does(finding: str) -> str:
    return {"departure": "left more hosts", "replacement": "stands where the other left"}.get(finding, "leads")


def _shown_bloc(ledger: Ledger, outcomes: Outcomes, bloc: str) -> str:
    """Whose colour a verdict has: of a replacement that of the side that came."""
    sides = ledger.parameters["sides"]
    return sides[1 - sides.index(bloc)] if outcomes.finding == "replacement" and bloc in sides else bloc


def _points(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, rows: np.ndarray) -> None:
    """The curve: a point per column in the colour of the bloc; hollow where there is no number (throughout, or none known), grey where too few."""
    about, numbers, colours, words = blocs(outcomes)[rows], own_scale(outcomes)[rows], look.palette(ledger), Words(ledger)
    factor, shift = (0.25, 0.0) if outcomes.finding in ("lead-change", "stock-lead") else (100.0, 0.0) if outcomes.finding == "replacement" else (1.0, 0.0)
    known = numbers[~np.isnan(numbers)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    floor = low - max(0.08 * (high - low), 0.5 if outcomes.finding == "departure" else 0.01)
    at = np.where(np.isnan(numbers), floor, numbers) * factor + shift
    enough = outcomes.informative[rows]
    for bloc in sorted(set(about)):
        for hollow in (False, True):
            here = (about == bloc) & (np.isnan(numbers) == hollow) & enough
            colour = colours.get(_shown_bloc(ledger, outcomes, bloc), look.SOFT)
            marker = dict(size=5, color="rgba(0,0,0,0)" if hollow else colour, line=dict(width=1.2 if hollow else 0, color=colour))
            who = look.label(words.noun(_shown_bloc(ledger, outcomes, bloc))) if bloc else "nobody"
            said = ["throughout" if hollow and factor == 0.25 else shown(outcomes, number) for number in numbers[here]]
            if here.any():
                figure.add_scatter(x=np.flatnonzero(here), y=at[here].round(3), mode="markers", marker=marker, customdata=[f"{who}: {text}" for text in said], hovertemplate=look.HOVER)
    if (~enough).any():
        figure.add_scatter(x=np.flatnonzero(~enough), y=[round(floor * factor + shift, 3)] * int((~enough).sum()), mode="markers", marker=dict(size=5, color=look.GREY),
                           customdata=["too few units"] * int((~enough).sum()), hovertemplate=look.HOVER)
    look.note_at(figure, UNITS[outcomes.finding], 0, 1, look.SOFT, 12, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=26, name=look.UNIT)
    if factor == 0.25:
        _whole_years(figure.update_yaxes, low, high)
    elif outcomes.finding == "departure":
        figure.update_yaxes(tickvals=list(range(int(high) + 1)))


def _whole_years(update: Callable[..., Any], low: float, high: float) -> None:
    """Ticks at whole years between two quarters, at most eight."""
    years = list(range(int(np.floor(low / 4)), int(np.ceil((high + 1) / 4)) + 1))
    years = years[::-(-len(years) // 8)]
    update(tickvals=years, ticktext=[str(year) for year in years])


def _strip(figure: go.Figure, on: np.ndarray, level: int) -> None:
    """One row of the matrix: a stroke for each run of columns that take the alternative."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    x: list[float | None] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist()):
        x += [start - 0.5, stop - 0.5, None]
    figure.add_scatter(x=x, y=[None if one is None else level for one in x], yaxis="y2", mode="lines", line=dict(color=look.SOFT, width=8), hoverinfo="skip")


def _title(ledger: Ledger, outcomes: Outcomes) -> str:
    """What the curve shows, computed."""
    words, base, numbers = Words(ledger), bloc_of(outcomes.verdict(0)), scale(outcomes)[outcomes.counted]
    if not base or np.isnan(numbers).all():
        return f"{NAMES[outcomes.finding]} under {counted(int(outcomes.counted.sum()), 'distinct combination')} of choices"
    low, high = shown(outcomes, np.nanmin(numbers)), shown(outcomes, np.nanmax(numbers))
    span = low if low == high else f"{low} to {high}"
    when = f"in {low}" if low == high else f"between {low} and {high}"
    noun = words.noun(_shown_bloc(ledger, outcomes, base))
    said = {"departure": f"{noun} left {span} of the hosts", "replacement": f"{noun} replaced at most {span} of what left"}.get(outcomes.finding, f"{noun}'s lead begins {when}")
    return sentence(said) + ("; some choices turn it" if exceptions(outcomes).any() else ", whatever is chosen")


def summary(ledger: Ledger, outcomes: Outcomes) -> pd.DataFrame:
    """The table behind a curve: what the combinations come to, and how many distinct ones do (no probability)."""
    words, about, numbers = Words(ledger), blocs(outcomes), own_scale(outcomes)
    rows = outcomes.counted
    frame = pd.DataFrame({"bloc": about[rows], "number": numbers[rows]})
    grouped = frame.groupby(["bloc", "number"], dropna=False).size().reset_index(name="Combinations")
    made = grouped.assign(Bloc=[words.noun(bloc) if bloc else "nobody" for bloc in grouped["bloc"]],
                          Result=["–" if np.isnan(number) else shown(outcomes, number) for number in grouped["number"]])
    return made.rename(columns={"Result": sentence(UNITS[outcomes.finding]).replace(", %", "")})[["Bloc", sentence(UNITS[outcomes.finding]).replace(", %", ""), "Combinations"]]


def alone(ledger: Ledger, evaluation: Evaluation, finding: str) -> go.Figure | Nothing:
    """How far each choice moves a finding when only it changes: a bar from lowest to highest, the largest first; what turns it, by name."""
    outcomes = evaluation[finding]
    table, words, base = moves(ledger, outcomes), Words(ledger), bloc_of(outcomes.verdict(0))
    default = scale(outcomes)[0]
    if not base or np.isnan(default) or table.empty:
        return Nothing(f"alone-{finding}", f"{NAMES[finding]}: the choices of the pages give nothing that another choice could move.")
    factor = 0.25 if finding in ("lead-change", "stock-lead") else 100 if finding == "replacement" else 1
    figure, rows = look.canvas(70 + 46 * len(table)), list(table.itertuples())
    low, high = np.nanmin([row.low for row in rows] + [default]), np.nanmax([row.high for row in rows] + [default])
    pad = max(high - low, 1 if factor == 1 else 0.05 if factor == 100 else 2)
    names = [look.label(switch_name(row.switch)) for row in rows]
    look.bars(figure, [factor * (row.high - row.low) for row in rows], names, look.SOFT, [_hover(ledger, outcomes, row) for row in rows], base=[factor * row.low for row in rows],
              orientation="h", width=0.28)
    figure.add_scatter(x=[factor * default] * len(rows), y=names, mode="markers", marker=dict(size=8, color=look.INK), hoverinfo="skip")
    for name, row in zip(names, rows):
        _ends(figure, ledger, outcomes, row, name, factor, default)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(range=[factor * (low - 0.3 * pad), factor * (high + 0.3 * pad)], showgrid=True, gridcolor=look.GRID)
    if factor == 0.25:
        _whole_years(figure.update_xaxes, low, high)
    elif factor == 1:
        figure.update_xaxes(dtick=1)
    turning = [_small(switch_name(row.switch)) for row in rows if row.turns]
    most = max(rows, key=lambda row: (0 if np.isnan(row.span) else row.span))
    title = f"moved most by {_small(switch_name(most.switch))}" if most.span > 0 else "moved by no choice alone"
    title += f"; turned by {joined(turning)} alone" if turning else "; turned by no choice alone"
    shown_table = pd.DataFrame({"Choice": [switch_name(row.switch) for row in rows], "Lowest": [shown(outcomes, row.low) for row in rows],
                                "Highest": [shown(outcomes, row.high) for row in rows],
                                "Turned by": [", ".join(value_name(ledger, row.switch, value) for value in row.turns) for row in rows]})
    note = f"{sentence(UNITS[finding])}. Dot: as on the pages; bar: how far one choice moves it while all others stay. {NO_SAMPLE}"
    return look.finish(figure, f"alone-{finding}", f"{NAMES[finding]}: {title}", f"Bars of how far each choice moves the finding: {title}.", shown_table, note)


def _hover(ledger: Ledger, outcomes: Outcomes, row: Any) -> str:
    return look.label(f"{shown(outcomes, row.low)} with {value_name(ledger, row.switch, row.at_low)}, {shown(outcomes, row.high)} with {value_name(ledger, row.switch, row.at_high)}")


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _ends(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, row: Any, name: str, factor: float, default: float) -> None:
    """Above a bar the alternatives at its ends, and what turns the finding, in the other side's colour."""
    low, high = row.low < default, row.high > default
    above = dict(yshift=14, xref="x", yref="y")
    if low:
        look.note_at(figure, look.shortened(value_name(ledger, row.switch, row.at_low)), factor * row.low, name, look.SOFT, 11, xanchor="left", **above)
    if high:
        look.note_at(figure, look.shortened(value_name(ledger, row.switch, row.at_high)), factor * row.high, name, look.SOFT, 11, xanchor="right", **{**above, "yshift": -14 if low else 14})
    if row.turns:
        places = [switch.name for switch in outcomes.switches]
        about = {bloc_of(outcomes.verdict(at)) for at in outcomes.single(places.index(row.switch))} - {bloc_of(outcomes.verdict(0)), ""}
        colour = look.palette(ledger)[sorted(about)[0]] if len(about) == 1 else look.INK
        who = f"{Words(ledger).noun(_shown_bloc(ledger, outcomes, sorted(about)[0]))} with " if len(about) == 1 else "turned by "
        text = look.label(sentence(who + ", ".join(value_name(ledger, row.switch, value) for value in row.turns)))
        look.note_at(figure, text, default * factor, name, colour, 11, xanchor="right", yshift=14 if not low else -14)
