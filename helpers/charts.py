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
from helpers.findings import Finding, Words, counted, joined, sentence
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


def share(ledger: Ledger, table: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """The second side's share of both sides' engagement units, trailing four quarters (table: `counts.engagement_share`)."""
    known, words, colours, sides = table.dropna(subset="share"), Words(ledger), look.palette(ledger), ledger.parameters["sides"]
    if known.empty:
        return Nothing("share", "Too few acts of either side for a share in any quarter.")
    quarters, figure = range(table["quarter"].iloc[0], table["quarter"].iloc[-1] + 1), look.canvas(400, "share of engagement units, trailing four quarters", 96)
    x, y = look.at(table["quarter"]), (100 * table["share"]).round(2)
    whole = y.where(table["complete"])
    hover = np.stack([table["label"], *(table[side].round(1) for side in sides)], axis=-1)
    template = "%{customdata[0]}<br>%{y:.0f} %<extra></extra>"
    for start, stop in _runs(whole.notna().to_numpy()):
        part, line = slice(start, stop), dict(mode="lines", line=dict(width=0), hoverinfo="skip")
        figure.add_scatter(x=x[part], y=whole[part], fill="tozeroy", fillcolor=look.tint(colours[sides[1]], 0.25), **line)
        figure.add_scatter(x=x[part], y=[100.0] * (stop - start), fill="tonexty", fillcolor=look.tint(colours[sides[0]], 0.25), **line)
    figure.add_scatter(x=x, y=whole, mode="lines", line=dict(color=colours[sides[1]], width=2.5), customdata=hover, hovertemplate=template)
    if not table["complete"].iloc[-1]:
        figure.add_bar(x=[x.iloc[-1]], y=[100], width=0.25, hoverinfo="skip", marker=dict(color="rgba(0,0,0,0)", line=dict(width=0),
                       pattern=dict(shape="/", fgcolor=look.GREY, size=6, solidity=0.15)))
    figure.add_hline(y=50, line=dict(color=look.SOFT, width=1, dash="dash"))
    marks = look.annotated(ledger, counts.host_set(ledger), quarters)
    look.mark_context(figure, marks)
    last = known.iloc[-1]
    for side, place, value in ((sides[1], 100 * last["share"] / 2, last["share"]), (sides[0], 50 + 100 * last["share"] / 2, 1 - last["share"])):
        look.note_at(figure, f"<b>{look.label(words.name(side))}<br>{value:.0%}</b>", 1, place, colours[side], xref="paper", xanchor="left", align="left", xshift=6)
    if finding.verdict["kind"] == "change":
        since = table.loc[table["label"] == finding.verdict["since"], "quarter"].iloc[0] / 4
        figure.add_vline(x=since, line=dict(color=look.INK, width=1.5))
        look.note_at(figure, f"since {finding.verdict['since']}: {look.label(words.noun(finding.verdict['leader']))} leads", since, 100, xanchor="right", yanchor="bottom", size=12)
    look.years(figure, quarters)
    figure.update_yaxes(range=[0, 100], tickvals=[0, 25, 50, 75, 100], ticktext=["0", "25", "50", "75", "100 %"])
    blank = int(table["share"].isna().sum())
    note = (f"{TOOK_PLACE} No line where the four quarters hold fewer than {ledger.parameters['share']['minimum_units']} units ({counted(blank, 'quarter')}); "
            f"hatched: the quarter that the cutoff ({ledger.cutoff}) cuts, in no finding.{_context_note(ledger, marks)}")
    alt = (f"Line of the {words.name(sides[1])} share of engagement units from {table['label'].iloc[0]} to {table['label'].iloc[-1]}: "
           f"{known['share'].iloc[0]:.0%} at first, {last['share']:.0%} in {last['label']}.")
    shown = table.drop(columns="quarter").rename(columns={"label": "Quarter", "share": f"Share of {words.noun(sides[1])}", "complete": "Complete", **{side: f"{words.name(side)} units" for side in sides}})
    title = f"{words.name(sides[1])} share of new engagement: {known['share'].iloc[0]:.0%} in {known['label'].iloc[0]}, {last['share']:.0%} in {last['label']}"
    return look.finish(figure, "share", title, alt, shown, note)


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """Start and stop of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return list(zip(edges[::2], edges[1::2]))


def engagement(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Engagement above, disengagement below the line, per quarter and bloc; blocs that are no side in grey."""
    table = counts.per_quarter(unit_rows, quarters) if len(quarters) and len(unit_rows) else pd.DataFrame()
    if table.empty:
        return Nothing("engagement", "No act of engagement or disengagement is in the ledger.")
    words, colours, figure = Words(ledger), look.palette(ledger), look.canvas(400, "units per quarter: engagement up, disengagement down")
    blocs = [bloc["code"] for bloc in ledger.parameters["blocs"] if bloc["code"] in table.index.get_level_values("bloc")]
    for bloc in blocs:
        for direction in (1, -1):
            if (bloc, direction) in table.index:
                values = table.loc[(bloc, direction)].round(3)
                figure.add_bar(x=look.at(np.array(quarters)), y=direction * values, width=0.23, marker=dict(color=colours[bloc], line=dict(width=0)),
                               customdata=[f"{words.name(bloc)}, {quarter_name(quarter)}: {value:.1f}" for quarter, value in values.items()],
                               hovertemplate="%{customdata}<extra></extra>")
    figure.add_hline(y=0, line=dict(color=look.INK, width=1))
    marks = look.annotated(ledger, counts.host_set(ledger), quarters)
    look.mark_context(figure, marks)
    look.years(figure, quarters)
    totals = unit_rows.groupby(["bloc", "direction"]).size()
    parts = [f"{words.noun(side)} came {totals.get((side, 1), 0):,} and went {totals.get((side, -1), 0):,} times" for side in ledger.parameters["sides"]]
    shown = table.T.rename_axis("quarter")
    shown.columns = [f"{words.name(bloc)} {'in' if direction > 0 else 'out'}" for bloc, direction in table.index]
    shown = shown.reset_index().assign(quarter=[quarter_name(quarter) for quarter in quarters]).rename(columns={"quarter": "Quarter"})
    mixed = counts.mixed_bloc_acts(unit_rows)
    both = f" {counted(len(mixed), 'unit')} by partners of several blocs count in each." if mixed else ""
    note = f"{TOOK_PLACE} Each process counts once.{both} {COLLECTED}{_context_note(ledger, marks)}"
    return look.finish(figure, "engagement", f"Reported steps: {'; '.join(parts)}", f"Bars per quarter: {'; '.join(parts)}.", shown, note, _key(ledger, blocs))


def talk(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Words apart from deeds: agreements and visits per quarter (filled) and agreements ended (rings), one row per side."""
    sides, words, colours = ledger.parameters["sides"], Words(ledger), look.palette(ledger)
    rows = unit_rows[unit_rows["bloc"].isin(sides)]
    if rows.empty or not len(quarters):
        return Nothing("talk", "No agreement or visit of either side is in the ledger.")
    table, figure = counts.per_quarter(rows, quarters), look.canvas(210)
    for (bloc, direction), values in table.iterrows():
        some = values[values > 0.005]
        level = len(sides) - 1 - sides.index(bloc) + (0.17 if direction > 0 else -0.23)
        marker = dict(size=(7 * np.sqrt(some)).clip(lower=2).round(2), color=colours[bloc] if direction > 0 else "rgba(0,0,0,0)", opacity=0.85, line=dict(width=0 if direction > 0 else 1.5, color=colours[bloc]))
        figure.add_scatter(x=look.at(some.index.to_numpy()), y=[level] * len(some), mode="markers", marker=marker, hovertemplate="%{customdata}<extra></extra>",
                           customdata=[f"{words.name(bloc)}, {quarter_name(quarter)}: {value:.1f} {'agreed or met' if direction > 0 else 'ended'}" for quarter, value in some.items()])
    look.years(figure, quarters)
    figure.update_yaxes(range=[-0.6, len(sides) - 0.4], tickvals=list(range(len(sides)))[::-1], ticktext=[look.label(words.name(side)) for side in sides], showgrid=False)
    totals = rows.groupby(["bloc", "direction"]).size()
    parts = [f"{words.name(side)} {totals.get((side, 1), 0):,} agreed or met, {totals.get((side, -1), 0):,} ended" for side in sides]
    shown = table.T.reset_index(drop=True)
    shown.columns = [f"{words.name(bloc)} {'agreed or met' if direction > 0 else 'ended'}" for bloc, direction in table.index]
    shown.insert(0, "Quarter", [quarter_name(quarter) for quarter in quarters])
    return look.finish(figure, "talk", f"Talk: {'; '.join(parts)}", f"Strip of dots by quarter, their area the number of agreements and visits: {'; '.join(parts)}.", shown,
                       "Agreements and visits (filled) and agreements ended (rings); words, so they stand apart from deeds. Area = acts per quarter.")


def partners(ledger: Ledger, table: pd.DataFrame) -> go.Figure | Nothing:
    """Partner × year: engagement (filled) and disengagement (rings) by area (table: `counts.partner_years`)."""
    if table.empty:
        return Nothing("partners", "No dated act of any partner is in the ledger.")
    words, colours = Words(ledger), look.palette(ledger)
    order = [bloc["code"] for bloc in ledger.parameters["blocs"]]
    totals = table.groupby(["actor", "bloc"])["acts"].sum().reset_index().sort_values(["acts", "actor"], ascending=[False, True])
    shown = totals.head(MOST_PARTNERS)
    shown = shown.assign(place=shown["bloc"].map(order.index)).sort_values(["place", "acts", "actor"], ascending=[False, True, False])
    level = {actor: place for place, actor in enumerate(shown["actor"])}
    figure = look.canvas(64 + 27 * len(level))
    for (bloc, direction), rows in table[table["actor"].isin(level)].groupby(["bloc", "direction"]):
        marker = dict(size=(6.5 * np.sqrt(rows["acts"])).clip(lower=3).round(2), color=colours[bloc] if direction > 0 else "rgba(0,0,0,0)", opacity=0.85, line=dict(width=0 if direction > 0 else 1.5, color=colours[bloc]))
        figure.add_scatter(x=rows["year"] + (0.36 if direction > 0 else 0.68), y=rows["actor"].map(level), mode="markers", marker=marker, hovertemplate="%{customdata}<extra></extra>",
                           customdata=[f"{look.label(words.actors[row.actor])} {row.year}: {row.acts:.1f} {'in' if direction > 0 else 'out'}" for row in rows.itertuples()])
    quarters = range(table["year"].min() * 4, table["year"].max() * 4 + 4)
    look.years(figure, quarters)
    figure.update_xaxes(showgrid=True, gridcolor=look.GRID, side="top")
    figure.update_yaxes(tickvals=list(level.values()), ticktext=[look.shortened(words.actors[actor]) for actor in level], range=[-0.7, len(level) - 0.3])
    top = totals.iloc[0]
    left = len(totals) - len(shown)
    note = f"{TOOK_PLACE} Every act counts, not processes once. Filled: engagement; ring: disengagement; area = acts in the year."
    note += f" {counted(left, 'partner')} with fewer acts stand in the table only." if left else ""
    wide = table.assign(actor=table["actor"].map(words.actors), move=table["direction"].map({1: "in", -1: "out"}))
    wide = wide.pivot_table(index=["actor", "move"], columns="year", values="acts", aggfunc="sum", fill_value=0).reset_index().rename(columns={"actor": "Partner", "move": "Direction"})
    wide.columns = [str(column) for column in wide.columns]
    return look.finish(figure, "partners", f"{sentence(words.actors[top['actor']])} moved most often: {counted(top['acts'], 'act')} of coming or going",
                       f"Matrix of partners by year; {words.actors[top['actor']]} has the most acts.", wide, note, _key(ledger, [bloc for bloc in order if bloc in set(shown["bloc"])]))


def by_host(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> go.Figure | Nothing:
    """Small multiples: both sides' units per year in each host, engagement up, disengagement down."""
    hosts, sides, words, colours = counts.host_set(ledger), ledger.parameters["sides"], Words(ledger), look.palette(ledger)
    rows = counts.by_host(unit_rows[unit_rows["bloc"].isin(sides)])
    if rows.empty or not len(quarters):
        return Nothing("by-host", "No act of either side is in the ledger for any host.")
    table = counts.per_quarter(rows, quarters, ["host", "bloc", "direction"]).T.groupby(lambda quarter: quarter // 4).sum().T
    figure = make_subplots(rows=len(hosts), cols=1, shared_xaxes=True, vertical_spacing=0.09, figure=look.canvas(70 + 130 * len(hosts)))
    limit = max(1.0, float(table.groupby(level=["host", "direction"]).sum().to_numpy().max())) * 1.08
    for place, host in enumerate(hosts, 1):
        for (_, bloc, direction), values in table[table.index.get_level_values("host") == host].iterrows():
            figure.add_bar(x=values.index + 0.5, y=(direction * values).round(3), width=0.8, marker=dict(color=colours[bloc], line=dict(width=0)), row=place, col=1,
                           customdata=[f"{words.name(bloc)}, {year}: {value:.1f}" for year, value in values.items()], hovertemplate="%{customdata}<extra></extra>")
        some = "" if host in table.index.get_level_values("host") else ": no act in the ledger"
        figure.add_annotation(text=f"<b>{look.label(words.hosts[host])}</b>{some}", xref="x domain" if place == 1 else f"x{place} domain", yref="y domain" if place == 1 else f"y{place} domain",
                              x=0, y=1, xanchor="left", yanchor="bottom", showarrow=False, font=dict(size=14, color=look.INK))
        figure.add_hline(y=0, line=dict(color=look.INK, width=1), row=place, col=1)
        look.mark_context(figure, look.annotated(ledger, [host], quarters), named=False, row=place, col=1)
    look.years(figure, range(quarters[0] // 4 * 4, quarters[-1] // 4 * 4 + 4))
    figure.update_yaxes(range=[-limit, limit], showgrid=True, gridcolor=look.GRID, zeroline=False, nticks=5, automargin=True, fixedrange=True)
    balance = table.groupby(level=["host", "bloc"]).sum().sum(axis=1)
    top = {side: words.hosts[balance.xs(side, level="bloc").idxmax()] for side in sides if side in balance.index.get_level_values("bloc")}
    same = len(top) == len(sides) and len(set(top.values())) == 1
    most = f"both sides in {top[sides[0]]}" if same else joined([f"{words.noun(side)} in {host}" for side, host in top.items()])
    shown = table.reset_index().assign(host=lambda rows: rows["host"].map(words.hosts), bloc=lambda rows: rows["bloc"].map(words.name))
    shown = shown.assign(direction=shown["direction"].map({1: "in", -1: "out"})).rename(columns={"host": "Host", "bloc": "Bloc", "direction": "Direction"})
    shown.columns = [str(column) for column in shown.columns]
    return look.finish(figure, "by-host", f"Most moves: {most}", f"Bars per year for each host; most moves: {most}.", shown,
                       f"Units per year, engagement up, disengagement down. An act in several hosts counts in each. {TOOK_PLACE} Dotted lines: {joined(ledger.parameters['annotated_types'])}s.", _key(ledger, sides))


CAUSES = {"partner": "left by own decision", "host": "pushed by the host", "both": "both", "third": "a third party", "unknown": "not known"}


def left_or_pushed(ledger: Ledger, unit_rows: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """Disengagement units per bloc by who caused them (finding: `findings.disengagement`)."""
    table, words, colours = counts.disengagement_by_initiator(ledger, unit_rows), Words(ledger), look.palette(ledger)
    table = table[table.sum(axis=1) > 0]
    if table.empty:
        return Nothing("left-or-pushed", "No disengagement is in the ledger.")
    blocs, figure = list(table.index)[::-1], look.canvas(90 + 52 * len(table))
    shades = {"partner": 0.35, "host": 1.0, "both": 0.65}
    for cause in table.columns:
        values = table.loc[blocs, cause]
        fills = [look.tint(colours[bloc], shades[cause]) if cause in shades else look.GRID for bloc in blocs]
        texts = [f"{value}" if value else "" for value in values]
        ink = ["#ffffff" if cause == "host" else look.INK for _ in blocs]
        figure.add_bar(y=[look.label(words.name(bloc)) for bloc in blocs], x=values, orientation="h", text=texts, textposition="inside", insidetextanchor="start", textangle=0,
                       textfont=dict(color=ink), marker=dict(color=fills, line=dict(color=look.PAPER, width=1.5)), hovertemplate="%{customdata}<extra></extra>",
                       customdata=[f"{words.name(bloc)}: {value} {CAUSES[cause]}" for bloc, value in values.items()])
    figure.update_xaxes(title=dict(text="units of disengagement", font=dict(size=12, color=look.SOFT)), showgrid=True, gridcolor=look.GRID, rangemode="tozero")
    figure.update_yaxes(showgrid=False)
    shown = table.rename(index=words.name, columns=CAUSES).rename_axis("Bloc").reset_index()
    side = ledger.parameters["sides"][0]
    key = [(text, look.tint(colours[side], shades[cause]) if cause in shades else look.GRID) for cause, text in CAUSES.items()]
    pushed, all_units = int(table["host"].sum()), int(table.to_numpy().sum())
    title = f"Hosts pushed {pushed:,} of {counted(all_units, 'unit')} of disengagement, whoever the partner was"
    return look.finish(figure, "left-or-pushed", title, f"Stacked bars of disengagement by cause. {finding.text}", shown,
                       f"{TOOK_PLACE} Each exit process once, undated ones included. The key shows one bloc's shades.", key)
