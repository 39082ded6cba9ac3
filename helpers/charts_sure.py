"""The specification curve: a finding under every combination of choices, sorted, and below which alternatives each takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import look
from helpers.choice_words import value_name
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, sentence
from helpers.ledger import Ledger
from helpers.moves import NAMES
from helpers.outcomes import Outcomes
from helpers.ranges import NO_SAMPLE, bloc_of, blocs, exceptions, scale, shown
from helpers.specifications import Evaluation

MOST_COLUMNS = 300
ROW, TOP, GAP, BOTTOM, MARGINS = 17, 190, 26, 66, 44  # pixels: a row of the matrix, the curve, between the two, below, above and below the axes
SINCE = "quarter since which the side leads"
UNITS = {"lead-change": SINCE, "stock-lead": SINCE, "departure": "hosts that the side left", "replacement": "largest share of what left, %"}
HOLLOW = {"lead-change": "the side leads throughout", "stock-lead": "the side leads throughout", "departure": "no side left more hosts",
          "replacement": "nobody stands there, or no share is known"}
FACTORS = {"lead-change": 0.25, "stock-lead": 0.25, "replacement": 100.0}  # from the scale to the axis: years, per cent
LEAST = {"departure": 0.5}


def own_scale(outcomes: Outcomes) -> np.ndarray:
    """The scale of every row for the bloc that its own verdict is about; NaN where there is none."""
    numbers, about = np.full(len(outcomes.grid), np.nan), blocs(outcomes)
    for bloc in sorted(set(about) - {""}):
        numbers = np.where(about == bloc, scale(outcomes, bloc), numbers)
    return numbers


def ordered(outcomes: Outcomes) -> np.ndarray:
    """Rows in the order of the curve, twins left out: those about the default's bloc by what they come to, then others, then thin ones."""
    about, numbers = blocs(outcomes), own_scale(outcomes)
    rows = np.flatnonzero(~outcomes.twin)
    group = np.where(~outcomes.informative[rows], 2, np.where(about[rows] == about[0], 0, 1))
    return rows[np.lexsort((rows, np.nan_to_num(numbers[rows], nan=-1.0), group))]


