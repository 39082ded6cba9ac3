"""The codebook: the hand-written rules of coding, then every type, table and column from the data themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from helpers.ledger import Ledger
from helpers.schema import PROJECT_DATA, Field, Table

RULES = PROJECT_DATA / "coding.md"
CODEBOOK = PROJECT_DATA.parent / "CODEBOOK.md"
PARTS = (("definition", "Definition"), ("includes", "Includes"), ("excludes", "Excludes"), ("confused_with", "Confused with"),
         ("example", "Example"), ("plover", "PLOVER"), ("cameo", "CAMEO"))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _type(row: pd.Series) -> Iterator[str]:
    direction = {1: "+1, engages", -1: "−1, disengages", 0: "0, neither"}[int(row["direction"])]
    yield f"### {row['type']}\n"
    yield f"*{row['family']}, {direction}, {'material' if row['material'] == 'yes' else 'verbal'}*\n"
    yield from (f"- **{name}:** {row[column]}" for column, name in PARTS if row[column])
    yield ""


def _rule_of(field: Field) -> str:
    rules = [", ".join(f"`{value}`" for value in field.enum), f"from `{'.'.join(field.codes_of)}`" + (", a `;` list" if field.is_list else "") if field.codes_of else "",
             "a date of the profile" if field.kind == "edtf" else "", field.type if field.type != "string" else ""]
    return "; ".join(rule for rule in rules if rule)


def _table(table: Table) -> Iterator[str]:
    yield f"### {table.file}\n\n{table.description} Key: {', '.join(f'`{name}`' for name in table.key)}. {table.presence.capitalize()}.\n"
    yield "| column | what it says | required | allowed |\n|---|---|---|---|"
    yield from (f"| `{field.name}` | {_cell(field.description)} | {'yes' if field.required else ''} | {_cell(_rule_of(field))} |" for field in table.fields)
    yield ""


def codebook(ledger: Ledger, rules: Path = RULES) -> str:
    """The whole codebook as Markdown: rules (from data/coding.md), types (event_types), tables and columns (datapackage.json)."""
    families = ledger["event_types"].groupby("family", sort=False)
    parts = ["# Codebook\n", "Made by `python -m helpers codebook` from `data/coding.md`, `data/event_types.csv` and `data/datapackage.json`; edit those.\n",
             rules.read_text(encoding="utf-8").strip() + "\n", "## Types of acts\n", "The direction follows from the type and from nothing else.\n"]
    for _, rows in families:
        for _, row in rows.iterrows():
            parts += _type(row)
    parts += ["## Tables and columns\n"]
    for table in ledger.package.tables.values():
        parts += _table(table)
    return "\n".join(parts).rstrip() + "\n"
