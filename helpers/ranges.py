"""How far the choices move a finding: its range in a sentence that stands alone.

Outcomes are never shares of 100: the combinations are choices, not a sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from helpers import choices, counts
from helpers.choice_words import phrase
from helpers.dates import quarter_name
from helpers.findings import Finding, Words, counted, joined, sentence
from helpers.ledger import Ledger
from helpers.outcomes import Outcomes
from helpers.specifications import Evaluation

NO_SAMPLE = "These are choices, not a sample: how many of them agree is no probability."
MOST_NAMED = 4


def bloc_of(verdict: dict[str, Any]) -> str:
    """The bloc that a verdict is about: who leads, who left; "" for none or both."""
    return verdict.get("leader") or verdict.get("bloc") or "".join(verdict.get("replaced", ())) * (verdict["kind"] == "left")


def blocs(outcomes: Outcomes) -> np.ndarray:
    """Per row the bloc that its verdict is about."""
    return np.array([bloc_of(verdict) for verdict in outcomes.verdicts], object)[outcomes.which]


def scale(outcomes: Outcomes, bloc: str | None = None) -> np.ndarray:
    """Per row the number that a choice moves: the quarter since which a bloc (the default's) leads, how many hosts it left, the
    largest share of what left; NaN where the verdict is about another bloc, uninformative or without that number."""
    about, numbers = blocs(outcomes), []
    for verdict in outcomes.verdicts:
        if outcomes.finding == "departure":
            numbers.append(float(len(verdict["hosts"].get(bloc_of(verdict), ()))))
        elif outcomes.finding == "replacement":
            shares = [found["at_most"] for found in verdict["replaced"].values() if found["at_most"] is not None]
            numbers.append(max(shares, default=np.nan))
        else:
            numbers.append(_quarter(verdict["since"]) if verdict["kind"] == "change" else np.nan)
    found = np.array(numbers, float)[outcomes.which]
    return np.where(outcomes.informative & (about == (about[0] if bloc is None else bloc)), found, np.nan)


def _quarter(name: str) -> float:
    return float(int(name[:4]) * 4 + int(name[-1]) - 1)


def shown(outcomes: Outcomes, number: float) -> str:
    """A number of the scale in words."""
    if np.isnan(number):
        return "–"
    return f"{number:.0%}" if outcomes.finding == "replacement" else f"{number:.0f}" if outcomes.finding == "departure" else quarter_name(int(number))


def between(outcomes: Outcomes, numbers: np.ndarray) -> str:
    """`between 2021 Q4 and 2024 Q1`, or the one value that there is."""
    low, high = shown(outcomes, np.nanmin(numbers)), shown(outcomes, np.nanmax(numbers))
    return low if low == high else f"between {low} and {high}"


def exceptions(outcomes: Outcomes) -> np.ndarray:
    """Counted rows whose verdict is about another bloc than the default's (or about none)."""
    about = blocs(outcomes)
    return outcomes.counted & (about != about[0])


def cover(outcomes: Outcomes, rows: np.ndarray) -> tuple[list[tuple[str, str]], bool]:
    """Fewest alternatives (greedy) of which every one of the rows has one, and whether all counted rows that have one are among them."""
    grid, rest, found = outcomes.grid[rows], np.ones(int(rows.sum()), bool), []
    any_of = np.zeros(len(outcomes.grid), bool)
    while rest.any():
        numbers = [(int((grid[rest, column] == value).sum()), -column, -value)
                   for column, switch in enumerate(outcomes.switches) for value in range(1, len(switch.values))]
        _, column, value = max(numbers)
        found.append((outcomes.switches[-column].name, outcomes.switches[-column].values[-value]))
        any_of |= outcomes.grid[:, -column] == -value
        rest &= grid[:, -column] != -value
    return found, bool((any_of & outcomes.counted <= rows).all())


def _except(ledger: Ledger, outcomes: Outcomes, rows: np.ndarray) -> str:
    """`, except in some combinations that …`."""
    if not rows.any():
        return ""
    found, every = cover(outcomes, rows)
    named = [phrase(ledger, *pair) for pair in found]
    if len(named) > MOST_NAMED:
        named = [*named[:MOST_NAMED - 1], "make other choices"]
    any_of = " or ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
    return f", except {'wherever choices' if every else 'in some combinations that'} {any_of}"


def _counts(outcomes: Outcomes) -> dict[str, int]:
    found = {"combinations": len(outcomes.grid), "twins": outcomes.twin.sum(), "too_few": (~outcomes.twin & ~outcomes.informative).sum(),
             "counted": outcomes.counted.sum(), "exceptions": exceptions(outcomes).sum()}
    return {name: int(number) for name, number in found.items()}


def _hedge(values: dict[str, int]) -> str:
    thin = f"; {counted(values['too_few'], 'more holds', 'more hold')} too few units to say" if values["too_few"] else ""
    return f"{NO_SAMPLE} {counted(values['combinations'], 'combination')} tried, {counted(values['counted'], 'distinct one')}{thin}."


def found(ledger: Ledger, evaluation: Evaluation, finding: str) -> Finding:
    """The range of a finding under every choice tried, as a finding `range-<id>`."""
    outcomes = evaluation[finding]
    values, base = _counts(outcomes), bloc_of(outcomes.verdict(0))
    if not values["counted"]:
        return Finding(f"range-{finding}", {"kind": "too few"}, "Under every choice tried there is too little to say.", values, NO_SAMPLE)
    if not base or not outcomes.informative[0]:
        return Finding(f"range-{finding}", {"kind": "open", "blocs": _others(outcomes)}, _open(ledger, outcomes), values, _hedge(values))
    outside = exceptions(outcomes)
    numbers = scale(outcomes)[outcomes.counted]
    known = not np.isnan(numbers).all()
    verdict = {"kind": "except" if outside.any() else "every", "bloc": base,
               "range": [shown(outcomes, number) for number in (np.nanmin(numbers), np.nanmax(numbers))] if known else [],
               "except": [f"{switch}={value}" for switch, value in cover(outcomes, outside)[0]]}
    says = {"departure": _departure, "replacement": _replacement}.get(finding, _lead)
    text = says(ledger, outcomes, base, numbers if known else None) + _except(ledger, outcomes, outside) + "."
    return Finding(f"range-{finding}", verdict, text, values, _hedge(values))


CAUSES = {"host": "was most often pushed by the host", "partner": "most often left by its own decision", "both": "most often left by agreement of both",
          "third": "most often left because of a third party", "unknown": "left for reasons mostly not known", "tie": "has no most frequent reason of leaving",
          "none": "never left"}


def exits(ledger: Ledger, evaluation: Evaluation) -> Finding:
    """Left or pushed under every choice tried, side by side, as the finding `range-disengagement`."""
    words, verdict, parts, hedges = Words(ledger), {}, [], []
    for side, outcomes in evaluation.exits.items():
        values = _counts(outcomes)
        if not outcomes.informative[0] or not values["counted"]:
            verdict[side] = {"kind": "too few"}
            parts.append(f"of {words.noun(side)} too few exits are reported to say")
            continue
        base, outside = bloc_of(outcomes.verdict(0)), exceptions(outcomes)
        times = pd.DataFrame([outcomes.verdicts[which]["times"] for which in np.unique(outcomes.which[outcomes.counted])])
        span = {name: [int(times[name].min()), int(times[name].max())] for name in ("host", "partner")}
        verdict[side] = {"kind": "except" if outside.any() else "every", "most": base, **span, "except": [f"{switch}={value}" for switch, value in cover(outcomes, outside)[0]]}
        parts.append(f"{words.noun(side)} {CAUSES[base]} (left {_times(span['partner'])}, pushed {_times(span['host'])}){_except(ledger, outcomes, outside)}")
        hedges.append(f"{counted(values['combinations'], 'combination')} tried, {counted(values['counted'], 'distinct one')} of {words.noun(side)}")
    return Finding("range-disengagement", verdict, sentence(f"under every choice tried {'; '.join(parts)}."), {}, " ".join([NO_SAMPLE, *(f"{part}." for part in hedges)]))


def _times(span: list[int]) -> str:
    return counted(span[0], "time") if span[0] == span[1] else f"{span[0]:,} to {span[1]:,} times"


def _others(outcomes: Outcomes) -> list[str]:
    return sorted(set(blocs(outcomes)[outcomes.counted]) - {""})


def _open(ledger: Ledger, outcomes: Outcomes) -> str:
    """Where the pages' own choices name nobody: whom other choices name."""
    words, named = Words(ledger), _others(outcomes)
    nobody, verb = {"departure": ("neither side left more hosts than the other", "left more"), "replacement": ("neither side was replaced", "was replaced"),
                    "stock-lead": ("no strength is reported", "leads")}.get(outcomes.finding, ("there are too few acts to say who leads", "leads"))
    if not named:
        return sentence(f"under every choice tried {nobody}.")
    return sentence(f"by the choices of the pages {nobody}; under some others {' or '.join(words.noun(bloc) for bloc in named)} {verb}.")


def _lead(ledger: Ledger, outcomes: Outcomes, base: str, numbers: np.ndarray | None) -> str:
    words, what = Words(ledger), "by reported strength " if outcomes.finding == "stock-lead" else ""
    kinds = {outcomes.verdicts[which]["kind"] for which in outcomes.which[outcomes.counted & (blocs(outcomes) == base)]}
    if numbers is None:
        return f"Under every choice tried {words.noun(base)} leads {what}throughout"
    when = between(outcomes, numbers)
    whole = " (under some it leads throughout)" if "same" in kinds else ""
    return f"Under every choice tried {words.noun(base)}'s lead {what}begins {when if when.startswith('between') else f'in {when}'}{whole}"


def _departure(ledger: Ledger, outcomes: Outcomes, base: str, numbers: np.ndarray | None) -> str:
    words, always, sometimes = Words(ledger), [], []
    for row in host_ranges(ledger, outcomes, base).itertuples():
        if row.left and not row.stayed:
            always.append(f"{words.hosts[row.host]} ({row.first if row.first == row.last else f'{row.first} to {row.last}'})")
        elif row.left:
            sometimes.append(words.hosts[row.host])
    parts = [f"{joined(always)} always"] * bool(always) + [f"{joined(sometimes)} under some choices only"] * bool(sometimes)
    return f"Under every choice tried {words.noun(base)} left more hosts than the other side: {'; '.join(parts)}"


def _replacement(ledger: Ledger, outcomes: Outcomes, base: str, numbers: np.ndarray | None) -> str:
    words, cases = Words(ledger), [outcomes.verdicts[which]["replaced"][base] for which in outcomes.which[outcomes.counted & (blocs(outcomes) == base)]]
    stands = [len(case["stands"]) for case in cases]
    by, most = words.noun(cases[0]["by"]), f" with at most {between(outcomes, numbers)} of the largest presence that left" if numbers is not None else ""
    number = f"{min(stands) or 'none'}" if min(stands) == max(stands) else f"{min(stands)} to {max(stands)}"
    return f"Under every choice tried {by} stands in {number} of the hosts that {words.noun(base)} left,{most}".rstrip(",")


def host_ranges(ledger: Ledger, outcomes: Outcomes, bloc: str) -> pd.DataFrame:
    """Per host in how many counted combinations that look at it the bloc left or stayed, and the earliest and latest quarter of leaving."""
    rows = np.flatnonzero(outcomes.counted)
    sets = {value: choices.hosts(ledger, value) for value in {outcomes.words(row).get("hosts", "") for row in rows} if value}
    seen: dict[str, list[str]] = {host: [] for host in counts.host_set(ledger)}
    for row in rows:
        since = outcomes.verdict(row)["hosts"][bloc]
        for host in sets.get(outcomes.words(row).get("hosts", ""), list(seen)):
            seen.setdefault(host, []).append(since.get(host, ""))
    table = [(host, sum(since != "" for since in found), found.count(""), min(filter(None, found), default=""), max(found, default=""))
             for host, found in seen.items()]
    return pd.DataFrame(table, columns=["host", "left", "stayed", "first", "last"])
