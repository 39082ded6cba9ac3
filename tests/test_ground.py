"""Guards the page on forces on the ground: nobody is there by silence, nobody left by silence, nothing dropped unsaid, no label touches."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import charts_bases, charts_ground, charts_presence, charts_stock, departures, exhibits, findings, look, maps, official, presence
from helpers import standings as standing
from helpers.exhibits import Nothing, Table
from helpers.ledger import Ledger, load
from helpers.schema import PROJECT_DATA, project_package
from helpers.strengths import Stock
from tests import ledgers
from tests.pages_fixtures import without_bloc, without_host

SIDES = project_package().parameters["sides"]
HOSTILE = '<a href="javascript:alert(1)"><img src=x onerror=alert(1)>%{customdata}'
Make = Callable[..., Ledger]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Builds a small invented ledger (arguments of `ledgers.write`)."""
    def build(*args: Any, **tables: Any) -> Ledger:
        return load(ledgers.write(tmp_path / "data", *args, **tables))

    return build


def force(name: str, partner: str, host: str = "MLI", **cells: Any) -> dict[str, Any]:
    """A series, with the partner of its force aside (`manned` reads it)."""
    return {"series_id": name, "force": cells.pop("force", name), "host": host, "partner": partner, **cells}


def manned(series: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The tables `series` and `forces` of series made by `force`."""
    forces = {row["force"]: {"force": row["force"], "partners": row["partner"]} for row in series}
    return {"series": [{key: value for key, value in row.items() if key != "partner"} for row in series], "forces": list(forces.values())}


def reported(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    """Figures of the table `strengths`: series, date, people."""
    return [{"series_id": name, "date": date, "personnel": number} for name, date, number in rows]


def every(ledger: Ledger) -> list[Any]:
    """All that the notebook shows of a ledger."""
    stock = Stock(ledger)
    left = departures.departures(ledger, stock)
    return [presence.who_is_there_now(ledger, stock), presence.now_table(ledger, stock), charts_ground.departure_chart(ledger, left),
            charts_stock.region(ledger, stock, findings.stock_lead(ledger, stock)), presence.region_table(ledger, stock),
            charts_ground.stock_by_host(ledger, stock), charts_presence.timeline(ledger, stock), charts_bases.bases_map(ledger),
            official.official_table(ledger, stock), presence.left_out_table(ledger, stock)]


def figures_of(shown: list[Any]) -> dict[str, Any]:
    """The figures among what a notebook shows, by id."""
    return {item.layout.meta["id"]: item for item in shown if isinstance(item, look.Figure)}


def kinds(ledger: Ledger) -> dict[tuple[str, str], str]:
    """(host, force) → kind of the ledger's standings."""
    table = standing.standings(ledger, Stock(ledger))
    return {(row.host, row.force): row.kind for row in table.itertuples()}


def cells(table: Table, name: str) -> list[Any]:
    """A column of a table."""
    place = [column.name for column in table.columns].index(name)
    return [row[place] for row in table.rows]


# What a ledger may lack.

@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ledger]:
    """Ledgers that lack something: everything, a side, a host, every strength, every series."""
    root = tmp_path_factory.mktemp("odd")
    bare = Path(shutil.copytree(PROJECT_DATA, root / "no-strengths"))
    (bare / "strengths.csv").unlink()
    acts = Path(shutil.copytree(PROJECT_DATA, root / "acts-only"))
    for name in ("strengths", "series", "bases", "places"):
        (acts / f"{name}.csv").unlink()
    ledgers.table(acts, "legs", [])
    return {"empty": load(ledgers.empty(root / "empty")), "one side": load(without_bloc(root / "one-side", SIDES[1])),
            "other side": load(without_bloc(root / "other-side", SIDES[0])), "no host": load(without_host(root / "no-host", "NER")),
            "no strengths": load(bare), "acts only": load(acts)}


@pytest.mark.parametrize("name", ["empty", "one side", "other side", "no host", "no strengths", "acts only"])
def test_a_ledger_that_lacks_something_gives_figures_with_words_or_sentences_and_never_an_error(odd: dict[str, Ledger], name: str) -> None:
    for item in every(odd[name]):
        assert isinstance(item, (findings.Finding, Table, Nothing, look.Figure))
        item._repr_mimebundle_()
        if isinstance(item, look.Figure):
            meta = item.layout.meta
            assert item.data and meta["alt"].endswith(".") and meta["title"] and meta["table"]["rows"]
            assert "nan" not in json.dumps(meta).lower().replace("finan", "")
        elif isinstance(item, (Nothing, findings.Finding)):
            assert item.text.endswith(".")


def test_an_empty_ledger_names_nobody(odd: dict[str, Ledger]) -> None:
    finding = presence.who_is_there_now(odd["empty"], Stock(odd["empty"]))
    assert finding.verdict["kind"] == "none"
    assert {kind for by_side in finding.verdict["hosts"].values() for kind in by_side.values()} <= {"none"}
    assert not figures_of(every(odd["empty"]))


def test_without_any_strength_acts_still_say_who_is_there_and_the_finding_gives_no_number(odd: dict[str, Ledger]) -> None:
    table = presence.now_table(odd["no strengths"], Stock(odd["no strengths"]))
    assert isinstance(table, Table) and set(cells(table, "Last figure")) <= {None, 0}
    finding = presence.who_is_there_now(odd["no strengths"], Stock(odd["no strengths"]))
    assert not any(number for by_host in finding.values["now"].values() for number in by_host.values())