def thinned(rows: np.ndarray) -> tuple[np.ndarray, int]:
    """Every n-th row so that at most MOST_COLUMNS stay (the default always does), and n."""
    step = max(-(-len(rows) // MOST_COLUMNS), 1)
    kept = np.zeros(len(rows), bool)
    kept[::step] = True
    return rows[kept | (rows == 0)], step


def curve(ledger: Ledger, evaluation: Evaluation, finding: str) -> go.Figure | Nothing:
    """What each combination comes to, sorted; below, a row for each alternative, marked where a column takes it."""
    outcomes, name = evaluation[finding], f"curve-{finding}"
    if not outcomes.counted.any():
        return Nothing(name, f"{NAMES[finding]}: under every choice tried there is too little to say.")
    rows, step = thinned(ordered(outcomes))
    alternatives = [(place, value) for place, switch in enumerate(outcomes.switches) for value in range(1, len(switch.values))
                    if (outcomes.grid[rows, place] == value).any()]
    figure = look.canvas(TOP + GAP + ROW * len(alternatives) + BOTTOM)
    _points(figure, ledger, outcomes, rows)
    _matrix(figure, ledger, outcomes, rows, alternatives)
    _default(figure, int(np.flatnonzero(rows == 0)[0]), len(rows))
    look.note_at(figure, UNITS[finding], 0, 1, look.SOFT, 12, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=26, name=look.UNIT)
    title = _title(ledger, outcomes)
    return look.finish(figure, name, title, f"Curve of combinations of choices, sorted. {title}.", summary(ledger, outcomes), _note(outcomes, step),
                       _key(ledger, outcomes))


def _matrix(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, rows: np.ndarray, alternatives: list[tuple[int, int]]) -> None:
    """The rows of alternatives below the curve, each on the columns that take it."""
    inner, blank = figure.layout.height - MARGINS, dict(showticklabels=False, ticks="", linecolor="rgba(0,0,0,0)", range=[-2, len(rows) + 1])
    split = ROW * len(alternatives) / inner
    figure.update_xaxes(anchor="y2" if alternatives else "y", **blank)
    if not alternatives:
        return
    names = [value_name(ledger, outcomes.switches[place].name, outcomes.switches[place].values[value]) for place, value in alternatives]
    axis = dict(domain=[0, split], showgrid=False, zeroline=False, fixedrange=True, automargin=True, tickfont=dict(size=11), ticks="", anchor="x",
                linecolor="rgba(0,0,0,0)", range=[len(names) - 0.4, -0.6], tickvals=list(range(len(names))), ticktext=[look.shortened(text) for text in names])
    figure.update_layout(yaxis=dict(domain=[split + GAP / inner, 1]), yaxis2=axis)
    for level, (place, value) in enumerate(alternatives):
        _strip(figure, outcomes.grid[rows, place] == value, level)


def _strip(figure: go.Figure, on: np.ndarray, level: int) -> None:
    """One row of the matrix: a stroke for each run of columns that take the alternative."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], on.astype(int), [0]])))
    x: list[float | None] = []
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist()):
        x += [start - 0.5, stop - 0.5, None]
    figure.add_scatter(x=x, y=[None if one is None else level for one in x], yaxis="y2", mode="lines", line=dict(color=look.SOFT, width=8), hoverinfo="skip")


def _default(figure: go.Figure, place: int, columns: int) -> None:
    right = place > columns / 2
    figure.add_vline(x=place, line=dict(color=look.INK, width=1, dash="dot"))
    look.note_at(figure, "as on the pages", place, 1, look.INK, 11, yref="paper", yanchor="bottom", xanchor="right" if right else "left",
                 xshift=3 if right else -3)


def _points(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, rows: np.ndarray) -> None:
    """A point per column in the colour of the bloc; hollow at the foot where there is no number, grey where there are too few units."""
    about, numbers, enough, factor = blocs(outcomes)[rows], own_scale(outcomes)[rows], outcomes.informative[rows], FACTORS.get(outcomes.finding, 1.0)
    known = numbers[~np.isnan(numbers)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    foot = low - max(0.08 * (high - low), LEAST.get(outcomes.finding, 0.01))
    at = (np.where(np.isnan(numbers), foot, numbers) * factor).round(3)
    for bloc in sorted(set(about)):
        for hollow in (False, True):
            here = (about == bloc) & (np.isnan(numbers) == hollow) & enough
            _dots(figure, ledger, outcomes, here, at, numbers, bloc, hollow)
    thin = np.flatnonzero(~enough)
    figure.add_scatter(x=thin, y=at[thin], mode="markers", marker=dict(size=5, color=look.GREY), customdata=["too few units"] * len(thin),
                       hovertemplate=look.HOVER)
    if factor == 0.25:
        whole_years(figure.update_yaxes, low, high)
    elif outcomes.finding == "departure":
        figure.update_yaxes(tickvals=list(range(int(high) + 1)))


def _dots(figure: go.Figure, ledger: Ledger, outcomes: Outcomes, here: np.ndarray, at: np.ndarray, numbers: np.ndarray, bloc: str, hollow: bool) -> None:
    if not here.any():
        return
    shown_bloc = whose(ledger, outcomes, bloc)
    colour = look.palette(ledger).get(shown_bloc, look.SOFT)
    marker = dict(size=5, color="rgba(0,0,0,0)" if hollow else colour, line=dict(width=1.2 if hollow else 0, color=colour))
    who = look.label(Words(ledger).noun(shown_bloc)) if bloc else "nobody"
    said = [HOLLOW[outcomes.finding] if hollow else shown(outcomes, number) for number in numbers[here]]
    figure.add_scatter(x=np.flatnonzero(here), y=at[here], mode="markers", marker=marker, customdata=[f"{who}: {text}" for text in said],
                       hovertemplate=look.HOVER)


def whose(ledger: Ledger, outcomes: Outcomes, bloc: str) -> str:
    """Whose colour a verdict has: of a replacement that of the side that came."""
    sides = ledger.parameters["sides"]
    return sides[1 - sides.index(bloc)] if outcomes.finding == "replacement" and bloc in sides else bloc


def whole_years(update: Callable[..., Any], low: float, high: float) -> None:
    """Ticks at whole years around two quarters, at most eight."""
    years = list(range(int(np.floor(low / 4)), int(np.ceil((high + 1) / 4)) + 1))
    years = years[::-(-len(years) // 8)]
    update(tickvals=years, ticktext=[str(year) for year in years])


def _key(ledger: Ledger, outcomes: Outcomes) -> list[tuple[str, str]]:
    does = {"departure": "left more hosts", "replacement": "stands where the other left"}.get(outcomes.finding, "leads")
    about = set(blocs(outcomes)[outcomes.counted])
    found = [whose(ledger, outcomes, bloc) for bloc in ledger.parameters["sides"] if bloc in about]
    return [(sentence(f"{Words(ledger).noun(bloc)} {does}"), look.palette(ledger)[bloc]) for bloc in found]


def _note(outcomes: Outcomes, step: int) -> str:
    drawn = f", of which one in {step:,} is drawn" if step > 1 else ""
    thin = int((~outcomes.twin & ~outcomes.informative).sum())
    grey = f" Grey, at the right and outside the count: {counted(thin, 'combination')} with too few units." if thin else ""
    return (f"One column a combination, sorted by what it comes to: {counted(int((~outcomes.twin).sum()), 'distinct one')}{drawn}. Below, a mark says which "
            f"alternatives a column takes; no mark: as on the pages. Hollow: {HOLLOW[outcomes.finding]}.{grey} {NO_SAMPLE}")


def _title(ledger: Ledger, outcomes: Outcomes) -> str:
    """What the curve shows, computed."""
    base, numbers = bloc_of(outcomes.verdict(0)), scale(outcomes)[outcomes.counted]
    if not base or np.isnan(numbers).all():
        return f"{NAMES[outcomes.finding]} under {counted(int(outcomes.counted.sum()), 'distinct combination')} of choices"
    low, high = shown(outcomes, np.nanmin(numbers)), shown(outcomes, np.nanmax(numbers))
    span, when = (low, f"in {low}") if low == high else (f"{low} to {high}", f"between {low} and {high}")
    noun = Words(ledger).noun(whose(ledger, outcomes, base))
    said = {"departure": f"{noun} left {span} of the hosts", "replacement": f"{noun} replaced at most {span} of what left"}
    turned = "; some choices turn it" if exceptions(outcomes).any() else ", whatever is chosen"
    return sentence(said.get(outcomes.finding, f"{noun}'s lead begins {when}")) + turned


def summary(ledger: Ledger, outcomes: Outcomes) -> pd.DataFrame:
    """The table behind a curve: what the combinations come to, and how many distinct ones do (no probability)."""
    words, rows, unit = Words(ledger), outcomes.counted, sentence(UNITS[outcomes.finding]).replace(", %", "")
    frame = pd.DataFrame({"bloc": blocs(outcomes)[rows], "number": own_scale(outcomes)[rows]})
    grouped = frame.groupby(["bloc", "number"], dropna=False).size().reset_index(name="Combinations")
    grouped["Bloc"] = [words.noun(bloc) if bloc else "nobody" for bloc in grouped["bloc"]]
    grouped[unit] = [shown(outcomes, number) for number in grouped["number"]]
    return grouped[["Bloc", unit, "Combinations"]]
