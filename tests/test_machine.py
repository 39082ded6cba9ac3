"""Guards page 07: what a feed's counts say beside the ledger, errors of the three files, and that the main job needs no package of the feeds."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pandas as pd
import pytest

from helpers import charts_machine, machine_coded, machine_findings
from helpers.build import NOTEBOOKS
from helpers.exhibits import Nothing
from helpers.ledger import Ledger, load
from helpers.machine_coded import SHIFTS, CountsError, Feed
from tests import ledgers
from tests.pages_fixtures import ROOT, built

PAGE = NOTEBOOKS / "07-machine-coded-feeds.ipynb"
Act = tuple[str, str, str, int, int]  # day, host, bloc, direction, events
Make = Callable[..., Ledger]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """A ledger of the acts given."""

    def made(*acts: Mapping[str, Any]) -> Ledger:
        return load(ledgers.write(tmp_path / "ledger", acts))

    return made


def days_between(first: str, last: str) -> list[str]:
    start, stop = (datetime.date.fromisoformat(day) for day in (first, last))
    return [(start + datetime.timedelta(days=step)).isoformat() for step in range((stop - start).days + 1)]


def write_counts(folder: Path, acts: Iterable[Act], covered: Iterable[str]) -> Path:
    """The three files as the command writes them."""
    folder.mkdir(parents=True, exist_ok=True)
    days = pd.DataFrame(list(acts), columns=["day", "host", "bloc", "direction", "events"])
    days = days.groupby(["day", "host", "bloc", "direction"], as_index=False)["events"].sum().assign(mentions=1, sources=1)
    months = days.assign(month=days["day"].str[:7]).groupby(["month", "host", "bloc", "direction"], as_index=False)[["events", "mentions", "sources"]].sum()
    days.to_csv(folder / "counts-days.csv", index=False)
    months.to_csv(folder / "counts.csv", index=False)
    report = {"format": "gdelt2", "rows": 100, "files": 2, "acts": int(days["events"].sum()), "duplicates": 3, "left out": {"unreadable": 4},
              "actor codes unmatched": {"AFR": 2}, "event codes unmatched": {}, "faulty files": [], "days": dict.fromkeys(covered, 7)}
    (folder / "counts-report.json").write_text(json.dumps(report), encoding="utf-8")
    return folder / "counts.csv"


def brought(folder: Path, ledger: Ledger, acts: Iterable[Act], first: str = "2019-01-01", last: str = "2024-12-31") -> Feed:
    return machine_coded.read(write_counts(folder, acts, days_between(first, last)), ledger)


# Reading.


def test_the_three_files_are_read(tmp_path: Path, make: Make) -> None:
    feed = brought(tmp_path / "feed", make(), [("2020-01-15", "MLI", "russian", 1, 2), ("2020-01-20", "MLI", "russian", 1, 3)])
    assert feed.there
    assert feed.months[["month", "events"]].to_numpy().tolist() == [["2020-01", 5]]
    assert len(feed.covered) == (datetime.date(2024, 12, 31) - datetime.date(2019, 1, 1)).days + 1


def test_no_path_is_no_feed(make: Make) -> None:
    for path in (None, ""):
        feed = machine_coded.read(path, make())
        assert not feed.there
        assert feed.months.empty


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2020-01,", "2020-13,", r"counts\.csv, line 2, column month: '2020-13': not of the expected form"),
        ("MLI", "XXX", r"counts\.csv, line 2, column host: 'XXX': not an allowed value"),
        ("russian", "rusian", r"counts\.csv, line 2, column bloc: 'rusian': not an allowed value\. Did you mean 'russian'"),
        (",1,2,1,1", ",0,2,1,1", r"counts\.csv, line 2, column direction: '0': not an allowed value"),
        (",2,1,1", ",2.5,1,1", r"counts\.csv, line 2, column events: '2\.5': a fraction"),
        (",2,1,1", ",-2,1,1", r"counts\.csv, line 2, column events: '-2': a negative number"),
        (",2,1,1", ",,1,1", r"counts\.csv, line 2, column events: an empty cell"),
        ("month,", "months,", r"counts\.csv, line 1, column month: missing column"),
        ("2020-01,MLI,russian,1,2,1,1\n", "2020-01,MLI,russian,1,2,1,1\n" * 2, r"counts\.csv, line 3.*the same key as line 2"),
        (",2,1,1", ",3,1,1", r"counts-days\.csv, column events: its months do not add up to counts\.csv: not of one run\. Count the feed again"),
    ],
)
def test_an_error_of_the_counts_is_named_by_file_line_column_and_value(old: str, new: str, said: str, tmp_path: Path, make: Make) -> None:
    path = write_counts(tmp_path / "feed", [("2020-01-15", "MLI", "russian", 1, 2)], ["2020-01-15"])
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(CountsError, match=said):
        machine_coded.read(path, make())


@pytest.mark.parametrize("name", ["counts.csv", "counts-days.csv", "counts-report.json"])
@pytest.mark.parametrize("broken", [None, "", "[]", "{\"days\": {\"soon\": 1}}", "\0"])
def test_a_file_that_is_missing_or_damaged_is_named_with_what_to_do(name: str, broken: str | None, tmp_path: Path, make: Make) -> None:
    path = write_counts(tmp_path / "feed", [("2020-01-15", "MLI", "russian", 1, 2)], ["2020-01-15"])
    if broken is None:
        path.with_name(name).unlink()
    else:
        path.with_name(name).write_text(broken, encoding="utf-8")
    with pytest.raises(CountsError, match=name.replace(".", r"\.")):
        machine_coded.read(path, make())


# What the feed saw.


@pytest.mark.parametrize(("day", "seen"), [("2022-06-01", 1), ("2022-06-08", 1), ("2022-05-25", 1), ("2022-06-09", 0), ("2022-05-24", 0)])
def test_an_act_is_seen_within_a_week_and_no_day_longer(day: str, seen: int, tmp_path: Path, make: Make) -> None:
    ledger = make({"date": "2022-06-01"})
    table = machine_coded.sightings(ledger, brought(tmp_path / "feed", ledger, [(day, "MLI", "russian", 1, 1)]))
    assert table["seen"].tolist() == [seen]


@pytest.mark.parametrize(("host", "bloc", "direction"), [("NER", "russian", 1), ("MLI", "western", 1), ("MLI", "russian", -1)])
def test_another_host_bloc_or_direction_is_not_seen(host: str, bloc: str, direction: int, tmp_path: Path, make: Make) -> None:
    ledger = make({"date": "2022-06-01"})
    assert machine_coded.sightings(ledger, brought(tmp_path / "feed", ledger, [("2022-06-01", host, bloc, direction, 9)]))["seen"].tolist() == [0]


def test_only_counted_acts_that_are_dated_to_the_day_and_covered_are_compared(tmp_path: Path, make: Make) -> None:
    ledger = make(
        {"date": "2022-06-01", "event_id": "in"}, {"date": "2022-06", "event_id": "month"}, {"date": "2022-06-01~", "event_id": "about"},
        {"date": "2022-06-01", "event_id": "talk", "type": "visit"}, {"date": "2022-06-01", "event_id": "plan", "status": "announced"},
        {"date": "2018-06-01", "event_id": "before"}, {"date": "2019-01-05", "event_id": "edge"}, {"date": "2022-06-01", "event_id": "coast", "hosts": "SEN"},
        {"date": "2022-06-01", "event_id": "two", "hosts": "MLI;NER", "partners": "RUS;FRA"},
    )
    table = machine_coded.sightings(ledger, brought(tmp_path / "feed", ledger, []))
    assert table["event_id"].tolist() == ["in", "two", "two", "two", "two"]
    assert table["seen"].eq(0).all()


def test_a_gap_in_the_feed_is_not_a_day_without_acts(tmp_path: Path, make: Make) -> None:
    ledger = make({"date": "2022-06-01"}, {"date": "2022-08-01"})
    covered = [day for day in days_between("2022-01-01", "2022-12-31") if day != "2022-06-03"]
    feed = machine_coded.read(write_counts(tmp_path / "feed", [], covered), ledger)
    assert machine_coded.sightings(ledger, feed)["event_id"].tolist() == ["e2"]


def test_the_placebo_is_the_share_seen_around_the_shifted_dates(tmp_path: Path, make: Make) -> None:
    """Of the 22 shifts the feed holds an act around two: 84 days later and 112 earlier."""
    ledger = make({"date": "2022-06-01"})
    at = datetime.date(2022, 6, 1)
    acts = [((at + datetime.timedelta(days=step)).isoformat(), "MLI", "russian", 1, 5) for step in (84 + 6, -112, 40, -60)]
    table = machine_coded.sightings(ledger, brought(tmp_path / "feed", ledger, acts))
    assert {shift for shift in SHIFTS if table[shift].iloc[0]} == {84, -112}
    found = machine_coded.compared(table)
    assert (found["acts"], found["seen"], found["placebo"]) == (1, 0.0, pytest.approx(2 / 22))
    assert (found["lowest"], found["highest"]) == (0.0, 1.0)


def test_shifts_outside_of_the_feed_are_not_counted_as_unseen(tmp_path: Path, make: Make) -> None:
    ledger = make({"date": "2022-06-01"})
    feed = brought(tmp_path / "feed", ledger, [("2022-08-24", "MLI", "russian", 1, 1)], "2022-05-01", "2022-09-15")
    table = machine_coded.sightings(ledger, feed)
    assert [shift for shift in SHIFTS if not np.isnan(table[shift].iloc[0])] == [84]
    assert machine_coded.compared(table)["placebo"] == 1.0


def busy(days: Iterable[str], host: str = "MLI", bloc: str = "russian", events: int = 1) -> list[Act]:
    return [(day, host, bloc, 1, events) for day in days]


def monthly_acts() -> list[dict[str, Any]]:
    return [{"date": f"{year}-{month:02d}-15", "event_id": f"r{year}{month}"} for year in (2021, 2022) for month in range(1, 13)]


@pytest.mark.parametrize("kind", ["saw", "chance", "too few"])
def test_the_finding_says_whether_the_feed_tells_more_than_chance(kind: str, tmp_path: Path, make: Make) -> None:
    ledger = make(*(monthly_acts() if kind != "too few" else monthly_acts()[:5]))
    at = [act["date"] for act in monthly_acts()]
    # A shift of 28 days and more hits other acts of a monthly rhythm; only from a sparse feed can seeing exceed chance.
    acts = busy(days_between("2019-01-01", "2024-12-31")) if kind == "chance" else busy(at)
    feed = brought(tmp_path / "feed", ledger, acts)
    found = machine_findings.saw(ledger, feed, machine_coded.sightings(ledger, feed))
    assert found.verdict == {"kind": kind}
    if kind != "too few":
        assert found.values["seen"] == 1.0
        assert "24 acts" in found.text


def test_the_figure_shows_each_bloc_with_enough_acts(tmp_path: Path, make: Make) -> None:
    ledger = make(*monthly_acts(), {"date": "2022-06-01", "partners": "FRA", "event_id": "f"})
    feed = brought(tmp_path / "feed", ledger, busy(act["date"] for act in monthly_acts()))
    figure = charts_machine.saw(ledger, feed, machine_coded.sightings(ledger, feed))
    assert [row[0] for row in figure.layout.meta["table"]["rows"]] == ["all acts", "Russian"]
    assert figure.layout.meta["table"]["rows"][1][1:3] == [24, "100 %"]


# Shares, hosts, surges.


def two_sided(first: int = 2020, last: int = 2023) -> list[dict[str, Any]]:
    """Three Russian acts and one Western in each quarter."""
    return [{"date": f"{year}-{month:02d}-{day}", "partners": partner, "event_id": f"{partner}{year}{month}{day}"}
            for year in range(first, last + 1) for month in (2, 5, 8, 11) for day, partner in ((11, "RUS"), (12, "RUS"), (13, "RUS"), (14, "FRA"))]


def test_both_shares_are_those_of_four_quarters(tmp_path: Path, make: Make) -> None:
    ledger = make(*two_sided())
    acts = [act for year in range(2020, 2024) for month in (2, 5, 8, 11) for act in (
        (f"{year}-{month:02d}-03", "MLI", "western", 1, 3), (f"{year}-{month:02d}-03", "MLI", "russian", 1, 1),
        (f"{year}-{month:02d}-03", "SEN", "russian", 1, 50), (f"{year}-{month:02d}-03", "MLI", "russian", -1, 50),
        (f"{year}-{month:02d}-03", "MLI", "other", 1, 50))]
    table = machine_coded.shares(ledger, brought(tmp_path / "feed", ledger, acts, "2020-01-01", "2023-12-31")).set_index("label")
    assert table.loc["2021 Q4", ["ledger", "feed", "units", "acts"]].tolist() == [0.75, 0.25, 16.0, 16.0]
    assert table["feed"].dropna().index.tolist() == [f"{year} Q{quarter}" for year in (2020, 2021, 2022, 2023) for quarter in (1, 2, 3, 4)][3:]


def test_a_quarter_that_the_feed_does_not_cover_has_no_share_nor_have_the_three_after(tmp_path: Path, make: Make) -> None:
    ledger = make(*two_sided())
    acts = [(f"{year}-{month:02d}-03", "MLI", "western", 1, 3) for year in range(2020, 2024) for month in (2, 5, 8, 11)]
    covered = [day for day in days_between("2020-01-01", "2023-12-31") if not "2021-07-10" <= day <= "2021-07-30"]
    feed = machine_coded.read(write_counts(tmp_path / "feed", acts, covered), ledger)
    table = machine_coded.shares(ledger, feed).set_index("label")
    assert table.loc["2021 Q2", "feed"] == 0.0
    assert table.loc[["2021 Q3", "2021 Q4", "2022 Q1", "2022 Q2"], "feed"].isna().all()
    assert table.loc["2022 Q3", "feed"] == 0.0


@pytest.mark.parametrize(("western", "kind"), [(3, "part"), (0, "same")])
def test_the_finding_says_whether_both_name_the_same_leader(western: int, kind: str, tmp_path: Path, make: Make) -> None:
    ledger = make(*two_sided())
    acts = [(f"{year}-{month:02d}-03", "MLI", bloc, 1, number) for year in range(2020, 2024) for month in (2, 5, 8, 11)
            for bloc, number in (("western", western), ("russian", 2))]
    feed = brought(tmp_path / "feed", ledger, [act for act in acts if act[4]])
    found = machine_findings.agreement(ledger, feed, machine_coded.shares(ledger, feed))
    assert found.verdict == {"kind": kind, "ledger": "russian", "feed": "western" if western else "russian"}
    assert found.values["ledger"] == 0.75


def test_hosts_are_listed_by_how_far_both_lie_apart(tmp_path: Path, make: Make) -> None:
    acts = [{**act, "event_id": f"{host}{act['event_id']}", "hosts": host} for host in ("MLI", "NER") for act in two_sided(2021, 2021)]
    ledger = make(*acts)
    said = [("2021-03-01", "MLI", "russian", 1, 3), ("2021-03-01", "MLI", "western", 1, 1), ("2021-03-01", "NER", "western", 1, 8),
            ("2021-03-01", "BFA", "western", 1, 9), ("2021-05-01", "MLI", "russian", 1, 3), ("2021-05-01", "MLI", "western", 1, 1)]
    table = machine_coded.parted(ledger, brought(tmp_path / "feed", ledger, said, "2021-01-01", "2021-12-31"))
    assert table["host"].tolist()[:2] == ["NER", "MLI"]
    assert table["apart"].tolist()[:2] == [-0.75, 0.0]
    assert table["apart"].isna().tolist() == [False, False, True, True]
    assert machine_findings.unlike(ledger, table) == "furthest apart in Niger (75 points)"


def test_a_surge_stands_out_of_the_year_before_and_says_whether_the_ledger_has_an_act(tmp_path: Path, make: Make) -> None:
    ledger = make({"date": "2022-03-09"})
    months = [f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13)]
    acts = [(f"{month}-05", "MLI", "russian", 1, 40 if month in ("2022-03", "2022-07") else 4) for month in months]
    acts += [(f"{month}-05", "NER", "western", -1, 9 if month == "2022-05" else 1) for month in months]
    acts += [("2021-06-05", "TCD", "western", 1, 500), ("2022-06-05", "SEN", "western", 1, 500), ("2022-06-05", "MLI", "other", 1, 500)]
    feed = brought(tmp_path / "feed", ledger, acts, "2021-01-01", "2022-12-31")
    table = machine_coded.surges(ledger, feed)
    assert table[["month", "host", "bloc", "direction", "events", "usual", "ledger"]].to_numpy().tolist() == [
        ["2022-03", "MLI", "russian", 1, 40, 4.0, 1], ["2022-07", "MLI", "russian", 1, 40, 4.0, 0]]
    found = machine_findings.surged(ledger, feed, table)
    assert (found.verdict, found.values) == ({"kind": "surges"}, {"surges": 2, "silent": 1})
    assert len(machine_findings.surge_table(ledger, feed, table).rows) == 2


def test_noise_of_chance_is_no_surge(tmp_path: Path, make: Make) -> None:
    chance, ledger = np.random.default_rng(5), make()
    months = [f"{year}-{month:02d}" for year in range(2019, 2025) for month in range(1, 13)]
    acts = [(f"{month}-05", host, bloc, 1, int(chance.poisson(30)) or 1) for month in months for host in ("MLI", "NER", "BFA", "TCD")
            for bloc in ("western", "russian")]
    assert len(machine_coded.surges(ledger, brought(tmp_path / "feed", ledger, acts))) <= 5


def test_swapping_the_sides_swaps_the_shares(tmp_path: Path, make: Make) -> None:
    ledger = make(*two_sided())
    acts = [(f"2022-{month:02d}-03", "MLI", bloc, 1, number) for month in range(1, 13) for bloc, number in (("western", 3), ("russian", 1))]
    other = {"western": "russian", "russian": "western"}
    shares = [machine_coded.shares(ledger, brought(tmp_path / name, ledger, said, "2022-01-01", "2022-12-31"))["feed"].dropna().iloc[0]
              for name, said in (("a", acts), ("b", [(day, host, other[bloc], way, number) for day, host, bloc, way, number in acts]))]
    assert shares == [0.25, 0.75]


# The page.


def test_without_a_feed_every_figure_is_a_sentence_and_the_finding_says_what_to_bring(make: Make) -> None:
    ledger = make({"date": "2022-06-01"})
    feed = machine_coded.read("", ledger)
    seen, shares = machine_coded.sightings(ledger, feed), machine_coded.shares(ledger, feed)
    parted, surges = machine_coded.parted(ledger, feed), machine_coded.surges(ledger, feed)
    for made in (charts_machine.saw(ledger, feed, seen), charts_machine.shares(ledger, feed, shares), charts_machine.parted(ledger, feed, parted),
                 charts_machine.surges(ledger, feed, surges), machine_findings.surge_table(ledger, feed, surges)):
        assert isinstance(made, Nothing)
    assert machine_findings.saw(ledger, feed, seen).verdict == machine_findings.agreement(ledger, feed, shares).verdict == {"kind": "none"}
    assert machine_findings.surged(ledger, feed, surges).verdict == {"kind": "none"}
    steps = " ".join(cell for row in machine_findings.about(ledger, feed).rows for cell in row)
    for said in ("requirements-feeds.txt", "data.gdeltproject.org", "--format gdelt2", "make html FEED=counts.csv"):
        assert said in steps


def test_the_table_of_the_feed_says_what_was_left_out(tmp_path: Path, make: Make) -> None:
    ledger = make()
    rows = dict(machine_findings.about(ledger, brought(tmp_path / "feed", ledger, [("2020-01-15", "MLI", "russian", 1, 2)])).rows)
    assert (rows["rows read"], rows["rows: unreadable"], rows["rows that repeat an act"], rows["actor codes unmatched"]) == ("100", "4", "3", "AFR 2")


def test_the_notebook_holds_no_function_no_output_and_three_lines_a_cell() -> None:
    cells = nbformat.read(PAGE, as_version=4).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert all(not cell.outputs and cell.execution_count is None and len(cell.source.splitlines()) <= 3 and "def " not in cell.source for cell in code)
    assert [cell.metadata.get("tags") for cell in code].count(["figure"]) == 4
    assert "SAHEL_SHIFT_FEED" in code[0].source


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of notebooks with page 07 only."""
    folder = tmp_path_factory.mktemp("notebooks")
    (folder / PAGE.name).write_bytes(PAGE.read_bytes())
    return folder