# The project's ledger: what must always hold.

def test_a_force_with_a_figure_in_the_table_is_one_that_counts_in_the_stock(project: Ledger) -> None:
    stock = Stock(project)
    table = standing.standings(project, stock)
    for host in stock.hosts:
        members = stock.members(host, stock.quarters[-1])
        current = {stock.series[name].force for name, state in members.items() if state.kind == "current"}
        assert set(table.loc[table["host"].eq(host) & table["kind"].eq("current"), "force"]) == current


def test_the_figures_of_a_host_and_bloc_add_up_to_the_stock_at_the_cutoff(project: Ledger) -> None:
    stock = Stock(project)
    table, now = standing.standings(project, stock), stock.table[stock.table["quarter"] == stock.quarters[-1]]
    for row in now[now["place"] != stock.region].itertuples():
        own = table[table["host"].eq(row.place) & table["bloc"].eq(row.bloc) & table["kind"].eq("current")]
        assert own["people"].sum() == pytest.approx(row.median)


def test_the_finding_says_a_side_is_there_exactly_where_its_stock_is_more_than_nothing(project: Ledger) -> None:
    stock = Stock(project)
    finding, left = presence.who_is_there_now(project, stock), departures.departures(project, stock)
    for row in left.itertuples():
        said = finding.verdict["hosts"][row.host][row.bloc]
        assert (said in ("present", "remnant")) == (row.now > 0 or row.region_only != "")
        assert said != "left" or row.now == 0
        assert finding.values["now"][row.bloc][row.host] == pytest.approx(row.now, abs=0.05)


def test_every_host_has_a_row_for_each_side(project: Ledger) -> None:
    table, words = presence.now_table(project, Stock(project)), findings.Words(project)
    pairs = set(zip(cells(table, "Host"), cells(table, "Bloc")))
    assert {(words.hosts[host], words.name(side)) for host in Stock(project).hosts for side in SIDES} <= pairs


def test_every_row_that_claims_something_has_a_page_and_a_date(project: Ledger) -> None:
    table = presence.now_table(project, Stock(project))
    for force_name, date, pages in zip(cells(table, "Force"), cells(table, "Its date"), cells(table, "Sources")):
        assert not force_name or date and pages
        assert all(page["url"].startswith("http") for page in pages)


def test_every_reported_figure_counts_or_stands_in_the_table_of_what_does_not(project: Ledger) -> None:
    stock = Stock(project)
    figures, table = standing.figures(project, stock), presence.left_out_table(project, stock)
    counted = sum(len(standing.Evidence(project, stock).counted(series)) for series in stock.series.values())
    assert len(figures) == len(project["strengths"]) == counted + len(table.rows)


def test_a_figure_counts_here_exactly_where_the_stock_observes_it(project: Ledger) -> None:
    stock = Stock(project)
    rows = standing.figures(project, stock)
    for series in stock.series.values():
        own = rows[rows["series_id"].eq(series.id) & rows["why"].eq("")]
        assert set(own["quarter"]) == {item.quarter for item in series.observations}


def test_the_points_of_the_region_that_are_drawn_are_those_that_are_added(project: Ledger) -> None:
    stock = Stock(project)
    points = charts_stock.points(project, stock, stock.region)
    assert points["added"].all() and len(points)
    assert not set(points["basis"]) & set(project.parameters["stock"]["basis_not_counted"])
    assert not set(points["kind"]) & {"planned", "ceiling", "cumulative"}


def test_every_series_has_a_bar_or_is_named_as_left_out(project: Ledger) -> None:
    rows, left_out = charts_presence.spans(project, Stock(project))
    region, drawn = project.parameters["stock"]["region"], set(zip(rows["host"], rows["force"]))
    words = findings.Words(project)
    said = {name for names in left_out.values() for name in names}
    for row in project["series"].itertuples():
        if row.host != region:
            assert (row.host, row.force) in drawn or f"{row.force} ({words.hosts[row.host]})" in said
        else:
            assert row.force in set(rows["force"]) or any(row.force in name for name in said)


def test_a_bar_runs_forward_and_a_part_stands_under_its_whole(project: Ledger) -> None:
    rows, _ = charts_presence.spans(project, Stock(project))
    first = rows["first"].fillna(rows["sure"])
    assert (first <= rows["sure"]).all() and (rows["until"] <= rows["last"]).all() and (first <= rows["last"]).all()
    order = {(row.host, row.force): row.Index for row in rows.itertuples()}
    for row in rows[rows["inside"].ne("")].itertuples():
        whole = rows.loc[order[row.host, row.inside]]
        between = rows.loc[whole.name + 1:row.Index - 1]
        assert whole["last"] >= row.last and set(between["inside"]) <= {row.inside}


def test_the_map_shows_the_cutoff_s_year_and_one_button_for_each_year(project: Ledger) -> None:
    figure = charts_bases.bases_map(project)
    labels = [int(button.label) for menu in figure.layout.updatemenus for button in menu.buttons]
    assert labels == list(range(labels[0], int(project.cutoff[:4]) + 1))
    lit = [menu.buttons[menu.active].label for menu in figure.layout.updatemenus if menu.active >= 0]
    assert lit == [project.cutoff[:4]]
    for menu in figure.layout.updatemenus:
        for button in menu.buttons:
            seen = button.args[0]["visible"]
            assert len(seen) == len(figure.data) and sum(seen) == len(figure.data) - len(labels) + 1
    shown = [trace.visible for trace in figure.data]
    assert shown.count(False) == len(labels) - 1 and shown[-1] is True


