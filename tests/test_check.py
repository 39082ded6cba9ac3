"""Guards the check: each kind of damage is refused at its place with a remedy, all at once, and nothing else is reported."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpers.__main__ import main
from helpers.ledger import LedgerError, load, read
from helpers.reading import Problem
from tests.ledgers import columns, rows, table, write

EVENTS = [
    {"event_id": "e1", "date": "2020-01-15", "process": "arrival", "personnel": 200, "forces": "Wagner"},
    {"event_id": "e2", "type": "withdrawal", "partners": "FRA;DEU", "date": "2022-08"},
    {"event_id": "e3", "type": "training", "status": "ongoing", "date": "2021-03/.."},
    {"event_id": "e4", "type": "aid", "partners": "USA", "amount": 1000, "currency": "EUR", "date": "2019"},
    {"event_id": "e5", "type": "coup", "date": "2021-05-24"},
    {"event_id": "e6", "type": "deployment", "status": "announced", "process": "arrival", "date": "2019-12"},
    {"event_id": "e7", "type": "withdrawal", "process": "arrival", "date": "2024-06", "initiator": "host"},
    {"event_id": "e8", "date": "[2026-01..2026-03]", "status": "anticipated"},
]
TABLES: dict[str, list[dict[str, Any]]] = {
    "origins": [{"origin_id": "army", "country": "MLI", "control": "state"}],
    "processes": [{"process": "arrival", "counts_at": "e1", "force": "Wagner"}],
    "series": [{"series_id": "all", "force": "Wagner"}, {"series_id": "camp", "force": "Camp", "part_of": "all"}],
    "strengths": [{"series_id": "all", "personnel": 1000, "low": 800, "high": 1200}, {"series_id": "camp", "personnel": 100}],
    "places": [{"place_id": "gao"}, {"place_id": "kidal"}],
    "bases": [{"place_id": "gao", "force": "Wagner", "from": "2021"}],
    "legs": [{"event_id": "e1", "from": "gao", "to": "kidal"}],
    "withdrawn": [{"event_id": "e99", "merged_into": "e1"}],
}
CITATIONS = [
    {"event_id": "e1", "source_id": "s1", "origin_id": "army"},
    {"event_id": "e1", "source_id": "s2", "stance": "differs", "field": "personnel", "value": "300"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sound ledger with a row of almost every table."""
    return write(tmp_path / "ledger", EVENTS, [{"source_id": "s1"}, {"source_id": "s2"}], CITATIONS, **TABLES)


def set_cell(folder: Path, name: str, line: int, column: str, value: str) -> None:
    """Writes a value into a table, by the line of the file (the header is line 1)."""
    found = rows(folder, name)
    found[line - 2][column] = value
    table(folder, name, found)


