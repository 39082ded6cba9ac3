"""Small invented ledgers for the tests: a test names only the cells that it is about, the rest is filled here."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from helpers import dates
from helpers.__main__ import main
from helpers.schema import project_package

CUTOFF = "2025-12-31"
DISENGAGING = (
    "withdrawal",
    "base_handover",
    "expulsion",
    "reduction",
    "aid_suspended",
    "agreement_ended",
    "diplomatic_downgrade",
    "sanction",
)
CONTEXT = ("coup", "statement")
Row = Mapping[str, Any]
Rows = Iterable[Row]


def write(
    folder: Path,
    events: Rows = (),
    sources: Rows = (),
    citations: Rows = (),
    cutoff: str | None = CUTOFF,
    descriptor: Mapping[str, Any] | None = None,
    **tables: Rows,
) -> Path:
    """Writes a ledger and returns its folder.

    Every event without a citation of its own gets one (stance supports, no origin) of an own page `s-<event_id>`, published
    on the last possible day of its date. Defaults: event_id e1, e2, …; 2020-01-15, MLI, RUS, deployment, occurred. `sources`,
    `citations` add to that. Forces that `series`, events or processes name and `forces` doesn't are manned by RUS; figures,
    series and bases without a source get the page `s-figures`. Tables not named are not written (hosts, actors … fall back).
    cutoff=None: none in the descriptor; `descriptor` adds to or overrides its keys.
    """
    folder.mkdir(parents=True, exist_ok=True)
    acts = [_event(number, row) for number, row in enumerate(events, 1)]
    said = [_citation(number, row) for number, row in enumerate(citations, 1)]
    alone = [act for act in acts if act["event_id"] not in {row["event_id"] for row in said}]
    filled = {name: [{**_defaults(name, row, number), **row} for number, row in enumerate(rows, 1)] for name, rows in tables.items()}
    filled |= _forces(acts, filled)
    pages = [_source(row) for row in sources]
    pages += [_source({"source_id": f"s-{act['event_id']}", "published": _published(act["date"])}) for act in alone]
    wanted = {row["source_id"]: {} for row in said if str(row["source_id"]).startswith("c-")}
    if {"strengths", "series", "bases", "claims", "checks"} & filled.keys():
        wanted["s-figures"] = {}
    pages += [_source({"source_id": name}) for name in wanted if name not in {page["source_id"] for page in pages}]
    own = [{"event_id": act["event_id"], "source_id": f"s-{act['event_id']}", "stance": "supports"} for act in alone]
    for name, rows in {"events": acts, "sources": pages, "citations": [*own, *said], **filled}.items():
        table(folder, name, rows)
    described = {
        "title": "An invented ledger",
        "licenses": [{"name": "CC0-1.0"}],
        "contributors": [{"title": "Nobody"}],
        **({"cutoff": cutoff} if cutoff else {}),
        **(descriptor or {}),
    }
    (folder / "datapackage.json").write_text(json.dumps(described), encoding="utf-8")
    return folder


def empty(folder: Path) -> Path:
    """What `python -m helpers new` writes."""
    assert main(["new", "--data", str(folder)]) == 0
    return folder


def columns(name: str) -> list[str]:
    """The columns of a table by the data dictionary."""
    return project_package().tables[name].columns


def table(folder: Path, name: str, rows: Rows) -> Path:
    """Writes one table; a cell that a row doesn't name is empty, a column that is none of the table's is an error."""
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns(name), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: "" if value is None else value for key, value in row.items()} for row in rows)
    return path


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a written table, as text."""
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def many(count: int, **cells: Any) -> list[dict[str, Any]]:
    """The same event several times, each with an event_id of its own."""
    stem = cells.pop("event_id", f"{cells.get('partners', 'x')}-{cells.get('date', 'x')}".replace(";", "-"))
    return [{"event_id": f"{stem}-{number}", **cells} for number in range(1, count + 1)]


