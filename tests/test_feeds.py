"""Guards the counting of machine-coded feeds on pandas: the crosswalk and its codes, every trap by a hand-made row, all rows by a second count."""

from __future__ import annotations

import csv
import json
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.ledger import Ledger, load
from helpers.schema import PROJECT_DATA
from tests import feed_rows, ledgers
from tests.feed_rows import by_chance, frame, row

feed_rows.needed("narwhals", "duckdb")

from helpers import feed_codes, feeds  # noqa: E402  (what the line above guards)

SAMPLE = Path(__file__).parent / "feed_sample.CSV"  # GDELT 2.0 event table, 24 October 2019, 14:30; The GDELT Project, gdeltproject.org
BESIDE = PROJECT_DATA.parent.parent / "shared" / "samples"  # the whole file is not part of the project
WHOLE = Path(os.environ.get("SAHEL_SHIFT_SAMPLES", BESIDE)) / "20191024143000.export.CSV"


@pytest.fixture(scope="module")
def walk(project: Ledger) -> feed_codes.Crosswalk:
    return feed_codes.crosswalk(project)


def counted(rows: Any, walk: feed_codes.Crosswalk, form: str = "gdelt2", place: bool = False) -> tuple[feed_rows.Counts, dict[str, Any]]:
    table, report = feeds.counted(feeds.count(rows if isinstance(rows, pd.DataFrame) else frame(rows, form), form, walk, place), walk)
    return feed_rows.as_counts(table), report


def one(walk: feed_codes.Crosswalk, **cells: Any) -> tuple[str, str, int] | str:
    """What a single row is counted as (host, bloc, direction), or why it isn't."""
    found, report = counted([row(**cells)], walk)
    if found:
        return next(iter(found))[1:]
    return next((reason for reason, number in report["left out"].items() if number), "names no host")


def sample(path: Path = SAMPLE) -> list[dict[str, str]]:
    names = feed_rows.columns()
    return [dict(zip(names, line.split("\t"))) for line in path.read_text(encoding="utf-8").splitlines()]


# The formats and the code lists.


@pytest.mark.parametrize(("form", "number"), [("gdelt1", 58), ("gdelt2", 61)])
def test_a_format_has_the_columns_of_its_codebook(form: str, number: int) -> None:
    names = feed_rows.columns(form)
    assert len(names) == number == len(set(names))
    wanted = ("GLOBALEVENTID", "SQLDATE", "Actor1CountryCode", "Actor2CountryCode", "EventCode", "NumMentions")
    assert [names.index(name) for name in wanted] == [0, 1, 7, 17, 26, 31]
    assert names[-2:] == ["DATEADDED", "SOURCEURL"]


def test_the_columns_fit_a_real_row() -> None:
    cells = sample()[0]
    assert re.fullmatch(r"\d{9}", cells["GLOBALEVENTID"])
    assert re.fullmatch(r"2019102414\d{4}", cells["DATEADDED"])
    assert cells["SOURCEURL"].startswith("http")
    assert all(re.fullmatch(r"[A-Z]{2}|", cells["ActionGeo_CountryCode"]) for cells in sample())
    assert all(re.fullmatch(r"\d{3,4}", cells["EventCode"]) for cells in sample())


def test_every_host_and_partner_has_its_codes_in_both_systems(project: Ledger) -> None:
    listed = feed_codes.described()
    codes = {*project["hosts"]["host"], *project["actors"]["actor"]} - {project.parameters["stock"]["region"]}
    organisations = {*listed["actors"]["groups"].values(), *listed["actors"]["no_group"]}
    countries = {code for code in codes if re.fullmatch("[A-Z]{3}", code)} - organisations
    assert codes - countries == organisations & codes
    assert countries == set(listed["places"]["fips"].values())
    assert len(listed["places"]["fips"]) == len(countries)


# CAMEO.country.txt has none of these codes of ISO 3166-1 alpha-3 for a host or partner; all others are in it as they are.
@pytest.mark.parametrize(("ours", "theirs"), [("ROU", "ROM"), ("MNE", "MTN")])
def test_a_cameo_code_that_is_not_iso_s_is_its_country(ours: str, theirs: str, walk: feed_codes.Crosswalk) -> None:
    assert feed_codes.described()["actors"]["differs"][theirs] == ours
    assert one(walk, first=theirs) == one(walk, first=ours) == ("MLI", "western", 1)


