"""The files of a feed one by one: found in folders, unpacked, their lines counted and those that matter sifted out (`feed_lines`).

Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO

from helpers.feed_codes import FeedError, described
from helpers.feed_lines import Codes, sift, whole_lines
from helpers.reading import Problem

SNIFFED = 20
TEXTS, PACKED, PARQUET = (".csv", ".tsv", ".txt"), (".zip", ".gz"), ".parquet"


@dataclass(frozen=True)
class Piece:
    """What can be read now: the sifted lines of a text (`path` is ours to delete), or a Parquet file as it is (width 0).
    label: its name in messages; width: columns; lines: of the whole text; kept: sifted; size: bytes still to be told of."""

    label: str
    path: Path
    width: int = 0
    lines: int = 0
    kept: int = 0
    size: int = 0


@dataclass
class Found:
    """The pieces of a feed as they come, and what was wrong with files that had to be left out. tell: is told of every further bytes read."""

    files: Sequence[Path]
    form: str
    folder: Path
    codes: Codes
    tell: Callable[[float], None]
    problems: list[Problem] = field(default_factory=list)
    empty: int = 0

    def __iter__(self) -> Iterator[Piece]:
        for number, path in enumerate(self.files):
            size = path.stat().st_size
            if path.suffix.lower() == PARQUET:
                yield Piece(str(path), path, size=size)
                continue
            told = [0]
            try:
                with path.open("rb", buffering=0) as raw:
                    for place, (label, stream) in enumerate(self._texts(path, raw)):
                        yield from self._piece(label, self.folder / f"{number}.{place}", whole_lines(stream, lambda: self._told(raw, size, told)))
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                self.problems.append(Problem(str(path), None, "", "", f"unreadable ({_said(error)})", "Fetch the file again; it is left out of the counts"))
            self.tell(size - told[0])

    def _told(self, raw: IO[bytes], size: int, told: list[int]) -> None:
        """Tells how much further a file was read."""
        here = max(told[0], min(raw.tell(), size))
        self.tell(here - told[0])
        told[0] = here

    @staticmethod
    def _texts(path: Path, raw: IO[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
        """The texts in a file, unpacked, with their names in messages."""
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(raw) as packed:
                for name in packed.namelist():
                    if not name.endswith("/"):
                        with packed.open(name) as stream:
                            yield f"{path}: {name}", stream
        elif path.suffix.lower() == ".gz":
            with gzip.open(raw) as stream:
                yield str(path), stream
        else:
            yield str(path), raw

    def _piece(self, label: str, target: Path, blocks: Iterator[bytes]) -> Iterator[Piece]:
        """The piece of a text; none where it is empty or of another format."""
        first = next(blocks, b"")
        width, problem = width_of(label, first, self.form)
        if width:
            try:
                with target.open("wb") as file:
                    lines, kept = sift(chain([first], blocks), width, self.codes, file)
            except BaseException:
                target.unlink(missing_ok=True)
                raise
            yield Piece(label, target, width, lines, kept)
        elif problem:
            self.problems.append(problem)
        else:
            self.empty += 1


def _said(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__


def widths(form: str) -> list[int]:
    """How many columns a line of the format can have."""
    described_form = described()["formats"][form]
    every = len(described_form["columns"])
    return [every - missing for missing in range(len(described_form["optional_last"]) + 1)]


def width_of(label: str, start: bytes, form: str) -> tuple[int, Problem | None]:
    """Columns of most of a text's first lines, or 0 and, unless it is empty, what is wrong."""
    first = [line for line in start.split(b"\n")[:SNIFFED] if line.strip()]
    if not first:
        return 0, None
    width = Counter(line.count(b"\t") + 1 for line in first).most_common(1)[0][0]
    if width in widths(form):
        return width, None
    other = next((name for name in described()["formats"] if width in widths(name)), "")
    remedy = f"Count it with --format {other}" if other else "Name files of the event table, tab-separated and without a header, as they come from the feed"
    rule = f"{width} columns where {form} has {widths(form)[0]}"
    return 0, Problem(label, 1, "", first[0][:80].decode("utf-8", "replace"), rule, remedy)


def found_files(paths: Sequence[Path]) -> list[Path]:
    """Every file of a feed under the paths, each once, by name. Raises FeedError where a path holds none."""
    endings, every = (*TEXTS, *PACKED, PARQUET), []
    for path in paths:
        if not path.exists():
            raise FeedError(f"{path}: no such file or folder. Name the files of the feed, or a folder that holds them")
        inside = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in endings)
        if not inside:
            raise FeedError(f"{path}: no file of a feed in it. Files end in {', '.join(endings)}")
        every += inside
    return list({file.resolve(): file for file in every}.values())
