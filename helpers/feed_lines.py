"""The lines of a feed's text that matter, sifted from a stream of bytes: nearly all lines name no host and are passed over, a block at a time.

Kept is a line with the code of a host between two tabs, one whose id is no number, and one that is no row of the format, which
has to be told of. Before each its number in the text is written. Optional: nothing of the main job imports this file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import IO, TypeVar

import numpy as np
import numpy.typing as npt

BLOCK, LONGEST = 2 * 2**20, 2**20  # bytes; a longer line is cut, since it is no row of a feed
TAB, NEWLINE, AT_WORK = 9, 10, 2
Result = TypeVar("Result")


@dataclass(frozen=True)
class Codes:
    """Codes as numbers of their letters: length → numbers; first: whether a letter begins one of them."""

    numbers: Mapping[int, npt.NDArray[np.uint32]]
    first: npt.NDArray[np.bool_]


def packed(codes: Iterable[str]) -> Codes:
    """Codes of 1 to 4 ASCII letters."""
    lengths: dict[int, list[int]] = {}
    first = np.zeros(256, bool)
    for code in sorted(set(codes)):
        lengths.setdefault(len(code), []).append(int.from_bytes(code.encode("ascii"), "big"))
        first[ord(code[0])] = True
    return Codes({length: np.array(numbers, np.uint32) for length, numbers in lengths.items()}, first)


def whole_lines(stream: IO[bytes], told: Callable[[], None] = lambda: None) -> Iterator[bytes]:
    """Blocks that end with a line; of a line longer than `LONGEST` its start. told: called after every read."""
    rest, cut = b"", False
    while read := stream.read(BLOCK):
        told()
        if cut:  # the rest of a line whose start was given already
            cut = b"\n" not in read
            read = b"" if cut else read[read.find(b"\n") + 1:]
        read = rest + read
        end = read.rfind(b"\n") + 1
        rest = read[end:]
        if end:
            yield read[:end]
        if len(rest) > LONGEST:
            yield rest[:LONGEST] + b"\n"
            rest, cut = b"", True
    if rest:
        yield rest + b"\n"


def _naming(letters: npt.NDArray[np.uint8], tabs: npt.NDArray[np.bool_], codes: Codes) -> npt.NDArray[np.int64]:
    """Places of the tabs before one of the codes."""
    found = [np.empty(0, np.int64)]
    for length, numbers in codes.numbers.items():
        cells = tabs[:-length - 1] & tabs[length + 1:]
        cells &= ~tabs[1:-length]  # spares the runs of empty cells
        places = np.flatnonzero(cells)
        places = places[codes.first[letters[places + 1]]]
        number = np.zeros(len(places), np.uint32)
        for step in range(1, length + 1):
            number = (number << np.uint32(8)) | letters[places + step]
        found.append(places[np.isin(number, numbers)])
    return np.concatenate(found)


def matter(block: bytes, width: int, codes: Codes) -> tuple[int, list[tuple[int, int, int]]]:
    """How many lines a block of whole lines has, and of those that matter their place in it, from 0, start and end in bytes.
    width: cells of a row, at most 255."""
    letters = np.frombuffer(block, np.uint8)
    tabs, ends = letters == TAB, np.flatnonzero(letters == NEWLINE) + 1
    starts = np.concatenate([[0], ends[:-1]])
    keep = np.add.reduceat(tabs.view(np.uint8), starts, dtype=np.uint8) != width - 1
    keep |= (letters[starts] - np.uint8(ord("0"))) > 9
    keep[np.searchsorted(ends, _naming(letters, tabs, codes), "right")] = True
    places = np.flatnonzero(keep)
    return len(ends), list(zip(places.tolist(), starts[places].tolist(), ends[places].tolist()))


def sift(blocks: Iterable[bytes], width: int, codes: Codes, out: IO[bytes]) -> tuple[int, int]:
    """Writes the lines that matter, each after its number in the text and a tab; returns how many lines there are and how many it wrote.
    Lines of nothing are passed over."""
    lines = kept = 0
    for block, (number, found) in _beside(blocks, lambda block: matter(block, width, codes)):
        every = [b"%d\t%b" % (lines + place + 1, line) for place, start, end in found if (line := block[start:end]).strip(b"\r\n")]
        out.write(b"".join(every))
        lines, kept = lines + number, kept + len(every)
    return lines, kept


def _beside(blocks: Iterable[bytes], work: Callable[[bytes], Result]) -> Iterator[tuple[bytes, Result]]:
    """Every block with what came of it, in their order, two at work at a time."""
    with ThreadPoolExecutor(AT_WORK) as pool:
        waiting: deque[tuple[bytes, Future[Result]]] = deque()
        for block in blocks:
            waiting.append((block, pool.submit(work, block)))
            if len(waiting) > AT_WORK + 1:
                done, result = waiting.popleft()
                yield done, result.result()
        for done, result in waiting:
            yield done, result.result()
