"""Guards the workbook: what is written is read back to the byte, every cell is text, what a spreadsheet mangles is refused by sheet and cell."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import get_column_letter

from helpers import new_events, workbook
from helpers.__main__ import main
from helpers.build import workbook_of
from helpers.exchange import archive, convert, packed_workbook
from helpers.ledger import LedgerError, load, read
from helpers.reading import RawTable, read_table
from helpers.schema import PROJECT_DATA, canonical, project_package
from helpers.workbook_cells import opened
from helpers.workbook_reading import read_sheet, sheet_names
from tests import hostile, ledgers

PACKAGE = project_package()
TABLES = PACKAGE.tables
CATALOGUE = (
    *hostile.TEXTS, "=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(\"https://example.org\")", "\t=1", "'=1", "_x0041_", "x005F_", "_x005F_x0041_", "_x000D_", "<r><t>rich</t></r>",
    "<r>", "</r>", "0012", "1e5", "2023.0", "TRUE", "#N/A", "1/2", "2023-08", "https://example.org/ä", "mailto:x@example.org", "internal:hosts!A1", "  blank  ", "a\u00a0b",
    "\x01\x02\x1f", "\x7f\x85\u2028", "\ufffe\uffff", "😀" * 50, "x" * 10_000, '"', '""', "a,b;c", "&amp;", "]]>", "\u202eabc\u202c",
)
letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\n")
texts = st.one_of(st.text(letters, max_size=20), st.sampled_from(CATALOGUE), st.from_regex(r"_?x[0-9A-F]{4}_|<r>.{0,5}</r>", fullmatch=True).filter(lambda text: not set(text) & set("\0\r\n")))
QUIET = settings(max_examples=50, deadline=None, derandomize=True)
EVENT = {"event_id": "n1", "date": "2024-03-05", "hosts": "MLI", "partners": "RUS", "type": "deployment", "status": "occurred", "summary": "People came."}
PAGE = {"page 1 url": "https://www.example.org/a/?utm_source=x", "page 1 publisher": "The Invented Paper", "page 1 title": "A page", "page 1 published": "2024-03-06",
        "page 1 origin": "Invented Agency", "page 1 stance": "supports"}


def cells(raw: RawTable) -> str:
    """A raw table as canonical text."""
    return canonical(raw.table, raw.rows)


def raws(rows: dict[str, list[list[str]]]) -> dict[str, RawTable]:
    """Raw tables of rows, all others of the data dictionary empty."""
    return {name: RawTable(table, rows.get(name, [])) for name, table in TABLES.items()}


def reread(data: bytes) -> dict[str, RawTable]:
    """The sheets of a workbook as tables, unchecked."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        path.write_bytes(data)
        book = opened(path)
        return {sheet.title: read_sheet(TABLES[sheet.title], sheet) for sheet in book.worksheets if sheet.title in TABLES}


