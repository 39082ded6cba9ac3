"""Charts of a machine-coded feed beside the ledger; without a feed each is a sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import look
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, sentence
from helpers.ledger import Ledger
from helpers.machine_coded import BASE, SHIFTS, WINDOW, Feed, compared
from helpers.machine_findings import FEWEST, unlike

EVERYBODY = "all acts"
WITHOUT = "No feed was given, so that there is nothing to draw here."
WAY = {1: "engagement", -1: "disengagement"}
OWN, THEIRS = "the ledger", "the feed"


def _percent(figure: go.Figure, axis: str) -> None:
    ticks = dict(range=[-2, 102], tickvals=[0, 25, 50, 75, 100], ticktext=["0", "25", "50", "75", "100 %"], showgrid=True, gridcolor=look.GRID)
    (figure.update_xaxes if axis == "x" else figure.update_yaxes)(**ticks)


def _groups(ledger: Ledger, seen: pd.DataFrame) -> list[tuple[str, str, dict[str, float]]]:
    """(label, colour, what `compared` says) of all acts and of each bloc with enough of them."""
    words, colours = Words(ledger), look.palette(ledger)
    parts = [(EVERYBODY, look.INK, compared(seen))]
    parts += [(words.name(bloc["code"]), colours[bloc["code"]], compared(seen[seen["bloc"] == bloc["code"]])) for bloc in ledger.parameters["blocs"]]
    return [part for part in parts if part[2]["acts"] >= FEWEST]


def saw(ledger: Ledger, feed: Feed, seen: pd.DataFrame) -> go.Figure | Nothing:
    """Share of the ledger's acts that the feed saw, by bloc, against the same acts at shifted dates (seen: `machine_coded.sightings`)."""
    groups = _groups(ledger, seen) if feed.there else []
    if not groups:
        return Nothing("feed-saw", WITHOUT if not feed.there else f"The feed covers fewer than {FEWEST} acts of the ledger that are dated to the day.")
    figure = look.canvas(110 + 46 * len(groups))
    labels = [look.label(f"{label} ({found['acts']:,.0f})") for label, _, found in groups]
    lows, highs = ([100 * (found[name] if not np.isnan(found[name]) else found["placebo"]) for _, _, found in groups] for name in ("lowest", "highest"))
    hover = [f"{label}: {found['placebo']:.0%} around shifted dates, {low:.0f} to {high:.0f} % by shift"
             for (label, _, found), low, high in zip(groups, lows, highs)]
    look.bars(figure, [high - low for low, high in zip(lows, highs)], labels, look.GRID, list(map(look.label, hover)), base=lows, orientation="h", width=0.4)
    figure.add_scatter(x=[100 * found["placebo"] for *_, found in groups], y=labels, mode="markers", hoverinfo="skip",
                       marker=dict(symbol="line-ns", size=16, line=dict(color=look.SOFT, width=2)))
    figure.add_scatter(x=[100 * found["seen"] for *_, found in groups], y=labels, mode="markers",
                       marker=dict(size=13, color=[colour for _, colour, _ in groups]),
                       customdata=[look.label(f"{label}: {found['seen']:.0%} seen") for label, _, found in groups], hovertemplate=look.HOVER)
    _percent(figure, "x")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    columns = {"Seen": [100 * found["seen"] for *_, found in groups], "At shifted dates": [100 * found["placebo"] for *_, found in groups],
               "Lowest shift": lows, "Highest shift": highs}
    table = pd.DataFrame({"Acts of": [label for label, *_ in groups], "Compared": [int(found["acts"]) for *_, found in groups],
                          **{name: [f"{value:.0f} %" for value in values] for name, values in columns.items()}})
    first = groups[0][2]
    title = f"Seen by the feed: {first['seen']:.0%} of the ledger's acts, {first['placebo']:.0%} around shifted dates"
    note = (f"Dot: share seen; mark: the same acts around dates shifted by {min(map(abs, SHIFTS)) // 7} to {max(SHIFTS) // 7} weeks either way; "
            f"band: the lowest and highest of the {len(SHIFTS)} shifts. Seen: same host, bloc and direction within {WINDOW} days. "
            f"Blocs with fewer than {FEWEST} acts are in {EVERYBODY} only.")
    return look.finish(figure, "feed-saw", title, f"Dots beside bands, by bloc. {title}.", table, note)


