"""How a workbook is opened and how one of its cells becomes text.

What a spreadsheet mangles (dates that show no day, formulas, rounded numbers) is refused with what to do; nothing is guessed.
"""

from __future__ import annotations

import io
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from helpers.reading import Problem, cell_fault

MOST_DIGITS = 15  # what a spreadsheet keeps of a number
AS_TEXT = "Format the cell as text and write what is known: 2023-08-20, 2023-08 or 2023"
Fault = tuple[str, str]
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def refusal(path: Path) -> Problem | None:
    """Why a file can't be a workbook of ours, from its name and first bytes. Raises OSError where it can't be read."""
    def problem(rule: str, remedy: str) -> Problem:
        """A problem of one cell, with its sheet and address."""
        return Problem(str(path), None, "", "", rule, remedy)

    if not path.is_file():
        return problem("no such workbook", "Name the workbook, or write an empty one: make new DATA=my.xlsx")
    if path.suffix.lower() != ".xlsx":
        return problem("neither a folder nor an .xlsx workbook", "Name the folder that holds events.csv, or save the workbook as .xlsx (Excel workbook)")
    data = path.read_bytes()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        locked = "EncryptedPackage".encode("utf-16-le") in data
        return problem("an encrypted workbook", "Save it without a password") if locked else \
            problem("a workbook of the old format (.xls)", "Save it as .xlsx (Excel workbook)")
    return None if data.startswith(b"PK\x03\x04") else problem("not a workbook", "Save it as .xlsx (Excel workbook)")


def _strings(source: Any) -> list[str]:
    """The workbook's shared strings exactly as written: openpyxl's own reader leaves `_x0041_` escapes half undone."""
    from openpyxl.cell.text import Text
    from openpyxl.xml.constants import SHEET_MAIN_NS
    from openpyxl.xml.functions import iterparse
    found = []
    for _, node in iterparse(source):
        if node.tag == f"{{{SHEET_MAIN_NS}}}si":
            text = Text.from_tree(node)
            runs = [text.plain, *(run.t for run in text.formatted)]
            found.append("".join(_ESCAPED.sub(lambda escape: chr(int(escape[1], 16)), run) for run in runs if run))
            node.clear()
    return found


def opened(path: Path) -> Any:
    """The workbook, read-only, formulas as formulas. Raises whatever zip, XML and openpyxl raise on what is none."""
    from openpyxl.reader.excel import SHARED_STRINGS, ExcelReader

    class Reader(ExcelReader):
        def read_strings(self) -> None:
            """The shared texts of the workbook, read as this module reads them."""
            part = self.package.find(SHARED_STRINGS)
            if part is not None:
                with self.archive.open(part.PartName[1:]) as source:
                    self.shared_strings = _strings(source)

    reader = Reader(io.BytesIO(path.read_bytes()), read_only=True, data_only=False, keep_links=False)
    reader.read()
    return reader.wb


def _number(value: int | float, shown: str) -> str | Fault:
    """A number as a person would type it: 2023, not 2023.0; no exponent."""
    if "%" in shown:
        return "a percentage", "Format the cell as text and write the number in digits"
    if abs(value) >= 10**MOST_DIGITS:
        return f"a number of more than {MOST_DIGITS} digits, which a spreadsheet rounds", "Format the cell as text and type it again"
    text = format(Decimal(f"{value:.{MOST_DIGITS}g}"), "f")
    return "0" if text == "-0" else text


def _day(value: Any, shown: str) -> str | Fault:
    """A date cell as YYYY-MM-DD, only where its format shows day, month and year and no time."""
    shown = re.sub(r'"[^"]*"|\\.|\[[^\]]*\]', "", shown).split(";")[0].lower()
    if not isinstance(value, date):
        return "a time where a text or a date belongs", AS_TEXT
    if not {"d", "m", "y"} <= set(shown):
        missing = "year" if "d" in shown else "day"
        return f"a date cell that shows no {missing}, though the spreadsheet made one up", AS_TEXT
    if isinstance(value, datetime) and value.time() != datetime.min.time() and "h" in shown:
        return "a date with a time of day", AS_TEXT
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def cell_text(cell: Any) -> str | Fault:
    """A cell of openpyxl as text, or rule and remedy of why it can't be one."""
    if cell.value is None:
        return ""
    if cell.data_type == "f":
        return "a formula", "Copy the cell and paste it as a value (Ctrl+Shift+V), or format it as text and type it again"
    if cell.data_type == "e":
        return f"an error of the spreadsheet ({cell.value})", "Write the value itself, as text"
    if cell.data_type == "b":
        return str(cell.value).upper()
    if cell.data_type == "d":
        return _day(cell.value, cell.number_format)
    if isinstance(cell.value, (int, float)):
        return _number(cell.value, cell.number_format)
    return cell_fault(str(cell.value)) or str(cell.value)
