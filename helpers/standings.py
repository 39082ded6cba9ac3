"""Where each force stands at the cutoff, and what says so: figures with their pages, reported ends, acts that name a force.

A figure that is too old, or missing, is no departure; a part of a larger force is said to be one; what is only alleged
or planned is of a kind of its own and never counts as there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers.dates import parse, quarter_of
from helpers.findings import Words, joined, people
from helpers.ledger import Ledger
from helpers.series import Observation, Series, State, as_figures, in_stock
from helpers.strengths import Stock

NO_QUARTER = "in no quarter"
COLUMNS = ["host", "bloc", "force", "kind", "people", "low", "high", "date", "day", "until", "whole", "inside", "pages"]


def figures(ledger: Ledger, stock: Stock) -> pd.DataFrame:
    """Every reported figure: the columns of `strengths`, and force, host, bloc, quarter (NaN: in none), first and last (ordinals
    of its date as written), publisher, title, url, gone, why ("" where it counts, else why it never does)."""
    rows, read = ledger["strengths"], as_figures(ledger["strengths"])
    quarters = pd.array([figure["quarter"] for figure in read], dtype="Int64")
    for name in ("low", "high", "first", "last"):
        rows = rows.assign(**{name: [figure[name] for figure in read]})
    rows = rows.assign(quarter=quarters, counts=in_stock(ledger))
    series = ledger["series"].set_index("series_id")
    rows = rows.assign(force=rows["series_id"].map(series["force"]), host=rows["series_id"].map(series["host"]))
    rows = rows.assign(bloc=rows["force"].map(stock.blocs), why=[_why(row, stock, ledger) for row in rows.itertuples()])
    pages = ledger["sources"].set_index("source_id")[["publisher", "title", "title_from_url", "url", "gone"]]
    return rows.join(pages, on="source_id").sort_values(["last", "series_id", "source_id", "personnel"], kind="stable").reset_index(drop=True)


def _why(row: Any, stock: Stock, ledger: Ledger) -> str:
    series = stock.series[row.series_id]
    if row.basis in ledger.parameters["stock"]["basis_not_counted"]:
        return row.basis
    if not row.counts or row.kind == "transfer":
        return "change of name" if row.kind == "transfer" else row.kind
    if pd.isna(row.quarter):
        return NO_QUARTER
    return "after the reported end" if series.transfer is None and series.ended is not None and row.first > series.ended else ""


def page_link(row: Any, note: str) -> dict[str, str]:
    """A page of `sources` (attributes publisher, title, title_from_url, url, gone) as a link of a table."""
    title = row.title if row.title and row.title_from_url != "yes" else "title not seen"
    return {"url": row.url, "text": f"{row.publisher}: {title}", "gone": row.gone, "note": note}


class Evidence:
    """Looks up what stands behind a state: figures of a quarter, reported ends, acts that name a force."""

    def __init__(self, ledger: Ledger, stock: Stock):
        self.ledger, self.stock = ledger, stock
        self.figures: dict[str, list[Any]] = {name: [] for name in stock.series}
        for row in figures(ledger, stock).itertuples():
            self.figures[row.series_id].append(row)
        self.sources = {row.source_id: row for row in ledger["sources"].itertuples()}
        self.series = {row.series_id: row for row in ledger["series"].itertuples()}
        self.blocs = dict(zip(ledger["actors"]["actor"], ledger["actors"]["bloc"]))
        events = ledger["events"]
        done = events[events["status"].isin(ledger.parameters["statuses"]) & events["first"].notna()]
        self.acts = list(done.sort_values(["last", "event_id"], ascending=[False, True]).itertuples())
        self.cited = ledger["citations"][ledger["citations"]["stance"].isin(ledger.parameters["carrying_stances"])]

    def counted(self, series: Series) -> list[Any]:
        """The figures of a series that count, oldest first."""
        return [row for row in self.figures[series.id] if not row.why]

    def of(self, series: Series, observation: Observation) -> dict[str, Any]:
        """date (as written), day and pages of an observation, the newest figure first; of a reported end, the page that carries it."""
        rows = [row for row in self.counted(series)[::-1] if row.quarter == observation.quarter and (row.personnel == 0 or not observation.is_zero)]
        row = self.series[series.id]
        if observation.is_zero and row.ended:
            return {"date": row.ended, "day": series.ended, "pages": self.page(row.source_id, f"end: {row.ended}")}
        if not rows:  # the parent's zero
            return self.of(self.stock.series[series.part_of], observation) if series.part_of else {"date": "", "day": observation.day, "pages": []}
        pages = [page_link(row, f"{row.date}: {people(row.personnel)}, {(row.basis or 'basis unknown').replace('_', ' ')}") for row in rows]
        return {"date": rows[0].date, "day": observation.day, "pages": pages}

    def page(self, source_id: str, note: str) -> list[dict[str, str]]:
        """A page as a list of one link, none where the ledger has no such page."""
        return [page_link(self.sources[source_id], note)] if source_id in self.sources else []

    def act(self, act: Any) -> dict[str, Any]:
        """date, day and pages of an event."""
        cited = sorted(self.cited.loc[self.cited["event_id"].eq(act.event_id), "source_id"].unique())
        return {"date": act.date, "day": act.last, "pages": [link for name in cited for link in self.page(name, f"{act.type.replace('_', ' ')}, {act.status}")]}

    def acts_of(self, host: str, force: str) -> list[Any]:
        """Military acts that took place in a host and name a force, newest first; agreements and visits are none (they bring nobody)."""
        return [act for act in self.acts if force in act.forces.split(";") and host in act.hosts.split(";")
                and act.family == self.ledger.parameters["family"] and (act.material or act.direction == 0)]

    def newest_act(self, host: str, bloc: str) -> Any | None:
        """The newest act that took place in a host, stations or trains people of a bloc (types: parameter `presence_types`) and has
        no end before the cutoff: an exercise that is over shows nobody there."""
        types = self.ledger.parameters["presence_types"]
        here = (act for act in self.acts if act.type in types and host in act.hosts.split(";") and self.partners(act, bloc))
        return next((act for act in here if (parse(act.date).until or self.ledger.cutoff_day) >= self.ledger.cutoff_day), None)

    def partners(self, act: Any, bloc: str) -> list[str]:
        """The partners of an act that belong to a bloc."""
        return [code for code in act.partners.split(";") if self.blocs.get(code) == bloc]

    def newest_sign(self, series: Series) -> Any | None:
        """The newest act that shows a series' force in its host: it came, stayed or took part; None without one."""
        return next((act for act in self.acts_of(series.host, series.force) if act.direction >= 0), None)


