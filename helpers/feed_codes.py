"""From the codes of a machine-coded feed to those of the ledger: countries, organisations, places, types of act.

Formats and country codes stand in `data/feeds.json`, who is a host and whose bloc a partner is in the ledger, directions in
the column `cameo` of `event_types.csv`: never taken from Goldstein scale or quad class, in which a withdrawal scores as
cooperation. Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from helpers.ledger import Ledger
from helpers.schema import PROJECT_DATA

FORMATS = PROJECT_DATA / "feeds.json"


class FeedError(Exception):
    """A feed that can't be counted: file, column, value, rule and remedy in one sentence."""


@dataclass(frozen=True)
class Crosswalk:
    """From a feed's codes to the ledger's.

    hosts, blocs: the ledger's codes in the order of their numbers; country: code of an actor's country → host or actor;
    group: code of an organisation → actor; place: code of a country on the map → host; bloc_of: actor → bloc;
    directions: event code → +1 or −1; known: event codes of types that are not counted; giving: codes by which actor 1 gives;
    doubtful: codes that stand both for coming and for leaving, so that they are left out.
    """

    hosts: Sequence[str]
    blocs: Sequence[str]
    country: Mapping[str, str]
    group: Mapping[str, str]
    place: Mapping[str, str]
    bloc_of: Mapping[str, str]
    directions: Mapping[str, int]
    known: Sequence[str] = ()
    giving: Sequence[str] = ()
    doubtful: Sequence[str] = ()


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """Formats and code lists of `data/feeds.json`."""
    return json.loads(FORMATS.read_text(encoding="utf-8"))


def roles(form: str) -> dict[str, str]:
    """role → name of the column. Raises FeedError for a format that `feeds.json` doesn't describe."""
    if form not in described()["formats"]:
        raise FeedError(f"--format {form!r}: no such format. Known: {', '.join(described()['formats'])}")
    return described()["formats"][form]["roles"]


def crosswalk(ledger: Ledger, talk: bool = False) -> Crosswalk:
    """The crosswalk of a ledger: hosts, partners and the types that its measures count (military, material; with `talk` verbal ones too).

    A code counts only as it is written in `cameo`: 087 says nothing of 0871 (a truce), nor 162 of 1623 (humanitarian aid).
    """
    parameters, types, listed = ledger.parameters, ledger["event_types"], described()
    hosts = [host for host in sorted(ledger["hosts"]["host"]) if host != parameters["stock"]["region"]]
    bloc_of = dict(zip(ledger["actors"]["actor"], ledger["actors"]["bloc"]))
    codes = {*hosts, *bloc_of} | {code for code, ours in listed["actors"]["differs"].items() if ours in bloc_of}
    counts = types["family"].eq(parameters["family"]) & types["direction"].ne(0) & (types["material"].eq("yes") | talk)
    signs: dict[str, set[int]] = {}
    for listed_codes, direction in zip(types.loc[counts, "cameo"], types.loc[counts, "direction"]):
        for code in filter(None, listed_codes.split(";")):
            signs.setdefault(code, set()).add(int(direction))
    every = {code for listed_codes in types["cameo"] for code in listed_codes.split(";") if code}
    directions = {code: min(found) for code, found in sorted(signs.items()) if len(found) == 1}
    return Crosswalk(
        hosts, [bloc["code"] for bloc in parameters["blocs"]], {code: listed["actors"]["differs"].get(code, code) for code in sorted(codes)},
        {code: actor for code, actor in listed["actors"]["groups"].items() if actor in bloc_of},
        {code: host for code, host in listed["places"]["fips"].items() if host in hosts}, bloc_of, directions,
        sorted(every - directions.keys()), listed["giving"]["codes"], sorted(code for code, found in signs.items() if len(found) > 1))


def host_codes(walk: Crosswalk, place: bool) -> list[str]:
    """The codes by which a row can name a host: of an actor and, with `place`, of the place."""
    return [code for code, ours in walk.country.items() if ours in walk.hosts] + (list(walk.place) if place else [])
