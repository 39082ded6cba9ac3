"""Guards page 05's tables: origins counted, not pages; denials with both sides; dates and tellers add up; nothing typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from helpers import (
    certainty,
    charts_evidence,
    charts_moves,
    charts_sure,
    evidence,
    moves,
    ranges,
    specifications,
)
from helpers.exhibits import Nothing, Table
from helpers.ledger import Ledger, load
from helpers.specifications import Evaluation
from tests.ledgers import empty, many, write

ORIGINS = [{"origin_id": "afp", "control": "private", "country": "FRA"}, {"origin_id": "tass", "control": "state", "country": "RUS"},
           {"origin_id": "elysee", "control": "state", "country": "FRA"}, {"origin_id": "mali", "control": "state", "country": "MLI"},
           {"origin_id": "nobody", "named": "no"}]
FINDINGS = ("lead-change", "stock-lead", "departure", "replacement")


def told(folder: Path, *said: list[dict[str, Any]], **cells: Any) -> Ledger:
    """One Russian act in Mali for each list of citations."""
    acts = [{"event_id": f"e{number}", "date": "2021-02-10", **cells} for number in range(1, len(said) + 1)]
    cited = [{"event_id": f"e{number}", "source_id": f"c{number}-{place}", **row} for number, rows in enumerate(said, 1) for place, row in enumerate(rows)]
    pages = [{"source_id": row["source_id"]} for row in cited]
    return load(write(folder / "ledger", acts, pages, cited, origins=ORIGINS))


def test_origins_are_counted_not_pages(tmp_path: Path) -> None:
    one = told(tmp_path, [{"origin_id": "afp"}] * 10, [{"origin_id": "afp"}, {"origin_id": "mali"}], [{"origin_id": "nobody"}, {"origin_id": ""}])
    table = certainty.by_origins(one).set_index("origins")
    assert table["events"].to_dict() == {0: 1, 1: 1, 2: 1} and table.loc[1, "pages"] == 10
    assert certainty.corroborated(one).values == {"several": 1, "one": 1, "none": 1, "self_only": 0, "denied": 0, "in_full": 1}


def test_a_page_that_carries_the_act_but_not_each_detail_backs_the_act_and_is_told_apart(tmp_path: Path) -> None:
    one = told(tmp_path, [{"origin_id": "afp"}, {"origin_id": "mali", "stance": "partial"}], [{"origin_id": "afp", "stance": "partial"}, {"origin_id": "afp"}],
               [{"origin_id": "afp", "stance": "differs", "field": "date", "value": "2021-02-11"}, {"origin_id": "mali", "stance": "denies"}])
    known = evidence.corroboration(one)
    assert known["origins"].tolist() == [2, 1, 0] and known["in_full"].tolist() == [1, 1, 0]
    said = certainty.corroborated(one)
    assert (said.values["several"], said.values["in_full"]) == (1, 0) and "; 0 stand on two or more whose pages carry the whole row" in said.hedge


@pytest.mark.parametrize(("said", "kind"), [
    ([{"origin_id": "tass"}], certainty.OWN), ([{"origin_id": "tass"}, {"origin_id": "mali"}], certainty.PARTY), ([{"origin_id": "mali"}], certainty.PARTY),
    ([{"origin_id": "tass"}, {"origin_id": "afp"}], certainty.OTHERS), ([{"origin_id": "elysee"}], certainty.OTHERS),
    ([{"origin_id": "nobody"}], certainty.NOBODY), ([{"origin_id": "tass", "stance": "partial"}], certainty.OWN),
    ([{"origin_id": "tass", "stance": "denies"}], certainty.NOBODY),
])
def test_who_tells_of_an_act_is_read_from_the_control_of_its_named_origins(tmp_path: Path, said: list[dict[str, Any]], kind: str) -> None:
    table = certainty.control(told(tmp_path, said))
    assert table.loc["russian"].to_dict() == {name: int(name == kind) for name in (certainty.OWN, certainty.PARTY, certainty.OTHERS, certainty.NOBODY)}


def test_an_act_of_two_blocs_is_told_of_for_each(tmp_path: Path) -> None:
    table = certainty.control(told(tmp_path, [{"origin_id": "elysee"}], partners="RUS;FRA"))
    assert table.loc["western", certainty.OWN] == 1 and table.loc["russian", certainty.PARTY] == 1


def test_a_denial_stands_with_both_sides_and_their_pages(tmp_path: Path) -> None:
    table = certainty.denials(told(tmp_path, [{"origin_id": "afp"}, {"origin_id": "mali", "stance": "denies"}], [{"origin_id": "afp"}]))
    assert isinstance(table, Table) and len(table.rows) == 1
    row = dict(zip((column.name for column in table.columns), table.rows[0]))
    assert row["Said by"] == "Origin afp" and row["Denied by"] == "Origin mali (a party)"
    assert [link["url"] for link in row["Said on"]] == ["https://example.org/c1-0"]
    assert [link["url"] for link in row["Denied on"]] == ["https://example.org/c1-1"]
    assert "denied by a source" in row["Act · status"]


def test_where_nothing_is_denied_or_self_reported_a_sentence_says_so(tmp_path: Path) -> None:
    one = told(tmp_path, [{"origin_id": "afp"}])
    assert isinstance(certainty.denials(one), Nothing) and isinstance(certainty.self_reports(one), Nothing)


def test_widths_of_dates_hold_every_event_once(tmp_path: Path, project: Ledger) -> None:
    dated = [{"date": date} for date in ("2021-02-10", "2021-02", "2021-02-27/2021-09", "[2021-03-30..2021-04-02]", "2021", "[..2021-05]")]
    table = certainty.date_widths(load(write(tmp_path / "ledger", dated))).set_index("width")
    assert table["events"].to_dict() == {"one day": 2, "2 to 7 days": 1, "8 to 31 days": 1, "32 to 92 days": 0, "longer": 1, "no first day known": 1}
    assert table["several"].sum() == 2
    assert certainty.date_widths(project)["events"].sum() == len(project["events"])


def test_the_day_taken_is_said_to_matter_where_it_does(tmp_path: Path) -> None:
    acts = [*many(6, date="2018-02-10", partners="FRA"), *many(6, date="[2021-03-01..2021-05-31]")]
    one = load(write(tmp_path / "ledger", acts))
    found = certainty.dates(one, specifications.evaluate(one)["lead-change"])
    assert found.verdict["since"] == {"aoristic": "2021 Q2", "earliest": "2021 Q1", "latest": "2021 Q2"} and "2021 Q1 (earliest day)" in found.text


@pytest.fixture(scope="module")
def evaluated(project: Ledger) -> Evaluation:
    return specifications.evaluate(project)


def everything(one: Ledger, evaluation: Evaluation) -> list[Any]:
    """All that page 05 shows of findings and figures."""
    curves = [draw(one, evaluation, finding) for finding in FINDINGS for draw in (charts_sure.curve, charts_moves.alone)]
    others = [draw(one) for draw in (charts_evidence.origins, charts_evidence.pages_and_origins, charts_evidence.widths, charts_evidence.tellers)]
    said = [certainty.corroborated(one), certainty.pictures(one), certainty.density(one), certainty.by_year(one), moves.mind(one, evaluation),
            moves.moves_table(one, evaluation), certainty.dates(one, evaluation["lead-change"])]
    return [*curves, *others, *said]


def test_every_figure_of_the_project_has_its_words_and_no_more_columns_than_fit(project: Ledger, evaluated: Evaluation) -> None:
    for item in everything(project, evaluated):
        assert item._repr_mimebundle_(include=None, exclude=None) if hasattr(item, "layout") else item._repr_mimebundle_()
    for finding in FINDINGS:
        rows, step = charts_sure.thinned(charts_sure.ordered(evaluated[finding]))
        assert 0 in rows and len(rows) <= charts_sure.MOST_COLUMNS + 1 and len(rows) * step >= (~evaluated[finding].twin).sum()
        table = charts_sure.summary(project, evaluated[finding])
        assert table["Combinations"].sum() == evaluated[finding].counted.sum()


def test_an_empty_ledger_is_all_sentences(tmp_path: Path) -> None:
    one = load(empty(tmp_path / "empty"))
    shown = everything(one, specifications.evaluate(one))
    assert all(isinstance(item, Nothing) or hasattr(item, "text") or isinstance(item, Table) for item in shown)


def test_markup_in_names_stays_text_in_figures(tmp_path: Path) -> None:
    actors = [{"actor": "RUS", "bloc": "russian", "name": "<a href='x'>R</a>"}, {"actor": "FRA", "bloc": "western"}, {"actor": "TUR", "bloc": "other", "alternative_bloc": "western", "name": "<b>T</b>"}]
    acts = [*many(6, date="2018-02-10", partners="FRA"), *many(6, date="2021-02-10"), *many(9, date="2022-02-10", partners="TUR")]
    one = load(write(tmp_path / "ledger", acts, actors=actors))
    evaluation = specifications.evaluate(one)
    for draw in (charts_sure.curve, charts_moves.alone):
        drawn = draw(one, evaluation, "lead-change").to_dict()["layout"]
        texts = [note["text"] for note in drawn.get("annotations", ())] + list(drawn.get("yaxis2", {}).get("ticktext", ()))
        assert texts and not any("<b>T" in text or "<a" in text for text in texts)


def test_hosts_that_a_side_always_or_sometimes_left_cover_the_hosts_looked_at(project: Ledger, evaluated: Evaluation) -> None:
    outcomes = evaluated["departure"]
    base = ranges.bloc_of(outcomes.verdict(0))
    table = ranges.host_ranges(project, outcomes, base)
    assert (table["left"] + table["stayed"] <= outcomes.counted.sum()).all()
    assert (table.loc[table["left"] > 0, "first"] <= table.loc[table["left"] > 0, "last"]).all()
    assert set(outcomes.verdict(0)["hosts"][base]) <= set(table.loc[table["left"] > 0, "host"])


def test_a_denied_event_of_the_project_is_in_the_table_of_denials(project: Ledger) -> None:
    known = evidence.corroboration(project)
    table = certainty.denials(project)
    listed = {name.removeprefix("denied-") for name in table.row_ids} if isinstance(table, Table) else set()
    assert listed == set(known.index[known["denied"]])