def _event(number: int, row: Row) -> dict[str, Any]:
    kind = row.get("type", "deployment")
    act = {
        "event_id": f"e{number}",
        "date": "2020-01-15",
        "hosts": "MLI",
        "partners": "" if kind in CONTEXT else "RUS",
        "type": kind,
        "status": "occurred",
        "initiator": "partner" if kind in DISENGAGING else "",
        "summary": "People came or left.",
    }
    return {**act, **row}


def _source(row: Row) -> dict[str, Any]:
    name = row.get("source_id", "s1")
    return {
        "source_id": name,
        "publisher": "The Invented Paper",
        "title": f"Page {name}",
        "published": CUTOFF,
        "url": f"https://example.org/{name}",
        **row,
    }


def _citation(number: int, row: Row) -> dict[str, Any]:
    return {"event_id": "e1", "source_id": f"c-{number}", "stance": "supports", **row}


def _published(date: str) -> str:
    try:
        return dates.iso(dates.parse(date).last)
    except dates.DateError:
        return CUTOFF


def _defaults(name: str, row: Row, number: int) -> dict[str, Any]:
    """Cells of a row that it need not name."""
    people = str(row.get("personnel", ""))
    return {
        "origins": {"origin_id": f"o{number}", "name": f"Origin {row.get('origin_id', number)}", "named": "yes"},
        "publishers": {"publisher": "The Invented Paper"},
        "claims": {
            "claim_id": f"k{number}",
            "source_id": "s-figures",
            "locator": str(number),
            "attribute": "what",
            "verdict": "background",
            "why": "Invented.",
        },
        "actors": {"actor": "RUS", "name": f"Name of {row.get('actor', 'RUS')}", "bloc": "russian"},
        "hosts": {"host": "MLI", "name": f"Name of {row.get('host', 'MLI')}", "group": "core", "order": number},
        "processes": {
            "process": f"p{number}",
            "title": f"Process {row.get('process', number)}",
            "hosts": "MLI",
            "partners": "RUS",
            "direction": 1,
        },
        "forces": {"force": "Force", "partners": "RUS"},
        "series": {"series_id": f"x{number}", "force": row.get("series_id", f"x{number}"), "host": "MLI", "source_id": "s-figures"},
        "strengths": {
            "series_id": "x1",
            "date": "2020-01-15",
            "kind": "zero" if people == "0" else "strength",
            "personnel": 0,
            "how": "reported",
            "basis": "media",
            "source_id": "s-figures",
        },
        "places": {"place_id": f"l{number}", "name": f"Place {row.get('place_id', number)}", "host": "MLI", "lat": "15.0", "lon": "0.5"},
        "bases": {"place_id": "l1", "force": "Force", "source_id": "s-figures"},
        "legs": {"event_id": "e1", "sequence": number},
        "checks": {"event_id": "e1", "source_id": "s-figures", "seen": "full", "result": "holds", "by": "a test"},
        "audits": {"event_id": f"e{number}", "source_id": f"s-e{number}", "seed": "1", "verdict": "full", "date": "right", "type": "right", "status": "right", "by": "a test"},
        "withdrawn": {"event_id": f"w{number}", "reason": "Invented."},
        "codings": {"item": "e1", "coder": "second", "field": "type", "value": "deployment"},
    }.get(name, {})


def _forces(acts: list[dict[str, Any]], tables: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """The table of forces, with those that other tables name and it doesn't; none where no force is named."""
    listed = list(tables.get("forces", ()))
    named = [row["force"] for name in ("series", "processes", "bases") for row in tables.get(name, ()) if row.get("force")]
    named += [force for act in acts for force in str(act.get("forces", "")).split(";") if force]
    missing = dict.fromkeys(force for force in named if force not in {row["force"] for row in listed})
    both = [*listed, *({"force": force, "partners": "RUS"} for force in missing)]
    return {"forces": both} if both or "forces" in tables else {}
