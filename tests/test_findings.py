"""Guards the findings: symmetric between the blocs, in words where data are missing, computed, and JSON values only."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers import charts, charts_reported, counts, departures, exhibits, findings
from helpers.findings import Finding
from helpers.ledger import Ledger, load
from helpers.schema import PROJECT_DATA, project_package
from helpers.strengths import Stock
from tests import ledgers
from tests.pages_fixtures import without_bloc, without_host

SWAPPED = {"western": "russian", "russian": "western"}
CORE = [row["host"] for row in ledgers.rows(PROJECT_DATA, "hosts") if row["group"] in project_package().parameters["host_groups"]]
JSON_TYPES = (str, int, float, bool, type(None))


def found(ledger: Ledger) -> dict[str, Finding]:
    """Every finding of a ledger by id, without a page."""
    units, stock = counts.units(ledger), Stock(ledger)
    share, left = counts.engagement_share(ledger, units, counts.span(ledger)), departures.departures(ledger, stock)
    made = [
        findings.reported_events(ledger),
        findings.lead_change(ledger, units, share),
        findings.stock_lead(ledger, stock),
        findings.departure(ledger, left),
        findings.replacement(ledger, left),
        findings.disengagement(ledger, units),
    ]
    return {finding.id: finding for finding in made}


def verdicts(ledger: Ledger) -> dict[str, Any]:
    """Every verdict by id, lists in one order."""
    return {name: ordered(findings.as_json(finding)["verdict"]) for name, finding in found(ledger).items()}


def ordered(item: Any) -> Any:
    """JSON with every list sorted: a verdict's lists are sets of codes."""
    if isinstance(item, dict):
        return {key: ordered(value) for key, value in item.items()}
    return sorted(map(ordered, item), key=json.dumps) if isinstance(item, list) else item


def exchanged(item: Any) -> Any:
    """JSON with the codes of the two sides exchanged, as values and as keys."""
    if isinstance(item, dict):
        return {SWAPPED.get(key, key): exchanged(value) for key, value in item.items()}
    if isinstance(item, list):
        return [exchanged(value) for value in item]
    return SWAPPED.get(item, item) if isinstance(item, str) else item


def swap_blocs(folder: Path) -> Path:
    """Exchanges the sides in a ledger's actors.csv."""
    columns = ("bloc", "alternative_bloc")
    actors = ledgers.rows(folder, "actors")
    ledgers.table(folder, "actors", [{**row, **{name: SWAPPED.get(row[name], row[name]) for name in columns}} for row in actors])
    return folder


def agrees_when_swapped(folder: Path) -> None:
    """Asserts that swapping the sides of a ledger swaps their codes in every verdict and nothing else."""
    before = verdicts(load(folder))
    assert verdicts(load(swap_blocs(folder))) == ordered(exchanged(before))


def is_json(item: Any) -> bool:
    """True for plain JSON values only: no tuple, no set, nothing of numpy or pandas."""
    if type(item) is dict:
        return all(type(key) is str for key in item) and all(map(is_json, item.values()))
    return all(map(is_json, item)) if type(item) is list else type(item) in JSON_TYPES


@pytest.fixture(scope="module")
def one_sided(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """The findings of the project's ledger without any Russian event or strength."""
    return found(load(without_bloc(tmp_path_factory.mktemp("one-sided") / "data", "russian")))


@pytest.fixture(scope="module")
def nothing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Finding]:
    """The findings of an empty ledger."""
    return found(load(ledgers.empty(tmp_path_factory.mktemp("nothing") / "data")))


def test_swapping_the_blocs_of_the_project_s_data_swaps_the_codes_in_every_verdict_and_nothing_else(tmp_path: Path) -> None:
    agrees_when_swapped(Path(shutil.copytree(PROJECT_DATA, tmp_path / "data")))


