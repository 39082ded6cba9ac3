"""Charts of the evidence: origins behind events, pages against origins, how wide dates are, who tells of each side's engagement."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from helpers import certainty, evidence, look
from helpers.exhibits import Nothing
from helpers.findings import Words, counted
from helpers.ledger import Ledger


OTHERS_TOO, PARTIES = "told by others too, or by nobody known", "told by parties to the act only"
SHADES = {certainty.OWN: 1.0, certainty.PARTY: 0.6, certainty.OTHERS: 0.25}


def _across(height: int, unit: str) -> go.Figure:
    figure = look.canvas(height)
    figure.update_xaxes(title=dict(text=unit, font=dict(size=12, color=look.SOFT)), showgrid=True, gridcolor=look.GRID, rangemode="tozero")
    figure.update_yaxes(showgrid=False, autorange="reversed")
    return figure


def origins(ledger: Ledger) -> go.Figure | Nothing:
    """Events by number of independent named origins, with those known only from a party."""
    table = certainty.by_origins(ledger)
    if table.empty:
        return Nothing("origins", "No event is in the ledger.")
    names = [f"{counted(number, 'origin')}" for number in table["origins"]]
    figure = _across(80 + 34 * len(table), "events")
    for column, colour, what in ((table["events"] - table["self_only"], look.INK, OTHERS_TOO), (table["self_only"], look.GREY, PARTIES)):
        look.bars(figure, column, names, colour, [f"{name}: {number:,} {what}" for name, number in zip(names, column)], orientation="h")
    for name, number in zip(names, table["events"]):
        look.note_at(figure, f"{number:,}", number, name, look.SOFT, 12, xanchor="left", xshift=4)
    several = int(table.loc[table["origins"] >= 2, "events"].sum())
    title = f"{several:,} of {counted(table['events'].sum(), 'event')} stand on two or more independent named origins"
    shown = table.rename(columns={"origins": "Named origins", "events": "Events", "self_only": "Parties only", "denied": "Denied", "pages": "Pages"})
    return look.finish(figure, "origins", title, f"Bars of events by number of named origins. {title}.", shown,
                       "All events, whatever their status. An origin is the party whose knowledge a page passes on; unnamed ones add nothing.",
                       [(OTHERS_TOO, look.INK), (PARTIES, look.GREY)])


def pages_and_origins(ledger: Ledger) -> go.Figure | Nothing:
    """Pages against named origins: a dot for each pair of numbers, its area the number of events."""
    known = evidence.corroboration(ledger)
    if known.empty:
        return Nothing("pages-origins", "No event is in the ledger.")
    table = known.groupby(["pages", "origins"]).size().reset_index(name="events")
    figure, most = look.canvas(330, "independent named origins"), int(max(table["pages"].max(), table["origins"].max()))
    figure.add_scatter(x=[0, most], y=[0, most], mode="lines", line=dict(color=look.GREY, width=1, dash="dash"), hoverinfo="skip")
    scale = 46 / table["events"].max() ** 0.5
    look.dots(figure, table["pages"], table["origins"], table["events"], scale, look.INK, True,
              [f"{counted(row.pages, 'page')}, {counted(row.origins, 'origin')}: {counted(row.events, 'event')}" for row in table.itertuples()])
    figure.update_xaxes(title=dict(text="pages", font=dict(size=12, color=look.SOFT)), range=[-0.5, most + 0.8], dtick=1 if most < 16 else 5)
    figure.update_yaxes(range=[-0.6, table["origins"].max() + 0.8], dtick=1)
    level = float(table["origins"].max()) + 0.3
    look.note_at(figure, "one origin a page", level, level, look.SOFT, 11, xanchor="right", xshift=-8)
    fewer, top = int((known["origins"] < known["pages"]).sum()), known["pages"].max()
    title = f"{fewer:,} of {counted(len(known), 'event')} have more pages than independent origins"
    named = counted(known.loc[known["pages"] == top, "origins"].max(), "named origin")
    note = f"Area: events. The event with most pages has {top:,}, from {named}. {certainty.SOUGHT}"
    shown = table.rename(columns={"pages": "Pages", "origins": "Named origins", "events": "Events"})
    return look.finish(figure, "pages-origins", title, f"Dots of events by pages and named origins. {title}.", shown, note)


def widths(ledger: Ledger) -> go.Figure | Nothing:
    """Events by the days on which they can have happened, and whether these lie in one quarter."""
    table = certainty.date_widths(ledger)
    if not table["events"].sum():
        return Nothing("date-widths", "No event is in the ledger.")
    figure = _across(80 + 34 * len(table), "events")
    for column, colour, what in ((table["certain"], look.INK, "in one quarter for certain"), (table["several"], look.GREY, "shared out over several quarters")):
        look.bars(figure, column, table["width"], colour, [f"{name}: {number:,} {what}" for name, number in zip(table["width"], column)], orientation="h")
    for row in table.itertuples():
        look.note_at(figure, f"{row.events:,}", row.certain + row.several, row.width, look.SOFT, 12, xanchor="left", xshift=4)
    undated = int(table["events"].iloc[-1])
    title = f"{table['certain'].sum():,} of {counted(table['events'].sum(), 'event')} lie in one quarter for certain"
    note = ("All events: how many days are possible, by the date and the first page that supports the act. In no quarter: "
            f"{counted(undated, 'event')} without a first day.")
    shown = table.rename(columns={"width": "Possible days", "events": "Events", "certain": "In one quarter", "several": "In several"})
    return look.finish(figure, "date-widths", title, f"Bars of events by the width of their dates. {title}.", shown, note,
                       [("in one quarter for certain", look.INK), ("shared out over several quarters", look.GREY)])


def _shade(colour: str, kind: str) -> str:
    """A bloc's colour, paler the more others tell of it; grey for nobody named."""
    shade = SHADES.get(kind)
    return look.GRID if shade is None else colour if shade == 1 else look.tint(colour, shade)