@pytest.mark.slow
def test_the_page_is_made_with_and_without_a_feed(alone: Path, tmp_path: Path, make: Make) -> None:
    ledger, acts = make(*two_sided(), *monthly_acts()), busy(act["date"] for act in monthly_acts())
    path = write_counts(tmp_path / "secret-place" / "feed", acts, days_between("2019-01-01", "2024-12-31"))
    with_feed = built(ledger.folder, tmp_path / "with", notebooks=alone, feed=path)
    without = built(ledger.folder, tmp_path / "without", notebooks=alone)
    assert [item["verdict"]["kind"] for item in without.findings] == ["none", "none", "none"]
    assert with_feed.findings[0]["id"] == without.findings[0]["id"] == "feed-saw"
    assert with_feed.findings[0]["verdict"]["kind"] in ("saw", "chance")
    pages = [(tmp_path / name / "07-machine-coded-feeds.html").read_text(encoding="utf-8") for name in ("with", "without")]
    assert [page.count("<figure data-figure=") >= 1 for page in pages] == [True, False]
    assert "secret-place" not in pages[0]


@pytest.mark.slow
def test_the_command_refuses_counts_that_are_not_sound_before_any_page(alone: Path, tmp_path: Path, make: Make) -> None:
    path = write_counts(tmp_path / "feed", [("2020-01-15", "MLI", "russian", 1, 2)], ["2020-01-15"])
    path.write_text(path.read_text(encoding="utf-8").replace("MLI", "ZZZ"), encoding="utf-8")
    words = [sys.executable, "-m", "helpers", "html", "--data", str(make().folder), "--out", str(tmp_path / "html"), "--feed", str(path)]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, (tmp_path / "html").exists()) == (1, False)
    assert "counts.csv, line 2, column host: 'ZZZ'" in run.stderr
    assert "Traceback" not in run.stderr