def test_the_project_s_verdicts_name_a_side_at_all_so_that_the_swap_says_something(project: Ledger) -> None:
    named = [name for name, verdict in verdicts(project).items() if exchanged(verdict) != verdict]
    assert {"lead-change", "stock-lead", "departure", "replacement", "disengagement"} & set(named)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["FRA", "USA", "RUS", "FRA;RUS", "CHN"]),
        st.integers(0, 23),
        st.sampled_from(["MLI", "NER", "TCD", "MLI;BFA"]),
        st.sampled_from(["deployment", "training", "arms_delivery", "withdrawal", "expulsion", "visit"]),
        st.sampled_from(["host", "partner", "both", "unknown"]),
    ),
    max_size=40,
)
FIGURES = st.lists(
    st.tuples(
        st.sampled_from(["FRA", "RUS"]),
        st.sampled_from(["MLI", "NER", "XSA"]),
        st.integers(0, 23),
        st.sampled_from([0, 3, 60, 100, 1000, 5000]),
    ),
    max_size=16,
)


def invented(folder: Path, acts: list[tuple], figures: list[tuple]) -> Path:
    """A ledger of acts (partner, quarter after 2018, host, type, initiator) and figures (partner, host, quarter, people)."""

    def day(quarter: int) -> str:
        return f"{2018 + quarter // 4}-{quarter % 4 * 3 + 2:02d}-10"

    away = ledgers.DISENGAGING
    events = [
        {"partners": partner, "date": day(quarter), "hosts": host, "type": kind, "initiator": cause if kind in away else ""}
        for partner, quarter, host, kind, cause in acts
    ]
    places = sorted({(partner, host) for partner, host, _, _ in figures})
    reported = {(partner, host, quarter): people for partner, host, quarter, people in figures}
    return ledgers.write(
        folder,
        events,
        forces=[{"force": f"Force of {partner}", "partners": partner} for partner in ("FRA", "RUS")],
        series=[{"series_id": f"{partner}-{host}", "force": f"Force of {partner}", "host": host} for partner, host in places],
        strengths=[
            {"series_id": f"{partner}-{host}", "date": day(quarter), "personnel": people}
            for (partner, host, quarter), people in reported.items()
        ],
        actors=ledgers.rows(PROJECT_DATA, "actors"),
        cutoff="2024-02-20",
    )


@settings(max_examples=50, deadline=None, derandomize=True)
@given(ACTS, FIGURES)
def test_swapping_the_blocs_of_an_invented_ledger_swaps_the_codes_in_every_verdict_and_nothing_else(
    acts: list[tuple], figures: list[tuple]
) -> None:
    with TemporaryDirectory() as folder:
        agrees_when_swapped(invented(Path(folder) / "data", acts, figures))


@settings(max_examples=30, deadline=None, derandomize=True)
@given(ACTS, FIGURES)
def test_every_finding_of_an_invented_ledger_is_json_and_speaks_in_whole_sentences(acts: list[tuple], figures: list[tuple]) -> None:
    with TemporaryDirectory() as folder:
        for finding in found(load(invented(Path(folder) / "data", acts, figures))).values():
            assert is_json(finding.verdict) and is_json(finding.values), finding
            assert not finding.text[0].islower() and finding.text.endswith(".") and finding.text.strip() == finding.text
            assert not {"nan", "None", "NaN", "inf"} & set(finding.text.replace("%", " ").replace(".", " ").split()), finding.text
            json.dumps(findings.as_json(finding), allow_nan=False)


def test_the_findings_of_the_project_are_json_values_only(project: Ledger) -> None:
    for finding in found(project).values():
        assert is_json(finding.verdict) and is_json(finding.values), finding
        whole = findings.as_json(finding)
        assert json.loads(json.dumps(whole, allow_nan=False)) == whole
        assert whole == findings.as_json(finding) and set(whole) >= {"id", "verdict", "text", "values", "hedge"}


def test_a_finding_shows_itself_escaped_in_a_notebook() -> None:
    shown = Finding("x", {}, "<img src=x onerror=alert(1)>", hedge="</p><script>")._repr_mimebundle_()
    assert "<img" not in shown["text/html"] and "<script" not in shown["text/html"]
    assert shown[findings.MIME]["text"] == "<img src=x onerror=alert(1)>"


def test_without_any_russian_event_the_lead_says_that_there_is_none_and_names_no_change(one_sided: dict[str, Finding]) -> None:
    lead = one_sided["lead-change"]
    assert "no Russian engagement" in lead.text
    assert lead.verdict["kind"] in ("same", "too few") and lead.verdict.get("leader") != "russian"


def test_without_any_russian_event_the_disengagement_says_that_there_is_none(one_sided: dict[str, Finding]) -> None:
    assert one_sided["disengagement"].verdict["russian"] == "none"
    assert "no russian disengagement is reported" in one_sided["disengagement"].text.lower()


