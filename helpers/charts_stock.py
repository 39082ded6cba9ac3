"""Charts of the stock: reported people on the ground, with their range and with what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from helpers import counts, look
from helpers.dates import quarter_name
from helpers.exhibits import Nothing
from helpers.findings import Finding, Words, people
from helpers.ledger import Ledger
from helpers.standings import figures, page_link
from helpers.strengths import Stock

RULES = ("A figure counts for {expiry} quarters after its own, then it is unknown, not zero; planned and alleged figures and ceilings are left out. "
         "Band: lowest to highest report; dotted: with figures too old to count; points: the single reported figures that add up to the line.")


def region(ledger: Ledger, stock: Stock, finding: Finding) -> go.Figure | Nothing:
    """Both sides' reported strength in the region at each quarter's end, as steps with a band (finding: `findings.stock_lead`)."""
    sides, words, colours = ledger.parameters["sides"], Words(ledger), look.palette(ledger)
    table = stock.table[(stock.table["place"] == stock.region) & stock.table["bloc"].isin(sides)]
    if table.empty:
        return Nothing("stock", "No strength of either side is reported.")
    quarters, figure = range(stock.quarters[0], stock.quarters[-1] + 1), look.canvas(380, "people reported in the region at the end of the quarter", 96)
    ends = [(quarter + 1) / 4 for quarter in quarters]
    _others(figure, ledger, stock, quarters, ends)
    for side in sides:
        now = draw_side(figure, ledger, table[table["bloc"] == side], quarters, side)
        look.note_at(figure, f"<b>{look.label(words.name(side))}<br>{people(now)}</b>", ends[-1], now, colours[side], xanchor="left", xshift=6, align="left")
    draw_points(figure, ledger, points(ledger, stock, stock.region))
    look.mark_context(figure, look.annotated(ledger, counts.host_set(ledger), quarters))
    look.years(figure, quarters)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    shown = totals_table(ledger, stock, [stock.region]).drop(columns=["Host", "Share not reported of"])
    note = RULES.format(expiry=ledger.parameters["stock"]["expiry_quarters"])
    levels = [f"{words.name(side)} {people(table[(table['bloc'] == side) & (table['quarter'] == quarters[-1])]['median'].sum())}" for side in sides]
    return look.finish(figure, "stock", f"People reported at the cutoff: {', '.join(levels)}", f"Step lines of reported strength by side. {finding.text}", shown, note)


def totals_table(ledger: Ledger, stock: Stock, places: Sequence[str]) -> pd.DataFrame:
    """What stands behind a chart of stock: every bloc's total at each place and quarter, with the forces that it is made of."""
    words = Words(ledger)
    rows = stock.table[stock.table["place"].isin(places)]
    rows = rows[rows["bloc"].isin(ledger.parameters["sides"]) | rows["high"].gt(0) | rows["unknown"].gt(0)]
    rows = rows.assign(place=rows["place"].map(words.hosts), quarter=rows["quarter"].map(quarter_name), bloc=rows["bloc"].map(words.name))
    return rows.rename(columns={"place": "Host", "bloc": "Bloc", "quarter": "Quarter", "median": "People", "low": "Lowest", "high": "Highest",
                                "made_of": "Made of", "unknown": "Last figures too old", "unknown_forces": "of", "region_only": "Share not reported of"})