def test_no_code_of_the_ledger_is_a_region_of_cameo(walk: feed_codes.Crosswalk) -> None:
    regions = "WSB BAG GZS AFR ASA BLK CRB CAU CFR CAS CEU EIN EAF EEU EUR LAM MEA MDT NAF NMR PGS SCN SAM SAS SEA SAF WAF WST".split()
    assert not set(regions) & set(walk.country)
    assert one(walk, first="EUR") == one(walk, first="WAF") == "code of the other actor unmatched"


# FIPS 10-4 and ISO 3166-1 alpha-2 differ for each of these; a reader of ISO would take the act elsewhere (second: what he would read).
@pytest.mark.parametrize(
    ("fips", "host"),
    [("BN", "BEN"), ("UV", "BFA"), ("IV", "CIV"), ("GV", "GIN"), ("ML", "MLI"), ("MR", "MRT"), ("NG", "NER"), ("SG", "SEN"), ("CD", "TCD"), ("TO", "TGO")],
)
def test_a_place_is_read_as_fips(fips: str, host: str, walk: feed_codes.Crosswalk) -> None:
    blank = row(first="FRA", second="", code="0874", place=fips)
    assert list(counted([blank], walk, place=True)[0]) == [("2023-08-20", host, "western", -1)]
    assert counted([blank], walk)[0] == {}


@pytest.mark.parametrize("fips", ["NI", "SN", "BF", "TD", "TG", "CI", "BJ", "GN", "NE", "CF"])
def test_an_iso_code_is_no_place(fips: str, walk: feed_codes.Crosswalk) -> None:
    assert counted([row(first="FRA", second="", code="0874", place=fips)], walk, place=True)[0] == {}


def test_the_place_says_nothing_of_an_actor_with_a_code(walk: feed_codes.Crosswalk) -> None:
    """Nigeria acts with France in Niger (FIPS NG): Nigeria is no host, and Niger takes no part."""
    rows = [row(first="FRA", second="NGA", code="062", place="NG"), row(id=2, first="FRA", second="", second_group="TAL", code="062", place="NG")]
    assert counted(rows, walk, place=True)[0] == {}
    assert one(walk, first="FRA", second="NER", place="NI") == ("NER", "western", 1)
    assert one(walk, first="NGA", second="NER", place="NG") == ("NER", "regional", 1)


@pytest.mark.parametrize(
    ("group", "bloc"),
    [("EEC", "western"), ("NAT", "western"), ("UNO", "multilateral"), *((group, "regional") for group in ("OAU", "WAS", "ECA", "UEM", "WAM"))],
)
def test_an_organisation_is_known_by_its_group(group: str, bloc: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="", first_group=group) == one(walk, first="EUR", first_group=group) == ("MLI", bloc, 1)


def test_a_country_comes_before_the_group(walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="RUS", first_group="UNO") == ("MLI", "russian", 1)


# Directions.


def test_directions_are_those_of_the_types_that_are_counted(walk: feed_codes.Crosswalk) -> None:
    assert walk.directions == {**dict.fromkeys(feed_rows.COMING, 1), **dict.fromkeys(feed_rows.LEAVING, -1)}
    assert walk.doubtful == []


@pytest.mark.parametrize(("code", "goldstein", "quad"), [("0874", "10.0", "2"), ("087", "9.0", "2"), ("166", "-7.0", "4"), ("072", "8.3", "2")])
def test_a_direction_never_comes_from_goldstein_or_quad_class(code: str, goldstein: str, quad: str, walk: feed_codes.Crosswalk) -> None:
    wrong = {"GoldsteinScale": goldstein, "QuadClass": quad}
    assert one(walk, code=code, **wrong) == ("MLI", "western", 1 if code == "072" else -1)


@pytest.mark.parametrize("code", ["0871", "0872", "0873", "1623", "1662", "1663", "0841", "073", "0862", "08", "16", "72", "0720", "7"])
def test_a_sub_code_a_root_and_a_code_without_its_zero_count_only_where_they_are_written(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, code=code, EventBaseCode=code[:3], EventRootCode="07") == "event code unmatched"