def parts(data: bytes) -> dict[str, str]:
    """The XML files of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name).decode() for name in bundle.namelist()}


def run(capsys: pytest.CaptureFixture[str], *words: Any) -> tuple[int, str, str]:
    """Exit status, stdout, stderr of a command."""
    capsys.readouterr()
    status = main([str(word) for word in words])
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    return status, said.out, said.err


@pytest.fixture
def small(saved: Path, tmp_path: Path) -> Path:
    """A small sound ledger as a workbook, saved by a spreadsheet program (openpyxl)."""
    return Path(shutil.copy(saved, tmp_path / "my.xlsx"))


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tmp_path = tmp_path_factory.mktemp("saved")
    events = [{"event_id": "e1", "date": "2020-01-15", "personnel": 200}, {"event_id": "e2", "date": "2021-06", "partners": "FRA", "type": "training"}]
    folder = ledgers.write(tmp_path / "csv", events, origins=[{"origin_id": "afp", "name": "Agence"}], series=[{"series_id": "x1"}], strengths=[{"personnel": 5}])
    path = tmp_path / "my.xlsx"
    convert(folder, path)
    return edit(path, lambda book: [book.remove(book[name]) for name in ("publishers", "specifications", "codings", "checks", "claims")])


def edit(path: Path, change: Callable[[Any], Any]) -> Path:
    """Changes a workbook as a person with a spreadsheet program would."""
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)
    return path


def put(sheet: str, cell: str, value: Any, shown: str = "") -> Callable[[Any], None]:
    """A change that writes a cell, with a number format."""
    def change(book: Any) -> None:
        book[sheet][cell].number_format = shown or "General"
        book[sheet][cell].value = value
    return change


def type_in(path: Path, *rows: dict[str, str]) -> Path:
    """Types rows into the sheet `new events`."""
    def change(book: Any) -> None:
        sheet = book[new_events.SHEET]
        header = [cell.value for cell in sheet[1]]
        for line, row in enumerate(rows, 2):
            for name, value in row.items():
                sheet.cell(line, header.index(name) + 1).value = value
    return edit(path, change)


def letter(table: str, column: str) -> str:
    """The letter of a column in its sheet."""
    return get_column_letter(TABLES[table].columns.index(column) + 1)


def typed_letter(header: str) -> str:
    """The letter of a column of `new events`."""
    return get_column_letter(new_events.typed_table(TABLES).columns.index(header) + 1)


# The round trip

def test_the_project_s_ledger_comes_back_from_a_workbook_to_the_byte(tmp_path: Path) -> None:
    convert(PROJECT_DATA, tmp_path / "a.xlsx")
    convert(tmp_path / "a.xlsx", tmp_path / "csv")
    for name, table in TABLES.items():
        own = (PROJECT_DATA / table.file).read_text(encoding="utf-8")
        assert (tmp_path / "csv" / table.file).read_bytes() == canonical(table, read_table(table, PROJECT_DATA / table.file).rows).encode(), name
        assert own.splitlines()[0] == (tmp_path / "csv" / table.file).read_text(encoding="utf-8").splitlines()[0]
    one, other, third = load(PROJECT_DATA), load(tmp_path / "a.xlsx"), load(tmp_path / "csv")
    for again in (other, third):
        assert (again.hash, again.cutoff, again.title, again.licence, again.contact) == (one.hash, one.cutoff, one.title, one.licence, one.contact)
        assert all(again[name].equals(one[name]) for name in TABLES)


def test_the_same_ledger_gives_the_same_workbook_whatever_the_order_clock_and_place(tmp_path: Path) -> None:
    folder = ledgers.write(tmp_path / "csv", ledgers.many(5, partners="RUS"))
    before = packed_workbook(folder)
    found = ledgers.rows(folder, "events")
    ledgers.table(folder, "events", reversed(found))
    other = shutil.copytree(folder, tmp_path / "elsewhere" / "data")
    script = "import sys, pathlib; from helpers.exchange import packed_workbook; sys.stdout.buffer.write(packed_workbook(pathlib.Path(sys.argv[1])))"
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "77", "LC_ALL": "C"}
    clock = ["faketime", "2031-01-02 03:04:05"] if shutil.which("faketime") else []
    run = subprocess.run([*clock, sys.executable, "-c", script, str(other)], capture_output=True, env=environment, check=True, cwd=PROJECT_DATA.parent)
    assert run.stdout == before == packed_workbook(folder)


@QUIET
@given(st.lists(st.tuples(st.sampled_from(sorted(TABLES)), st.lists(texts, min_size=16, max_size=16)), max_size=12))
def test_any_text_in_any_column_is_written_as_text_and_read_back(drawn: list[tuple[str, list[str]]]) -> None:
    rows: dict[str, list[list[str]]] = {}
    for name, values in drawn:
        row = values[:len(TABLES[name].columns)]
        if any(row):
            rows.setdefault(name, []).append(row)
    tables = {name: RawTable(TABLES[name], rows.get(name, [])) for name, _ in drawn}
    again = reread(workbook.write(tables, {}))
    assert not [problem for raw in again.values() for problem in raw.problems]
    assert {name: cells(raw) for name, raw in again.items()} == {name: cells(raw) for name, raw in tables.items()}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.dates(date(2010, 1, 1), date(2024, 1, 1)), st.sampled_from(["RUS", "FRA;DEU"]), texts.filter(lambda text: text.strip() and text == text.strip())), max_size=5))
def test_a_random_sound_ledger_goes_through_a_workbook_and_back_to_the_byte(acts: list[tuple[date, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        events = [{"date": day.isoformat(), "partners": partners, "summary": summary} for day, partners, summary in acts]
        folder = ledgers.write(place / "a", events, citations=[])
        assert main(["format", "--data", str(folder)]) == 0
        convert(folder, place / "a.xlsx")
        convert(place / "a.xlsx", place / "b")
        assert all((place / "b" / path.name).read_bytes() == path.read_bytes() for path in folder.glob("*.csv"))
        assert load(folder).hash == load(place / "a.xlsx").hash == load(place / "b").hash


def test_hostile_text_in_every_column_leaves_nothing_but_text(tmp_path: Path) -> None:
    folder = hostile.write(tmp_path / "csv")
    data = packed_workbook(folder)
    (tmp_path / "a.xlsx").write_bytes(data)
    assert load(tmp_path / "a.xlsx").hash == load(folder).hash and load(tmp_path / "a.xlsx").title == load(folder).title
    files = parts(data)
    assert not [name for name in files if "external" in name.lower() or "vba" in name.lower()]
    for name, text in files.items():
        if name.startswith("xl/worksheets/sheet"):
            assert "<f>" not in text and "<f " not in text and "hyperlink" not in text, name
            assert set(re.findall(r'<c [^>]*\bt="(\w+)"', text)) <= {"s"} and not re.findall(r'<c (?![^>]*\bt=)[^>]*><v>', text), name
        assert 'TargetMode="External"' not in text


def test_every_cell_and_every_empty_column_has_the_format_of_text(small: Path, tmp_path: Path) -> None:
    convert(small, tmp_path / "again.xlsx")
    book = openpyxl.load_workbook(tmp_path / "again.xlsx")
    for name, table in TABLES.items():
        sheet = book[name]
        assert all(cell.number_format == "@" and cell.data_type == "s" for row in sheet.iter_rows() for cell in row if cell.value is not None)
        for place in range(1, len(table.columns) + 1):
            covering = [dimension for dimension in sheet.column_dimensions.values() if dimension.min <= place <= dimension.max]
            assert covering and covering[0].number_format == "@", (name, place)


# The new workbook

@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("new") / "my.xlsx"
    assert main(["new", "--data", str(path)]) == 0
    return path


def test_a_new_workbook_is_a_sound_empty_ledger_with_the_vocabulary_that_its_lists_offer(fresh: Path) -> None:
    ledger = load(fresh)
    assert ledger["events"].empty and ledger.cutoff == "" and ledger.title == "A new ledger"
    names = sheet_names(fresh)
    assert names[:2] == ["ledger", "new events"] and {"events", "sources", "citations", "actors", "hosts", "event_types"} <= set(names)
    assert len(ledger["actors"]) == len(load(PROJECT_DATA)["actors"])
    assert [notice for notice in ledger.notices if "sheet publishers" in notice]


def test_each_sheet_has_its_header_frozen_and_a_note_on_every_name(fresh: Path) -> None:
    book = openpyxl.load_workbook(fresh)
    for sheet in book.worksheets[1:]:
        table = new_events.typed_table(TABLES) if sheet.title == new_events.SHEET else TABLES[sheet.title]
        assert [cell.value for cell in sheet[1]] == table.columns and sheet.freeze_panes == "B2"
        for cell, field in zip(sheet[1], table.fields):
            note = cell.comment.text
            assert field.description in note and ("Required." in note) == field.required and all(value in note for value in field.enum)


def test_each_column_of_a_vocabulary_has_its_list(fresh: Path) -> None:
    book = openpyxl.load_workbook(fresh)
    for sheet in book.worksheets[1:]:
        table = new_events.typed_table(TABLES) if sheet.title == new_events.SHEET else TABLES[sheet.title]
        lists = {str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation}
        for place, field in enumerate(table.fields, 1):
            rule = lists.get(f"{get_column_letter(place)}2")
            if field.enum:
                assert rule.formula1 == '"' + ",".join(field.enum) + '"' and rule.errorStyle in (None, "stop")
            elif field.codes_of and field.codes_of[0] in book.sheetnames:
                target, column = field.codes_of
                start = f"{target}!${letter(target, column)}$2:"
                assert rule.formula1.startswith(start) and (not rule.showErrorMessage) == (field.is_list or field.kind == new_events.OPEN)
            else:
                assert rule is None
            assert rule is None or str(rule.sqref).endswith("1048576")


def test_a_new_workbook_is_not_written_over_anything(fresh: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = fresh.read_bytes()
    status, _, said = run(capsys, "new", "--data", fresh)
    assert status == 1 and "there already" in said and fresh.read_bytes() == before
    (tmp_path / "file").write_text("x")
    status, _, said = run(capsys, "new", "--data", tmp_path / "file" / "my.xlsx")
    assert status == 1 and "can't be written" in said
    status, _, said = run(capsys, "convert", "--data", fresh, "--out", fresh.parent)
    assert status == 1 and "not empty" in said


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_libreoffice_opens_the_workbook_and_keeps_its_lists_and_cells(fresh: Path, tmp_path: Path) -> None:
    convert(PROJECT_DATA, tmp_path / "full.xlsx")
    for path in (fresh, tmp_path / "full.xlsx"):
        out = tmp_path / "saved"
        subprocess.run(["soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--convert-to", "xlsx", "--outdir", str(out), str(path)],
                       check=True, capture_output=True, timeout=180)
        saved, ours = openpyxl.load_workbook(out / path.name), openpyxl.load_workbook(path)
        for sheet in ours.worksheets:
            rules = [{(str(rule.sqref).split(":")[0], rule.formula1) for rule in book[sheet.title].data_validations.dataValidation} for book in (saved, ours)]
            assert rules[0] == rules[1], sheet.title
        assert load(out / path.name).hash == load(path).hash


# New events

def test_a_typed_row_becomes_event_sources_citations_and_origins(small: Path) -> None:
    second = {"page 2 url": "http://example.org/b#part", "page 2 publisher": "Another", "page 2 origin": "agence", "page 2 stance": "partial"}
    ledger = load(type_in(small, {**EVENT, **PAGE, **second}))
    cited = ledger["citations"][ledger["citations"]["event_id"].eq("n1")].set_index("stance")
    sources, origins = ledger["sources"].set_index("source_id"), ledger["origins"].set_index("origin_id")
    assert set(cited.index) == {"supports", "partial"} and ledger["events"]["event_id"].tolist().count("n1") == 1
    assert cited.loc["supports", "source_id"] == new_events.source_id("http://example.org/a") and sources.loc[cited.loc["supports", "source_id"], "url"] == PAGE["page 1 url"]
    assert origins.loc[cited.loc["supports", "origin_id"], "name"] == "Invented Agency" and origins.loc[cited.loc["supports", "origin_id"], "named"] == "yes"
    assert cited.loc["partial", "origin_id"] == "afp"


def test_a_page_and_an_origin_are_taken_up_once_however_often_they_are_typed(small: Path) -> None:
    again = {**EVENT, "event_id": "n2", "page 1 url": "https://example.org/a", "page 1 origin": "INVENTED agency", "page 1 stance": "supports"}
    known = {**EVENT, "event_id": "n3", "date": "2020-01-10", "page 1 url": "http://www.example.org/s-e1/", "page 1 origin": "afp", "page 1 stance": "supports"}
    ledger = load(type_in(small, {**EVENT, **PAGE}, again, known))
    cited = ledger["citations"].set_index("event_id")
    assert cited.loc["n1", "source_id"] == cited.loc["n2", "source_id"] and cited.loc["n1", "origin_id"] == cited.loc["n2", "origin_id"]
    assert cited.loc["n3", "source_id"] == "s-e1" and cited.loc["n3", "origin_id"] == "afp"
    assert ledger["sources"]["url"].map(new_events.address).is_unique and ledger["origins"]["origin_id"].is_unique


def test_formatting_moves_typed_rows_into_their_tables_and_changes_nothing_else(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = load(type_in(small, {**EVENT, **PAGE}))
    assert run(capsys, "format", "--data", small)[0] == 0
    book = openpyxl.load_workbook(small)
    assert book[new_events.SHEET].max_row == 1 and "n1" in [cell.value for cell in book["events"]["A"]]
    assert load(small).hash == before.hash and load(small).title == before.title
    once = small.read_bytes()
    assert run(capsys, "format", "--data", small) == (0, "", "") and small.read_bytes() == once


@pytest.mark.parametrize(("row", "header", "rule"), [
    ({**EVENT, **PAGE, "date": "2024-13"}, "date", "month that does not exist"),
    ({**EVENT, **PAGE, "event_id": "e1"}, "event_id", "the same key as sheet events, cell A2"),
    ({**EVENT, **PAGE, "event_id": ""}, "event_id", "a value is required"),
    ({**EVENT, **PAGE, "page 1 url": ""}, "page 1 url", "without its address"),
    ({**EVENT, **PAGE, "page 1 url": "example.org"}, "page 1 url", "not a web address"),
    ({**EVENT, **PAGE, "page 1 stance": ""}, "page 1 stance", "a value is required"),
    ({**EVENT, **PAGE, "page 1 stance": "differs"}, "page 1 stance", "differs, but not in what"),
    ({**EVENT, **PAGE, "page 1 published": "in March"}, "page 1 published", ""),
    ({**EVENT, **PAGE, "page 1 published": "2023-03-06"}, "date", "after its first supporting report"),
    ({**EVENT, **PAGE, "page 1 url": "https://example.org/s-e1"}, "page 1 publisher|page 1 title|page 1 published", "with another"),
    ({**EVENT, **PAGE, "page 1 publisher": ""}, "page 1 publisher", "a value is required"),
    (EVENT, "event_id", "no page stands for"),
    ({**EVENT, **PAGE, "hosts": "XYZ"}, "hosts", "not in sheet hosts"),
])
def test_what_is_wrong_with_a_typed_row_is_said_at_its_cell(small: Path, row: dict[str, str], header: str, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, said = run(capsys, "check", "--data", type_in(small, row))
    places = [f"sheet new events, cell {typed_letter(name)}2" for name in header.split("|")]
    assert status == 1 and any(place in said for place in places) and rule in said and ".csv" not in said


@pytest.mark.parametrize(("one", "other", "same"), [
    ("https://www.example.org/a/", "http://example.org/a", True), ("https://EXAMPLE.org/a", "https://example.org/a", True),
    ("https://example.org/a?utm_source=x&utm_medium=y", "https://example.org/a", True), ("https://example.org/a?id=1&utm_source=x", "https://example.org/a/?id=1", True),
    ("https://example.org/a#top", "https://example.org/a", True), ("https://example.org/a?id=1", "https://example.org/a?id=2", False),
    ("https://example.org/A", "https://example.org/a", False), ("https://news.example.org/a", "https://example.org/a", False),
])
def test_an_address_says_whether_two_pages_are_one(one: str, other: str, same: bool) -> None:
    assert (new_events.source_id(one) == new_events.source_id(other)) == same
    assert re.fullmatch("s[0-9a-f]{8}", new_events.source_id(one))


@QUIET
@given(st.text(max_size=30))
def test_any_name_makes_a_code_for_an_origin_that_the_check_accepts(name: str) -> None:
    taken: dict[str, str] = {}
    for _ in range(3):
        code = new_events.origin_id(name, taken)
        assert code not in taken and re.fullmatch(r"[a-z0-9-]+", code) and new_events.source_id(name)
        taken[code] = ""


# What a spreadsheet mangles

@dataclass(frozen=True)
class Mangled:
    """A change of a workbook, where it must be refused, and a part of the message."""

    name: str
    do: Callable[[Any], Any]
    place: str
    rule: str


def append(sheet: str, row: list[Any]) -> Callable[[Any], None]:
    return lambda book: book[sheet].append(row)


def hidden(book: Any) -> None:
    book["events"]["Z9"].value = "left over"
    book["events"].column_dimensions["Z"].hidden = True
    book["events"].row_dimensions[9].hidden = True


def emptied(book: Any) -> None:
    book["events"].delete_rows(1, 10)


DAY, MONTH = datetime(2020, 1, 15), datetime(2020, 1, 1)
REFUSED = [
    Mangled("a month-only date", put("events", "B2", MONTH, "mmm-yy"), "sheet events, cell B2, column date", "shows no day"),
    Mangled("a built-in month-only date", put("sources", "E2", MONTH, "mmm-yy"), "sheet sources, cell E2", "shows no day"),
    Mangled("a date without its year", put("events", "B2", DAY, "d-mmm"), "sheet events, cell B2", "shows no year"),
    Mangled("a date with quoted letters", put("events", "B2", MONTH, 'mmmm "day" yyyy'), "sheet events, cell B2", "shows no day"),
    Mangled("a year from a date", put("events", "B2", MONTH, "yyyy"), "sheet events, cell B2", "shows no day"),
    Mangled("a time", put("citations", "D2", time(12, 30), "h:mm"), "sheet citations, cell D2", "a time"),
    Mangled("a duration", put("citations", "D2", timedelta(hours=30), "[h]:mm"), "sheet citations, cell D2", "a time"),
    Mangled("a day with a time", put("events", "B2", datetime(2020, 1, 15, 13, 5), "yyyy-mm-dd h:mm"), "sheet events, cell B2", "time of day"),
    Mangled("a day as a number", put("events", "B2", 43845), "sheet events, cell B2", "spreadsheet's notation"),
    Mangled("a formula", put("events", "O2", '="People"&" came"'), "sheet events, cell O2, column summary", "a formula"),
    Mangled("an error value", put("events", "O2", "#REF!"), "sheet events, cell O2", "an error of the spreadsheet"),
    Mangled("a percentage", put("events", "K2", 0.5, "0%"), "sheet events, cell K2", "a percentage"),
    Mangled("a number of sixteen digits", put("citations", "D2", 1234567890123456), "sheet citations, cell D2", "15 digits"),
    Mangled("a fraction of people", put("events", "J2", 2.5), "sheet events, cell J2", "a fraction"),
    Mangled("a word for people", put("events", "J2", "about 200"), "sheet events, cell J2", "not a number"),
    Mangled("a truth value", put("sources", "I2", True), "sheet sources, cell I2", "not an allowed value"),
    Mangled("a line break", put("events", "O2", "one\ntwo"), "sheet events, cell O2", "a line break"),
    Mangled("a wrong host", put("events", "C3", "MALI"), "sheet events, cell C3, column hosts", "not in sheet hosts"),
    Mangled("blanks", put("events", "G2", " occurred "), "sheet events, cell G2", "blanks around"),
    Mangled("a cell outside the header", put("events", "R4", "stray"), "sheet events, cell R4", "outside the table"),
    Mangled("a hidden cell", hidden, "sheet events, cell Z9", "outside the table"),
    Mangled("a formula outside", put("events", "R4", "=SUM(J2:J3)"), "sheet events, cell R4", "outside the table"),
    Mangled("an extra column", put("events", "P1", "remarks"), "sheet events, cell P1, column remarks", "extra column"),
    Mangled("a typed direction", put("events", "P1", "direction"), "sheet events, cell P1", "never typed"),
    Mangled("a missing column", put("events", "O1", None), "sheet events, column summary", "missing column"),
    Mangled("a column named twice", put("events", "P1", "date"), "sheet events, cell B1, column date", "named twice"),
    Mangled("a header that is a formula", put("events", "P1", "=A1"), "sheet events, cell P1", "extra column"),
    Mangled("a title above the header", lambda book: book["sources"].insert_rows(1), "sheet sources, cell A1", "empty first row"),
    Mangled("an emptied sheet", emptied, "sheet events, cell A1", "an empty sheet"),
    Mangled("a missing required sheet", lambda book: book.remove(book["citations"]), "sheet citations", "a required sheet is missing"),
    Mangled("a second event of the same id", append("events", ["e1", "2020", "MLI", "RUS", "", "deployment", "occurred"]), "sheet events, cell A4", "the same key as sheet events, cell A2"),
    Mangled("an unknown event", append("citations", ["e9", "s-e1", "", "", "", "supports"]), "sheet citations, cell A4", "not in sheet events"),
    Mangled("a cutoff that is none", put("ledger", "B4", "soon"), "sheet ledger, column cutoff", "not a date"),
    Mangled("a cutoff without a day", put("ledger", "B4", MONTH, "mmm-yy"), "sheet ledger, cell B4", "shows no day"),
    Mangled("a new event without a header", put("new events", "A1", None), "sheet new events", "missing column"),
    Mangled("a formula in a new event", put("new events", "A2", "=1"), "sheet new events, cell A2", "a formula"),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_what_a_spreadsheet_mangles_is_refused_by_sheet_and_cell(small: Path, case: Mangled, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, said = run(capsys, "check", "--data", edit(small, case.do))
    assert status == 1
    mine = [line for line in said.splitlines() if case.place in line]
    assert mine and case.rule in mine[0] and ".csv" not in said and "datapackage" not in said, said
    assert mine[0].split(". ", 1)[1].strip(), "a remedy"


def test_a_cell_that_cannot_be_read_is_blamed_once(small: Path) -> None:
    with pytest.raises(LedgerError) as refused:
        load(edit(small, put("events", "B2", MONTH, "mmm-yy")))
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize(("do", "table", "column", "expected"), [
    (put("events", "B2", DAY, "dd/mm/yyyy"), "events", "date", "2020-01-15"), (put("events", "B2", DAY, "mm-dd-yy"), "events", "date", "2020-01-15"),
    (put("events", "B2", DAY, '[$-40C]d mmmm yyyy'), "events", "date", "2020-01-15"), (put("events", "B2", date(2020, 1, 15), "yyyy-mm-dd"), "events", "date", "2020-01-15"),
    (put("events", "B2", 2019), "events", "date", "2019"), (put("events", "B2", 2019.0), "events", "date", "2019"), (put("events", "J2", 1200), "events", "personnel", "1200"),
    (put("citations", "D2", 12), "citations", "locator", "12"), (put("citations", "D2", 0.1 + 0.2), "citations", "locator", "0.3"), (put("citations", "D2", 1e-7), "citations", "locator", "0.0000001"),
    (put("citations", "D2", -4.50), "citations", "locator", "-4.5"), (put("citations", "D2", 11750000.0), "citations", "locator", "11750000"), (put("citations", "D2", True), "citations", "locator", "TRUE"),
])
def test_a_cell_that_says_what_it_shows_is_accepted(small: Path, do: Callable[[Any], None], table: str, column: str, expected: str) -> None:
    raw = read(edit(small, do))[0][table]
    assert raw.column(column)[0] == expected


def test_accepted_dates_are_said_and_older_calendars_understood(small: Path) -> None:
    def change(book: Any) -> None:
        book.epoch = openpyxl.utils.datetime.MAC_EPOCH
        put("events", "B2", DAY, "d/m/yyyy")(book)
    ledger = load(edit(small, change))
    assert ledger["events"]["date"][0] == "2020-01-15" and [notice for notice in ledger.notices if "sheet events" in notice and "(1)" in notice]


def test_other_sheets_and_deleted_vocabularies_are_said(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def change(book: Any) -> None:
        book.create_sheet("My notes")["A1"] = "=1"
        book.remove(book["actors"])
        book.remove(book["legs"])
        book.remove(book["ledger"])
        book.remove(book["new events"])
    status, said, _ = run(capsys, "check", "--data", edit(small, change))
    assert status == 0 and "not read: My notes" in said and "sheet actors: absent, the project's own is used" in said and "sheet legs" in said
    status, _, said = run(capsys, "format", "--data", small)
    assert status == 1 and "My notes" in said, "formatting would lose the sheet"
    edit(small, lambda book: book.remove(book["My notes"]))
    assert run(capsys, "format", "--data", small)[0] == 0 and "actors" not in sheet_names(small)


# Files that are no workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


def zipped(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as bundle:
        for name, text in files.items():
            bundle.writestr(name, text)
    return target.getvalue()


@pytest.mark.parametrize(("name", "data", "rule"), [
    ("a.xlsx", b"event_id,date\n", "not a workbook"), ("a.xlsx", b"", "not a workbook"), ("a.xlsx", OLE, "old format"),
    ("a.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "encrypted"), ("a.xlsx", zipped(a="x"), "can be read"), ("a.xlsx", b"PK\x03\x04rubbish", "can be read"),
    ("a.xls", OLE, "neither a folder nor"), ("a.ods", zipped(mimetype="x"), "neither a folder nor"), ("events.csv", b"event_id\n", "neither a folder nor"), ("no.xlsx", None, "no such workbook"),
])
def test_a_file_that_is_no_workbook_is_refused_in_a_sentence(tmp_path: Path, name: str, data: bytes | None, rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    for command in ("check", "format", "html"):
        words = ["--out", tmp_path / "html"] if command == "html" else []
        status, _, said = run(capsys, command, "--data", tmp_path / name, *words)
        assert status == 1 and rule in said and name in said and not (tmp_path / "html").exists()


@pytest.mark.parametrize("seed", range(12))
def test_a_damaged_workbook_never_brings_a_traceback(small: Path, seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    data = bytearray(small.read_bytes())
    if seed % 2:
        data = data[:len(data) * (seed + 1) // 13]
    else:
        start = len(data) * (seed + 1) // 14
        data[start:start + 40] = bytes(range(40))
    small.write_bytes(bytes(data))
    status, _, said = run(capsys, "check", "--data", small)
    assert status in (0, 1) and (status == 0 or "1 error" in said or "errors" in said)


def test_a_sheet_of_broken_xml_is_refused(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = parts(small.read_bytes())
    name = next(name for name, text in files.items() if name.startswith("xl/worksheets/sheet") and "e1" in text or name.endswith("sheet3.xml"))
    small.write_bytes(zipped(**{**files, name: files[name][:200]}))
    status, _, said = run(capsys, "check", "--data", small)
    assert status == 1 and "save it as .xlsx" in said


def test_a_folder_whose_name_ends_like_a_workbook_is_a_folder(tmp_path: Path) -> None:
    assert len(load(ledgers.write(tmp_path / "my.xlsx", [{}]))["events"]) == 1


# What a workbook can't hold

def test_a_cell_too_long_for_excel_is_refused_and_never_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for text, fits in (("x" * 32_767, True), ("x" * 32_768, False), ("😀" * 16_384, False)):
        folder = ledgers.write(tmp_path / str(len(text)), [{"summary": text}])
        status, _, said = run(capsys, "convert", "--data", folder, "--out", folder.with_suffix(".xlsx"))
        assert (status == 0) == fits and folder.with_suffix(".xlsx").exists() == fits
        if not fits:
            assert "32,767" in said and "sheet events, row 2" in said
            data, notices = workbook_of(load(folder))
            assert data == b"" and "no workbook" in notices[0] and archive(folder)


def test_more_rows_than_a_sheet_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LAST_ROW", 3)
    rows = [[f"e{number}", *[""] * (len(TABLES["events"].columns) - 1)] for number in range(4)]
    with pytest.raises(workbook.WorkbookError, match="4 rows"):
        workbook.write(raws({"events": rows}), {})
    assert workbook.write(raws({"events": rows[:3]}), {})


def test_a_workbook_that_is_open_elsewhere_is_left_as_it_was(small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    before = small.read_bytes()
    def locked(*_: Any) -> None:
        raise PermissionError(13, "Permission denied")
    monkeypatch.setattr("helpers.exchange.os.replace", locked)
    status, _, said = run(capsys, "format", "--data", small)
    assert status == 1 and "can't be written" in said and "Close it" in said and small.read_bytes() == before and len(list(small.parent.glob(".*"))) == 0


# In the pages

def test_a_workbook_s_pages_offer_the_workbook_and_say_which_ledger_it_is(small: Path, tmp_path: Path) -> None:
    from helpers import pages
    from helpers.exhibits import Nothing
    frame = pages.Frame("T", "0" * 12, "2025-12-31", "", "", "", [], "", "", {}, {}, archive(small), workbook=packed_workbook(small), download="01-a.html")
    html = pages.render_index([], [], "", Nothing("who-is-there", "Nobody."), frame)
    found = re.search(r'download="sahel-shift-ledger-0{12}\.xlsx" href="data:application/vnd[a-z.-]+;base64,([^"]+)"', html)
    target = tmp_path / "from-page.xlsx"
    target.write_bytes(__import__("base64").b64decode(found[1]))
    assert load(target).hash == load(small).hash
    assert 'id="workbook"' in html and 'href="index.html#workbook"' in html
