"""The check: every error of a ledger at once, each with place, value, rule and remedy.

Cells (each column by the data dictionary) and keys (duplicates, codes that must stand in another table);
what several cells must say together stands in `rules`.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Callable, Iterator

from helpers import dates
from helpers.schema import Field
from helpers.reading import Problem, RawTable

Raw = dict[str, RawTable]
Judge = Callable[[str], tuple[str, str] | None]


def near(value: str, allowed: list[str]) -> str:
    """A sentence that proposes the nearest allowed value, or lists the few that there are."""
    for candidate in allowed:
        if candidate.lower() == value.lower().strip():
            return f"Write {candidate!r}"
    close = difflib.get_close_matches(value, allowed, n=1, cutoff=0.7)
    if close:
        return f"Did you mean {close[0]!r}?"
    return "Allowed: " + ", ".join(allowed) if 0 < len(allowed) <= 30 else "Add it there or correct it here"


def _judge_number(field: Field) -> Judge:
    whole = field.type == "integer"

    def judge(value: str) -> tuple[str, str] | None:
        """Rule and remedy of what is no such number; None of a good one."""
        pattern = r"[+-]?\d+" if whole else r"[+-]?\d+(\.\d+)?"
        if not re.fullmatch(pattern, value, re.ASCII):
            fraction = whole and re.fullmatch(r"-?\d+[.,]\d+", value)
            rule = "a fraction where a whole number belongs" if fraction else "not a number"
            return rule, "Write digits only (1200, not '1,200' or 'about 1200'); put the words in a note"
        number = float(value)
        if field.minimum is not None and number < field.minimum:
            return "a negative number" if number < 0 else "too small", f"The least is {field.minimum:g}"
        if field.maximum is not None and number > field.maximum:
            return "too large", f"The most is {field.maximum:g}"
        return None
    return judge


def _judge_date(value: str) -> tuple[str, str] | None:
    try:
        dates.parse(value)
    except dates.DateError as error:
        return error.rule, error.remedy[0].upper() + error.remedy[1:]
    return None


def _judge_text(field: Field) -> Judge:
    pattern = re.compile(field.pattern) if field.pattern else None

    def judge(value: str) -> tuple[str, str] | None:
        """Rule and remedy of a text outside the list, the date profile or the pattern; None of a good one."""
        if field.enum and value not in field.enum:
            return "not an allowed value", near(value, list(field.enum))
        if field.kind in ("edtf", "calendar") and (wrong := _judge_date(value)):
            return wrong
        if pattern and not pattern.search(value):
            remedy = "Copy the whole address, beginning with http:// or https://" if field.kind == "url" \
                else f"It must look like {field.pattern}"
            return "not a web address" if field.kind == "url" else "not of the expected form", remedy
        if field.kind == "id" and re.search(r"\s|;", value):
            return "a code with a space or a semicolon", "Use letters, digits, - and _"
        return None
    return judge


def _cells(raw: RawTable) -> Iterator[Problem]:
    """Each column by the data dictionary; each distinct value is judged once."""
    for field in raw.table.fields:
        values = raw.column(field.name)
        judge = _judge_number(field) if field.type in ("integer", "number") else _judge_text(field)
        verdicts = {value: judge(value) if value == value.strip() else ("blanks around the value", f"Write {value.strip()!r}" if value.strip() else "Leave the cell empty")
                    for value in set(values) if value}
        bad = {value: verdict for value, verdict in verdicts.items() if verdict}
        for row, value in enumerate(values):
            if value in bad:
                yield raw.problem(row, field.name, value, *bad[value])
            elif field.required and not value:
                empty = _judge_date("") if field.kind == "edtf" else None
                yield raw.problem(row, field.name, "", *(empty or ("an empty cell where a value is required", field.description)))


def _duplicates(raw: RawTable) -> Iterator[Problem]:
    keys = list(zip(*(raw.column(name) for name in raw.table.key))) if raw.table.key else []
    repeated = {key for key, count in Counter(keys).items() if count > 1}
    seen: dict[tuple, int] = {}
    for row, key in enumerate(keys):
        if key in repeated and key in seen:
            yield raw.problem(row, ", ".join(raw.table.key), " · ".join(key), f"the same key as {raw.where(seen[key], raw.table.key[0])}",
                              "Give it a key of its own, or join the two rows")
        seen.setdefault(key, row)


def _references(raw: RawTable, tables: Raw, damaged: set[str]) -> Iterator[Problem]:
    """Codes that must stand in another table; not judged where rows of that table could not be read. Each distinct value is judged once."""
    for field in raw.table.fields:
        if not field.codes_of:
            continue
        target, column = field.codes_of
        known = None if target in damaged else set(tables[target].column(column))
        values = raw.column(field.name)
        faults = {value: list(_code_faults(value, field.is_list, known, tables[target].table.file)) for value in set(values) if value}
        faults = {value: found for value, found in faults.items() if found}
        for row, value in enumerate(values):
            for fault in faults.get(value, ()):
                yield raw.problem(row, field.name, *fault)


def _code_faults(value: str, is_list: bool, known: set[str] | None, file: str) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one cell of codes: value, rule, remedy. known: the codes of `file` (None: not to be judged)."""
    codes = value.split(";") if is_list else [value]
    if not all(codes):
        yield value, "a list with a hole", "Write codes with one semicolon between them"
    for code in [code for code in codes if code and known is not None and code not in known]:
        yield code, f"not in {file}", near(code, sorted(known or ()))
    if len(codes) != len(set(codes)) and all(codes):
        yield value, "a code twice in one list", "Name each once"


def check(tables: Raw, meaning: Callable[[Raw], Iterator[Problem]]) -> list[Problem]:
    """All problems of a ledger, by table and line.

    tables: every table of the data dictionary by name (absent ones empty). meaning: the rules that read several
    cells together (`rules.meaning`); they pass over cells that are not sound, which are reported already.
    """
    found = [problem for raw in tables.values() for problem in raw.problems]
    damaged = {raw.table.name for raw in tables.values() if raw.problems}
    for raw in tables.values():
        found += [*_cells(raw), *_duplicates(raw)]
        found += _references(raw, tables, damaged)
    found += meaning(tables)
    order = {raw.table.file: place for place, raw in enumerate(tables.values())}
    return sorted(found, key=lambda problem: (order.get(problem.file, -1), problem.line or 0))