@pytest.mark.parametrize("code", ["0312", "042", "057", "160", "163", "190", "010"])
def test_types_that_the_measures_leave_out_are_left_out(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, code=code) == "a type that is not counted"


def test_talk_is_counted_on_demand(project: Ledger) -> None:
    walk = feed_codes.crosswalk(project, talk=True)
    assert one(walk, code="057") == ("MLI", "western", 1)
    assert one(walk, code="1212") == ("MLI", "western", -1)
    assert one(walk, code="163") == "a type that is not counted"


def test_a_code_of_both_directions_is_left_out_and_named(tmp_path: Path) -> None:
    kinds = ledgers.rows(PROJECT_DATA, "event_types")
    for kind in kinds:
        kind["cameo"] = "072;0874" if kind["type"] == "withdrawal" else kind["cameo"]
    walk = feed_codes.crosswalk(load(ledgers.write(tmp_path / "ledger", event_types=kinds)))
    assert walk.doubtful == ["072"]
    assert one(walk, code="072") == "a type that is not counted"
    assert one(walk, code="0874")[2] == -1


# Who is the host.


@pytest.mark.parametrize("code", ["064", "070", "071", "072", "074"])
def test_of_giving_codes_actor_1_gives(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="RUS", second="MLI", code=code) == ("MLI", "russian", 1)
    assert one(walk, first="MLI", second="RUS", code=code) == "a host gives"


@pytest.mark.parametrize("code", ["062", "0861", "0874", "087", "162", "166", "174", "0842"])
def test_of_all_others_the_two_may_stand_in_either_order(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="RUS", second="MLI", code=code) == one(walk, first="MLI", second="RUS", code=code)


@pytest.mark.parametrize("code", ["072", "062", "0874"])
def test_of_two_hosts_actor_2_is_the_host(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="MLI", second="NER", code=code)[:2] == ("NER", "regional")
    assert one(walk, first="NER", second="MLI", code=code)[:2] == ("MLI", "regional")


def test_a_host_without_a_bloc_is_no_partner_and_does_not_turn_the_act_round(tmp_path: Path) -> None:
    folder = ledgers.write(
        tmp_path / "ledger", hosts=[{"host": "MLI"}, {"host": "NER"}], actors=[{"actor": "RUS"}, {"actor": "NER", "bloc": "regional"}]
    )
    walk = feed_codes.crosswalk(load(folder))
    assert one(walk, first="MLI", second="NER", code="062") == "code of the other actor unmatched"
    assert one(walk, first="NER", second="MLI", code="062") == ("MLI", "regional", 1)


@pytest.mark.parametrize("code", ["072", "062", "0874"])
def test_acts_within_one_country_are_nobody_s(code: str, walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="MLI", second="MLI", code=code) == "both actors of one country"


def test_an_act_without_a_second_actor_counts_for_nobody(walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="", second="MLI") == one(walk, first="MLI", second="", code="0874") == "other actor without a code"


def test_rows_without_a_host_are_none_of_ours(walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="FRA", second="SYR") == one(walk, first="XSA", second="FRA") == "names no host"


def test_the_coast_s_hosts_are_counted_too(walk: feed_codes.Crosswalk) -> None:
    assert {one(walk, second=host)[0] for host in feed_rows.HOSTS} == set(feed_rows.HOSTS)


# What is counted of it.


def test_mentions_and_sources_are_summed_over_acts(walk: feed_codes.Crosswalk) -> None:
    rows = [row(id=1, mentions=10, sources=2), row(id=2, mentions=5, sources=1), row(id=3, day="20230821")]
    assert counted(rows, walk)[0] == {("2023-08-20", "MLI", "western", 1): (2, 15, 3), ("2023-08-21", "MLI", "western", 1): (1, 10, 2)}


def test_the_same_id_is_one_act(walk: feed_codes.Crosswalk) -> None:
    found, report = counted([row(mentions=4), row(mentions=9), row(mentions=1), row(id=2)], walk)
    assert found == {("2023-08-20", "MLI", "western", 1): (2, 19, 4)}
    assert (report["acts"], report["duplicates"]) == (2, 2)