def test_no_figure_needs_the_network_s_maps(project: Ledger) -> None:
    for figure in figures_of(every(project)).values():
        assert not {trace.type for trace in figure.data} & {"scattergeo", "choropleth", "scattermap", "scattermapbox"}


def test_all_colours_have_a_pair_in_the_dark(project: Ledger) -> None:
    known = {look.tint(colour, 1) for colour in look.dark_palette(project)}
    for figure in figures_of(every(project)).values():
        for text in _colours(figure.to_dict()):
            opaque = f"{text.rsplit(',', 1)[0]}, 1)" if text.startswith("rgba") else look.tint(text, 1)
            assert opaque in known or text == "rgba(0,0,0,0)", text


def _colours(item: Any) -> set[str]:
    if isinstance(item, dict):
        return set().union(*map(_colours, (value for key, value in item.items() if key not in ("template", "meta", "customdata"))))
    if isinstance(item, (list, tuple, np.ndarray)):
        return set().union(*map(_colours, item)) if len(item) else set()
    return {item} if isinstance(item, str) and (item.startswith("rgba") or len(item) == 7 and item.startswith("#")) else set()


def test_the_same_ledger_gives_the_same_bytes(project: Ledger) -> None:
    def text() -> str:
        shown = [item.to_plotly_json() if isinstance(item, look.Figure) else exhibits.as_json(item) for item in every(load(PROJECT_DATA))]
        return json.dumps(shown, default=_plain, sort_keys=True)

    assert text() == text()


def _plain(item: Any) -> Any:
    return item.tolist() if hasattr(item, "tolist") else str(item)


# Who is there: state by state, in invented ledgers (their cutoff is 2025-12-31, a figure holds for eight quarters).

def test_a_figure_that_is_too_old_is_said_to_be_old_and_is_no_departure(make: Make) -> None:
    ledger = make(**manned([force("west", "FRA")]), strengths=[{"series_id": "west", "date": "2021-03-01", "personnel": 500}])
    assert kinds(ledger) == {("MLI", "west"): "unknown"}
    table = presence.now_table(ledger, Stock(ledger))
    assert "too old" in cells(table, "State")[0] and "no end reported" in cells(table, "State")[0] and cells(table, "Last figure")[0] == 500
    assert presence.who_is_there_now(ledger, Stock(ledger)).verdict["hosts"]["MLI"] == {SIDES[0]: "unknown", SIDES[1]: "none"}


def test_the_last_quarter_in_which_a_figure_counts_is_the_one_that_the_table_names(make: Make) -> None:
    figures = [{"series_id": name, "date": date, "personnel": 500} for name, date in (("a", "2023-12-31"), ("b", "2023-09-30"))]
    ledger = make(**manned([force("a", "FRA"), force("b", "RUS")]), strengths=figures)
    assert kinds(ledger) == {("MLI", "a"): "current", ("MLI", "b"): "unknown"}
    table = presence.now_table(ledger, Stock(ledger))
    said = dict(zip(cells(table, "Force"), cells(table, "State")))
    assert "2025 Q4" in said["a"] and "2025 Q3" in said["b"]


def test_a_reported_end_is_left_and_the_table_gives_the_date_as_written(make: Make) -> None:
    ledger = make(**manned([force("west", "FRA", ended="[2022-05..2022-08]")]), strengths=reported(("west", "2021-03", 500)))
    table = presence.now_table(ledger, Stock(ledger))
    place = cells(table, "Force").index("west")
    assert cells(table, "State")[place] == "left" and cells(table, "Its date")[place] == "[2022-05..2022-08]"
    assert cells(table, "Last figure")[place] == 0


def test_of_those_that_left_the_last_whole_force_stands_for_all_and_they_are_counted(make: Make) -> None:
    series = [force("early", "FRA", ended="2020-01-01"), force("late", "FRA", ended="2022-01-01"),
              force("late-part", "DEU", part_of="late", ended="2022-01-01")]
    table = presence.now_table(make(**manned(series)), Stock(make(**manned(series))))
    place = cells(table, "Bloc").index("Western")
    assert cells(table, "Force")[place] == "late" and "3 forces" in cells(table, "State")[place]


@pytest.mark.parametrize(("kind", "basis"), [("strength", "alleged"), ("planned", "official"), ("ceiling", "official"),
                                             ("cumulative", "media")])
def test_what_is_only_alleged_or_planned_is_never_there_and_is_named(make: Make, kind: str, basis: str) -> None:
    figures = [{"series_id": "Ghosts", "date": "2025-06", "personnel": 900, "kind": kind, "basis": basis}]
    ledger = make(**manned([force("Ghosts", "RUS")]), strengths=figures)
    finding, table = presence.who_is_there_now(ledger, Stock(ledger)), presence.now_table(ledger, Stock(ledger))
    assert finding.verdict["hosts"]["MLI"][SIDES[1]] == "none" and "900" not in finding.text
    assert "Ghosts" not in cells(table, "Force") and "Ghosts" in table.note
    assert [kind if basis != "alleged" else basis] == cells(presence.left_out_table(ledger, Stock(ledger)), "Why")
    rows, left_out = charts_presence.spans(ledger, Stock(ledger))
    assert rows.empty and sum(map(len, left_out.values())) == 1


