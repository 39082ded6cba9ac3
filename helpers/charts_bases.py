"""Where the bases are: a map with a button for each year."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import dates, look, maps
from helpers.exhibits import Nothing
from helpers.findings import Words, counted
from helpers.flight import short
from helpers.ledger import Ledger

PER_ROW = 6  # buttons in a row: what a phone has room for
ROW = 34  # pixels of a row of buttons
STAYS, LEFT, POSSIBLE = "there", "left in the year", "possibly there"


def bases(ledger: Ledger) -> pd.DataFrame:
    """Forces at places: place_id, name, host, lat, lon, force, bloc, from, to (as written), publisher, and days (ordinals): `first`
    possible and `since` surely (NaN: no start is known), `until` (NaN: no end is reported)."""
    blocs = ledger["actors"].set_index("actor")["bloc"]
    of_force = {row.force: blocs.get(row.partners.split(";")[0], "other") for row in ledger["forces"].itertuples()}
    rows = ledger["bases"].merge(ledger["places"].drop(columns="source"), on="place_id")
    rows = rows.merge(ledger["sources"][["source_id", "publisher"]], on="source_id", how="left")
    starts = [dates.parse(text) if text else None for text in rows["from"]]
    ends = [dates.parse(text) if text else None for text in rows["to"]]
    cutoff = ledger.cutoff_day or 0
    rows = rows.assign(bloc=rows["force"].map(of_force), since=[np.nan if day is None else day.last for day in starts],
                       first=[np.nan if day is None else day.last if day.first is None else day.first for day in starts],
                       until=[np.nan if day is None else min(day.last, cutoff) if day.written[0] <= cutoff else day.last for day in ends])
    return rows.sort_values(["place_id", "first", "force"]).reset_index(drop=True)


def in_year(rows: pd.DataFrame, year: int, cutoff: int) -> pd.DataFrame:
    """Bases of a year with `state` at its end (or at the cutoff in the year of the cutoff): there, left in the year, possibly there
    (the start lies in an interval that is not over)."""
    begin, end = pd.Timestamp(year, 1, 1).toordinal(), min(pd.Timestamp(year, 12, 31).toordinal(), cutoff)
    rows = rows[(rows["first"] <= end) & ~(rows["until"] < begin)]
    return rows.assign(state=np.where(rows["until"] <= end, LEFT, np.where(rows["since"] > end, POSSIBLE, STAYS)))


def _clusters(rows: pd.DataFrame, blocs: Sequence[str]) -> list[dict[str, Any]]:
    """One mark per place and bloc: its best state, the number of forces in it, the words for the hover, and where it stands around
    the place when it is not alone."""
    places: dict[str, dict[str, list[Any]]] = {}
    for row in rows.rename(columns={"from": "start"}).itertuples():
        places.setdefault(row.place_id, {}).setdefault(row.bloc, []).append(row)
    found = []
    for here in places.values():
        for turn, bloc in enumerate(sorted(here, key=blocs.index)):
            own = here[bloc]
            state = next(state for state in (STAYS, POSSIBLE, LEFT) if any(row.state == state for row in own))
            said = [f"{row.force}: {row.state}; from {row.start}, to {row.to or 'not reported'} ({row.publisher})" for row in own]
            found.append({"lat": own[0].lat, "lon": own[0].lon, "bloc": bloc, "state": state, "count": sum(row.state == state for row in own),
                          "said": "<br>".join([f"<b>{look.label(own[0].name)}</b>", *map(look.label, said)]),
                          "angle": 360 / len(here) * turn - 90, "away": 0 if len(here) == 1 else 7})
    return found


def _year_trace(clusters: list[dict[str, Any]], colours: dict[str, str], shown: bool) -> go.Scatter:
    colour = [colours[mark["bloc"]] for mark in clusters]
    fill = [value if mark["state"] == STAYS else look.tint(value, 0.35 if mark["state"] == POSSIBLE else 0.0) for value, mark in zip(colour, clusters)]
    marker = dict(size=[round(7 + 4 * math.sqrt(mark["count"]), 1) for mark in clusters], color=fill, line=dict(color=colour, width=1.6), symbol="circle",
                  angle=[mark["angle"] for mark in clusters], standoff=[mark["away"] for mark in clusters], opacity=1)
    return go.Scatter(x=[mark["lon"] for mark in clusters], y=[mark["lat"] for mark in clusters], mode="markers", marker=marker, visible=shown,
                      customdata=[mark["said"] for mark in clusters], hovertemplate=look.HOVER)


def _buttons(years: Sequence[int], first: int, traces: int, chosen: int) -> list[dict[str, Any]]:
    """Rows of buttons, one for each year; a press shows the year's trace and lights its button only."""
    rows = [list(years[start:start + PER_ROW]) for start in range(0, len(years), PER_ROW)]
    menus = []
    for place, row in enumerate(rows):
        buttons = []
        for year in row:
            seen = [number < first or number - first == years.index(year) for number in range(traces)]
            off = {f"updatemenus[{other}].active": -1 for other in range(len(rows)) if other != place}
            buttons.append(dict(label=str(year), method="update", args=[{"visible": seen}, off]))
        menus.append(dict(type="buttons", direction="right", buttons=buttons, active=row.index(chosen) if chosen in row else -1, showactive=True,
                          x=0, xanchor="left", y=1, yanchor="bottom", pad=dict(b=(len(rows) - 1 - place) * ROW + 4, l=0),
                          bgcolor=look.PAPER, bordercolor=look.GREY, borderwidth=1, font=dict(size=12, color=look.INK)))
    return menus


