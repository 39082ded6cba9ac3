"""Guards the sieve of feeds: whatever the blocks, exactly the lines that matter come through, each with its number."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers import feed_lines

LINES = st.lists(st.text(st.sampled_from("\t1MLIé"), max_size=12) | st.sampled_from(["1\tMLI\t", "1\t\tML", "7\ta\tb", "\r"]), max_size=12)


@given(LINES, st.booleans(), st.integers(1, 40), st.integers(2, 60))
def test_the_sieve_keeps_what_matters_wherever_blocks_end(lines: list[str], ended: bool, block: int, longest: int) -> None:
    """Against the rule written out line by line; of a line that is too long the start is judged."""
    data = "\n".join(lines).encode() + (b"\n" if ended and lines else b"")
    codes, out = feed_lines.packed(["MLI", "ML"]), io.BytesIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(feed_lines, "BLOCK", block)
        patch.setattr(feed_lines, "LONGEST", 10**6)
        number, kept = feed_lines.sift(feed_lines.whole_lines(io.BytesIO(data)), 3, codes, out)
        every = data.split(b"\n")[:-1] if data.endswith(b"\n") else data.split(b"\n") if data else []
        wanted = [b"%d\t%b\n" % (place + 1, line) for place, line in enumerate(every) if line.strip(b"\r") and (
            line.count(b"\t") != 2 or not line[:1].isdigit() or b"\tMLI\t" in line or b"\tML\t" in line)]
        assert (number, kept, out.getvalue()) == (len(every), len(wanted), b"".join(wanted))
        patch.setattr(feed_lines, "LONGEST", longest)
        assert feed_lines.sift(feed_lines.whole_lines(io.BytesIO(data)), 3, codes, io.BytesIO())[0] == len(every)


def test_a_line_without_end_is_not_held_in_memory() -> None:
    stream = io.BytesIO(b"1\tMLI\t" + b"x" * (3 * feed_lines.BLOCK) + b"\n2\tMLI\tb\n")
    assert [len(block) for block in feed_lines.whole_lines(stream)] == [feed_lines.LONGEST + 1, len(b"2\tMLI\tb\n")]
