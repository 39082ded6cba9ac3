"""Reading a ledger's tables as text, cell by cell, with the place of each for the messages of the check.

Built on the csv module: a user's new data live or die by messages that name file, line and column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from helpers.schema import Table

LONGEST_CELL = 100_000
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one place of the data: rule broken and remedy. line, column and value may be empty.
    place: sheet and cell in a workbook, which stand in the message instead of file and line."""

    file: str
    line: int | None
    column: str
    value: str
    rule: str
    remedy: str
    place: str = ""

    def __str__(self) -> str:
        place = self.place or self.file + (f", line {self.line}" if self.line else "")
        place += f", column {self.column}" if self.column else ""
        shown = self.value if len(self.value) <= 80 else self.value[:77] + "…"
        value = f" {shown!r}:" if self.value else ""
        return f"{place}:{value} {self.rule}. {self.remedy}"


@dataclass
class RawTable:
    """A table as text: rows in the order of the data dictionary's columns, `lines` the file's line of each.

    places: in a workbook the sheet of each row and the letter of each of its columns. absent: the ledger has no such
    table, so that it is empty or, where it may fall back, the project's own. new_columns: columns that an older ledger doesn't have yet.
    """

    table: Table
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    places: list[tuple[str, Mapping[str, str]]] = field(default_factory=list)
    absent: bool = False
    new_columns: list[str] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """All cells of a column, in order."""
        place = self.table.columns.index(name)
        return [row[place] for row in self.rows]

    def problem(self, row: int | None, column: str, value: str, rule: str, remedy: str) -> Problem:
        """A problem of one cell, with its place."""
        line = None if row is None else self.lines[row]
        place = self.where(row, column) if self.places and row is not None else ""
        return Problem(self.table.file, line, column, value, rule, remedy, place)

    def where(self, row: int, column: str) -> str:
        """`line 12`, or `sheet events, cell C12`; of several columns the first."""
        if not self.places:
            return f"line {self.lines[row]}"
        sheet, letters = self.places[row]
        return f"sheet {sheet}, cell {letters.get(column.split(', ')[0]) or next(iter(letters.values()))}{self.lines[row]}"


@dataclass
class Found:
    """What a folder or workbook holds of a ledger: its own tables by name, title … cutoff as in a descriptor, notices,
    problems that belong to no table."""

    tables: dict[str, RawTable] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def _text(raw: RawTable, data: bytes) -> str | None:
    """The file's text, or None with the problem noted."""
    file = raw.table.file
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raw.problems.append(Problem(file, None, "", "", "a workbook under the name of a CSV table",
                                    "Save the sheet as CSV UTF-8"))
        return None
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raw.problems.append(Problem(file, None, "", "", "wrong encoding (UTF-16)", "Save the file as CSV UTF-8"))
        return None
    if b"\0" in data:
        line = data[:data.index(b"\0")].count(b"\n") + 1
        raw.problems.append(Problem(file, line, "", "", "a NUL byte: not a text file", "Save the table as CSV UTF-8"))
        return None
    if data.startswith(b"\xef\xbb\xbf"):
        raw.notices.append(f"{file}: byte order mark accepted")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[:error.start].count(b"\n") + 1
        raw.problems.append(Problem(file, line, "", "", "wrong encoding (not UTF-8)", "Save the file as CSV UTF-8"))
        return None
    if "\r\n" in text:
        raw.notices.append(f"{file}: Windows line ends (CRLF) accepted")
    return text


def _separator(raw: RawTable, text: str) -> str:
    """Comma; a semicolon where the header is exactly that of the table (French Excel writes it)."""
    header = text.split("\n", 1)[0].rstrip("\r")
    if header == ";".join(raw.table.columns) and len(raw.table.columns) > 1:
        raw.notices.append(f"{raw.table.file}: semicolons as separator accepted")
        return ";"
    return ","