def test_the_same_id_with_other_content_is_the_first_of_them_whatever_their_order(walk: feed_codes.Crosswalk) -> None:
    rows = [row(day="20230822", second="NER"), row(day="20230820", second="TCD"), row(day="20230820", second="BFA", mentions=99)]
    for turned in (rows, rows[::-1], rows[1:] + rows[:1]):
        assert counted(turned, walk)[0] == {("2023-08-20", "BFA", "western", 1): (1, 99, 2)}


def test_an_old_act_counts_on_its_day_and_covers_the_day_it_entered(walk: feed_codes.Crosswalk) -> None:
    found, report = counted([row(day="20130111", added="20230820143000")], walk)
    assert list(found)[0][0] == "2013-01-11"
    assert report["days"] == {"2023-08-20": 1}


def test_every_row_that_names_a_host_is_counted_or_has_a_reason(walk: feed_codes.Crosswalk) -> None:
    rows = by_chance(4000)
    report = counted(rows, walk)[1]
    ours = [cells for cells in rows if {cells["Actor1CountryCode"], cells["Actor2CountryCode"]} & set(feed_rows.HOSTS)]
    assert report["acts"] + report["duplicates"] + sum(report["left out"].values()) == len(ours) == sum(report["days"].values())


@pytest.mark.parametrize("seed", range(4))
def test_rows_by_chance_are_counted_as_the_second_count_has_them(seed: int, walk: feed_codes.Crosswalk) -> None:
    rows = by_chance(4000, seed)
    found = counted(rows, walk)[0]
    assert found == feed_rows.counted(rows)
    assert sum(acts for acts, *_ in found.values()) > 100


def test_unmatched_codes_are_named_the_most_frequent_first(walk: feed_codes.Crosswalk) -> None:
    rows = [row(id=1, first="AFR"), row(id=2, first="AFR"), row(id=3, first="LBN"), row(id=4, code="0871"), row(id=5, first="", first_group="TAL")]
    report = counted(rows, walk)[1]
    assert report["actor codes unmatched"] == {"AFR": 2, "LBN": 1, "TAL": 1}
    assert list(report["actor codes unmatched"]) == ["AFR", "LBN", "TAL"]
    assert report["event codes unmatched"] == {"0871": 1}


# Hostile rows.


@pytest.mark.parametrize(
    "cells",
    [{"id": ""}, {"id": "x"}, {"id": "-4"}, {"id": "1.5"}, {"day": ""}, {"day": "2023-08-20"}, {"day": "0"}, {"day": "999999999"}, {"mentions": ""},
     {"mentions": "-1"}, {"sources": "many"}, {"added": ""}, {"added": "now"}, {"added": "0"}, {"id": "9" * 30}],
)
def test_a_row_with_an_unreadable_number_is_counted_as_unreadable(cells: dict[str, str], walk: feed_codes.Crosswalk) -> None:
    found, report = counted([row(**cells), row(id=2)], walk)
    assert report["left out"]["unreadable"] == 1
    assert sum(acts for acts, *_ in found.values()) == 1


@pytest.mark.parametrize("day", ["20230231", "20231301", "20230800", "20231131"])
def test_a_day_that_does_not_exist_is_unreadable_and_named(day: str, walk: feed_codes.Crosswalk) -> None:
    found, report = counted([row(day=day, added="20230820120000"), row(id=2)], walk)
    assert (report["left out"]["unreadable"], report["no such day"], report["acts"]) == (1, [day], 1)
    assert [key[0] for key in found] == ["2023-08-20"]


def test_codes_in_disguise_are_unmatched_not_guessed(walk: feed_codes.Crosswalk) -> None:
    assert one(walk, first="fra") == one(walk, first="FRA ") == one(walk, first="'; DROP TABLE seen; --") == "code of the other actor unmatched"
    assert one(walk, second="mli") == "names no host"
    assert one(walk, code="072 ") == one(walk, code="O72") == "event code unmatched"


def test_a_column_that_is_missing_is_named(walk: feed_codes.Crosswalk) -> None:
    with pytest.raises(feed_codes.FeedError, match="column NumMentions: missing"):
        feeds.count(frame([row()]).drop(columns="NumMentions"), "gdelt2", walk)


def test_event_codes_that_lost_their_zeros_are_refused(walk: feed_codes.Crosswalk) -> None:
    with pytest.raises(feed_codes.FeedError, match="column EventCode: .* Read the column as text"):
        feeds.count(frame([row()]).astype({"EventCode": int}), "gdelt2", walk)


