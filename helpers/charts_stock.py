"""Charts of the stock: reported people on the ground, with their range and with what is not known."""

from __future__ import annotations

import plotly.graph_objects as go

from helpers import counts, look
from helpers.dates import quarter_name
from helpers.exhibits import Nothing
from helpers.findings import Finding, Words
from helpers.ledger import Ledger
from helpers.strengths import Stock

RULES = "A figure counts for {expiry} quarters after its own, then it is unknown, not zero; planned and alleged figures and ceilings are left out. Band: lowest to highest report; dotted: with figures too old to count."


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
        rows = table[table["bloc"] == side].set_index("quarter").reindex(list(quarters))
        across, up = _steps(ends, rows["high"].fillna(0).tolist())
        _, down = _steps(ends, rows["low"].fillna(0).tolist())
        figure.add_scatter(x=[*across, *across[::-1]], y=[*up, *down[::-1]], mode="lines", line=dict(width=0), fill="toself", fillcolor=look.tint(colours[side], 0.18), hoverinfo="skip")
        figure.add_scatter(x=ends, y=rows["median"], mode="lines", line=dict(color=colours[side], width=2.5, shape="hv"), hovertemplate="%{customdata}<extra></extra>",
                           customdata=[f"{words.name(side)}, {quarter_name(quarter)}: {row.median_:,.0f} ({row.low:,.0f} to {row.high:,.0f})" for quarter, row in zip(quarters, rows.rename(columns={"median": "median_"}).itertuples())])
        possible = (rows["median"] + rows["unknown"]).where(rows["unknown"] > 0)
        figure.add_scatter(x=ends, y=possible, mode="lines", line=dict(color=colours[side], width=1.2, shape="hv", dash="dot"), hovertemplate="%{customdata}<extra></extra>",
                           customdata=[f"{words.name(side)}, {quarter_name(quarter)}: {value:,.0f} with figures too old to count" for quarter, value in possible.items()])
        now = rows["median"].fillna(0).iloc[-1]
        look.note_at(figure, f"<b>{look.label(words.name(side))}<br>{now:,.0f}</b>", ends[-1], now, colours[side], xanchor="left", xshift=6, align="left")
    look.mark_context(figure, look.annotated(ledger, counts.host_set(ledger), quarters))
    look.years(figure, quarters)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    shown = table.assign(Quarter=table["quarter"].map(quarter_name), Bloc=table["bloc"].map(words.name))[["Quarter", "Bloc", "median", "low", "high", "unknown", "unknown_forces"]]
    shown = shown.rename(columns={"median": "People", "low": "Lowest", "high": "Highest", "unknown": "Last figures too old", "unknown_forces": "of"})
    note = RULES.format(expiry=ledger.parameters["stock"]["expiry_quarters"])
    levels = [f"{words.name(side)} {table[(table['bloc'] == side) & (table['quarter'] == quarters[-1])]['median'].sum():,.0f}" for side in sides]
    return look.finish(figure, "stock", f"People reported at the cutoff: {', '.join(levels)}", f"Step lines of reported strength by side. {finding.text}", shown, note)



def _others(figure: go.Figure, ledger: Ledger, stock: Stock, quarters: range, ends: list[float]) -> None:
    """All blocs that are no side as one grey line, with gaps where every figure is too old."""
    rest = stock.table[(stock.table["place"] == stock.region) & ~stock.table["bloc"].isin(ledger.parameters["sides"])]
    sums = rest.groupby("quarter")[["median", "unknown"]].sum().reindex(list(quarters))
    values = sums["median"].mask((sums["median"] == 0) & (sums["unknown"] > 0))
    if not values.gt(0).any():
        return
    figure.add_scatter(x=ends, y=values, mode="lines", line=dict(color=look.GREY, width=1.2, shape="hv"), hovertemplate="%{customdata}<extra></extra>",
                       customdata=[f"All others, {quarter_name(quarter)}: {value:,.0f}" for quarter, value in values.items()])
    look.note_at(figure, "all others", (values.idxmax() + 1) / 4, values.max(), look.SOFT, 12, yshift=10, xanchor="left")


def _steps(x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """The corners of a step line that holds each value until the next x."""
    across = [value for pair in zip(x, x[1:]) for value in pair] + x[-1:]
    return across, [value for value in y[:-1] for _ in (0, 1)] + y[-1:]
