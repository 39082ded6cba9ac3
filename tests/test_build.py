"""Guards the build: whole, sealed, reproducible pages, or the last ones byte for byte as they were."""

from __future__ import annotations

import base64
import errno
import getpass
import gzip
import hashlib
import io
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
import plotly
import pytest

from helpers.build import BuildError, _own, build, replace
from helpers.ledger import LedgerError, load
from helpers.runs import PageError
from helpers.schema import PROJECT_DATA
from tests import ledgers
from tests.pages_fixtures import (
    FAKED,
    ROOT,
    STRANGER,
    Taken,
    again,
    command,
    contents,
    empty_pages,
    notebook,
    one_sided_pages,
    packed,
    pages_of,
    planned,
    real,
    script_hash,
    taken,
)

__all__ = ["again", "empty_pages", "one_sided_pages", "packed", "real"]
pytestmark = pytest.mark.slow

COMMON_WORDS = {
    "root",
    "user",
    "admin",
    "runner",
    "vscode",
    "jovyan",
    "ubuntu",
    "debian",
    "test",
    "build",
    "data",
    "home",
    "app",
    "work",
    "guest",
}
LOADS = ("script", "link", "img", "iframe", "object", "embed", "source", "video", "audio", "image", "use")
OURS_TO_TAKE = r"data:application/(?:zip|vnd\.openxmlformats-officedocument\.spreadsheetml\.sheet);base64,"
BUNDLE = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_bytes()


# The real pages.


def test_the_project_s_ledger_makes_index_pages_findings_and_manifest(real: Path) -> None:
    assert {"index.html", "findings.json", "manifest.json", "01-reported-events.html", "02-west-and-russia.html"} <= set(contents(real))
    assert not (real / ".sahel-shift.new").exists()


def test_findings_json_lists_every_finding_with_its_page(real: Path) -> None:
    found = json.loads((real / "findings.json").read_text(encoding="utf-8"))
    assert {"lead-change", "departure", "replacement", "disengagement"} <= {item["id"] for item in found}
    for item in found:
        assert set(item) >= {"id", "page", "verdict", "values", "text", "hedge"}
        page = taken(real / item["page"])
        assert item["id"] in {named.get("data-finding") for _, named in page.tags} and item["text"] in page.text


def test_the_index_says_the_headline_and_links_every_page(real: Path) -> None:
    index = taken(real / "index.html")
    found = {item["id"]: item["text"] for item in json.loads((real / "findings.json").read_text(encoding="utf-8"))}
    assert all(found[name] in index.text for name in ("lead-change", "departure", "replacement"))
    linked = {named.get("href") for tag, named in index.tags if tag == "a"}
    assert {page.name for page in pages_of(real)} - {"index.html"} <= linked
    assert any(tag == "svg" and named.get("class") == "static" for tag, named in index.tags)


def test_the_manifest_holds_the_hash_of_every_file(real: Path) -> None:
    listed = json.loads((real / "manifest.json").read_text(encoding="utf-8"))["files"]
    made = {name: hashlib.sha256(data).hexdigest() for name, data in contents(real).items() if name != "manifest.json"}
    assert listed == made


LIMITS = {"index.html": 1.0, "01-reported-events.html": 6.5}  # the ledger to take: as a workbook and as tables


@pytest.mark.parametrize("name", ["index.html", *planned()])
def test_a_page_stays_small(name: str, real: Path) -> None:
    assert (real / name).stat().st_size <= LIMITS.get(name, 5.35) * 1e6


def test_a_compressed_page_is_under_half_of_it_and_unpacks_to_plotly_s_own_bundle(packed: Path) -> None:
    page = packed / "02-west-and-russia.html"
    assert page.stat().st_size <= 2.4e6
    inside = next(text for named, text in taken(page).scripts if named.get("id") == "plotly-packed")
    assert gzip.decompress(base64.b64decode(inside)) == BUNDLE
    assert script_hash(BUNDLE.decode()) in taken(page).policy["script-src"]


def test_two_builds_give_the_same_bytes_whoever_runs_them_wherever(real: Path, again: tuple[Path, str]) -> None:
    first, second = contents(real), contents(again[0])
    assert sorted(first) == sorted(second)
    assert [name for name in first if first[name] != second[name]] == []


