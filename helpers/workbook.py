"""Writing a ledger as a workbook: a sheet per table, every cell as text, drop-downs and notes from the data dictionary.

The same ledger gives the same bytes: no clock, rows in canonical order. Nothing in a cell is ever a formula or a link.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from helpers.new_events import OPEN, typed_table
from helpers.reading import RawTable
from helpers.schema import Field, Package, Table, ordered
from helpers.region import PARAMETERS, PARTS
from helpers.workbook_reading import ABOUT, BLOC, LABELS

CREATED = datetime(2000, 1, 1)
LAST_ROW = 1_048_575  # of a sheet, counted from zero
LONGEST = 32_767  # UTF-16 units that Excel holds in a cell
LONGEST_LIST = 255
GUIDE = (
    "How to use this workbook",
    "One sheet per table. The first row of a sheet names its columns: rest the pointer on a name to read what it means. Columns with a tinted name must be filled.",
    "The quickest way to add an event: one row of the sheet “new events”, with up to three pages that report it. Events, sources, citations and origins are filled from it.",
    "Cells are text, so that dates and codes stay as typed. Dates say what is known: 2023-08-20, 2023-08, 2023; ~ behind it for about; a/b lasted; a/.. not known to have ended; [a..b] once in between.",
    "Several codes in one cell are separated by a semicolon. Sheets of the vocabulary (actors, hosts, event types …) may be edited; a sheet that is deleted falls back to the project’s own.",
    "make check DATA=this-file.xlsx names every error by sheet and cell; make html DATA=this-file.xlsx makes the pages; make format DATA=this-file.xlsx sorts the rows and moves “new events” into its tables.",
)
MEANINGS = {"title": "What this ledger is called; it stands on every page.", "licence": "Under which licence others may use it.",
            "contact": "Whom to write to.", "cutoff": "The day until which was searched (2025-06-30); empty: the latest publication day of a page.",
            "region": "As it stands in a sentence: “the Sahel”, “Libya”. Empty: the project’s, as for the lines below.",
            "how_coded": "Who coded this ledger and how that was checked; it stands in the foot of every page.",
            "sides": "The two blocs that are compared, by their codes, with a semicolon between them.",
            "bloc": "A line for each bloc: code; name; noun; colour; colour in the dark. Its actors have that code in the sheet actors. “russian; Russian; Russia; #c2410c; #f58a53”."}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Files as a zip with fixed times, well compressed: the same files in the same order, the same bytes on every system."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, 0o644 << 16, 3
            bundle.writestr(entry, data, compresslevel=9)
    return target.getvalue()


def _column(letters: str) -> int:
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter) - 64
    return place


def _lean(sheet: str) -> str:
    """A sheet without the addresses of rows and cells that directly follow another (ECMA-376 18.3.1.4 and 18.3.1.73: they may be
    left out), which packs to three quarters."""
    line = 0

    def row(found: re.Match[str]) -> str:
        """One row of the sheet, leaner."""
        nonlocal line
        follows, line, before = int(found[1]) == line + 1 > 1, int(found[1]), 0

        def cell(one: re.Match[str]) -> str:
            """The opening of one cell, without its address where it follows the cell before."""
            nonlocal before
            next_to, before = _column(one[1]) == before + 1 > 1, _column(one[1])
            return "<c" if next_to else one[0]
        text = re.sub(r'<c r="([A-Z]+)\d+"', cell, found[0])
        return text.replace(f'<row r="{line}"', "<row", 1) if follows else text
    return re.sub(r'<row r="(\d+)".*?(?:</row>|/>)', row, re.sub(r' spans="[\d:]+"', "", sheet), flags=re.S)


class WorkbookError(Exception):
    """A ledger that a workbook can't hold; the text says what is too large."""