@pytest.mark.parametrize("status", ["alleged", "announced", "anticipated", "retracted"])
def test_an_act_that_did_not_take_place_is_no_evidence_of_presence(make: Make, status: str) -> None:
    ledger = make([{"partners": "RUS", "date": "2025-06-01", "status": status}])
    table = presence.now_table(ledger, Stock(ledger))
    assert not any(cells(table, "Force")) and presence.who_is_there_now(ledger, Stock(ledger)).verdict["kind"] == "none"


def test_where_no_strength_is_reported_the_newest_act_that_stations_or_trains_stands(make: Make) -> None:
    acts = [{"partners": "TUR", "date": f"2025-{month}-10", "type": kind, "forces": "Advisers" if kind == "deployment" else ""}
            for month, kind in (("01", "training"), ("05", "deployment"), ("11", "arms_delivery"), ("12", "visit"))]
    table = presence.now_table(make(acts), Stock(make(acts)))
    place = cells(table, "Force").index("Advisers")
    assert cells(table, "Its date")[place] == "2025-05-10" and cells(table, "Last figure")[place] is None
    assert "strength not" in cells(table, "State")[place]
    assert presence.who_is_there_now(make(acts), Stock(make(acts))).verdict["hosts"]["MLI"] == {side: "none" for side in SIDES}


def test_an_exercise_that_is_over_is_no_presence_and_the_act_before_it_stands(make: Make) -> None:
    over = {"partners": "TUR", "date": "2025-10-01/2025-10-12", "type": "training", "forces": "Guests"}
    for date, shown in (("2025-05-10", True), ("2025-05-10/..", True), ("2025-05-10/2025-06-01", False)):
        ledger = make([over, {"partners": "TUR", "date": date, "type": "deployment", "forces": "Advisers"}, {"partners": "RUS", "date": "2025-12-20", "type": "visit"}])
        forces = cells(presence.now_table(ledger, Stock(ledger)), "Force")
        assert "Guests" not in forces and ("Advisers" in forces) == shown


def test_an_act_of_two_blocs_names_each_bloc_s_own_partners(make: Make) -> None:
    ledger = make([{"partners": "TUR;RUS", "date": "2025-05-10", "type": "training"}])
    table = presence.now_table(ledger, Stock(ledger))
    named = [force for force in cells(table, "Force") if force]
    assert len(named) == 2 and not set(named[0].split(" and ")) & set(named[1].split(" and ")) and not any(" and " in name for name in named)


def test_without_a_cutoff_nobody_is_there_now(make: Make) -> None:
    ledger = make([{"partners": "RUS", "date": "2025-05-10", "type": "training"}], sources=[{"source_id": "undated", "published": ""}],
                  citations=[{"event_id": "e1", "source_id": "undated"}], cutoff=None)
    assert ledger.cutoff == "" and not any(cells(presence.now_table(ledger, Stock(ledger)), "Its date"))


def test_an_old_act_is_not_presence_now(make: Make) -> None:
    ledger = make([{"partners": "RUS", "date": "2015-05-10", "type": "deployment", "forces": "Guards"}])
    table = presence.now_table(ledger, Stock(ledger))
    assert "too old" in cells(table, "State")[cells(table, "Force").index("Guards")]
    assert presence.who_is_there_now(ledger, Stock(ledger)).verdict["hosts"]["MLI"][SIDES[1]] == "unknown"


def test_an_act_after_the_last_exit_is_shown_beside_it_and_one_before_is_not(make: Make) -> None:
    series = manned([force("west", "FRA", ended="2023-06-30")])
    for date, shown in (("2025-05-10", True), ("2022-05-10", False)):
        ledger = make([{"partners": "ITA", "date": date, "type": "training"}], **series)
        table = presence.now_table(ledger, Stock(ledger))
        assert ("act reported, strength not" in cells(table, "State")) == shown and "left" in cells(table, "State")


def test_a_part_of_a_force_that_counts_is_shown_as_part_and_not_added(make: Make) -> None:
    series = [force("whole", "RUS"), force("part", "RUS", part_of="whole")]
    figures = [{"series_id": name, "date": "2025-06", "personnel": number} for name, number in (("whole", 300), ("part", 100))]
    ledger = make(**manned(series), strengths=figures)
    table = presence.now_table(ledger, Stock(ledger))
    assert dict(zip(cells(table, "Force"), cells(table, "State")))["part"] == "part of whole"
    assert presence.who_is_there_now(ledger, Stock(ledger)).values["now"][SIDES[1]]["MLI"] == 300


def regional(make: Make) -> Ledger:
    series = [force("corps-all", "RUS", "XSA", force="Corps"), force("corps-mli", "RUS", "MLI", force="Corps", started="2024-01"),
              force("corps-ner", "RUS", "NER", force="Corps")]
    figures = [("corps-all", "2025-10", 2500), ("corps-mli", "2020-02", 700), ("corps-ner", "2025-09", 300)]
    return make(**manned(series), strengths=[{"series_id": name, "date": date, "personnel": number} for name, date, number in figures])


