"""Feeds in files, larger than memory: folders of plain, zipped or gzipped text and of Parquet, counted by DuckDB with progress.

Of text only the lines that matter reach DuckDB (`feed_lines`), in parts of at most a quarter of a gigabyte. What a part says of
each act is kept in a database on disk, so that an id that stands in two files is one act. Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import narwhals as nw
import pandas as pd

from helpers import feeds
from helpers.feed_codes import Crosswalk, FeedError, described, host_codes, roles
from helpers.feed_lines import packed
from helpers.feed_pieces import Found, Piece, found_files
from helpers.reading import Problem

PART, SEEN, LINE = 256 * 2**20, "seen", "line in the text"
EXAMPLES = 5
NEVER = "\x01"  # what stands for a missing cell: nothing, so that an empty number is noted with its line as any other that is none
Tell = Callable[[float], None]


def relation(engine: duckdb.DuckDBPyConnection, files: Sequence[str], form: str, width: int) -> duckdb.DuckDBPyRelation:
    """Files of one kind as a lazy relation: sifted text of `width` columns after the line's number, or Parquet where it is 0.
    Rows that can't be read are noted aside."""
    if not width:
        return engine.read_parquet(list(files), union_by_name=True)
    numbers = {name for role, name in roles(form).items() if role not in feeds.TEXT}
    columns = {LINE: "VARCHAR"} | {name: "BIGINT" if name in numbers else "VARCHAR" for name in described()["formats"][form]["columns"][:width]}
    return engine.read_csv(list(files), sep="\t", header=False, quotechar="", escapechar="", columns=columns, auto_detect=False,
                           na_values=NEVER, ignore_errors=True, store_rejects=True)


