"""Guards the findings under every choice: agree with the slow measures, known answers come out, twins and thin ones don't count."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import (
    choices,
    counts,
    departures,
    evidence,
    findings,
    moves,
    ranges,
    specified_acts,
    specified_exits,
)
from helpers.exhibits import event_table
from helpers.findings import Finding
from helpers.ledger import Ledger, LedgerError, load
from helpers.outcomes import Outcomes
from helpers.schema import PROJECT_DATA
from helpers.specifications import Evaluation, evaluate
from helpers.strengths import Stock
from tests import slow_measures as slow
from tests.ledgers import DISENGAGING, empty, many, rows, write
from tests.test_findings import exchanged, swap_blocs

SWITCHES = rows(PROJECT_DATA, "specifications")
FINDINGS = ("lead-change", "stock-lead", "departure", "replacement")
WEST = [*many(6, date="2018-02-10", partners="FRA"), *many(6, date="2019-02-10", partners="FRA")]


def ledger(folder: Path, *events: dict[str, Any], **tables: Any) -> Ledger:
    return load(write(folder / "ledger", events, **tables))


def table(*alternatives: str, **cells: Any) -> list[dict[str, Any]]:
    """The project's switches with only these alternatives (`switch value`) beside the defaults."""
    return [{**row, **cells} for row in SWITCHES if row["default"] == "yes" or f"{row['switch']} {row['value']}" in alternatives]


def acts_only(one: Ledger) -> Evaluation:
    """The choices about acts alone, which is faster."""
    chosen = choices.read(one)
    return Evaluation(chosen, {"lead-change": specified_acts.lead_change(one, chosen)}, specified_exits.disengagement(one, chosen))


def lead(one: Ledger) -> Outcomes:
    return acts_only(one)["lead-change"]


def told(one: Ledger) -> Finding:
    return ranges.found(one, acts_only(one), "lead-change")


def leaders(outcomes: Outcomes) -> list[str]:
    """Who leads under each combination that counts."""
    return [str(name) for name in ranges.blocs(outcomes)[outcomes.counted]]


def where(outcomes: Outcomes, **words: str) -> int:
    """The row with these words, all others at their default."""
    found = [row for row in range(len(outcomes.grid)) if {name: value for name, value in outcomes.words(row).items()
             if value != outcomes.words(0)[name]} == words]
    assert len(found) == 1
    return found[0]


# The default is what the pages show.

def shown(one: Ledger) -> dict[str, dict[str, Any]]:
    """The verdicts of the pages."""
    units, stock = counts.units(one), Stock(one)
    share, left = counts.engagement_share(one, units, counts.span(one)), departures.departures(one, stock)
    return {"lead-change": findings.lead_change(one, units, share).verdict, "stock-lead": findings.stock_lead(one, stock).verdict,
            "departure": findings.departure(one, left).verdict, "replacement": findings.replacement(one, left).verdict}


@pytest.fixture(scope="module")
def evaluated(project: Ledger) -> Evaluation:
    return evaluate(project)


def test_the_default_of_the_project_is_what_its_pages_show(project: Ledger, evaluated: Evaluation) -> None:
    pages = shown(project)
    for finding in FINDINGS:
        assert evaluated[finding].verdict(0) == pages[finding]
        assert set(evaluated[finding].words(0).values()) <= {row["value"] for row in SWITCHES if row["default"] == "yes"}


def test_every_alternative_of_the_table_is_tried_in_every_combination_of_those_that_act_on_a_measure(project: Ledger, evaluated: Evaluation) -> None:
    acting = {"lead-change": "share", "stock-lead": "stock", "departure": "departure", "replacement": "replacement"}
    for finding, measure in acting.items():
        values: dict[str, int] = {}
        for row in SWITCHES:
            values[row["switch"]] = values.get(row["switch"], 0) + (measure in row["applies_to"].split(";"))
        assert len(evaluated[finding].grid) == np.prod([number for number in values.values() if number > 1])
        assert len(np.unique(evaluated[finding].grid, axis=0)) == len(evaluated[finding].grid)


