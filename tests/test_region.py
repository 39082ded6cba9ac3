"""Guards that another region can use the collection unchanged: title, hosts, sides, blocs and their names come from the ledger."""

from __future__ import annotations

import base64
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import plotly
import pytest

from helpers import counts, look, region
from helpers.__main__ import main
from helpers.exchange import archive
from helpers.ledger import Ledger, LedgerError, load
from helpers.schema import PROJECT_DATA, project_package
from tests import ledgers
from tests.pages_fixtures import ROOT, Taken, built, command, pages_of, taken

BUNDLE = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
TITLE = "Lakeland Watch: who trains whom around the lake"
OWN = {
    "region": "Lakeland",
    "sides": ["northern", "insular"],
    "blocs": [
        {"code": "northern", "name": "Northern", "noun": "the North", "colour": "#7b2d8e", "dark": "#d59ae4"},
        {"code": "insular", "name": "Insular", "noun": "the Islands", "colour": "#0b6e4f", "dark": "#5fd3a8"},
        {"code": "lakeside", "name": "Lakeside", "noun": "lakeside forces"},
    ],
    "how_coded": "Coded by hand by two readers.",
}
ACTORS = [
    {"actor": "QNA", "name": "Norland", "bloc": "northern"},
    {"actor": "QNB", "name": "Frostia", "bloc": "northern", "alternative_bloc": "lakeside", "why": "It borders the lake."},
    {"actor": "QIA", "name": "Great Isle", "bloc": "insular"},
    {"actor": "QLA", "name": "Lake Union", "bloc": "lakeside"},
]
HOSTS = [
    {"host": "QAA", "name": "Quaalia", "group": "core", "order": 1},
    {"host": "QBB", "name": "Quebbia", "group": "wider", "order": 2},
    {"host": "QCC", "name": "Quccia", "group": "coast", "order": 3},
    {"host": "XLL", "name": "Lakeland (whole region)", "group": "region", "order": 4},
]


def acts() -> list[dict[str, Any]]:
    """Six years in which the North comes and goes and the Islands come."""
    found = []
    for year in range(2018, 2024):
        for quarter in range(4):
            early, date = year < 2021, f"{year}-{quarter * 3 + 2:02d}-10"
            partner, other = ("QNA", "QIA") if early else ("QIA", "QNB")
            host = ("QAA", "QBB")[quarter % 2]
            found += ledgers.many(2, event_id=f"{partner}-{year}-{quarter}", date=date, hosts=host, partners=partner, type="training")
            found.append({"event_id": f"x-{year}-{quarter}", "date": date, "hosts": host, "partners": other,
                          "type": "visit" if early else "withdrawal", "initiator": "" if early else "host"})
    found.append({"event_id": "lake", "date": "2020-05", "hosts": "QCC", "partners": "QLA", "type": "deployment"})
    found.append({"event_id": "coup", "date": "2021-02-01", "hosts": "QAA", "type": "coup"})
    return found


