"""Guards the country pages: every event on the page of each of its hosts, nothing announced shown as done, sentences where nothing is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from helpers import charts_country, counts, country, dates, departures, evidence, findings, presence, runs
from helpers.exhibits import Nothing, Table
from helpers.findings import Finding
from helpers.ledger import Ledger, load
from helpers.look import Figure
from helpers.schema import PROJECT_DATA
from helpers.strengths import Stock
from tests import ledgers
from tests.pages_fixtures import built, taken, without_bloc
from tests.test_findings import exchanged, swap_blocs
from tests.test_flight import other_region, shown


def everything(ledger: Ledger, code: str) -> list[Any]:
    """All that the notebook shows for a host, in its order."""
    profile = country.chosen(ledger, code)
    units = country.units(ledger, profile)
    stock, left = country.presence(ledger, profile)
    pushed, doubts = country.disengagement(ledger, profile, units), country.open_reasons(ledger, profile)
    return [country.finding(ledger, profile, units, left), country.collected(ledger, profile), charts_country.timeline(ledger, profile),
            country.process_table(ledger, profile),
            charts_country.given(ledger, profile), country.partner_table(ledger, profile), charts_country.stock(ledger, profile, stock),
            presence.now_table(ledger, stock), pushed,
            charts_country.left_or_pushed(ledger, profile, units, pushed), country.open_finding(ledger, profile, doubts),
            country.open_table(ledger, profile, doubts),
            country.event_table(ledger, profile, doubts)]


def finding(ledger: Ledger, code: str) -> Finding:
    """The first finding of a page."""
    profile = country.chosen(ledger, code)
    return country.finding(ledger, profile, country.units(ledger, profile), country.presence(ledger, profile)[1])


def pages(ledger: Ledger) -> list[str]:
    """The codes of all country pages of a ledger."""
    return [*counts.host_set(ledger), country.OTHERS]


@pytest.fixture(scope="module")
def invented(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return other_region(tmp_path_factory.mktemp("country") / "data")


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    return load(ledgers.empty(tmp_path_factory.mktemp("country-nothing") / "data"))


# Which country.

def test_without_a_code_the_first_host_of_the_set_is_shown(invented: Ledger) -> None:
    assert country.chosen(invented) == country.Profile("QAA", "Quaalia", ("QAA",))


def test_the_others_are_all_hosts_outside_the_set_and_never_the_region_as_a_whole(project: Ledger) -> None:
    others = set(country.chosen(project, country.OTHERS).hosts)
    regional = set(project["hosts"].loc[project["hosts"]["group"].eq(project.parameters["region_group"]), "host"])
    assert others | set(counts.host_set(project)) == set(project["hosts"]["host"]) - regional and not others & set(counts.host_set(project))


def test_an_unknown_host_is_refused_with_the_ones_there_are(invented: Ledger) -> None:
    with pytest.raises(ValueError, match="QXX.*QAA, QBB"):
        country.chosen(invented, "QXX")


def test_a_ledger_without_a_host_of_the_set_shows_the_others(tmp_path: Path) -> None:
    ledger = load(ledgers.write(tmp_path / "data", [{"hosts": "QCC"}], hosts=[{"host": "QCC", "group": "coast"}]))
    assert country.chosen(ledger).code == country.OTHERS and len(country.events(ledger, country.chosen(ledger))) == 1


# What is on a page.

def test_every_event_of_the_project_stands_on_the_page_of_each_of_its_hosts(project: Ledger) -> None:
    found = {code: set(country.events(project, country.chosen(project, code))["event_id"]) for code in pages(project)}
    inside = set(counts.host_set(project))
    for event in project["events"].itertuples():
        hosts = set(event.hosts.split(";"))
        wanted = {host for host in hosts & inside} | ({country.OTHERS} if hosts & set(country.chosen(project,
                                                                                                     country.OTHERS).hosts) else set())
        assert {code for code, events in found.items() if event.event_id in events} == wanted


def test_the_units_of_a_host_are_those_of_its_panel_on_the_page_on_both_sides(project: Ledger) -> None:
    panels = counts.by_host(counts.units(project))
    for host in counts.host_set(project):
        own, panel = country.units(project, country.chosen(project, host)), panels[panels["host"].eq(host)]
        assert sorted(zip(own["event_id"], own["bloc"])) == sorted(zip(panel["event_id"], panel["bloc"]))


def test_the_stock_of_a_host_is_that_of_the_measures(project: Ledger) -> None:
    whole = departures.departures(project, Stock(project))
    for host in counts.host_set(project):
        own = country.presence(project, country.chosen(project, host))[1]
        assert own.astype(object).fillna("").to_dict("records") == whole[whole["host"].eq(host)].astype(object).fillna("").to_dict("records")


def test_every_dated_act_stands_once_in_the_lane_of_each_partner(project: Ledger) -> None:
    for code in pages(project):
        profile = country.chosen(project, code)
        each = country.by_partner(project, country.events(project, profile))
        figure = charts_country.timeline(project, profile)
        drawn = sum(len(trace.x) for trace in figure.data if trace.mode == "markers")
        assert drawn == each["first"].notna().sum() == sum(sum(row[2:6]) for row in figure.layout.meta["table"]["rows"])


@pytest.mark.parametrize("code", ["MLI", "NER", country.OTHERS])
def test_the_timeline_s_table_cross_foots_with_its_marks(project: Ledger, code: str) -> None:
    profile = country.chosen(project, code)
    figure = charts_country.timeline(project, profile)
    table = figure.layout.meta["table"]
    columns, marks = [list(column) for column in zip(*table["rows"])], [trace for trace in figure.data if trace.mode == "markers"]
    by_kind = dict(zip(table["columns"], columns))
    assert sum(map(sum, columns[2:6])) == sum(len(trace.x) for trace in marks)
    assert sum(by_kind["Not known to have happened"]) == sum(len(trace.x) for trace in marks if trace.marker.symbol == "x-thin")
    assert sum(by_kind["Words and continuity"]) == sum(len(trace.x) for trace in marks if trace.marker.size == 6)


def test_what_is_not_known_to_have_happened_is_a_grey_cross_and_in_no_count(tmp_path: Path) -> None:
    rows = [{"event_id": status, "status": status, "type": "arms_delivery", "date": "2020-01-15"} for status in ("announced", "alleged",
                                                                                                                 "retracted")]
    rows += [{"event_id": "anticipated", "status": "anticipated", "date": "2026-05-01"}, {"event_id": "done", "type": "training"}]
    ledger = load(ledgers.write(tmp_path / "data", rows))
    profile = country.chosen(ledger, "MLI")
    crosses = [trace for trace in charts_country.timeline(ledger, profile).data if trace.marker.symbol == "x-thin"]
    assert sum(len(trace.x) for trace in crosses) == 4
    assert charts_country.given(ledger, profile).layout.meta["title"] == "Most often given or agreed: training (1)"
    table = country.partner_table(ledger, profile)
    assert isinstance(table, Table) and table.rows[0][1:] == [1, "training 1", "", "", 4, "2020-01-15"]
    said = country.collected(ledger, profile)
    assert said.values["done"] == 1 and "1 alleged, 1 announced, 1 anticipated and 1 retracted" in said.hedge


def test_an_undated_act_is_counted_in_words_and_listed(tmp_path: Path) -> None:
    ledger = load(ledgers.write(tmp_path / "data", [{"event_id": "some", "date": "[..2020-03]"}, {"event_id": "known"}]))
    profile = country.chosen(ledger, "MLI")
    assert "1 act without a first possible day" in charts_country.timeline(ledger, profile).layout.meta["note"]
    assert "1 event without a first possible day" in country.collected(ledger, profile).hedge
    assert {"event-some", "event-known"} == set(country.open_table(ledger, profile, country.open_reasons(ledger, profile)).row_ids)


def test_a_long_uncertainty_is_drawn_as_a_range(tmp_path: Path) -> None:
    ledger = load(ledgers.write(tmp_path / "data", [{"event_id": "year", "date": "2020"}, {"event_id": "day", "date": "2021-05-05"}]))
    bars = [trace.error_x.array for trace in charts_country.timeline(ledger, country.chosen(ledger, "MLI")).data if trace.mode == "markers"]
    assert sorted(value for bar in bars for value in bar) == pytest.approx([0, 0.5], abs=0.01)


def test_a_process_is_one_line_from_its_first_to_its_last_step(invented: Ledger) -> None:
    figure = charts_country.timeline(invented, country.chosen(invented, "QAA"))
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    ends = sorted((round(trace.x[place], 2), round(trace.x[place + 1], 2)) for trace in lines for place in range(0, len(trace.x), 3))
    assert [pair[0] for pair in ends] == pytest.approx([2016.2, 2021.41],
                                                       abs=0.06) and [pair[1] for pair in ends] == pytest.approx([2017.16, 2022.08],
                                                                                                                 abs=0.02)
    table = country.process_table(invented, country.chosen(invented, "QAA"))
    assert [row[:1] + row[2:4] for row in table.rows] == [["Westmark comes", "in", 2], ["Westmark leaves", "out", 2]]


def test_many_partners_share_the_lowest_lane_and_none_is_lost(tmp_path: Path) -> None:
    names = [row["actor"] for row in ledgers.rows(PROJECT_DATA, "actors")][:20]
    ledger = load(ledgers.write(tmp_path / "data", [{"event_id": f"e-{name}", "partners": name} for name in names]))
    figure = charts_country.timeline(ledger, country.chosen(ledger, "MLI"))
    shared = len(names) - charts_country.MOST_PARTNERS
    assert figure.layout.yaxis.ticktext[0] == f"{shared} others" and f"{shared} partners" in figure.layout.meta["note"]
    assert sum(len(trace.x) for trace in figure.data if trace.mode == "markers") == len(names)


# What it finds.

def test_the_finding_names_the_country_and_titles_the_page(invented: Ledger) -> None:
    for code, name in (("QAA", "Quaalia"), ("QBB", "Quebbia"), (country.OTHERS, "The other hosts")):
        said = finding(invented, code)
        assert name in said.text or name.lower() in said.text
        assert said.title.startswith(name) and said.verdict["host"] == code


def test_who_left_and_who_stands_is_read_from_the_strengths(invented: Ledger) -> None:
    said = finding(invented, "QAA")
    assert said.verdict["stock"] == {"western": {"QAA": "left"}, "russian": {"QAA": "present"}}
    assert said.verdict["acts"]["western"] == {"came": 1, "went": 1} and "800" in said.text and "120" in said.text


def test_a_side_without_figures_is_said_to_be_unreported_not_absent(tmp_path: Path) -> None:
    ledger = load(without_bloc(tmp_path / "data", "russian"))
    for host in counts.host_set(ledger):
        said = finding(ledger, host)
        assert set(said.verdict["stock"]["russian"].values()) == {"none"} and said.verdict["acts"]["russian"] == {"came": 0, "went": 0}
    everything(ledger, counts.host_set(ledger)[-1])


def test_swapping_the_blocs_swaps_the_codes_in_every_verdict_and_nothing_else(tmp_path: Path) -> None:
    before = other_region(tmp_path / "data")
    kept = {code: [findings.as_json(item)["verdict"] for item in everything(before, code) if isinstance(item,
                                                                                                        Finding)] for code in pages(before)}
    after = load(swap_blocs(tmp_path / "data"))
    assert {code: [findings.as_json(item)["verdict"] for item in everything(after, code) if isinstance(item,
                                                                                                       Finding)] for code in pages(after)} == \
        {code: [exchanged(verdict) for verdict in verdicts] for code, verdicts in kept.items()}


def test_ids_of_findings_of_the_whole_are_not_used_twice(invented: Ledger) -> None:
    ids = [item.id for item in everything(invented, "QAA") if isinstance(item, Finding)]
    assert len(ids) == len(set(ids)) and all(name.startswith("country") for name in ids)


# What is open.

def test_an_open_event_is_listed_once_by_the_gravest_reason(tmp_path: Path) -> None:
    cases: dict[str, tuple[str, list[tuple[str, str]]]] = {
        "denied": ("alleged", [("o1", "supports"), ("o2", "denies")]), "alleged": ("alleged", [("o1", "supports"), ("o2", "supports")]),
        "party": ("occurred", [("gov", "supports")]), "unnamed": ("occurred", [("anon", "supports")]),
        "one": ("occurred", [("o1", "supports")]),
        "two": ("occurred", [("o1", "supports"), ("o2", "supports")])}
    said = [{"event_id": name, "source_id": f"c-{name}-{origin}", "origin_id": origin, "stance": stance} for name,
            (_, pairs) in cases.items() for origin, stance in pairs]
    ledger = load(ledgers.write(
        tmp_path / "data", [{"event_id": name, "status": status} for name,
                            (status, _) in cases.items()] + [{"event_id": "coup", "type": "coup"}], citations=said,
        origins=[{"origin_id": "o1", "name": "First"}, {"origin_id": "o2", "name": "Second"}, {"origin_id": "anon", "named": "no"},
                 {"origin_id": "gov", "country": "MLI", "control": "state"}]))
    profile = country.chosen(ledger, "MLI")
    reasons = country.open_reasons(ledger, profile)
    assert dict(zip(reasons["event_id"], reasons["why"])) == dict(zip(("denied", "alleged", "party", "unnamed", "one"), country.OPEN))
    table = country.open_table(ledger, profile, reasons)
    assert table.row_ids == [f"event-{name}" for name in ("denied", "alleged", "party", "unnamed",
                                                         "one")] and table.rows[0][1] == "denied (by Second)"
    assert country.open_finding(ledger, profile, reasons).values == {"events": 6, **dict.fromkeys(country.OPEN, 1)}


def test_every_event_stands_with_its_sources_in_one_of_the_two_tables(project: Ledger) -> None:
    for code in pages(project):
        profile = country.chosen(project, code)
        doubts = country.open_reasons(project, profile)
        tables = [country.open_table(project, profile, doubts), country.event_table(project, profile, doubts)]
        listed = [name for table in tables if isinstance(table, Table) for name in table.row_ids]
        assert sorted(listed) == sorted(f"event-{name}" for name in country.events(project, profile)["event_id"])
        for table in (table for table in tables if isinstance(table, Table)):
            assert {len(row) for row in table.rows} == {len(table.columns)} and all(row[-1] for row in table.rows)


def test_the_project_s_open_events_have_fewer_than_two_origins_or_another_reason(project: Ledger) -> None:
    known = evidence.corroboration(project)
    for code in pages(project):
        profile = country.chosen(project, code)
        reasons = country.open_reasons(project, profile)
        assert reasons["event_id"].is_unique and set(reasons["why"]) <= set(country.OPEN)
        rows = country.events(project, profile)
        settled = rows[~rows["event_id"].isin(reasons["event_id"]) & rows["family"].ne(project.parameters["context_family"])]
        assert (known.loc[settled["event_id"], "origins"] >= 2).all() and not known.loc[settled["event_id"], "denied"].any()


# Any region, any ledger.

def test_both_hosts_and_the_others_are_built_from_an_invented_ledger_of_another_region(invented: Ledger) -> None:
    text = " ".join(shown(item) for code in pages(invented) for item in everything(invented, code))
    nouns = {bloc["noun"] for bloc in invented.parameters["blocs"]}  # how a bloc is called is a parameter, not the ledger's
    for name in {row["name"] for table in ("hosts", "actors") for row in ledgers.rows(PROJECT_DATA, table)} - nouns:
        assert f" {name} " not in text and f"{name}:" not in text, name
    assert not [item for item in everything(invented, "QAA") if isinstance(item, Nothing)]


def test_a_host_without_events_says_so_and_its_figures_are_sentences(invented: Ledger) -> None:
    made = everything(invented, country.OTHERS)
    assert made[0].verdict["kind"] == "none" and made[0].text == "No event in the other hosts is in the ledger."
    assert not [item for item in made if isinstance(item, Figure)]


def test_an_empty_ledger_gives_a_page_of_sentences_for_every_host(nothing: Ledger) -> None:
    for code in pages(nothing):
        made = everything(nothing, code)
        assert {type(item) for item in made} == {Finding, Nothing} and all(item.text.endswith(".") for item in made)


def test_every_page_of_the_project_is_whole_and_the_same_twice(project: Ledger) -> None:
    for code in pages(project):
        made = everything(project, code)
        assert code != country.OTHERS or [shown(item) for item in made] == [shown(item) for item in everything(project, code)]
        assert isinstance(made[0], Finding) and json.loads(json.dumps(findings.as_json(made[0])))["title"]
        assert len({item.layout.meta["id"] for item in made if isinstance(item, Figure)}) == sum(isinstance(item, Figure) for item in made)


def test_text_of_the_data_stays_text_in_every_label(tmp_path: Path) -> None:
    evil = '<a href="https://example.org">x</a>'
    ledger = other_region(tmp_path / "data", hosts=[{"host": "QAA", "name": evil}, {"host": "QBB", "name": "B"}],
                          actors=[{"actor": name, "name": f"{evil}{name}", "bloc": bloc} for name,
                                  bloc in (("WWW", "western"), ("RRR", "russian"), ("OOO", "other"))],
                          forces=[{"force": "Westforce", "partners": "WWW"}, {"force": "Rusforce", "partners": "RRR"}])
    for figure in (item for item in everything(ledger, "QAA") if isinstance(item, Figure)):
        layout = figure.to_dict()["layout"]
        words = [layout.get("title"), layout.get("annotations"), layout.get("yaxis"), [trace.customdata for trace in figure.data]]
        assert "<a" not in json.dumps(words, default=str), figure.layout.meta["id"]


def test_years_of_the_axis_reach_the_cutoff(invented: Ledger) -> None:
    figure = charts_country.timeline(invented, country.chosen(invented, "QAA"))
    assert figure.layout.xaxis.range[1] == (dates.quarter_of(invented.cutoff_day) + 1) / 4


# The page.

def _notebook(*outputs: Finding) -> Any:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A question?")])
    for item in outputs:
        data = item._repr_mimebundle_()
        made.cells.append(nbformat.v4.new_code_cell("x", outputs=[nbformat.v4.new_output("execute_result", data)]))
    return made


def test_a_finding_may_title_its_page_and_without_one_the_heading_stands() -> None:
    assert runs.question(_notebook(Finding("a", {}, "Text."))) == "A question?"
    assert runs.question(_notebook(Finding("a", {}, "Text."), Finding("b", {}, "Text.",
                                                                      title="Quaalia: who came?"))) == "Quaalia: who came?"


@pytest.mark.slow
def test_the_pages_of_an_invented_region_name_their_country_and_no_other(tmp_path: Path) -> None:
    hosts = [{"host": "QAA", "name": "Quaa<b>lia", "order": 1}, {"host": "QBB", "name": "Quebbia", "order": 2},
             {"host": "QCC", "name": "Queccia", "group": "coast"}]
    other_region(tmp_path / "data", hosts=hosts)
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    for name in ("04-one-flight-many-reports", "06-country-profile"):
        (notebooks / f"{name}.ipynb").write_bytes((PROJECT_DATA.parent / "notebooks" / f"{name}.ipynb").read_bytes())
    made = built(tmp_path / "data", tmp_path / "html", notebooks=notebooks)
    names = {"06-country-profile-qaa.html": "Quaa<b>lia", "06-country-profile-qbb.html": "Quebbia",
             "06-country-profile-other.html": "The other hosts"}
    assert {file for file in made.files if file[:2] in ("04", "06")} == {*names, "04-one-flight-many-reports.html"}
    index = taken(tmp_path / "html" / "index.html").text
    for file, name in names.items():
        page = taken(tmp_path / "html" / file)
        assert f"{name}: who came, and who left?" in page.text and f"{name}: who came, and who left?" in index
        assert "Who came to this country" not in page.text and sum(tag == "h1" for tag, _ in page.tags) == 1
    for file in [*names, "04-one-flight-many-reports.html"]:
        text = taken(tmp_path / "html" / file).text
        assert not [row["name"] for row in ledgers.rows(PROJECT_DATA, "hosts") if f" {row['name']} " in text]