def tellers(ledger: Ledger) -> go.Figure | Nothing:
    """Engagement acts per bloc by who tells of them: only its own states, only parties to the act, others too, nobody named."""
    table, words, colours = certainty.control(ledger), Words(ledger), look.palette(ledger)
    if table.empty:
        return Nothing("tellers", "No act of engagement is counted in the ledger.")
    figure, names = _across(90 + 46 * len(table), "acts of engagement × bloc"), [look.label(words.name(bloc)) for bloc in table.index]
    for kind in table:
        fills = [_shade(colours[bloc], kind) for bloc in table.index]
        figure.add_bar(y=names, x=table[kind], orientation="h", marker=dict(color=fills, line=dict(color=look.PAPER, width=1.5)), hovertemplate=look.HOVER,
                       customdata=[f"{name}: {number:,}, {kind}" for name, number in zip(names, table[kind])])
    for name, number in zip(names, table.sum(axis=1)):
        look.note_at(figure, f"{number:,}", number, name, look.SOFT, 12, xanchor="left", xshift=4)
    parts = [f"{words.name(side)} {table.loc[side, certainty.OWN]:,} of {table.loc[side].sum():,}" for side in ledger.parameters["sides"] if side in table.index]
    title = f"Known only from states of the same side: {', '.join(parts)}" if parts else "No engagement of either side is counted"
    side = next((side for side in ledger.parameters["sides"] if side in table.index), table.index[0])
    key = [(kind, _shade(colours[side], kind)) for kind in table]
    shown = pd.DataFrame(table).rename(index=words.name).rename_axis("Bloc").reset_index()
    return look.finish(figure, "tellers", title, f"Stacked bars of engagement acts by who tells of them. {title}.", shown,
                       "Military acts that took place by their sources, each for itself; named origins that support them. The key shows one bloc's shades.", key)
