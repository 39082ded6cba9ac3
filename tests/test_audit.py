"""Guards the audit of citations: what is judged, what is only counted, its interval, and that the ledger's own audits stand on its citations."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import audit
from helpers.exhibits import Nothing, Table
from helpers.ledger import Ledger, load
from tests.ledgers import write


def audited(folder: Path, *verdicts: str, **more: str) -> Ledger:
    rows = [{"event_id": f"e{number}", "verdict": verdict, **more} for number, verdict in enumerate(verdicts, 1)]
    events = [{"event_id": f"e{number}"} for number in range(1, max(len(verdicts), 1) + 1)]
    return load(write(folder / "data", events, audits=rows))


@pytest.mark.parametrize(
    ("hits", "drawn", "low", "high"),
    [(64, 65, 0.918, 0.997), (10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (81, 263, 0.255, 0.366), (0, 0, 0.0, 1.0)],  # 81 of 263: Newcombe 1998, table I
)
def test_the_interval_is_wilson_s(hits: int, drawn: int, low: float, high: float) -> None:
    assert audit.interval(hits, drawn) == pytest.approx((low, high), abs=0.0006)


@given(st.integers(1, 500).flatmap(lambda drawn: st.tuples(st.integers(0, drawn), st.just(drawn))))
def test_the_interval_holds_the_share_and_turns_round_with_it(case: tuple[int, int]) -> None:
    hits, drawn = case
    low, high = audit.interval(hits, drawn)
    assert 0 <= low <= hits / drawn + 1e-12 and hits / drawn - 1e-12 <= high <= 1
    assert audit.interval(drawn - hits, drawn) == pytest.approx((1 - high, 1 - low))


def test_a_page_that_did_not_come_back_is_counted_and_not_judged(tmp_path: Path) -> None:
    found = audit.audit(audited(tmp_path, "full", "full", "part", "notfound"))
    assert found.values == {"drawn": 4, "judged": 3, "full": 2, "date": 3, "type": 3, "status": 3} and found.verdict == {"kind": "short"}
    assert "Of 3 pages" in found.text and "2 (67%;" in found.text and "1 more page drawn did not come back and is not judged" in found.hedge


@pytest.mark.parametrize("verdict", ["part", "cut", "contradicts", "no"])
def test_whatever_is_not_full_is_against_it(tmp_path: Path, verdict: str) -> None:
    assert audit.audit(audited(tmp_path, *["full"] * 18, verdict)).verdict == {"kind": "short"}
    assert audit.audit(audited(tmp_path / "more", *["full"] * 19, verdict)).verdict == {"kind": "enough"}


def test_right_wrong_and_silent_are_told_apart(tmp_path: Path) -> None:
    found = audit.audit(audited(tmp_path, "full", "full", date="silent", status="wrong"))
    assert "Date right on 0, type right on 2 and status right on 0." in found.text and "did not come back" not in found.hedge


def test_the_table_shows_every_citation_drawn_with_its_page(tmp_path: Path) -> None:
    table = audit.audit_table(audited(tmp_path, "full", "notfound", "cut", remark="breaks off"))
    assert isinstance(table, Table) and len(table.rows) == 3 and [row[2] for row in table.rows] == [audit.SAID[name] for name in ("full", "notfound", "cut")]
    assert all(row[1][0]["url"].startswith("http") for row in table.rows) and {row[-1] for row in table.rows} == {"breaks off"}


def test_without_an_audit_it_says_so(tmp_path: Path) -> None:
    one = audited(tmp_path)
    assert audit.audit(one).verdict == {"kind": "none"} and audit.audit(one).text == audit.NONE and isinstance(audit.audit_table(one), Nothing)


def test_where_no_page_came_back_there_is_no_share(tmp_path: Path) -> None:
    one = audited(tmp_path, "notfound", "notfound")
    assert audit.audit(one).verdict == {"kind": "none"} and "None of 2 pages" in audit.audit(one).text and isinstance(audit.audit_table(one), Table)


def test_every_citation_of_the_ledger_was_looked_up_and_an_unseen_page_supports_nothing(project: Ledger) -> None:
    """README, codebook and the foot of the pages say so."""
    seen = project["checks"].groupby(["event_id", "source_id"])["seen"].agg(set)
    cited = project["citations"].set_index(["event_id", "source_id"])["stance"]
    assert set(cited.index) <= set(seen.index)
    assert not [pair for pair in cited.index[cited.eq("supports")] if seen[pair] == {"no"}]


def test_every_audited_citation_of_the_ledger_stands_in_it(project: Ledger) -> None:
    cited = set(zip(project["citations"]["event_id"], project["citations"]["source_id"]))
    drawn = list(zip(project["audits"]["event_id"], project["audits"]["source_id"]))
    assert drawn and set(drawn) <= cited