def test_without_any_russian_strength_russia_neither_leads_nor_left_nor_replaces(one_sided: dict[str, Finding]) -> None:
    assert one_sided["stock-lead"].verdict.get("leader") != "russian"
    assert not one_sided["departure"].verdict["hosts"]["russian"]
    for replaced in one_sided["replacement"].verdict["replaced"].values():
        assert replaced["stands"] == []
    if one_sided["replacement"].verdict["replaced"]:
        assert "Russia stands in none of the hosts" in one_sided["replacement"].text


def test_without_any_russian_strength_the_stock_says_that_none_is_reported_instead_of_a_zero(one_sided: dict[str, Finding]) -> None:
    text = one_sided["stock-lead"].text
    assert "Russian 0" not in text, text
    assert "no Russian strength" in text or "none" in text or "No strength" in text, text


def test_an_empty_ledger_says_in_words_that_it_holds_nothing(nothing: dict[str, Finding]) -> None:
    assert nothing["reported-events"].text == "The ledger holds no event yet."
    assert nothing["lead-change"].verdict["kind"] == "too few" and "Too few" in nothing["lead-change"].text
    assert "no Western engagement" in nothing["lead-change"].text and "no Russian engagement" in nothing["lead-change"].text
    assert nothing["stock-lead"].verdict["kind"] == "nobody" and "No strength" in nothing["stock-lead"].text
    assert nothing["departure"].verdict["kind"] == "nobody" and "neither side has left" in nothing["departure"].text
    assert nothing["replacement"].verdict["kind"] == "nobody" and "Neither side" in nothing["replacement"].text
    assert set(nothing["disengagement"].verdict.values()) == {"none"}


def test_a_single_event_is_too_few_for_a_lead(tmp_path: Path) -> None:
    lead = found(load(ledgers.write(tmp_path / "data", [{"partners": "RUS"}])))["lead-change"]
    assert lead.verdict == {"kind": "too few"} and "Too few" in lead.text


@pytest.mark.parametrize("host", CORE)
def test_a_host_without_data_is_named_as_one_without_any(host: str, tmp_path: Path) -> None:
    ledger = load(without_host(tmp_path / "data", host))
    name = findings.Words(ledger).hosts[host]
    reported = charts_reported.by_host(ledger).layout.meta
    assert name in reported["note"].split("No event is in the ledger for")[1]
    figure = charts.by_host(ledger, counts.units(ledger), counts.span(ledger))
    headed = [note.text for note in figure.layout.annotations if note.text and name in note.text]
    assert headed and all("no act in the ledger" in text for text in headed)
    rows = departures.departures(ledger, Stock(ledger))
    states = [row[2] for row in exhibits.departure_table(ledger, rows).rows if row[0] == name]
    assert states == ["never reported"] * 2
    gone = findings.departure(ledger, rows)
    assert all(host not in left for left in gone.verdict["hosts"].values()) and name not in gone.text


def _events(partner: str, count: int, year: int, **cells: str) -> list[dict[str, str]]:
    """Acts of a partner, the same number in each quarter of a year."""
    return [
        row for month in ("02", "05", "08", "11") for row in ledgers.many(count, partners=partner, date=f"{year}-{month}-10", **cells)
    ]


def _lead(tmp: Path, name: str, rows: list[dict[str, str]]) -> Finding:
    return found(load(ledgers.write(tmp / name, rows, cutoff="2022-12-31")))["lead-change"]


def test_the_lead_changes_with_the_events_and_its_text_with_it(tmp_path: Path) -> None:
    west, east = _events("FRA", 2, 2019) + _events("FRA", 2, 2020), _events("RUS", 4, 2021)
    changed = _lead(tmp_path, "changed", west + east)
    assert changed.verdict["kind"] == "change" and changed.verdict["leader"] == "russian" and changed.verdict["from"] == "western"
    assert changed.verdict["since"] in changed.text and changed.text.startswith("Russia has led")
    same = _lead(tmp_path, "same", west)
    assert same.verdict["kind"] == "same" and "throughout" in same.text and same.text.startswith("The West led")
    later = _lead(tmp_path, "later", west + _events("FRA", 2, 2021) + _events("RUS", 4, 2022))
    assert later.verdict["since"] > changed.verdict["since"] and later.text != changed.text


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_number_of_events_is_computed_into_the_text(count: int, tmp_path: Path) -> None:
    ledger = load(ledgers.write(tmp_path / "data", ledgers.many(count, partners="RUS", date="2020-01-10")))
    text = found(ledger)["reported-events"].text
    assert text.startswith("1 act " if count == 1 else f"{count} acts ")


