"""Guards the ledger: read as it was written, one canonical form and hash, dates bounded by what is known, the project's own sound."""

from __future__ import annotations

import random
import shutil
import tempfile
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from frictionless import Package, system
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import dates
from helpers.__main__ import main
from helpers.ledger import Ledger, LedgerError, load, read, version
from helpers.schema import PROJECT_DATA, canonical, project_package
from tests.ledgers import columns, empty, rows, table, write

FALLBACK = ["actors", "event_types", "hosts", "publishers", "specifications"]
QUIET = settings(max_examples=50, deadline=None, derandomize=True)
letters = st.characters(exclude_categories=["Cs", "Cc"], include_characters="\t")
texts = st.text(letters, min_size=1, max_size=30).filter(lambda text: text == text.strip())
days = st.dates(date(2010, 1, 1), date(2025, 12, 31)).map(date.isoformat)
dated = st.one_of(
    days, days.map(lambda day: day[:7]), days.map(lambda day: day[:4]), days.map(lambda day: f"{day}~"), days.map(lambda day: f"[..{day}]")
)
kinds = st.sampled_from(["deployment", "withdrawal", "training", "agreement", "aid", "coup"])


@st.composite
def written(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Events of a small ledger, with any text in the summaries."""
    ids = draw(st.lists(st.from_regex(r"[A-Za-zé0-9-]{1,8}", fullmatch=True), unique=True, max_size=6))
    return [
        {
            "event_id": name,
            "date": draw(dated),
            "type": draw(kinds),
            "hosts": draw(st.sampled_from(["MLI", "NER;BFA"])),
            "partners": draw(st.sampled_from(["RUS", "FRA;DEU"])),
            "summary": draw(texts),
            "equipment": draw(st.one_of(st.just(""), texts)),
            "personnel": draw(st.sampled_from(["", "0", "120"])),
        }
        for name in ids
    ]


def reread(events: list[dict[str, Any]], folder: Path) -> tuple[Ledger, dict[str, list[dict[str, str]]]]:
    """A ledger as loaded, and its three tables as text."""
    ledger = load(write(folder, events))
    return ledger, {name: ledger[name][columns(name)].astype(str).to_dict("records") for name in ("events", "sources", "citations")}


@QUIET
@given(written(), st.randoms(use_true_random=False))
def test_a_ledger_written_formatted_and_read_again_is_the_same(events: list[dict[str, Any]], chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        ledger, cells = reread(events, folder)
        assert [row["summary"] for row in cells["events"]] == [row["summary"] for row in events]
        for name in cells:
            found = rows(folder, name)
            chance.shuffle(found)
            table(folder, name, found)
        assert load(folder).hash == ledger.hash
        assert main(["format", "--data", str(folder)]) == 0
        canon = {name: (folder / f"{name}.csv").read_bytes() for name in cells}
        again = load(folder)
        assert again.hash == ledger.hash
        assert {name: sorted(map(str, again[name][columns(name)].astype(str).to_dict("records"))) for name in cells} == {
            name: sorted(map(str, rows)) for name, rows in cells.items()
        }
        assert main(["format", "--data", str(folder)]) == 0
        assert canon == {name: (folder / f"{name}.csv").read_bytes() for name in cells}


@QUIET
@given(written().filter(bool), st.data())
def test_the_hash_changes_when_any_cell_changes(events: list[dict[str, Any]], data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        tables = read(write(Path(temporary), events))[0]
    name = data.draw(st.sampled_from(sorted(name for name, raw in tables.items() if raw.rows)))
    changed = deepcopy(tables)
    row = data.draw(st.integers(0, len(changed[name].rows) - 1))
    column = data.draw(st.integers(0, len(changed[name].table.columns) - 1))
    value = data.draw(texts.filter(lambda text: text != changed[name].rows[row][column]))
    changed[name].rows[row][column] = value
    assert version(changed, "2025-12-31", {}) != version(tables, "2025-12-31", {})


@QUIET
@given(st.lists(st.lists(st.text(letters, max_size=8), min_size=5, max_size=5), max_size=8), st.randoms(use_true_random=False))
def test_the_canonical_form_is_the_same_for_rows_in_any_order(cells: list[list[str]], chance: random.Random) -> None:
    actors = project_package().tables["actors"]
    shuffled = chance.sample(cells, len(cells))
    assert canonical(actors, shuffled) == canonical(actors, cells)
    assert canonical(actors, cells).count("\n") == len(cells) + 1


def test_the_canonical_form_has_unix_lines_few_quotes_and_rows_by_key() -> None:
    actors = project_package().tables["actors"]
    text = canonical(actors, [["RUS", "Russia", "russian", "", 'says "no"'], ["FRA", "France, the", "western", "", ""]])
    assert text == 'actor,name,bloc,alternative_bloc,why\nFRA,"France, the",western,,\nRUS,Russia,russian,,"says ""no"""\n'


def test_the_hash_changes_with_the_cutoff_and_with_a_row(tmp_path: Path) -> None:
    base = load(write(tmp_path / "a", [{}, {}])).hash
    assert load(write(tmp_path / "b", [{}, {}], cutoff="2025-12-30")).hash != base
    assert load(write(tmp_path / "c", [{}, {}, {}])).hash != base
    assert load(write(tmp_path / "d", [{}, {}])).hash == base
    assert len(base) == 12 and int(base, 16) >= 0


def test_numbers_are_kept_as_written(tmp_path: Path) -> None:
    tables = read(write(tmp_path / "a", [{"type": "aid", "amount": "1000.50", "currency": "EUR", "personnel": "007"}]))[0]
    assert (tables["events"].column("amount"), tables["events"].column("personnel")) == (["1000.50"], ["007"])
    assert load(tmp_path / "a")["events"]["amount"].tolist() == [1000.5]


def test_format_changes_nothing_on_the_project_s_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = Path(shutil.copytree(PROJECT_DATA, tmp_path / "data"))
    before = {path.name: path.read_bytes() for path in copy.iterdir()}
    assert main(["format", "--data", str(copy)]) == 0
    assert capsys.readouterr().out == ""
    assert {path.name: path.read_bytes() for path in copy.iterdir()} == before


def test_format_leaves_an_unsound_ledger_alone(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", [{"event_id": "b", "date": "soon"}, {"event_id": "a"}])
    before = (folder / "events.csv").read_bytes()
    assert main(["format", "--data", str(folder)]) == 1
    assert (folder / "events.csv").read_bytes() == before


def test_format_writes_no_table_that_the_ledger_does_not_have(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", [{}])
    before = sorted(path.name for path in folder.iterdir())
    assert main(["format", "--data", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == before


def test_tables_that_fall_back_are_the_project_s_and_said(tmp_path: Path, project: Ledger) -> None:
    ledger = load(write(tmp_path / "a", [{}]))
    for name in FALLBACK:
        assert f"{name}.csv: absent, the project's own is used" in ledger.notices
        assert ledger[name].equals(project[name])
    absent = next(notice for notice in ledger.notices if notice.startswith("absent, taken as empty"))
    optional = [name for name, one in ledger.package.tables.items() if one.presence == "optional"]
    assert optional and all(f"{name}.csv" in absent and ledger[name].empty for name in optional)


def test_a_table_of_its_own_replaces_the_project_s_without_a_notice(tmp_path: Path) -> None:
    ledger = load(write(tmp_path / "a", [{"hosts": "QQQ"}], hosts=[{"host": "QQQ"}]))
    assert ledger["hosts"]["host"].tolist() == ["QQQ"]
    assert not any(notice.startswith("hosts.csv") for notice in ledger.notices)


def test_a_file_that_is_no_table_is_said_and_not_read(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", [{}])
    (folder / "scratch.csv").write_bytes(b"\x00\xff")
    assert "not part of a ledger, not read: scratch.csv" in load(folder).notices


def test_of_another_ledger_s_package_what_is_its_own_is_read_and_no_parameter_of_the_measures(tmp_path: Path, project: Ledger) -> None:
    described = {
        "title": "Mine",
        "licenses": [{"name": "X", "title": "Licence X"}],
        "contributors": [{"title": "Ann", "email": "ann@example.org"}],
        "x-parameters": {"share": {"quarters": 1}, "statuses": ["alleged"], "how_coded": "By hand."},
        "resources": [],
    }
    ledger = load(write(tmp_path / "a", [{}], cutoff="2024-05", descriptor=described))
    assert (ledger.title, ledger.licence, ledger.contact, ledger.cutoff) == ("Mine", "Licence X", "ann@example.org", "2024-05-31")
    assert ledger.parameters == {**project.parameters, "how_coded": "By hand."}
    assert [notice for notice in ledger.notices if "share, statuses" in notice]


def test_without_a_package_the_cutoff_is_the_latest_publication(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", [{"date": "2020-01-15"}, {"date": "2021-03"}], [{"source_id": "uncited", "published": "2022-02"}])
    (folder / "datapackage.json").unlink()
    ledger = load(folder)
    assert (ledger.cutoff, ledger.cutoff_day) == ("2022-02-28", date(2022, 2, 28).toordinal())
    assert (ledger.title, ledger.licence, ledger.contact) == ("A ledger without a title", "", "")


def test_an_empty_ledger_is_sound_and_has_no_cutoff(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = empty(tmp_path / "new")
    assert main(["check", "--data", str(folder)]) == 0
    assert capsys.readouterr().err == ""
    ledger = load(folder)
    assert (ledger.cutoff, ledger.cutoff_day, len(ledger["events"])) == ("", None, 0)
    assert not ledger["actors"].empty


def test_a_header_alone_gives_every_column_of_every_table(tmp_path: Path) -> None:
    ledger = load(empty(tmp_path / "new"))
    for name in ledger.package.tables:
        assert list(ledger[name].columns[: len(columns(name))]) == columns(name)


def test_new_refuses_a_folder_that_is_not_empty(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    assert main(["new", "--data", str(tmp_path)]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def bounds(folder: Path, event: dict[str, Any], pages: list[tuple[str, str]], cutoff: str = "2025-12-31") -> tuple[str, str]:
    """First and last possible day of an event that pages (published, stance) report."""
    sources = [{"source_id": f"p{number}", "published": published} for number, (published, _) in enumerate(pages)]
    said = [{"source_id": f"p{number}", "stance": stance} for number, (_, stance) in enumerate(pages)]
    row = load(write(folder, [event], sources, said, cutoff=cutoff))["events"].iloc[0]
    return dates.iso(row["first"]), dates.iso(row["last"])


@pytest.mark.parametrize(
    ("written", "status", "pages", "cutoff", "last"),
    [
        ("2023-08", "occurred", [("2023-12-01", "supports")], "2025-12-31", "2023-08-31"),
        ("2023-08", "occurred", [("2023-08-10", "supports")], "2025-12-31", "2023-08-11"),
        ("2023-08", "occurred", [("2023-08-20", "supports"), ("2023-08-10", "supports")], "2025-12-31", "2023-08-11"),
        ("2023-08", "occurred", [("2023-08-10", "partial"), ("2023-08-20", "supports")], "2025-12-31", "2023-08-21"),
        ("2023", "occurred", [("2023-08", "supports")], "2025-12-31", "2023-09-01"),
        ("2023", "occurred", [("", "supports")], "2025-12-31", "2023-12-31"),
        ("2023", "occurred", [("", "supports")], "2023-05-05", "2023-05-05"),
        ("2023", "occurred", [("2023-06-01", "supports")], "2023-05-05", "2023-05-05"),
        ("2023~", "occurred", [("2023-06-01", "supports")], "2025-12-31", "2023-06-02"),
        ("[2023-01..2023-12]", "occurred", [("2023-06-01", "supports")], "2025-12-31", "2023-06-02"),
        ("2023-08-20", "occurred", [("2023-08-19", "supports")], "2025-12-31", "2023-08-20"),
        ("2023-08/..", "ongoing", [("2023-08-10", "supports")], "2025-12-31", "2023-08-11"),
        ("2023-08", "announced", [("2023-08-10", "supports")], "2025-12-31", "2023-08-11"),
        ("2023-08", "anticipated", [("2023-08-10", "supports")], "2025-12-31", "2023-08-31"),
        ("2026", "anticipated", [("2023-08-10", "supports")], "2025-12-31", "2026-12-31"),
    ],
)
def test_a_past_event_lies_before_its_first_supporting_report_and_the_cutoff(
    written: str, status: str, pages: list[tuple[str, str]], cutoff: str, last: str, tmp_path: Path
) -> None:
    first, found = bounds(tmp_path / "a", {"date": written, "status": status}, pages, cutoff)
    assert found == last
    assert first == dates.iso(dates.parse(written).first)


def test_an_undated_event_has_no_bounds(tmp_path: Path) -> None:
    row = load(write(tmp_path / "a", [{"date": "[..2023-08]"}]))["events"].iloc[0]
    assert np.isnan(row["first"]) and np.isnan(row["last"]) and row["form"] == "before"


def test_family_direction_and_material_come_from_the_type(tmp_path: Path) -> None:
    events = load(
        write(tmp_path / "a", [{"type": "withdrawal"}, {"type": "visit"}, {"type": "coup"}, {"type": "sanction", "partners": "FRA"}])
    )["events"]
    assert list(zip(events["family"], events["direction"], events["material"])) == [
        ("military", -1, True),
        ("military", 1, False),
        ("context", 0, False),
        ("sanctions", -1, True),
    ]


def test_an_unsound_ledger_is_not_loaded(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        load(write(tmp_path / "a", [{"type": "piracy"}, {"date": "soon"}]))
    assert len(caught.value.problems) == 2


def test_the_project_s_package_is_valid_by_frictionless() -> None:
    with system.use_context(trusted=True):
        report = Package(str(PROJECT_DATA / "datapackage.json")).validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldName", "message"])[:10]
    assert len(report.tasks) >= len(project_package().tables)


def test_every_event_of_the_project_is_cited_and_has_one_row(project: Ledger) -> None:
    events = project["events"]
    assert set(events["event_id"]) <= set(project["citations"]["event_id"])
    assert events["event_id"].is_unique
    assert set(project["citations"]["source_id"]) <= set(project["sources"]["source_id"])


def test_the_project_s_possible_days_are_in_order_and_the_past_ends_at_the_cutoff(project: Ledger) -> None:
    dated = project["events"].dropna(subset="first")
    assert (dated["first"] <= dated["last"]).all()
    past = dated[dated["status"].isin(["occurred", "ongoing"])]
    assert (past["last"] <= project.cutoff_day).all()


def test_the_project_s_cutoff_and_hash_are_stable(project: Ledger) -> None:
    assert project.cutoff == dates.iso(project.cutoff_day)
    assert load(PROJECT_DATA).hash == project.hash
