"""The data dictionary: what `data/datapackage.json` says of tables, columns, keys and parameters.

It is the only place of columns, types, enums and keys (a Data Package with Table Schema); lists of
codes in one cell are declared by `x-list-foreign-key`, parameters of the measures by `x-parameters`.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

PROJECT_DATA = Path(__file__).resolve().parent.parent / "data"
DESCRIPTOR = "datapackage.json"


@dataclass(frozen=True)
class Field:
    """One column. `codes_of`: (table, column) that its codes must stand in; `is_list`: codes separated by `;`."""

    name: str
    type: str
    description: str
    required: bool = False
    unique: bool = False
    enum: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    pattern: str = ""
    kind: str = ""
    codes_of: tuple[str, str] | None = None
    is_list: bool = False


@dataclass(frozen=True)
class Table:
    """One table. `presence`: required, fallback (the project's is used where it is absent) or optional."""

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    presence: str

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return [field.name for field in self.fields]

    @property
    def file(self) -> str:
        """The table's file."""
        return f"{self.name}.csv"


@dataclass(frozen=True)
class Package:
    """The data dictionary: tables by name, parameters of the measures, and the descriptor as read."""

    tables: dict[str, Table]
    parameters: dict[str, Any]
    descriptor: dict[str, Any]


def _field(described: dict[str, Any], foreign: dict[str, tuple[str, str]]) -> Field:
    limits = described.get("constraints", {})
    listed = described.get("x-list-foreign-key")
    return Field(
        described["name"], described["type"], described.get("description", ""),
        limits.get("required", False), limits.get("unique", False), tuple(limits.get("enum", ())),
        limits.get("minimum"), limits.get("maximum"), limits.get("pattern", ""), described.get("x-kind", ""),
        (listed["resource"], listed["field"]) if listed else foreign.get(described["name"]), bool(listed))


def _table(resource: dict[str, Any]) -> Table:
    schema = resource["schema"]
    foreign = {key["fields"][0]: (key["reference"]["resource"] or resource["name"], key["reference"]["fields"][0])
               for key in schema.get("foreignKeys", ())}
    return Table(resource["name"], resource["title"], resource["description"],
                 tuple(_field(described, foreign) for described in schema["fields"]),
                 tuple(schema.get("primaryKey", ())), resource["x-presence"])


def read_descriptor(folder: Path) -> dict[str, Any]:
    """The descriptor of a folder, {} where there is none. Raises ValueError where it is not JSON."""
    path = folder / DESCRIPTOR
    if not path.is_file():
        return {}
    try:
        described = json.loads(path.read_text(encoding="utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{DESCRIPTOR} is not JSON: {error}") from None
    if not isinstance(described, dict):
        raise ValueError(f"{DESCRIPTOR} is not a JSON object")
    return described


@lru_cache(maxsize=1)
def project_package() -> Package:
    """The project's own data dictionary."""
    described = read_descriptor(PROJECT_DATA)
    tables = [_table(resource) for resource in described["resources"] if "schema" in resource]
    return Package({table.name: table for table in tables}, described["x-parameters"], described)


def ordered(table: Table, rows: Iterable[list[str]]) -> list[list[str]]:
    """The rows of a table in their one order: by key, then by all cells."""
    places = [table.columns.index(column) for column in table.key]
    return sorted(sorted(rows), key=itemgetter(*places)) if places else sorted(rows)


def canonical(table: Table, rows: Iterable[list[str]]) -> str:
    """The canonical form of a table: its columns in order, rows by key, LF, minimal quotes, cells as written.

    rows: lists of cells in the order of `table.columns`. The same rows in any order give the same text.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(table.columns)
    writer.writerows(ordered(table, rows))
    return text.getvalue()


def digest(parts: dict[str, str]) -> str:
    """The ledger's version: first 12 hex digits of the sha256 over its parts (name, canonical text)."""
    total = hashlib.sha256()
    for name, text in parts.items():
        total.update(f"{name}\n{text}\n".encode())
    return total.hexdigest()[:12]
