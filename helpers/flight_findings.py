"""What can be said of one airlift, as findings and tables; everything is computed by `flight`."""

from __future__ import annotations

from typing import Any

import pandas as pd

from helpers import counts, exhibits, flight
from helpers.dates import parse
from helpers.exhibits import Column, Nothing, Table
from helpers.findings import Finding, counted, joined, sentence
from helpers.ledger import Ledger

NO_CASE = "No flight and no report read claim by claim is in this ledger."


def _act(ledger: Ledger, event: str) -> Any:
    return ledger["events"].set_index("event_id").loc[event]


def thing(ledger: Ledger, event: str) -> str:
    """What the case is called in a sentence: flights where it has legs, else the type of its act."""
    kind = _act(ledger, event)["type"].replace("_", " ")
    return "these flights" if ledger["legs"]["event_id"].eq(event).any() else f"this act ({kind})"


def said_as(ledger: Ledger, event: str) -> str:
    """`reported` where the act took place by its sources, else its status (alleged, announced …): never more than the ledger says."""
    status = _act(ledger, event)["status"]
    return "reported" if status in ledger.parameters["statuses"] else status


def _by_origin(rows: pd.DataFrame) -> list[str]:
    """How many pages share which origin, the largest first."""
    told, parts = rows[rows["speaks"]], []
    for origin, group in told.groupby("origin_id", sort=False):
        pages = counted(group["source_id"].nunique(), "page")
        one = group["source_id"].nunique() == 1
        if not origin:
            parts.append(f"{pages} {'states' if one else 'state'} none")
        elif group["named"].iloc[0]:
            parts.append(f"{pages} {'passes' if one else 'pass'} on {group['origin'].iloc[0]}")
        else:
            parts.append(f"{pages} {'has' if one else 'share'} one origin without a name")
    return parts if len(parts) <= 4 else [*parts[:3], f"the rest come from {counted(len(parts) - 3, 'other origin')}"]


def misled(ledger: Ledger, event: str, rows: pd.DataFrame) -> Finding:
    """Pages against origins: what a count of reports would make of the case."""
    if not event:
        return Finding("flight", {"kind": "none"}, NO_CASE)
    numbers, status = flight.tally(ledger, event, rows), _act(ledger, event)["status"]
    verdict = {"kind": "case", "event": event, "status": status, "pages": numbers["pages"], "origins": numbers["origins"], "supporting": numbers["supporting"]}
    verb, more = "tells" if numbers["pages"] == 1 else "tell", numbers["pages"] > numbers["origins"]
    text = (f"{counted(numbers['pages'], 'page')} {verb} of {thing(ledger, event)}, {'but they come from only' if more else 'from'} {counted(numbers['origins'], 'known origin')}: "
            f"{joined(_by_origin(rows))}. {_supported(numbers['supporting'])} in full; the ledger holds it as {status}.")
    hedge = "A page that repeats another is a report, not a witness: count who knew it, not who printed it."
    return Finding("flight", verdict, text, numbers, hedge)


def _supported(number: int) -> str:
    return "No named origin supports the act" if number == 0 else f"{sentence(counted(number, 'named origin'))} {'supports' if number == 1 else 'support'} the act"


def route(ledger: Ledger, event: str, table: pd.DataFrame) -> Finding:
    """The legs and their sum, each with its unit (table: `flight.legs`)."""
    if table.empty:
        return Finding("route", {"kind": "none"}, "No leg of any flight is in this ledger, so there is no distance to give.")
    kind, places = flight.chain(table)
    total = float(table["km"].sum())
    legs = joined([f"{row.start} – {row.end} {row.km:,.0f} km" for row in table.itertuples()])
    together = f"; together {total:,.0f} km" if len(table) > 1 else ""
    text = f"The {said_as(ledger, event)} {kind} {places}: {legs}{together}." if kind != "legs" else f"The {said_as(ledger, event)} legs: {legs}{together}."
    return Finding("route", {"kind": kind, "legs": len(table)}, text, {"km": [round(km, 1) for km in table["km"]], "total_km": round(total, 1)},
                   f"Great circles on a sphere of {flight.EARTH_KM:,.0f} km between the ledger’s places, each rounded by itself; the track, height and number of flights are not in them.")


