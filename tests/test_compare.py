"""Guards the comparison: every change is named, what is lost stands first, findings are compared by verdict, nothing hostile gets out."""

from __future__ import annotations

import html
import json
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import compare_page
from helpers.__main__ import main
from helpers.build import COMPARED, build
from helpers.compare import compare, results
from helpers.exchange import convert
from helpers.ledger import LedgerError, load
from helpers.schema import PROJECT_DATA
from tests import hostile, ledgers
from tests.pages_fixtures import taken

EVENTS = [{"event_id": "e1", "date": "2020-01-15", "personnel": 200}, {"event_id": "e2", "date": "2021-06", "partners": "FRA"}, {"event_id": "e3", "date": "2022"}]


def pair(tmp_path: Path, new: list[dict[str, Any]], **tables: Any) -> tuple[Path, Path]:
    """The three events before, other events and tables after."""
    return ledgers.write(tmp_path / "old", EVENTS), ledgers.write(tmp_path / "new", new, **tables)


def run(capsys: pytest.CaptureFixture[str], old: Path, new: Path, out: Path) -> tuple[int, str, str]:
    """Exit status, stdout, stderr of the command."""
    capsys.readouterr()
    status = main(["compare", "--old", str(old), "--data", str(new), "--out", str(out)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    return status, said.out, said.err


def sides(folder: Path, *partners: str) -> Path:
    """A ledger in which each of the partners has engaged eight times a year, one after the other."""
    acts = [act for place, partner in enumerate(partners) for year in range(2012 + 3 * place, 2015 + 3 * place) for month in range(1, 9)
            for act in ledgers.many(1, event_id=f"{partner}-{year}-{month}", partners=partner, date=f"{year}-{month:02d}-10")]
    return ledgers.write(folder, acts)


def test_a_ledger_and_itself_do_not_differ(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    comparison = compare(PROJECT_DATA, PROJECT_DATA)
    assert comparison.same and not comparison.changes and not comparison.new_here and not comparison.unread
    assert all(turn.before == turn.after and not turn.changed for turn in comparison.turns)
    old, _ = pair(tmp_path, EVENTS)
    convert(old, tmp_path / "same.xlsx")
    for one, other in ((old, tmp_path / "same.xlsx"), (tmp_path / "same.xlsx", old)):
        status, said, _ = run(capsys, one, other, tmp_path / "out")
        assert status == 0 and "Nothing changed." in said and "LOST" not in said


def test_events_added_and_changed_are_named_field_by_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    new = [{**EVENTS[0], "date": "2020-01", "personnel": ""}, *EVENTS[1:], {"event_id": "e4"}]
    comparison = compare(*pair(tmp_path, new))
    assert [change.key for change in comparison.of("events", "added")] == [("e4",)]
    changed, = comparison.of("events", "changed")
    assert changed.key == ("e1",) and changed.fields == {"date": ("2020-01-15", "2020-01"), "personnel": ("200", "")}
    _, said, _ = run(capsys, tmp_path / "old", tmp_path / "new", tmp_path / "out")
    assert "1 added, 1 changed, 0 withdrawn, 0 merged, 0 lost" in said and "date: 2020-01-15 → 2020-01" in said and "personnel: 200 → (empty)" in said
    page = html.unescape((tmp_path / "out" / COMPARED).read_text(encoding="utf-8"))
    assert "<td>e1<td>personnel<td>" in page and 'class="lost"' not in page


def test_an_event_lost_without_a_word_stands_first_and_in_red(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    withdrawn = [{"event_id": "e2", "reason": "never happened"}]
    old, new = pair(tmp_path, EVENTS[:1], withdrawn=withdrawn)
    status, said, _ = run(capsys, old, new, tmp_path / "out")
    assert status == 0 and said.startswith("LOST: 1 event gone without a row in withdrawn: e3.")
    assert "withdrawn  e2: never happened" in said and "1 withdrawn, 0 merged, 1 lost" in said
    page = (tmp_path / "out" / COMPARED).read_text(encoding="utf-8")
    alarm = re.search(r'<section class="lost">.*?</section>', page, re.S)[0]
    assert "e3" in alarm and "e2" not in alarm and page.index('class="lost" role="alert"') < page.index("<h2")
    assert re.search(r"\.lost[^}]*color: #b3261e", page)


def test_merged_events_say_into_which_and_restored_ones_why_they_had_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, EVENTS[:2], withdrawn=[{"event_id": "e3", "reason": "the same act", "merged_into": "e1"}])
    comparison = compare(old, new)
    assert not comparison.lost and [(row["event_id"], why, into) for row, why, into in comparison.gone] == [("e3", "the same act", "e1")]
    _, said, _ = run(capsys, old, new, tmp_path / "out")
    assert "merged     e3 into e1: the same act" in said and "0 withdrawn, 1 merged, 0 lost" in said
    back = compare(new, old)
    assert back.restored == {"e3": "the same act"} and [change.key for change in back.of("events", "added")] == [("e3",)]


def test_citations_gained_lost_and_changed_are_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cited = [{"event_id": "e1", "source_id": "s1", "note": "one"}, {"event_id": "e1", "source_id": "s2"}]
    pages = [{"source_id": "s1"}, {"source_id": "s2"}, {"source_id": "s3", "title": "The third"}]
    old = ledgers.write(tmp_path / "old", EVENTS[:1], pages, cited)
    new = ledgers.write(tmp_path / "new", EVENTS[:1], pages, [{**cited[0], "note": "two"}, {"event_id": "e1", "source_id": "s3", "stance": "partial"}])
    comparison = compare(old, new)
    assert {(change.what, change.key[1]) for change in comparison.changes} == {("changed", "s1"), ("removed", "s2"), ("added", "s3")}
    status, said, _ = run(capsys, old, new, tmp_path / "out")
    page = (tmp_path / "out" / COMPARED).read_text(encoding="utf-8")
    assert status == 0 and "Citations: 1 gained, 1 lost, 1 changed." in said and 'href="https://example.org/s3"' in page and "note: one → two" in page


def test_rows_of_sources_and_strengths_are_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    series = [{"series_id": "x1"}]
    old = ledgers.write(tmp_path / "old", EVENTS, [{"source_id": "s1", "title": "Before"}], series=series, strengths=[{"personnel": 100}, {"personnel": 50, "date": "2021"}])
    new = ledgers.write(tmp_path / "new", EVENTS, [{"source_id": "s1", "title": "After"}], series=series, strengths=[{"personnel": 100, "note": "seen"}, {"personnel": 70, "date": "2021"}])
    _, said, _ = run(capsys, old, new, tmp_path / "out")
    assert "Rows: sources 1 changed; strengths 1 added, 1 changed, 1 removed." in said
    page = (tmp_path / "out" / COMPARED).read_text(encoding="utf-8")
    assert "<td>title<td>" in page and "Before" in page and "After" in page and "personnel: 70" in page


def test_a_verdict_that_changed_is_marked_and_both_findings_stand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = sides(tmp_path / "old", "FRA"), sides(tmp_path / "new", "FRA", "RUS")
    comparison = compare(old, new)
    before, after = results(load(old)), results(load(new))
    assert [turn.id for turn in comparison.turns] == ["lead-change", "departure", "replacement", "disengagement"] == [finding.id for finding in after]
    assert [turn.changed for turn in comparison.turns] == [one.verdict != other.verdict for one, other in zip(before, after)]
    lead = comparison.turns[0]
    assert lead.changed and lead.before.text != lead.after.text
    _, said, _ = run(capsys, old, new, tmp_path / "out")
    parts = [part for part, value in lead.after.verdict.items() if lead.before.verdict.get(part) != value]
    assert parts and all(f"{part}: {lead.before.verdict.get(part, 'none')} → {lead.after.verdict[part]}" in said for part in parts)
    assert "The verdict changed: lead-change (" in said and lead.before.text in said and lead.after.text in said
    page = html.unescape((tmp_path / "out" / COMPARED).read_text(encoding="utf-8"))
    assert lead.before.text in page and lead.after.text in page and "<td>lead-change<td>changed<td>" in page
    assert "hash" not in said and comparison.ledgers[0]["hash"] in said and comparison.ledgers[1]["hash"] in page


def test_a_finding_is_compared_by_its_verdict_not_by_its_words(tmp_path: Path) -> None:
    old = sides(tmp_path / "old", "FRA")
    new = ledgers.write(tmp_path / "new", [dict(row, summary="Other words.") for row in ledgers.rows(old, "events")])
    comparison = compare(old, new)
    assert comparison.of("events", "changed") and not any(turn.changed for turn in comparison.turns)
    assert compare_page.sentences(comparison)[-1] == "Every finding has the same verdict as before."


def test_what_the_old_schema_did_not_have_is_said_once_and_not_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, [{**EVENTS[0], "terms": "gift"}, {**EVENTS[1], "terms": "loan"}, EVENTS[2]], claims=[{"about": "e1"}, {"about": "e2"}])
    found = ledgers.rows(old, "events")
    lines = [",".join(column for column in ledgers.columns("events") if column != "terms")]
    lines += [",".join(value for column, value in row.items() if column != "terms") for row in found]
    (old / "events.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["check", "--data", str(old)]) == 1, "today's check refuses it"
    status, said, _ = run(capsys, old, new, tmp_path / "out")
    assert status == 0 and said.count("the column terms of events") == 1 and said.count("the table claims (2 rows now)") == 1
    assert "0 added, 0 changed" in said and "claims 2 added" not in said
    comparison = compare(old, new)
    assert not comparison.unread and len([turn for turn in comparison.turns if turn.before]) == 4


def test_an_old_ledger_that_today_s_check_refuses_is_compared_without_findings(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, EVENTS[:2])
    found = ledgers.rows(old, "events")
    found[0]["status"] = "rumoured"
    ledgers.table(old, "events", found)
    status, said, _ = run(capsys, old, new, tmp_path / "out")
    assert status == 0 and said.startswith("LOST") and "does not pass today’s check (1 error" in said and "status: rumoured → occurred" in said
    assert all(turn.before is None and not turn.changed for turn in compare(old, new).turns)


def test_a_new_ledger_that_is_not_sound_and_an_old_one_that_is_none_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, [{**EVENTS[0], "status": "rumoured"}])
    status, _, said = run(capsys, old, new, tmp_path / "out")
    assert status == 1 and "rumoured" in said and not (tmp_path / "out").exists()
    assert run(capsys, tmp_path / "nowhere", old, tmp_path / "out")[0] == 1
    (old / "citations.csv").unlink()
    status, _, said = run(capsys, old, ledgers.write(tmp_path / "sound", EVENTS), tmp_path / "out")
    assert status == 1 and str(old) in said and "a required table is missing" in said
    assert "OLD=path" in (run(capsys, Path(), old, tmp_path / "out")[2])


ids = st.sampled_from([f"e{number}" for number in range(8)])
acts = st.dictionaries(ids, st.fixed_dictionaries({"date": st.sampled_from(["2020", "2021-03", "2022-01-05"]), "partners": st.sampled_from(["RUS", "FRA", "RUS;FRA"]),
                                                   "summary": st.sampled_from(["One.", "Two."])}), max_size=6)


@settings(max_examples=20, deadline=None, derandomize=True)
@given(acts, acts, st.sets(ids))
def test_the_changes_make_the_new_events_of_the_old_and_turn_round(before: dict[str, Any], after: dict[str, Any], out: set[str]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        withdrawn = [{"event_id": name, "reason": "Gone."} for name in sorted(out - after.keys())]
        old = ledgers.write(Path(temporary) / "old", [{"event_id": name, **row} for name, row in before.items()])
        new = ledgers.write(Path(temporary) / "new", [{"event_id": name, **row} for name, row in after.items()], withdrawn=withdrawn)
        comparison, back = compare(old, new), compare(new, old)
        made = {row["event_id"]: row for row in ledgers.rows(old, "events")}
        for change in comparison.changes:
            if change.table == "events":
                made |= {change.key[0]: {**made.get(change.key[0], {}), **change.row}} if change.what != "removed" else {}
                if change.what == "removed":
                    del made[change.key[0]]
        assert made == {row["event_id"]: row for row in ledgers.rows(new, "events")}
        lost, gone = {row["event_id"] for row in comparison.lost}, {row["event_id"] for row, _, _ in comparison.gone}
        assert lost | gone == before.keys() - after.keys() and not lost & gone and gone == (before.keys() - after.keys()) & out
        assert {change.key for change in comparison.of("events", "added")} == {change.key for change in back.of("events", "removed")}
        assert {change.key: change.fields for change in comparison.of("events", "changed")} == \
            {change.key: {name: (new, old) for name, (old, new) in change.fields.items()} for change in back.of("events", "changed")}


def test_hostile_text_leaves_nothing_but_text_in_page_and_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = hostile.write(tmp_path / "hostile")
    found = ledgers.rows(bad, "events")
    for row in found[::2]:
        row["summary"] += " \x1b[31m\u202e<b>changed</b>"
    other = hostile.write(tmp_path / "other")
    ledgers.table(other, "events", found[:-3])
    cited = ledgers.rows(other, "citations")
    ledgers.table(other, "citations", [row for row in cited if row["event_id"] in {event["event_id"] for event in found[:-3]}])
    for old, new in ((bad, other), (other, bad), (ledgers.write(tmp_path / "plain", EVENTS), bad)):
        status, said, _ = run(capsys, old, new, tmp_path / "out")
        assert status == 0 and all(line.isprintable() for line in said.splitlines())
        parts = taken(tmp_path / "out" / COMPARED)
        assert not {tag for tag, _ in parts.tags} & {"img", "svg", "iframe", "textarea", "b", "object", "form"} and len(parts.running) == 1
        assert not [name for _, named in parts.tags for name in named if name.startswith("on")]
        assert all(re.match(r"#|https?://|index\.html$", named["href"]) for tag, named in parts.tags if "href" in named)
        assert "{{7*7}}" in parts.text and parts.policy["default-src"] == ["'none'"]


def test_the_page_stands_beside_a_build_and_is_the_same_every_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, EVENTS[:2])
    out = tmp_path / "out"
    run(capsys, old, new, out)
    page = (out / COMPARED).read_bytes()
    (tmp_path / "notebooks").mkdir()
    build(new, out, tmp_path / "notebooks")
    assert (out / COMPARED).read_bytes() == page and (out / "index.html").is_file()
    run(capsys, old, new, out)
    assert (out / COMPARED).read_bytes() == page and COMPARED not in json.loads((out / "manifest.json").read_text())["files"]
    build(new, out, tmp_path / "notebooks")
    assert str(tmp_path) not in page.decode()
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "mine.txt").write_text("x")
    status, _, said = run(capsys, old, new, strange)
    assert status == 1 and "not ours" in said and not (strange / COMPARED).exists()


def test_a_long_list_is_cut_in_the_terminal_and_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = pair(tmp_path, [*EVENTS, *ledgers.many(40, event_id="x")])
    _, said, _ = run(capsys, old, new, tmp_path / "out")
    assert f"and {40 - compare_page.MOST_LINES} more on the page" in said and said.count("added      x-") == compare_page.MOST_LINES
    assert (tmp_path / "out" / COMPARED).read_text(encoding="utf-8").split('id="added-events"')[1].split("</table>")[0].count("<td>x-") == 40


def test_an_old_ledger_may_be_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = ledgers.empty(tmp_path / "old"), ledgers.write(tmp_path / "new", EVENTS)
    status, said, _ = run(capsys, old, new, tmp_path / "out")
    assert status == 0 and "3 added" in said and "cutoff none →" in said
    with pytest.raises(LedgerError):
        compare(tmp_path / "old" / "events.csv", new)
