"""Reading a ledger from a workbook: a sheet per table, every cell as text, with sheet and cell for the messages of the check."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from helpers.new_events import SHEET, split, typed_table
from helpers.reading import Found, Problem, RawTable, header_problems
from helpers.region import KEYS, PARAMETERS, PARTS
from helpers.schema import DESCRIPTOR, Package, Table
from helpers.workbook_cells import cell_text, opened, refusal

ABOUT = "ledger"
BLOC = "bloc"  # the label of a line for each bloc
LABELS = ("title", "licence", "contact", "cutoff", "region", "how_coded", "sides", BLOC)
Line = tuple[int, tuple[Any, ...]]


def is_workbook(path: Path) -> bool:
    """True for what is to be read as a workbook: any file, and a name that ends like one where nothing stands yet."""
    return path.is_file() or not path.exists() and path.suffix.lower() == ".xlsx"


def _letters(count: int) -> list[str]:
    from openpyxl.utils import get_column_letter
    return [get_column_letter(number) for number in range(1, count + 1)]


def _lines(sheet: Any) -> Iterator[Line]:
    """(row number, cells) of every row that holds anything."""
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    for line, cells in enumerate(sheet.iter_rows(), 1):
        if any(cell.value is not None for cell in cells):
            yield line, cells


def _problem(sheet: str, line: int | None, letter: str, column: str, value: str, rule: str, remedy: str) -> Problem:
    return Problem(f"{sheet}.csv", line, column, value, rule, remedy, f"sheet {sheet}" + (f", cell {letter}{line}" if letter else ""))


def _header(raw: RawTable, cells: tuple[Any, ...], older: bool) -> list[str]:
    """The names of the header, blanks at its end cut off; what is wrong with them is noted."""
    header = [text if isinstance(text := cell_text(cell), str) else f"({text[0]})" for cell in cells]
    while header and not header[-1]:
        header.pop()
    letters = dict(reversed(list(zip(header, _letters(len(header))))))
    for problem in header_problems(raw, [name for name in header if name], older):
        raw.problems.append(_problem(raw.table.name, 1, letters.get(problem.column, ""), problem.column, "", problem.rule, problem.remedy))
    return header


def _read_row(raw: RawTable, line: int, cells: tuple[Any, ...], header: list[str], letters: list[str]) -> tuple[dict[str, str], int]:
    """The cells of a row by column, and how many of them were dates; one that can't be read stands empty, with its problem."""
    found, days = {}, 0
    for place, cell in enumerate(cells):
        if cell.value is None:
            continue
        text, column = cell_text(cell), header[place] if place < len(header) else ""
        if not column and text:
            raw.problems.append(_problem(raw.table.name, line, _letters(place + 1)[-1], "", text if isinstance(text, str) else "", "a cell outside the table",
                                         "Clear it (its row or column may be hidden), or move it into a column of the header"))
        elif column and isinstance(text, tuple):
            found[column] = ""
            raw.problems.append(_problem(raw.table.name, line, letters[place], column, "", *text))
        elif column and text:
            found[column] = text
            days += cell.data_type == "d"
    return found, days


def read_sheet(table: Table, sheet: Any, older: bool = False) -> RawTable:
    """Reads one sheet (openpyxl) as a table; problems and notices stand in the result."""
    raw, lines, days = RawTable(table), _lines(sheet), 0
    line, cells = next(lines, (0, ()))
    if line != 1:
        rule = "an empty first row" if line else "an empty sheet"
        raw.problems.append(_problem(table.name, 1, "A", "", "", rule, f"The first row must be: {', '.join(table.columns)}"))
        return raw
    header = _header(raw, cells, older)
    if raw.problems:
        return raw
    letters = _letters(len(header))
    own = {name: letter for name, letter in zip(header, letters) if name}
    for line, cells in lines:
        found, of_row = _read_row(raw, line, cells, header, letters)
        days += of_row
        if found:
            raw.rows.append([found.get(column, "") for column in table.columns])
            raw.lines.append(line)
            raw.places.append((table.name, own))
    if days:
        raw.notices.append(f"sheet {table.name}: date cells accepted, each as the day that it shows ({days:,})")
    return raw


