"""The measures of DESIGN §3 for one combination of choices: slow, in plain Python, sharing no code with helpers/counts or helpers/strengths.

A combination is a dictionary of words (`status`: `announced`, …), as `Outcomes.words` gives it, over `DEFAULT`. Read is what the
ledger holds: the cells of its tables and each event's possible days; everything that is counted, weighed or compared is done here.
"""

from __future__ import annotations

from datetime import date
from statistics import median
from typing import Any

from helpers.dates import parse
from helpers.ledger import Ledger

Words = dict[str, str]
Row = dict[str, Any]
DEFAULT: Words = {"status": "occurred", "family": "military", "material": "yes", "joint_operations": "presence", "hosts": "core_wider", "origins": "0",
                  "self_reports": "with", "processes": "once", "bloc": "as_listed", "date_bound": "aoristic", "unit": "bloc", "figures": "median",
                  "expiry": "8", "departure": "10", "series": "region"}
SIDES, REGION, FAR = ("western", "russian"), "XSA", 10 ** 9
MINIMUM_UNITS, TIE, MINIMUM_PEAK = 5, 1e-9, 50


def cells(ledger: Ledger, table: str) -> list[Row]:
    return ledger[table].to_dict("records")


def quarter(day: float) -> int:
    found = date.fromordinal(int(day))
    return found.year * 4 + (found.month - 1) // 3


def name(number: int) -> str:
    return f"{number // 4} Q{number % 4 + 1}"


