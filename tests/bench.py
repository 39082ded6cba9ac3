"""Guards the build's speed, as ratios measured in one run: `python -m tests.bench`; exit status 1 where a limit is passed.

1. build: the whole process `python -m helpers html` (ledger checked, every notebook run, rendered, verified, replaced)
   against `jupyter nbconvert --execute --to html` of the same notebooks in one call, alternating.
2. draw: from opening page 02 until its last figure is drawn, against nbconvert's page of the same notebook.
3. growth: the whole process on a ledger of a hundred times as many events and citations, against the project's.
4. choices: every finding under every combination of choices, in seconds on the project's ledger.

Our figures show themselves by plotly's mime type, which nbconvert leaves out of a page; so that nbconvert draws them at all, its
copies of the notebooks get one first cell that gives the figures back plotly's own display, with PLOTLY_RENDERER=notebook, and
that names the host of a page per host. So both make the same pages.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpers.build import NOTEBOOKS, plan
from helpers.ledger import load
from helpers.schema import PROJECT_DATA, project_package
from helpers.specifications import evaluate
from tests import ledgers

ROOT = PROJECT_DATA.parent
PAIRS, OPENINGS, TIMES = 3, 7, 100
LIMITS = {"build": 1.0, "draw": 1.0, "growth": 4.0}
CHOICES = 5.0  # seconds
SHIFT = "02-west-and-russia"
DISPLAY = """import os
os.environ.update({parameters})
from plotly.basedatatypes import BaseFigure
from helpers import look
look.Figure._ipython_display_, look.Figure._repr_mimebundle_ = BaseFigure._ipython_display_, BaseFigure._repr_mimebundle_"""
THEIRS_DRAWN = """() => { const plots = [...document.querySelectorAll('.plotly-graph-div')];
    return plots.length >= COUNT && plots.every(plot => plot.querySelector('.main-svg')); }"""


def timed(words: list[str], environment: dict[str, str] | None = None) -> float:
    """Seconds of a whole process. Raises CalledProcessError, with what it said, where it fails."""
    start = time.perf_counter()
    run = subprocess.run(words, cwd=ROOT, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.stderr.write(run.stderr[-3000:])
        run.check_returncode()
    return time.perf_counter() - start


def ours(data: Path, out: Path) -> float:
    """Seconds of our build."""
    return timed([sys.executable, "-m", "helpers", "html", "--data", str(data), "--out", str(out)])


def theirs(notebooks: list[Path], out: Path) -> float:
    """Seconds of nbconvert's build of the same notebooks."""
    words = [sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--output-dir", str(out), *map(str, notebooks)]
    return timed(words, {"SAHEL_SHIFT_DATA": str(PROJECT_DATA), "PLOTLY_RENDERER": "notebook"})


def displaying(folder: Path) -> list[Path]:
    """Copies of the notebooks, one per page, with the first cell that lets plotly display the figures itself."""
    folder.mkdir()
    made = []
    for page in plan(NOTEBOOKS, load(PROJECT_DATA)):
        read = json.loads(page.notebook.read_text(encoding="utf-8"))
        first = DISPLAY.replace("{parameters}", repr(page.parameters))
        read["cells"].insert(
            0, {"cell_type": "code", "id": "display", "metadata": {}, "execution_count": None, "outputs": [], "source": first}
        )
        made.append((folder / page.file).with_suffix(".ipynb"))
        made[-1].write_text(json.dumps(read), encoding="utf-8")
    return made


def hundredfold(folder: Path, times: int = TIMES) -> Path:
    """The project's ledger with every event and citation `times` over, the copies under suffixed ids."""
    shutil.copytree(PROJECT_DATA, folder)
    for name in ("events", "citations"):
        rows = ledgers.rows(folder, name)
        ledgers.table(
            folder, name, [{**row, "event_id": row["event_id"] + (f"-{copy}" if copy else "")} for copy in range(times) for row in rows]
        )
    assert set(project_package().tables["citations"].key) >= {"event_id", "source_id"}
    return folder


def openings(pages: dict[str, tuple[Path, str]]) -> dict[str, float]:
    """Seconds in a fresh Chromium, offline, from opening a page until its condition holds: median of several, the pages alternating,
    so that whatever else the machine does falls on all of them."""
    from playwright.sync_api import sync_playwright

    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    found: dict[str, list[float]] = {name: [] for name in pages}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        for name, (page, drawn) in [item for _ in range(OPENINGS) for item in pages.items()]:
            context = browser.new_context(offline=True, viewport={"width": 1280, "height": 900})
            tab = context.new_page()
            start = time.perf_counter()
            tab.goto(page.as_uri(), wait_until="commit")
            tab.wait_for_function(drawn, timeout=120_000, polling=20)
            found[name].append(time.perf_counter() - start)
            context.close()
        browser.close()
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def megabytes(folder: Path) -> str:
    """The sizes of the pages."""
    return ", ".join(f"{page.stem} {page.stat().st_size / 1e6:.2f}" for page in sorted(folder.glob("[0-9]*.html")))


def line(name: str, mine: float, other: float) -> bool:
    """Prints one measure; True where it is within its limit."""
    ratio, limit = mine / other, LIMITS[name]
    print(
        f"{name:<8} ours {mine:7.2f} s   theirs {other:7.2f} s   ratio {ratio:5.2f}   limit {limit:.1f}   "
        + ("ok" if ratio <= limit else "over"),
        flush=True,
    )
    return ratio <= limit


def build_ratio(folder: Path) -> tuple[bool, float]:
    """Our build against nbconvert's, alternating; also our median."""
    notebooks, mine, other = displaying(folder / "notebooks"), [], []
    for _ in range(PAIRS):
        mine.append(ours(PROJECT_DATA, folder / "ours"))
        other.append(theirs(notebooks, folder / "theirs"))
    print(
        f"builds in s: ours {', '.join(f'{seconds:.1f}' for seconds in mine)}; theirs {', '.join(f'{seconds:.1f}' for seconds in other)}"
    )
    print(f"page sizes in MB: ours {megabytes(folder / 'ours')}; theirs {megabytes(folder / 'theirs')}")
    print(
        "nbconvert ran copies of the notebooks with a first cell that gives the figures plotly's own display (PLOTLY_RENDERER=notebook)"
    )
    return line("build", statistics.median(mine), statistics.median(other)), statistics.median(mine)


def draw_ratio(folder: Path) -> bool:
    """The time until every figure of page 02 is drawn."""
    page = (folder / "ours" / f"{SHIFT}.html").read_text(encoding="utf-8")
    figures = page.count("<figure data-figure=")
    drawn = f"() => document.querySelectorAll('figure[data-drawn] .main-svg:first-child').length >= {figures}"
    seconds = openings({
        "mine": (folder / "ours" / f"{SHIFT}.html", drawn),
        "other": (folder / "theirs" / f"{SHIFT}.html", THEIRS_DRAWN.replace("COUNT", str(figures))),
    })
    print(f"figures on page 02: {figures}")
    return line("draw", seconds["mine"], seconds["other"])


def growth_ratio(folder: Path, small: float) -> bool:
    """Our build of the hundredfold ledger against that of the project's."""
    large = ours(hundredfold(folder / "large"), folder / "ours-large")
    counted = [len(ledgers.rows(place, "events")) for place in (folder / "large", PROJECT_DATA)]
    print(f"growth: ours = {counted[0]:,} events, theirs = the project's {counted[1]:,}")
    return line("growth", large, small)


def choices_seconds() -> bool:
    """Seconds of evaluating every choice, in this process; the best of three."""
    ledger, found = load(PROJECT_DATA), []
    for _ in range(3):
        start = time.perf_counter()
        evaluation = evaluate(ledger)
        found.append(time.perf_counter() - start)
    combinations = sum(len(outcomes.grid) for outcomes in [*evaluation.outcomes.values(), *evaluation.exits.values()])
    print(f"choices  {min(found):7.2f} s for {combinations:,} combinations   limit {CHOICES:.1f} s   {'ok' if min(found) <= CHOICES else 'over'}", flush=True)
    return min(found) <= CHOICES


def main() -> int:
    """All measures; 1 where one is over its limit."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        built, small = build_ratio(folder)
        rest: list[Callable[[], bool]] = [choices_seconds, lambda: draw_ratio(folder), lambda: growth_ratio(folder, small)]
        return 0 if all([built, *(measure() for measure in rest)]) else 1


if __name__ == "__main__":
    sys.exit(main())