def bases_map(ledger: Ledger) -> go.Figure | Nothing:
    """Where forces stand, a button for each year (at first the cutoff's): one mark per place and bloc, its area the number of forces;
    filled where they are there at the year's end, pale where they possibly are, a ring where they left in the year."""
    rows, cutoff = bases(ledger), ledger.cutoff_day
    dated = rows.dropna(subset="since")
    dated = dated[dated["first"] <= cutoff] if cutoff else dated.iloc[:0]
    if dated.empty:
        return Nothing("bases", "No base with a place and a date is in the ledger.")
    last = dates.quarter_of(cutoff) // 4
    years = list(range(dates.quarter_of(int(dated["first"].min())) // 4, last + 1))
    box = maps.extent(dated["lon"], dated["lat"])
    figure = maps.ground(ledger, box, ROW * math.ceil(len(years) / PER_ROW) + 8)
    blocs, colours = [bloc["code"] for bloc in ledger.parameters["blocs"]], look.palette(ledger)
    places = dated.drop_duplicates("place_id").sort_values(["lat", "place_id"], ascending=[False, True])
    figure.add_scatter(x=places["lon"], y=places["lat"], mode="markers", marker=dict(size=4, color=look.GREY), hovertemplate=look.HOVER,
                       customdata=[look.label(name) for name in places["name"]])
    first = len(figure.data)
    for year in years:
        figure.add_trace(_year_trace(_clusters(in_year(dated, year, cutoff), blocs), colours, year == last))
    points = [(lon, lat, short(name)) for lon, lat, name in zip(places["lon"], places["lat"], places["name"])]
    maps.label_places(figure, box, points)
    maps.name_hosts(figure, ledger, box, points)
    figure.update_layout(updatemenus=_buttons(years, first, len(figure.data), last))
    return _map_words(ledger, figure, rows, dated, years)


def _map_words(ledger: Ledger, figure: go.Figure, rows: pd.DataFrame, dated: pd.DataFrame, years: list[int]) -> go.Figure:
    words, parts = Words(ledger), []
    for side in ledger.parameters["sides"]:
        own = {year: in_year(dated[dated["bloc"] == side], year, ledger.cutoff_day) for year in years}
        number = {year: int(table.loc[table["state"] == STAYS, "place_id"].nunique()) for year, table in own.items()}
        most = max(years, key=lambda year: (number[year], -year))
        more = f" (most: {number[most]} at the end of {most})" if number[most] > number[years[-1]] else ""
        parts.append(f"{words.name(side)} {number[years[-1]]}{more}")
    title = f"Mapped places with forces at the cutoff: {', '.join(parts)}"
    undated = int(rows["since"].isna().sum())
    note = (f"Buttons: the year; {years[-1]} goes to the cutoff ({ledger.cutoff}). One mark per place and bloc, its size the number of forces. Filled: there "
            "at the year's end; ring: left in the year; pale: the start lies in an interval that is not over. A base without a reported end stays filled. Only "
            "bases with a place are drawn: a base that no report names is not on the map."
            + (f" Without a start, not drawn: {counted(undated, 'base')}." if undated else ""))
    shown = pd.DataFrame({"Place": rows["name"], "Host": rows["host"].map(words.hosts), "Force": rows["force"], "Bloc": rows["bloc"].map(words.name),
                          "From": rows["from"], "To": rows["to"], "Source": rows["publisher"]})
    key = [(words.name(bloc), look.palette(ledger)[bloc]) for bloc in words.blocs if bloc in set(dated["bloc"])]
    return look.finish(figure, "bases", title, f"Map of the bases by year, the year of the cutoff at first. {title}.", shown, note, key)
