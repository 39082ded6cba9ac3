"""Rows of a feed made by hand or by chance, and a slow second count of them, written apart from the first: no narwhals, no pandas."""

from __future__ import annotations

import datetime
import importlib
import os
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.feed_codes import described

Counts = dict[tuple[str, str, str, int], tuple[int, int, int]]
GIVING = ("064", "070", "071", "072", "073", "074", "075")
WESTERN, RUSSIAN, REGIONAL, MULTILATERAL, OTHER = "western", "russian", "regional", "multilateral", "other"
# Written out from the rules, so that an error of the crosswalk shows.
COMING = ("062", "064", "070", "071", "072", "074", "0861")
LEAVING = ("0842", "087", "0874", "162", "1621", "1622", "166", "1661", "174")
HOSTS = ("BEN", "BFA", "CIV", "GIN", "MLI", "MRT", "NER", "SEN", "TCD", "TGO")
BLOCS = {
    **{code: WESTERN for code in ("FRA", "USA", "DEU", "ROM", "MTN")},
    **{code: RUSSIAN for code in ("RUS",)},
    **{code: REGIONAL for code in (*HOSTS, "NGA", "SSD", "DZA")},
    **{code: OTHER for code in ("CHN", "TUR", "XKX")},
}
GROUPS = {"UNO": MULTILATERAL, "EEC": WESTERN, "NAT": WESTERN, "OAU": REGIONAL, "WAS": REGIONAL, "ECA": REGIONAL, "UEM": REGIONAL, "WAM": REGIONAL}


def needed(*packages: str) -> None:
    """Skips a test file where the optional packages are absent; fails there under `make test-feeds`."""
    for name in packages:
        if os.environ.get("REQUIRE_FEEDS"):
            importlib.import_module(name)
        else:
            pytest.importorskip(name, reason=f"the optional package {name} is not installed (make test-feeds installs it)")


def columns(form: str = "gdelt2") -> list[str]:
    """The columns of a format."""
    return described()["formats"][form]["columns"]


def row(form: str = "gdelt2", **cells: Any) -> dict[str, str]:
    """A row by role (id, day, first, second, code …): France delivers arms to Mali unless a cell says otherwise."""
    roles = described()["formats"][form]["roles"]
    day = cells.get("day", "20230820")
    added = f"{day}120000" if form == "gdelt2" else day
    plain = {"id": 1, "day": day, "first": "FRA", "second": "MLI", "code": "072", "mentions": 10, "sources": 2, "added": added}
    filled = dict.fromkeys(columns(form), "")
    filled |= {roles[role]: str(value) for role, value in {**plain, **cells}.items() if role in roles}
    return filled | {name: str(value) for name, value in cells.items() if name in filled}


def frame(rows: Iterable[Mapping[str, str]], form: str = "gdelt2") -> pd.DataFrame:
    """Rows as a frame of text."""
    return pd.DataFrame(list(rows), columns=columns(form), dtype=str)


def text(rows: Iterable[Mapping[str, str]], form: str = "gdelt2", missing: int = 0) -> str:
    """Rows as the feed writes them; missing: columns at the end that the files don't have."""
    names = columns(form)
    names = names[: len(names) - missing]
    return "".join("\t".join(cells[name] for name in names) + "\n" for cells in rows)


def write(path: Path, rows: Iterable[Mapping[str, str]], form: str = "gdelt2", missing: int = 0) -> Path:
    """Writes rows as a plain file of the feed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text(rows, form, missing).encode())
    return path


def by_chance(number: int, seed: int = 1) -> list[dict[str, str]]:
    """Rows over hosts, partners, strangers and codes of every kind, ids repeated now and then with other content."""
    chance = random.Random(seed)
    codes = ["", "MLI", "NER", "SEN", "TCD", "FRA", "ROM", "MTN", "RUS", "CHN", "NGA", "AFR", "EUR", "SSD", "XKX", "LBN", "ROU"]
    events = [*COMING, *LEAVING, "010", "043", "057", "0871", "1623", "190", "7", ""]
    made = []
    for place in range(number):
        day = (datetime.date(2023, 12, 20) + datetime.timedelta(days=chance.randrange(40))).strftime("%Y%m%d")
        made.append(
            row(
                id=place if chance.random() < 0.9 else chance.randrange(max(place, 1)),
                day=day,
                first=chance.choice(codes),
                second=chance.choice(codes),
                first_group=chance.choice(["", "", "", "UNO", "EEC", "TAL", "WAS"]),
                second_group=chance.choice(["", "", "", "NAT", "OAU", "SAD"]),
                code=chance.choice(events),
                mentions=chance.randrange(1, 40),
                sources=chance.randrange(1, 5),
                place=chance.choice(["", "NG", "NI", "ML", "FR", "CD", "UV"]),
            )
        )
    return made


def bloc_of(country: str, group: str) -> str:
    """The bloc of an actor by its codes, "" for a stranger."""
    return BLOCS.get({"ROU": "ROM", "MNE": "MTN"}.get(country, country)) or GROUPS.get(group, "")


def sides(cells: Mapping[str, str], hosts: Sequence[str] = HOSTS) -> tuple[str, str] | None:
    """Host and bloc of a row, or None where it counts for nobody."""
    first, second = cells["Actor1CountryCode"], cells["Actor2CountryCode"]
    blocs = [bloc_of(cells[f"Actor{number}CountryCode"], cells[f"Actor{number}KnownGroupCode"]) for number in (1, 2)]
    if first == second and first in hosts:
        return None
    if second in hosts:
        return (second, blocs[0]) if blocs[0] else None
    if first in hosts and blocs[1] and cells["EventCode"] not in GIVING:
        return first, blocs[1]
    return None


def counted(rows: Iterable[Mapping[str, str]]) -> Counts:
    """(day, host, bloc, direction) → acts, mentions, sources, row by row; an id that stands twice is its first act by day, host, bloc, direction."""
    order = [WESTERN, RUSSIAN, MULTILATERAL, REGIONAL, OTHER]
    acts: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for cells in rows:
        found, code = sides(cells), cells["EventCode"]
        if found and code in (*COMING, *LEAVING):
            day = datetime.datetime.strptime(cells["SQLDATE"], "%Y%m%d").date().isoformat()
            rank = (day, found[0], order.index(found[1]), 1 if code in COMING else -1)
            acts[cells["GLOBALEVENTID"]].append((rank, int(cells["NumMentions"]), int(cells["NumSources"])))
    total: Counts = {}
    for said in acts.values():
        rank = min(one[0] for one in said)
        key = (rank[0], rank[1], order[rank[2]], rank[3])
        before = total.get(key, (0, 0, 0))
        total[key] = (before[0] + 1, before[1] + max(one[1] for one in said), before[2] + max(one[2] for one in said))
    return total


def as_counts(table: pd.DataFrame) -> Counts:
    """A table of `feeds.counted` as the second count has it."""
    return {tuple(line[:4]): tuple(line[4:]) for line in table.astype(object).itertuples(index=False, name=None)}