def test_sampled_combinations_of_the_project_agree_with_the_slow_measures(project: Ledger, evaluated: Evaluation) -> None:
    for finding in ("lead-change", "stock-lead", "departure"):
        outcomes = evaluated[finding]
        for row in range(0, len(outcomes.grid), len(outcomes.grid) // 4 - 1):
            agrees(project, evaluated, finding, row)


def test_sampled_exits_of_the_project_agree_with_the_slow_measures(project: Ledger, evaluated: Evaluation) -> None:
    for side, outcomes in evaluated.exits.items():
        for row in range(0, len(outcomes.grid), len(outcomes.grid) // 6 - 1):
            exits_agree(project, evaluated, side, row)


def exits_agree(one: Ledger, evaluation: Evaluation, side: str, row: int) -> None:
    """Asserts that left or pushed comes in a combination to what the slow measures come to."""
    outcomes = evaluation.exits[side]
    words = {**slow.DEFAULT, **outcomes.words(row)}
    times = slow.exits(one, words, side)
    most = [name for name, number in times.items() if number == max(times.values())]
    leader = "none" if not sum(times.values()) else most[0] if len(most) == 1 else "tie"
    assert outcomes.verdict(row) == {"kind": "mostly", "leader": leader, "times": times}, words
    assert outcomes.values[row] == sum(times.values())


def test_the_default_of_left_or_pushed_is_what_the_pages_show(project: Ledger, evaluated: Evaluation) -> None:
    page = findings.disengagement(project, counts.units(project))
    for side, outcomes in evaluated.exits.items():
        assert outcomes.verdict(0)["leader"] == page.verdict[side] and outcomes.verdict(0)["times"] == page.values[side]
        assert set(outcomes.words(0).values()) <= {row["value"] for row in SWITCHES if row["default"] == "yes"}


def test_the_range_of_left_or_pushed_is_that_of_the_counted_combinations(project: Ledger, evaluated: Evaluation) -> None:
    said = ranges.exits(project, evaluated)
    for side, verdict in said.verdict.items():
        outcomes = evaluated.exits[side]
        rows = np.flatnonzero(outcomes.counted)
        assert verdict["kind"] != "too few" or not outcomes.informative[0]
        if verdict["kind"] != "too few":
            for name in ("host", "partner"):
                times = [outcomes.verdict(row)["times"][name] for row in rows]
                assert verdict[name] == [min(times), max(times)]
            leaders = {outcomes.verdict(row)["leader"] for row in rows}
            assert verdict["kind"] == ("every" if leaders == {verdict["most"]} else "except")


def test_swapping_the_sides_of_the_project_swaps_their_codes_in_every_range_and_nothing_else(project: Ledger, evaluated: Evaluation, tmp_path: Path) -> None:
    def verdicts(one: Ledger, evaluation: Evaluation) -> dict[str, Any]:
        found = [*(ranges.found(one, evaluation, finding) for finding in FINDINGS), ranges.exits(one, evaluation), moves.mind(one, evaluation)]
        return {finding.id: finding.verdict for finding in found}

    swapped = load(swap_blocs(Path(shutil.copytree(PROJECT_DATA, tmp_path / "data"))))
    assert verdicts(swapped, evaluate(swapped)) == exchanged(verdicts(project, evaluated))


# The guard: random ledgers, one by one, in plain Python.

def agrees(one: Ledger, evaluation: Evaluation, finding: str, row: int) -> None:
    """Asserts that a combination comes to what the slow measures come to."""
    outcomes = evaluation[finding]
    words = {**slow.DEFAULT, **outcomes.words(row)}
    if finding in ("departure", "replacement"):
        verdict, value = slow.departure(one, words)[finding == "replacement"], None
    else:
        verdict, value = (slow.lead_change if finding == "lead-change" else slow.stock_lead)(one, words)
        known = outcomes.values[row]
        assert (value is None) == bool(np.isnan(known)), words
        assert value is None or abs(known - value) < 1e-9, words
    assert outcomes.verdict(row) == verdict, (finding, words)


ACTORS = ("FRA", "USA", "HUN", "RUS", "TUR", "UN", "AES")
DAYS = ("2021-02-03", "2021-05", "2021", "[2021-03..2021-08]", "2021-11~", "2021-06-30/2021-08", "[..2021-04]", "2022-01-15", "2022-03",
        "[2021-12-20..2022-01-10]")
TYPES = ("deployment", "deployment", "arms_delivery", "training", "visit", "agreement", "joint_operation", "withdrawal", "expulsion", "agreement_ended",
         "sanction_lifted", "coup")
some_actors = st.lists(st.sampled_from(ACTORS), min_size=1, max_size=3, unique=True).map(";".join)
some_hosts = st.lists(st.sampled_from(("MLI", "NER", "TCD", "SEN")), min_size=1, max_size=2, unique=True).map(";".join)
an_act = st.fixed_dictionaries({"date": st.sampled_from(DAYS), "hosts": some_hosts, "partners": some_actors, "type": st.sampled_from(TYPES),
                                "status": st.sampled_from(("occurred", "occurred", "occurred", "announced", "alleged")),
                                "process": st.sampled_from(("", "", "p1", "p2")), "initiator": st.sampled_from(("host", "partner", "both", "third", "unknown"))})
a_citation = st.fixed_dictionaries({"origin_id": st.sampled_from(("afp", "kremlin", "elysee", "mali", "", "nobody")),
                                    "stance": st.sampled_from(("supports", "supports", "partial", "denies"))})
ORIGINS = [{"origin_id": "afp", "control": "private", "country": "FRA"}, {"origin_id": "kremlin", "control": "state", "country": "RUS"},
           {"origin_id": "elysee", "control": "state", "country": "FRA"}, {"origin_id": "mali", "control": "state", "country": "MLI"},
           {"origin_id": "nobody", "named": "no", "control": "unknown", "country": "RUS"}]
OTHERS = [f"{row['switch']} {row['value']}" for row in SWITCHES if row["default"] == "no"]


def few(switches: set[str], most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from([name for name in OTHERS if name.split(" ")[0] in switches]), max_size=most, unique=True)


def citations(acts: list[dict[str, Any]], said: list[list[dict[str, str]]]) -> list[dict[str, Any]]:
    """Citations of each act, each of a page of its own; the first act of none has the one that `write` gives it."""
    found = []
    for number, (_, rows_of_act) in enumerate(zip(acts, said), 1):
        found += [{"event_id": f"e{number}", "source_id": f"c-{number}-{place}", **row} for place, row in enumerate(rows_of_act)]
    return found


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.tuples(an_act, st.lists(a_citation, max_size=3)), min_size=6, max_size=40), st.sampled_from((1, -1, 0)), some_actors,
       st.integers(0, 40), few(set(slow.DEFAULT) - {"figures", "expiry", "departure", "series"}, 5), st.data())