@pytest.mark.skipif(not FAKED[0], reason="no faketime: apt-get install faketime")
def test_the_second_of_the_two_builds_ran_under_another_clock_and_so_do_a_workbook_and_a_folder(tmp_path: Path) -> None:
    faked, real_ones = tmp_path / "faked", tmp_path / "real"
    year = subprocess.run([*FAKED[0], sys.executable, "-c", "import time; print(time.localtime().tm_year)"], capture_output=True, text=True, check=True)
    assert int(year.stdout) == 2031
    for folder, before, environment in ((faked, FAKED[0], {**STRANGER, **FAKED[1]}), (real_ones, [], {})):
        for words in (("convert", "--data", str(PROJECT_DATA), "--out", str(folder / "ledger.xlsx")), ("new", "--data", str(folder / "new.xlsx")),
                      ("convert", "--data", str(PROJECT_DATA), "--out", str(folder / "folder"))):
            run = command(*words, environment=environment, before=before)
            assert run.returncode == 0, run.stderr
    assert contents(faked) == contents(real_ones) and contents(faked / "folder") == contents(real_ones / "folder")
    assert len(contents(faked)) == 2 and len(contents(faked / "folder")) > 20


def test_the_command_prints_the_headline_and_the_index(again: tuple[Path, str]) -> None:
    folder, said = again
    found = {item["id"]: item["text"] for item in json.loads((folder / "findings.json").read_text(encoding="utf-8"))}
    lines = said.strip().splitlines()
    assert lines[-1] == str(folder / "index.html") and found["lead-change"] in lines


def own_text(folder: Path) -> dict[str, str]:
    """What we write ourselves by file: pages without plotly's bundle and the archive, and the archive's files."""
    texts = {}
    for path in folder.iterdir():
        if path.suffix in (".html", ".json"):
            texts[path.name] = path.read_text(encoding="utf-8").replace(BUNDLE.decode(), "")
            for packed_ledger in re.findall(r"data:application/(?:zip|vnd[a-z.-]+);base64,([A-Za-z0-9+/=]+)", texts[path.name]):
                texts[path.name] = texts[path.name].replace(packed_ledger, "")
                bundle = zipfile.ZipFile(io.BytesIO(base64.b64decode(packed_ledger)))
                texts |= {f"{path.name}: {name}": bundle.read(name).decode("utf-8", "replace") for name in bundle.namelist()}
    return texts


def test_no_path_user_or_host_name_stands_in_a_page(real: Path, again: tuple[Path, str]) -> None:
    folders = [
        str(ROOT),
        str(Path.home()),
        tempfile.gettempdir(),
        os.path.realpath(tempfile.gettempdir()),
        "/home",
        "/Users",
        "/tmp",
        r"C:\\Users",
        sys.prefix,
    ]
    names = [
        name for name in {getpass.getuser(), socket.gethostname(), socket.gethostname().split(".")[0]} if name.lower() not in COMMON_WORDS
    ]
    # A folder of these, not the tail of a web address (https://example.org/tmp/…).
    paths = re.compile(
        r"(?<![\w.%~-])(?:" + "|".join(sorted(map(re.escape, {folder for folder in folders if len(folder) > 1}))) + r")[/\\]"
    )
    named = re.compile(r"(?<![\w-])(?:" + "|".join(sorted(map(re.escape, names))) + r")(?![\w-])") if names else None
    for folder in (real, again[0]):
        for name, text in own_text(folder).items():
            assert not (seen := paths.search(text)), f"{name}: {text[max(0, seen.start() - 80):seen.end() + 80]}"
            assert not named or not (seen := named.search(text)), f"{name}: {text[max(0, seen.start() - 80):seen.end() + 80]}"
            assert "qqzz" not in text, name
            assert not any(value in text for key, value in STRANGER.items() if key in ("USER", "TZ", "HOSTNAME")), name


def test_no_tag_loads_anything_from_a_host(real: Path, packed: Path) -> None:
    for page in [*pages_of(real), *pages_of(packed)]:
        for tag, named in taken(page).tags:
            loaded = (
                [named[name] for name in ("src", "href", "srcset", "data", "poster", "xlink:href") if name in named]
                if tag in LOADS
                else []
            )
            assert all(re.match(r"(data:|blob:|#)", address) for address in loaded), f"{page.name}: <{tag}> {loaded}"
            assert tag not in ("iframe", "object", "embed", "base", "link", "form"), f"{page.name}: <{tag}>"


def test_no_style_loads_anything(real: Path) -> None:
    for page in pages_of(real):
        style = re.findall(r"<style>(.*?)</style>", page.read_text(encoding="utf-8"), re.S)
        assert style and all("@import" not in text and not re.search(r"url\((?!['\"]?(data:|#))", text) for text in style)


