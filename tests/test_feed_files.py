"""Guards the counting of feeds in files: plain, packed and Parquet, read in parts, with what can't be read named by file, line, column and value."""

from __future__ import annotations

import csv
import gzip
import json
import os
import re
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from helpers.ledger import Ledger
from tests import feed_rows
from tests.feed_rows import by_chance, row, text, write

feed_rows.needed("narwhals", "duckdb", "pyarrow")

from helpers import feed_codes, feed_files, feed_lines, feed_pieces, feeds  # noqa: E402  (what the line above guards)
from helpers.__main__ import main  # noqa: E402

Result = tuple[pd.DataFrame, dict[str, Any]]


@pytest.fixture(scope="module")
def walk(project: Ledger) -> feed_codes.Crosswalk:
    return feed_codes.crosswalk(project)


def count(walk: feed_codes.Crosswalk, *paths: Path, form: str = "gdelt2") -> Result:
    return feed_files.count_files(list(paths), form, walk)


def folder_of_every_kind(folder: Path, rows: list[dict[str, str]]) -> Path:
    """The rows over files of every kind, in folders below."""
    write(folder / "plain.export.CSV", rows[0::6])
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "packed.csv.gz").write_bytes(gzip.compress(text(rows[1::6]).encode()))
    with zipfile.ZipFile(folder / "deep" / "day.export.CSV.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("day.export.CSV", text(rows[2::6]))
    with zipfile.ZipFile(folder / "year.zip", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("one.csv", text(rows[3::6]))
        packed.writestr("two.csv", text(rows[4::6]))
    feed_rows.frame(rows[5::6]).to_parquet(folder / "last.parquet")
    (folder / "readme.md").write_text("not of the feed", encoding="utf-8")
    return folder


def test_a_folder_of_every_kind_of_file_is_one_feed(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    rows = by_chance(3000)
    table, report = count(walk, folder_of_every_kind(tmp_path, rows))
    assert feed_rows.as_counts(table) == feed_rows.counted(rows)
    assert (report["rows"], report["files"], report["faulty files"]) == (3000, 6, [])


def test_parts_are_joined_by_id(tmp_path: Path, walk: feed_codes.Crosswalk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read file by file, as where they are larger than a part, an id that stands in two files is still one act."""
    rows = by_chance(3000, 2)
    whole = count(walk, folder_of_every_kind(tmp_path, rows))
    monkeypatch.setattr(feed_files, "PART", 1)
    parts = count(walk, tmp_path)
    pd.testing.assert_frame_equal(parts[0], whole[0])
    assert parts[1] == whole[1]
    assert whole[1]["duplicates"] > 10


def test_nothing_is_left_in_the_temporary_folder(tmp_path: Path, walk: feed_codes.Crosswalk, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(feed_files.tempfile, "tempdir", str(scratch))
    count(walk, folder_of_every_kind(tmp_path / "feed", by_chance(600)))
    assert list(scratch.iterdir()) == []


def test_what_is_unpacked_for_a_part_is_deleted_with_it(tmp_path: Path, walk: feed_codes.Crosswalk, monkeypatch: pytest.MonkeyPatch) -> None:
    """At no time more than one part lies unpacked: the feed may be larger than the disk."""
    scratch, most = tmp_path / "scratch", []
    scratch.mkdir()
    monkeypatch.setattr(feed_files.tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(feed_files, "PART", 1)
    for number in range(5):
        with zipfile.ZipFile(tmp_path / f"{number}.zip", "w") as packed:
            packed.writestr("a.csv", text(by_chance(200, number)))
    feed_files.count_files([tmp_path], "gdelt2", walk, started=lambda size: lambda step: most.append(len(list(scratch.glob("*/[0-9]*")))))
    assert max(most) == 1


def test_the_progress_adds_up_to_the_size_of_the_files(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    folder, sizes, steps = folder_of_every_kind(tmp_path, by_chance(900)), [], []
    feed_files.count_files([folder], "gdelt2", walk, started=lambda size: (sizes.append(size), steps.append)[1])
    assert sizes == [sum(path.stat().st_size for path in folder.rglob("*") if path.suffix != ".md" and path.is_file())]
    assert sum(steps) == pytest.approx(sizes[0], abs=2)
    assert min(steps) >= 0


def test_a_file_named_twice_is_read_once(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = write(tmp_path / "a.csv", [row()])
    assert count(walk, path, tmp_path, path)[1]["rows"] == 1


@pytest.mark.parametrize("missing", [0, 1])
def test_gdelt_1_with_and_without_its_last_column(missing: int, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    older = [{**dict.fromkeys(feed_rows.columns("gdelt1"), ""), **row("gdelt1", id=number, SOURCEURL="x")} for number in range(3)]
    path = write(tmp_path / "old.csv", older, "gdelt1", missing)
    assert feed_rows.as_counts(count(walk, path, form="gdelt1")[0]) == {("2023-08-20", "MLI", "western", 1): (3, 30, 6)}


def test_files_with_and_without_the_last_column_are_one_feed(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    for number, missing in ((1, 0), (2, 1), (3, 0)):
        write(tmp_path / f"{number}.csv", [row("gdelt1", id=number), row("gdelt1", id=99)], "gdelt1", missing)
    report = count(walk, tmp_path, form="gdelt1")[1]
    assert (report["acts"], report["duplicates"], report["rows"]) == (4, 2, 6)


# Rows that can't be read.


def test_an_unreadable_row_is_named_by_file_line_column_and_value(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = write(tmp_path / "feed.csv", [row(), row(id="twelve"), row(id=3, mentions="1,204"), row(id=4)])
    report = count(walk, path)[1]
    assert (report["rows"], report["acts"], report["left out"]["unreadable"]) == (4, 2, 2)
    assert report["examples"] == [
        f"{path}, line 2, column GLOBALEVENTID: 'twelve': not a whole number. The row is left out of the counts; mend it, or fetch the file again",
        f"{path}, line 3, column NumMentions: '1,204': not a whole number. The row is left out of the counts; mend it, or fetch the file again",
    ]


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_row_in_a_packed_file_is_named_by_that_file(kind: str, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    rows = text([row(), row(id="x")])
    if kind == "gz":
        (tmp_path / "day.csv.gz").write_bytes(gzip.compress(rows.encode()))
    else:
        with zipfile.ZipFile(tmp_path / "day.zip", "w") as packed:
            packed.writestr("day.CSV", rows)
    example = count(walk, tmp_path)[1]["examples"][0]
    assert re.match(r".*day\.(csv\.gz|zip: day\.CSV), line 2, column GLOBALEVENTID: 'x'", example)
    assert "sahel-shift-feed" not in example


@pytest.mark.parametrize(
    "line",
    [
        b"short\trow\n",
        b"\t" * 80 + b"\n",
        b"\t" * 60 + b"\n",
        b"\n".join([b"1" * 40, b"2" * 40]) + b"\n",
        b"\xff\xfe\xfa" + b"\t" * 60 + b"\n",
        text([row(id=9)]).encode().replace(b"FRA", b"\xe9\xe8\xff"),
        text([row(id=9)]).encode()[:-1] + b"\tmore\tand more\n",
        b"x" * 3_000_000 + b"\n",
    ],
    ids=["short", "long and empty", "empty", "two short", "no number and no text", "latin-1", "too many", "very long"],
)
def test_lines_that_can_t_be_taken_apart_are_counted_and_the_others_read(line: bytes, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(text([row()]).encode() + line + text([row(id=2), row(id=3)]).encode())
    report = count(walk, path)[1]
    assert report["acts"] == 3
    broken = line.count(b"\n")
    assert report["left out"]["unreadable"] == broken
    assert report["examples"][0].startswith(f"{path}, line 2")
    assert report["rows"] == 3 + broken


def test_a_quotation_mark_swallows_nothing(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    rows = [row(Actor1Name='THE "FRENCH'), row(id=2, Actor2Name='"'), row(id=3, SOURCEURL="http://x/'\"\\"), row(id=4)]
    report = count(walk, write(tmp_path / "feed.csv", rows))[1]
    assert (report["acts"], report["left out"]["unreadable"]) == (4, 0)


def test_windows_line_ends_and_a_last_line_without_one_are_read(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    (tmp_path / "feed.csv").write_bytes(text([row(), row(id=2)]).replace("\n", "\r\n").encode()[:-2])
    report = count(walk, tmp_path)[1]
    assert (report["rows"], report["acts"], report["left out"]["unreadable"]) == (2, 2, 0)


def test_a_header_is_one_unreadable_row(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("\t".join(feed_rows.columns()) + "\n" + text([row(), row(id=2)]), encoding="utf-8")
    report = count(walk, path)[1]
    assert (report["rows"], report["acts"], report["left out"]["unreadable"]) == (3, 2, 1)


def test_text_and_parquet_agree_on_what_is_unreadable(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    rows = [row(), row(id="x"), row(id=3, day="soon"), row(id=4, mentions=""), row(id=5, day="20230231"), row(id=6, sources="-1")]
    write(tmp_path / "feed.csv", rows)
    feed_rows.frame(rows).to_parquet(tmp_path / "feed.parquet")
    reports = [count(walk, tmp_path / name)[1] for name in ("feed.csv", "feed.parquet")]
    assert [report["left out"]["unreadable"] for report in reports] == [5, 5]
    assert [report["acts"] for report in reports] == [1, 1]


# Lines that name no host are passed over, and only they.


SPOILED = [{"id": "x"}, {"id": ""}, {"id": "-7"}, {"day": "soon"}, {"day": "20230231"}, {"mentions": ""}, {"sources": "many"}, {"added": "now"}, {"sources": "-1"}]


@pytest.mark.parametrize("place", [False, True])
@pytest.mark.parametrize("spoiled", [{}, *SPOILED], ids=lambda cells: "sound" if not cells else "{}={}".format(*next(iter(cells.items()))))
@pytest.mark.parametrize("block", [7, 3000, feed_lines.BLOCK])
def test_sifted_files_are_counted_and_told_of_as_the_whole_frame(
    block: int, spoiled: dict[str, str], place: bool, tmp_path: Path, walk: feed_codes.Crosswalk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the spoiled row names no host: one without an id is told of, any other is passed over by both."""
    rows = by_chance(400, 4)
    rows[100:100] = [row(**{"id": 9001, **spoiled}), row(**{"id": 9002, "second": "USA", **spoiled})]
    write(tmp_path / "feed.csv", rows)
    wanted, told = feeds.counted(feeds.count(feed_rows.frame(rows), "gdelt2", walk, place), walk)
    monkeypatch.setattr(feed_lines, "BLOCK", block)
    table, report = feed_files.count_files([tmp_path], "gdelt2", walk, place)
    pd.testing.assert_frame_equal(table, wanted)
    alike = told.keys() - {"days"}  # the reader sets a number that is none aside, with its line but without its day
    assert {name: report[name] for name in alike} == {name: told[name] for name in alike}
    assert report["rows"] == 402 and report["left out"]["unreadable"] == (0 if not spoiled else 2 if "id" in spoiled else 1)


def test_lines_whose_tabs_only_add_up_by_chance_are_not_read_as_rows(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    """One cell too many in one line and one too few in the next: neither is shifted into another column, whether or not it names a host."""
    for number, other in enumerate(("MLI", "USA")):
        line = text([row(id=8, second=other)])
        longer, shorter = line[:-1] + "\tmore\n", "\t".join(line.split("\t")[:-1]) + "\n"
        path = tmp_path / f"{number}.csv"
        path.write_text(text([row()]) + longer + shorter, encoding="utf-8")
        report = count(walk, path)[1]
        assert (report["rows"], report["acts"], report["left out"]["unreadable"]) == (3, 1, 2)


# Files that can't be read.


def test_a_file_of_another_format_is_named_with_the_right_one(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = write(tmp_path / "old.csv", [row("gdelt1")], "gdelt1")
    with pytest.raises(feed_codes.FeedError, match=r"old\.csv, line 1: .*58 columns where gdelt2 has 61\. Count it with --format gdelt1"):
        count(walk, path)


def test_damaged_files_are_left_out_and_named_and_the_others_counted(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    write(tmp_path / "good.csv", [row()])
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "blank.csv").write_bytes(b"\n\n")
    (tmp_path / "cut.csv.gz").write_bytes(gzip.compress(text(by_chance(300)).encode())[:-900])
    (tmp_path / "none.zip").write_bytes(b"PK\x03\x04 not a zip")
    (tmp_path / "none.parquet").write_bytes(b"PAR1 not a parquet")
    (tmp_path / "table.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    feed_rows.frame([row()]).drop(columns="SQLDATE").to_parquet(tmp_path / "poor.parquet")
    feed_rows.frame([row()]).astype({"EventCode": int}).to_parquet(tmp_path / "zeros.parquet")
    report = count(walk, tmp_path)[1]
    assert (report["acts"], report["files"], report["empty files"]) == (1, 1, 2)
    said = "\n".join(report["faulty files"])
    for name in ("cut.csv.gz", "none.zip", "none.parquet", "table.csv", "poor.parquet", "zeros.parquet"):
        assert name in said
    assert "column SQLDATE: missing" in said
    assert "lost their first zeros" in said
    assert len(report["faulty files"]) == 6


@pytest.mark.parametrize("what", ["absent", "no feed", "only damaged"])
def test_no_file_that_can_be_read_is_an_error_in_a_sentence(what: str, tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    path = tmp_path / "feed"
    if what != "absent":
        path.mkdir()
        (path / ("a.zip" if what == "only damaged" else "a.md")).write_bytes(b"nothing")
    with pytest.raises(feed_codes.FeedError, match={"absent": "no such file", "no feed": "no file of a feed", "only damaged": "a.zip: unreadable"}[what]):
        count(walk, path)


def test_a_zip_with_a_path_that_climbs_is_written_nowhere_else(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    with zipfile.ZipFile(tmp_path / "feed.zip", "w") as packed:
        packed.writestr("../../climbed.csv", text([row()]))
    assert count(walk, tmp_path)[1]["acts"] == 1
    assert not list(tmp_path.parent.glob("**/climbed.csv"))


def test_a_file_with_a_quote_or_a_star_in_its_name_is_read(tmp_path: Path, walk: feed_codes.Crosswalk) -> None:
    for number, name in enumerate(("it's.csv", "a b.csv", "é.csv")):
        write(tmp_path / name, [row(id=number)])
    assert count(walk, tmp_path)[1]["acts"] == 3


# The command.


def test_the_command_writes_months_days_and_a_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [row(id=1), row(id=2, day="20230821"), row(id=3, day="20230901"), row(id=3, day="20230901"), row(id=4, first="AFR"), row(id=5, code="0871")]
    write(tmp_path / "feed" / "a.export.CSV", rows)
    out = tmp_path / "new" / "counts.csv"
    assert main(["feed", str(tmp_path / "feed"), "--format", "gdelt2", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == (
        "month,host,bloc,direction,events,mentions,sources\n2023-08,MLI,western,1,2,20,4\n2023-09,MLI,western,1,1,10,2\n"
    )
    with out.with_name("counts-days.csv").open(encoding="utf-8", newline="") as file:
        assert [line["day"] for line in csv.DictReader(file)] == ["2023-08-20", "2023-08-21", "2023-09-01"]
    report = json.loads(out.with_name("counts-report.json").read_text(encoding="utf-8"))
    assert (report["rows"], report["acts"], report["duplicates"], report["format"]) == (6, 3, 1, "gdelt2")
    said = capsys.readouterr().out
    assert "6 rows in 1 files: 3 acts, 1 rows that repeat one of them" in said
    assert "actor codes unmatched: AFR (1)" in said
    assert "event codes unmatched: 0871 (1)" in said


def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "old.csv", [row("gdelt1")], "gdelt1")
    assert main(["feed", str(path), "--out", str(tmp_path / "counts.csv")]) == 1
    assert "Count it with --format gdelt1" in capsys.readouterr().err
    assert main(["feed", str(path), "--format", "gdelt3", "--out", str(tmp_path / "counts.csv")]) == 1
    assert "no such format. Known: gdelt1, gdelt2" in capsys.readouterr().err
    assert sorted(os.listdir(tmp_path)) == ["old.csv"]


def test_the_real_rows_are_read_whole(walk: feed_codes.Crosswalk) -> None:
    sample = Path(__file__).parent / "feed_sample.CSV"
    lines = len(sample.read_text(encoding="utf-8").splitlines())
    report = count(walk, sample)[1]
    assert (report["rows"], report["left out"]["unreadable"], report["files"]) == (lines, 0, 1)
    assert feed_pieces.width_of("x", sample.read_bytes()[:9000], "gdelt2") == (61, None)
