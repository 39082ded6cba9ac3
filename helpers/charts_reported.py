"""Charts of what has been reported at all: every event, whatever its status, with the status said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from helpers import counts, look
from helpers.exhibits import Nothing
from helpers.findings import Words, counted, joined
from helpers.ledger import Ledger

EVERY = "All events of the ledger, whatever their status, family or host."


def by_status(ledger: Ledger) -> go.Figure | Nothing:
    """Events per year by status: what took place, what was announced, what is alleged."""
    events = ledger["events"].dropna(subset="first")
    if events.empty:
        return Nothing("by-status", "No dated event is in the ledger.")
    done = ledger.parameters["statuses"]
    others = np.where(events["status"].isin(["alleged", "retracted"]), "alleged or retracted", "announced or anticipated")
    group = np.where(events["status"].isin(done), " or ".join(done), others)
    first = int(pd.Timestamp.fromordinal(int(events["first"].min())).year)
    quarters = range(first * 4, int(pd.Timestamp.fromordinal(int(events["last"].max())).year) * 4 + 4)
    table = counts.per_quarter(events.assign(group=group), quarters, ["group"]).T.groupby(lambda quarter: quarter // 4).sum()
    fills = {" or ".join(done): look.INK, "announced or anticipated": look.GREY, "alleged or retracted": look.GRID}
    names = [name for name in fills if name in table]
    figure = look.canvas(340, "events per year")
    for name in names:
        figure.add_bar(x=table.index + 0.5, y=table[name].round(3), width=0.8, marker=dict(color=fills[name], line=dict(width=0)),
                       customdata=[f"{year}: {value:.1f} {name}" for year, value in table[name].items()], hovertemplate="%{customdata}<extra></extra>")
    look.years(figure, quarters)
    total, peak = table.sum().sum(), table.sum(axis=1)
    undated = len(ledger["events"]) - len(events)
    shown = table[names].rename_axis("Year").reset_index()
    title = f"{table[names[0]].sum() / total:.0%} of the dated events are reported as {names[0]}; {peak.idxmax()} has the most"
    note = f"{EVERY} Density of reporting and of collecting, not only history."
    note += f" {counted(undated, 'event')} without a first possible day stand in no year." if undated else ""
    return look.finish(figure, "by-status", title, f"Stacked bars per year by status; {title}.", shown, note, [(name, fills[name]) for name in names])


def _stacked(ledger: Ledger, table: pd.DataFrame, labels: list[str], unit: str) -> go.Figure:
    """Horizontal bars, one per row of the table (events × bloc), in the blocs' colours."""
    colours, words = look.palette(ledger), Words(ledger)
    figure = look.canvas(80 + 27 * len(table))
    for bloc in table.columns:
        figure.add_bar(y=labels, x=table[bloc], orientation="h", marker=dict(color=colours[bloc], line=dict(width=0)), hovertemplate=look.HOVER,
                       customdata=[f"{label}: {value:,} {words.name(bloc)}" for label, value in zip(labels, table[bloc])])
    for text, total in zip(labels, table.sum(axis=1)):
        look.note_at(figure, f"{total:,}", total, text, look.SOFT, 12, xanchor="left", xshift=4)
    figure.update_xaxes(title=dict(text=unit, font=dict(size=12, color=look.SOFT)), showgrid=True, gridcolor=look.GRID, rangemode="tozero")
    figure.update_yaxes(showgrid=False)
    return figure


def _events_by_bloc(ledger: Ledger) -> pd.DataFrame:
    """Each event × bloc of its partners once: event_id, hosts, type, bloc."""
    each = ledger["events"].assign(actor=ledger["events"]["partners"].str.split(";")).explode("actor")
    each["bloc"] = each["actor"].map(ledger["actors"].set_index("actor")["bloc"])
    return each.dropna(subset="bloc").drop_duplicates(["event_id", "bloc"])


def _crossed(ledger: Ledger, rows: pd.DataFrame, by: str) -> pd.DataFrame:
    blocs = [bloc["code"] for bloc in ledger.parameters["blocs"]]
    return pd.crosstab(rows[by], rows["bloc"]).reindex(columns=[bloc for bloc in blocs if bloc in set(rows["bloc"])], fill_value=0)


def _key(ledger: Ledger, table: pd.DataFrame) -> list[tuple[str, str]]:
    words, colours = Words(ledger), look.palette(ledger)
    return [(words.name(bloc), colours[bloc]) for bloc in table]


def by_host(ledger: Ledger) -> go.Figure | Nothing:
    """Events × bloc for every host of the ledger, hosts without any included."""
    words, rows = Words(ledger), _events_by_bloc(ledger)
    rows = rows.assign(host=rows["hosts"].str.split(";")).explode("host")
    if rows.empty:
        return Nothing("reported-by-host", "No event with a partner is in the ledger.")
    hosts = [host for host in ledger["hosts"].sort_values("order", ascending=False)["host"] if host != ledger.parameters["stock"]["region"]]
    table = _crossed(ledger, rows, "host").reindex(hosts, fill_value=0)
    figure = _stacked(ledger, table, [look.label(words.hosts[host]) for host in hosts], "events × bloc")
    totals = table.sum(axis=1).sort_values(ascending=False, kind="stable")
    empty = [words.hosts[host] for host in hosts if totals[host] == 0]
    title = f"{words.hosts[totals.index[0]]} is host in {totals.iloc[0] / totals.sum():.0%} of the reported events"
    note = f"{EVERY} An event in several hosts, or by partners of several blocs, counts in each."
    note += f" No event is in the ledger for {joined(empty)}." if empty else ""
    shown = table.rename(index=words.hosts, columns=words.name).rename_axis("Host").reset_index()[::-1]
    return look.finish(figure, "reported-by-host", title, f"Bars of events by host and bloc; {title}.", shown, note, _key(ledger, table))


def by_type(ledger: Ledger) -> go.Figure | Nothing:
    """Events × bloc for each type of act, the most frequent first."""
    words, rows = Words(ledger), _events_by_bloc(ledger)
    if rows.empty:
        return Nothing("by-type", "No event with a partner is in the ledger.")
    table = _crossed(ledger, rows, "type")
    table = table.loc[table.sum(axis=1).sort_values(kind="stable").index]
    figure = _stacked(ledger, table, [look.label(name.replace("_", " ")) for name in table.index], "events × bloc")
    material = set(ledger["events"].loc[ledger["events"]["material"], "event_id"])
    share = rows["event_id"].isin(material).mean()
    title = f"{share:.0%} of the reported events move people, arms, money or bases; the rest are words"
    shown = table.rename(index=lambda name: name.replace("_", " "), columns=words.name).rename_axis("Type").reset_index()[::-1]
    return look.finish(figure, "by-type", title, f"Bars of events by type and bloc; {title}.", shown,
                       f"{EVERY} The codebook defines each type.", _key(ledger, table))
