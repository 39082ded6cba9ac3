"""How charts look: one type, one palette with the same colour for a bloc everywhere, words that travel with the figure."""

from __future__ import annotations

from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from helpers.findings import Words
from helpers.ledger import Ledger

INK, SOFT, GREY, GRID, PAPER = "#1c1e21", "#5b616a", "#8b929c", "#e3e5e8", "#ffffff"
# What each colour becomes in the dark theme (style.css takes these; blocs bring their own pair).
DARK = {INK: "#eceff3", SOFT: "#a8b0bb", GREY: "#848c98", GRID: "#33383f", PAPER: "#16181b"}
FIGURE_MIME = "application/vnd.plotly.v1+json"
HOVER = "%{customdata}<extra></extra>"  # constant: what a label says is data, never a template
NEAR = 0.3  # years: names of context events closer than this share one label
UNIT = "unit"  # the annotation that names the vertical axis; the page writes it in HTML instead
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


class Figure(go.Figure):
    """A plotly figure that shows itself as plotly's own mime type, with its alt text beside it.

    plotly's renderers would choose by the surroundings and, in a kernel without a browser, cost seconds of imports.
    """

    _ipython_display_ = None

    def _repr_mimebundle_(self, include=None, exclude=None, **kwargs) -> dict[str, Any]:
        shown = self.to_dict()
        return {FIGURE_MIME: {"data": shown["data"], "layout": shown["layout"]}, "text/plain": (self.layout.meta or {}).get("alt", "")}


def label(text: str) -> str:
    """Text from data for a chart: plotly reads a subset of HTML in labels and makes live links of `<a>`."""
    return escape(str(text), quote=False)


def palette(ledger: Ledger) -> dict[str, str]:
    """The colour of each bloc."""
    return {bloc["code"]: bloc["colour"] for bloc in ledger.parameters["blocs"]}


def dark_palette(ledger: Ledger) -> dict[str, str]:
    """Light colour → dark colour, for ink, greys and blocs."""
    return {**DARK, **{bloc["colour"]: bloc["dark"] for bloc in ledger.parameters["blocs"]}}


