"""One country at a time: what its profile counts, says and lists. A host of the measures has a page, the others share one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from helpers import counts, departures, evidence, exhibits, findings
from helpers.dates import iso, quarter_name
from helpers.exhibits import Column, Nothing, Table
from helpers.findings import Finding, Words, counted, joined, people, sentence
from helpers.ledger import Ledger
from helpers.strengths import Stock

OTHERS = "other"  # the page of all hosts outside the set of the measures
MOST_NAMED = 6  # kinds of act named in one cell
OPEN = ("denied", "alleged or retracted", "known only from a party to it", "without a named origin", "with one named origin")


@dataclass(frozen=True)
class Profile:
    """A page's country: its code (or `other`), how it is called in a sentence, and its hosts."""

    code: str
    name: str
    hosts: tuple[str, ...]


def chosen(ledger: Ledger, code: str = "") -> Profile:
    """The profile of a host code or of `other`; of the first host of the set where the code is empty. Raises ValueError for an unknown code."""
    inside = counts.host_set(ledger)
    code = code or (inside[0] if inside else OTHERS)
    if code == OTHERS:
        groups = sorted(set(ledger["hosts"]["group"]) - {*ledger.parameters["host_groups"], ledger.parameters["region_group"]})
        return Profile(OTHERS, "the other hosts", tuple(counts.host_set(ledger, groups)) if groups else ())
    names = Words(ledger).hosts
    if code not in names:
        raise ValueError(f"SAHEL_SHIFT_HOST={code}: no such host; name one of {', '.join(sorted(names))}, or {OTHERS}")
    return Profile(code, names[code], (code,))


def stock(ledger: Ledger, profile: Profile) -> Stock:
    """The stock with the profile's hosts in place of the measures' (its totals of the region are not meant to be read)."""
    own = Stock(ledger)
    own.hosts = list(profile.hosts)
    return own


def events(ledger: Ledger, profile: Profile) -> pd.DataFrame:
    """Events with a host of the profile, whatever their status, by first possible day (undated last)."""
    rows, mine = ledger["events"], set(profile.hosts)
    keep = np.array([bool(mine & set(hosts.split(";"))) for hosts in rows["hosts"]], bool)
    return rows[keep].sort_values(["first", "event_id"], na_position="last").reset_index(drop=True)


def units(ledger: Ledger, profile: Profile) -> pd.DataFrame:
    """Units (`counts.units`) with a host of the profile; of a host of the set, those that its panel on the page on both sides shows."""
    selection = counts.default_selection(ledger)
    rows = counts.units(ledger, selection if set(profile.hosts) <= set(selection.hosts) else replace(selection, hosts=profile.hosts))
    return rows[np.array([bool(set(profile.hosts) & set(hosts)) for hosts in rows["hosts"]], bool)].reset_index(drop=True)