def test_every_link_goes_to_the_web_to_the_page_itself_to_a_sister_or_to_our_download(real: Path) -> None:
    sisters = {page.name for page in pages_of(real)}
    for page in pages_of(real):
        html = taken(page)
        ids = [named["id"] for _, named in html.tags if "id" in named]
        for named in (named for tag, named in html.tags if tag == "a"):
            address = named.get("href", "")
            ours = re.match(OURS_TO_TAKE, address) and named.get("download", "").startswith("sahel-shift-ledger-")
            within = address.startswith("#") and address[1:] in ids
            assert re.match(r"https?://", address) or ours or within or address.split("#")[0] in sisters, f"{page.name}: {address[:100]}"
            assert not address.startswith("http") or set(named.get("rel", "").split()) >= {"noopener", "noreferrer"}
        assert len(ids) == len(set(ids)), f"{page.name}: an id stands twice"


def test_every_foot_links_the_page_that_offers_exactly_this_ledger(real: Path) -> None:
    for page in pages_of(real):
        foot = page.read_text(encoding="utf-8").rsplit('<footer class="foot">', 1)[1]
        assert re.findall(r'<a href="([^"]*)">exactly this ledger</a>', foot) == ["01-reported-events.html"], page.name


@pytest.mark.parametrize("form", ["real", "packed", "empty_pages"])
def test_the_policy_allows_exactly_the_scripts_of_the_page(form: str, request: pytest.FixtureRequest) -> None:
    for page in pages_of(request.getfixturevalue(form)):
        html = taken(page)
        allowed = set(html.policy["script-src"])
        late = {script_hash(BUNDLE.decode())} if form == "packed" else set()
        assert {script_hash(text) for text in html.running} <= allowed
        assert allowed <= {script_hash(text) for text in html.running} | late, page.name
        assert html.policy["default-src"] == ["'none'"] and html.policy["img-src"] == ["data:", "blob:"]
        assert html.policy["base-uri"] == html.policy["form-action"] == ["'none'"]
        order = [tag for tag, named in html.tags if tag in ("script", "style") or "http-equiv" in named]
        assert order[0] == "meta", "the policy comes before what it rules"
        assert not any(name.startswith("on") for _, named in html.tags for name in named), "no handler in a tag"


def test_plotly_s_bundle_stands_in_a_page_once_and_verbatim(real: Path) -> None:
    wanted = hashlib.sha256(BUNDLE).hexdigest()
    for page in pages_of(real):
        html = taken(page)
        hashes = [hashlib.sha256(text.encode()).hexdigest() for text in html.running]
        drawn = any(tag == "figure" and "data-figure" in named for tag, named in html.tags)
        assert hashes.count(wanted) == drawn, page.name


def test_the_archive_in_page_01_is_the_ledger(real: Path, tmp_path: Path) -> None:
    links = [
        named
        for tag, named in taken(real / "01-reported-events.html").tags
        if tag == "a" and named.get("href", "").startswith("data:application/zip")
    ]
    assert len(links) == 1 and "download" in links[0]
    zipfile.ZipFile(io.BytesIO(base64.b64decode(links[0]["href"].split(",", 1)[1]))).extractall(tmp_path)
    unpacked, ours = load(tmp_path / "data"), load(PROJECT_DATA)
    assert unpacked.hash == ours.hash and unpacked.cutoff == ours.cutoff and unpacked.title == ours.title
    assert ours.hash in links[0]["download"]
    assert {name: len(frame) for name, frame in unpacked.tables.items()} == {name: len(frame) for name, frame in ours.tables.items()}


def test_every_page_says_which_ledger_it_is_how_it_was_coded_and_its_cutoff(real: Path) -> None:
    ledger = load(PROJECT_DATA)
    for page in pages_of(real):
        text = taken(page).text
        assert ledger.hash in text and ledger.cutoff in text and ledger.title in text and "no independent human check" in text


def test_every_event_stands_in_page_01(real: Path) -> None:
    events = load(PROJECT_DATA)["events"]["event_id"]
    ids = {named.get("id") for tag, named in taken(real / "01-reported-events.html").tags if tag == "tr"}
    assert {f"event-{name}" for name in events} <= ids or len(events) > 2000


