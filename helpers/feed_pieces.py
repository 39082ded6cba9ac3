"""The files of a feed one by one: found in folders, unpacked, their lines and columns counted, before anything is read from them.

Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np

from helpers.feed_codes import FeedError, described
from helpers.reading import Problem

CHUNK, SNIFFED = 2**20, 20
TEXTS, PACKED, PARQUET = (".csv", ".tsv", ".txt"), (".zip", ".gz"), ".parquet"


@dataclass(frozen=True)
class Piece:
    """A file that can be read now. label: its name in messages; width: columns (0: Parquet); size: bytes of the file as it was found;
    even: it has as many tabs as so many lines of that width have, so that hardly any line can be out of shape."""

    label: str
    path: Path
    width: int
    lines: int
    size: int
    ours: bool
    even: bool = False


@dataclass
class Found:
    """The pieces of a feed as they come, and what was wrong with files that had to be left out."""

    files: Sequence[Path]
    form: str
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    empty: int = 0

    def __iter__(self) -> Iterator[Piece]:
        for number, path in enumerate(self.files):
            try:
                yield from self._pieces(path, self.folder / str(number))
            except (OSError, EOFError, zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError) as error:
                self.problems.append(Problem(str(path), None, "", "", f"unreadable ({_said(error)})", "Fetch the file again; it is left out of the counts"))

    def _pieces(self, path: Path, target: Path) -> Iterator[Piece]:
        size = path.stat().st_size
        if path.suffix.lower() == PARQUET:
            yield Piece(str(path), path, 0, 0, size, False)
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as packed:
                inside = [name for name in packed.namelist() if not name.endswith("/")]
                for number, name in enumerate(inside):
                    with packed.open(name) as stream:
                        yield from self._piece(f"{path}: {name}", target.with_suffix(f".{number}"), stream, size // len(inside), target)
        elif path.suffix.lower() == ".gz":
            with gzip.open(path) as stream:
                yield from self._piece(str(path), target.with_suffix(".0"), stream, size, target)
        else:
            with path.open("rb", buffering=0) as stream:
                yield from self._piece(str(path), path, stream, size, None)

    def _piece(self, label: str, path: Path, stream: IO[bytes], size: int, target: Path | None) -> Iterator[Piece]:
        """The piece of a stream of text, written to `path` where it was packed; none where it is empty or of another format."""
        try:
            if target is None:
                lines, tabs, start = counted_lines(stream)
            else:
                with path.open("wb") as file:
                    lines, tabs, start = counted_lines(stream, file)
            width, problem = width_of(label, start, self.form)
        except BaseException:
            if target is not None:
                path.unlink(missing_ok=True)
            raise
        if width:
            yield Piece(label, path, width, lines, size, target is not None, tabs == lines * (width - 1))
            return
        if target is not None:
            path.unlink(missing_ok=True)
        if problem:
            self.problems.append(problem)
        else:
            self.empty += 1


def _said(error: BaseException) -> str:
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__


def counted_lines(stream: IO[bytes], copy: IO[bytes] | None = None) -> tuple[int, int, bytes]:
    """Lines and tabs of a stream of text, and its start; `copy` receives what is read. Nothing is held but a chunk."""
    lines, tabs, start, last = 0, 0, b"", b"\n"
    while chunk := stream.read(CHUNK):
        letters = np.frombuffer(chunk, np.uint8)
        lines += int(np.count_nonzero(letters == 10))
        tabs += int(np.count_nonzero(letters == 9))
        start = start or chunk
        last = chunk[-1:]
        if copy is not None:
            copy.write(chunk)
    return lines + (last != b"\n"), tabs, start


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