def _about(sheet: Any, found: Found) -> None:
    """What the sheet `ledger` says of the ledger, as a descriptor holds it."""
    said: dict[str, Any] = {}
    blocs: list[dict[str, str]] = []
    for line, cells in _lines(sheet):
        label, value = [cell_text(cell) for cell in cells[:2]] if len(cells) > 1 else ("", "")
        if label in LABELS and isinstance(value, tuple):
            found.problems.append(_problem(ABOUT, line, "B", str(label), "", *value))
        elif label == BLOC and str(value).strip():
            blocs.append({part: text for part, text in zip((*PARTS, "more"), map(str.strip, str(value).split(";"))) if text})
        elif label in LABELS and str(value).strip():
            said[str(label)] = str(value).strip()
    if "licence" in said:
        said["licence"] = [{"name": re.sub(r"[^-A-Za-z0-9._]+", "-", said["licence"]).strip("-") or "other", "title": said["licence"]}]
    if "contact" in said:
        said["contact"] = [{"title": said["contact"]}]
    names = {"licence": "licenses", "contact": "contributors"}
    if "sides" in said:
        said["sides"] = [side.strip() for side in said["sides"].split(";")]
    own = {key: said.pop(key) for key in KEYS if key in said} | ({"blocs": blocs} if blocs else {})
    found.own = {names.get(label, label): value for label, value in said.items()} | ({PARAMETERS: own} if own else {})


def _read_all(path: Path, package: Package, older: bool) -> Found:
    book, found, typed = opened(path), Found(), None
    for sheet in book.worksheets:
        if sheet.title in package.tables:
            found.tables[sheet.title] = read_sheet(package.tables[sheet.title], sheet, older)
        elif sheet.title == SHEET:
            typed = read_sheet(typed_table(package.tables), sheet, older)
        elif sheet.title == ABOUT:
            _about(sheet, found)
    unknown = strangers(book.sheetnames, package)
    if unknown:
        found.notices.append(f"sheets that are not part of a ledger, not read: {', '.join(unknown)}")
    if typed:
        found.notices += typed.notices
        found.problems += typed.problems
        if typed.rows and {"events", "sources", "citations"} <= found.tables.keys():
            found.tables.setdefault("origins", RawTable(package.tables["origins"]))
            found.problems += split(typed, found.tables)
    return found


def strangers(names: list[str], package: Package) -> list[str]:
    """The sheets, by name, that a ledger has no use for."""
    return [name for name in names if name not in (*package.tables, SHEET, ABOUT)]


def sheet_names(path: Path) -> list[str]:
    """The names of a sound workbook's sheets."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return opened(path).sheetnames


def read_workbook(path: Path, package: Package, older: bool = False) -> Found:
    """Reads the tables of a workbook (older: of an older release, columns may be missing). Of a file that is none the
    result holds nothing but the problem that says so."""
    try:
        problem = refusal(path)
        if problem:
            return Found(problems=[problem])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on what it doesn't keep; we only read cells
            return _read_all(path, package, older)
    except OSError as error:
        return Found(problems=[Problem(str(path), None, "", "", f"can't be read: {error.strerror or error}", "Close it elsewhere, or copy it and name the copy")])
    except Exception as error:  # noqa: BLE001  a damaged file raises whatever zip, XML and openpyxl can raise
        return Found(problems=[Problem(str(path), None, "", "", f"not a workbook that can be read ({type(error).__name__})",
                                       "Open it in Excel or LibreOffice and save it as .xlsx")])


def in_words(problem: Problem) -> Problem:
    """A problem in the words of a workbook: sheets, not files."""
    def words(text: str) -> str:
        """A sentence that names sheets instead of files."""
        return re.sub(r"\b([a-z_]+)\.csv\b", r"sheet \1", text).replace(DESCRIPTOR, f"the sheet {ABOUT}")
    return replace(problem, rule=words(problem.rule), remedy=words(problem.remedy))