def test_every_figure_has_alt_text_a_table_and_downloads(real: Path) -> None:
    for page in pages_of(real):
        source = page.read_text(encoding="utf-8")
        for figure in map(Taken, re.findall(r"<figure data-figure=.*?</figure>", source, re.S)):
            plots = [named for tag, named in figure.tags if named.get("class") == "plot"]
            assert len(plots) == 1 and plots[0]["role"] == "img" and len(plots[0]["aria-label"]) > 20
            assert {"td", "th", "h3", "button", "script"} <= {tag for tag, _ in figure.tags}


def test_an_empty_ledger_makes_every_page_and_says_so_in_words(empty_pages: Path) -> None:
    assert set(planned()) <= set(contents(empty_pages))
    assert "holds no event" in taken(empty_pages / "01-reported-events.html").text
    for page in pages_of(empty_pages):
        html = taken(page)
        assert not any(tag == "figure" and "data-figure" in named for tag, named in html.tags), page.name
        assert not re.search(r"\b(nan|NaN|None|NaT|inf)\b", html.text), page.name


def test_a_ledger_without_russian_events_makes_every_page_and_says_so_in_words(one_sided_pages: Path) -> None:
    assert set(planned()) <= set(contents(one_sided_pages))
    assert "no Russian engagement" in taken(one_sided_pages / "02-west-and-russia.html").text
    assert not any(re.search(r"\b(nan|NaN|NaT)\b", taken(page).text) for page in pages_of(one_sided_pages))


# Notebooks that go wrong.

MIME = "application/vnd.plotly.v1+json"
TABLE = '"table": {"columns": ["Year"], "rows": [[2020]]}'
GOOD_META = '{"id": "one", "title": "One", "alt": "A line from one to two.", "note": "", "unit": "", "key": [], ' + TABLE + "}"


def shown(meta: str = GOOD_META, data: str = '[{"type": "scatter", "y": [1, 2]}]') -> str:
    """A cell that shows a figure by plotly's mime type."""
    layout = '{"height": 300, "margin": {}' + (f', "meta": {meta}' if meta else "") + "}"
    bundle = '{"' + MIME + '": {"data": ' + data + ', "layout": ' + layout + '}, "text/plain": "a figure"}'
    return f"from IPython.display import display\ndisplay({bundle}, raw=True)"


OURS = """from helpers import look
import pandas as pd
figure = look.canvas(300)
figure.add_scatter(y=[1, 2])
figure = look.finish(figure, "one", "One", "A line from one to two.", pd.DataFrame({"Year": [2020]}))
figure.layout.meta = None
figure"""
PLAIN = "import plotly.graph_objects as go\ngo.Figure(go.Scatter(y=[1, 2]))"
SILENT = "figure = 1"
BROKEN = {
    "a figure cell that shows nothing": ([(SILENT, "figure")], 1),
    "a figure cell that shows text": ([("1 + 1", "figure")], 1),
    "a figure without alt text": ([(shown(GOOD_META.replace("A line from one to two.", "")), "figure")], 1),
    "a figure without words": ([(shown(meta=""), "figure")], 1),
    "a figure of ours that lost its words": (["ready = True", (OURS, "figure")], 2),
    "a figure without a table": ([(shown(GOOD_META.replace("[[2020]]", "[]")), "figure")], 1),
    "a figure without an id": ([(shown(GOOD_META.replace('"one"', '""')), "figure")], 1),
    "a figure that never had an id": ([(shown(GOOD_META.replace('"id": "one", ', "")), "figure")], 1),
    "a figure without data": ([(shown(data="[]"), "figure")], 1),
    "two figures with one id": ([(shown(), "figure"), "ready = True", (shown(), "figure")], 3),
    "two figures in one cell": ([(shown() + "\n" + shown(GOOD_META.replace('"one"', '"two"')).splitlines()[1], "figure")], 1),
    "a figure in a cell without the tag": ([shown()], 1),
    "a plotly figure of nobody": (["ready = True", (PLAIN, "figure")], 2),
    "a plotly figure of nobody in a cell without the tag": ([PLAIN], 1),
}
# Plain cells, so that most of these need no import in the kernel.
GOOD = ("# What is it?", (shown(), "figure"))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small ledger."""
    return ledgers.write(tmp_path_factory.mktemp("small") / "data", [{"partners": "RUS"}, {"partners": "FRA"}])


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Two folders of good tiny notebooks: `old` (01, 02) and `new` (other 01, 03)."""
    folder = tmp_path_factory.mktemp("tiny")
    notebook(notebook(folder / "old", "01-one", *GOOD), "02-two", "# Which is old?")
    notebook(notebook(folder / "new", "01-one", "# What is new?"), "03-three", "# Which is newer?")
    return {"old": folder / "old", "new": folder / "new"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, data: Path, tiny: dict[str, Path]) -> dict[str, dict[str, bytes]]:
    """What undisturbed builds of the tiny notebooks make: `old` and `new`, file by file."""
    made = {}
    for name, folder in tiny.items():
        out = tmp_path_factory.mktemp("clean") / name
        build(data, out, notebooks=folder)
        made[name] = contents(out)
    return made