class Counting:
    """The counting of one feed: parts go into a table of acts, the end sums it up."""

    def __init__(self, folder: Path, form: str, walk: Crosswalk, place: bool, tell: Tell):
        self.engine = duckdb.connect(str(folder / "feed.duckdb"))
        for setting in ("preserve_insertion_order = false", "enable_progress_bar = true", "enable_progress_bar_print = false"):
            self._asked(f"SET {setting}")
        self.form, self.walk, self.place, self.tell = form, walk, place, tell
        self.labels: dict[str, str] = {}
        self.waiting: list[Piece] = []
        self.lines = self.files = 0
        self.problems: list[Problem] = []

    def _asked(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a query: a result that is not fetched to its end blocks the connection."""
        return self.engine.execute(query).fetchall()

    def _has(self, table: str) -> bool:
        return bool(self._asked(f"SELECT 1 FROM duckdb_tables() WHERE table_name = '{table}'"))

    def add(self, piece: Piece) -> None:
        """Takes a piece; reads those that wait once they are large enough together."""
        if not piece.width:
            try:
                feeds.cells(self.engine.read_parquet(str(piece.path)), self.form)
            except (FeedError, duckdb.Error) as error:
                self.problems.append(Problem(piece.label, None, "", "", str(error).splitlines()[0].rstrip("."), "The file is left out of the counts"))
                self.tell(piece.size)
                return
        self.waiting.append(piece)
        self.labels[str(piece.path)] = piece.label
        if sum(waiting.path.stat().st_size for waiting in self.waiting) >= PART:
            self.flush()

    def flush(self) -> None:
        """Reads what waits, text and Parquet and each width apart, and deletes what was unpacked for it."""
        for width in sorted({piece.width for piece in self.waiting}):
            self._read([piece for piece in self.waiting if piece.width == width], width)
        for piece in self.waiting:
            if piece.width:
                piece.path.unlink()
        self.waiting = []

    def _read(self, part: list[Piece], width: int) -> None:
        files, size, known = [str(piece.path) for piece in part], sum(piece.size for piece in part), self._has(SEEN)
        once = feeds.acts(feeds.rows(relation(self.engine, files, self.form, width), self.form, self.walk, self.place)).to_native()
        watched(self.engine, lambda: once.insert_into(SEEN) if known else once.create(SEEN), lambda share: self.tell(share * size))
        self.files += len(part)
        self.lines += sum(piece.lines for piece in part)
        if not width:
            self.lines += self.engine.read_parquet(files).aggregate("count(*)").fetchall()[0][0]

    def total(self) -> pd.DataFrame:
        """The totals of all parts. Raises FeedError where nothing could be read."""
        if not self.files:
            first = f"{self.problems[0]}\n" if self.problems else ""
            raise FeedError(f"{first}No file of the feed could be read as {self.form}")
        return feeds.collected(feeds.totals(feeds.joined(nw.from_native(self.engine.table(SEEN)))))

    def rejected(self) -> tuple[int, list[Problem]]:
        """How many rows the reader could not take apart, and the first of them with file, line, column and value."""
        if not self._has("reject_errors"):
            return 0, []
        joined = ("FROM (SELECT s.file_path AS file, coalesce(TRY_CAST(split_part(e.csv_line, '\t', 1) AS BIGINT), e.line) AS line, "
                  "min((e.error_type::VARCHAR = 'CAST', e.column_idx, e.column_name, e.error_type::VARCHAR, e.csv_line)) AS first "
                  "FROM reject_errors e JOIN (SELECT DISTINCT scan_id, file_id, file_path FROM reject_scans) s USING (scan_id, file_id) GROUP BY ALL)")
        number = self._asked(f"SELECT count(*) {joined}")[0][0]
        found = self._asked(f"SELECT file, line, first {joined} ORDER BY file, line LIMIT {EXAMPLES}")
        return number, [self._problem(file, line, tuple(first.values()) if isinstance(first, dict) else first) for file, line, first in found]

    def _problem(self, file: str, line: int, first: tuple[Any, ...]) -> Problem:
        cast, place, column, kind, text = first
        values = (text or "").split("\t")
        value = values[place - 1] if cast and place <= len(values) else "\t".join(values[1:])[:60]
        rule = "not a whole number" if cast else f"a line that can't be taken apart ({kind.lower()})"
        remedy = "The row is left out of the counts; mend it, or fetch the file again"
        return Problem(self.labels.get(file, file), line, column if cast else "", value, rule, remedy)


def watched(engine: duckdb.DuckDBPyConnection, run: Callable[[], Any], tell: Tell) -> None:
    """Runs a query, telling meanwhile what further share of it is done."""
    done, before = threading.Event(), [0.0]

    def look() -> None:
        """Asks the engine three times a second until the query is done."""
        while not done.wait(0.3):
            share = min(max(engine.query_progress() / 100, before[0]), 1.0)
            tell(share - before[0])
            before[0] = share

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        run()
    finally:
        done.set()
        watcher.join()
    tell(1.0 - before[0])


def count_files(paths: Sequence[Path], form: str, walk: Crosswalk, place: bool = False,
                started: Callable[[int], Tell] = lambda size: lambda step: None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """The acts of a feed in files, by day, and its report (`feeds.counted`, with files, rows, unreadable rows with examples, faulty files).
    started: told the bytes to read, returns what is told of every further share of them. Raises FeedError where no file can be read."""
    roles(form)
    files = found_files(paths)
    with tempfile.TemporaryDirectory(prefix="sahel-shift-feed-", ignore_cleanup_errors=True) as name:
        tell = started(sum(file.stat().st_size for file in files))
        found = Found(files, form, Path(name), packed(host_codes(walk, place)), tell)
        counting = Counting(Path(name), form, walk, place, tell)
        try:
            for piece in found:
                counting.add(piece)
            counting.flush()
            counting.problems[:0] = found.problems
            table, report = feeds.counted(counting.total(), walk)
            rejected, examples = counting.rejected()
        finally:
            counting.engine.close()
    report["left out"]["unreadable"] += rejected
    report |= {"format": form, "files": counting.files, "empty files": found.empty, "rows": counting.lines, "place": place,
               "examples": [str(problem) for problem in examples], "faulty files": [str(problem) for problem in counting.problems],
               "codes in doubt": list(walk.doubtful)}
    return table, report


def summary(report: dict[str, Any]) -> list[str]:
    """The report in lines for the terminal: what was read, what counts, what doesn't and why."""
    lines = [f"{report['rows']:,} rows in {report['files']:,} files: {report['acts']:,} acts, {report['duplicates']:,} rows that repeat one of them",
             "not counted: " + ", ".join(f"{reason} {number:,}" for reason, number in report["left out"].items())]
    for name in ("actor codes unmatched", "event codes unmatched"):
        if report[name]:
            most = [f"{code or 'none'} ({number:,})" for code, number in list(report[name].items())[:8]]
            lines.append(f"{name}: {', '.join(most)}" + (" …" if len(report[name]) > 8 else ""))
    lines += [f"no such day, unreadable: {', '.join(report['no such day'])}"] if report["no such day"] else []
    lines += [f"codes that stand for coming and leaving, left out: {', '.join(report['codes in doubt'])}"] if report["codes in doubt"] else []
    lines += [f"empty files: {report['empty files']:,}"] if report["empty files"] else []
    return lines + report["faulty files"] + report["examples"]


def write(table: pd.DataFrame, report: dict[str, Any], out: Path) -> list[Path]:
    """Writes the counts by month, beside them those by day and the report, each whole or not at all; returns the files.

    `counts.csv` has month, host, bloc, direction, events, mentions, sources. `counts-days.csv` has the same by day: whether the feed
    saw an act within a week can't be told from months. `counts-report.json` says what is not in them.
    """
    monthly = table.assign(month=table["day"].str[:7]).groupby(["month", *feeds.COUNTED[1:4]], as_index=False)[list(feeds.COUNTED[4:])].sum()
    out.parent.mkdir(parents=True, exist_ok=True)
    texts = {out: monthly.to_csv(index=False, lineterminator="\n"), out.with_name(f"{out.stem}-days.csv"): table.to_csv(index=False, lineterminator="\n"),
             out.with_name(f"{out.stem}-report.json"): json.dumps(report, indent=1, ensure_ascii=False) + "\n"}
    for path, text in texts.items():
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(text.encode())
        os.replace(fresh, path)
    return list(texts)
