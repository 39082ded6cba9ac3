"""Charts of acts: each takes the ledger and a table of `counts`, and returns a figure with its words, or a sentence.

Every title is computed; every figure says what it shows (acts that took place, by default) and carries its table.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from helpers import counts, look
from helpers.dates import quarter_name
from helpers.exhibits import Nothing
from helpers.findings import Finding, Words, counted, joined, sentence, times
from helpers.ledger import Ledger

TOOK_PLACE = "Military acts that took place by their sources; announced and alleged ones are left out."
COLLECTED = "How densely acts are collected differs from year to year: compare sides, not years."
MOST_PARTNERS = 18


def _key(ledger: Ledger, blocs: list[str]) -> list[tuple[str, str]]:
    words, colours = Words(ledger), look.palette(ledger)
    return [(words.name(bloc), colours[bloc]) for bloc in blocs]


def _context_note(ledger: Ledger, marks: pd.DataFrame) -> str:
    if marks.empty:
        return ""
    named = "; ".join(f"{row.place} {row.day[:7]}" for row in marks.itertuples())
    return f" Dotted lines: {joined(ledger.parameters['annotated_types'])}s ({named})."


def _share_areas(figure: go.Figure, table: pd.DataFrame, colours: list[str]) -> None:
    """Two areas and the line between them, broken where the share is blank; the quarter cut by the cutoff hatched."""
    x, whole = look.at(table["quarter"]), (100 * table["share"]).round(2).where(table["complete"])
    for start, stop in _runs(whole.notna().to_numpy()):
        part, plain = slice(start, stop), dict(mode="lines", line=dict(width=0), hoverinfo="skip")
        figure.add_scatter(x=x[part], y=whole[part], fill="tozeroy", fillcolor=look.tint(colours[1], 0.25), **plain)
        figure.add_scatter(x=x[part], y=[100.0] * (stop - start), fill="tonexty", fillcolor=look.tint(colours[0], 0.25), **plain)
    figure.add_scatter(x=x, y=whole, mode="lines", line=dict(color=colours[1], width=2.5), hovertemplate=look.HOVER,
                       customdata=[f"{label}: {value:.0f} %" for label, value in zip(table["label"], whole)])
    if not table["complete"].iloc[-1]:
        hatch = dict(shape="/", fgcolor=look.GREY, size=6, solidity=0.15)
        figure.add_bar(x=[x.iloc[-1]], y=[100], width=0.25, hoverinfo="skip", marker=dict(color="rgba(0,0,0,0)", line=dict(width=0), pattern=hatch))


def _share_labels(figure: go.Figure, ledger: Ledger, table: pd.DataFrame, finding: Finding, last: float) -> None:
    """Who has which part now, and the last lead change."""
    words, colours, sides = Words(ledger), look.palette(ledger), ledger.parameters["sides"]
    for side, middle, part in ((sides[1], 50 * last, last), (sides[0], 50 + 50 * last, 1 - last)):
        look.note_at(figure, f"<b>{look.label(words.name(side))}<br>{part:.0%}</b>", 1, middle, colours[side],
                     xref="paper", xanchor="left", align="left", xshift=6)
    figure.add_hline(y=50, line=dict(color=look.SOFT, width=1, dash="dash"))
    if finding.verdict["kind"] == "change":
        since = table.loc[table["label"] == finding.verdict["since"], "quarter"].iloc[0] / 4
        text = f"since {finding.verdict['since']}: {look.label(words.noun(finding.verdict['leader']))} leads"
        figure.add_vline(x=since, line=dict(color=look.INK, width=1.5))
        look.note_at(figure, text, since, 100, xanchor="right", yanchor="bottom", size=12)


def share(ledger: Ledger, table: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """The second side's share of both sides' engagement units, trailing four quarters (table: `counts.engagement_share`)."""
    known, words, sides = table[table["complete"]].dropna(subset="share"), Words(ledger), ledger.parameters["sides"]
    if known.empty:
        return Nothing("share", "Too few acts of either side for a share in any quarter.")
    quarters, first, last = range(table["quarter"].iloc[0], table["quarter"].iloc[-1] + 1), known.iloc[0], known.iloc[-1]
    figure = look.canvas(400, "share of engagement units, trailing four quarters", 96)
    _share_areas(figure, table, [look.palette(ledger)[side] for side in sides])
    _share_labels(figure, ledger, table, finding, last["share"])
    marks = look.annotated(ledger, counts.host_set(ledger), quarters)
    look.mark_context(figure, marks)
    look.years(figure, quarters)
    figure.update_yaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100], ticktext=["0", "25", "50", "75", "100 %"])
    note = (f"{TOOK_PLACE} No line where the four quarters hold fewer than {ledger.parameters['share']['minimum_units']} units "
            f"({counted(table['share'].isna().sum(), 'quarter')}); hatched: the quarter that the cutoff ({ledger.cutoff}) cuts, in no finding."
            f"{_context_note(ledger, marks)}")
    title = f"{words.name(sides[1])} share of new engagement: {first['share']:.0%} in {first['label']}, {last['share']:.0%} in {last['label']}"
    names = {"label": "Quarter", "share": f"Share of {words.noun(sides[1])}", "complete": "Complete"} | {side: f"{words.name(side)} units" for side in sides}
    return look.finish(figure, "share", title, f"Line by quarter. {title}.", table.drop(columns="quarter").rename(columns=names), note)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Start and stop of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return list(zip(edges[::2], edges[1::2]))


def _by_quarter(ledger: Ledger, table: pd.DataFrame, words_of: dict[int, str]) -> pd.DataFrame:
    """The table behind a chart by quarter: a row per quarter, a column per bloc and direction."""
    shown = table.T.reset_index(drop=True)
    shown.columns = [f"{Words(ledger).name(bloc)} {words_of[direction]}" for bloc, direction in table.index]
    shown.insert(0, "Quarter", [quarter_name(quarter) for quarter in table.columns])
    return shown


def _hover(name: str, values: pd.Series, what: str = "") -> list[str]:
    return [f"{name}, {quarter_name(quarter)}: {value:.1f}{what}" for quarter, value in values.items()]


def engagement(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Engagement above, disengagement below the line, per quarter and bloc; blocs that are no side in grey."""
    table = counts.per_quarter(unit_rows, quarters) if len(quarters) and len(unit_rows) else pd.DataFrame()
    if table.empty:
        return Nothing("engagement", "No act of engagement or disengagement is in the ledger.")
    words, colours, figure = Words(ledger), look.palette(ledger), look.canvas(400, "units per quarter: engagement up, disengagement down")
    blocs = [bloc["code"] for bloc in ledger.parameters["blocs"] if bloc["code"] in table.index.get_level_values("bloc")]
    for bloc, direction in sorted(table.index, key=lambda entry: blocs.index(entry[0])):
        values = table.loc[(bloc, direction)].round(3)
        look.bars(figure, look.at(np.array(quarters)), direction * values, colours[bloc], _hover(words.name(bloc), values), width=0.23)
    figure.add_hline(y=0, line=dict(color=look.INK, width=1))
    marks = look.annotated(ledger, counts.host_set(ledger), quarters)
    look.mark_context(figure, marks)
    look.years(figure, quarters)
    totals = unit_rows.groupby(["bloc", "direction"]).size()
    parts = "; ".join(f"{words.noun(side)} came {times(totals.get((side, 1), 0))} and went {times(totals.get((side, -1), 0))}"
                      for side in ledger.parameters["sides"])
    mixed = counts.mixed_bloc_acts(unit_rows)
    both = f" {counted(len(mixed), 'unit')} by partners of several blocs count in each." if mixed else ""
    note = f"{TOOK_PLACE} Each process counts once.{both} {COLLECTED}{_context_note(ledger, marks)}"
    shown = _by_quarter(ledger, table, {1: "in", -1: "out"})
    return look.finish(figure, "engagement", f"Reported steps: {parts}", f"Bars per quarter: {parts}.", shown, note, _key(ledger, blocs))


