"""Who was there when: one bar per force and host, with what is known of its beginning and of its end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import look
from helpers.dates import parse
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, joined
from helpers.ledger import Ledger
from helpers.standings import Evidence, standings
from helpers.series import Series
from helpers.strengths import Stock

ROW = 21  # pixels
REPORTED, PLANNED, CURRENT, UNKNOWN = "end reported", "end planned", "no end reported, there by a current figure or act", "unknown since the last report"
COLUMNS = ["host", "force", "bloc", "inside", "start", "end", "how", "first", "sure", "until", "last", "planned", "page"]


def spans(ledger: Ledger, stock: Stock) -> tuple[pd.DataFrame, dict[str, list[str]]]:
    """One row per force and host: start and end as written, how the end is known, and days (ordinals): `first` possible (NaN: not
    known), `sure` from, `until` surely, `last` possible, a `planned` end; and the forces left out, by reason (alleged, planned)."""
    evidence, words, found = Evidence(ledger, stock), Words(ledger), []
    left_out: dict[str, list[str]] = {"alleged": [], "planned": []}
    table = standings(ledger, stock)
    there = set(table.loc[table["kind"].isin(["current", "part", "act"]), ["host", "force"]].itertuples(index=False, name=None))
    groups: dict[tuple[str, str], list[Series]] = {}
    for series in stock.series.values():
        groups.setdefault((series.host, series.force), []).append(series)
    for (host, force), group in groups.items():
        if host == stock.region and any(other_host != host for other_host, other in groups if other == force):
            continue
        row = _span(ledger, stock, evidence, host, force, group, (host, force) in there)
        if isinstance(row, str):
            left_out[row].append(f"{force} ({words.hosts.get(host, host)})")
        else:
            found.append(row)
    return _ordered(ledger, stock, pd.DataFrame(found, columns=COLUMNS)), left_out


def _span(ledger: Ledger, stock: Stock, evidence: Evidence, host: str, force: str, group: list[Series], there: bool) -> dict[str, Any] | str:
    whole = [series for series in group if not any(series.part_of == other.id for other in group)]
    rows = [evidence.series[series.id] for series in whole]
    signs = [figure.last for series in group for figure in evidence.counted(series) if figure.personnel > 0]
    signs += [act.last for act in evidence.acts_of(host, force)]
    reported = [figure for series in group for figure in evidence.figures[series.id]]
    if not signs and reported and all(figure.basis in ledger.parameters["stock"]["basis_not_counted"] for figure in reported):
        return "alleged"
    starts = sorted((row.started for row in rows if row.started), key=lambda text: parse(text).last)
    ends = [row.ended for row in rows if row.ended]
    if not signs and not starts and not ends:
        return "planned"
    start = starts[0] if starts else ""
    end = max(ends, key=lambda text: parse(text).last) if len(ends) == len(rows) else ""
    plan = [figure.last for figure in reported if figure.kind == "planned" and figure.personnel == 0] if not end else []
    cutoff, parent = ledger.cutoff_day, stock.series.get(whole[0].part_of)
    sure = parse(start).last if start else min([*signs, parse(end).last if end else cutoff])
    first = (parse(start).first if parse(start).form != "before" else parse(start).last) if start else np.nan
    until, last = _ending(end, sure, [sign for sign in signs if sign <= cutoff], cutoff, there)
    how = REPORTED if end else CURRENT if there else PLANNED if plan else UNKNOWN
    inside = parent.force if parent is not None and parent.host == host else ""
    return {"host": host, "force": force, "bloc": stock.blocs[force], "inside": inside, "start": start, "end": end, "how": how, "first": first, "sure": sure,
            "until": until, "last": last, "planned": max(plan) if plan else np.nan, "page": next((row.source_id for row in rows if row.source_id), "")}


def _ending(end: str, sure: int, signs: list[int], cutoff: int, there: bool) -> tuple[int, int]:
    """Until when a force was surely there, and the last day that it can have been."""
    if not end:
        return (cutoff if there else max([sure, *signs])), cutoff
    known = parse(end)
    last = min(known.last, cutoff) if known.written[0] <= cutoff else known.last
    certain = known.first if known.first is not None else max([sign for sign in signs if sign <= last], default=sure)
    return max(min(certain, last), min(sure, last)), last


def _ordered(ledger: Ledger, stock: Stock, rows: pd.DataFrame) -> pd.DataFrame:
    """Host by host, side by side, the earliest first; what is part of a larger force stands under it."""
    hosts = ledger["hosts"].sort_values(["order", "host"])["host"].tolist()
    blocs = [bloc["code"] for bloc in ledger.parameters["blocs"]]
    ends = {(row.host, row.force): row.last for row in rows.itertuples()}
    under = [row.inside if ends.get((row.host, row.inside), 0) >= row.last else "" for row in rows.itertuples()]
    rows = rows.assign(inside=under)  # a part that outlasts the whole stands for itself
    own = {(row.host, row.force): (hosts.index(row.host), blocs.index(row.bloc), row.sure, row.force) for row in rows.itertuples()}
    keys = [own.get((row.host, row.inside), own[(row.host, row.force)]) + ((row.host, row.inside) in own, row.sure, row.force) for row in rows.itertuples()]
    return rows.loc[[place for _, place in sorted(zip(keys, rows.index))]].reset_index(drop=True)


def timeline(ledger: Ledger, stock: Stock) -> go.Figure | Nothing:
    """The bars: solid where a force was surely there, pale where its beginning or end is not certain; a mark for each end."""
    rows, left_out = spans(ledger, stock)
    if rows.empty:
        return Nothing("presence", "No force has a series in the ledger.")
    words, colours = Words(ledger), look.palette(ledger)
    level, ticks = _levels(rows, words)
    figure = look.canvas(ROW * (max(ticks) + 1) + 44)
    edge, cutoff = look.on_axis(rows[["first", "sure"]].min(axis=1).min()) // 1, look.on_axis(ledger.cutoff_day)
    said = [_hover(ledger, row, words) for row in rows.itertuples()]
    begin = rows["first"].map(look.on_axis, na_action="ignore").fillna(edge)
    sure, until, last = (rows[name].map(look.on_axis) for name in ("sure", "until", "last"))
    thick = np.where(rows["inside"].ne(""), 0.34, 0.62)
    for start, stop, alpha in ((begin, np.minimum(sure, last), 0.28), (np.minimum(sure, last), until, 1.0), (until, last, 0.28)):
        fill = [look.tint(colours[bloc], alpha) if alpha < 1 else colours[bloc] for bloc in rows["bloc"]]
        look.bars(figure, (stop - start).clip(lower=0).round(4), level, fill, said, base=start, width=thick, orientation="h")
    _marks(figure, rows.assign(level=level, x=last), said, cutoff)
    marks = [year for year in range(int(edge), int(cutoff) + 1) if year % 2 == 0]
    end = max([cutoff, *rows["planned"].dropna().map(look.on_axis)]) + 0.4
    figure.add_vline(x=cutoff, line=dict(color=look.SOFT, width=1))
    figure.update_xaxes(range=[edge, end], tickvals=marks, ticktext=[str(year) for year in marks], tickangle=0, side="top", showgrid=True, gridcolor=look.GRID)
    figure.update_yaxes(range=[max(ticks) + 0.7, -0.7], tickvals=list(ticks), ticktext=list(ticks.values()), tickfont=dict(size=11), showgrid=False)
    figure.update_layout(barmode="overlay", margin=dict(t=30))
    return _words(ledger, figure, rows, left_out)


def _levels(rows: pd.DataFrame, words: Words) -> tuple[list[int], dict[int, str]]:
    """The row of each bar, and the labels of all rows, a heading for each host."""
    ticks, level, host = {}, [], ""
    for row in rows.itertuples():
        if row.host != host:
            host = row.host
            ticks[len(ticks)] = f"<b>{look.shortened(words.hosts.get(host, host))}</b>"
        level.append(len(ticks))
        ticks[len(ticks)] = look.shortened(row.force, 25)
    return level, ticks


def _hover(ledger: Ledger, row: Any, words: Words) -> str:
    page = ledger["sources"][ledger["sources"]["source_id"].eq(row.page)]
    inside = f" (part of {row.inside})" if row.inside else ""
    parts = [f"{row.force}{inside}, {words.hosts.get(row.host, row.host)}", f"from {row.start or 'not reported'}, to {row.end or 'not reported'}", row.how,
             *page["publisher"].head(1)]
    return "<br>".join(look.label(part) for part in parts)


def _marks(figure: go.Figure, rows: pd.DataFrame, said: list[str], cutoff: float) -> None:
    """A stroke at a reported end, a diamond at a planned one, an arrow where the force is there, a question mark where nobody knows;
    a triangle where it was there before its first report."""
    before = rows[rows["start"].str.startswith("[..")]
    if len(before):
        figure.add_scatter(x=before["first"].map(look.on_axis) - 0.1, y=before["level"], mode="markers", hoverinfo="skip",
                           marker=dict(symbol="triangle-left-open", size=6, color=look.SOFT))
    for how, symbol in ((REPORTED, "line-ns-open"), (PLANNED, "diamond-open"), (CURRENT, "triangle-right")):
        some = rows[rows["how"].eq(how)]
        if len(some):
            x = some["planned"].map(look.on_axis) if how == PLANNED else some["x"] + (0.12 if how == CURRENT else 0)
            marker = dict(symbol=symbol, size=8, color=look.INK, line=dict(width=1.5, color=look.INK))
            figure.add_scatter(x=x, y=some["level"], mode="markers", marker=marker, hovertemplate=look.HOVER, customdata=[said[place] for place in some.index])
    some = rows[rows["how"].isin([UNKNOWN, PLANNED])]
    for row in some.itertuples():
        look.note_at(figure, "?", cutoff, row.level, look.INK, 12, xanchor="left", xshift=3)


def _words(ledger: Ledger, figure: go.Figure, rows: pd.DataFrame, left_out: dict[str, list[str]]) -> go.Figure:
    words, how = Words(ledger), rows["how"].value_counts()
    title = (f"Of {counted(len(rows), 'presence')} of a force in a host, {how.get(REPORTED, 0):,} have a reported end; "
             f"{how.get(CURRENT, 0):,} last at the cutoff, and of {how.get(UNKNOWN, 0) + how.get(PLANNED, 0):,} nobody knows")
    named = {force for forces in ledger["events"]["forces"] for force in forces.split(";") if force} - set(ledger["series"]["force"])
    said = [f"{reason} only: {joined(forces)}" for reason, forces in left_out.items() if forces]
    said += [f"{counted(len(named), 'force')} that acts name but that have no series"] if named else []
    note = ("Solid: surely there; pale: the beginning or the end lies somewhere in it, or nobody knows. Small triangle: there already when first reported; "
            "stroke: reported end; diamond: planned end; arrow: there at the cutoff by a figure or act that still counts; ?: no end and no report that still "
            "counts. Thin: part of the force above. A force that changed its name ends, and its successor begins."
            + (f" Not drawn: {'; '.join(said)}." if said else ""))
    shown = pd.DataFrame({"Host": rows["host"].map(words.hosts), "Force": rows["force"], "Bloc": rows["bloc"].map(words.name), "Part of": rows["inside"],
                          "From": rows["start"], "To": rows["end"], "End": rows["how"]})
    blocs = [bloc for bloc in words.blocs if bloc in set(rows["bloc"])]
    key = [(words.name(bloc), look.palette(ledger)[bloc]) for bloc in blocs]
    return look.finish(figure, "presence", title, f"Bars in time, one for each force and host. {title}.", shown, note, key)