def _kind(ledger: Ledger, stock: Stock, series: Series, evidence: Evidence, members: dict[str, State], quarter: int) -> tuple[str, State]:
    """What a host's series is at the quarter's end; alleged, planned and followed ones are in no table but are counted in its note."""
    state, row = members.get(series.id) or stock.state(series, quarter), evidence.series[series.id]
    if series.id in members and state.kind in ("current", "unknown"):
        return state.kind, state
    own = evidence.counted(series)
    arrived = series.started is not None and series.started <= ledger.cutoff_day or any(row.personnel > 0 for row in own)
    if state.kind == "zero" and (row.ended or any(figure.kind != "start" for figure in own) or not own):
        return "left" if row.ended or arrived or evidence.newest_sign(series) else "planned", state
    if state.kind in ("current", "unknown"):
        return "part" if _whole(stock, series, quarter) else "followed", state
    if series.transfer is not None and quarter_of(series.transfer) <= quarter:
        return "followed", state
    alleged = {figure.basis in ledger.parameters["stock"]["basis_not_counted"] for figure in evidence.figures[series.id]}
    if alleged == {True}:
        return "alleged", state
    return "no figure" if arrived or evidence.newest_sign(series) else "planned", state


def _whole(stock: Stock, series: Series, quarter: int) -> str:
    """The force that a series is part of and that is there at the quarter's end; "" for none."""
    parent = stock.series.get(series.part_of)
    if parent is None:
        return ""
    if stock.state(parent, quarter).kind in ("current", "unknown"):
        return parent.force if parent.host == series.host else f"{parent.force} in the whole region"
    return _whole(stock, parent, quarter)