PACKAGES = ("duckdb", "dask", "distributed", "pyarrow")
OWN = ("helpers.feeds", "helpers.feed_codes", "helpers.feed_files", "helpers.feed_lines", "helpers.feed_pieces")
BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in BLOCKED:
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocker())
"""


@pytest.mark.slow
def test_the_main_job_neither_needs_nor_imports_what_feeds_need(alone: Path, tmp_path: Path, make: Make) -> None:
    """Page and build, kernels too, run where every package of the feeds and their helper files are refused."""
    (tmp_path / "sitecustomize.py").write_text(BLOCKER.replace("BLOCKED", repr(PACKAGES + OWN)), encoding="utf-8")
    path = write_counts(tmp_path / "feed", busy(act["date"] for act in monthly_acts()), days_between("2019-01-01", "2024-12-31"))
    code = f"""
from pathlib import Path
from helpers.build import build
print(build(Path({str(make(*monthly_acts()).folder)!r}), Path({str(tmp_path / "html")!r}), notebooks=Path({str(alone)!r}), feed=Path({str(path)!r})).files)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    assert "07-machine-coded-feeds.html" in run.stdout
    (tmp_path / "sitecustomize.py").write_text(BLOCKER.replace("BLOCKED", repr(PACKAGES)), encoding="utf-8")
    refused = subprocess.run([sys.executable, "-m", "helpers", "feed", str(path)], cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    assert refused.returncode == 1
    assert "pip install -r requirements-feeds.txt" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_nothing_but_the_command_imports_the_feeds() -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "helpers").glob("*.py")}
    named = {name for name, text in texts.items() if "import feed" in text or "from helpers.feed" in text}
    assert named == {"__main__.py", "feeds.py", "feed_files.py", "feed_pieces.py"}
    lock = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    assert not [name for name in ("duckdb", "dask", "distributed", "pyarrow") if f"\n{name}==" in lock]


def test_the_locks_of_the_feeds_stand_on_the_main_one() -> None:
    """Every pin of the main job is the same in the optional lock."""
    pins = []
    for name in ("requirements.txt", "requirements-feeds.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        plain = [line.split(" ")[0] for line in lines if "==" in line and line[0].isalpha() and "python_full_version" not in line]
        pins.append(dict(line.split("==") for line in plain))
    assert pins[0].items() <= pins[1].items()
    assert {"duckdb", "dask", "narwhals", "pyarrow"} <= pins[1].keys()
