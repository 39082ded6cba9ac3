"""Whether a page says what the row says: citations with the stance `supports`, drawn at random and read again by somebody who did not code them.

Table `audits`: one row per citation drawn. `verdict` is full, part (a fact lacks), cut (the text breaks off before a fact), contradicts,
no (not the act) or notfound (the page did not come back; it is counted and not judged).
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import pandas as pd

from helpers.exhibits import Column, Nothing, Table
from helpers.findings import Finding, counted, joined
from helpers.ledger import Ledger
from helpers.standings import page_link

FIELDS = ("date", "type", "status")
ENOUGH = 0.95  # of the pages judged, those that carry the whole row
NORMAL = 1.959964  # two-sided 95 %
SAID = {"full": "all of the row", "part": "a fact lacks", "cut": "breaks off before a fact", "contradicts": "another value", "no": "not the act",
        "notfound": "page not found, not judged"}
NONE = "No audit of this ledger's citations is in it."


def interval(hits: int, drawn: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson score: Wilson, Journal of the American Statistical Association 22, 1927); (0, 1) of nothing."""
    if not drawn:
        return 0.0, 1.0
    share, spread = hits / drawn, NORMAL ** 2 / drawn
    middle, half = share + spread / 2, NORMAL * sqrt(share * (1 - share) / drawn + spread / (4 * drawn))
    return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))


def judged(ledger: Ledger) -> pd.DataFrame:
    """The rows of `audits` whose page came back."""
    return ledger["audits"][ledger["audits"]["verdict"].ne("notfound")]


def audit(ledger: Ledger) -> Finding:
    """How many of the pages drawn carry the whole row, and on how many date, type and status are right."""
    rows, found = ledger["audits"], judged(ledger)
    if found.empty:
        why = f"None of {counted(len(rows), 'page')} drawn at random came back to be read again." if len(rows) else NONE
        return Finding("audit", {"kind": "none"}, why, {"drawn": len(rows), "judged": 0})
    full = int(found["verdict"].eq("full").sum())
    low, high = interval(full, len(found))
    right = {field: int(found[field].eq("right").sum()) for field in FIELDS}
    text = (f"Of {counted(len(found), 'page')} drawn at random and read again, {full:,} ({full / len(found):.0%}; {low:.0%} to {high:.0%}) "
            f"carry all that their row says. " + joined([f"{field} right on {number:,}" for field, number in right.items()]).capitalize() + ".")
    lost = len(rows) - len(found)
    hedge = f"Audited by {joined(sorted(set(rows['by'])))}." + (
        f" {counted(lost, 'more page')} drawn did not come back and {'is' if lost == 1 else 'are'} not judged." if lost else "")
    return Finding("audit", {"kind": "enough" if full / len(found) >= ENOUGH else "short"}, text, {"drawn": len(rows), "judged": len(found), "full": full} | right, hedge)


def audit_table(ledger: Ledger) -> Table | Nothing:
    """Every citation drawn: the event, its page, what the auditor found."""
    rows = ledger["audits"]
    if rows.empty:
        return Nothing("audit-table", NONE)
    events, pages = ledger["events"].set_index("event_id"), ledger["sources"].set_index("source_id", drop=False)
    columns = [Column("What the row says", "long"), Column("Page", "links"), Column("The page carries", choose=True), *(Column(field.capitalize()) for field in FIELDS),
               Column("Remark", "long")]
    cells: list[list[Any]] = [[events.at[row.event_id, "summary"], [page_link(pages.loc[row.source_id], row.seed)], SAID[row.verdict],
                               *(getattr(row, field) for field in FIELDS), row.remark] for row in rows.itertuples()]
    return Table("audit-table", f"{counted(len(cells), 'citation')} drawn and read again", columns, cells, [],
                 "Silent: the text seen says nothing of it. Under Page stands the seed with which the citation was drawn. A row that was mended afterwards shows its present words.", len(cells))