def check(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of the command."""
    status = main(["check", "--data", str(folder)])
    return status, *capsys.readouterr()


def problems(folder: Path) -> list[Problem]:
    try:
        return read(folder)[3]
    except LedgerError as error:
        return error.problems


def refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> list[Problem]:
    """The problems of a damaged ledger, once the command has refused it and said each of them with a remedy."""
    status, _, said = check(folder, capsys)
    found = problems(folder)
    assert status == 1 and found
    assert "Traceback" not in said
    assert all(str(problem) in said and problem.rule and len(problem.remedy) > 7 for problem in found)
    assert said.rstrip().endswith("1 error in the ledger" if len(found) == 1 else f"{len(found)} errors in the ledger")
    return found


@dataclass(frozen=True)
class Damage:
    """A damage and where it must be reported; rule and remedy are words that must stand there. count: problems in all."""

    name: str
    do: Callable[[Path], object]
    file: str
    line: int | None
    column: str
    value: str
    rule: str
    remedy: str = ""
    count: int = 1


def cell(
    name: str, where: str, line: int, column: str, value: str, rule: str, remedy: str = "", shown: str | None = None, count: int = 1
) -> Damage:
    """A wrong value in one cell, reported at that cell with that value."""
    return Damage(
        name,
        lambda folder: set_cell(folder, where, line, column, value),
        f"{where}.csv",
        line,
        column,
        value if shown is None else shown,
        rule,
        remedy,
        count,
    )


def two_cells(
    name: str, line: int, first: tuple[str, str], second: tuple[str, str], at: tuple[str, str], rule: str, remedy: str
) -> Damage:
    """Two cells of one event that contradict each other, reported at `at` (column, value)."""

    def do(folder: Path) -> None:
        for column, value in (first, second):
            set_cell(folder, "events", line, column, value)

    return Damage(name, do, "events.csv", line, *at, rule, remedy)


CELLS = [
    cell("a day that does not exist", "events", 2, "date", "2023-02-30", "a day that does not exist", "28 days"),
    cell("a month that does not exist", "events", 3, "date", "2023-13", "a month that does not exist", "01 to 12"),
    cell("an Excel serial", "events", 2, "date", "45158", "spreadsheet", "format the column as text"),
    cell("an Excel date", "events", 2, "date", "20/08/2023", "spreadsheet", "format the column as text"),
    cell("a reversed interval", "events", 3, "date", "[2022-08..2021-01]", "a reversed interval", "[2021-01..2022-08]"),
    cell("a reversed duration", "events", 3, "date", "2022/2021", "a reversed interval", "2021/2022"),
    cell("an empty date", "events", 3, "date", "", "an empty date"),
    cell("a date in words", "events", 3, "date", "August 2022", "not a date", "2023-08-20"),
    cell("an unknown actor", "events", 2, "partners", "ATLANTIS", "not in actors.csv", "Add it there or correct it here"),
    cell("a near miss of an actor", "events", 2, "partners", "NATTO", "not in actors.csv", "'NATO'"),
    cell("a lower-case actor", "events", 2, "partners", "rus", "not in actors.csv", "'RUS'"),
    cell("a lower-case actor in a list", "events", 3, "partners", "FRA;deu", "not in actors.csv", "'DEU'", shown="deu"),
    cell("an unknown host", "events", 2, "hosts", "ZZZ", "not in hosts.csv", "MLI"),
    cell("a lower-case host", "events", 2, "hosts", "mli", "not in hosts.csv", "'MLI'"),
    cell("the region as a host of an event", "events", 2, "hosts", "XSA", ""),
    cell("a near miss of a type", "events", 2, "type", "deploymnt", "not in event_types.csv", "'deployment'"),
    cell("an unknown type", "events", 2, "type", "piracy", "not in event_types.csv", "deployment"),
    cell("an upper-case status", "events", 2, "status", "Occurred", "not an allowed value", "'occurred'"),
    cell("an unknown status", "events", 6, "status", "done", "not an allowed value", "anticipated, announced"),
    cell("an unknown initiator", "events", 3, "initiator", "hosts", "not an allowed value", "'host'"),
    cell("no initiator", "events", 3, "initiator", "", "no initiator", "partner, both"),
    cell("no partner", "events", 3, "partners", "", "no partner", "context"),
    cell("an unknown stance", "citations", 7, "stance", "support", "not an allowed value", "'supports'"),
    cell("a near miss of a force", "events", 2, "forces", "Wagnr", "not in forces.csv", "'Wagner'"),
    cell("a lower-case force", "series", 2, "force", "wagner", "not in forces.csv", "'Wagner'"),
    cell("an unknown process", "events", 3, "process", "arival", "not in processes.csv", "'arrival'"),
    cell("a code twice in one list", "events", 3, "partners", "FRA;FRA", "twice", "once"),
    cell("a list with a hole", "events", 3, "partners", "FRA;;DEU", "a list with a hole", "one semicolon"),
    cell("a list that ends with a semicolon", "events", 3, "hosts", "MLI;", "a list with a hole", "one semicolon"),
    cell("blanks around a value", "events", 3, "partners", "FRA ", "blanks around the value", "'FRA'", count=2),
    cell("a blank id", "sources", 2, "source_id", "", "an empty cell where a value is required", count=2),
    cell("an id of blanks", "origins", 2, "origin_id", " ", "blanks around the value", count=2),
    cell("an empty summary", "events", 3, "summary", "", "an empty cell"),
    cell("a dangling citation", "citations", 2, "event_id", "e0", "not in events.csv", "e1, e2", count=2),
    cell("a citation of an unknown page", "citations", 2, "source_id", "nowhere", "not in sources.csv"),
    cell("a citation of an unknown origin", "citations", 7, "origin_id", "navy", "not in origins.csv", "army"),
    cell("negative people", "events", 2, "personnel", "-200", "a negative number", "The least is 0"),
    cell("people in words", "events", 2, "personnel", "about 200", "not a number", "digits"),
    cell("half a person", "events", 2, "personnel", "12.5", "a fraction", "digits"),
    cell("a thousands separator", "events", 2, "personnel", "1,200", "a fraction where a whole number belongs", "digits"),
    cell("people in another script", "events", 2, "personnel", "١٢٠٠", "not a number", "digits"),
    cell("a negative strength", "strengths", 3, "personnel", "-1", "a negative number"),
    cell(
        "low above high",
        "strengths",
        2,
        "low",
        "1300",
        "out of order",
        "low ≤ personnel ≤ high",
        shown="low 1300 · personnel 1000 · high 1200",
    ),
    cell("an amount without a currency", "events", 5, "currency", "", "an amount without its currency", "both"),
    cell("a currency without an amount", "events", 5, "amount", "", "a currency without its amount", "both"),
    cell("a currency in words", "events", 5, "currency", "euros", "not of the expected form", "[A-Z]{3}"),
    cell("an address that is a script", "sources", 2, "url", "javascript:alert(1)", "not a web address", "https://"),
    cell("an address without a scheme", "sources", 2, "url", "www.example.org", "not a web address", "https://"),
    cell("an archived copy on a disk", "sources", 2, "archived", "file:///C:/page.html", "not a web address", "https://"),
    cell("a publication day that does not exist", "sources", 2, "published", "2021-06-31", "a day that does not exist", "30 days"),
    cell("an approximate publication day", "sources", 2, "published", "2021~", ""),
    cell("a publication day that is an interval", "sources", 2, "published", "[..2021]", ""),
    cell("counts_at that is not in the process", "processes", 2, "counts_at", "e2", "not an act of the process", "leave it empty"),
    cell("counts_at that is only announced", "processes", 2, "counts_at", "e6", "has the status announced", "leave it empty"),
    cell("counts_at of the wrong direction", "processes", 2, "counts_at", "e7", "not of the process's direction", "leave it empty"),
    cell("a series inside itself", "series", 2, "part_of", "all", "a series inside itself", "part of none", count=2),
    cell("a ring of series", "series", 2, "part_of", "camp", "a series inside itself", "part of none", count=2),
    cell("a page that differs, but not in what", "citations", 10, "field", "", "but not in what", "Name the column"),
    cell("an event that is both withdrawn and there", "withdrawn", 2, "event_id", "e2", "withdrawn, yet still", "Delete one"),
    cell("a place off the globe", "places", 2, "lat", "91", "too large", "The most is 90"),
    cell("a cell of a megabyte", "events", 3, "summary", "x" * 1_000_000, "a cell of 1,000,000 characters", "100,000", shown=""),
    cell("a line break inside a cell", "events", 3, "summary", "one\ntwo", "a line break inside a cell", "one line"),
    two_cells(
        "ongoing with a closed date",
        4,
        ("status", "ongoing"),
        ("date", "2021-03"),
        ("status", "ongoing"),
        "ongoing with a closed date (2021-03)",
        "a/..",
    ),
    two_cells(
        "ongoing with a closed duration",
        4,
        ("status", "ongoing"),
        ("date", "2021-03/2022"),
        ("status", "ongoing"),
        "ongoing with a closed date",
        "a/..",
    ),
    two_cells(
        "in the future",
        9,
        ("status", "occurred"),
        ("date", "2026-02"),
        ("date", "2026-02"),
        "after the ledger's cutoff (2025-12-31)",
        "announced",
    ),
    two_cells(
        "after its first report",
        8,
        ("initiator", "host"),
        ("date", "2024-08"),
        ("date", "2024-08"),
        "after its first supporting report (2024-06-30)",
        "publication day",
    ),
]


def text_of(folder: Path, name: str) -> list[str]:
    return (folder / f"{name}.csv").read_text(encoding="utf-8").splitlines()


def put(folder: Path, name: str, lines: list[str]) -> None:
    (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def edit(name: str, change: Callable[[list[str]], list[str]]) -> Callable[[Path], None]:
    """Changes the lines of a table's file."""
    return lambda folder: put(folder, name, change(text_of(folder, name)))


def recode(name: str, encoding: str) -> Callable[[Path], None]:
    """Writes a table in another encoding, with a letter in it that needs one."""

    def do(folder: Path) -> None:
        text = (folder / f"{name}.csv").read_text(encoding="utf-8").replace("Invented", "Inventé")
        (folder / f"{name}.csv").write_bytes(text.encode(encoding))

    return do


def raw(name: str, data: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(data) and None


def double(name: str, line: int) -> Callable[[Path], None]:
    return edit(name, lambda lines: [*lines, lines[line - 1]])


def uncited(folder: Path) -> None:
    table(folder, "citations", [row for row in rows(folder, "citations") if row["event_id"] != "e5"])


def with_nul(folder: Path) -> None:
    path = folder / "events.csv"
    path.write_bytes(path.read_bytes().replace(b"e3,", b"e\x003,"))


HEADER = ",".join(columns("events"))
FILES = [
    Damage(
        "a field beside another stance",
        lambda folder: set_cell(folder, "citations", 10, "stance", "supports"),
        "citations.csv",
        10,
        "field",
        "personnel",
        "a field beside the stance supports",
        "Only differs",
    ),
    Damage(
        "people beside a zero",
        lambda folder: set_cell(folder, "strengths", 3, "kind", "zero"),
        "strengths.csv",
        3,
        "personnel",
        "100",
        "people beside the kind zero",
        "Write 0",
    ),
    Damage("a duplicate event", double("events", 3), "events.csv", 10, "event_id", "e2", "the same key as line 3", "join"),
    Damage(
        "a duplicate citation",
        double("citations", 9),
        "citations.csv",
        11,
        "event_id, source_id, origin_id, stance, field",
        "e1 · s1 · army · supports · ",
        "the same key as line 9",
        "join",
    ),
    Damage(
        "an uncited event", uncited, "events.csv", 6, "event_id", "e5", "an event that no page stands for", "Add a row to citations.csv"
    ),
    Damage(
        "a direction column",
        edit("events", lambda lines: [lines[0] + ",direction", *(line + ",1" for line in lines[1:])]),
        "events.csv",
        1,
        "direction",
        "",
        "a direction is never typed",
        "follows from type",
    ),
    Damage(
        "an extra column",
        edit("events", lambda lines: [lines[0] + ",remark", *(line + ",x" for line in lines[1:])]),
        "events.csv",
        1,
        "remark",
        "",
        "extra column",
        "Delete it",
    ),
    Damage(
        "a missing column",
        edit("events", lambda lines: [line.rpartition(",")[0] for line in lines]),
        "events.csv",
        1,
        "summary",
        "",
        "missing column",
        HEADER,
    ),
    Damage(
        "a column named twice",
        edit("events", lambda lines: [lines[0] + ",type", *(line + ",aid" for line in lines[1:])]),
        "events.csv",
        1,
        "type",
        "",
        "column named twice",
        "Keep one",
    ),
    Damage(
        "two header lines", edit("events", lambda lines: [lines[0], *lines]), "events.csv", 2, "", "", "a second header line", "Delete it"
    ),
    Damage(
        "a row too short",
        edit("events", lambda lines: [*lines[:3], lines[3].rpartition(",")[0], *lines[4:]]),
        "events.csv",
        4,
        "",
        "",
        "14 cells where the header has 15",
        "quote a cell",
    ),
    Damage("latin-1", recode("sources", "latin-1"), "sources.csv", 2, "", "", "wrong encoding (not UTF-8)", "Save the file as CSV UTF-8"),
    Damage("UTF-16", recode("sources", "utf-16"), "sources.csv", None, "", "", "wrong encoding (UTF-16)", "Save the file as CSV UTF-8"),
    Damage("UTF-16 without a mark", recode("sources", "utf-16-le"), "sources.csv", 1, "", "", "a NUL byte", "CSV UTF-8"),
    Damage(
        "one row with semicolons",
        edit("events", lambda lines: [*lines[:3], lines[3].replace(",", ";"), *lines[4:]]),
        "events.csv",
        4,
        "",
        "",
        "mixed separators",
        "','",
    ),
    Damage(
        "one row with commas under semicolons",
        edit("citations", lambda lines: [*(line.replace(",", ";") for line in lines[:9]), lines[9]]),
        "citations.csv",
        10,
        "",
        "",
        "mixed separators",
        "';'",
    ),
    Damage("an empty file", raw("events.csv", b""), "events.csv", None, "", "", "an empty file", HEADER),
    Damage("a file of blank lines", raw("events.csv", b"\n \n\n"), "events.csv", None, "", "", "an empty file", HEADER),
    Damage(
        "a missing file",
        lambda folder: (folder / "events.csv").unlink(),
        "events.csv",
        None,
        "",
        "",
        "a required table is missing",
        HEADER,
    ),
    Damage("a picture", raw("events.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "events.csv", None, "", "", "", "CSV UTF-8"),
    Damage("a compressed file", raw("events.csv", b"\x1f\x8b\x08\x08\xff\xfe\xfa"), "events.csv", 1, "", "", "", "CSV UTF-8"),
    Damage(
        "a workbook under another name",
        raw("events.csv", b"PK\x03\x04\x14\x00\x06\x00"),
        "events.csv",
        None,
        "",
        "",
        "a workbook under the name of a CSV table",
        "Save the sheet as CSV UTF-8",
    ),
    Damage(
        "an old workbook under another name",
        raw("events.csv", b"\xd0\xcf\x11\xe0\xa1\xb1"),
        "events.csv",
        None,
        "",
        "",
        "a workbook under the name of a CSV table",
        "Save the sheet as CSV UTF-8",
    ),
    Damage("a NUL", with_nul, "events.csv", 4, "", "", "a NUL byte", "CSV UTF-8"),
    Damage(
        "a stray quote in the first cell",
        edit("events", lambda lines: [*lines[:3], '"' + lines[3], *lines[4:]]),
        "events.csv",
        4,
        "",
        "",
        "quotation mark",
        "quote",
    ),
    Damage(
        "a stray quote before the summary",
        edit("events", lambda lines: [*lines[:3], lines[3].replace(",People", ',"People'), *lines[4:]]),
        "events.csv",
        4,
        "",
        "",
        "quotation mark",
        "quote",
    ),
    Damage(
        "text behind a quoted cell",
        edit("events", lambda lines: [*lines[:3], '"e3"x' + lines[3][2:], *lines[4:]]),
        "events.csv",
        4,
        "",
        "",
        "quotation mark",
        "quote",
    ),
    Damage(
        "an unknown key in a table beside",
        edit("bases", lambda lines: [line.replace("gao", "gaoo") for line in lines]),
        "bases.csv",
        2,
        "place_id",
        "gaoo",
        "not in places.csv",
        "'gao'",
    ),
]

PACKAGES = [
    ("a broken datapackage.json", b'{"title": "half', "", "not JSON"),
    ("a list for a package", b"[]", "", "not a JSON object"),
    ("a package in latin-1", '{"title": "é"}'.encode("latin-1"), "", "not JSON"),
    ("an empty package", b"", "", "not JSON"),
    ("an impossible cutoff", b'{"cutoff": "2025-02-30"}', "cutoff", "a day that does not exist"),
    ("a cutoff in words", b'{"cutoff": "today"}', "cutoff", "not a date"),
    ("a cutoff as a number", b'{"cutoff": 45158}', "cutoff", "spreadsheet"),
]


def test_the_ledger_that_is_damaged_below_is_sound(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, said, wrong = check(folder, capsys)
    assert (status, wrong) == (0, "")
    assert "events 8" in said


@pytest.mark.parametrize("damage", [*CELLS, *FILES], ids=lambda damage: damage.name)
def test_a_damage_is_refused_at_its_place_with_a_remedy(damage: Damage, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    damage.do(folder)
    found = refused(folder, capsys)
    hit = [
        problem
        for problem in found
        if (problem.file, problem.column, problem.value) == (damage.file, damage.column, damage.value)
        and damage.line in (problem.line, None)
        and damage.rule in problem.rule
        and damage.remedy in problem.remedy
    ]
    assert hit, "\n".join(map(str, found))
    assert f"{damage.file}, line {damage.line}" in str(hit[0]) if damage.line else str(hit[0]).startswith(damage.file)


@pytest.mark.parametrize("damage", [*CELLS, *FILES], ids=lambda damage: damage.name)
def test_a_damage_brings_no_false_errors_elsewhere(damage: Damage, folder: Path) -> None:
    """One damage, one message; `count` says where two places are rightly wrong (a lost key and the row that needs it)."""
    damage.do(folder)
    found = problems(folder)
    assert len(found) <= damage.count, "\n".join(map(str, found))


@pytest.mark.parametrize(("data", "column", "rule"), [row[1:] for row in PACKAGES], ids=[row[0] for row in PACKAGES])
def test_a_damaged_package_is_refused(data: bytes, column: str, rule: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "datapackage.json").write_bytes(data)
    found = refused(folder, capsys)
    assert [(problem.file, problem.column) for problem in found] == [("datapackage.json", column)]
    assert rule in found[0].rule


@pytest.mark.parametrize(
    "data",
    [b'{"licenses": {"name": "CC0-1.0"}}', b'{"contributors": "me"}', b'{"contributors": ["me"]}', b'{"licenses": "CC0"}'],
    ids=["licence as an object", "contributors as text", "a contributor as text", "licence as text"],
)
def test_an_odd_package_is_refused_or_read_and_never_breaks(data: bytes, folder: Path) -> None:
    (folder / "datapackage.json").write_bytes(data)
    try:
        load(folder)
    except LedgerError as error:
        assert error.problems[0].file == "datapackage.json"


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = refused(tmp_path / "nowhere", capsys)
    assert "no such folder" in found[0].rule and "events.csv" in found[0].remedy


def test_several_damages_are_reported_at_once_in_the_order_of_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [
        "a day that does not exist",
        "an unknown initiator",
        "an amount without a currency",
        "an address that is a script",
        "an unknown stance",
        "low above high",
        "a place off the globe",
    ]
    damages = [damage for damage in CELLS if damage.name in chosen]
    for damage in damages:
        damage.do(folder)
    found = refused(folder, capsys)
    assert {(item.file, item.line, item.column) for item in found} == {(item.file, item.line, item.column) for item in damages}
    assert [(item.file, item.line) for item in found if item.file == "events.csv"] == [("events.csv", line) for line in (2, 3, 5)]
    assert len(found) == len(chosen)


def test_two_broken_files_are_both_reported(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    raw("events.csv", b"")(folder)
    recode("sources", "utf-16")(folder)
    set_cell(folder, "places", 2, "lat", "north")
    assert {problem.file for problem in refused(folder, capsys)} == {"events.csv", "sources.csv", "places.csv"}


def test_very_many_errors_are_cut_and_their_number_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "many", [{"event_id": f"e{number}", "type": "piracy"} for number in range(300)])
    status, _, said = check(folder, capsys)
    assert status == 1 and "300 errors in the ledger" in said
    assert len(said.splitlines()) == 202


def test_the_command_itself_ends_with_status_1_and_no_traceback(folder: Path) -> None:
    set_cell(folder, "events", 2, "date", "2023-02-30")
    done = subprocess.run(
        [sys.executable, "-m", "helpers", "check", "--data", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent.parent,
    )
    assert (done.returncode, done.stdout.count("error")) == (1, 0)
    assert "events.csv, line 2, column date: '2023-02-30': a day that does not exist" in done.stderr
    assert "Traceback" not in done.stderr


def with_semicolons(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        found = rows(folder, path.stem)
        lines = [columns(path.stem), *(list(row.values()) for row in found)]
        quoted = [";".join(f'"{text}"' if ";" in text else text for text in line) for line in lines]
        put(folder, path.stem, quoted)


def with_mark(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())


def with_windows_lines(folder: Path) -> None:
    for path in folder.glob("*.csv"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))


ACCEPTED = [
    ([with_semicolons], ["semicolons"]),
    ([with_mark], ["byte order mark"]),
    ([with_windows_lines], ["CRLF"]),
    ([with_semicolons, with_windows_lines, with_mark], ["semicolons", "byte order mark", "CRLF"]),
]


@pytest.mark.parametrize(
    ("changes", "words"), ACCEPTED, ids=["semicolons", "a byte order mark", "Windows line ends", "all that French Excel does"]
)
def test_what_a_spreadsheet_writes_is_accepted_said_and_read_as_the_same_ledger(
    changes: list[Callable[[Path], None]], words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load(folder).hash
    for change in changes:
        change(folder)
    status, said, wrong = check(folder, capsys)
    assert (status, wrong) == (0, "")
    assert all(any("events.csv" in line and word in line for line in said.splitlines()) for word in words)
    assert load(folder).hash == before


def test_columns_in_another_order_are_read_as_the_same_ledger(folder: Path) -> None:
    before = load(folder).hash
    found = [list(row.items()) for row in rows(folder, "sources")]
    put(
        folder,
        "sources",
        [",".join(name for name, _ in reversed(found[0])), *(",".join(text for _, text in reversed(row)) for row in found)],
    )
    assert load(folder).hash == before


def test_a_signed_direction_means_the_same_as_an_unsigned_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_cell(folder, "processes", 2, "direction", "+1")
    status, _, wrong = check(folder, capsys)
    assert (status, wrong) == (0, "")


def test_rows_without_a_cell_and_a_day_of_tolerance_are_no_error(folder: Path) -> None:
    edit("events", lambda lines: [*lines, "," * (len(columns("events")) - 1), ""])(folder)
    set_cell(folder, "sources", 2 + [row["source_id"] for row in rows(folder, "sources")].index("s-e5"), "published", "2021-05-23")
    assert problems(folder) == []