def test_where_only_the_regional_figure_counts_the_share_is_said_to_be_unknown(make: Make) -> None:
    ledger = regional(make)
    stock = Stock(ledger)
    table = presence.now_table(ledger, stock)
    row = next(row for row in table.rows if row[0] == "Mali" and row[2] == "Corps")
    assert "whole region (2,500)" in row[3] and "share not reported" in row[3] and row[4] is None
    finding = presence.who_is_there_now(ledger, stock)
    assert finding.verdict["hosts"]["MLI"][SIDES[1]] == "present" and finding.verdict["hosts"]["NER"][SIDES[1]] == "present"


def test_the_hatched_panel_says_so_in_words_and_draws_no_zero(make: Make) -> None:
    ledger = regional(make)
    figure = charts_ground.stock_by_host(ledger, Stock(ledger))
    assert any("share not" in note.text and "Corps" in note.text for note in figure.layout.annotations)
    hatched = [trace for trace in figure.data if trace.type == "bar"]
    assert hatched and all(trace.marker.pattern.shape for trace in hatched)
    lines = [trace for trace in figure.data if trace.type == "scatter" and trace.line.width == 2.5]
    assert math.isnan(next(trace for trace in lines if trace.xaxis in (None, "x")).y[-1])


def test_the_region_s_table_takes_the_regional_figure_and_not_the_hosts_a_second_time(make: Make) -> None:
    ledger = regional(make)
    table = presence.region_table(ledger, Stock(ledger))
    assert [(row[1], row[2], row[4]) for row in table.rows] == [("Corps", "the whole region", 2500)] and "2,500" in table.title


def test_a_remnant_is_called_one(make: Make) -> None:
    figures = [{"series_id": "west", "date": date, "personnel": number} for date, number in (("2020-02", 1000), ("2025-02", 60))]
    finding = presence.who_is_there_now(ledger := make(**manned([force("west", "FRA")]), strengths=figures), Stock(ledger))
    assert finding.verdict["hosts"]["MLI"][SIDES[0]] == "remnant" and "remnant" in finding.text and "(60)" in finding.text


def test_a_small_force_that_was_never_larger_is_present(make: Make) -> None:
    ledger = make(**manned([force("few", "FRA")]), strengths=[{"series_id": "few", "date": "2025-02", "personnel": 20}])
    assert presence.who_is_there_now(ledger, Stock(ledger)).verdict["hosts"]["MLI"][SIDES[0]] == "present"


def test_a_baseline_zero_is_no_departure(make: Make) -> None:
    figures = [{"series_id": "mission", "date": "2015-01-15", "personnel": 0, "kind": "start"}]
    ledger = make(**manned([force("mission", "EU", started="2015-01-15")]), strengths=figures)
    assert kinds(ledger) == {("MLI", "mission"): "no figure"}
    rows, _ = charts_presence.spans(ledger, Stock(ledger))
    assert rows["how"].tolist() == [charts_presence.UNKNOWN]


def test_a_force_that_went_over_to_another_is_not_there_twice(make: Make) -> None:
    series = manned([force("old", "RUS", force="Old", ended="2024-06-01"), force("new", "RUS", force="New", started="2024-06-01")])
    series["forces"] = [{"force": name, "partners": "RUS", "succession_group": "g", "successor": after}
                        for name, after in (("Old", "New"), ("New", ""))]
    figures = [{"series_id": name, "date": date, "personnel": number, "kind": kind} for name, date, number, kind in
               (("old", "2024-03", 900, "strength"), ("old", "2024-06-01", 0, "transfer"), ("new", "2024-08", 950, "strength"))]
    ledger = make(**series, strengths=figures)
    assert kinds(ledger) == {("MLI", "Old"): "followed", ("MLI", "New"): "current"}
    assert "change of name" in cells(presence.left_out_table(ledger, Stock(ledger)), "Why")


def test_several_figures_of_a_quarter_give_the_middle_one_the_range_and_all_pages_newest_first(make: Make) -> None:
    figures = [{"series_id": "west", "date": f"2025-0{month}-10", "personnel": number, "source_id": f"p{month}"}
               for month, number in ((4, 300), (5, 500), (6, 310))]
    sources = [{"source_id": f"p{month}", "publisher": f"Paper {month}"} for month in (4, 5, 6)]
    ledger = make(sources=sources, **manned([force("west", "FRA")]), strengths=figures)
    row = next(row for row in presence.now_table(ledger, Stock(ledger)).rows if row[2] == "west")
    assert row[4:7] == [310, "300 to 500", "2025-06-10"] and [page["text"][:7] for page in row[7]] == ["Paper 6", "Paper 5", "Paper 4"]


def test_figures_of_a_year_and_after_the_end_are_listed_and_not_drawn(make: Make) -> None:
    figures = reported(("west", "2021", 100), ("west", "2021-05", 101), ("west", "2023-02-20", 102))
    ledger = make(**manned([force("west", "FRA", ended="2023-02-18")]), strengths=figures)
    table = presence.left_out_table(ledger, Stock(ledger))
    assert dict(zip(cells(table, "Its date"), cells(table, "Why"))) == {"2021": "in no quarter", "2023-02-20": "after the reported end"}
    assert set(charts_stock.points(ledger, Stock(ledger), "MLI")["personnel"]) == {101}


# Officials beside others.