def draw_side(figure: go.Figure, ledger: Ledger, table: pd.DataFrame, quarters: range, side: str, **where: Any) -> float:
    """Band, steps and dotted "too old" line of one side at one place (table: its rows of `Stock.table`); returns its stock at the end.

    No line where only the region's figure is current, or where what is too old is more than a remnant: that is not zero.
    """
    name, colour, ends = look.label(Words(ledger).name(side)), look.palette(ledger)[side], [(quarter + 1) / 4 for quarter in quarters]
    rows = table.set_index("quarter").reindex(list(quarters))
    across, up = _steps(ends, rows["high"].fillna(0).tolist())
    _, down = _steps(ends, rows["low"].fillna(0).tolist())
    figure.add_scatter(x=[*across, *across[::-1]], y=[*up, *down[::-1]], mode="lines", line=dict(width=0), fill="toself", fillcolor=look.tint(colour, 0.18),
                       hoverinfo="skip", **where)
    unsure = rows["region_only"].fillna("").ne("") | rows["unknown"].gt(ledger.parameters["stock"]["departure_share"] * rows["high"].max())
    rows["median"] = rows["median"].mask(rows["median"].eq(0) & unsure)
    said = ["" if pd.isna(row.median_) else f"{name}, {quarter_name(row.Index)}: {people(row.median_)} ({people(row.low)} to {people(row.high)})"
            for row in rows.rename(columns={"median": "median_"}).itertuples()]
    line = dict(x=ends, mode="lines", hovertemplate=look.HOVER, **where)
    figure.add_scatter(y=rows["median"], line=dict(color=colour, width=2.5, shape="hv"), customdata=said, **line)
    possible = (rows["median"].fillna(0) + rows["unknown"]).where(rows["unknown"] > 0)
    old = ["" if pd.isna(value) else f"{name}, {quarter_name(quarter)}: {people(value)} with figures too old to count" for quarter, value in possible.items()]
    figure.add_scatter(y=possible, line=dict(color=colour, width=1.2, shape="hv", dash="dot"), customdata=old, **line)
    return rows["median"].fillna(0).iloc[-1]


def points(ledger: Ledger, stock: Stock, place: str) -> pd.DataFrame:
    """Both sides' reported figures that count at a place: the columns of `standings.figures`, and `added` (True: by itself in the
    total of its quarter; False: inside a larger figure). The region's are only those that are added."""
    rows = figures(ledger, stock)
    rows = rows[rows["why"].eq("") & rows["bloc"].isin(ledger.parameters["sides"])]
    members = {quarter: stock.members(place, quarter) for quarter in rows["quarter"].unique()}
    rows = rows.assign(added=[row.series_id in members[row.quarter] for row in rows.itertuples()])
    return rows[rows["added"]] if place == stock.region else rows[rows["host"].eq(place)]


def draw_points(figure: go.Figure, ledger: Ledger, rows: pd.DataFrame, **where: Any) -> None:
    """The reported figures with their source on hover: filled where added to the total, a ring where inside a larger figure."""
    for (bloc, added), part in rows.groupby(["bloc", "added"]):
        colour = look.palette(ledger)[bloc]
        x = [look.on_axis((row.first + row.last) / 2) for row in part.itertuples()]
        fill = colour if added else look.tint(look.PAPER, 0.0)
        marker = dict(size=4.5, color=fill, line=dict(color=colour, width=0 if added else 1), opacity=0.75)
        figure.add_scatter(x=x, y=part["personnel"], mode="markers", marker=marker, hovertemplate=look.HOVER,
                           customdata=[_point_words(row) for row in part.itertuples()], **where)


def _point_words(row: Any) -> str:
    """A figure's force, date, number, page and basis, escaped."""
    parts = [f"{row.force}, {row.date}: {people(row.personnel)}", page_link(row, "")["text"], (row.basis or "basis unknown").replace("_", " ")]
    return "<br>".join(look.label(part) for part in parts) + ("" if row.added else "<br>part of a larger figure")


def _others(figure: go.Figure, ledger: Ledger, stock: Stock, quarters: range, ends: list[float]) -> None:
    """All blocs that are no side as one grey line, with gaps where every figure is too old."""
    rest = stock.table[(stock.table["place"] == stock.region) & ~stock.table["bloc"].isin(ledger.parameters["sides"])]
    sums = rest.groupby("quarter")[["median", "unknown"]].sum().reindex(list(quarters))
    values = sums["median"].mask((sums["median"] == 0) & (sums["unknown"] > 0))
    if not values.gt(0).any():
        return
    figure.add_scatter(x=ends, y=values, mode="lines", line=dict(color=look.GREY, width=1.2, shape="hv"), hovertemplate="%{customdata}<extra></extra>",
                       customdata=["" if pd.isna(value) else f"All others, {quarter_name(quarter)}: {people(value)}" for quarter, value in values.items()])
    first = values[values.gt(0)].index[0]
    look.note_at(figure, "all others", (first + 1) / 4, values[first], look.SOFT, 12, yshift=10, xanchor="left")


def _steps(x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """The corners of a step line that holds each value until the next x."""
    across = [value for pair in zip(x, x[1:]) for value in pair] + x[-1:]
    return across, [value for value in y[:-1] for _ in (0, 1)] + y[-1:]
