"""Maps as lines on plain axes: outlines of the loaded ledger's folder, an extent around points, labels that don't touch.

Plotly's own geographic traces would fetch outlines from a host; these need none.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import plotly.graph_objects as go

from helpers import look
from helpers.findings import Words
from helpers.ledger import Ledger
from helpers.schema import PROJECT_DATA

OUTLINES = "outlines.geojson"
WIDE, NARROW = 840.0, 340.0  # pixels that a map has on a page and on a phone

Ring = list[tuple[float, float]]
# Where a label stands beside its point: which of its ends, and how many pixels away.
SIDES = {"right": ("left", "middle", 13, 0), "left": ("right", "middle", -13, 0), "above": ("center", "bottom", 0, 11),
         "below": ("center", "top", 0, -11)}
Box = tuple[float, float, float, float]  # west, south, east, north (or the same in pixels)


def outlines(ledger: Ledger) -> dict[str, list[Ring]]:
    """Rings (lon, lat) by country code, from the ledger's own folder, else the project's; {} where neither has any."""
    path = next((folder / OUTLINES for folder in (Path(ledger.folder), PROJECT_DATA) if (folder / OUTLINES).is_file()), None)
    found: dict[str, list[Ring]] = {}
    for feature in json.loads(path.read_text(encoding="utf-8"))["features"] if path else ():
        shape = feature["geometry"]
        parts = shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        code = str(feature["properties"].get("iso3", ""))
        found.setdefault(code, []).extend([(x, y) for x, y, *_ in ring] for part in parts for ring in part)
    return found


def extent(lon: Iterable[float], lat: Iterable[float], margin: float = 2.2) -> Box:
    """West, south, east and north around some points, in degrees, with a margin and never flatter or narrower than a map can be."""
    lon, lat = list(lon), list(lat)
    west, east, south, north = min(lon) - margin, max(lon) + margin, min(lat) - margin, max(lat) + margin
    more = max(0.0, 0.38 * (east - west) - (north - south)) / 2
    wider = max(0.0, 0.8 * (north - south) - (east - west)) / 2
    return west - wider, south - more, east + wider, north + more


def ground(ledger: Ledger, box: Box, top: int = 8) -> go.Figure:
    """An empty map of an extent: outlines as lines, hosts' stronger, degrees of both axes at one scale; `top` pixels stay free above."""
    west, south, east, north = box
    scale = 1 / math.cos(math.radians((south + north) / 2))
    figure = look.canvas(round(WIDE * (north - south) * scale / (east - west)) + top + 8)
    hosts, shapes = set(ledger["hosts"]["host"]), outlines(ledger)
    for codes, colour, width in ((set(shapes) - hosts, look.GRID, 1), (set(shapes) & hosts, look.GREY, 1.2)):
        rings = [ring for code in sorted(codes) for ring in shapes[code]]
        x, y = ([value for ring in rings for value in [*(point[axis] for point in ring), None]] for axis in (0, 1))
        figure.add_scatter(x=x, y=y, mode="lines", line=dict(color=colour, width=width), hoverinfo="skip")
    figure.update_layout(margin=dict(l=0, r=0, t=top, b=8))
    figure.update_xaxes(range=[west, east], visible=False, constrain="domain")
    figure.update_yaxes(range=[south, north], visible=False, scaleanchor="x", scaleratio=scale, constrain="domain", constraintoward="top")
    return figure


def _text_box(x: float, y: float, text: str, side: str) -> Box:
    """The pixels that a label of 11 px takes beside a point (y upwards)."""
    anchor, _, right, up = SIDES[side]
    wide, left = 6.2 * len(text), {"left": 0.0, "right": 1.0, "center": 0.5}[anchor]
    west, south = x + right - left * wide, y + up + {"right": -7, "left": -7, "above": 0, "below": -14}[side]
    return west, south, west + wide, south + 14


def _free(box: Box, taken: list[Box], frame: Box) -> bool:
    inside = box[0] >= frame[0] and box[1] >= frame[1] and box[2] <= frame[2] and box[3] <= frame[3]
    return inside and not any(box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3] for other in taken)


def placed(points: Sequence[tuple[float, float, str]], box: Box, width: float) -> dict[int, str]:
    """On which side of its point each label fits without touching another or a point, on a map of a width in pixels; labels that fit
    nowhere are absent. points: lon, lat, text."""
    scale = width / (box[2] - box[0])
    tall = 1 / math.cos(math.radians((box[1] + box[3]) / 2))
    at = [((lon - box[0]) * scale, (lat - box[1]) * scale * tall) for lon, lat, _ in points]
    frame = (0.0, 0.0, width, (box[3] - box[1]) * scale * tall)
    taken, found = [(x - 7, y - 7, x + 7, y + 7) for x, y in at], {}
    for number, ((x, y), (_, _, text)) in enumerate(zip(at, points)):
        for side in SIDES:
            wanted = _text_box(x, y, text, side)
            if _free(wanted, taken[:number] + taken[number + 1:], frame):
                found[number] = side
                taken.append(wanted)
                break
    return found


def label_places(figure: go.Figure, box: Box, points: Sequence[tuple[float, float, str]]) -> None:
    """Names beside the points (lon, lat, text); those that a phone has no room for are dropped there."""
    narrow, wide = placed(points, box, NARROW), placed(points, box, WIDE)
    for number, (lon, lat, text) in enumerate(points):
        side = narrow.get(number) or wide.get(number)
        if side:
            anchor, upright, right, up = SIDES[side]
            look.note_at(figure, look.label(text), lon, lat, look.INK, 11, xanchor=anchor, yanchor=upright, xshift=right, yshift=up,
                         name="" if number in narrow else "context")


def inside(points: np.ndarray, ring: Ring) -> np.ndarray:
    """Which points lie within a ring (even-odd rule). points: shape (n, 2), lon and lat; returns shape (n,), bool."""
    x, y = points[:, :1], points[:, 1:]
    (x1, y1), (x2, y2) = np.array(ring).T, np.roll(ring, -1, axis=0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        crossed = ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
    return crossed.sum(axis=1) % 2 == 1


def name_hosts(figure: go.Figure, ledger: Ledger, box: Box, points: Sequence[tuple[float, float, str]]) -> None:
    """Names of the hosts on the map, each where its land is farthest from the points and from its outline."""
    names, shapes = Words(ledger).hosts, outlines(ledger)
    xs, ys = np.linspace(box[0], box[2], 31)[2:-2], np.linspace(box[1], box[3], 19)[1:-1]
    grid = np.array([(x, y) for x in xs for y in ys])
    for host in sorted(set(names) & set(shapes)):
        ring = max(shapes[host], key=len)
        land = grid[inside(grid, ring)]
        near = np.array([*ring, *((lon, lat) for lon, lat, _ in points)])
        if len(land):
            away = np.hypot((land[:, :1] - near[:, 0]) / 2.5, land[:, 1:] - near[:, 1]).min(axis=1)
            x, y = land[int(away.argmax())]
            if away.max() > 0.04 * (box[3] - box[1]):  # else the name would cross a line
                look.note_at(figure, look.shortened(names[host]).upper(), float(x), float(y), look.SOFT, 10, name="context")