def said(*rows: tuple[str, str, int]) -> list[dict[str, Any]]:
    """Figures of one series: basis, date, people."""
    return [{"series_id": "west", "date": date, "personnel": number, "basis": basis, "source_id": f"p{place}"}
            for place, (basis, date, number) in enumerate(rows)]


@pytest.mark.parametrize(("rows", "shown"), [
    ([("official", "2025-04-10", 300), ("media", "2025-05-10", 300)], ("300", "300", "same figures")),
    ([("official", "2025-04-10", 300), ("official", "2025-06", 500), ("media", "2025-05-10", 450)], ("300 to 500", "450", "ranges touch")),
    ([("official", "2025-04-10", 300), ("media", "2025-05-10", 450)], ("300", "450", "officials lower")),
    ([("official", "2025-04-10", 600), ("think_tank", "2025-05-10", 450)], ("600", "450", "officials higher"))])
def test_officials_and_others_are_compared_within_a_quarter(make: Make, rows: list[tuple[str, str, int]], shown: tuple[str, ...]) -> None:
    sources = [{"source_id": f"p{place}", "publisher": f"Paper {place}"} for place in range(len(rows))]
    ledger = make(sources=sources, **manned([force("west", "FRA")]), strengths=said(*rows))
    table = official.official_table(ledger, Stock(ledger))
    assert [tuple(row[3:6]) for row in table.rows] == [shown] and len(table.rows[0][6]) == len(rows)
    meet = int("officials" not in shown[2])
    assert f"meet in {meet} of 1 quarter " in table.title


@pytest.mark.parametrize("rows", [
    [("official", "2025-04-10", 300), ("media", "2025-07-10", 300)], [("official", "2025-04-10", 300), ("official", "2025-05-10", 310)],
    [("official", "2025-04-10", 300), ("media", "2025", 300)], [("official", "2025-04-10", 300), ("alleged", "2025-05-10", 900)],
    [("official", "2025-04-10", 300), ("media", "2025-05-10", 0)], [("official", "2025-04-10", 300), ("", "2025-05-10", 310)]])
def test_no_comparison_across_quarters_with_itself_with_the_undated_the_alleged_or_nobody(make: Make, rows: list[tuple[str, str, int]]) -> None:
    sources = [{"source_id": f"p{place}", "publisher": f"Paper {place}"} for place in range(len(rows))]
    ledger = make(sources=sources, **manned([force("west", "FRA")]), strengths=said(*rows))
    assert isinstance(official.official_table(ledger, Stock(ledger)), Nothing)


def test_the_comparison_of_the_ledger_cross_foots(project: Ledger) -> None:
    table, found = official.official_table(project, Stock(project)), official.compared(project, Stock(project))
    meet = sum(cell in ("same figures", "ranges touch") for cell in cells(table, "Together"))
    assert f"meet in {meet} of {len(table.rows)} quarters" in table.title
    assert all(len(row.rows) == len(links) for row, links in zip(found.sort_values(["quarter", "series_id"], ascending=[False, True]).itertuples(),
                                                                 cells(table, "Sources")))


# Swapping the sides, escaping, another region.

def test_swapping_the_sides_swaps_them_in_the_verdict_and_nothing_else(tmp_path: Path, project: Ledger) -> None:
    folder = Path(shutil.copytree(PROJECT_DATA, tmp_path / "data"))
    swap = dict(zip(SIDES, SIDES[::-1]))
    actors = [{**row, "bloc": swap.get(row["bloc"], row["bloc"])} for row in ledgers.rows(folder, "actors")]
    ledgers.table(folder, "actors", actors)
    swapped = load(folder)
    before, after = (presence.who_is_there_now(ledger, Stock(ledger)).verdict["hosts"] for ledger in (project, swapped))
    assert after == {host: {swap[side]: kind for side, kind in by_side.items()} for host, by_side in before.items()}


def test_text_from_data_is_escaped_in_every_label_and_stays_out_of_templates(make: Make) -> None:
    host = [{"host": "MLI", "name": HOSTILE[:60], "group": "core"}, {"host": "XSA", "name": "Region", "group": "region"}]
    series = [force("all", "RUS", "XSA", force=HOSTILE), force("one", "RUS", "MLI", force=HOSTILE),
              force("own", "FRA", "MLI", force=f"{HOSTILE} b")]
    figures = reported(("all", "2025-05", 400), ("one", "2020-02", 400), ("own", "2025-05", 400))
    bases = [{"force": HOSTILE, "from": "2020", "to": "2021"}, {"force": f"{HOSTILE} b", "from": "2024"}]
    ledger = make(sources=[{"source_id": "s-figures", "publisher": HOSTILE, "title": HOSTILE}], hosts=host, **manned(series),
                  strengths=figures, places=[{"place_id": "l1", "name": HOSTILE}], bases=bases)
    shown = figures_of(every(ledger))
    assert {"stock-by-host", "presence", "bases", "departure-chart", "stock"} == set(shown)
    for figure in shown.values():
        drawn = figure.to_dict()
        drawn["layout"].pop("meta")
        for text in _texts(drawn):
            assert "<a " not in text and "<img" not in text, text
        assert {trace.hovertemplate for trace in figure.data} <= {None, look.HOVER}


def _texts(item: Any) -> list[str]:
    if isinstance(item, dict):
        return [text for value in item.values() for text in _texts(value)]
    if isinstance(item, (list, tuple, np.ndarray)):
        return [text for value in item for text in _texts(value)]
    return [item] if isinstance(item, str) else []