def shares(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> go.Figure | Nothing:
    """Both shares by quarter, side by side (table: `machine_coded.shares`)."""
    known = table.dropna(subset="feed") if feed.there else table.iloc[:0]
    if known.empty:
        return Nothing("feed-shares", WITHOUT if not feed.there else "In no quarter does the feed cover four quarters with enough acts for a share.")
    words, side = Words(ledger), ledger.parameters["sides"][1]
    colour, shown = look.palette(ledger)[side], table[table["quarter"].between(known["quarter"].min() - 4, known["quarter"].max() + 4)]
    figure = look.canvas(380, "share of engagement, trailing four quarters", 96)
    ends = []
    for name, label, line in (("ledger", OWN, dict(color=colour, width=2.5)), ("feed", THEIRS, dict(color=look.INK, width=2, dash="dot"))):
        values = (100 * shown[name]).round(2)
        figure.add_scatter(x=look.at(shown["quarter"]), y=values, mode="lines+markers", marker=dict(size=4, color=line["color"]), line=line,
                           hovertemplate=look.HOVER, customdata=[f"{label}, {quarter}: {value:.0f} %" for quarter, value in zip(shown["label"], values)])
        last = values.dropna()
        ends += [(last.iloc[-1], label, line["color"])] if len(last) else []
    ends.sort()
    for place, (height, label, tone) in enumerate(ends):
        apart = len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 8
        look.note_at(figure, f"<b>{label}</b>", 1, height, tone, xref="paper", xanchor="left", xshift=6, yshift=(-9, 9)[place] if apart else 0)
    figure.add_hline(y=50, line=dict(color=look.SOFT, width=1, dash="dash"))
    look.years(figure, range(int(shown["quarter"].min()), int(shown["quarter"].max()) + 1))
    _percent(figure, "y")
    last = known.iloc[-1]
    own = f"{last['ledger']:.0%}" if not np.isnan(last["ledger"]) else "no share"
    title = f"{words.name(side)} share of engagement in {last['label']}: {own} by the ledger, {last['feed']:.0%} by the feed"
    percent = {column: [None if np.isnan(value) else f"{100 * value:.0f} %" for value in shown[name]]
               for name, column in (("ledger", "Ledger"), ("feed", "Feed"))}
    behind = pd.DataFrame({"Quarter": shown["label"], **percent, "Units of the ledger": shown["units"], "Acts of the feed": shown["acts"]})
    note = ("The ledger counts units (a process once), the feed every act that it reads out of a page, so that levels may differ where both see the same. "
            "No line where four quarters hold too few, or the feed doesn't cover them whole.")
    return look.finish(figure, "feed-shares", sentence(title), f"Two lines by quarter. {title}.", behind, note)


def parted(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> go.Figure | Nothing:
    """Host by host the share of both, joined by a line (table: `machine_coded.parted`)."""
    known = table.dropna(subset="apart") if feed.there else table.iloc[:0]
    if known.empty:
        return Nothing("feed-parted", WITHOUT if not feed.there else "No host has enough acts in both for a share.")
    words, side = Words(ledger), ledger.parameters["sides"][1]
    colour, names = look.palette(ledger)[side], [look.label(words.hosts[host]) for host in known["host"]]
    figure = look.canvas(110 + 46 * len(known))
    low, high = 100 * known[["ledger", "feed"]].min(axis=1), 100 * known[["ledger", "feed"]].max(axis=1)
    figure.add_bar(x=high - low, base=low, y=names, orientation="h", width=0.06, marker=dict(color=look.GREY, line=dict(width=0)), hoverinfo="skip")
    for name, label, tone, filled in (("ledger", OWN, colour, True), ("feed", THEIRS, look.INK, False)):
        marker = dict(size=13, color=tone if filled else "rgba(0,0,0,0)", line=dict(width=0 if filled else 2, color=tone))
        figure.add_scatter(x=(100 * known[name]).round(2), y=names, mode="markers", marker=marker, hovertemplate=look.HOVER,
                           customdata=[f"{host}, {label}: {value:.0%}" for host, value in zip(names, known[name])])
    _percent(figure, "x")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    missing = len(table) - len(known)
    title = f"{words.name(side)} share of engagement by ledger and feed: {unlike(ledger, table)}"
    behind = pd.DataFrame({"Host": known["host"].map(words.hosts), "Ledger": [f"{value:.0%}" for value in known["ledger"]],
                           "Feed": [f"{value:.0%}" for value in known["feed"]], "Apart, points": (100 * known["apart"]).round(1),
                           "Units of the ledger": known["units"].round(2), "Acts of the feed": known["acts"]})
    note = "All quarters together that the feed covers whole. Filled: the ledger; ring: the feed."
    note += f" {counted(missing, 'host')} with too few acts in one of them: not drawn." if missing else ""
    return look.finish(figure, "feed-parted", title, f"Pairs of dots by host. {title}.", behind, note)


def surges(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> go.Figure | Nothing:
    """The feed's surges by month and host: filled where the ledger holds an act of that month, a ring where none (table: `machine_coded.surges`)."""
    if table.empty:
        return Nothing("feed-surges", WITHOUT if not feed.there else "The feed has no surge of either side's acts in a core or wider host.")
    words, colours = Words(ledger), look.palette(ledger)
    hosts = [host for host in words.hosts if host in set(table["host"])]
    x = table["month"].str[:4].astype(int) + (table["month"].str[5:].astype(int) - 0.5) / 12
    figure = look.canvas(120 + 46 * len(hosts))
    for bloc in ledger.parameters["sides"]:
        for filled in (True, False):
            rows = table[table["bloc"].eq(bloc) & table["ledger"].gt(0).eq(filled)]
            hover = [f"{words.hosts[row.host]}, {row.month}: {row.events:,} acts ({words.name(bloc)}, {WAY[row.direction]}), usually {row.usual:g}; "
                     f"{counted(row.ledger, 'act')} in the ledger" for row in rows.itertuples()]
            times = np.log2(1 + rows["events"] / rows["usual"].clip(lower=1))
            look.dots(figure, x[rows.index], rows["host"].map(words.hosts).map(look.label), times, 7, colours[bloc], filled, list(map(look.label, hover)))
    figure.update_yaxes(categoryorder="array", categoryarray=[look.label(words.hosts[host]) for host in hosts][::-1], showgrid=True)
    look.years(figure, range(int(x.min()) * 4, int(x.max()) * 4 + 4))
    silent = int(table["ledger"].eq(0).sum())
    title = f"{counted(len(table), 'surge')} of the feed, {silent:,} of them in months for which the ledger holds no such act"
    behind = pd.DataFrame({"Month": table["month"], "Host": table["host"].map(words.hosts), "Bloc": table["bloc"].map(words.name),
                           "Direction": table["direction"].map(WAY), "Feed": table["events"], "Usual": table["usual"], "Ledger": table["ledger"]})
    note = (f"Area: how many times the usual month (median of the {BASE} covered months before), on a logarithmic scale. Filled: the ledger holds an act "
            "of that host, side, direction and month; ring: none.")
    return look.finish(figure, "feed-surges", title, f"Dots by month and host. {title}.", behind, note,
                       [(words.name(bloc), colours[bloc]) for bloc in ledger.parameters["sides"] if bloc in set(table["bloc"])])
