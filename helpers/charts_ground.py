"""Charts of the ground: stock by host with the reported figures, and who left and who stands there now."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from helpers import charts_stock, departures, look
from helpers.dates import quarter_name
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, joined, people, sentence
from helpers.ledger import Ledger
from helpers.strengths import Stock

PANEL, GAP, TOP, BOTTOM = 150, 70, 52, 30  # pixels: a host's panel, what lies between two, above the first, below the last


def _domain(number: int, letter: str) -> str:
    return f"{letter} domain" if number == 1 else f"{letter}{number} domain"


def _hatched(rows: pd.DataFrame) -> list[tuple[str, int, int]]:
    """Runs of quarters in which only the region's figure of the same forces is current: forces, first and last quarter."""
    runs: list[tuple[str, int, int]] = []
    for quarter, forces in rows.loc[rows["region_only"].ne(""), ["quarter", "region_only"]].sort_values("quarter").itertuples(index=False):
        if runs and runs[-1][0] == forces and runs[-1][2] == quarter - 1:
            runs[-1] = (forces, runs[-1][1], quarter)
        else:
            runs.append((forces, quarter, quarter))
    return runs


def _hatch(figure: go.Figure, ledger: Ledger, rows: pd.DataFrame, side: str, top: float, row: int) -> None:
    """Hatched fields, with the words, where a force's strength is known for the region only."""
    colour, name = look.palette(ledger)[side], look.label(Words(ledger).name(side))
    shape = "/" if side == ledger.parameters["sides"][0] else "\\"
    runs = _hatched(rows)
    longest = max(runs, key=lambda run: (run[2] - run[1], -run[1]), default=None)
    for run in runs:
        forces, first, last = run
        figure.add_bar(x=[(first + last + 1) / 8], y=[top], width=(last - first + 1) / 4, row=row, col=1, marker=dict(color="rgba(0,0,0,0)", line=dict(width=0),
                       pattern=dict(shape=shape, fgcolor=colour, fgopacity=0.55, size=7, solidity=0.14)), hovertemplate="%{customdata}<extra></extra>",
                       customdata=[f"{name}, {quarter_name(first)} to {quarter_name(last)}: part of {look.label(forces)}, share not reported"])
        if run == longest:
            said = f"part of<br>{look.shortened(forces, 16)},<br>share not<br>reported"
            look.note_at(figure, said, first / 4, top, colour, 10, row=row, col=1, xanchor="left", yanchor="top", align="left", xshift=3, bgcolor=look.PAPER)


def _heading(figure: go.Figure, number: int, host: str, levels: list[tuple[str, str]]) -> None:
    """A panel's name, and under it the sides' stock at the cutoff in their colours."""
    where = dict(xref=_domain(number, "x"), yref=_domain(number, "y"), xanchor="left", yanchor="bottom")
    look.note_at(figure, f"<b>{look.label(host)}</b>", 0, 1, look.INK, 14, yshift=19, **where)
    shift = 0
    for text, colour in levels:
        look.note_at(figure, f"<b>{look.label(text)}</b>", 0, 1, colour, 12, xshift=shift, yshift=3, **where)
        shift += round(7.2 * len(text)) + 14


