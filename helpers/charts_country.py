"""Charts of one country: its acts by partner with the processes as lines, what was given and taken away, its stock, left or pushed."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import charts, charts_ground, country, dates, look
from helpers.country import Profile
from helpers.exhibits import Nothing
from helpers.findings import Finding, Words, counted, joined
from helpers.ledger import Ledger
from helpers.strengths import Stock

MOST_PARTNERS = 14
LONG = 45  # days: an act known less exactly than that is drawn with its range
LANE = 29  # pixels


def _lanes(ledger: Ledger, each: pd.DataFrame) -> tuple[dict[str, int], list[str], int]:
    """Partner → height of its lane (by bloc, then by number of acts), the lanes' names from the lowest up, and how many partners share the last."""
    order = {bloc["code"]: place for place, bloc in enumerate(ledger.parameters["blocs"])}
    sizes = each.groupby(["actor", "bloc"])["event_id"].size().reset_index(name="acts").sort_values(["acts", "actor"], ascending=[False, True])
    shown, rest = sizes.head(MOST_PARTNERS), sizes.iloc[MOST_PARTNERS:]
    shown = shown.assign(place=shown["bloc"].map(order)).sort_values(["place", "acts", "actor"], ascending=[True, False, True])
    names = [look.shortened(Words(ledger).actors[actor], 19) for actor in shown["actor"]] + ([f"{len(rest):,} other{'s' if len(rest) > 1 else ''}"] if len(rest) else [])
    heights = {actor: len(names) - 1 - place for place, actor in enumerate(shown["actor"])} | {actor: 0 for actor in rest["actor"]}
    return heights, names[::-1], len(rest)


def timeline(ledger: Ledger, profile: Profile) -> go.Figure | Nothing:
    """Every dated act of the profile's hosts in its partner's lane; a line joins the acts of one process (arrivals above, exits below the lane)."""
    rows = country.by_partner(ledger, country.events(ledger, profile))
    each = rows.dropna(subset="first")
    if each.empty:
        return Nothing("acts", f"No dated act in {profile.name} is in the ledger.")
    heights, names, shared = _lanes(ledger, each)
    each = each.assign(level=each["actor"].map(heights), x=[look.on_axis((first + last) / 2) for first, last in zip(each["first"], each["last"])])
    each["half"] = np.where(each["last"] - each["first"] > LONG, (each["last"] - each["first"]) / 2 / 365.25, 0).round(3)
    quarters = range(dates.quarter_of(each["first"].min()), dates.quarter_of(max(each["last"].max(), ledger.cutoff_day or 0)) + 1)
    figure = look.canvas(64 + LANE * len(names))
    _process_lines(figure, ledger, each)
    for bloc in [bloc["code"] for bloc in ledger.parameters["blocs"]]:
        _acts(figure, each[each["bloc"].eq(bloc)], look.palette(ledger)[bloc])
    marks = look.annotated(ledger, list(profile.hosts), quarters)
    look.mark_context(figure, marks, named=len(profile.hosts) > 1)
    look.years(figure, quarters)
    figure.update_xaxes(side="top", showgrid=True, gridcolor=look.GRID)
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=names, range=[-0.7, len(names) - 0.3], tickfont=dict(size=12))
    return look.finish(figure, "acts", *_timeline_words(ledger, rows, each, shared, marks))


def _acts(figure: go.Figure, rows: pd.DataFrame, colour: str) -> None:
    """One bloc's acts: deeds in (filled) and out (ring), words small, what is not done as a grey cross."""
    kinds = _kinds(rows)
    styles = [(kinds["Words and continuity"], dict(size=6, color=look.tint(colour, 0.7), line=dict(width=0))),
              (kinds["Not known to have happened"], dict(size=8, symbol="x-thin", line=dict(color=look.GREY, width=1.5))),
              (kinds["Came"], dict(size=11, color=look.tint(colour, 0.85), line=dict(color=look.PAPER, width=1))),
              (kinds["Left"], dict(size=10, color=look.PAPER, line=dict(color=colour, width=2)))]
    for chosen, marker in styles:
        some = rows[chosen]
        if len(some):
            bars = dict(type="data", array=some["half"], thickness=1.2, width=0, color=marker["line"].get("color", colour) if marker.get("symbol") else colour)
            figure.add_scatter(x=some["x"], y=some["level"], mode="markers", marker=marker, error_x=bars if some["half"].any() else None,
                               hovertemplate="%{customdata}<extra></extra>",
                               customdata=[_hover(row) for row in some.itertuples()])