def test_a_format_that_is_not_described_is_refused(walk: feed_codes.Crosswalk) -> None:
    with pytest.raises(feed_codes.FeedError, match="no such format. Known: gdelt1, gdelt2"):
        feeds.count(frame([row()]), "icews", walk)


def test_an_empty_frame_has_no_act(walk: feed_codes.Crosswalk) -> None:
    found, report = counted([], walk)
    assert (found, report["acts"], report["days"]) == ({}, 0, {})


# Frames as people have them.


@pytest.mark.parametrize("dates", [False, True])
def test_numbers_dates_and_missing_cells_are_read_as_text_is(dates: bool, walk: feed_codes.Crosswalk) -> None:
    rows = by_chance(1500)
    typed = frame(rows).replace("", None)
    for name in ("GLOBALEVENTID", "NumMentions", "NumSources", "DATEADDED", "SQLDATE"):
        typed[name] = typed[name].astype("int64")
    if dates:
        typed["DATEADDED"] = typed["DATEADDED"].astype(float)
    assert counted(typed, walk) == counted(rows, walk)


def test_a_code_column_without_any_code_may_be_numbers(walk: feed_codes.Crosswalk) -> None:
    rows = frame([row()]).assign(Actor1KnownGroupCode=float("nan"), Actor2KnownGroupCode=float("nan"), ActionGeo_CountryCode=float("nan"))
    assert list(counted(rows, walk)[0].values()) == [(1, 10, 2)]


def test_gdelt_1_is_counted_as_gdelt_2(walk: feed_codes.Crosswalk) -> None:
    rows = by_chance(800)
    older = [{name: cells.get(name, "") for name in feed_rows.columns("gdelt1")} | {"DATEADDED": cells["DATEADDED"][:8]} for cells in rows]
    assert counted(older, walk, "gdelt1") == counted(rows, walk)


# Real rows.


def test_the_real_rows_are_read_and_reasoned(walk: feed_codes.Crosswalk) -> None:
    found, report = counted(sample(), walk)
    assert found == feed_rows.counted(sample()) == {}
    assert report["left out"]["other actor without a code"] == 3
    assert report["days"] == {"2019-10-24": 3}


def test_real_rows_of_other_hosts_are_counted_as_the_second_count_has_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day's news were of Syria: with Syria, Iraq and Ukraine as hosts the real rows give acts."""
    hosts = ("IRQ", "SYR", "UKR")
    actors = [{"actor": code, "bloc": "western"} for code in ("USA", "TUR", *hosts)] + [{"actor": "RUS"}]
    walk = feed_codes.crosswalk(load(ledgers.write(tmp_path / "ledger", hosts=[{"host": host} for host in hosts], actors=actors)))
    monkeypatch.setattr(feed_rows, "BLOCS", {row["actor"]: row.get("bloc", "russian") for row in actors})
    monkeypatch.setattr(feed_rows, "GROUPS", {})
    monkeypatch.setattr(feed_rows.sides, "__defaults__", (hosts,))
    found = counted(sample(), walk)[0]
    assert found == feed_rows.counted(sample())
    assert sum(acts for acts, *_ in found.values()) >= 5


@pytest.mark.skipif(not WHOLE.is_file(), reason="the whole real file is not on this machine")
def test_the_whole_real_file_is_read(walk: feed_codes.Crosswalk) -> None:
    rows = sample(WHOLE)
    assert len(rows) == 2111
    found, report = counted(rows, walk)
    assert found == feed_rows.counted(rows)
    assert sum(report["left out"].values()) == 3


def test_the_sample_is_rows_of_the_real_file_and_json_is_whole() -> None:
    assert len(sample()) == len({cells["GLOBALEVENTID"] for cells in sample()}) > 300
    assert json.loads(feed_codes.FORMATS.read_text(encoding="utf-8"))["formats"].keys() == {"gdelt1", "gdelt2"}
    with (PROJECT_DATA / "event_types.csv").open(encoding="utf-8", newline="") as file:
        written = {code for kind in csv.DictReader(file) for code in kind["cameo"].split(";") if code}
    assert set(feed_rows.COMING) | set(feed_rows.LEAVING) <= written