def header_problems(raw: RawTable, header: list[str], older: bool = False) -> list[Problem]:
    """What is wrong with a header. older: the ledger is of an older release, so that a missing column is only noted."""
    columns, file, found = raw.table.columns, raw.table.file, []
    missing = [column for column in columns if column not in header]
    if older and len(missing) < len(columns):
        raw.new_columns, missing = missing, []
        raw.notices += [f"{file}: the column {column} is no longer part of a ledger, not read" for column in header if column not in columns]
        header = [column for column in header if column in columns]
    for name in missing:
        found.append(Problem(file, 1, name, "", "missing column", f"The header must be: {','.join(columns)}"))
    for name in [column for column in header if column not in columns]:
        if file == "events.csv" and name == "direction":
            found.append(Problem(file, 1, name, "", "a direction is never typed",
                                 "Direction follows from type (event_types.csv); delete the column"))
        else:
            found.append(Problem(file, 1, name, "", "extra column", "Delete it, or put its content in a note"))
    for name in {column for column in header if header.count(column) > 1}:
        found.append(Problem(file, 1, name, "", "column named twice", "Keep one of them"))
    return found


def _records(raw: RawTable, text: str, separator: str) -> list[tuple[int, list[str]]]:
    """(line on which the record begins, cells); a broken quote ends the reading with a problem."""
    reader, found, begins = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True), [], 1
    try:
        for cells in reader:
            found.append((begins, cells))
            begins = reader.line_num + 1
    except csv.Error:
        raw.problems.append(Problem(raw.table.file, begins, "", "", "a stray quotation mark",
                                    'Close the quote, or double it inside a quoted cell ("")'))
    return found


def _cells_problem(raw: RawTable, line: int, cells: list[str], header: list[str], separator: str) -> Problem | None:
    file = raw.table.file
    if cells == header:
        return Problem(file, line, "", "", "a second header line", "Delete it")
    if len(cells) != len(header):
        other = ";" if separator == "," else ","
        mixed = len(other.join(cells).split(other)) == len(header) and len(cells) == 1
        rule = "mixed separators" if mixed else f"{len(cells)} cells where the header has {len(header)}"
        return Problem(file, line, "", "", rule, f"Separate cells by {separator!r} and quote a cell that contains it")
    whole = "".join(cells)
    if len(whole) <= LONGEST_CELL and "\n" not in whole and "\r" not in whole:  # nearly every row: no cell can be faulty
        return None
    for name, cell in zip(header, cells):
        found = cell_fault(cell)
        if found:
            return Problem(file, line, name, cell if "\n" in cell or "\r" in cell else "", *found)
    return None


def cell_fault(cell: str) -> tuple[str, str] | None:
    """Why a text can't be a cell: rule and remedy, or None."""
    if len(cell) > LONGEST_CELL:
        return f"a cell of {len(cell):,} characters", f"Keep cells under {LONGEST_CELL:,}"
    if "\n" in cell or "\r" in cell:
        return "a line break inside a cell", "Write it on one line; often a stray quotation mark swallowed the rows that follow"
    return None


def read_table(table: Table, path: Path, older: bool = False) -> RawTable:
    """Reads one CSV table. Problems and notices (what was accepted though not canonical) stand in the result.
    older: columns that the table doesn't have yet are empty and stand in `new_columns`."""
    raw = RawTable(table)
    text = _text(raw, path.read_bytes())
    if text is None:
        return raw
    if not text.strip():
        raw.problems.append(Problem(table.file, None, "", "", "an empty file", f"Write at least the header: {','.join(table.columns)}"))
        return raw
    separator = _separator(raw, text)
    records = _records(raw, text, separator)
    header = records[0][1] if records else []
    raw.problems = header_problems(raw, header, older) + raw.problems
    if any(problem.line == 1 for problem in raw.problems):
        return raw
    order = [header.index(column) if column in header else None for column in table.columns]
    for line, cells in records[1:]:
        if not any(cells):
            continue
        problem = _cells_problem(raw, line, cells, header, separator)
        if problem:
            raw.problems.append(problem)
        else:
            raw.rows.append(["" if place is None else cells[place] for place in order])
            raw.lines.append(line)
    return raw
