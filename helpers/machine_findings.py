"""What a machine-coded feed says beside the ledger, as findings, and the tables that say what it is, or what to bring."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers.exhibits import Nothing, Table, frame_table
from helpers.findings import Finding, Words, counted, joined
from helpers.ledger import Ledger
from helpers.machine_coded import BASE, FACTOR, LEAST, WINDOW, Feed, compared

FEWEST = 20  # acts, below which a share of them says little
NONE = "No machine-coded feed was given, so that the ledger stands without this comparison; what to bring, and how, stands below."
STEPS = [
    ("Install the optional packages", "make feed does so by itself, in a .venv of its own; elsewhere: pip install -r requirements-feeds.txt"),
    ("Fetch the feed", "Event files of GDELT 2.0 (…export.CSV.zip, from February 2015) or GDELT 1.0 (from 1979), free of charge: the lists of files "
                       "are on data.gdeltproject.org. A folder of them, zipped as they come; attribution is asked for"),
    ("Count it", "make feed PATHS=FOLDER FORMAT=gdelt2, or: python -m helpers feed FOLDER --format gdelt2 --data data --out counts.csv. It reads files "
                 "larger than memory and says how far it is"),
    ("Build the pages with it", "make html FEED=counts.csv (the files counts-days.csv and counts-report.json must stand beside it)"),
]


def saw(ledger: Ledger, feed: Feed, seen: pd.DataFrame) -> Finding:
    """The share of the ledger's acts that the feed saw, against the same acts at shifted dates (seen: `machine_coded.sightings`)."""
    if not feed.there:
        return Finding("feed-saw", {"kind": "none"}, NONE)
    values = {name: round(value, 4) for name, value in compared(seen).items()} | {"feed": feed.digest, "window": WINDOW}
    hedge = (f"Seen: an act of the same host, bloc and direction within {WINDOW} days. That an act of the feed is the ledger's act is not checked: "
             "only what exceeds the shifted dates is more than a busy feed.")
    number = values["acts"]
    if number < FEWEST:
        held = counted(number, "act") if number else "no act"
        text = f"The feed covers {held} of the ledger that is dated to the day: too few to say what it sees."
        return Finding("feed-saw", {"kind": "too few"}, text, values, hedge)
    better = values["seen"] > (values["highest"] if not np.isnan(values["highest"]) else values["placebo"])
    text = (f"The feed saw {values['seen']:.0%} of {counted(number, 'act')} of the ledger within a week; around shifted dates it would have seen "
            f"{values['placebo']:.0%}, ")
    text += f"so that {100 * (values['seen'] - values['placebo']):.0f} points are more than chance." if better else "so that it tells hardly more than chance."
    values = {name: None if isinstance(value, float) and np.isnan(value) else value for name, value in values.items()}
    return Finding("feed-saw", {"kind": "saw" if better else "chance"}, text, values, hedge)


