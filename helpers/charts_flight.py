"""Charts of one airlift: pages against origins, its reports by origin on a timeline, claim × report."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import dates, flight, flight_findings, look
from helpers.exhibits import Nothing
from helpers.findings import counted
from helpers.ledger import Ledger

MOST_REPORTS, MOST_DETAILS = 40, 16
LEFT = 128  # pixels left of the rows of reports, for publishers and the names of origins
NEW, REPEAT = look.INK, look.tint(look.GREY, 0.6)


def against_origins(ledger: Ledger, event: str, rows: pd.DataFrame) -> go.Figure | Nothing:
    """Pages, publishers, origins, named origins and those in full support, one bar each: what a count of reports hides."""
    numbers = flight.tally(ledger, event, rows) if event else {"pages": 0}
    if not numbers["pages"]:
        return Nothing("against-origins", "No page tells of a flight in this ledger.")
    names = {"pages": "pages that tell of it", "publishers": "publishers", "origins": "known origins", "named": "origins with a name",
             "supporting": "… that support it in full"}
    figure = look.canvas(230, "", 40)
    values = [numbers[name] for name in names]
    figure.add_bar(y=list(names.values()), x=values, orientation="h", marker=dict(color=[look.GREY, look.GREY, look.INK, look.INK, look.INK], line=dict(width=0)),
                   hovertemplate="%{customdata}<extra></extra>", customdata=[f"{value:,} {name}" for name, value in zip(names.values(), values)])
    for name, value in zip(names.values(), values):
        look.note_at(figure, f"<b>{value:,}</b>", value, name, size=15, xanchor="left", xshift=6)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(visible=False, range=[0, max(values) * 1.12])
    title = f"{counted(numbers['pages'], 'page')}, {counted(numbers['origins'], 'known origin')}, {numbers['supporting'] or 'no'} named {'origin' if numbers['supporting'] < 2 else 'origins'} in full support"
    shown = pd.DataFrame({"Counted": list(names.values()), "Number": values})
    note = f"Grey: what a count of reports sees; dark: who knew it. Pages of one text are one origin. Pages that deny it: {numbers['denying']:,}."
    return look.finish(figure, "against-origins", title, f"Bars that shrink: {title}.", shown, note)


def _lines(rows: pd.DataFrame) -> tuple[list[float], list[tuple[float, str]], float]:
    """Heights of the rows of reports, with a heading above each origin's (height, text), and the lowest height."""
    heights, headings, level = [], [], 0.0
    for origin, group in rows.groupby("origin_id", sort=False):
        level -= 1.15
        name = flight_findings.origin_name(group.iloc[0])
        headings.append((level, f"<b>{look.shortened(name, 46)}</b>"))
        for _ in range(len(group)):
            level -= 1
            heights.append(level)
    return heights, headings, level


def _dress(figure: go.Figure, rows: pd.DataFrame, heights: list[float], headings: list[tuple[float, str]], lowest: float) -> None:
    """Publishers at the rows, origins as headings over the whole width."""
    figure.update_layout(margin=dict(l=LEFT), height=int(figure.layout.height + 24 * -lowest))
    figure.update_yaxes(tickvals=heights, ticktext=[f"{row.number} {look.shortened(row.publisher, 15)}" for row in rows.itertuples()], range=[lowest - 0.8, -0.4],
                        showgrid=True, gridcolor=look.GRID, automargin=False, tickfont=dict(size=12), ticklabelstandoff=6)
    for level, text in headings:
        look.note_at(figure, text, 0, level, size=12, xref="paper", xanchor="left", xshift=4 - LEFT, align="left", bgcolor=look.PAPER)