def talk(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Words apart from deeds: agreements and visits per quarter (filled) and agreements ended (rings), one row per side."""
    sides, words, colours = ledger.parameters["sides"], Words(ledger), look.palette(ledger)
    rows = unit_rows[unit_rows["bloc"].isin(sides)]
    if rows.empty or not len(quarters):
        return Nothing("talk", "No agreement or visit of either side is in the ledger.")
    table, figure, said = counts.per_quarter(rows, quarters), look.canvas(210), {1: "agreed or met", -1: "ended"}
    for (bloc, direction), values in table.iterrows():
        some = values[values > 0.005]
        level = len(sides) - 1 - sides.index(bloc) + (0.17 if direction > 0 else -0.23)
        look.dots(figure, look.at(some.index.to_numpy()), [level] * len(some), some, 7, colours[bloc], direction > 0,
                  _hover(words.name(bloc), some, f" {said[direction]}"))
    look.years(figure, quarters)
    figure.update_yaxes(range=[-0.6, len(sides) - 0.4], tickvals=list(range(len(sides)))[::-1], showgrid=False,
                        ticktext=[look.label(words.name(side)) for side in sides])
    totals = rows.groupby(["bloc", "direction"]).size()
    parts = "; ".join(f"{words.name(side)} {totals.get((side, 1), 0):,} agreed or met, {totals.get((side, -1), 0):,} ended" for side in sides)
    note = "Agreements and visits (filled) and agreements ended (rings); words, so they stand apart from deeds. Area = acts per quarter."
    return look.finish(figure, "talk", f"Talk: {parts}", f"Strip of dots by quarter, their area the number of agreements and visits: {parts}.",
                       _by_quarter(ledger, table, said), note)


def _partner_table(words: Words, table: pd.DataFrame) -> pd.DataFrame:
    named = table.assign(actor=table["actor"].map(words.actors), move=table["direction"].map({1: "in", -1: "out"}))
    wide = named.pivot_table(index=["actor", "move"], columns="year", values="acts", aggfunc="sum", fill_value=0).reset_index()
    wide.columns = ["Partner", "Direction", *(str(year) for year in wide.columns[2:])]
    return wide


def partners(ledger: Ledger, table: pd.DataFrame) -> go.Figure | Nothing:
    """Partner × year: engagement (filled) and disengagement (rings) by area (table: `counts.partner_years`)."""
    if table.empty:
        return Nothing("partners", "No dated act of any partner is in the ledger.")
    words, colours, order = Words(ledger), look.palette(ledger), [bloc["code"] for bloc in ledger.parameters["blocs"]]
    totals = table.groupby(["actor", "bloc"])["acts"].sum().reset_index().sort_values(["acts", "actor"], ascending=[False, True])
    shown = totals.head(MOST_PARTNERS).assign(place=lambda rows: rows["bloc"].map(order.index))
    level = {actor: place for place, actor in enumerate(shown.sort_values(["place", "acts", "actor"], ascending=[False, True, False])["actor"])}
    figure = look.canvas(64 + 27 * len(level))
    for (bloc, direction), rows in table[table["actor"].isin(level)].groupby(["bloc", "direction"]):
        hover = [f"{look.label(words.actors[row.actor])} {row.year}: {row.acts:.1f} {'in' if direction > 0 else 'out'}" for row in rows.itertuples()]
        look.dots(figure, rows["year"] + (0.36 if direction > 0 else 0.68), rows["actor"].map(level), rows["acts"], 6.5, colours[bloc], direction > 0, hover)
    look.years(figure, range(table["year"].min() * 4, table["year"].max() * 4 + 4))
    figure.update_xaxes(showgrid=True, gridcolor=look.GRID, side="top")
    figure.update_yaxes(tickvals=list(level.values()), ticktext=[look.shortened(words.actors[actor]) for actor in level], range=[-0.7, len(level) - 0.3])
    top, left = totals.iloc[0], len(totals) - len(shown)
    note = f"{TOOK_PLACE} Every act counts, not processes once. Filled: engagement; ring: disengagement; area = acts in the year."
    note += f" {counted(left, 'partner')} with fewer acts: in the table only." if left else ""
    title = f"{sentence(words.actors[top['actor']])} moved most often: {counted(top['acts'], 'act')} of coming or going"
    key = _key(ledger, [bloc for bloc in order if bloc in set(shown["bloc"])])
    return look.finish(figure, "partners", title, f"Matrix of partners by year. {title}.", _partner_table(words, table), note, key)


def _host_panel(figure: go.Figure, ledger: Ledger, table: pd.DataFrame, host: str, panel: int, quarters: range) -> None:
    """One host's bars per year, its name above them, its context events as dotted lines."""
    words, colours, axis = Words(ledger), look.palette(ledger), "" if panel == 1 else str(panel)
    own = table[table.index.get_level_values("host") == host]
    for (_, bloc, direction), values in own.iterrows():
        hover = [f"{words.name(bloc)}, {year}: {value:.1f}" for year, value in values.items()]
        look.bars(figure, values.index + 0.5, (direction * values).round(3), colours[bloc], hover, width=0.8, row=panel, col=1)
    some = "" if len(own) else ": no act in the ledger"
    look.note_at(figure, f"<b>{look.label(words.hosts[host])}</b>{some}", 0, 1, size=14, xref=f"x{axis} domain", yref=f"y{axis} domain",
                 xanchor="left", yanchor="bottom")
    look.mark_context(figure, look.annotated(ledger, [host], quarters), named=False, panel=panel)


def by_host(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Small multiples: both sides' units per year in each host, engagement up, disengagement down."""
    hosts, sides, words = counts.host_set(ledger), ledger.parameters["sides"], Words(ledger)
    rows = counts.by_host(unit_rows[unit_rows["bloc"].isin(sides)])
    if rows.empty or not len(quarters):
        return Nothing("by-host", "No act of either side is in the ledger for any host.")
    table = counts.per_quarter(rows, quarters, ["host", "bloc", "direction"]).T.groupby(lambda quarter: quarter // 4).sum().T
    figure = make_subplots(rows=len(hosts), cols=1, shared_xaxes=True, vertical_spacing=0.09, figure=look.canvas(70 + 130 * len(hosts)))
    for panel, host in enumerate(hosts, 1):
        _host_panel(figure, ledger, table, host, panel, quarters)
    figure.update_layout(margin_b=28)
    limit = max(1.0, float(table.groupby(level=["host", "direction"]).sum().to_numpy().max())) * 1.08
    look.years(figure, range(quarters[0] // 4 * 4, quarters[-1] // 4 * 4 + 4))
    figure.update_yaxes(range=[-limit, limit], showgrid=True, gridcolor=look.GRID, zeroline=True, zerolinecolor=look.INK, zerolinewidth=1,
                        nticks=5, automargin=True, fixedrange=True)
    title = f"Most moves: {_most_moves(words, table, sides)}"
    shown = table.reset_index().assign(host=lambda rows: rows["host"].map(words.hosts), bloc=lambda rows: rows["bloc"].map(words.name),
                                       direction=lambda rows: rows["direction"].map({1: "in", -1: "out"}))
    shown.columns = ["Host", "Bloc", "Direction", *(str(year) for year in shown.columns[3:])]
    note = f"Units per year, engagement up, disengagement down. An act in several hosts counts in each. {TOOK_PLACE} Dotted lines: "
    return look.finish(figure, "by-host", title, f"Bars per year for each host. {title}.", shown,
                       f"{note}{joined(ledger.parameters['annotated_types'])}s.", _key(ledger, sides))


def _most_moves(words: Words, table: pd.DataFrame, sides: list[str]) -> str:
    moves = table.groupby(level=["host", "bloc"]).sum().sum(axis=1)
    top = {side: words.hosts[moves.xs(side, level="bloc").idxmax()] for side in sides if side in moves.index.get_level_values("bloc")}
    if len(top) == len(sides) and len(set(top.values())) == 1:
        return f"both sides in {top[sides[0]]}"
    return joined([f"{words.noun(side)} in {host}" for side, host in top.items()])


CAUSES = {"partner": "left by own decision", "host": "pushed by the host", "both": "both", "third": "a third party", "unknown": "not known"}
SHADES = {"partner": 0.35, "host": 1.0, "both": 0.65}  # of the bloc's colour; the other causes are grey


def left_or_pushed(ledger: Ledger, unit_rows: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """Disengagement units per bloc by who caused them (finding: `findings.disengagement`)."""
    table, words, colours = counts.disengagement_by_initiator(ledger, unit_rows), Words(ledger), look.palette(ledger)
    table = table[table.sum(axis=1) > 0]
    if table.empty:
        return Nothing("left-or-pushed", "No disengagement is in the ledger.")
    blocs, figure = list(table.index)[::-1], look.canvas(90 + 52 * len(table))
    names = [look.label(words.name(bloc)) for bloc in blocs]
    for cause in table.columns:
        values = table.loc[blocs, cause]
        fills = [look.tint(colours[bloc], SHADES[cause]) if cause in SHADES else look.GRID for bloc in blocs]
        figure.add_bar(y=names, x=values, orientation="h", text=[f"{value}" if value else "" for value in values], textposition="inside",
                       insidetextanchor="start", textangle=0, textfont=dict(color="#ffffff" if SHADES.get(cause) == 1 else look.INK),
                       marker=dict(color=fills, line=dict(color=look.PAPER, width=1.5)), hovertemplate=look.HOVER,
                       customdata=[f"{words.name(bloc)}: {value} {CAUSES[cause]}" for bloc, value in values.items()])
    figure.update_xaxes(title=dict(text="units of disengagement", font=dict(size=12, color=look.SOFT)), showgrid=True, gridcolor=look.GRID, rangemode="tozero")
    figure.update_yaxes(showgrid=False)
    shown = table.rename(index=words.name, columns=CAUSES).rename_axis("Bloc").reset_index()
    side = ledger.parameters["sides"][0]
    key = [(text, look.tint(colours[side], SHADES[cause]) if cause in SHADES else look.GRID) for cause, text in CAUSES.items()]
    title = f"Hosts pushed {table['host'].sum():,} of {counted(table.to_numpy().sum(), 'unit')} of disengagement, whoever the partner was"
    return look.finish(figure, "left-or-pushed", title, f"Stacked bars of disengagement by cause. {finding.text}", shown,
                       f"{TOOK_PLACE} Each exit process once, undated ones included. The key shows one bloc's shades.", key)