def end_of(number: int) -> int:
    return date(*((number + 1) // 4, (number + 1) % 4 * 3 + 1, 1)).toordinal() - 1


def hosts_of(ledger: Ledger, words: Words) -> list[str]:
    """Hosts of the alternative, in the order of the table."""
    wanted = {"core_wider": {"core", "wider"}, "core": {"core"}, "coast": {"core", "wider", "coast"}}.get(words["hosts"], {"core", "wider"})
    rows = sorted(cells(ledger, "hosts"), key=lambda row: (row["order"], row["host"]))
    return [row["host"] for row in rows if row["group"] in wanted and words["hosts"] != f"without_{row['host']}"]


def blocs_of(ledger: Ledger, words: Words) -> dict[str, str]:
    found = {row["actor"]: row["bloc"] for row in cells(ledger, "actors")}
    for row in cells(ledger, "actors"):
        if row["actor"] == words["bloc"]:
            found[row["actor"]] = row["alternative_bloc"]
    return found


# Acts: which are selected, what their units are, who leads.

def told(act: Row, said: list[Row], origins: dict[str, Row], words: Words) -> bool:
    """Whether enough named parties support the act, and somebody other than its parties tells of it where that is asked."""
    parties = [*act["hosts"].split(";"), *act["partners"].split(";")]
    supporting, anybody = set(), False
    for row in said:
        origin = origins.get(row["origin_id"], {"named": "no", "control": "", "country": ""})
        own = origin["control"] == "state" and origin["country"] != "" and origin["country"] in parties
        if own and words["self_reports"] == "without":
            continue
        anybody = anybody or row["stance"] != "denies"
        if row["stance"] in ("supports", "partial") and origin["named"] == "yes":
            supporting.add(row["origin_id"])
    return (anybody or words["self_reports"] == "with") and len(supporting) >= int(words["origins"])


def selected(ledger: Ledger, words: Words) -> list[Row]:
    """Acts of the combination, with `way` (+1 or −1)."""
    hosts, found, said = set(hosts_of(ledger, words)), [], {}
    origins = {row["origin_id"]: row for row in cells(ledger, "origins")}
    for row in cells(ledger, "citations"):
        said.setdefault(row["event_id"], []).append(row)
    for act in cells(ledger, "events"):
        joint = act["direction"] == 0 and act["material"]
        way = 1 if joint and words["joint_operations"] == "engagement" else act["direction"]
        families = {"military"} if words["family"] == "military" else {"military", "diplomatic", "sanctions"}
        if (act["status"] in {"occurred", "ongoing", words["status"]} and act["family"] in families and way != 0
                and (act["material"] or words["material"] == "with_verbal") and hosts & set(act["hosts"].split(";"))
                and told(act, said.get(act["event_id"], []), origins, words)):
            found.append({**act, "way": way})
    return found


def standing_for(chain: list[Row], counts_at: str) -> Row:
    """The act of a process that counts for the whole: the one named, else the first material one, else the first."""
    def rank(act: Row) -> tuple:
        place = 0 if act["event_id"] == counts_at else 1 if act["material"] else 2
        return place, FAR if act["first"] != act["first"] else act["first"], act["event_id"]
    return min(chain, key=rank)


def units_of(ledger: Ledger, words: Words) -> list[Row]:
    """Units: an act, or a process by the act that stands for it, with the partners that count."""
    acts = selected(ledger, words)
    if words["processes"] == "once":
        for process in cells(ledger, "processes"):
            chain = [act for act in acts if act["process"] == process["process"] and act["way"] == process["direction"]]
            if chain:
                folded = {act["event_id"] for act in chain}
                acts = [act for act in acts if act["event_id"] not in folded] + [{**standing_for(chain, process["counts_at"]), "partners": process["partners"]}]
    return acts


def engagements(ledger: Ledger, words: Words) -> list[Row]:
    """Units that engage."""
    return [act for act in units_of(ledger, words) if act["way"] > 0]


def exits(ledger: Ledger, words: Words, side: str) -> dict[str, int]:
    """How many units of disengagement of a side each initiator caused, dated or not."""
    blocs, found = blocs_of(ledger, words), dict.fromkeys(("host", "partner", "both", "third", "unknown"), 0)
    for act in units_of(ledger, {**words, "joint_operations": "presence"}):
        partners = [blocs.get(actor) for actor in set(act["partners"].split(";"))]
        if act["way"] < 0:
            found[act["initiator"]] += partners.count(side) if words["unit"] == "partner" else int(side in partners)
    return found


def share_in(act: Row, number: int, bound: str) -> float:
    """The share of an act's possible days in a quarter."""
    if act["first"] != act["first"]:
        return 0.0
    first, last = {"aoristic": (act["first"], act["last"]), "earliest": (act["first"],) * 2, "latest": (act["last"],) * 2}[bound]
    begin, end = max(first, end_of(number - 1) + 1), min(last, end_of(number))
    return sum(quarter(day) == number for day in range(int(begin), int(end) + 1)) / (last - first + 1)


def amounts(ledger: Ledger, words: Words, units: list[Row], number: int) -> dict[str, float]:
    """Units of each side in one quarter."""
    blocs, found = blocs_of(ledger, words), dict.fromkeys(SIDES, 0.0)
    for act in units:
        partners = [blocs.get(actor) for actor in set(act["partners"].split(";"))]
        for side in SIDES:
            times = partners.count(side) if words["unit"] == "partner" else int(side in partners)
            found[side] += times * share_in(act, number, words["date_bound"]) if times else 0.0
    return found


def last_run(leading: list[tuple[int, str]]) -> dict[str, Any]:
    """The present leader's last run, in quarters with a leader."""
    if not leading:
        return {"kind": "too few"}
    leader, since, before = leading[-1][1], leading[-1][0], ""
    for number, who in reversed(leading):
        if who != leader:
            before = who
            break
        since = number
    verdict = {"leader": leader, "since": name(since), "until": name(leading[-1][0])}
    return {"kind": "change", "from": before, **verdict} if before else {"kind": "same", **verdict}


def lead_change(ledger: Ledger, words: Words) -> tuple[dict[str, Any], float | None]:
    """The last lead change of the engagement share, and the second side's share in the last window with a leader."""
    known = [act["first"] for act in selected(ledger, {**words, "material": "with_verbal"}) if act["first"] == act["first"]]
    if not known or ledger.cutoff_day is None:
        return {"kind": "too few"}, None
    start, units = quarter(min(known)), engagements(ledger, words)
    each = {number: amounts(ledger, words, units, number) for number in range(start, quarter(ledger.cutoff_day) + 1)}
    leading, share = [], None
    for number in each:
        if number < start + 3 or end_of(number) > ledger.cutoff_day:
            continue
        first, second = (sum(each[before][side] for before in range(number - 3, number + 1)) for side in SIDES)
        if first + second >= MINIMUM_UNITS - TIE and abs(first - second) / (first + second) > TIE:
            leading.append((number, SIDES[0] if first > second else SIDES[1]))
            share = second / (first + second)
    return last_run(leading), share


# Strengths: what is known of a series at a quarter's end, who counts at a place, who left.

def observed(ledger: Ledger, series: str) -> list[Row]:
    """One observation per quarter: median, low, high, day; a zero (no baseline) beats figures of its day or earlier, the highest keeps them."""
    figures: dict[int, list[Row]] = {}
    own = next(row for row in cells(ledger, "series") if row["series_id"] == series)
    ended = parse(own["ended"]).last if own["ended"] and moved(ledger, series) is None else FAR
    for row in cells(ledger, "strengths"):
        day = parse(row["date"])
        start, end = day.written if day.form != "lasted" else (day.written[0], day.until)
        if (row["series_id"] == series and row["kind"] in ("strength", "zero", "start") and row["basis"] != "alleged" and day.form != "before"
                and end is not None and quarter(start) == quarter(end) and start <= ended):
            low, high = (row["personnel"] if row[end_] != row[end_] else row[end_] for end_ in ("low", "high"))
            figures.setdefault(quarter(end), []).append({"start": start, "end": end, "people": row["personnel"], "low": low, "high": high, "kind": row["kind"]})
    found = []
    for number, rows in sorted(figures.items()):
        zero = max((row["end"] for row in rows if row["people"] == 0 and row["kind"] != "start"), default=-1)
        kept = [row for row in rows if row["people"] > 0 and row["start"] > zero] or [row for row in rows if row["people"] == 0]
        found.append({"quarter": number, "median": float(median(row["people"] for row in kept)), "low": min(row["low"] for row in kept),
                      "high": max(row["high"] for row in rows), "day": max(row["end"] for row in kept)})
    return found


def moved(ledger: Ledger, series: str) -> int | None:
    """The day of a series' transfer."""
    days = []
    for row in cells(ledger, "strengths"):
        if row["series_id"] == series and row["kind"] == "transfer" and row["basis"] != "alleged":
            days.append(parse(row["date"]).written[0])
    return min(days, default=None)


class Slow:
    """All series of a ledger as one combination of choices reads them."""

    def __init__(self, ledger: Ledger, words: Words):
        self.ledger, self.words, self.blocs = ledger, words, blocs_of(ledger, words)
        rows = [row for row in cells(ledger, "series") if words["series"] == "region" or row["host"] != REGION]
        self.series = {row["series_id"]: row for row in rows}
        self.force = {row["force"]: row for row in cells(ledger, "forces")}
        self.seen = {key: observed(ledger, key) for key in self.series}
        self.transfer = {key: moved(ledger, key) for key in self.series}
        every = [item["quarter"] for row in cells(ledger, "series") for item in observed(ledger, row["series_id"])]
        self.quarters = range(min(every), quarter(ledger.cutoff_day) + 1) if every and ledger.cutoff_day else range(0)
        self.states: dict[tuple[str, int], tuple[str, Row]] = {}

    def bloc(self, key: str) -> str:
        return self.blocs.get(self.force[self.series[key]["force"]]["partners"].split(";")[0], "other")

    def own(self, key: str, number: int) -> tuple[str, Row]:
        """What the series' own figures say: current, zero, unknown, out."""
        row, seen = self.series[key], [item for item in self.seen[key] if item["quarter"] <= number]
        if row["ended"] and self.transfer[key] is None:
            day = parse(row["ended"]).last
            if quarter(day) <= number:
                high = max((item["high"] for item in self.seen[key] if item["quarter"] == quarter(day)), default=0.0)
                return "zero", {"quarter": quarter(day), "median": 0.0, "low": 0.0, "high": high, "day": day}
        if not seen:
            return "out", {}
        if seen[-1]["median"] == 0:
            return "zero", seen[-1]
        return ("current" if number - seen[-1]["quarter"] <= int(self.words["expiry"]) else "unknown"), seen[-1]

    def state(self, key: str, number: int) -> tuple[str, Row]:
        if (key, number) not in self.states:
            self.states[key, number] = self._state(key, number)
        return self.states[key, number]

    def _state(self, key: str, number: int) -> tuple[str, Row]:
        """Its own, unless the successor's figures have begun, or what it lies inside of (its whole, the region's figure) is at zero since."""
        row, transfer = self.series[key], self.transfer[key]
        if transfer is not None and quarter(transfer) <= number:
            for other, also in self.series.items():
                near = row["host"] == REGION or also["host"] in (row["host"], REGION)
                later = [item["quarter"] for item in self.seen[other] if item["day"] >= transfer and item["median"] != 0]
                if also["force"] == self.force[row["force"]]["successor"] and near and later and later[0] <= number:
                    return "out", {}
        kind, item = self.own(key, number)
        wider = [other for other, also in self.series.items() if row["host"] != REGION and also["host"] == REGION and also["force"] == row["force"]]
        for above in [row["part_of"], *wider]:
            if above in self.series and kind in ("current", "unknown") and self.transfer[above] is None:
                gone, zero = self.own(above, number)
                if gone == "zero" and item["day"] <= zero["day"]:
                    return "zero", zero
        return kind, item

    def counting(self, place: str, hosts: list[str], number: int) -> dict[str, tuple[str, Row]]:
        """The series that count at a place."""
        here = [key for key, row in self.series.items() if row["host"] == place or place == REGION and row["host"] in hosts]
        known = {key: self.state(key, number) for key in here if self.state(key, number)[0] != "out" and not self.foreign(key, number)}
        whole = {key for key in known if not self.inside(key, known)}
        best: dict[tuple[str, str], tuple] = {}
        names = {self.series[key]["force"] for key in whole}
        for key in whole:
            row, (kind, item) = self.series[key], known[key]
            group = self.force[row["force"]]["succession_group"]
            if group:
                rank = (item["quarter"], kind != "zero", item["day"], self.force[row["force"]]["successor"] not in names, key)
                best[group, row["host"]] = max(best.get((group, row["host"]), rank), rank)
        kept = {key for key in whole if not self.force[self.series[key]["force"]]["succession_group"]
                or best[self.force[self.series[key]["force"]]["succession_group"], self.series[key]["host"]][-1] == key}
        if place == REGION:
            kept = {key for key in kept if self.at_level(key, kept, known)}
        return {key: known[key] for key in self.series if key in kept}

    def foreign(self, key: str, number: int) -> bool:
        """A part of another bloc's running whole."""
        parent = self.series[key]["part_of"]
        return parent in self.series and self.bloc(parent) != self.bloc(key) and self.state(parent, number)[0] in ("current", "unknown")

    def inside(self, key: str, known: dict[str, tuple[str, Row]]) -> bool:
        above = self.series[key]["part_of"]
        while above:
            if known.get(above, ("", {}))[0] == "current":
                return True
            above = self.series[above]["part_of"] if above in self.series else ""
        return False

    def at_level(self, key: str, kept: set[str], known: dict[str, tuple[str, Row]]) -> bool:
        """The region's figure where it is current, else the hosts' where one is, else the region's if there is one."""
        force = self.series[key]["force"]
        levels = [(self.series[other]["host"] == REGION, known[other][0]) for other in kept if self.series[other]["force"] == force]
        regional = (True, "current") in levels or (False, "current") not in levels and any(level for level, _ in levels)
        return (self.series[key]["host"] == REGION) == regional

    def hatched(self, host: str, number: int) -> str:
        """Forces that stand in a host by their series, of which only the region's figure is current."""
        found = []
        for key, row in self.series.items():
            above = [other for other, also in self.series.items() if also["force"] == row["force"] and also["host"] == REGION]
            if row["host"] != host or not above or self.state(above[0], number)[0] != "current":
                continue
            inside = [other for other, also in self.series.items() if also["host"] == host and also["part_of"] == above[0]]
            begun = not row["started"] or parse(row["started"]).written[0] <= end_of(number)
            gone = bool(row["ended"]) and parse(row["ended"]).last <= end_of(number)
            if begun and not gone and not any(self.state(other, number)[0] in ("current", "zero") for other in [key, *inside]):
                found.append((self.bloc(key), row["force"]))
        return found

    def level(self, place: str, hosts: list[str], side: str, number: int) -> Row | None:
        """Stock of a side at a place: median, low, high, unknown, hatched; None where nothing of it was ever reported there."""
        rows = [found for key, found in self.counting(place, hosts, number).items() if self.bloc(key) == side]
        hatched = [force for bloc, force in (self.hatched(place, number) if place != REGION else ()) if bloc == side]
        if not rows and not hatched:
            return None
        figures = [(kind, item) for kind, item in rows if kind != "unknown"]
        return {"median": sum(item["median"] for _, item in figures), "low": sum(item["low"] for _, item in figures),
                "high": sum(item["high"] for kind, item in figures if kind == "current" or item["quarter"] == number),
                "unknown": sum(item["median"] for kind, item in rows if kind == "unknown"), "hatched": ", ".join(hatched)}


def judged(slow: Slow, host: str, side: str) -> Row:
    """Whether and since when a side left a host: kind, since, peak, now, hatched."""
    figures, share = slow.words["figures"], int(slow.words["departure"]) / 100
    rows = {number: slow.level(host, [host], side, number) for number in slow.quarters}
    reported = {number: row for number, row in rows.items() if row}
    if not reported:
        return {"kind": "none", "now": 0.0, "hatched": ""}
    last = rows[slow.quarters[-1]] or {figures: 0.0, "hatched": ""}
    peak = max(row["high"] for row in reported.values())
    at = min(number for number, row in reported.items() if row["high"] == peak)
    if peak < MINIMUM_PEAK and not last["hatched"]:
        return {"kind": "too few", "now": last[figures], "hatched": ""}
    since = at
    for number in range(at, slow.quarters[-1] + 1):
        row = rows[number]
        if row is None or row["hatched"] or row[figures] + row["unknown"] > share * peak:
            since = number + 1
    kind = "left" if since <= slow.quarters[-1] else "there"
    return {"kind": kind, "since": since, "peak": peak, "now": last[figures], "hatched": last["hatched"] if kind == "there" else ""}


def departure(ledger: Ledger, words: Words) -> tuple[dict[str, Any], dict[str, Any]]:
    """The verdicts on departure and replacement."""
    slow, hosts = Slow(ledger, words), hosts_of(ledger, words)
    found = {(host, side): judged(slow, host, side) for host in hosts for side in SIDES}
    left = {side: {host: name(found[host, side]["since"]) for host in hosts if found[host, side]["kind"] == "left"} for side in SIDES}
    most = max(map(len, left.values()))
    ahead = [side for side in SIDES if len(left[side]) == most] if most else []
    kind = "nobody" if not ahead else "left" if len(ahead) == 1 else "tie"
    verdict = {"kind": kind, "hosts": left, **({"bloc": ahead[0]} if kind == "left" else {})}
    replaced = {}
    for side in ahead:
        by = SIDES[1 - SIDES.index(side)]
        stands = [host for host in left[side] if found[host, by]["now"] > 0 or found[host, by]["hatched"]]
        shares = [found[host, by]["now"] / found[host, side]["peak"] for host in stands if not found[host, by]["hatched"]]
        replaced[side] = {"by": by, "left": list(left[side]), "stands": stands, "at_most": round(max(shares), 4) if shares else None}
    return verdict, {"kind": kind, "replaced": replaced}


def stock_lead(ledger: Ledger, words: Words) -> tuple[dict[str, Any], float | None]:
    """The last lead change of the region's stock, and the second side's share of both at the cutoff."""
    slow, hosts = Slow(ledger, words), hosts_of(ledger, words)
    leading, ever, share = [], False, None
    for number in slow.quarters:
        first, second = ((slow.level(REGION, hosts, side, number) or {words["figures"]: 0.0})[words["figures"]] for side in SIDES)
        ever, share = ever or first + second > 0, second / (first + second) if first + second else None
        if abs(first - second) > TIE:
            leading.append((number, SIDES[0] if first > second else SIDES[1]))
    return (last_run(leading), share) if ever else ({"kind": "nobody"}, None)
