"""What officials say of a force's size beside what others say of it in the same quarter."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers.dates import quarter_name
from helpers.exhibits import Column, Nothing, Table
from helpers.findings import Words, counted, people
from helpers.ledger import Ledger
from helpers.standings import figures, page_link
from helpers.strengths import Stock

OFFICIAL = "official"
SAID = {"same": "same figures", "touch": "ranges touch", "higher": "officials higher", "lower": "officials lower"}


def compared(ledger: Ledger, stock: Stock) -> pd.DataFrame:
    """Per series and quarter with figures of both kinds above zero: low and high of officials and of others, verdict
    (a key of SAID), their rows; figures of unknown basis are on neither side."""
    rows = figures(ledger, stock)
    rows = rows[rows["why"].eq("") & rows["personnel"].gt(0) & rows["basis"].ne("")]
    found = []
    for (series, quarter), group in rows.groupby(["series_id", "quarter"], sort=True):
        theirs, others = group[group["basis"].eq(OFFICIAL)], group[group["basis"].ne(OFFICIAL)]
        if not theirs.empty and not others.empty:
            found.append((series, int(quarter), *_bounds(theirs), *_bounds(others), _verdict(_bounds(theirs), _bounds(others)), group))
    return pd.DataFrame(found, columns=["series_id", "quarter", "official_low", "official_high", "other_low", "other_high", "verdict", "rows"])


def _bounds(rows: pd.DataFrame) -> tuple[float, float]:
    return float(rows["low"].min()), float(rows["high"].max())


def _verdict(official: tuple[float, float], others: tuple[float, float]) -> str:
    if official == others:
        return "same"
    if official[0] > others[1]:
        return "higher"
    return "lower" if official[1] < others[0] else "touch"


def official_table(ledger: Ledger, stock: Stock) -> Table | Nothing:
    """The comparison as a table, newest quarter first; says so where no quarter has figures of both kinds."""
    found, words = compared(ledger, stock), Words(ledger)
    if found.empty:
        return Nothing("official-figures", "No force has a figure of officials and one of somebody else in the same quarter.")
    found = found.sort_values(["quarter", "series_id"], ascending=[False, True], kind="stable")
    agree = int(found["verdict"].isin(["same", "touch"]).sum())
    columns = [Column("Host", choose=True), Column("Force", choose=True), Column("Quarter", "short"), Column("Officials", "short"), Column("Others", "short"),
               Column("Together", "short", choose=True), Column("Sources", "links")]
    note = ("Figures that count as stock, in the quarter they were reported for. A force that grows or shrinks within a quarter has a range without any error. "
            "Officials are governments, armies and missions on themselves or on others; a figure of unknown basis is on neither side.")
    title = f"Ranges of officials and of others meet in {agree:,} of {counted(len(found), 'quarter')} with both"
    return Table("official-figures", title, columns, [_row(row, words) for row in found.itertuples()], [], note, len(found))


def _row(row: Any, words: Words) -> list[Any]:
    first = row.rows.iloc[0]
    pages = [page_link(page, f"{page.basis}: {people(page.personnel)}, {page.date}") for page in row.rows.itertuples()]
    return [words.hosts.get(first["host"], first["host"]), first["force"], quarter_name(row.quarter), _span(row.official_low, row.official_high),
            _span(row.other_low, row.other_high), SAID[row.verdict], pages]


def _span(low: float, high: float) -> str:
    return people(low) if low == high else f"{people(low)} to {people(high)}"
