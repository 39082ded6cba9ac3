"""The headline as a static picture: the share of engagement as a small SVG, for the index, the README and readers without script."""

from __future__ import annotations

import textwrap
from html import escape

import pandas as pd

from helpers import look
from helpers.findings import Words
from helpers.ledger import Ledger

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 330, 48, 114, 56, 28
LINE = 84  # characters of the title in a line


def svg(ledger: Ledger, share: pd.DataFrame, text: str) -> str:
    """The share line as SVG (table: `counts.engagement_share`; text: the finding), "" where no quarter has a share."""
    known = share[share["complete"]].dropna(subset="share")
    if known.empty:
        return ""
    words, colours, sides = Words(ledger), look.palette(ledger), ledger.parameters["sides"]
    first, last = share["quarter"].iloc[0] / 4, (share["quarter"].iloc[-1] + 1) / 4

    def x(year: float) -> float:
        """Units of the picture from its left edge."""
        return round(LEFT + (year - first) / (last - first) * (WIDTH - LEFT - RIGHT), 1)

    def y(part: float) -> float:
        """Units of the picture from its upper edge, of a share from 0 to 1."""
        return round(TOP + (1 - part) * (HEIGHT - TOP - BOTTOM), 1)

    lines, before = [], None
    for row in known.itertuples():
        point = f"{x(look.at(row.quarter))},{y(row.share)}"
        lines.append("L" + point if before == row.quarter - 1 else f"M{point} h0")  # h0: a quarter by itself is a dot
        before = row.quarter
    grid = "".join(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(part)}" y2="{y(part)}" stroke="{look.GRID}"/>'
                   f'<text x="{LEFT - 6}" y="{y(part) + 4}" text-anchor="end">{part:.0%}</text>' for part in (0, 0.5, 1))
    step = 2 if last - first > 8 else 1
    ticks = "".join(f'<text x="{x(year)}" y="{HEIGHT - 8}" text-anchor="middle">{year}</text>'
                    for year in range(int(first) + 1, int(last) + 1) if year % step == 0)
    end, place = known.iloc[-1], WIDTH - RIGHT + 8
    labels = "".join(f'<text x="{place}" y="{y(height)}" fill="{colours[side]}" font-weight="700">{escape(words.name(side))} {part:.0%}</text>'
                     for side, height, part in ((sides[1], end["share"] / 2, end["share"]), (sides[0], (1 + end["share"]) / 2, 1 - end["share"])))
    title = "".join(f'<tspan x="0" dy="{18 * bool(place)}">{escape(line)}</tspan>' for place, line in enumerate(textwrap.wrap(text, LINE)))
    return (f'<svg class="static" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(text)}" '
            f'font-family="{look.FONT.replace(chr(34), "")}" font-size="12" fill="{look.SOFT}"><title>{escape(text)}</title>'
            f'<text class="title" y="16" font-size="13" font-weight="700" fill="{look.INK}">{title}</text>{grid}{ticks}'
            f'<path d="{" ".join(lines)}" fill="none" stroke="{colours[sides[1]]}" stroke-width="2.5" stroke-linecap="round"/>{labels}</svg>')