@pytest.fixture
def pages(tmp_path: Path, clean: dict[str, dict[str, bytes]]) -> Path:
    """The old pages, as a build left them."""
    out = tmp_path / "html"
    out.mkdir()
    for name, text in clean["old"].items():
        (out / name).write_bytes(text)
    return out


def refuses(data: Path, pages: Path, notebooks: Path) -> str:
    """Asserts that a build fails and leaves the pages byte for byte as they were; returns its message."""
    before = contents(pages)
    with pytest.raises(PageError) as caught:
        build(data, pages, notebooks=notebooks)
    assert contents(pages) == before and not (pages / ".sahel-shift.new").exists()
    return str(caught.value)


def test_a_good_tiny_notebook_is_a_page(clean: dict[str, dict[str, bytes]]) -> None:
    assert set(clean["old"]) == {"01-one.html", "02-two.html", "index.html", "findings.json", "manifest.json"}
    assert b'<figure data-figure="one"' in clean["old"]["01-one.html"]


@pytest.mark.parametrize("case", BROKEN)
def test_a_lost_figure_fails_the_build_by_notebook_and_cell_and_leaves_the_last_pages(
    case: str, data: Path, pages: Path, tmp_path: Path
) -> None:
    cells, number = BROKEN[case]
    said = refuses(data, pages, notebook(tmp_path / "notebooks", "01-one", "# What is it?", *cells))
    assert "01-one.ipynb" in said and f"code cell {number}" in said, said


def test_a_notebook_that_raises_fails_the_build_by_notebook_cell_and_line(data: Path, pages: Path, tmp_path: Path) -> None:
    bad = notebook(
        notebook(tmp_path / "notebooks", "01-one", *GOOD), "02-two", "# What fails?", "ready = True", "ready = True\nready / 0"
    )
    said = refuses(data, pages, bad)
    assert (
        "02-two.ipynb" in said and "code cell 2" in said and "line 2" in said and "ready / 0" in said and "ZeroDivisionError" in said
    ), said


def test_a_notebook_whose_kernel_dies_fails_the_build_by_notebook(data: Path, pages: Path, tmp_path: Path) -> None:
    said = refuses(data, pages, notebook(tmp_path / "notebooks", "01-one", "# What dies?", "import os\nos._exit(3)"))
    assert "01-one.ipynb" in said and "Traceback" not in said, said


def test_the_command_says_why_in_a_sentence_and_exits_1(tmp_path: Path) -> None:
    bad = ledgers.write(tmp_path / "data", [{"type": "no_such_type"}])
    run = command("html", "--data", str(bad), "--out", str(tmp_path / "html"))
    assert run.returncode == 1 and "events.csv, line 2, column type" in run.stderr and "Traceback" not in run.stderr
    assert not (tmp_path / "html").exists()


def test_html_and_markdown_that_a_notebook_shows_are_not_rendered(data: Path, tmp_path: Path) -> None:
    cell = "from IPython.display import HTML, Markdown, display\n"
    cell += "for kind in (HTML, Markdown):\n    display(kind('<img src=x onerror=alert(1)><b>qq</b>'))"
    build(data, tmp_path / "html", notebooks=notebook(tmp_path / "notebooks", "01-one", "# What is shown?", cell, "print('<img src=y>')"))
    tags = [tag for tag, _ in taken(tmp_path / "html" / "01-one.html").tags]
    assert "img" not in tags and "b" not in tags


# Killed, crowded and foreign folders.