def stock_by_host(ledger: Ledger, stock: Stock) -> go.Figure | Nothing:
    """Small multiples, one host under the other, each on its own scale: both sides' steps, range and reported figures; hatched where
    a force's strength is known for the whole region only."""
    sides, words, colours = ledger.parameters["sides"], Words(ledger), look.palette(ledger)
    table = stock.table[stock.table["place"].isin(stock.hosts) & stock.table["bloc"].isin(sides)]
    if table.empty:
        return Nothing("stock-by-host", "No strength of either side is reported for any host.")
    quarters, many = range(stock.quarters[0], stock.quarters[-1] + 1), len(stock.hosts)
    height = TOP + BOTTOM + many * PANEL + (many - 1) * GAP
    figure = make_subplots(rows=many, cols=1, shared_xaxes=False, vertical_spacing=GAP / (height - TOP - BOTTOM) if many > 1 else 0, figure=look.canvas(height))
    highest: dict[str, float] = {}
    for number, host in enumerate(stock.hosts, 1):
        own, shown = table[table["place"] == host], charts_stock.points(ledger, stock, host)
        highest[host] = max([own["high"].max() if len(own) else 0, *shown["personnel"], 10]) * 1.08
        levels = []
        for side in sides:
            rows = own[own["bloc"] == side]
            _hatch(figure, ledger, rows, side, highest[host], number)
            now = charts_stock.draw_side(figure, ledger, rows, quarters, side, row=number, col=1) if len(rows) else 0
            hatched = len(rows) and rows[rows["quarter"].eq(quarters[-1])]["region_only"].ne("").any()
            levels.append((f"{words.name(side)}: {'share not reported' if hatched and not now else people(now) if len(rows) else 'none'}", colours[side]))
        charts_stock.draw_points(figure, ledger, shown, row=number, col=1)
        look.mark_context(figure, look.annotated(ledger, [host], quarters), named=False, panel=number)
        _heading(figure, number, words.hosts[host], levels)
        figure.update_yaxes(range=[0, highest[host]], row=number, col=1)
    look.years(figure, quarters)
    figure.update_xaxes(showgrid=False, linecolor=look.GREY, ticks="outside", ticklen=4, tickcolor=look.GREY, fixedrange=True)
    figure.update_yaxes(showgrid=True, gridcolor=look.GRID, zeroline=False, nticks=4, tickformat=",d", automargin=True, fixedrange=True)
    figure.update_layout(margin=dict(t=TOP, b=BOTTOM), barmode="overlay")
    return _stock_words(ledger, stock, figure, table)


def _stock_words(ledger: Ledger, stock: Stock, figure: go.Figure, table: pd.DataFrame) -> go.Figure:
    words, sides, last = Words(ledger), ledger.parameters["sides"], stock.quarters[-1]
    now = table[table["quarter"].eq(last) & table["median"].gt(0)]
    level = {(host, side): _level(now, host, side) for host in stock.hosts for side in sides}
    ahead = {side: [host for host in stock.hosts if all(level[host, side] > level[host, other] for other in sides if other != side)] for side in sides}
    parts = [f"{words.noun(side)} in {words.listed(hosts)}" for side, hosts in ahead.items() if hosts]
    title = f"More people at the cutoff, by host: {'; '.join(parts)}" if parts else "No host has a current figure of more people of one side than of the other"
    shown = charts_stock.totals_table(ledger, stock, stock.hosts)
    note = (f"{charts_stock.RULES.format(expiry=ledger.parameters['stock']['expiry_quarters'])} Every host has a scale of its own. A ring is a figure inside a "
            "larger one (a camp, a contingent), not added. Hatched: the force is there, but only its regional figure is current, so this is neither zero nor "
            f"a departure. Thin dotted verticals: {joined(ledger.parameters['annotated_types'])}s in that host.")
    return look.finish(figure, "stock-by-host", title, f"Step lines of reported strength by side, one panel for each host. {title}.", shown, note)


def _level(now: pd.DataFrame, host: str, side: str) -> float:
    return float(now.loc[now["place"].eq(host) & now["bloc"].eq(side), "median"].sum())


STEP, BAR = 104, 15  # pixels: a host's block, a bar