def lakeland(folder: Path, **own: Any) -> Path:
    """Writes the ledger of an invented region; `own` adds to or replaces what it says of itself."""
    figures = [("x1", "2019-01-10", 800), ("x1", "2022-05-10", 0), ("x2", "2021-08-10", 300), ("x2", "2023-05-10", 350), ("x3", "2023-02-10", 40)]
    return ledgers.write(
        folder, acts(), cutoff="2023-12-31", actors=ACTORS, hosts=HOSTS, descriptor={"title": TITLE, region.PARAMETERS: {**OWN, **own}},
        forces=[{"force": "Norland Mission", "partners": "QNA"}, {"force": "Isle Guard", "partners": "QIA"}, {"force": "Lake Force", "partners": "QLA"}],
        series=[{"series_id": "x1", "force": "Norland Mission", "host": "QAA"}, {"series_id": "x2", "force": "Isle Guard", "host": "QAA"},
                {"series_id": "x3", "force": "Lake Force", "host": "XLL"}],
        strengths=[{"series_id": series, "date": date, "personnel": people} for series, date, people in figures],
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lakeland(tmp_path_factory.mktemp("lakeland") / "data")


@pytest.fixture(scope="module")
def ledger(folder: Path) -> Ledger:
    return load(folder)


@pytest.fixture(scope="module")
def pages(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every page of the invented region's ledger."""
    out = tmp_path_factory.mktemp("lakeland-pages") / "html"
    built(folder, out)
    return out


def written(page: Path) -> str:
    """All that we write in a page: text, attributes and the charts' data, without plotly's bundle, our own script and style, code, and the downloads."""
    text = page.read_text(encoding="utf-8").replace(BUNDLE, "")
    text = re.sub(r"data:application/(?:zip|vnd[a-z.-]+);base64,[A-Za-z0-9+/=]+", "", text)
    return re.sub(r"<style>.*?</style>|<script>.*?</script>|<pre.*?</pre>", "", text, flags=re.S)


# The pages of another region.


@pytest.mark.slow
def test_no_page_of_another_region_names_anything_of_the_project_s(pages: Path) -> None:
    project = project_package().parameters
    strange = [project["region"], "Sahel", *(word for bloc in project["blocs"][:2] for word in (bloc["name"], bloc["noun"])),
               *(row["name"] for row in ledgers.rows(PROJECT_DATA, "hosts"))]
    for page in pages_of(pages):
        # The tool keeps its name, the files theirs, and a file of the notebooks is called after the project's sides.
        text = re.sub(r"Sahel Shift(?= \d|, a collection)|sahel-shift-[\w-]+|02-west-and-russia", "", written(page))
        seen = [text[max(0, hit.start() - 60):hit.end() + 60] for word in strange for hit in re.finditer(rf"\b{re.escape(word)}\b", text, re.I)]
        assert seen == [], page.name


@pytest.mark.slow
def test_head_title_and_index_are_the_ledger_s_and_the_tool_s_name_stands_in_the_foot(pages: Path) -> None:
    for page in pages_of(pages):
        source = page.read_text(encoding="utf-8")
        head = Taken(source[source.index("<header"):source.index("</header>")])
        assert TITLE in head.text and "Sahel Shift" not in head.text
        assert re.search(r"<title>(.*?)</title>", source).group(1).endswith(TITLE)
        assert "Made with Sahel Shift" in taken(page).text and OWN["how_coded"] in taken(page).text
    index = taken(pages / "index.html").text
    assert "Who supports the armies of Lakeland now" in index and "the Islands has led" in index.replace("The Islands", "the Islands")


@pytest.mark.slow
def test_the_findings_and_charts_are_of_the_ledger_s_sides_in_its_colours(pages: Path, ledger: Ledger) -> None:
    found = {item["id"]: item for item in json.loads((pages / "findings.json").read_text(encoding="utf-8"))}
    assert (found["lead-change"]["verdict"]["leader"], found["lead-change"]["verdict"]["from"]) == ("insular", "northern")
    assert found["departure"]["verdict"]["bloc"] == "northern" and list(found["departure"]["verdict"]["hosts"]["northern"]) == ["QAA"]
    shift = (pages / "02-west-and-russia.html").read_text(encoding="utf-8")
    for code in OWN["sides"]:
        assert look.palette(ledger)[code] in written(pages / "02-west-and-russia.html") and look.dark_palette(ledger)[look.palette(ledger)[code]] in shift
    assert (pages / "06-country-profile-qaa.html").is_file() and (pages / "06-country-profile-qbb.html").is_file()


@pytest.mark.slow
def test_the_download_of_another_region_is_that_ledger(pages: Path, ledger: Ledger, tmp_path: Path) -> None:
    links = [named["href"] for page in ("01-reported-events.html", "index.html") for tag, named in taken(pages / page).tags
             if tag == "a" and named.get("href", "").startswith("data:")]
    for place, link in enumerate(links):
        data = base64.b64decode(link.split(",", 1)[1])
        if "zip;" in link:
            zipfile.ZipFile(io.BytesIO(data)).extractall(tmp_path)
        else:
            (tmp_path / "ledger.xlsx").write_bytes(data)
        again = load(tmp_path / ("data" if "zip;" in link else "ledger.xlsx"))
        assert (again.hash, again.title, again.parameters) == (ledger.hash, ledger.title, ledger.parameters), place
    assert len(links) == 2


# What a ledger says of itself.


def test_the_region_s_code_is_the_host_of_the_region_s_group(ledger: Ledger) -> None:
    assert ledger.parameters["stock"]["region"] == "XLL" != project_package().parameters["stock"]["region"]
    assert counts.host_set(ledger) == ["QAA", "QBB"]


def test_a_ledger_that_says_nothing_has_the_project_s_region_and_does_not_borrow_how_it_was_coded(tmp_path: Path) -> None:
    ours, theirs = project_package().parameters, load(ledgers.write(tmp_path / "data", [{}])).parameters
    assert theirs == {**ours, "how_coded": region.NOT_SAID} and "machine" not in region.NOT_SAID


def test_a_bloc_that_names_only_its_code_has_a_name_and_colours_of_its_own(tmp_path: Path) -> None:
    blocs = [{"code": "russian"}, {"code": "gulf_states"}, {"code": "turkish", "name": "Turkish"}, *({"code": f"more{place}"} for place in range(5))]
    found = load(lakeland(tmp_path / "data", blocs=[*OWN["blocs"], *blocs[:5]])).parameters["blocs"]
    by_code = {bloc["code"]: bloc for bloc in found}
    assert by_code["russian"] == next(bloc for bloc in project_package().parameters["blocs"] if bloc["code"] == "russian")
    assert (by_code["gulf_states"]["name"], by_code["turkish"]["noun"]) == ("Gulf states", "Turkish")
    assert len({bloc["colour"] for bloc in found}) == len({bloc["dark"] for bloc in found}) == 8


def test_names_and_sides_are_part_of_the_version_and_what_is_only_said_is_not(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    renamed = [{**OWN["blocs"][0], "name": "Nordic"}, *OWN["blocs"][1:]]
    for place, own in enumerate(({"region": "Riverland"}, {"sides": OWN["sides"][::-1]}, {"blocs": renamed})):
        assert load(lakeland(tmp_path / str(place), **own)).hash != ledger.hash, own
    assert load(lakeland(tmp_path / "said", how_coded="By somebody else.")).hash == ledger.hash


def test_a_workbook_carries_the_region_there_and_back(folder: Path, ledger: Ledger, tmp_path: Path) -> None:
    book, again = tmp_path / "lakeland.xlsx", tmp_path / "again"
    assert main(["convert", "--data", str(folder), "--out", str(book)]) == main(["convert", "--data", str(book), "--out", str(again)]) == 0
    assert load(book).hash == load(again).hash == ledger.hash and load(book).parameters == load(again).parameters == ledger.parameters
    assert archive(book) == archive(again)


def test_the_package_that_is_given_away_is_sound_by_itself(folder: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(io.BytesIO(archive(folder))).extractall(tmp_path)
    from frictionless import Package, system
    with system.use_context(trusted=True):
        report = Package(str(tmp_path / "data" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["title", "fieldName", "message"])[:5]


@pytest.mark.parametrize("name", ["new", "new.xlsx"])
def test_a_new_ledger_holds_every_key_to_be_edited_and_is_sound(name: str, tmp_path: Path) -> None:
    assert main(["new", "--data", str(tmp_path / name)]) == 0
    parameters = load(tmp_path / name).parameters
    assert parameters["region"] == "the region" and parameters["how_coded"] == region.NOT_SAID
    assert [parameters[key] == project_package().parameters[key] for key in ("sides", "blocs")] == [True, True]
    if name == "new":
        assert set(json.loads((tmp_path / name / "datapackage.json").read_text(encoding="utf-8"))[region.PARAMETERS]) == set(region.KEYS)


WRONG: list[tuple[str, Any, str, str]] = [
    ("region", "", "x-parameters.region", "not a name"),
    ("region", "<b>the lake</b>", "x-parameters.region", "not a name"),
    ("region", "\u202ethe lake", "x-parameters.region", "not a name"),
    ("region", "L" * 61, "x-parameters.region", "61 characters"),
    ("region", 7, "x-parameters.region", "not a name"),
    ("how_coded", ["by hand"], "x-parameters.how_coded", "not a text"),
    ("sides", ["northern"], "x-parameters.sides", "not two different blocs"),
    ("sides", ["northern", "northern"], "x-parameters.sides", "not two different blocs"),
    ("sides", ["northern", "eastern"], "x-parameters.sides", "not two different blocs"),
    ("sides", "northern;insular", "x-parameters.sides", "not two different blocs"),
    ("sides", [["northern"], "insular"], "x-parameters.sides", "not two different blocs"),
    ("sides", ["western", "regional"], "x-parameters.sides", "not two different blocs"),
    ("blocs", [*OWN["blocs"][1:], {**OWN["blocs"][0], "colour": "#c9a0d6"}], "x-parameters.blocs, northern, colour", "too little contrast"),
    ("blocs", [*OWN["blocs"][1:], {**OWN["blocs"][0], "dark": "#5a1f6b"}], "x-parameters.blocs, northern, dark", "too little contrast"),
    ("blocs", {}, "x-parameters.blocs", "not a list"),
    ("blocs", [{"code": "one"}], "x-parameters.blocs", "not a list"),
    ("blocs", [{"name": "Northern"}, {"code": "insular"}], "x-parameters.blocs", "without a code"),
    ("blocs", [{"code": "north ern"}, {"code": "insular"}], "x-parameters.blocs", "without a code"),
    ("blocs", [*OWN["blocs"], {"code": "northern"}], "x-parameters.blocs", "the same code twice"),
    ("blocs", [*OWN["blocs"], {"code": "more", "colour": "#0B6E4F"}], "x-parameters.blocs", "the same colour twice"),
    ("blocs", [*OWN["blocs"], {"code": "more", "colour": "red"}], "x-parameters.blocs, more, colour", "not a colour"),
    ("blocs", [*OWN["blocs"], {"code": "more", "color": "#000000"}], "x-parameters.blocs", "unknown"),
    ("blocs", [*OWN["blocs"], {"code": "more", "name": "x<script>"}], "x-parameters.blocs, more, name", "not a name"),
    ("blocs", [*OWN["blocs"], {"code": "more", "noun": ["x"]}], "x-parameters.blocs, more, noun", "not a name"),
    ("regoin", "Lakeland", "x-parameters.regoin", "unknown"),
]


@pytest.mark.parametrize(("key", "value", "column", "rule"), WRONG)
def test_a_wrong_word_about_the_region_is_refused_by_its_key(key: str, value: Any, column: str, rule: str, tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        load(lakeland(tmp_path / "data", **{key: value}))
    problems = caught.value.problems
    hit = [problem for problem in problems if problem.column == column and rule in problem.rule]
    assert hit and hit[0].file == "datapackage.json" and hit[0].remedy, str(caught.value)


def test_parameters_that_are_no_object_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="not a JSON object"):
        load(ledgers.write(tmp_path / "data", [{}], descriptor={region.PARAMETERS: "Lakeland"}))


def test_own_blocs_with_the_project_s_actors_are_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LedgerError) as caught:
        load(ledgers.write(tmp_path / "data", [{}], descriptor={region.PARAMETERS: OWN}))
    assert len(caught.value.problems) == 1 and "Add actors.csv" in str(caught.value)


def test_an_actor_in_a_bloc_that_the_ledger_does_not_have_is_refused_by_its_line(tmp_path: Path) -> None:
    folder = lakeland(tmp_path / "data")
    ledgers.table(folder, "actors", [*ACTORS, {"actor": "QZZ", "name": "Zed", "bloc": "western"}])
    with pytest.raises(LedgerError) as caught:
        load(folder)
    assert [(problem.file, problem.line, problem.value) for problem in caught.value.problems] == [("actors.csv", 6, "western")]
    assert "northern, insular, lakeside" in caught.value.problems[0].remedy


def test_a_workbook_s_wrong_line_is_named_by_its_sheet(folder: Path, tmp_path: Path) -> None:
    import openpyxl
    book = tmp_path / "lakeland.xlsx"
    assert main(["convert", "--data", str(folder), "--out", str(book)]) == 0
    opened = openpyxl.load_workbook(book)
    line = next(row for row in opened["ledger"].iter_rows() if row[0].value == "sides")
    line[1].value = "northern; eastern"
    opened.save(book)
    run = command("check", "--data", str(book))
    assert run.returncode == 1 and "sheet ledger" in run.stderr and "sides" in run.stderr and "Name two of: northern, insular, lakeside" in run.stderr
    assert "datapackage" not in run.stderr and "Traceback" not in run.stderr


def test_the_example_of_the_readme_is_sound() -> None:
    example = json.loads(re.search(r"```json\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S).group(1))
    assert region.problems(example) == [] and region.notices(example) == []
    assert region.package(example).parameters["region"] == example[region.PARAMETERS]["region"]