def _escaped(text: str) -> str:
    """A text as XML of a workbook, which writes signs that XML doesn't have as `_x0001_` and therefore `_x0001_` itself as `_x005F_x0001_`."""
    text = re.sub("_(?=x[0-9A-Fa-f]{4}_)", "_x005F_", text)
    text = re.sub("[\x00-\x08\x0b-\x1f\ufffe\uffff]", lambda sign: f"_x{ord(sign[0]):04X}_", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shared(texts: Iterable[str]) -> str:
    """The texts of a workbook, in the order in which its cells first name them."""
    keep = ' xml:space="preserve"'
    entries = [f"<si><t{keep if text != text.strip() else ''}>{_escaped(text)}</t></si>" for text in texts]
    return (f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
            f'uniqueCount="{len(entries)}">{"".join(entries)}</sst>')


def _note(field: Field) -> str:
    """What stands behind a column's name: description, whether required, what is allowed."""
    parts = [field.description, "Required." if field.required else "May be empty."]
    if field.enum:
        parts.append("Allowed: " + ", ".join(field.enum) + ".")
    if field.codes_of and field.kind != OPEN:
        parts.append(f"{'Codes' if field.is_list else 'A code'} of the sheet {field.codes_of[0]}{', separated by semicolons' if field.is_list else ''}.")
    if field.type != "string":
        parts.append("A whole number." if field.type == "integer" else "A number.")
    return "\n".join(parts)


def _choice(field: Field, sheets: Mapping[str, Table]) -> dict[str, Any] | None:
    """The drop-down of a column: the values of an enum, or the filled part of the column that holds its codes."""
    if field.enum:
        if len(",".join(field.enum)) > LONGEST_LIST:
            return None
        return {"validate": "list", "source": list(field.enum), "error_type": "stop", "error_title": "Not an allowed value", "error_message": "Choose one of the list."}
    if not field.codes_of or field.codes_of[0] not in sheets:
        return None
    target = sheets[field.codes_of[0]]
    letter = chr(ord("A") + target.columns.index(field.codes_of[1]))
    column = f"{target.name}!${letter}"
    source = f"={column}$2:INDEX({column}:${letter},MAX(2,COUNTA({column}:${letter})))"
    warning = {"error_type": "warning", "error_title": "Not in the list", "error_message": f"This is not in the sheet {target.name} yet."}
    return {"validate": "list", "source": source, **({"show_error": False} if field.is_list or field.kind == OPEN else warning)}


def _width(field: Field, texts: list[str]) -> int:
    """Wide enough for the name and for nine texts in ten."""
    lengths = sorted(len(text) for text in texts if text)
    return max(10, len(field.name) + 3, min(48, lengths[len(lengths) * 9 // 10] + 1 if lengths else 0))


class _Writer:
    """The workbook being written, with its looks and the texts of its cells in order: xlsxwriter takes some texts for markup
    of its own and escapes others twice, so it is given their numbers, and the table of texts is ours."""

    def __init__(self, target: io.BytesIO):
        import xlsxwriter
        self.texts: dict[str, str] = {}
        self.book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False})
        self.book.set_properties({"title": "Ledger", "author": "", "created": CREATED})
        self.cell = self.book.add_format({"num_format": "@", "valign": "top"})
        self.head = self.book.add_format({"num_format": "@", "bold": True, "bottom": 1, "bg_color": "#F6F5F2", "font_color": "#1C1E21"})
        self.required = self.book.add_format({"num_format": "@", "bold": True, "bottom": 1, "bg_color": "#FFF3C4", "font_color": "#1C1E21"})
        self.wrapped = self.book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})

    def text(self, sheet: Any, row: int, column: int, text: str, shape: Any) -> None:
        """Writes one cell as text. Raises WorkbookError where Excel would cut it off."""
        if len(text.encode("utf-16-le")) // 2 > LONGEST:
            raise WorkbookError(f"sheet {sheet.get_name()}, row {row + 1}: a cell of {len(text):,} characters; a workbook holds {LONGEST:,}. Use CSV, or shorten it")
        sheet.write_string(row, column, self.texts.setdefault(text, f"text {len(self.texts)}"), shape)

    def about(self, own: list[tuple[str, str]]) -> None:
        """The sheet `ledger`: what the ledger says of itself (label, text), and how to use the rest."""
        sheet = self.book.add_worksheet(ABOUT)
        sheet.set_column(0, 0, 12, self.cell)
        sheet.set_column(1, 1, 48, self.wrapped)
        sheet.set_column(2, 2, 60, self.wrapped)
        for row, (label, text) in enumerate(own):
            self.text(sheet, row, 0, label, self.head)
            if text:
                self.text(sheet, row, 1, text, self.wrapped)
            if label != BLOC or own[row - 1][0] != BLOC:
                self.text(sheet, row, 2, MEANINGS[label], self.wrapped)
        for row, line in enumerate(GUIDE, len(own) + 2):
            sheet.merge_range(row, 0, row, 2, "", self.wrapped)
            self.text(sheet, row, 0, line, self.head if line == GUIDE[0] else self.wrapped)
            sheet.set_row(row, 18 if line == GUIDE[0] else 48)

    def table(self, table: Table, rows: list[list[str]], sheets: Mapping[str, Table]) -> None:
        """A sheet of a table: header with notes, frozen; text cells; drop-downs down to the last row."""
        if len(rows) > LAST_ROW:
            raise WorkbookError(f"sheet {table.name}: {len(rows):,} rows; a workbook holds {LAST_ROW:,}. Use CSV")
        sheet = self.book.add_worksheet(table.name)
        sheet.freeze_panes(1, 1)
        sheet.set_selection(1, 0, 1, 0)
        sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{LAST_ROW + 1}"})
        for place, field in enumerate(table.fields):
            sheet.set_column(place, place, _width(field, [row[place] for row in rows]), self.cell)
            self.text(sheet, 0, place, field.name, self.required if field.required else self.head)
            note = _note(field)
            sheet.write_comment(0, place, note, {"x_scale": 2, "y_scale": 0.35 + 0.2 * (1 + len(note) // 45 + note.count("\n"))})
            choice = _choice(field, sheets)
            if choice:
                sheet.data_validation(1, place, LAST_ROW, place, choice)
        for line, row in enumerate(rows, 1):
            for place, text in enumerate(row):
                if text:
                    self.text(sheet, line, place, text, self.cell)


def about(own: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What a descriptor says of its own ledger as lines of the sheet `ledger`: label and text; a line for each bloc."""
    def first(name: str, *keys: str) -> str:
        """What the first entry of a list says under the first of some keys; "" for nothing."""
        listed = own.get(name)
        entry = listed[0] if isinstance(listed, list) and listed and isinstance(listed[0], dict) else {}
        return next((str(entry[key]) for key in keys if entry.get(key)), "")
    said = own.get(PARAMETERS) or {}
    texts = {"title": str(own.get("title") or ""), "licence": first("licenses", "title", "name"), "contact": first("contributors", "email", "title"),
             "cutoff": str(own.get("cutoff") or ""), "region": said.get("region", ""), "how_coded": said.get("how_coded", ""), "sides": "; ".join(said.get("sides", ()))}
    blocs = ["; ".join(bloc.get(part, "") for part in PARTS).rstrip("; ") for bloc in said.get("blocs", ())] or [""]
    return [*((label, texts[label]) for label in LABELS if label != BLOC), *((BLOC, bloc) for bloc in blocs)]


def write(tables: Mapping[str, RawTable], own: Mapping[str, Any]) -> bytes:
    """The workbook of a ledger: its tables by name, its descriptor (title, licenses, contributors, cutoff).
    Raises WorkbookError where a workbook can't hold it."""
    target, sheets = io.BytesIO(), {name: raw.table for name, raw in tables.items()}
    writer = _Writer(target)
    writer.about(about(own))
    if {"events", "sources", "citations"} <= sheets.keys():
        writer.table(typed_table(sheets), [], sheets)
    for raw in tables.values():
        writer.table(raw.table, ordered(raw.table, raw.rows), sheets)
    writer.book.close()
    with zipfile.ZipFile(target) as book:
        files = {name: book.read(name) for name in book.namelist()}
    lean = {name: _lean(text.decode()).encode() for name, text in files.items() if name.startswith("xl/worksheets/sheet")}
    return packed({**files, **lean, "xl/sharedStrings.xml": _shared(writer.texts).encode()})


def empty(package: Package, vocabulary: Mapping[str, RawTable], own: Mapping[str, Any]) -> bytes:
    """The workbook to start from: empty tables, and of the project's vocabulary (raw tables by name) what drop-downs offer; own: its descriptor."""
    offered = {field.codes_of[0] for table in package.tables.values() for field in table.fields if field.codes_of}
    tables = {name: vocabulary[name] if table.presence == "fallback" else RawTable(table) for name, table in package.tables.items()
              if table.presence != "fallback" or name in offered}
    return write(tables, own)