def elsewhere(folder: Path) -> Ledger:
    """An invented ledger of another region, with outlines of its own."""
    named = (("MLI", "Upland", "core"), ("NER", "Lowland", "core"), ("XSA", "Both lands", "region"))
    hosts = [{"host": host, "name": name, "group": group} for host, name, group in named]
    series = manned([force("Guests", "FRA", "MLI"), force("Visitors", "RUS", "NER", started="2024")])
    places = [{"place_id": "l1", "name": "Hill", "host": "MLI", "lat": "42.1", "lon": "45.2"},
              {"place_id": "l2", "name": "Shore", "host": "NER", "lat": "41.0", "lon": "44.0"}]
    bases = [{"place_id": "l1", "force": "Guests", "from": "2023-05", "to": "2024-02"},
             {"place_id": "l2", "force": "Visitors", "from": "[2024-03..2025-02]"}]
    ledgers.write(folder, [{"partners": "RUS", "hosts": "NER", "date": "2025-03-03"}], hosts=hosts, **series, places=places, bases=bases,
                  strengths=[{"series_id": "Visitors", "date": "2025-03", "personnel": 80}])
    ring = [[44.5, 41.5], [46.0, 41.5], [46.0, 43.0], [44.5, 43.0], [44.5, 41.5]]
    (folder / "outlines.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"iso3": "MLI"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}))
    return load(folder)


def test_another_region_is_drawn_with_its_own_outlines_and_names(tmp_path: Path) -> None:
    ledger = elsewhere(tmp_path / "data")
    assert set(maps.outlines(ledger)) == {"MLI"}
    figure = figures_of(every(ledger))["bases"]
    words = " ".join(_texts(figure.to_dict()))
    assert "Hill" in words and "Shore" in words and "UPLAND" in words
    assert "Mali" not in words and "Sahel" not in json.dumps(figure.layout.meta)
    west, east = figure.layout.xaxis.range
    assert west < 44.0 and east > 45.2 and figure.layout.yaxis.scaleanchor == "x"


def test_a_ledger_without_outlines_takes_the_project_s(make: Make, project: Ledger) -> None:
    assert maps.outlines(make([{}])) == maps.outlines(project) != {}


# Bases by year.

def states(ledger: Ledger, year: int) -> dict[str, str]:
    rows = charts_bases.in_year(charts_bases.bases(ledger).dropna(subset="since"), year, ledger.cutoff_day)
    return dict(zip(rows["force"], rows["state"]))


def test_a_base_is_there_possibly_there_left_or_absent_by_what_its_dates_say(make: Make) -> None:
    dated = {"stays": ("2022-03-01", ""), "left": ("2020-01", "2023-06"), "between": ("[2022-06..2024-02]", ""),
             "before": ("[..2023-05-01]", "[2023-11..2024-03]"), "later": ("2025-01-05", "")}
    ledger = make(places=[{}], bases=[{"force": name, "from": start, "to": end} for name, (start, end) in dated.items()])
    there, left, possible = charts_bases.STAYS, charts_bases.LEFT, charts_bases.POSSIBLE
    assert states(ledger, 2021) == {"left": there}
    assert states(ledger, 2022) == {"stays": there, "left": there, "between": possible}
    assert states(ledger, 2023) == {"stays": there, "left": left, "between": possible, "before": there}
    assert states(ledger, 2024) == {"stays": there, "between": there, "before": left}
    assert states(ledger, 2025) == {"stays": there, "between": there, "later": there}


def test_a_base_without_a_start_is_not_drawn_and_is_counted(make: Make) -> None:
    ledger = make(places=[{}], bases=[{"force": "known", "from": "2024"}, {"force": "unknown", "from": "", "to": "2024-05"}])
    figure = charts_bases.bases_map(ledger)
    assert "1 base" in figure.layout.meta["note"] and len(figure.layout.meta["table"]["rows"]) == 2
    assert "unknown" not in " ".join(_texts([trace.customdata for trace in figure.data]))


def test_several_blocs_at_one_place_stand_around_it_and_a_single_one_stands_on_it(make: Make) -> None:
    bases = [{"place_id": place, "force": name, "from": "2025"} for place, name in (("l1", "w"), ("l1", "r"), ("l2", "r"))]
    ledger = make(places=[{"place_id": "l1"}, {"place_id": "l2", "lon": "5"}], bases=bases,
                  forces=[{"force": "w", "partners": "FRA"}, {"force": "r", "partners": "RUS"}])
    trace = charts_bases.bases_map(ledger).data[-1]
    away = sorted(zip(trace.x, trace.marker.standoff))
    assert [round(x, 1) for x, _ in away] == [0.5, 0.5, 5.0] and [distance > 0 for _, distance in away] == [True, True, False]
    assert len(set(trace.marker.angle)) == 2


# Maps: labels and outlines.

POINTS = st.lists(st.tuples(st.floats(-8, 21), st.floats(12, 22), st.text("abcdefgh", min_size=3, max_size=14)), min_size=1, max_size=20)


@given(POINTS, st.sampled_from([maps.WIDE, maps.NARROW]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_no_two_labels_of_a_map_touch_and_none_leaves_it(points: list[tuple[float, float, str]], width: float) -> None:
    box = maps.extent([lon for lon, _, _ in points], [lat for _, lat, _ in points])
    scale = width / (box[2] - box[0])
    tall = 1 / math.cos(math.radians((box[1] + box[3]) / 2))
    at = [((lon - box[0]) * scale, (lat - box[1]) * scale * tall, text) for lon, lat, text in points]
    boxes = [maps._text_box(*at[number], side) for number, side in maps.placed(points, box, width).items()]
    for place, one in enumerate(boxes):
        assert 0 <= one[0] and one[2] <= width
        for other in boxes[:place]:
            assert one[0] >= other[2] or other[0] >= one[2] or one[1] >= other[3] or other[1] >= one[3]


@given(POINTS)
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_extent_holds_every_point_with_a_margin(points: list[tuple[float, float, str]]) -> None:
    west, south, east, north = maps.extent([lon for lon, _, _ in points], [lat for _, lat, _ in points], 2.0)
    for lon, lat, _ in points:
        assert west + 1.99 <= lon <= east - 1.99 and south + 1.99 <= lat <= north - 1.99


def test_points_are_told_inside_from_outside_a_ring() -> None:
    ring = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0), (0.0, 0.0)]
    points = np.array([[1.0, 1.0], [3.0, 1.0], [2.0, 3.0], [5.0, 1.0], [2.0, 0.5]])
    assert maps.inside(points, ring).tolist() == [True, True, False, False, True]


# The charts say what the tables say.

def test_the_departure_chart_draws_the_larger_side_s_peak_and_what_both_have_now(make: Make) -> None:
    series = manned([force("west", "FRA", ended="2023-06-30"), force("east", "RUS")])
    figures = [("west", "2020-02", 2000), ("east", "2025-02", 600)]
    ledger = make(**series, strengths=[{"series_id": name, "date": date, "personnel": number} for name, date, number in figures])
    rows = departures.departures(ledger, Stock(ledger))
    figure = charts_ground.departure_chart(ledger, rows)
    assert [bar.x[0] for bar in figure.data if bar.type == "bar"] == [2000, 0, 600]
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "2,000 in 2020 Q1 → 0 now" in words and "600 now, 30% of that peak" in words
    assert figure.layout.meta["title"].startswith("The West left 1 of 4 hosts, and Russia stands in 1")


def test_swapped_data_give_the_same_departure_chart_with_the_other_side_named(make: Make) -> None:
    for first, second in (("FRA", "RUS"), ("RUS", "FRA")):
        series = manned([force("one", first, ended="2023-06-30"), force("two", second)])
        ledger = make(**series, strengths=reported(("one", "2020-02", 2000), ("two", "2025-02", 600)))
        title = charts_ground.departure_chart(ledger, departures.departures(ledger, Stock(ledger))).layout.meta["title"]
        assert title.startswith("The West left" if first == "FRA" else "Russia left")


@pytest.mark.parametrize(("cells_of", "how"), [({"started": "2020-01", "ended": "2022-05"}, charts_presence.REPORTED),
                                               ({"started": "2020-01"}, charts_presence.UNKNOWN)])
def test_the_end_of_a_bar_is_reported_or_unknown(make: Make, cells_of: dict[str, str], how: str) -> None:
    rows, _ = charts_presence.spans(ledger := make(**manned([force("west", "FRA", **cells_of)])), Stock(ledger))
    assert rows["how"].tolist() == [how]


def test_a_planned_end_is_drawn_as_planned_and_never_as_an_end(make: Make) -> None:
    figures = [{"series_id": "west", "date": "2020-05", "personnel": 300},
               {"series_id": "west", "date": "2021-06-30", "personnel": 0, "kind": "planned"}]
    ledger = make(**manned([force("west", "FRA", started="2020-01")]), strengths=figures)
    rows, _ = charts_presence.spans(ledger, Stock(ledger))
    assert rows["how"].tolist() == [charts_presence.PLANNED]
    assert rows["end"].tolist() == [""] and rows["last"].tolist() == [ledger.cutoff_day]
    figure = charts_presence.timeline(ledger, Stock(ledger))
    assert "diamond-open" in {trace.marker.symbol for trace in figure.data if trace.type == "scatter"}


def test_a_force_with_a_current_figure_and_no_end_lasts_to_the_cutoff(make: Make) -> None:
    ledger = make(**manned([force("west", "FRA", started="2020-01")]), strengths=reported(("west", "2025-05", 300)))
    rows, _ = charts_presence.spans(ledger, Stock(ledger))
    assert rows["how"].tolist() == [charts_presence.CURRENT] and rows["until"].tolist() == [ledger.cutoff_day]


def test_the_notebook_shows_a_finding_first_and_each_figure_alone_in_a_tagged_cell() -> None:
    notebook = json.loads((PROJECT_DATA.parent / "notebooks" / "03-forces-on-the-ground.ipynb").read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    shown = [cell for cell in code if "(ledger, " in "".join(cell["source"]).splitlines()[-1] and " = " not in cell["source"][-1]]
    assert "who_is_there_now" in "".join(shown[0]["source"])
    charts = [cell for cell in code if "".join(cell["source"]).startswith("charts_")]
    assert len(charts) == 5 and all(cell["metadata"]["tags"] == ["figure"] for cell in charts)
    assert not any("def " in "".join(cell["source"]) for cell in code)
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