def test_lead_and_exits_of_random_ledgers_agree_with_the_slow_measures(drawn: list[Any], direction: int, partners: str, named: int,
                                                                 alternatives: list[str], data: st.DataObject) -> None:
    acts = [{**act, "partners": "" if act["type"] == "coup" else act["partners"],
             "initiator": act["initiator"] if act["type"] in DISENGAGING else ""} for act, _ in drawn]
    chain = [f"e{number}" for number, act in enumerate(acts, 1) if act["process"] == "p1" and act["status"] == "occurred"
             and direction == {**dict.fromkeys(DISENGAGING, -1), "joint_operation": 0, "coup": 0}.get(act["type"], 1)]
    processes = [{"process": "p1", "direction": direction, "partners": partners, "hosts": "MLI", "counts_at": chain[named % len(chain)] if chain else ""},
                 {"process": "p2", "direction": 1, "partners": "RUS;FRA", "hosts": "NER"}]
    with tempfile.TemporaryDirectory() as folder:
        one = ledger(Path(folder), *acts, citations=citations(acts, [said for _, said in drawn]), origins=ORIGINS, processes=processes,
                     specifications=table(*alternatives), cutoff="2022-10-15")
    evaluation = acts_only(one)
    for row in {0, *data.draw(st.lists(st.integers(0, len(evaluation["lead-change"].grid) - 1), max_size=4))}:
        agrees(one, evaluation, "lead-change", row)
    same_twins(one, evaluation["lead-change"])
    for side, outcomes in evaluation.exits.items():
        for row in {0, *data.draw(st.lists(st.integers(0, len(outcomes.grid) - 1), max_size=3))}:
            exits_agree(one, evaluation, side, row)
        same_twins(one, outcomes)


