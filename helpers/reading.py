"""Reading a ledger's tables as text, cell by cell, with the place of each for the messages of the check.

Built on the csv module: a user's new data live or die by messages that name file, line and column.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from helpers.schema import Table

LONGEST_CELL = 100_000
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one place of the data: rule broken and remedy. line, column and value may be empty."""

    file: str
    line: int | None
    column: str
    value: str
    rule: str
    remedy: str

    def __str__(self) -> str:
        place = self.file + (f", line {self.line}" if self.line else "") + (f", column {self.column}" if self.column else "")
        shown = self.value if len(self.value) <= 80 else self.value[:77] + "…"
        value = f" {shown!r}:" if self.value else ""
        return f"{place}:{value} {self.rule}. {self.remedy}"


@dataclass
class RawTable:
    """A table as text: rows in the order of the data dictionary's columns, `lines` the file's line of each."""

    table: Table
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        place = self.table.columns.index(name)
        return [row[place] for row in self.rows]

    def problem(self, row: int | None, column: str, value: str, rule: str, remedy: str) -> Problem:
        line = None if row is None else self.lines[row]
        return Problem(self.table.file, line, column, value, rule, remedy)


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


def _header_problems(raw: RawTable, header: list[str]) -> list[Problem]:
    columns, file, found = raw.table.columns, raw.table.file, []
    for name in [column for column in columns if column not in header]:
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
    for name, cell in zip(header, cells):
        if len(cell) > LONGEST_CELL:
            return Problem(file, line, name, "", f"a cell of {len(cell):,} characters", f"Keep cells under {LONGEST_CELL:,}")
        if "\n" in cell or "\r" in cell:
            return Problem(file, line, name, cell, "a line break inside a cell",
                           "Write it on one line; often a stray quotation mark swallowed the rows that follow")
    return None


def read_table(table: Table, path: Path) -> RawTable:
    """Reads one CSV table. Problems and notices (what was accepted though not canonical) stand in the result."""
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
    raw.problems = _header_problems(raw, header) + raw.problems
    if any(problem.line == 1 for problem in raw.problems):
        return raw
    order = [header.index(column) for column in table.columns]
    for line, cells in records[1:]:
        if not any(cells):
            continue
        problem = _cells_problem(raw, line, cells, header, separator)
        if problem:
            raw.problems.append(problem)
        else:
            raw.rows.append([cells[place] for place in order])
            raw.lines.append(line)
    return raw
