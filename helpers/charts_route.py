"""The route of an airlift on a map: great circles over outlines, each leg with its length and its way."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import flight, flight_findings, look, maps
from helpers.exhibits import Nothing
from helpers.findings import Finding, Words, counted
from helpers.ledger import Ledger


def route(ledger: Ledger, event: str, table: pd.DataFrame, finding: Finding) -> go.Figure | Nothing:
    """The legs as great circles over the outlines (table: `flight.legs`, finding: `flight_findings.route`); dashed where the act is not known to have taken place."""
    if table.empty:
        return Nothing("route", "No leg of any flight is in this ledger, so no map is drawn.")
    lines = [flight.arc(row.lat1, row.lon1, row.lat2, row.lon2) for row in table.itertuples()]
    box = maps.extent(np.concatenate([line[0] for line in lines]), np.concatenate([line[1] for line in lines]), 2.2)
    figure = maps.ground(ledger, box)
    figure.update_layout(height=500)
    # Both axes may reach further than the route: a phone sees more north and south, a desk more east and west.
    figure.update_xaxes(constrain="range")
    figure.update_yaxes(constrain="range")
    _countries(figure, ledger, box)
    said, turn = flight_findings.said_as(ledger, event), _turn(table)
    for row, (lon, lat) in zip(table.itertuples(), lines):
        figure.add_scatter(x=lon.round(3), y=lat.round(3), mode="lines", line=dict(color=look.INK, width=2, dash="solid" if said == "reported" else "dash"),
                           customdata=[look.label(row.text)] * len(lon), hovertemplate="%{customdata}<extra></extra>")
        _along(figure, f"{row.km:,.0f} km", lon, lat, turn * np.array([-_way(row)[1], _way(row)[0]]))
    _stops(figure, table)
    undrawn = " The way flown is not known: the lines are the shortest ones." + (f" Dashed: {said}, not known to have been flown." if said != "reported" else "")
    shown = pd.DataFrame({"Leg": table["sequence"], "From": table["start"], "To": table["end"], "km": table["km"].round(0).astype(int)})
    shown = pd.concat([shown, pd.DataFrame({"Leg": [None], "From": ["all legs"], "To": [""], "km": [round(table["km"].sum())]})], ignore_index=True).astype(object)
    title = f"{counted(len(table), 'leg')}, together {table['km'].sum():,.0f} km"
    return look.finish(figure, "route", title, finding.text, shown, f"{finding.hedge}{undrawn}")


def _turn(table: pd.DataFrame) -> int:
    """1 where the route runs clockwise (its outside is then to the left of each leg), else -1."""
    x, y = table["lon1"].to_numpy(), table["lat1"].to_numpy()
    return 1 if np.sum((table["lon2"] - x) * (table["lat2"] + y)) >= 0 else -1


def _way(leg: Any) -> np.ndarray:
    """Unit vector along a leg (right, up)."""
    x, y = leg.lon2 - leg.lon1, leg.lat2 - leg.lat1
    return np.array([x, y]) / (math.hypot(x, y) or 1.0)


def _along(figure: go.Figure, text: str, lon: np.ndarray, lat: np.ndarray, out: np.ndarray) -> None:
    """A leg's length beside its middle, to the outside, and an arrow that says which way."""
    middle = len(lon) // 2
    figure.add_annotation(x=lon[middle + 1], y=lat[middle + 1], ax=lon[middle - 1], ay=lat[middle - 1], xref="x", yref="y", axref="x", ayref="y", text="",
                          showarrow=True,
                          arrowhead=2, arrowsize=1.4, arrowwidth=2, arrowcolor=look.INK)
    look.note_at(figure, f"<b>{text}</b>", lon[middle], lat[middle], xshift=round(12 * out[0]), yshift=round(9 * out[1]),
                 xanchor=_anchor(out[0], ("right", "center", "left")), yanchor=_anchor(out[1], ("top", "middle", "bottom")))


def _anchor(way: float, names: tuple[str, str, str]) -> str:
    """Which end of a text stands at its point when the text is moved that way."""
    return names[0] if way < -0.35 else names[2] if way > 0.35 else names[1]


def _stops(figure: go.Figure, table: pd.DataFrame) -> None:
    """Every place once, its name above or below it, in the wider angle between the legs that meet there."""
    away: dict[tuple[str, float, float], np.ndarray] = {}
    for leg in table.itertuples():
        for stop, out in (((leg.start, leg.lon1, leg.lat1), -_way(leg)), ((leg.end, leg.lon2, leg.lat2), _way(leg))):
            away[stop] = away.get(stop, np.zeros(2)) + out
    for (name, lon, lat), out in away.items():
        up = 1 if out[1] > 0 else -1
        figure.add_scatter(x=[lon], y=[lat], mode="markers", marker=dict(color=look.INK, size=9, line=dict(color=look.PAPER, width=1.5)), hoverinfo="skip")
        look.note_at(figure, look.shortened(name), lon, lat, size=14, xshift=round(14 * float(np.clip(out[0], -1, 1))), yshift=7 * up,
                     yanchor="bottom" if up > 0 else "top")


def _countries(figure: go.Figure, ledger: Ledger, box: maps.Box) -> None:
    """Names of the countries whose middle lies in the extent (a phone has no room for them)."""
    words = Words(ledger)
    for code, rings in sorted(maps.outlines(ledger).items()):
        ring = np.array(max(rings, key=lambda ring: abs(_middle(np.array(ring))[2])))
        x, y, _ = _middle(ring)
        name = words.hosts.get(code) or words.actors.get(code)
        if name and box[0] < x < box[2] and box[1] < y < box[3]:
            look.note_at(figure, look.shortened(name), x, y, look.SOFT, 12, name="context")


def _middle(ring: np.ndarray) -> tuple[float, float, float]:
    """Centre of a ring's area and its signed area."""
    (x, y), (nx, ny) = ring.T, np.roll(ring, -1, axis=0).T
    cross = x * ny - nx * y
    area = cross.sum() / 2
    return (float(((x + nx) * cross).sum() / (6 * area)), float(((y + ny) * cross).sum() / (6 * area)), float(area)) if area else (float(x.mean()),
                                                                                                                                   float(y.mean()), 0.0)