def timeline(ledger: Ledger, event: str, rows: pd.DataFrame) -> go.Figure | Nothing:
    """Every page at its day of publication under its origin, with the day that it gives for the act; undated pages stand in a column of their own."""
    if rows.empty:
        return Nothing("timeline", "No page reports a flight in this ledger.")
    act, shown = ledger["events"].set_index("event_id").loc[event], rows.head(MOST_REPORTS)
    heights, headings, lowest = _lines(shown)
    said = [dates.parse(text).written[0] if text else np.nan for text in shown["said"]]
    days = [*shown["last"].dropna(), *(day for day in said if not np.isnan(day)), *([act["first"]] if not pd.isna(act["first"]) else [])]
    days = days or [ledger.cutoff_day or dates.parse("2000").last]
    quarters = range(dates.quarter_of(min(days)), dates.quarter_of(max(days)) + 1)
    figure = look.canvas(64)
    look.years(figure, quarters)
    width = len(quarters) / 4
    lane, strip = quarters[-1] / 4 + 0.25 + width * 0.09, [quarters[0] / 4 - width * 0.02, quarters[-1] / 4 + 0.25 + width * 0.18]
    figure.update_xaxes(range=strip, side="top")
    if len(quarters) <= 12:
        step = 1 if len(quarters) <= 5 else 2
        starts = quarters[::step]
        figure.update_xaxes(tickvals=[quarter / 4 for quarter in starts], ticktext=[f"{quarter // 4}-{quarter % 4 * 3 + 1:02d}" for quarter in starts])
    _pages_at(figure, shown, heights, said, lane)
    if shown["first"].isna().any():
        figure.add_vrect(x0=lane - width * 0.07, x1=strip[1], fillcolor=look.GRID, opacity=0.5, line_width=0, layer="below")
        look.note_at(figure, "undated", lane, 1, look.SOFT, 12, yref="paper", yanchor="bottom", yshift=4)
    if not pd.isna(act["first"]):
        figure.add_vline(x=look.on_axis(act["first"]), line=dict(color=look.SOFT, width=1, dash="dot"))
    _dress(figure, shown, heights, headings, lowest)
    return look.finish(figure, "timeline", *_timeline_words(ledger, act, rows, said))


def _pages_at(figure: go.Figure, rows: pd.DataFrame, heights: list[float], said: list[float], lane: float) -> None:
    """A dot at each page's day (its possible days as a line), a ring in the lane of the undated, a tick at the day that it tells of."""
    for row, level, told in zip(rows.itertuples(), heights, said):
        dated = not np.isnan(row.last)
        place = look.on_axis((row.first + row.last) / 2) if dated else lane
        if not np.isnan(told):
            figure.add_scatter(x=[look.on_axis(told), place], y=[level, level], mode="lines",
                               line=dict(color=look.GREY, width=1, dash="solid" if dated else "dot"), hoverinfo="skip")
            figure.add_scatter(x=[look.on_axis(told)], y=[level], mode="markers", marker=dict(symbol="line-ns", size=10, line=dict(color=look.INK, width=2)),
                               hovertemplate="%{customdata}<extra></extra>",
                               customdata=[look.label(f"{row.number}: says {row.said}")])
        if dated and row.last > row.first:
            figure.add_scatter(x=[look.on_axis(row.first), look.on_axis(row.last)], y=[level, level], mode="lines", line=dict(color=look.INK, width=3),
                               hoverinfo="skip")
        figure.add_scatter(x=[place], y=[level], mode="markers", hovertemplate="%{customdata}<extra></extra>",
                           customdata=[look.label(f"{row.number} {row.publisher}: {row.published or 'undated'}")],
                           marker=dict(size=11, color=look.INK if dated else look.PAPER, line=dict(color=look.INK, width=1.5)))