def departure_chart(ledger: Ledger, rows: pd.DataFrame) -> go.Figure | Nothing:
    """Per host the side that was larger, at its peak (pale) and now (solid), and the other side now (rows: `departures.departures`)."""
    words, colours, sides = Words(ledger), look.palette(ledger), ledger.parameters["sides"]
    if not len(rows) or rows["kind"].eq("none").all():
        return Nothing("departure-chart", "No strength of either side is reported for any host.")
    hosts = list(dict.fromkeys(rows["host"]))
    figure = look.canvas(STEP * len(hosts) + 36, "people reported: pale at the peak, solid at the cutoff")
    thick = BAR / STEP
    for place, host in enumerate(hosts):
        own = rows[rows["host"] == host].assign(order=lambda some: some["bloc"].map(sides.index)).sort_values(["peak", "order"], ascending=[False, True])
        top = -float(place)
        look.note_at(figure, f"<b>{look.label(words.hosts[host])}</b> {_verdict_words(own, words)}", 0, top, look.INK, 14, xanchor="left", yanchor="top")
        if own["kind"].eq("none").all():
            continue
        larger, other = own.iloc[0], own.iloc[1]
        then = f"{people(larger['peak'])} in {_quarter(larger['peak_quarter'])} → {_now_words(larger)}"
        here = f"{_now_words(other)}{_share_words(larger, words)}"
        for line, (row, text) in enumerate(((larger, then), (other, here))):
            level, colour = top - (22 + line * 35) / STEP, colours[row["bloc"]]
            look.note_at(figure, f"<b>{look.label(words.name(row['bloc']))}</b> {text}", 0, level, colour, 12, xanchor="left", yanchor="top")
            bar, name = dict(y=[level - 24.5 / STEP], orientation="h", width=thick), look.label(words.name(row["bloc"]))
            if line == 0:
                look.bars(figure, [row["peak"]], colour=look.tint(colour, 0.25), hover=[f"{name}: {then}"], **bar)
            look.bars(figure, [row["now"]], colour=colour, hover=[f"{name}: {people(row['now'])} at the cutoff"], **bar)
    figure.add_vline(x=0, line=dict(color=look.INK, width=1))
    figure.update_xaxes(range=[0, max(rows["peak"].max(), rows["now"].max()) * 1.02], showgrid=True, gridcolor=look.GRID, tickformat=",d", nticks=6)
    figure.update_yaxes(range=[0.12 - len(hosts), 0.02], showticklabels=False, showgrid=False)
    figure.update_layout(barmode="overlay", margin=dict(t=8, l=2))
    return _departure_words(ledger, figure, rows)


def _quarter(number: Any) -> str:
    return "" if pd.isna(number) else quarter_name(int(number))


def _now_words(row: pd.Series) -> str:
    if row["region_only"]:
        return f"part of {look.label(row['region_only'])} now, share not reported"
    if row["kind"] == "none":
        return "never reported"
    return "no current figure" if row["kind"] == "unknown" and not row["now"] else f"{people(row['now'])} now"


def _share_words(larger: pd.Series, words: Words) -> str:
    return "" if pd.isna(larger["replacement"]) or not larger["other_now"] else f", {larger['replacement']:.0%} of that peak"


def _verdict_words(own: pd.DataFrame, words: Words) -> str:
    left = [f"{words.noun(row.bloc)} left by {quarter_name(int(row.since))}" for row in own.itertuples() if row.kind == "left"]
    there = own[own["now"].gt(0) | own["region_only"].ne("")]["bloc"].tolist()
    if own["kind"].eq("none").all():
        return "no strength of either side reported"
    if left:
        return look.label(f"· {'; '.join(left)}")
    return "· both present" if len(there) > 1 else look.label(f"· {words.noun(there[0])} present") if there else "· no current figure"


def _departure_words(ledger: Ledger, figure: go.Figure, rows: pd.DataFrame) -> go.Figure:
    words, total = Words(ledger), rows["host"].nunique()
    replaced = departures.replacement_verdict(ledger, rows)["replaced"]
    parts = [f"{words.noun(side)} left {len(found['left'])} of {counted(total, 'host')}, and {words.noun(found['by'])} stands in "
             f"{len(found['stands'])} of these" for side, found in replaced.items() if found["left"]]
    title = sentence("; ".join(parts)) if parts else f"Neither side has left any of {counted(total, 'host')}"
    shown = pd.DataFrame({
        "Host": rows["host"].map(words.hosts), "Bloc": rows["bloc"].map(words.name), "State": rows["kind"], "Largest reported": rows["peak"],
        "in": [_quarter(value) for value in rows["peak_quarter"]], "Left by": [_quarter(value) for value in rows["since"]], "At the cutoff": rows["now"],
        "Part of (share not reported)": rows["region_only"], "Other side": rows["other"].map(words.name), "Other side at the cutoff": rows["other_now"],
        "Replacement": rows["replacement"]})
    share = ledger.parameters["stock"]["departure_share"]
    note = (f"Pale: the largest quarterly sum of the highest reported figures; solid: at the cutoff ({ledger.cutoff}). Left: at or under {share:.0%} of that "
            "peak ever since, by figures; a figure that is too old is no departure. A trainer and a fighter count alike.")
    alt = f"Bars for each host: the side that was larger, at its peak and now, and the other side now. {title}."
    return look.finish(figure, "departure-chart", title, alt, shown, note)