def tint(colour: str, alpha: float) -> str:
    """A colour with transparency, `rgba(…)`."""
    red, green, blue = (int(colour[place:place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {alpha})"


def canvas(height: int, y_title: str = "", right: int = 24) -> go.Figure:
    """An empty figure in our dress. height in pixels at 720 px width; y_title names the unit of the vertical axis."""
    axis = dict(showgrid=False, zeroline=False, linecolor=GREY, tickcolor=GREY, ticks="outside", ticklen=4, automargin=True, fixedrange=True)
    layout = go.Layout(height=height, margin=dict(l=8, r=right, t=36, b=8), paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
                       font=dict(family=FONT, size=13, color=INK), hoverlabel=dict(font=dict(family=FONT, size=13)), dragmode=False,
                       showlegend=False, hovermode="closest", barmode="relative", bargap=0.12, xaxis=axis,
                       yaxis={**axis, "showgrid": True, "gridcolor": GRID, "linecolor": "rgba(0,0,0,0)", "ticks": ""})
    figure = Figure(layout=layout)
    if y_title:
        figure.add_annotation(text=y_title, xref="paper", yref="paper", x=0, y=1, yshift=26, xanchor="left", yanchor="top",
                              showarrow=False, font=dict(size=12, color=SOFT), name=UNIT)
    return figure


def at(quarter: int) -> float:
    """A quarter's middle on the axis of years."""
    return quarter / 4 + 0.125


def on_axis(day: float) -> float:
    """A day (ordinal) on the axis of years."""
    found = pd.Timestamp.fromordinal(int(day))
    return round(found.year + (found.day_of_year - 1) / (366 if found.is_leap_year else 365), 4)


def years(figure: go.Figure, quarters: range, **where: Any) -> None:
    """A horizontal axis in years over the quarters."""
    first, last = quarters[0] / 4, (quarters[-1] + 1) / 4
    step = 1 if last - first <= 8 else 2
    ticks = [year for year in range(int(first), int(last) + 1) if year % step == 0 and first <= year <= last]
    figure.update_xaxes(range=[first, last], tickvals=ticks, ticktext=[str(year) for year in ticks], tickangle=0, **where)


def note_at(figure: go.Figure, text: str, x: Any, y: Any, colour: str = INK, size: int = 13, **more: Any) -> None:
    """A direct label."""
    figure.add_annotation(**{"text": text, "x": x, "y": y, "showarrow": False, "font": dict(color=colour, size=size), **more})


def annotated(ledger: Ledger, hosts: list[str], quarters: range) -> pd.DataFrame:
    """Context events to mark on time axes (coups): x (axis of years), day, place; occurred and dated ones only."""
    events = ledger["events"]
    rows = events[events["type"].isin(ledger.parameters["annotated_types"]) & events["status"].eq("occurred")
                  & events["first"].notna() & events["hosts"].isin(hosts)].sort_values(["first", "event_id"])
    names, middle = Words(ledger).hosts, (rows["first"] + rows["last"]) / 2
    found = pd.DataFrame({"x": [on_axis(day) for day in middle], "day": rows["date"].to_numpy(), "host": rows["hosts"].to_numpy(),
                          "place": rows["hosts"].map(names).to_numpy()}).drop_duplicates(["x", "place"])
    return found[found["x"] >= quarters[0] / 4] if len(quarters) else found.iloc[:0]


def mark_context(figure: go.Figure, marks: pd.DataFrame, named: bool = True, panel: int = 1) -> None:
    """Thin dotted lines, with the place written along each; days and places stand in the figure's note."""
    axis = "" if panel == 1 else str(panel)
    line = dict(color=GREY, width=1, dash="dot")
    lines = [dict(type="line", x0=x, x1=x, y0=0, y1=1, xref=f"x{axis}", yref=f"y{axis} domain", line=line, layer="below") for x in marks["x"].unique()]
    figure.layout.shapes = [*figure.layout.shapes, *lines]  # at once: one by one takes plotly quadratic time
    near = marks["x"].diff().gt(NEAR).cumsum()
    for _, rows in marks.groupby(near) if named and len(marks) else ():
        note_at(figure, label(", ".join(dict.fromkeys(rows["place"]))), rows["x"].iloc[0], 1, SOFT, 10, yref="paper", textangle=-90, xanchor="right",
                yanchor="top", xshift=1, name="context")


def bars(figure: go.Figure, x: Any, y: Any, colour: Any, hover: list[str], **more: Any) -> None:
    """Bars in one colour (or one each); hover: a text per bar, escaped by the caller where it comes from data."""
    figure.add_bar(x=x, y=y, marker=dict(color=colour, line=dict(width=0)), customdata=hover, hovertemplate=HOVER, **more)


def dots(figure: go.Figure, x: Any, y: Any, area: pd.Series, scale: float, colour: str, filled: bool, hover: list[str]) -> None:
    """Dots whose area is the value (`scale` pixels across for 1): filled, or rings."""
    marker = dict(size=(scale * area**0.5).clip(lower=3).round(2), color=colour if filled else "rgba(0,0,0,0)", opacity=0.85,
                  line=dict(width=0 if filled else 1.5, color=colour))
    figure.add_scatter(x=x, y=y, mode="markers", marker=marker, customdata=hover, hovertemplate=HOVER)


def shortened(text: str, most: int = 24) -> str:
    """A label no longer than `most` characters, escaped."""
    return label(text if len(text) <= most else text[:most - 1].rstrip() + "…")


def finish(figure: go.Figure, id: str, title: str, alt: str, table: pd.DataFrame, note: str = "", key: list[tuple[str, str]] | None = None) -> go.Figure:
    """Gives a figure its words: id, title (the finding), alt text (a sentence), the table behind it, note, colour key.

    The page writes them in HTML; opened in a notebook, the title stands in the figure. Raises ValueError without alt or table.
    """
    if not alt or table.empty:
        raise ValueError(f"figure {id} lacks its alt text or its table")
    rounded = table.round(3)
    rows = [[None if isinstance(cell, float) and pd.isna(cell) else cell for cell in row] for row in rounded.astype(object).to_numpy().tolist()]
    unit = next((note.text for note in figure.layout.annotations if note.name == UNIT), "")
    meta = {"id": id, "title": title, "alt": alt, "note": note, "unit": unit, "key": [{"name": name, "colour": colour} for name, colour in key or []],
            "table": {"columns": [str(column) for column in table], "rows": rows}}
    figure.update_layout(meta=meta, title=dict(text=label(title), font=dict(size=17), x=0, xref="container", xanchor="left"))
    return figure
