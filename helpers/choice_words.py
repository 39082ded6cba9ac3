"""The switches of specifications.csv and their alternatives in words: what each does, and in few words for a chart."""

from __future__ import annotations

from helpers import choices, counts, switches
from helpers.findings import Words, sentence
from helpers.ledger import Ledger

NUMBERS = {"origins": "ask for {} named origins", "expiry": "let figures hold for {} quarters", "departure": "call {} % of the peak a departure"}
PHRASES = {"self_reports": "leave out self-reports", "earliest": "take the earliest possible day", "latest": "take the latest possible day",
           "material": "count words beside deeds", "joint_operations": "count joint operations", "processes": "count every act of a process",
           "unit": "count each partner", "family": "count diplomacy and sanctions", "low": "read the lowest figures", "high": "read the highest figures",
           "series": "use figures of single hosts only"}
SWITCHES = {"material": "Deeds or words", "departure": "What counts as gone", "expiry": "How long figures hold", "figures": "Which figure",
            "series": "Region or hosts", "origins": "Named origins", "self_reports": "Self-reports", "date_bound": "Possible day", "family": "Families of acts",
            "unit": "Unit", "bloc": "Bloc of an actor"}
SHORT = {"with_verbal": "words too", "without": "no self-reports", "host": "host figures only", "earliest": "earliest day", "latest": "latest day",
         "all": "diplomacy and sanctions too", "engagement": "joint operations too", "every_act": "every act of a process", "partner": "each partner counts",
         "low": "lowest figures", "high": "highest figures"}
UNITS = {"origins": "{} named origins", "expiry": "figures hold {} quarters", "departure": "gone at {} %", "status": "{} acts too"}
LONGEST_NAME = 16


def phrase(ledger: Ledger, switch: str, value: str) -> str:
    """What an alternative does, as `count announced acts`."""
    words = Words(ledger)
    if switch == "bloc" and value != switches.LISTED:
        return f"count {words.actors[value]} as {words.name(choices.flipped(ledger)[value])}"
    if switch == "hosts":
        left, usual = value.removeprefix(switches.WITHOUT), set(counts.host_set(ledger))
        if left != value:
            return f"leave out {words.hosts.get(left, left)}"
        return f"take {value} hosts only" if set(choices.hosts(ledger, value)) < usual else f"add {value} hosts"
    if switch in NUMBERS:
        return NUMBERS[switch].format(value) if (switch, value) != ("origins", "1") else "ask for a named origin"
    return f"count {value} acts" if switch == "status" else PHRASES.get(value) or PHRASES.get(switch, f"{switch} {value}")


def switch_name(switch: str) -> str:
    """A switch in words."""
    return SWITCHES.get(switch, sentence(switch.replace("_", " ")))


def value_name(ledger: Ledger, switch: str, value: str) -> str:
    """An alternative in few words that stand alone."""
    words = Words(ledger)
    if value == choices.usual(ledger)[switch]:
        return "the default"
    if switch == "bloc":
        name = words.actors[value]
        return f"{name if len(name) <= LONGEST_NAME else value} {words.name(choices.flipped(ledger)[value])}"
    if switch == "hosts":
        left = value.removeprefix(switches.WITHOUT)
        fewer = set(choices.hosts(ledger, value)) < set(counts.host_set(ledger))
        return f"without {words.hosts[left]}" if left != value else f"{value} hosts {'only' if fewer else 'too'}"
    return SHORT.get(value) or (UNITS.get(switch, "{}").format(value.replace("_", " ")) if (switch, value) != ("origins", "1") else "1 named origin")