def same_twins(one: Ledger, outcomes: Outcomes) -> None:
    """Asserts that twins have a verdict and value that a combination that counts has, and that the default is no twin."""
    assert not outcomes.twin[0]
    known = {(int(which), round(float(value), 9)) for which, value, twin in zip(outcomes.which, np.nan_to_num(outcomes.values), outcomes.twin) if not twin}
    assert {(int(which), round(float(value), 9)) for which, value in zip(outcomes.which, np.nan_to_num(outcomes.values))} <= known


FORCES = [{"force": "fr", "partners": "FRA", "succession_group": "g", "successor": "fr2"}, {"force": "fr2", "partners": "FRA", "succession_group": "g"},
          {"force": "us", "partners": "USA"}, {"force": "ru", "partners": "RUS"}, {"force": "un", "partners": "UN"}, {"force": "de", "partners": "DEU"}]
SERIES = [{"series_id": f"{force}-{host}".lower(), "force": force, "host": host, "part_of": part}
          for force, host, part in (("fr", "MLI", ""), ("fr", "NER", "fr-xsa"), ("fr", "XSA", ""), ("fr2", "MLI", ""), ("us", "NER", ""), ("us", "TCD", ""),
                                    ("ru", "MLI", ""), ("ru", "NER", "ru-xsa"), ("ru", "XSA", ""), ("ru", "SEN", ""), ("un", "MLI", ""), ("de", "MLI", "un-mli"))]
a_figure = st.fixed_dictionaries({"series_id": st.sampled_from([row["series_id"] for row in SERIES]),
                                  "date": st.sampled_from(("2018-02-01", "2018-06", "2018-11-30", "2019-03", "2019", "2019-10-05", "2020-01",
                                                            "2020-07-01", "2021-04", "2019-04/2019-05")),
                                  "personnel": st.sampled_from((0, 40, 60, 300, 700, 900, 5000)),
                                  "basis": st.sampled_from(("media", "media", "media", "alleged"))})
an_end = st.sampled_from(("", "", "", "2019-06-30", "2020-12-31"))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(a_figure, min_size=2, max_size=24), st.lists(an_end, min_size=len(SERIES), max_size=len(SERIES)), st.sampled_from(("", "2019-01-10")),
       few({"bloc", "hosts", "figures", "expiry", "departure", "series"}, 5), st.data())
