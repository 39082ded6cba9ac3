"""The sheet `new events`: an event and the pages that report it typed in one row, split into the ledger's tables.

A page is known by its address: the same address gives the same source_id, whoever types it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from helpers.reading import Problem, RawTable
from helpers.schema import Field, Table

SHEET = "new events"
PAGES = 3
OPEN = "open"  # kind of a column whose list of names is an offer, not a limit
Raw = dict[str, RawTable]


def columns_of_pages() -> list[tuple[int, str, str]]:
    """(number of the page, what is typed of it, header) of every column that stands behind the event's own."""
    return [(number, name, f"page {number} {name}") for number in range(1, PAGES + 1)
            for name in ("url", "publisher", "title", "published", "origin", "stance")]


def typed_table(tables: Mapping[str, Table]) -> Table:
    """The sheet as a table of the data dictionary: the columns of events, then six for each page."""
    of_page = {field.name: field for field in (*tables["sources"].fields, *tables["citations"].fields)}
    of_page["origin"] = Field("origin", "string", "Party whose knowledge the page passes on: its name or origin_id in the sheet origins; a new name becomes "
                              "a new, named origin. Empty where it is not known.", codes_of=("origins", "name"), kind=OPEN)
    pages = [replace(of_page[name], name=header, required=False, unique=False) for _, name, header in columns_of_pages()]
    return Table(SHEET, "New events", "One row per event with up to three pages; reading it fills events, sources, citations and origins.",
                 (*tables["events"].fields, *pages), ("event_id",), "optional")


def address(url: str) -> str:
    """What makes two addresses the same page: host and path without scheme, `www.`, trailing slash, `utm_` parameters, fragment."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # brackets that are no IPv6 address: the check will refuse it, or it stands for itself
        return url.strip()
    query = urlencode([pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not pair[0].startswith("utm_")])
    return parts.netloc.lower().removeprefix("www.") + parts.path.rstrip("/") + (f"?{query}" if query else "")


def source_id(url: str) -> str:
    """`s` and the first 8 hex digits of the sha256 of the address."""
    return "s" + hashlib.sha256(address(url).encode()).hexdigest()[:8]


def origin_id(name: str, taken: Mapping[str, str]) -> str:
    """A readable code for a new origin, numbered where it is taken; of a name without Latin letters a short hash."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "o" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return next(code for code in (stem, *(f"{stem}-{number}" for number in range(2, len(taken) + 3))) if code not in taken)


def _append(raw: RawTable, cells: Mapping[str, str], line: int, letters: Mapping[str, str]) -> None:
    raw.rows.append([cells.get(column, "") for column in raw.table.columns])
    raw.lines.append(line)
    raw.places.append((SHEET, letters))


class _Known:
    """Pages and origins that the ledger has already, and those that the rows add."""

    def __init__(self, tables: Raw):
        sources, origins = tables["sources"], tables["origins"]
        self.tables = tables
        self.pages: dict[str, int] = {}
        for row, url in enumerate(sources.column("url")):
            self.pages.setdefault(address(url), row)
        self.ids = dict.fromkeys(sources.column("source_id"), "")
        self.origins: dict[str, str] = {}
        for names in (origins.column("origin_id"), origins.column("name")):
            for name, code in zip(names, origins.column("origin_id")):
                self.origins.setdefault(name.casefold(), code)
        self.codes = dict.fromkeys(origins.column("origin_id"), "")

    def origin(self, name: str, line: int, letters: Mapping[str, str]) -> str:
        """The origin's code, "" for none; a name that is not known becomes a new row of origins."""
        if name and name.casefold() not in self.origins:
            self.origins[name.casefold()] = code = origin_id(name, self.codes)
            self.codes[code] = ""
            _append(self.tables["origins"], {"origin_id": code, "name": name, "named": "yes"}, line, letters)
        return self.origins.get(name.casefold(), "") if name else ""

    def source(self, page: Mapping[str, str], line: int, letters: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
        """The page's source_id, and where what was typed is not what the ledger says of that page already: (column, its value)."""
        sources, known = self.tables["sources"], self.pages.get(address(page["url"]))
        if known is not None:
            row = dict(zip(sources.table.columns, sources.rows[known]))
            return row["source_id"], [(name, row[name]) for name in ("publisher", "title", "published") if page[name] and page[name] != row[name]]
        digits = hashlib.sha256(address(page["url"]).encode()).hexdigest()
        code = next(code for code in (f"s{digits[:length]}" for length in range(8, 65)) if code not in self.ids)
        self.ids[code], self.pages[address(page["url"])] = "", len(sources.rows)
        _append(sources, {**{name: page[name] for name in ("url", "publisher", "title", "published")}, "source_id": code}, line, letters)
        return code, []


def split(typed: RawTable, tables: Raw) -> list[Problem]:
    """Adds the rows of the sheet to events, sources, citations and origins (all of them workbook tables); returns what is wrong
    with them that the check of those tables couldn't tell."""
    known, found = _Known(tables), []
    for row, cells in enumerate(typed.rows):
        cell, line, letters = dict(zip(typed.table.columns, cells)), typed.lines[row], typed.places[row][1]
        _append(tables["events"], cell, line, letters)
        for number in range(1, PAGES + 1):
            headers = {name: header for at, name, header in columns_of_pages() if at == number}
            page = {name: cell[header] for name, header in headers.items()}
            if not any(page.values()):
                continue
            if not page["url"]:
                found.append(typed.problem(row, headers["url"], "", "a page without its address", "Copy the whole address, or clear the other cells of this page"))
                continue
            own = {name: letters[header] for name, header in headers.items()} | {"source_id": letters[headers["url"]]}
            code, other = known.source(page, line, own)
            found += [typed.problem(row, headers[name], page[name], f"the page stands in the ledger already, with another {name}",
                                    f"Write {value!r}, or leave the cell empty" if value else "Write it in the sheet sources instead, and leave this cell empty")
                      for name, value in other]
            origin = known.origin(page["origin"], line, {"origin_id": own["origin"], "name": own["origin"]})
            _append(tables["citations"], {"event_id": cell["event_id"], "source_id": code, "origin_id": origin, "stance": page["stance"]}, line,
                    {"stance": own["stance"], "event_id": letters["event_id"], "source_id": own["url"], "origin_id": own["origin"]})
    return found