def agreement(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> Finding:
    """Whether ledger and feed name the same leader of engagement in the last quarter that both have (table: `machine_coded.shares`)."""
    if not feed.there:
        return Finding("feed-share", {"kind": "none"}, "Without a feed there is no second share.")
    both, sides, words = table.dropna(subset=["ledger", "feed"]), ledger.parameters["sides"], Words(ledger)
    if both.empty:
        text = "In no quarter do ledger and feed both hold enough for a share; the feed must cover a year and more without gaps."
        return Finding("feed-share", {"kind": "too few"}, text)
    last, tie = both.iloc[-1], ledger.parameters["share"]["tie"]
    leads = {name: "tie" if abs(last[name] - 0.5) <= tie else sides[int(last[name] > 0.5)] for name in ("ledger", "feed")}
    same = int((np.sign(both["ledger"] - 0.5) == np.sign(both["feed"] - 0.5)).sum())
    values = {"quarter": last["label"], "ledger": round(float(last["ledger"]), 4), "feed": round(float(last["feed"]), 4), "quarters": len(both), "same": same}
    text = (f"In {last['label']} {words.name(sides[1])} engagement is {last['ledger']:.0%} of both sides' by the ledger and {last['feed']:.0%} by the feed; "
            f"in {same} of {counted(len(both), 'quarter')} both name the same leader.")
    hedge = "The shares are laid side by side and not correlated: two series that both grow agree whatever they count."
    return Finding("feed-share", {"kind": "same" if leads["ledger"] == leads["feed"] else "part", **leads}, text, values, hedge)


def surged(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> Finding:
    """How many surges the feed has, and in how many the ledger holds nothing (table: `machine_coded.surges`)."""
    if not feed.there:
        return Finding("feed-surges", {"kind": "none"}, "Without a feed there are no surges.")
    silent = int(table["ledger"].eq(0).sum())
    values = {"surges": len(table), "silent": silent}
    if table.empty:
        return Finding("feed-surges", {"kind": "nothing"}, "The feed has no surge of either side's acts in a core or wider host.", values)
    text = f"The feed has {counted(len(table), 'surge')}; in {silent:,} of them the ledger holds no act of that host, side and direction in the month."
    hedge = (f"A surge: at least {LEAST} acts, and more than {FACTOR:g} deviations above the median of the {BASE} covered months before. "
             "Much told again is much counted: it is where to look, not what happened.")
    return Finding("feed-surges", {"kind": "surges"}, text, values, hedge)


def about(ledger: Ledger, feed: Feed) -> Table:
    """What was counted of the feed and what not, and why; without a feed, what to bring and how."""
    if not feed.there:
        return frame_table("feed", "What to bring, and how", pd.DataFrame(STEPS, columns=["Step", "How"]),
                           "Without a feed this page is complete otherwise: nothing else in the collection needs one.")
    report = feed.report
    most = {name: ", ".join(f"{code or 'none'} {number:,}" for code, number in list(report.get(name, {}).items())[:12]) for name in
            ("actor codes unmatched", "event codes unmatched")}
    numbers = {"days covered": len(feed.covered), "rows read": report.get("rows", 0), "files": report.get("files", 0),
               "files left out": len(report.get("faulty files", ())), "acts counted": report.get("acts", 0),
               "rows that repeat an act": report.get("duplicates", 0),
               **{f"rows: {reason}": number for reason, number in report.get("left out", {}).items()}}
    rows = [("format", str(report.get("format", ""))), *((name, f"{number:,}") for name, number in numbers.items()),
            *((name, text or "none") for name, text in most.items())]
    return frame_table("feed", f"What was counted of the feed ({feed.digest})", pd.DataFrame(rows, columns=["What", "How many"]),
                       "Rows that name no host of the ledger are not listed. Actors and acts are matched by their codes in the feed, without reading a page.")


def surge_table(ledger: Ledger, feed: Feed, table: pd.DataFrame) -> Table | Nothing:
    """Every surge, the newest first."""
    if table.empty:
        return Nothing("feed-surge-table", "No surge is in the feed." if feed.there else "Without a feed there are no surges.")
    words, newest = Words(ledger), table.iloc[::-1]
    frame = pd.DataFrame({"Month": newest["month"], "Host": newest["host"].map(words.hosts), "Bloc": newest["bloc"].map(words.name),
                          "Direction": newest["direction"].map({1: "engagement", -1: "disengagement"}), "Acts in the feed": newest["events"],
                          "Usual": newest["usual"], "Acts in the ledger": newest["ledger"]})
    note = f"Usual: the median of the {BASE} covered months before."
    return frame_table("feed-surge-table", f"{counted(len(table), 'surge')} of the feed", frame, note, ["Host", "Bloc"])


def unlike(ledger: Ledger, table: pd.DataFrame) -> str:
    """Where ledger and feed lie furthest apart, as a clause (table: `machine_coded.parted`)."""
    known, words = table.dropna(subset="apart"), Words(ledger)
    if known.empty:
        return "no host has enough in both"
    widest = known[known["apart"].abs().ge(known["apart"].abs().max() - 1e-9)]
    return f"furthest apart in {joined([words.hosts[host] for host in widest['host']])} ({100 * widest['apart'].abs().iloc[0]:.0f} points)"