def standings(ledger: Ledger, stock: Stock) -> pd.DataFrame:
    """Host by host each force at the cutoff, one row per force and host (COLUMNS).

    kind: current, part (of `whole`), act (the bloc's newest act of presence; its strength is not reported), unknown (its figure counted
    until the quarter `until`), no figure, left, followed (by another force), alleged, planned. people, low, high: the last figure;
    inside: it is part of a larger force.
    """
    found: list[dict[str, Any]] = []
    evidence = Evidence(ledger, stock)
    hosts = stock.hosts if ledger.cutoff else ()  # without a cutoff there is no now
    for host in hosts:
        quarter = quarter_of(ledger.cutoff_day)
        members, whole = stock.members(host, quarter), stock.region_only(host, quarter)
        for series in stock.series.values():
            parent = stock.series.get(series.part_of)
            if series.host == host and not (parent is not None and parent.force == series.force and parent.host == host):
                found.append(_force_row(ledger, stock, series, evidence, members, quarter, series.force in whole))
    for host in hosts:
        for bloc in [bloc["code"] for bloc in ledger.parameters["blocs"]]:
            rows = [row for row in found if (row["host"], row["bloc"]) == (host, bloc)]
            found += _act_row(ledger, evidence, host, bloc, rows)
    return pd.DataFrame(found, columns=COLUMNS)


def _force_row(ledger: Ledger, stock: Stock, series: Series, evidence: Evidence, members: dict[str, State], quarter: int,
               regional: bool) -> dict[str, Any]:
    row = {"host": series.host, "bloc": stock.blocs[series.force], "force": series.force, "people": np.nan, "low": np.nan, "high": np.nan,
           "date": "", "day": np.nan, "until": np.nan, "whole": "", "inside": bool(series.part_of), "pages": []}
    if regional:
        region = next(other for other in stock.series.values() if other.force == series.force and other.host == stock.region)
        seen = stock.state(region, quarter).observation
        return row | evidence.of(region, seen) | {"kind": "part", "whole": f"its figure for the whole region ({people(seen.median)})"}
    kind, state = _kind(ledger, stock, series, evidence, members, quarter)
    if kind in ("alleged", "planned", "followed"):
        return row | {"kind": kind}
    if kind == "no figure":
        act = evidence.newest_sign(series)
        start = evidence.series[series.id]
        begun = {"date": start.started, "day": series.started, "pages": evidence.page(start.source_id, f"start: {start.started}")}
        return row | (evidence.act(act) if act else begun) | {"kind": kind}
    seen = state.observation
    level = {"people": 0.0, "low": 0.0, "high": 0.0} if kind == "left" else {"people": seen.median, "low": seen.low, "high": seen.high}
    whole = _whole(stock, series, quarter) if kind == "part" else ""
    return row | evidence.of(series, seen) | level | {"kind": kind, "until": seen.quarter + series.expiry, "whole": whole}


def _act_row(ledger: Ledger, evidence: Evidence, host: str, bloc: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The bloc's newest act of presence in a host, where no figure of it counts and the act came after all that is known of its forces."""
    act = evidence.newest_act(host, bloc)
    known = [row["day"] for row in rows if row["kind"] in ("left", "unknown", "no figure") and not pd.isna(row["day"])]
    if act is None or any(row["kind"] in ("current", "part") for row in rows) or known and act.first <= max(known):
        return []
    names = Words(ledger).actors
    who = act.forces.replace(";", ", ") or joined([names.get(code, code) for code in evidence.partners(act, bloc)])
    until = quarter_of(act.last) + ledger.parameters["stock"]["expiry_quarters"]
    kind = "act" if parse(act.date).open or quarter_of(ledger.cutoff_day) <= until else "unknown"
    unknown = {"people": np.nan, "low": np.nan, "high": np.nan, "until": until, "whole": "", "inside": False}
    return [{"host": host, "bloc": bloc, "force": who, "kind": kind, **unknown, **evidence.act(act)}]