def test_departures_and_stock_of_random_ledgers_agree_with_the_slow_measures(figures: list[dict[str, Any]], ends: list[str], transfer: str,
                                                                            alternatives: list[str], data: st.DataObject) -> None:
    series = [{**row, "ended": end} for row, end in zip(SERIES, ends)]
    reported = [{**figure, "low": "" if figure["personnel"] == 0 else figure["personnel"] // 2, "source_id": f"f{number}"}
                for number, figure in enumerate(figures)]
    reported = [{**row, "kind": "start"} if row["personnel"] == 0 and row["date"] == "2018-02-01" else row for row in reported]
    reported += [{"series_id": "fr-mli", "date": transfer, "kind": "transfer", "source_id": "f0"}] * bool(transfer)
    with tempfile.TemporaryDirectory() as folder:
        one = ledger(Path(folder), {}, sources=[{"source_id": f"f{number}"} for number in range(len(figures))], series=series, strengths=reported,
                     forces=FORCES, specifications=table(*alternatives), cutoff="2021-08-15")
    evaluation = evaluate(one)
    for finding in ("stock-lead", "departure", "replacement"):
        for row in {0, *data.draw(st.lists(st.integers(0, len(evaluation[finding].grid) - 1), max_size=3))}:
            agrees(one, evaluation, finding, row)
        same_twins(one, evaluation[finding])


# Ledgers with a known answer.

def test_a_unanimous_ledger_says_so_and_counts_its_one_selection_once(tmp_path: Path) -> None:
    one = ledger(tmp_path, *WEST, *many(6, date="2021-02-10"), *many(6, date="2022-02-10"))
    outcomes = lead(one)
    assert leaders(outcomes) == ["russian"] and outcomes.counted.sum() == 1
    found = told(one)
    assert found.verdict == {"kind": "every", "bloc": "russian", "range": ["2021 Q1", "2021 Q1"], "except": []}
    assert "except" not in found.text and "2021 Q1" in found.text and found.id == "range-lead-change"


def test_where_nobody_ever_leads_the_range_says_that_there_is_too_little(tmp_path: Path) -> None:
    one = ledger(tmp_path, {"partners": "TUR"}, {"partners": "CHN"})
    evaluation = evaluate(one)
    for finding in FINDINGS:
        assert not evaluation[finding].counted.any()
        assert ranges.found(one, evaluation, finding).verdict == {"kind": "too few"}


@pytest.mark.parametrize("status", ["alleged", "announced"])
def test_a_lead_only_by_alleged_or_announced_acts_is_an_exception_that_names_them(tmp_path: Path, status: str) -> None:
    one = ledger(tmp_path, *WEST, *many(6, date="2021-02-10", status=status))
    outcomes = lead(one)
    assert sorted(leaders(outcomes)) == ["russian", "western"]
    found = told(one)
    assert found.verdict["kind"] == "except" and found.verdict["bloc"] == "western" and found.verdict["except"] == [f"status={status}"]
    assert f"except wherever choices count {status} acts" in found.text
    assert moves.turned_by(one, outcomes) == [f"count {status} acts"]


def test_a_lead_that_hangs_on_one_actors_bloc_names_that_actor(tmp_path: Path) -> None:
    one = ledger(tmp_path, *WEST, *many(6, date="2021-02-10"), *many(9, date="2022-02-10", partners="TUR"))
    outcomes = lead(one)
    assert outcomes.verdict(where(outcomes, bloc="TUR"))["leader"] == "western"
    assert leaders(outcomes).count("western") == 1
    assert told(one).verdict["except"] == ["bloc=TUR"]


def test_a_lead_moves_by_a_quarter_with_the_bound_of_its_dates(tmp_path: Path) -> None:
    acts = many(6, date="[2021-03-01..2021-05-31]", event_id="spread")
    late = [{"event_id": "spread-1", "source_id": "late"}]
    pages = [{"source_id": f"p{number}", "published": "2021-05-31"} for number in range(7)]
    said = [{"event_id": f"spread-{number}", "source_id": f"p{number}"} for number in range(1, 7)]
    one = ledger(tmp_path, *WEST, *acts, sources=[*pages, {"source_id": "late", "published": "2021-06-30"}], citations=[*said, *late])
    outcomes = lead(one)
    since = {bound: outcomes.verdict(where(outcomes, date_bound=bound))["since"] for bound in ("earliest", "latest")} | {"aoristic": outcomes.verdict(0)["since"]}
    assert since == {"aoristic": "2021 Q2", "earliest": "2021 Q1", "latest": "2021 Q2"}
    assert told(one).verdict["range"] == ["2021 Q1", "2021 Q2"]


def test_thin_combinations_are_not_counted_and_are_said(tmp_path: Path) -> None:
    one = ledger(tmp_path, *many(4, date="2021-02-10"), {"event_id": "told", "date": "2021-02-11", "status": "announced"})
    outcomes = lead(one)
    assert not outcomes.informative[0] and leaders(outcomes) == ["russian"]
    found = told(one)
    assert found.verdict["kind"] == "open" and found.values["too_few"] >= 1 and "too few" in found.text


def test_twins_count_once_and_a_switch_without_effect_makes_only_twins(tmp_path: Path) -> None:
    one = ledger(tmp_path, *WEST, *many(6, date="2021-02-10", hosts="MLI"), specifications=table("bloc BLR", "date_bound latest", "hosts without_NER"))
    outcomes = lead(one)
    assert len(outcomes.grid) == 8 and outcomes.counted.sum() == 1
    two = ledger(tmp_path / "two", *WEST, *many(6, date="2021-02-10"), {"event_id": "b", "partners": "BLR", "date": "2021-02-10"},
                 specifications=table("bloc BLR", "date_bound latest", "hosts without_NER"))
    assert lead(two).counted.sum() == 2


def test_a_process_of_one_act_is_the_same_unit_once_or_by_acts_and_one_of_two_is_not(tmp_path: Path) -> None:
    chain = [{"event_id": "a", "process": "p1", "date": "2021-02-10"}, {"event_id": "b", "process": "p1", "date": "2021-02-11"}]
    for count, distinct in ((1, 1), (2, 2)):
        one = ledger(tmp_path / str(count), *WEST, *many(6, date="2021-02-10"), *chain[:count], processes=[{"process": "p1"}],
                     specifications=table("processes every_act"))
        assert lead(one).counted.sum() == distinct


# Corroboration: origins, never pages.

def by_origins(folder: Path, *said: dict[str, str]) -> Ledger:
    """Five Russian acts of 2021, each with the same citations."""
    acts = many(5, date="2021-02-10", event_id="r")
    cited = [{"event_id": act["event_id"], "source_id": f"c-{act['event_id']}-{place}", **row} for act in acts for place, row in enumerate(said)]
    return ledger(folder, *acts, citations=cited, origins=ORIGINS, specifications=table("origins 1", "origins 2", "self_reports without"))


@pytest.mark.parametrize(("said", "informative"), [
    ([{"origin_id": "afp"}] * 10, {"1": True, "2": False}),
    ([{"origin_id": "afp"}, {"origin_id": "mali"}], {"1": True, "2": True}),
    ([{"origin_id": "afp"}, {"origin_id": "nobody"}], {"1": True, "2": False}),
    ([{"origin_id": ""}, {"origin_id": "nobody"}], {"1": False, "2": False}),
    ([{"origin_id": "afp"}, {"origin_id": "mali", "stance": "partial"}], {"1": True, "2": True}),
    ([{"origin_id": "afp"}, {"origin_id": "mali", "stance": "denies"}], {"1": True, "2": False}),
], ids=["one origin on ten pages", "two origins", "an unnamed one", "nobody known", "a part of it", "a denial"])
def test_acts_stand_on_named_origins_that_support_them(tmp_path: Path, said: list[dict[str, str]], informative: dict[str, bool]) -> None:
    one = by_origins(tmp_path, *said)
    outcomes = lead(one)
    assert {number: bool(outcomes.informative[where(outcomes, origins=number)]) for number in ("1", "2")} == informative
    assert set(evidence.corroboration(one)["origins"]) == {max((int(number) for number, enough in informative.items() if enough), default=0)}


@pytest.mark.parametrize("party", ["kremlin", "mali"])
def test_self_reports_are_left_out_whichever_party_makes_them(tmp_path: Path, party: str) -> None:
    outcomes = lead(by_origins(tmp_path / "alone", {"origin_id": party}))
    assert outcomes.informative[0] and not outcomes.informative[where(outcomes, self_reports="without")]
    both = lead(by_origins(tmp_path / "both", {"origin_id": party}, {"origin_id": "afp"}))
    assert both.informative[where(both, self_reports="without")] and both.informative[where(both, origins="2")]
    assert not both.informative[where(both, self_reports="without", origins="2")]


def test_a_state_that_is_no_party_to_the_act_is_no_self_report(tmp_path: Path) -> None:
    outcomes = lead(by_origins(tmp_path, {"origin_id": "elysee"}))
    assert outcomes.informative[where(outcomes, self_reports="without")]


def test_a_denied_event_is_marked_where_it_is_listed(tmp_path: Path) -> None:
    one = by_origins(tmp_path, {"origin_id": "afp"}, {"origin_id": "kremlin", "stance": "denies"})
    assert all("denied by a source" in row[3] for row in event_table(one).rows)


# Padding, single switches, words.

def test_sixty_early_acts_of_the_early_leader_do_not_turn_the_headline(tmp_path: Path) -> None:
    acts = [*WEST, *many(6, date="2021-02-10"), *many(6, date="2022-02-10")]
    padded = [*acts, *many(60, date="2018-05-01", partners="FRA", event_id="padding")]
    before, after = (ledger(tmp_path / name, *some) for name, some in (("before", acts), ("after", padded)))
    assert lead(before).verdict(0) == lead(after).verdict(0)
    assert told(before).verdict == told(after).verdict


def test_sixty_early_western_acts_do_not_turn_the_headline_of_the_project(tmp_path: Path, project: Ledger) -> None:
    tables = {name: rows(PROJECT_DATA, name) for name in ("events", "sources", "citations", "origins", "processes", "forces", "series", "strengths")}
    more = many(60, date="2014-05-01", partners="FRA", hosts="MLI", event_id="padding")
    padded = load(write(tmp_path / "padded", [*tables.pop("events"), *more], cutoff=project.cutoff, **tables))
    assert padded["events"].shape[0] == project["events"].shape[0] + 60
    assert lead(project).verdict(0) == lead(padded).verdict(0)


def test_as_many_further_units_as_said_turn_the_lead_and_one_fewer_does_not(tmp_path: Path) -> None:
    acts = [*WEST, *many(6, date="2021-02-10"), *many(2, date="2021-03-10", partners="FRA")]
    side, units, quarter = moves.units_to_turn(ledger(tmp_path / "plain", *acts)) or pytest.fail("no lead")
    assert (side, quarter) == ("western", "2021 Q4")
    for number, leader in ((units - 1, "russian"), (units, "western")):
        one = ledger(tmp_path / str(number), *acts, *many(number, date="2021-11-10", partners="FRA", event_id="more"))
        kept = counts.engagement_share(one, counts.units(one), counts.span(one))
        row = kept[kept["label"] == quarter].iloc[0]
        assert (row["western"] > row["russian"]) == (leader == "western")


def test_what_a_switch_moves_alone_is_what_its_rows_say(project: Ledger, evaluated: Evaluation) -> None:
    for finding in FINDINGS:
        outcomes, scale = evaluated[finding], ranges.scale(evaluated[finding])
        found = moves.moves(project, outcomes)
        assert sorted(found["switch"]) == sorted(switch.name for switch in outcomes.switches)
        for place, switch in enumerate(outcomes.switches):
            own = outcomes.single(place)
            assert len(own) == len(switch.values) and own[0] == 0
            row = found[found["switch"] == switch.name].iloc[0]
            assert row["span"] == np.nanmax(scale[own]) - np.nanmin(scale[own])
        turning = found["turns"].map(len).gt(0).tolist()
        assert turning == sorted(turning, reverse=True)


def test_ranges_hold_every_combination_that_counts_and_never_speak_of_shares(project: Ledger, evaluated: Evaluation) -> None:
    for finding in FINDINGS:
        outcomes, found = evaluated[finding], ranges.found(project, evaluated, finding)
        assert found.values["counted"] + found.values["too_few"] + found.values["twins"] == found.values["combinations"] == len(outcomes.grid)
        outside = ranges.exceptions(outcomes)
        assert found.values["exceptions"] == outside.sum()
        assert (found.verdict["kind"] == "except") == bool(outside.any())
        assert "of 100" not in found.text and "choices, not a sample" in found.hedge
        named = [pair.split("=", 1) for pair in found.verdict["except"]]
        assert all(any(outcomes.words(row).get(switch) == value for switch, value in named) for row in np.flatnonzero(outside))


# The table of switches.

@pytest.mark.parametrize(("row", "said"), [
    ({"switch": "mood", "value": "good"}, "'mood'"), ({"switch": "status", "value": "dreamt"}, "'dreamt'"),
    ({"switch": "bloc", "value": "TUR=martian"}, "'TUR=martian'"),
    ({"switch": "hosts", "value": "moon"}, "'moon'"), ({"switch": "origins", "value": "many"}, "'many'"), ({"switch": "expiry", "value": "0"}, "'0'"),
    ({"switch": "figures", "value": "mean"}, "'mean'"), ({"switch": "family", "value": "royal"}, "'royal'"),
    ({"switch": "status", "value": "alleged", "default": "yes"}, "'status alleged'"),
])
def test_an_unknown_switch_value_or_default_is_an_error_that_names_it(tmp_path: Path, row: dict[str, str], said: str) -> None:
    wrong = {"default": "no", "applies_to": "share", "why": "A test.", **row}
    kept = [one for one in table() if (one["switch"], one["value"]) != (row["switch"], row["value"])]
    with pytest.raises(LedgerError, match=said) as caught:
        ledger(tmp_path, {}, specifications=[*kept, wrong])
    assert "specifications.csv, line " in str(caught.value)


def test_a_switch_without_its_default_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="line 2, column default: 'status': a switch without its default. Add the row status, occurred, yes"):
        ledger(tmp_path, {}, specifications=[row for row in SWITCHES if row["switch"] == "status" and row["value"] == "alleged"])