def _kinds(rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Which acts have which mark in the timeline; each has one."""
    deed = rows["done"] & rows["material"] & rows["direction"].ne(0)
    return {"Came": deed & rows["direction"].gt(0), "Left": deed & rows["direction"].lt(0), "Words and continuity": rows["done"] & ~deed,
            "Not known to have happened": ~rows["done"]}


def _hover(row: Any) -> str:
    return f"{look.label(row.date)}: {look.label(row.type.replace('_', ' '))}, {row.status}<br>{look.shortened(row.summary, 48)}"


def _process_lines(figure: go.Figure, ledger: Ledger, each: pd.DataFrame) -> None:
    """A line from the first to the last act of each process in each partner's lane."""
    processes, colours = ledger["processes"].set_index("process"), look.palette(ledger)
    done = each[each["done"] & each["process"].isin(processes.index)]
    for (bloc, direction), rows in done.assign(direction=done["process"].map(processes["direction"])).groupby(["bloc", "direction"]):
        x, y, said = [], [], []
        for (process, level), acts in rows.groupby(["process", "level"]):
            first, last = look.on_axis(acts["first"].min()), look.on_axis(acts["last"].max())
            title = look.shortened(f"{processes.loc[process, 'title']} ({counted(acts['event_id'].nunique(), 'step')})", 90)
            x, y, said = [*x, first, last, None], [*y, *[level + (0.34 if direction > 0 else -0.34)] * 2, None], [*said, title, title, ""]
        figure.add_scatter(x=x, y=y, mode="lines", line=dict(color=look.tint(colours[bloc], 0.55), width=4), customdata=said,
                           hovertemplate="%{customdata}<extra></extra>")


def _timeline_words(ledger: Ledger, rows: pd.DataFrame, each: pd.DataFrame, shared: int, marks: pd.DataFrame) -> tuple[str, str, pd.DataFrame, str,
                                                                                                                       list[tuple[str, str]]]:
    """Title, alt text, table, note and key of the timeline."""
    words, colours, done = Words(ledger), look.palette(ledger), each[each["done"]]
    sizes = done.groupby("actor")["event_id"].size()
    top = sorted(sizes.index, key=lambda actor: (-sizes[actor], actor))[:2]
    title = f"Most acts by {joined([f'{words.actors[actor]} ({sizes[actor]:,})' for actor in top])}" if top else "Nothing took place by the sources: all is announced, anticipated or alleged"
    missing = rows.loc[rows["first"].isna(), "event_id"].nunique()
    note = "Filled: came; ring: left; small: words and continuity; grey cross: announced, anticipated, alleged or retracted, not known to have happened. Thick lines: processes, arrivals above, exits below; a thin bar: the days on which it can have been."
    note += f" {counted(shared, 'partner')} with fewer acts share the lowest lane." if shared else ""
    note += f" {counted(missing, 'act')} without a first possible day: in the table of events only." if missing else ""
    note += f" Dotted: {'; '.join(f'{row.place} {row.day}' for row in marks.itertuples())} ({joined(ledger.parameters['annotated_types'])})." if len(marks) else ""
    present = set(each["bloc"])
    key = [(bloc["name"], colours[bloc["code"]]) for bloc in ledger.parameters["blocs"] if bloc["code"] in present]
    return title, f"Timeline of acts by partner. {title}.", _lane_table(words, each), note, key


def _lane_table(words: Words, each: pd.DataFrame) -> pd.DataFrame:
    """One row per partner, most acts first: how many of each mark, and when the first and the last can have been. The acts themselves stand in the page's tables."""
    kinds = _kinds(each)
    table = each.assign(**kinds).sort_values(["first", "event_id"]).groupby(["actor", "bloc"]).agg(
        **{name: (name, "sum") for name in kinds}, acts=("event_id", "size"), First=("date", "first"), Last=("date", "last")).reset_index()
    table = table.sort_values(["acts", "actor"], ascending=[False, True])
    return pd.DataFrame({"Partner": table["actor"].map(words.actors), "Bloc": table["bloc"].map(words.name), **{name: table[name] for name in [*kinds, "First", "Last"]}})


def given(ledger: Ledger, profile: Profile) -> go.Figure | Nothing:
    """Kinds of act that took place, engagement to the right, disengagement to the left, by bloc."""
    each = country.by_partner(ledger, country.events(ledger, profile))
    done = each[each["done"]].drop_duplicates(["event_id", "bloc"])
    rows = done[done["direction"].ne(0)]
    if rows.empty:
        return Nothing("given", f"Nothing was given to {profile.name} or taken away by acts that took place.")
    words, colours = Words(ledger), look.palette(ledger)
    table = pd.crosstab(rows["type"], rows["bloc"]).reindex(columns=[bloc["code"] for bloc in ledger.parameters["blocs"] if bloc["code"] in set(rows["bloc"])])
    sign = rows.drop_duplicates("type").set_index("type")["direction"]
    totals = table.sum(axis=1)
    order = sorted(table.index, key=lambda name: (sign[name] > 0, totals[name] * sign[name], name))
    table, labels = table.loc[order], [look.label(name.replace("_", " ")) for name in order]
    figure = look.canvas(70 + 26 * len(table))
    for bloc in table.columns:
        figure.add_bar(y=labels, x=table[bloc] * sign.loc[order], orientation="h", marker=dict(color=colours[bloc], line=dict(width=0)),
                       hovertemplate="%{customdata}<extra></extra>",
                       customdata=[f"{label}: {value:,} {look.label(words.name(bloc))}" for label, value in zip(labels, table[bloc])])
    for label, name in zip(labels, order):
        look.note_at(figure, f"{totals[name]:,}", totals[name] * sign[name], label, look.SOFT, 12, xanchor="left" if sign[name] > 0 else "right",
                     xshift=4 * int(sign[name]))
    reach = {way: max([totals[name] for name in order if sign[name] == way], default=0) for way in (-1, 1)}
    room = 0.18 * (reach[-1] + reach[1])  # for the number at a bar's end, on a phone too
    figure.add_vline(x=0, line=dict(color=look.INK, width=1))
    figure.update_xaxes(range=[-(reach[-1] + room if reach[-1] else 0), reach[1] + room if reach[1] else 0], showticklabels=False, ticks="", showline=False)
    figure.update_yaxes(showgrid=False)
    best = {way: max((name for name in order if sign[name] == way), key=lambda name: (totals[name], name), default="") for way in (1, -1)}
    parts = [f"{said}: {best[way].replace('_', ' ')} ({totals[best[way]]:,})" for way,
             said in ((1, "most often given or agreed"), (-1, "most often taken away or ended")) if best[way]]
    title = "; ".join(parts)[:1].upper() + "; ".join(parts)[1:]
    shown = table.rename(index=lambda name: name.replace("_", " "), columns=words.name).rename_axis("Kind").reset_index().iloc[::-1]
    still = len(done) - len(rows)
    note = "Acts that took place by their sources, every act for itself, once for each bloc of its partners; right: towards the host, left: away from it." + (f" {counted(still, 'act')} that neither came nor went (operations, extensions) stand in the tables." if still else "")
    return look.finish(figure, "given", title, f"Bars by kind of act. {title}.", shown, note, [(words.name(bloc), colours[bloc]) for bloc in table.columns])


def stock(ledger: Ledger, profile: Profile, own: Stock) -> go.Figure | Nothing:
    """Both sides' reported strength in each host of the profile for which any is reported (own: `country.stock`)."""
    table = own.table[own.table["bloc"].isin(ledger.parameters["sides"])]
    seen = copy.copy(own)
    seen.hosts = [host for host in own.hosts if table["place"].eq(host).any()]
    if not seen.hosts:
        return Nothing("stock-by-host", f"No strength of either side is reported for {profile.name}.")
    return charts_ground.stock_by_host(ledger, seen)


def left_or_pushed(ledger: Ledger, profile: Profile, unit_rows: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """Who caused the disengagement from the profile's hosts (finding: `country.disengagement`)."""
    if not unit_rows["direction"].lt(0).any():
        return Nothing("left-or-pushed", f"No disengagement from {profile.name} took place by the ledger.")
    return charts.left_or_pushed(ledger, unit_rows, finding)