def sayable(ledger: Ledger, event: str, table: pd.DataFrame) -> Finding:
    """How many details of the act have a named origin (table: `flight.details`)."""
    own = table[table["own"]]
    if own.empty:
        return Finding("sayable", {"kind": "none"}, "No detail of the case was read claim by claim.")
    groups = {"two": own.loc[own["named"] >= 2, "attribute"].tolist(), "one": own.loc[own["named"] == 1, "attribute"].tolist(),
              "none": own.loc[own["named"] == 0, "attribute"].tolist()}
    parts = [f"{_listed(groups['two'])} at least two named origins", f"{_listed(groups['one'])} one", f"{_listed(groups['none'])} none"]
    repeats = int(table["repeats"].sum())
    return Finding("sayable", {"kind": "details", **groups}, f"Of {counted(len(own), 'detail')} told of the act, {'; '.join(parts)}.",
                   {"details": len(own), "repeats": repeats, "claims": int((table["repeats"] + table["new"]).sum())},
                   "A detail may be true and still have no witness; what has a named origin may still be wrong.")


def _listed(names: list[str]) -> str:
    """`2 (purpose, route) have`."""
    shown = f" ({', '.join(names)})" if 0 < len(names) <= 4 else ""
    return f"{len(names) or 'none'}{shown} {'has' if len(names) == 1 else 'have'}"


def denials(ledger: Ledger, event: str, rows: pd.DataFrame) -> Finding:
    """Who denies the act; where nobody does, that silence confirms nothing."""
    if not event:
        return Finding("denials", {"kind": "none"}, NO_CASE)
    denying = rows[rows["stance"].str.contains("denies")] if len(rows) else rows
    names = sorted({row.origin or row.publisher or "a page without a publisher" for row in denying.itertuples()})
    stances = rows.drop_duplicates("source_id")["stance"]
    values = {"full": int(stances.str.contains("supports").sum()), "part": int(stances.eq("partial").sum()), "denying": int(denying["source_id"].nunique())}
    if names:
        text = f"Denied by {joined(names)}, on {counted(values['denying'], 'page')}."
    else:
        text = "No page of this ledger denies it; silence confirms nothing."
    return Finding("denials", {"kind": "denied" if names else "nobody", "by": sorted(set(denying["origin_id"]))}, text, values,
                   f"Supporting the act in full: {counted(values['full'], 'page')}; in part: {values['part']:,}.")


def ahead(ledger: Ledger, event: str, rows: pd.DataFrame, table: pd.DataFrame) -> Finding:
    """What the reports speak of that was decided or announced, but not completed, when they appeared (table: `flight.only_decided`)."""
    if table.empty:
        return Finding("only-decided", {"kind": "none"}, "The reports speak of no process that was unfinished when they appeared.",
                       {"undatable": flight.undatable(ledger, event, rows)})
    each = table.drop_duplicates("process")
    parts = [f"“{row.process}” was {'completed on ' + row.completed if row.completed else 'never completed by this ledger'}" for row in each.itertuples()]
    borrowed = int((~table["dated"]).sum())
    hedge = f"{sentence(counted(borrowed, 'claim'))} on undated pages: placed by the newest dated page of the same origin." if borrowed else ""
    return Finding("only-decided", {"kind": "ahead", "processes": each["process"].tolist()},
                   f"When the reports appeared, {counted(len(each), 'thing')} they speak of {'was' if len(each) == 1 else 'were'} decided or announced, not done: {joined(parts)}.",
                   {"claims": len(table), "undatable": flight.undatable(ledger, event, rows)}, hedge)


def standing(ledger: Ledger, event: str) -> Finding:
    """How the case stands in the ledger, and whether it is counted in the measures."""
    if not event:
        return Finding("standing", {"kind": "none"}, NO_CASE)
    act, selection = _act(ledger, event), counts.default_selection(ledger)
    reasons = [(act["status"] not in selection.statuses, f"acts with the status {act['status']} are in no measure"),
               (act["family"] not in selection.families, f"the family {act['family']} is in no measure"),
               (not set(act["hosts"].split(";")) & set(selection.hosts), "its host is outside the set of the measures"),
               (act["direction"] == 0 or not act["material"], "it moves nobody and nothing"), (pd.isna(act["first"]), "it is undated")]
    why = next((text for applies, text in reasons if applies), "")
    text = f"In the ledger: {act['type'].replace('_', ' ')}, {act['status']}, dated “{act['date']}”{_doubts(act['date'])}. " + (f"Not counted: {why}." if why else "It is counted in the measures.")
    return Finding("standing", {"kind": "set aside" if why else "counted", "status": act["status"]}, text)