def test_an_alternative_that_names_an_unknown_host_or_actor_is_dropped_and_named(tmp_path: Path) -> None:
    actors = [{"actor": "FRA", "bloc": "western"}, {"actor": "RUS", "bloc": "russian"}]
    one = ledger(tmp_path, {}, actors=actors, hosts=[{"host": "MLI"}, {"host": "XSA", "group": "region"}])
    chosen = choices.read(one)
    assert {"bloc TUR", "hosts without_NER"} <= set(chosen.dropped) and "hosts without_MLI" not in chosen.dropped
    assert all(switch.name != "bloc" for switch in chosen.of("share"))
    evaluate(one)


def test_a_switch_combines_only_with_the_measures_that_the_table_names(tmp_path: Path) -> None:
    some = [{**row, "applies_to": "departure" if (row["switch"], row["default"]) == ("hosts", "no") else row["applies_to"]}
            for row in table("hosts core", "status alleged")]
    evaluation = evaluate(ledger(tmp_path, {}, specifications=some))
    assert [switch.name for switch in evaluation["lead-change"].switches] == ["status"]
    assert [switch.name for switch in evaluation["departure"].switches] == ["hosts"]
    assert evaluation["replacement"].switches == [] and len(evaluation["replacement"].grid) == 1


def test_the_groups_of_hosts_add_to_the_default_or_cut_it(project: Ledger) -> None:
    usual = set(counts.host_set(project))
    assert set(choices.hosts(project, "core_wider")) == usual
    assert set(choices.hosts(project, "core")) < usual < set(choices.hosts(project, "coast"))
    for host in usual:
        assert set(choices.hosts(project, f"without_{host}")) == usual - {host}


def test_an_empty_ledger_and_one_without_choices_can_be_evaluated(tmp_path: Path) -> None:
    for one in (load(empty(tmp_path / "empty")), ledger(tmp_path, {}, specifications=[])):
        evaluation = evaluate(one)
        for finding in FINDINGS:
            assert not evaluation[finding].counted.any() and ranges.found(one, evaluation, finding).text
        assert moves.mind(one, evaluation).verdict == {"kind": "too few"}


def test_evaluating_twice_gives_the_same(tmp_path: Path) -> None:
    one = ledger(tmp_path, *WEST, *many(6, date="2021-02-10"))
    first, second = evaluate(one), evaluate(one)
    for finding in FINDINGS:
        assert (first[finding].twin == second[finding].twin).all() and (first[finding].which == second[finding].which).all()