@pytest.mark.parametrize(("pushed", "left"), [(1, 0), (2, 1), (0, 3), (4, 4)])
def test_the_number_of_exits_is_computed_into_the_text(pushed: int, left: int, tmp_path: Path) -> None:
    rows = ledgers.many(pushed, event_id="pushed", partners="FRA", type="expulsion", initiator="host")
    rows += ledgers.many(left, event_id="left", partners="FRA", type="withdrawal", initiator="partner")
    gone = found(load(ledgers.write(tmp_path / "data", rows)))["disengagement"]
    said = {0: "never", 1: "once"}
    assert f"pushed {said.get(pushed, f'{pushed} times')} and left by its own decision {said.get(left, f'{left} times')}" in gone.text
    assert gone.verdict["western"] == ("tie" if pushed == left else "host" if pushed > left else "partner")
    assert gone.values["western"]["host"] == pushed and gone.values["western"]["partner"] == left


def _stationed(folder: Path, *figures: tuple[str, str, str, int]) -> dict[str, Finding]:
    """Findings of a ledger of figures only: (partner, host, day, people)."""
    places = sorted({figure[:2] for figure in figures})
    folder = ledgers.write(
        folder,
        [{"partners": "RUS"}],
        forces=[{"force": f"Force of {name}", "partners": name} for name in ("FRA", "RUS")],
        series=[{"series_id": f"{partner}-{host}", "force": f"Force of {partner}", "host": host} for partner, host in places],
        strengths=[{"series_id": f"{partner}-{host}", "date": day, "personnel": people} for partner, host, day, people in figures],
    )
    return found(load(folder))


def test_departure_and_replacement_are_read_from_the_figures_and_put_into_words(tmp_path: Path) -> None:
    came = [("FRA", "MLI", "2020-02-01", 4000), ("RUS", "MLI", "2025-02-01", 1000)]
    stays = _stationed(tmp_path / "stays", *came)
    assert stays["departure"].verdict["kind"] == "nobody" and "neither side has left" in stays["departure"].text
    left = _stationed(tmp_path / "left", *came, ("FRA", "MLI", "2022-08-15", 0))
    assert left["departure"].verdict["hosts"]["western"] == {"MLI": "2022 Q3"}
    assert "The West has left 1 of 4 hosts: Mali (by 2022 Q3)" in left["departure"].text
    assert left["replacement"].verdict["replaced"]["western"]["stands"] == ["MLI"]
    assert "Russia stands in 1 of the 1 host" in left["replacement"].text and "25%" in left["replacement"].text
    other = _stationed(tmp_path / "other", *came, ("FRA", "MLI", "2022-08-15", 0), ("RUS", "MLI", "2025-09-01", 2000))
    assert "50%" in other["replacement"].text


def test_the_stock_lead_names_the_level_of_each_side(tmp_path: Path) -> None:
    lead = _stationed(tmp_path / "data", ("FRA", "MLI", "2025-02-01", 1500), ("RUS", "MLI", "2025-02-01", 2500))["stock-lead"]
    assert lead.verdict["leader"] == "russian" and "1,500" in lead.text and "2,500" in lead.text


LISTED: list[tuple[list[str], str]] = [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]


@pytest.mark.parametrize(("items", "text"), LISTED)
def test_lists_are_joined_as_a_writer_would(items: list[str], text: str) -> None:
    assert findings.joined(items) == text


COUNTED: list[tuple[Callable[[], str], str]] = [
    (lambda: findings.counted(1, "event"), "1 event"),
    (lambda: findings.counted(0, "event"), "0 events"),
    (lambda: findings.counted(1204, "event"), "1,204 events"),
    (lambda: findings.counted(2, "country", "countries"), "2 countries"),
]


@pytest.mark.parametrize(("made", "text"), COUNTED)
def test_numbers_take_their_noun(made: Callable[[], str], text: str) -> None:
    assert made() == text