def _timeline_words(ledger: Ledger, act: Any, rows: pd.DataFrame, said: list[float]) -> tuple[str, str, pd.DataFrame, str]:
    """Title, alt text, table and note of the timeline."""
    pages = rows.drop_duplicates("source_id")
    told = pages[pages["speaks"] & pages["first"].notna()]
    dated = int(pages["first"].notna().sum())
    title = f"{dated:,} of {counted(len(pages), 'page')} {'carries' if dated == 1 else 'carry'} a date"
    if len(told) and not pd.isna(act["first"]):
        gap = int(told["first"].min() - act["first"])
        title += f"; the first to tell of it came {counted(abs(gap), 'day')} {'after' if gap >= 0 else 'before'} the act’s date"
    table = pd.DataFrame({"No.": rows["number"].astype(str), "Publisher": rows["publisher"], "Published": rows["published"].replace("", "undated"),
                          "Day it gives for the act": rows["said"],
                          "Origin": [flight_findings.origin_name(row) for row in rows.itertuples()]})
    cut = f" {counted(len(rows) - MOST_REPORTS, 'more report')} in the table only." if len(rows) > MOST_REPORTS else ""
    note = (f"Dot: day of publication; ring: no date on the page; tick: the day that the page gives for the act; dotted: the act as the ledger dates it ({act['date']}, {act['status']}).{cut}")
    return title, f"Timeline of reports by origin: {title}.", table, note


def claims(ledger: Ledger, event: str, told: pd.DataFrame, rows: pd.DataFrame) -> go.Figure | Nothing:
    """Report × detail: who tells what, and what of it repeats another page (told: `flight.told`)."""
    if told.empty or rows.empty:
        return Nothing("claim-matrix", "No report was read claim by claim in this ledger.")
    order = list(dict.fromkeys(told["attribute"]))
    names, shown = order[:MOST_DETAILS], rows.drop_duplicates("source_id").head(MOST_REPORTS)
    heights, headings, lowest = _lines(shown)
    level = dict(zip(shown["source_id"], heights))
    strength = {"event": 0, "background": 1, "commentary": 2, "duplicate": 3}
    cells = told[told["attribute"].isin(names) & told["source_id"].isin(level)].assign(rank=lambda found: found["verdict"].map(strength)).sort_values(["rank",
                                                                                                                                                       "claim_id"])
    figure = look.canvas(160)
    for (source, attribute), group in cells.groupby(["source_id", "attribute"], sort=True):
        kind = group["verdict"].iloc[0]
        marker = dict(size=12, color={"event": NEW, "duplicate": REPEAT}.get(kind, look.PAPER),
                      line=dict(width=0 if kind in ("event", "duplicate") else 2, color=look.INK))
        figure.add_scatter(x=[names.index(attribute)], y=[level[source]], mode="markers", marker=marker, hovertemplate="%{customdata}<extra></extra>",
                           customdata=["<br>".join(look.shortened(f"{row.attribute}: {row.value}", 90) for row in group.itertuples())])
    # Names as notes, not as ticks: of ticks a phone drops every other.
    for place, name in enumerate(names):
        look.note_at(figure, look.shortened(name, 20), place, 1, size=12, yref="paper", yanchor="bottom", yshift=4, textangle=-90)
        figure.add_vline(x=place, line=dict(color=look.GRID, width=1), layer="below")
    figure.update_xaxes(visible=False, range=[-0.6, len(names) - 0.4])
    figure.update_layout(margin=dict(t=136))
    _dress(figure, shown, heights, headings, lowest)
    repeats = int(told["verdict"].eq("duplicate").sum())
    title = f"{repeats:,} of {counted(len(told), 'claim')} on these details {'repeats' if repeats == 1 else 'repeat'} another page"
    cut = f" {counted(len(order) - len(names), 'more detail')} in the table only." if len(order) > len(names) else ""
    publishers = dict(zip(rows["number"], rows["publisher"]))
    table = pd.DataFrame({"Detail": told["attribute"], "Report": [f"{number} {publishers[number]}" for number in told["number"]], "What it says": told["value"],
                          "Read as": told["verdict"]})
    return look.finish(figure, "claim-matrix", title, f"Matrix of reports by detail: {title}.", table,
                       f"Ring: background or commentary, kept out of the event. Details told of the act, or by more than one of its pages.{cut}",
                       [("new", NEW), ("repeats another page", REPEAT)])
