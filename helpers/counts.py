"""Units of engagement and disengagement: what is counted, in which quarter, for which bloc, and who leads.

A unit is an act × bloc of its partners; the acts of one process are one unit per bloc of the process's
partners. Counts are reported steps, not a level: the level is read from the stock (`strengths`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers.dates import aoristic, quarter_bounds, quarter_name, quarter_of
from helpers.ledger import Ledger


@dataclass(frozen=True)
class Selection:
    """Which acts count and how: the default choices of the measures, each a switch of the sensitivity page."""

    statuses: tuple[str, ...]
    families: tuple[str, ...]
    hosts: tuple[str, ...]
    material: bool = True
    verbal: bool = False
    once: bool = True


def host_set(ledger: Ledger, groups: Sequence[str] | None = None) -> list[str]:
    """Hosts of the groups (default: those of the measures), in their order."""
    hosts = ledger["hosts"].sort_values(["order", "host"])
    return hosts.loc[hosts["group"].isin(groups or ledger.parameters["host_groups"]), "host"].tolist()


def default_selection(ledger: Ledger) -> Selection:
    """Military, material, occurred or ongoing, core and wider hosts, processes once."""
    return Selection(tuple(ledger.parameters["statuses"]), (ledger.parameters["family"],), tuple(host_set(ledger)))


def talk_selection(ledger: Ledger) -> Selection:
    """Agreements, visits and their end: verbal acts only, each act for itself."""
    return replace(default_selection(ledger), material=False, verbal=True, once=False)


def selected_acts(ledger: Ledger, selection: Selection) -> pd.DataFrame:
    """Events of the selection that engage or disengage, dated or not, with `hosts` cut to the selection's."""
    events = ledger["events"]
    keep = (events["status"].isin(selection.statuses) & events["family"].isin(selection.families) & events["direction"].ne(0)
            & ((events["material"] & selection.material) | (~events["material"] & selection.verbal)))
    acts = events[keep].copy()
    acts["hosts"] = [_within(hosts, selection.hosts) for hosts in acts["hosts"]]
    return acts[acts["hosts"].map(len).astype(int) > 0]


def _within(hosts: str, allowed: Sequence[str]) -> tuple[str, ...]:
    return tuple(host for host in hosts.split(";") if host in allowed)


def _counting_acts(acts: pd.DataFrame, processes: pd.DataFrame) -> pd.DataFrame:
    """One act for each process: that named by `counts_at` if selected, else the first material one, else the first."""
    table = processes.set_index("process")
    direction = acts["process"].map(table["direction"])
    folded = acts[direction.eq(acts["direction"])]
    named = folded["event_id"].eq(folded["process"].map(table["counts_at"]))
    ranked = folded.assign(rank=np.where(named, 0, np.where(folded["material"], 1, 2)))
    ranked = ranked.sort_values(["process", "rank", "first", "event_id"], na_position="last")
    return ranked.drop_duplicates("process").drop(columns="rank")


def units(ledger: Ledger, selection: Selection | None = None) -> pd.DataFrame:
    """The units of a selection, one row per unit.

    Columns: event_id (the act that counts), process ("" for an act by itself), bloc, direction (+1, -1), initiator, type,
    hosts (tuple within the selection), partners, first, last (ordinals; NaN where undated).
    """
    selection = selection or default_selection(ledger)
    acts, processes = selected_acts(ledger, selection), ledger["processes"]
    if selection.once and len(processes):
        counting = _counting_acts(acts, processes)
        table = processes.set_index("process")
        folded = acts["process"].map(table["direction"]).eq(acts["direction"])
        whole = counting.assign(partners=counting["process"].map(table["partners"]),
                                hosts=[_within(hosts, selection.hosts) or own for hosts, own in
                                       zip(counting["process"].map(table["hosts"]), counting["hosts"])])
        acts = pd.concat([acts[~folded].assign(process=""), whole])
    columns = ["event_id", "process", "bloc", "direction", "initiator", "type", "hosts", "partners", "first", "last"]
    blocs = ledger["actors"].set_index("actor")["bloc"]
    each = acts.assign(actor=acts["partners"].str.split(";")).explode("actor")
    each["bloc"] = each["actor"].map(blocs)
    each = each.dropna(subset="bloc").drop_duplicates(["event_id", "bloc"])
    return each[columns].sort_values(["first", "event_id", "bloc"], na_position="last").reset_index(drop=True)


def mixed_bloc_acts(unit_rows: pd.DataFrame) -> list[str]:
    """Acts that count in more than one bloc (so that sums over blocs exceed the number of acts)."""
    counted = unit_rows["event_id"].value_counts()
    return sorted(counted[counted > 1].index)


def span(ledger: Ledger) -> range:
    """Quarters from the first dated act of the default and verbal selections to the one of the cutoff."""
    acts = selected_acts(ledger, replace(default_selection(ledger), verbal=True)).dropna(subset="first")
    if acts.empty or ledger.cutoff_day is None:
        return range(0)
    return range(quarter_of(acts["first"].min()), quarter_of(ledger.cutoff_day) + 1)