# Forks at every call that changes a file and kills itself there; keeps the folder as each death left it.
KILL = """
import os, shutil, signal, sys
from pathlib import Path
from helpers.build import _own, replace
pages, new, kept = map(Path, sys.argv[1:])
files = {path.name: path.read_text(encoding="utf-8") for path in new.iterdir() if path.name not in ("manifest.json", ".sahel-shift.lock")}
before, moment = _own(pages), 0

def deadly(real, calls, side):
    def call(*words, **more):
        calls[0] += 1
        if calls[0] == moment and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = real(*words, **more)
        if calls[0] == moment:
            os.kill(os.getpid(), signal.SIGKILL)
        return done
    return call

killed = True
while killed:
    moment, killed = moment + 1, False
    for side in ("before", "after"):
        out = kept / f"{moment:02d}-{side}"
        shutil.copytree(pages, out)
        child = os.fork()
        if not child:
            calls = [0]
            for name in ("replace", "fsync", "unlink", "mkdir"):
                setattr(os, name, deadly(getattr(os, name), calls, side))
            replace(out, files, before)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1]) or killed
"""
BUILD = """
import sys
from pathlib import Path
from helpers.build import build
build(Path(sys.argv[1]), Path(sys.argv[2]), notebooks=Path(sys.argv[3]))
"""
NO_SIGKILL = pytest.mark.skipif(not hasattr(os, "fork"), reason="no SIGKILL on this system")


def whole(pages: Path, clean: dict[str, dict[str, bytes]]) -> None:
    """Asserts that every page is there and old or new, byte for byte, and the manifest readable."""
    for page in pages_of(pages):
        assert page.read_bytes() in [made[page.name] for made in clean.values() if page.name in made], page
    assert (pages / "index.html").is_file() and (pages / "01-one.html").is_file()
    assert {page.name for page in pages_of(pages)} <= set(json.loads((pages / "manifest.json").read_text(encoding="utf-8"))["files"])


@pytest.fixture(scope="module")
def wrecks(tmp_path_factory: pytest.TempPathFactory, clean: dict[str, dict[str, bytes]]) -> list[Path]:
    """The folders that builds left which were killed at each call that changes a file, in order; the last ones were not."""
    folder = tmp_path_factory.mktemp("wrecks")
    for name, files in clean.items():
        (folder / name).mkdir()
        for file, text in files.items():
            (folder / name / file).write_bytes(text)
    (folder / "kept").mkdir()
    subprocess.run(
        [sys.executable, "-c", KILL, str(folder / "old"), str(folder / "new"), str(folder / "kept")], cwd=ROOT, timeout=120, check=True
    )
    return sorted((folder / "kept").iterdir())


@NO_SIGKILL
def test_a_build_killed_at_any_call_that_changes_a_file_leaves_whole_pages(
    wrecks: list[Path], clean: dict[str, dict[str, bytes]]
) -> None:
    assert len(wrecks) > 20
    for pages in wrecks:
        whole(pages, clean)
    states = [contents(pages) for pages in wrecks]
    mixed = [state for state in states if len({state.get(name) == clean["old"].get(name) for name in ("01-one.html", "index.html")}) == 2]
    assert mixed, "some deaths fell between two pages"
    assert states[0].items() >= clean["old"].items() and states[-1] == clean["new"]


