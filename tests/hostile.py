"""An invented ledger with hostile text in every column that admits text: each row of a table carries one of the texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from helpers.schema import PROJECT_DATA, Field, project_package
from tests import ledgers

TEXTS = (
    "<img src=x onerror=window.hit=1>",
    "</script><script>window.hit=2</script>",
    "[x](javascript:window.hit=3)",
    '<a href="javascript:window.hit=4">x</a>',
    "{{7*7}}{% raw %}${7*7}",
    '=cmd("calc")&"x"',
    "\u202eright to left\u202c \u200fmark\u200e",
    "data:text/html,<script>window.hit=5</script>",
    '"><svg onload=window.hit=6>',
    "</title></style></textarea></noscript><b>x</b><!--",
    "' onmouseover='window.hit=7' x='",
    "&lt;img src=x onerror=window.hit=8&gt; &amp;#60;",
)
# The same for columns that allow neither blanks nor semicolons.
CODES = tuple(
    f"{text}{place}"
    for place, text in enumerate(
        (
            "<img/src=x/onerror=window.hit=9>",
            "</script><script>window.hit=10</script>",
            "[x](javascript:window.hit=11)",
            '<a/href="javascript:window.hit=12">x</a>',
            "{{7*7}}",
            "=cmd()",
            "\u202ertl\u202c",
            "data:text/html,<script>window.hit=13</script>",
            '"><svg/onload=window.hit=14>',
            "</title></style><b>x</b>",
            "'onmouseover='window.hit=15'x='",
            "%3Cimg/src=x%3E&#60",
        )
    )
)
ADDRESSES = tuple(f"https://example.org/{code}" for code in CODES)
# A host's code names a page's file, so that it must be one; test_build says what becomes of others.
HOSTS = tuple(f"H{chr(65 + place // 26)}{chr(65 + place % 26)}" for place in range(len(CODES)))
FORCES = tuple(text.replace(";", ",") for text in TEXTS)
KINDS = ("deployment", "training", "arms_delivery", "visit", "withdrawal", "expulsion", "agreement", "coup")


def _admits(field: Field) -> bool:
    """True where a column takes any text."""
    return field.type == "string" and not (field.enum or field.pattern or field.codes_of or field.kind)


def _filled(name: str, place: int, known: dict[str, Any]) -> dict[str, Any]:
    """A row with the named cells, and with a hostile text in every other cell that admits one."""
    row = {}
    for field in project_package().tables[name].fields:
        if field.name in known:
            row[field.name] = known[field.name]
        elif field.kind == "id":
            row[field.name] = CODES[place]
        elif field.kind == "url":
            row[field.name] = ADDRESSES[place]
        elif _admits(field):
            row[field.name] = TEXTS[place]
    return row


def _known(place: int) -> dict[str, dict[str, Any]]:
    """Cells that must be sound: codes of other tables, numbers, words of the vocabulary."""
    code, host, kind = CODES[place], HOSTS[place], KINDS[place % len(KINDS)]
    date = f"{2022 + place // 8}-{place % 4 * 3 + 2:02d}-10"
    away = kind in ledgers.DISENGAGING
    return {
        "actors": {"bloc": ("western", "russian", "other")[place % 3]},
        "hosts": {"host": host, "group": ("core", "wider", "coast")[place % 3], "order": place + 1},
        "event_types": {"family": "military", "direction": (1, -1)[place % 2], "material": ("yes", "no")[place % 3 // 2]},
        "publishers": {"publisher": TEXTS[place], "kind": "newspaper"},
        "origins": {"named": ("yes", "no")[place % 4 // 3], "kind": "media", "control": "state"},
        "forces": {"force": FORCES[place], "partners": code, "successor": ""},
        "processes": {"hosts": host, "partners": code, "force": FORCES[place], "direction": 1, "counts_at": ""},
        "events": {
            "date": date,
            "hosts": host,
            "partners": code,
            "forces": FORCES[place],
            "type": code,
            "status": "occurred",
            "initiator": "host" if away or place % 2 else "",
            "process": "",
            "personnel": 100,
            "amount": 5,
            "currency": "EUR",
            "terms": "gift",
        },
        "sources": {
            "published": date,
            "accessed": "2024-01-01",
            "gone": ("no", "yes")[place % 4 // 3],
            "title_from_url": "no",
            "language": "en",
        },
        "citations": {
            "event_id": code,
            "source_id": code,
            "origin_id": code,
            "reported_date": date,
            "stance": ("supports", "denies")[place % 4 // 3],
        },
        "claims": {"source_id": CODES[0], "locator": place, "about": code, "verdict": "event"},
        "series": {"force": FORCES[place], "host": host, "part_of": "", "started": date, "ended": "", "source_id": code},
        "strengths": {
            "series_id": code,
            "date": date,
            "personnel": 1000 + place,
            "kind": "strength",
            "how": "reported",
            "basis": "media",
            "source_id": code,
        },
        "places": {"host": host, "icao": "GAAO", "lat": 15 + place / 10, "lon": place / 10},
        "bases": {"place_id": code, "force": FORCES[place], "from": date, "to": "", "source_id": code},
        "legs": {"event_id": code, "sequence": 1, "from": code, "to": CODES[place - 1]},
        "checks": {"event_id": code, "source_id": code, "seen": "full"},
        "audits": {"event_id": code, "source_id": code, "verdict": "part", "date": "wrong", "type": "right", "status": "silent"},
        "withdrawn": {"event_id": f"w{code}", "merged_into": code},
        "specifications": {"switch": "origins", "value": str(place), "default": ("no", "yes")[place == 0], "applies_to": "share"},
    }


def _more(place: int) -> list[dict[str, Any]]:
    """Events of the project's own types, enough of both sides in each quarter for shares and figures."""
    return [
        {
            "event_id": f"{CODES[place]}-{year}-{quarter}-{side}",
            "date": f"{year}-{quarter * 3 + 2:02d}-1{place % 10}",
            "hosts": HOSTS[place % 4 // 2],
            "partners": CODES[side],
            "type": KINDS[(place + quarter) % len(KINDS)],
            "status": ("occurred", "announced", "alleged")[place % 5 // 2],
            "initiator": "host",
            "summary": TEXTS[place],
        }
        for year in (2022, 2023)
        for quarter in range(4)
        for side in (0, 1)
    ]


def write(folder: Path) -> Path:
    """Writes the ledger and returns its folder. Every table of the data dictionary is in it, a row for each text."""
    tables = project_package().tables
    rows = {name: [_filled(name, place, _known(place).get(name, {})) for place in range(len(TEXTS))] for name in tables}
    rows["hosts"].append({"host": project_package().parameters["stock"]["region"], "name": TEXTS[0], "group": "region", "order": 99})
    rows["event_types"] += [row for row in ledgers.rows(PROJECT_DATA, "event_types") if row["type"] in KINDS]
    more = [act for place in range(len(TEXTS)) for act in _more(place)]
    rows["events"] += more
    rows["citations"] += [
        {
            "event_id": act["event_id"],
            "source_id": CODES[place % len(CODES)],
            "origin_id": CODES[place % len(CODES)],
            "stance": "partial",
            "note": TEXTS[place % len(TEXTS)],
        }
        for place, act in enumerate(more)
    ]
    folder.mkdir(parents=True, exist_ok=True)
    for name in tables:
        ledgers.table(folder, name, rows[name])
    described = {
        "title": TEXTS[0],
        "licenses": [{"name": TEXTS[1], "title": TEXTS[1]}],
        "contributors": [{"title": TEXTS[3], "email": TEXTS[3]}],
        "cutoff": "2024-02-15",
        "x-parameters": {"how_coded": TEXTS[0]},
    }
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return folder
