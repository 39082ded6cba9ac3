"""What specifications.csv may say: the switches that the measures know, the alternatives of each, and the default of the pages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

# Alternatives that are words; the first of each is what the measures of the pages use.
WORDS = {"self_reports": ("with", "without"), "date_bound": ("aoristic", "earliest", "latest"), "material": ("yes", "with_verbal"),
         "joint_operations": ("presence", "engagement"), "processes": ("once", "every_act"), "unit": ("bloc", "partner"),
         "figures": ("median", "low", "high"), "series": ("region", "host")}
NUMBERS = ("origins", "expiry", "departure")
LISTED, EVERY, WITHOUT = "as_listed", "all", "without_"


@dataclass(frozen=True)
class Vocabulary:
    """The words of a ledger that alternatives may name."""

    statuses: frozenset[str]
    families: frozenset[str]
    groups: frozenset[str]


def usual(rules: Mapping[str, Any]) -> dict[str, str]:
    """The value of each switch that the measures of the pages use (rules: the ledger's parameters)."""
    return {**{name: words[0] for name, words in WORDS.items()}, "status": rules["statuses"][0], "family": rules["family"], "origins": "0",
            "expiry": f"{rules['stock']['expiry_quarters']}", "departure": f"{100 * rules['stock']['departure_share']:g}", "bloc": LISTED,
            "hosts": "_".join(rules["host_groups"])}


def allowed(switch: str, value: str, known: Vocabulary) -> str:
    """What a switch may say, where the value is none of it; "" for one that can be followed.

    Whether a host or an actor that it names is in the ledger is not asked: such an alternative is left out and said.
    """
    if switch in WORDS:
        return "" if value in WORDS[switch] else " or ".join(WORDS[switch])
    if switch in NUMBERS:
        return "" if value.isascii() and value.isdigit() and (switch == "origins" or int(value) > 0) else "a whole number"
    if switch == "status":
        return "" if value in known.statuses else " or ".join(sorted(known.statuses))
    if switch == "family":
        return "" if value in {*known.families, EVERY} else " or ".join([EVERY, *sorted(known.families)])
    if switch == "bloc":
        return "" if re.fullmatch(r"[A-Za-z0-9_-]+", value) else f"{LISTED}, or the code of an actor with an alternative_bloc"
    good = value.startswith(WITHOUT) or set(value.split("_")) <= known.groups
    return "" if good else f"groups of hosts ({', '.join(sorted(known.groups))}) joined by _, or {WITHOUT}HOST"