@NO_SIGKILL
def test_the_build_after_a_killed_one_mends_what_it_left(
    wrecks: list[Path], data: Path, tiny: dict[str, Path], clean: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    kinds = {tuple(sorted(contents(pages).items())): pages for pages in wrecks}
    for pages in list(kinds.values())[::2]:
        replace(pages, {name: text.decode() for name, text in clean["new"].items() if name != "manifest.json"}, _own(pages))
        assert contents(pages) == clean["new"], pages.name
    middle = shutil.copytree(list(kinds.values())[len(kinds) // 2 // 2 * 2 + 1], tmp_path / "html")
    build(data, middle, notebooks=tiny["new"])
    assert contents(middle) == clean["new"]


def started(data: Path, pages: Path, notebooks: Path) -> subprocess.Popen[str]:
    """A build as a process of its own."""
    return subprocess.Popen([sys.executable, "-c", BUILD, str(data), str(pages), str(notebooks)], cwd=ROOT, text=True, stderr=subprocess.PIPE)


@NO_SIGKILL
def test_a_build_killed_at_twenty_random_moments_leaves_whole_pages_and_the_next_mends(
    data: Path, pages: Path, tiny: dict[str, Path], clean: dict[str, dict[str, bytes]]
) -> None:
    """In turn over the same folder, so that each build also starts from what the last death left."""
    begun = time.monotonic()
    assert started(data, pages, tiny["new"]).wait(120) == 0
    lasted, chance, cut_short = time.monotonic() - begun, random.Random(20230820), 0
    for place in range(20):
        process = started(data, pages, tiny[("old", "new")[place % 2]])
        time.sleep(chance.uniform(0.1, 1.05) * lasted)
        process.kill()
        cut_short += process.wait() != 0
        whole(pages, clean)
        if place % 10 == 9:
            build(data, pages, notebooks=tiny["new"])
            assert contents(pages) == clean["new"] and not (pages / ".sahel-shift.new").exists()
    assert cut_short >= 10, "most builds died before their end"


# Full disks, closed folders, impatient people.


@pytest.mark.parametrize("moment", [1, 2, 4, 6])
def test_a_full_disk_is_said_in_a_sentence_and_leaves_the_last_pages(
    moment: int, data: Path, pages: Path, tiny: dict[str, Path], clean: dict[str, dict[str, bytes]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that finds no space stands in for the disk; at the sixth the new pages are already in their places."""
    before, calls, real_call = contents(pages), [0], os.fsync

    def full(file: int) -> None:
        calls[0] += 1
        if calls[0] == moment:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real_call(file)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(BuildError, match="html can't be written: No space left on device"):
            build(data, pages, notebooks=tiny["new"])
    assert not (pages / ".sahel-shift.new").exists()
    assert contents(pages) == before if moment < 6 else whole(pages, clean) is None
    build(data, pages, notebooks=tiny["new"])
    assert contents(pages) == clean["new"]


@pytest.mark.skipif(os.name == "nt", reason="no limit of a file's size on this system")
def test_a_page_that_the_system_cuts_off_leaves_the_last_pages(data: Path, pages: Path, tiny: dict[str, Path]) -> None:
    """The system's own limit of a file's size (`ulimit -f`) stops the write in the middle of a page, as a full disk does."""
    before = contents(pages)
    limited = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))\n" + BUILD
    run = subprocess.run([sys.executable, "-c", limited, str(data), str(pages), str(tiny["old"])], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 1 and "BuildError" in run.stderr and "html can't be written: File too large" in run.stderr
    assert contents(pages) == before and not (pages / ".sahel-shift.new").exists()


@pytest.mark.parametrize("where", ["under a file", "in a folder of the system"])
def test_a_place_where_no_folder_can_be_is_refused_with_a_sentence(where: str, data: Path, tiny: dict[str, Path], tmp_path: Path) -> None:
    """Also for root, whom no rights stop."""
    if where == "in a folder of the system" and not Path("/proc/self").exists():
        pytest.skip("no /proc on this system")
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    out = tmp_path / "file" / "html" if where == "under a file" else Path("/proc/sahel-shift-html")
    with pytest.raises(BuildError, match="can't be written"):
        build(data, out, notebooks=tiny["old"])
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_a_ledger_that_is_not_there_is_said_in_a_sentence(pages: Path) -> None:
    before = contents(pages)
    run = command("html", "--data", str(pages / "nowhere"), "--out", str(pages))
    assert run.returncode == 1 and "no such folder" in run.stderr and "Traceback" not in run.stderr and contents(pages) == before


@pytest.fixture
def heard() -> Iterator[None]:
    """Ctrl-C reaches the processes of a test also where the tests run in a background job of a shell, which has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heard")
@pytest.mark.parametrize("moment", ["while the libraries load", "while the notebooks run"])
@pytest.mark.skipif(os.name == "nt", reason="no Ctrl-C to another process on this system")
def test_an_interrupted_build_says_one_sentence_exits_130_and_leaves_the_last_pages(moment: str, pages: Path, tmp_path: Path) -> None:
    before = contents(pages)
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen([sys.executable, "-m", "helpers", "html", "--out", str(pages)], cwd=ROOT, env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    limit = time.monotonic() + 60
    if moment == "while the libraries load":
        time.sleep(0.4)
    else:
        while not list(tmp_path.rglob("*-1")):  # a kernel's socket
            assert process.poll() is None and time.monotonic() < limit
            time.sleep(0.05)
        time.sleep(2)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=60)
    assert process.returncode == 130 and said.strip() == "Interrupted; the last pages stand." and out == ""
    assert contents(pages) == before and not (pages / ".sahel-shift.new").exists()


@pytest.mark.parametrize("manifest", [None, '{"other": "tool"}', "[1, 2]", "not json"])
def test_a_folder_with_other_people_s_files_is_refused_and_not_touched(
    manifest: str | None, data: Path, tiny: dict[str, Path], tmp_path: Path
) -> None:
    out = tmp_path / "precious"
    out.mkdir()
    (out / "thesis.txt").write_text("four years", encoding="utf-8")
    if manifest is not None:
        (out / "manifest.json").write_text(manifest, encoding="utf-8")
    before = contents(out)
    with pytest.raises(BuildError, match="precious"):
        build(data, out, notebooks=tiny["old"])
    assert contents(out) == before


def test_a_file_in_place_of_the_folder_is_refused_and_not_touched(data: Path, tiny: dict[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "file"
    out.write_text("mine", encoding="utf-8")
    with pytest.raises(BuildError, match="is a file"):
        build(data, out, notebooks=tiny["old"])
    assert out.read_text(encoding="utf-8") == "mine"


def test_an_empty_folder_is_accepted(data: Path, tiny: dict[str, Path], clean: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    (tmp_path / "html").mkdir()
    build(data, tmp_path / "html", notebooks=tiny["old"])
    assert contents(tmp_path / "html") == clean["old"]


def test_the_second_of_two_builds_at_once_is_refused_with_a_sentence(
    data: Path, pages: Path, tiny: dict[str, Path], tmp_path: Path
) -> None:
    code = f"import pathlib, time\npathlib.Path({str(tmp_path / 'started')!r}).touch()\n"
    code += f"while not pathlib.Path({str(tmp_path / 'go')!r}).exists():\n    time.sleep(0.05)"
    slow = notebook(tmp_path / "slow", "01-one", "# What takes long?", code)
    first = subprocess.Popen([sys.executable, "-c", BUILD, str(data), str(pages), str(slow)], cwd=ROOT)
    try:
        limit = time.monotonic() + 60
        while not (tmp_path / "started").exists():
            assert first.poll() is None and time.monotonic() < limit
            time.sleep(0.05)
        before = contents(pages)
        with pytest.raises(BuildError, match="another build is writing .*; wait for it"):
            build(data, pages, notebooks=tiny["new"])
        assert contents(pages) == before
        (tmp_path / "go").touch()
        assert first.wait(60) == 0
    finally:
        first.kill()
    assert "What takes long?" in (pages / "01-one.html").read_text(encoding="utf-8")


def test_files_of_the_old_manifest_are_removed_and_others_never(
    data: Path, pages: Path, tiny: dict[str, Path], clean: dict[str, dict[str, bytes]]
) -> None:
    others = {"notes.txt": b"mine", "99-mine.html": b"<p>mine</p>"}
    for name, text in others.items():
        (pages / name).write_bytes(text)
    build(data, pages, notebooks=tiny["new"])
    assert contents(pages) == clean["new"] | others


def test_a_manifest_cannot_make_the_build_remove_a_file_elsewhere(data: Path, pages: Path, tiny: dict[str, Path]) -> None:
    outside = pages.parent / "outside.txt"
    outside.write_text("mine", encoding="utf-8")
    (pages / "manifest.json").write_text(json.dumps({"files": ["../outside.txt", str(outside), "02-two.html"]}), encoding="utf-8")
    build(data, pages, notebooks=tiny["new"])
    assert outside.read_text(encoding="utf-8") == "mine" and not (pages / "02-two.html").exists()


@pytest.mark.parametrize("code", ["../../../outside", "x/../../../outside", "<b>x</b>"])
def test_a_host_s_code_cannot_make_the_build_write_elsewhere(code: str, data: Path, tmp_path: Path) -> None:
    """A page per host is named by the host's code, and a ledger may bring its own hosts."""
    one = nbformat.v4.new_notebook(
        metadata={"sahel_shift": {"each": "host"}}, cells=[nbformat.v4.new_markdown_cell("# Which host?", id="one")]
    )
    (tmp_path / "notebooks").mkdir()
    nbformat.write(one, tmp_path / "notebooks" / "01-one.ipynb")
    folder, out = Path(shutil.copytree(data, tmp_path / "data")), tmp_path / "deep" / "deeper" / "html"
    (out / ".sahel-shift.new" / "01-one-x").mkdir(parents=True)
    ledgers.table(
        folder, "hosts", [*ledgers.rows(PROJECT_DATA, "hosts"), {"host": code, "name": "Elsewhere", "group": "core", "order": 99}]
    )
    try:
        build(folder, out, notebooks=tmp_path / "notebooks")
    except (BuildError, LedgerError) as refused:
        assert "Traceback" not in str(refused)
    made = {path for path in tmp_path.rglob("*.html") if path.is_file()}
    assert {path.parent for path in made} <= {out}, [str(path.relative_to(tmp_path)) for path in made if path.parent != out]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a user whose rights can be taken away")
def test_a_folder_that_cannot_be_written_is_refused_with_a_sentence(data: Path, tiny: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(BuildError, match="can't be written"):
        build(data, tmp_path / "closed" / "html", notebooks=tiny["old"])