def by_partner(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    """Events × partner: the columns of events, actor, bloc, done (took place by its sources). Context events have no partner and are left out."""
    each = rows[rows["family"].ne(ledger.parameters["context_family"])].assign(actor=lambda some: some["partners"].str.split(";")).explode("actor")
    each = each.assign(bloc=each["actor"].map(ledger["actors"].set_index("actor")["bloc"]), done=each["status"].isin(ledger.parameters["statuses"]))
    return each.dropna(subset="bloc").reset_index(drop=True)


def _presence(row: Any, words: Words) -> str:
    """What one side's stock in a host came to, in words (a row of `departures.departures`)."""
    peak, noun = people(row.peak), words.noun(row.bloc)
    if row.kind == "left":
        return f"{noun} left by {quarter_name(row.since)} (at most {peak} people reported before, {people(row.now)} at the cutoff)"
    if row.kind == "present":
        alone = f"with {people(row.now)} people reported" if row.now else f"as part of {row.region_only}, its share not reported"
        return f"{noun} is there {alone}"
    if row.kind == "too few":
        return f"{noun} never had more than {peak} people reported there" if row.peak else f"the only figure reported of {noun} is zero"
    return f"whether {noun} is still there is not known (at most {peak} people reported before)" if row.kind == "unknown" else f"no strength of {noun} is reported"


def finding(ledger: Ledger, profile: Profile, unit_rows: pd.DataFrame, left: pd.DataFrame) -> Finding:
    """Who came and who left, by strength where it is reported, else by acts (left: `departures.departures` of the profile's stock)."""
    words, sides, rows = Words(ledger), ledger.parameters["sides"], events(ledger, profile)
    moves = unit_rows.groupby(["bloc", "direction"]).size()
    acts = {side: {"came": int(moves.get((side, 1), 0)), "went": int(moves.get((side, -1), 0))} for side in sides}
    kinds = {side: {row.host: row.kind for row in left[left["bloc"].eq(side)].itertuples()} for side in sides}
    reported = left[left["kind"].ne("none").groupby(left["host"]).transform("any")] if len(left) else left
    said = {host: "; ".join(_presence(row, words) for row in reported[reported["host"].eq(host)].itertuples()) for host in profile.hosts}
    name = sentence(profile.name) if len(profile.hosts) < 2 else f"{sentence(profile.name)} ({words.listed(profile.hosts)})"
    parts = [text if len(profile.hosts) == 1 else f"in {words.hosts[host]} {text}" for host, text in said.items() if text]
    text = f"{name}: {'; '.join(parts)}." if parts else f"{name}: no strength of either side is reported."
    told = [f"{words.noun(side)} came {counted(acts[side]['came'], 'time')} and went {counted(acts[side]['went'], 'time')}" for side in sides if sum(acts[side].values())]
    text += f" By reported acts {joined(told)}." if told else " No act of either side that moves people, arms, money or bases took place by the ledger."
    if rows.empty:
        text = f"No event in {name[:1].lower() + name[1:] if profile.code == OTHERS else name} is in the ledger." + (f" {text}" if parts else "")
    kind = "none" if rows.empty and not parts else "profile"
    return Finding("country", {"kind": kind, "host": profile.code, "stock": kinds, "acts": acts}, text, {"events": len(rows)},
                   "Acts are counted, not weighed; an exit or arrival in many steps counts once. Silence is not a departure.",
                   title=f"{sentence(profile.name)}: who came, and who left?")


def collected(ledger: Ledger, profile: Profile) -> Finding:
    """How much is in the ledger on the profile's hosts, and how far it took place."""
    rows = events(ledger, profile)
    if rows.empty:
        return Finding("country-events", {"kind": "none", "host": profile.code}, f"The ledger holds no event on {profile.name}.")
    status, dated = rows["status"].value_counts(), rows.dropna(subset="first")
    done = int(rows["status"].isin(ledger.parameters["statuses"]).sum())
    when = f", from {iso(dated['first'].min())[:4]} to {iso(dated['last'].max())[:4]}" if len(dated) else ""
    text = f"{counted(len(rows), 'event')} on {profile.name} {'is' if len(rows) == 1 else 'are'} in the ledger{when}; {done:,} took place by {'its' if len(rows) == 1 else 'their'} sources."
    rest = [f"{number:,} {name}" for name, number in sorted(status.items()) if name not in ledger.parameters["statuses"]]
    undated = len(rows) - len(dated)
    hedge = (f"Shown apart, never as done: {joined(rest)}. " if rest else "") + (f"{counted(undated, 'event')} without a first possible day: listed, in no year." if undated else "")
    return Finding("country-events", {"kind": "events", "host": profile.code}, text, {"events": len(rows), "done": done, "undated": undated}, hedge.strip())


def disengagement(ledger: Ledger, profile: Profile, unit_rows: pd.DataFrame) -> Finding:
    """Left or pushed in the profile's hosts."""
    whole = findings.disengagement(ledger, unit_rows)
    return replace(whole, id="country-disengagement", verdict={"host": profile.code, **whole.verdict})


def _kinds(rows: pd.DataFrame) -> str:
    """`training 5, arms delivery 3`."""
    found = rows["type"].value_counts()
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    shown = [f"{name.replace('_', ' ')} {number:,}" for name, number in ordered[:MOST_NAMED]]
    return ", ".join(shown + ([f"{counted(len(ordered) - MOST_NAMED, 'other kind')}"] if len(ordered) > MOST_NAMED else []))


def _when(done: pd.DataFrame) -> str:
    """The dates of the first and the last dated act, as the sources give them."""
    dated = done.dropna(subset="first")
    ends = [dated["date"].iloc[0], dated.sort_values(["last", "event_id"])["date"].iloc[-1]] if len(dated) else []
    return " to ".join(dict.fromkeys(ends))


def partner_table(ledger: Ledger, profile: Profile) -> Table | Nothing:
    """Partner by partner: what it gave, what it took away, what was only said, from when to when."""
    words, each = Words(ledger), by_partner(ledger, events(ledger, profile))
    if each.empty:
        return Nothing("partners", f"No partner of {profile.name} is in the ledger.")
    cells = []
    for (actor, bloc), rows in each.groupby(["actor", "bloc"]):
        done = rows[rows["done"]]
        kinds = [_kinds(done[done["direction"] > 0]), _kinds(done[done["direction"] < 0]), _kinds(done[done["direction"] == 0])]
        cells.append([f"{words.actors.get(actor, actor)} · {words.name(bloc)}", len(done), *kinds, len(rows) - len(done), _when(done)])
    cells.sort(key=lambda row: (-row[1], -row[5], row[0]))
    columns = [Column("Partner · bloc", choose=True), Column("Acts", "number"), Column("Gave or agreed"), Column("Took away or ended"), Column("Otherwise"),
               Column("Not done", "number"), Column("First to last", "date")]
    note = "Acts that took place by their sources, each counted once for each of its partners; who ended it, host or partner, stands below. Not done: announced, anticipated, alleged or retracted. Dates as the sources give them."
    return Table("partners", f"{counted(len(cells), 'partner')}, and what they gave or took away", columns, cells, [], note, len(cells))


def process_table(ledger: Ledger, profile: Profile) -> Table | Nothing:
    """Exits and arrivals in many steps: how many acts of each are in the profile's hosts, and when it was completed."""
    rows = events(ledger, profile)
    steps, table = rows["process"].value_counts(), ledger["processes"]
    own = table[table["process"].isin(steps.index)]
    if own.empty:
        return Nothing("processes", f"No process with acts in {profile.name} is in the ledger.")
    starts = rows.dropna(subset="first").drop_duplicates("process").set_index("process")["date"]
    first = own["process"].map(rows.groupby("process")["first"].min())
    own = own.assign(start=own["process"].map(starts).fillna("undated"), first=first).sort_values(["first", "process"], na_position="last")
    words = Words(ledger)
    frame = pd.DataFrame({"Process": own["title"], "Partners": [", ".join(words.actors.get(code, code) for code in codes.split(";")) for codes in own["partners"]],
                          "Direction": own["direction"].astype(int).map({1: "in", -1: "out", 0: "continues"}), "Steps": own["process"].map(steps),
                          "First step": own["start"],
                          "Completed": own["completed"].replace("", "not in the ledger")})
    return exhibits.frame_table("processes", f"{counted(len(own), 'process', 'processes')} in steps", frame,
                                "Steps whatever their status; each process counts once in the measures, at the act that stands for it.", ["Direction"],
                                dates=["First step", "Completed"], long=["Process"])


def open_reasons(ledger: Ledger, profile: Profile) -> pd.DataFrame:
    """Events with a reason to doubt them: event_id, why (the first of OPEN that applies), origins, denied_by (names)."""
    rows, known, cited = events(ledger, profile), evidence.corroboration(ledger), evidence.cited(ledger)
    rows = rows[rows["family"].ne(ledger.parameters["context_family"])]
    denying = cited[cited["stance"].eq("denies")].assign(who=lambda some: some["origin"].where(some["origin"].ne(""), some["publisher"]))
    names = denying.groupby("event_id")["who"].agg(lambda group: ", ".join(sorted(set(group))))
    behind = known.reindex(rows["event_id"])
    applies = [behind["denied"], rows["status"].isin(["alleged", "retracted"]), behind["self_only"], behind["origins"].eq(0), behind["origins"].eq(1)]
    why = np.select([condition.to_numpy(bool) for condition in applies], list(OPEN), "")
    found = pd.DataFrame({"event_id": rows["event_id"].to_numpy(), "why": why, "origins": behind["origins"].to_numpy(int),
                          "denied_by": [names.get(event, "") for event in rows["event_id"]]})
    return found[found["why"].ne("")].reset_index(drop=True)


def open_finding(ledger: Ledger, profile: Profile, reasons: pd.DataFrame) -> Finding:
    """How many events are open to doubt, by the first reason that applies (reasons: `open_reasons`)."""
    rows = events(ledger, profile)
    total = int(rows["family"].ne(ledger.parameters["context_family"]).sum())
    if not total:
        return Finding("country-open", {"kind": "none", "host": profile.code}, f"No event with a partner in {profile.name} is in the ledger, so nothing is open.")
    found = {why: int(reasons["why"].eq(why).sum()) for why in OPEN}
    parts = [f"{number:,} {why}" for why, number in found.items() if number]
    text = f"Of {counted(total, 'event')} on {profile.name} {len(reasons):,} {'is' if len(reasons) == 1 else 'are'} open to doubt" + (f": {joined(parts)}." if parts else ".")
    return Finding("country-open", {"kind": "open" if parts else "settled", "host": profile.code}, text, {"events": total, **found},
                   "Each event once, by the first reason that applies, in this order; an event with one named origin may be right, and two may both be wrong.")


def open_table(ledger: Ledger, profile: Profile, reasons: pd.DataFrame) -> Table | Nothing:
    """Every event that is open to doubt, with why and with its sources, the gravest first, the newest first within a reason."""
    if reasons.empty:
        return Nothing("open", f"No event on {profile.name} is denied, alleged or known from fewer than two named origins.")
    rows = events(ledger, profile)
    whole = exhibits.event_table(ledger, rows[rows["event_id"].isin(reasons["event_id"])], "open", titles=False)
    why = {f"event-{row.event_id}": (row.why, f" (by {row.denied_by})" if row.denied_by else "") for row in reasons.itertuples()}
    # The only host of a page need not stand in every row: why the event is open takes its place.
    cut = slice(1, 2 if len(profile.hosts) == 1 else 1)
    joint = [(OPEN.index(why[name][0]), [row[0], "".join(why[name]), *row[cut.stop:]], name) for name, row in zip(whole.row_ids, whole.rows)]
    joint.sort(key=lambda item: item[0])
    columns = [whole.columns[0], Column("Why open", choose=True), *whole.columns[cut.stop:]]
    return replace(whole, title=f"{counted(len(reasons), 'event')} open to doubt", columns=columns, rows=[row for _, row, _ in joint], row_ids=[name for _, _, name in joint])


def event_table(ledger: Ledger, profile: Profile, reasons: pd.DataFrame) -> Table | Nothing:
    """Every other event of the profile with its sources (those of `open_table` are not repeated)."""
    rows = events(ledger, profile)
    rest = rows[~rows["event_id"].isin(reasons["event_id"])]
    if rest.empty:
        return Nothing("events", f"No {'other ' if len(rows) else ''}event on {profile.name} is in the ledger.")
    return exhibits.event_table(ledger, rest, titles=False)


def presence(ledger: Ledger, profile: Profile) -> tuple[Stock, pd.DataFrame]:
    """The profile's stock and the departures read from it."""
    own = stock(ledger, profile)
    return own, departures.departures(ledger, own)