def _doubts(date: str) -> str:
    """What the marks of a date say, in words."""
    day = parse(date)
    marks = [{"?": "uncertain", "~": "approximate"}.get(day.mark, ""), "not known to have ended" if day.open else "",
             "no later than" if day.form == "before" else "",
             "once, some time between" if day.form == "between" else ""]
    return f" ({', '.join(filter(None, marks))})" if any(marks) else ""


def report_table(rows: pd.DataFrame) -> Table | Nothing:
    """Every page of the case with its number, day and origin; pages without a day are listed as undated."""
    if rows.empty:
        return Nothing("reports", "No page reports a flight in this ledger.")
    columns = [Column("Published", "short"), Column("No.", "number"), Column("Publisher"), Column("Stance"), Column("Origin", choose=True), Column("Page", "links")]
    cells = [[row.published or "undated", int(row.number), row.publisher, row.stance or ("claims only" if row.speaks else "a detail, not the act"),
              origin_name(row) + (" · a party to the act" if row.own else ""),
              [{"url": row.url, "text": row.title if row.title and row.title_from_url != "yes" else "title not seen", "gone": row.gone,
                "note": row.publisher}]] for row in rows.itertuples()]
    undated = rows.loc[rows["first"].isna(), "source_id"].nunique()
    note = f"{counted(undated, 'page')} without a date of publication: listed, never dropped. A page with several origins has a row for each." if undated else ""
    return Table("reports", f"{counted(rows['source_id'].nunique(), 'page')} of the case", columns, cells,
                 [f"report-{place}" for place in range(1, len(cells) + 1)], note, len(cells))


def origin_name(row: Any) -> str:
    """Whose knowledge a page passes on (a row of `flight.reports`): the origin, that it has no name, or that none is stated."""
    return f"{row.origin}{'' if row.named else ', unnamed'}" if row.origin_id else flight.NO_ORIGIN


def detail_table(table: pd.DataFrame) -> Table | Nothing:
    """Detail by detail: what the pages say, from how many origins, and why it stands as it does."""
    if table.empty:
        return Nothing("details", "No report was read claim by claim in this ledger.")
    standing_of = ["not told of the act" if not row.own else "no named origin" if row.named == 0 else "one named origin" if row.named == 1 else f"{row.named} named origins" for row in table.itertuples()]
    frame = pd.DataFrame({"Detail": table["attribute"], "Standing": standing_of, "What the pages say": [" / ".join(values) for values in table["values"]],
                          "Pages": table["pages"],
                          "Origins": table["origins"], "Named": table["named"], "Repeats": table["repeats"], "Why it stands so": table["why"]})
    note = "Pages, origins and named origins that tell it of the act itself; repeats: claims that repeat another page."
    return exhibits.frame_table("details", "What is told, and who knew it", frame, note, ["Standing"], long=["What the pages say", "Why it stands so"])


def ahead_table(table: pd.DataFrame) -> Table | Nothing:
    """Claim by claim what was only decided when the report appeared."""
    if table.empty:
        return Nothing("only-decided-table", "No claim on an unfinished process is in the ledger.")
    frame = pd.DataFrame({"Process": table["process"], "The act told": table["act"], "Completed": table["completed"].replace("", "not in the ledger"),
                          "Report": table["number"].astype(str),
                          "Appeared": [day if own else f"by {day} (undated; origin’s newest)" for day, own in zip(table["appeared"], table["dated"])],
                          "What the report says": table["value"], "How it was read": table["why"]})
    return exhibits.frame_table("only-decided-table", "Told as news, not yet done", frame, "Reports by their number in the list of pages.", dates=["Completed"],
                                long=["What the report says", "How it was read"])


def case_row(ledger: Ledger, event: str) -> Table | Nothing:
    """The case as the ledger holds it, with its sources."""
    if not event:
        return Nothing("case", NO_CASE)
    return exhibits.event_table(ledger, ledger["events"][ledger["events"]["event_id"].eq(event)], "case")