def per_quarter(unit_rows: pd.DataFrame, quarters: range, by: Sequence[str] = ("bloc", "direction")) -> pd.DataFrame:
    """Aoristic counts: a row per combination of `by`, a column per quarter. Undated units are in no quarter."""
    dated = unit_rows.dropna(subset="first")
    weights = pd.DataFrame(aoristic(dated["first"].to_numpy(), dated["last"].to_numpy(), quarters),
                           index=pd.MultiIndex.from_frame(dated[list(by)]), columns=list(quarters))
    return weights.groupby(level=list(range(len(by))), sort=True).sum()


def by_host(unit_rows: pd.DataFrame) -> pd.DataFrame:
    """Units once for each of their hosts, with a column `host`."""
    return unit_rows.explode("hosts").rename(columns={"hosts": "host"})


def engagement_share(ledger: Ledger, unit_rows: pd.DataFrame, quarters: range) -> pd.DataFrame:
    """The second side's share of both sides' engagement units in the trailing four quarters.

    One row per quarter: quarter, label, one column per side (units in the window), share (NaN where the window holds
    fewer than the least number of units, and in the first quarters), complete (False for a quarter cut by the cutoff).
    """
    rules, sides = ledger.parameters["share"], ledger.parameters["sides"]
    counted = per_quarter(unit_rows[unit_rows["direction"] > 0], quarters, ["bloc"]).reindex(sides, fill_value=0.0)
    window = counted.T.rolling(rules["quarters"], min_periods=1).sum().clip(lower=0)
    total = window.sum(axis=1)
    blank = (total < rules["minimum_units"] - rules["tie"]).to_numpy() | (np.arange(len(total)) < rules["blank_first"])
    share = (window[sides[1]] / total.where(total > 0)).mask(blank)
    complete = [quarter_bounds(quarter)[1] <= (ledger.cutoff_day or 0) for quarter in quarters]
    return pd.DataFrame({"quarter": list(quarters), "label": [quarter_name(quarter) for quarter in quarters],
                         **{side: window[side].to_numpy() for side in sides}, "share": share.to_numpy(), "complete": np.array(complete, bool)})


def leaders(first: Sequence[float], second: Sequence[float], sides: Sequence[str], tie: float) -> list[str]:
    """Per period the side with more, "tie" within the tolerance, "" where a value is blank."""
    named = []
    for a, b in zip(first, second):
        named.append("" if np.isnan(a) or np.isnan(b) else "tie" if abs(a - b) <= tie else sides[0] if a > b else sides[1])
    return named


def last_change(labels: Sequence[str], leading: Sequence[str]) -> dict[str, Any]:
    """When the present leader took the lead for good: ties and blanks are skipped.

    Returns kind (change, same, too few) with leader, from, since, until (the last period with a leader). Symmetric:
    swapping the sides swaps leader and from and nothing else.
    """
    run = [(label, leader) for label, leader in zip(labels, leading) if leader not in ("", "tie")]
    if not run:
        return {"kind": "too few"}
    present, until = run[-1][1], run[-1][0]
    others = [place for place, (_, leader) in enumerate(run) if leader != present]
    if not others:
        return {"kind": "same", "leader": present, "since": run[0][0], "until": until}
    since, before = run[others[-1] + 1][0], run[others[-1]][1]
    return {"kind": "change", "leader": present, "from": before, "since": since, "until": until}


def share_lead(ledger: Ledger, share: pd.DataFrame) -> dict[str, Any]:
    """The last lead change of the engagement share, over complete quarters."""
    sides, whole = ledger.parameters["sides"], share[share["complete"]]
    second = whole["share"].to_numpy(float)
    return last_change(whole["label"].tolist(), leaders(1 - second, second, sides, ledger.parameters["share"]["tie"]))


def disengagement_by_initiator(ledger: Ledger, unit_rows: pd.DataFrame) -> pd.DataFrame:
    """Disengagement units per bloc (rows) and initiator (columns, all of the vocabulary), undated ones included."""
    initiators = next(field.enum for field in ledger.package.tables["events"].fields if field.name == "initiator")
    blocs = [bloc["code"] for bloc in ledger.parameters["blocs"]]
    gone = unit_rows[unit_rows["direction"] < 0]
    return pd.crosstab(gone["bloc"], gone["initiator"]).reindex(index=blocs, columns=list(initiators), fill_value=0)


def partner_years(ledger: Ledger, selection: Selection) -> pd.DataFrame:
    """Acts × partner by year: actor, bloc, year, direction, acts (aoristic). Every act counts, not processes once."""
    acts = selected_acts(ledger, replace(selection, once=False)).dropna(subset="first")
    each = acts.assign(actor=acts["partners"].str.split(";")).explode("actor")
    each["bloc"] = each["actor"].map(ledger["actors"].set_index("actor")["bloc"])
    quarters = span(ledger)
    if each.empty or not len(quarters):
        return pd.DataFrame(columns=["actor", "bloc", "direction", "year", "acts"])
    counted = per_quarter(each, quarters, ["actor", "bloc", "direction"])
    years = counted.T.groupby(lambda quarter: quarter // 4).sum().T
    tall = years.stack().rename_axis([*years.index.names, "year"]).rename("acts").reset_index()
    return tall[tall["acts"] > 0].reset_index(drop=True)
