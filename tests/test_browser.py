"""Guards the pages in a real browser: drawn, silent, sealed, usable, printable, readable without script, deaf to hostile data."""

from __future__ import annotations

import base64
import csv
import io
import os
import re
import shutil
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Download, Page, Route, sync_playwright

from helpers.build import NOTEBOOKS, plan
from helpers.ledger import load
from helpers.schema import PROJECT_DATA
from tests import hostile
from tests.pages_fixtures import built, real

__all__ = ["real"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# One page of a notebook that is one page per host is enough: the last, of all other hosts.
NOTEBOOK_OF = {file: path for path, file in {page.notebook: page.file for page in plan(NOTEBOOKS, load(PROJECT_DATA))}.items()}
NOTED = list(NOTEBOOK_OF)
PAGES = ["index.html", *NOTED]
EVENTS, SHIFT = "01-reported-events.html", "02-west-and-russia.html"
PRINTED = 718  # CSS pixels of A4 less 10 mm on each side


@dataclass
class Visit:
    """An opened page, with all that it asked for and complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def count(self, selector: str) -> int:
        """How many elements there are."""
        return self.page.locator(selector).count()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; without one the tests skip, or fail where REQUIRE_BROWSER=1. Closed with the file: its loop would be in others' way."""
    if not CHROMIUM or not Path(CHROMIUM).exists():
        said = "no Chromium: install it, or name it in CHROMIUM"
        pytest.fail(said) if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip(said)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@contextmanager
def opened(browser: Browser, path: Path, **context: Any) -> Iterator[Visit]:
    """Opens a page from its file, offline, every request to a host noted and refused; waits until it says that it is ready."""
    surroundings = browser.new_context(offline=True, accept_downloads=True, **{"viewport": {"width": 1280, "height": 900}, **context})
    visit = Visit(surroundings.new_page())

    def gate(route: Route) -> None:
        if route.request.url.startswith("file:"):
            route.continue_()
        else:
            visit.asked.append(route.request.url)
            route.abort()

    surroundings.route("**/*", gate)
    surroundings.on("page", lambda page: visit.complaints.append(f"a window opened: {page.url}") if page != visit.page else None)
    visit.page.on(
        "console", lambda note: visit.complaints.append(f"{note.type}: {note.text}") if note.type in ("error", "warning") else None
    )
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    visit.page.on("dialog", lambda dialog: (visit.dialogs.append(dialog.message), dialog.dismiss()))
    visit.page.goto(path.as_uri())
    if context.get("java_script_enabled", True):
        visit.page.wait_for_selector("html[data-ready]", timeout=60_000)
    try:
        yield visit
    finally:
        surroundings.close()


@pytest.fixture(scope="module")
def shift(browser: Browser, real: Path) -> Iterator[Visit]:
    """Page 02 on a desk, for tests that only look."""
    with opened(browser, real / SHIFT) as visit:
        yield visit


@pytest.fixture
def events(browser: Browser, real: Path) -> Iterator[Visit]:
    """Page 01 on a desk."""
    with opened(browser, real / EVENTS) as visit:
        yield visit


# Drawn, silent, sealed.


@pytest.mark.parametrize("name", PAGES)
def test_a_page_draws_every_figure_asks_nobody_and_complains_of_nothing(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name) as visit:
        undrawn = visit.page.evaluate("""() => [...document.querySelectorAll('figure[data-figure]')].filter(figure => {
            const box = figure.querySelector('.main-svg')?.getBoundingClientRect();
            const large = box && box.width > 200 && box.height > 80;
            return !(figure.dataset.drawn && large && figure.querySelector('.main-svg path, .main-svg rect'));
        }).map(figure => figure.dataset.figure)""")
        assert undrawn == [] and visit.asked == [] and visit.complaints == [] and visit.dialogs == []
        assert visit.count("figure[data-figure]") == visit.count("script.figure-data")


def test_the_two_pages_hold_at_least_eight_figures(browser: Browser, real: Path) -> None:
    total = 0
    for name in (EVENTS, SHIFT):
        with opened(browser, real / name) as visit:
            total += visit.count("figure[data-drawn] .main-svg:first-child")
    assert total >= 8


def test_every_mark_with_data_shows_in_a_figure(shift: Visit) -> None:
    """A trace that plotly refuses is silent; so each figure's traces are counted where they were drawn."""
    lost = shift.page.evaluate("""() => [...document.querySelectorAll('figure[data-figure]')].filter(figure => {
        const plot = figure.querySelector('.js-plotly-plot');
        return plot._fullData.length !== plot.data.length || !plot._fullData.some(trace => trace.visible === true);
    }).map(figure => figure.dataset.figure)""")
    assert lost == []


@pytest.mark.parametrize("name", [SHIFT, "index.html"])
def test_the_policy_stops_a_script_and_a_picture_that_somebody_slips_in(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name) as visit:
        stopped = visit.page.evaluate("""async () => {
            const seen = [];
            addEventListener('securitypolicyviolation', event => seen.push(event.effectiveDirective));
            const script = document.createElement('script');
            script.textContent = 'window.slipped = 1';
            document.head.append(script);
            const late = document.createElement('div');
            late.innerHTML = '<img src="http://127.0.0.1:9/x.png" onerror="window.slipped = 2">'
                + '<a id="bait" href="javascript:window.slipped = 3">x</a>';
            document.body.append(late);
            document.getElementById('bait').click();
            try { await fetch('http://127.0.0.1:9/y'); } catch (error) { seen.push('fetch failed'); }
            await new Promise(done => setTimeout(done, 400));
            return { seen, slipped: window.slipped ?? 'nothing' };
        }""")
        assert stopped["slipped"] == "nothing"
        assert {"script-src-elem", "script-src-attr", "img-src", "connect-src", "fetch failed"} <= set(stopped["seen"])
        assert visit.asked == [], "nothing left the page"


# On a phone, in the dark.


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wider_than_a_phone(name: str, browser: Browser, real: Path) -> None:
    with opened(
        browser, real / name, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    ) as visit:
        for _ in ("closed", "open"):
            wide = visit.page.evaluate("""() => {
                const scrolls = node => node && (/auto|scroll/.test(getComputedStyle(node).overflowX) || scrolls(node.parentElement));
                return [document.documentElement.scrollWidth, innerWidth, ...[...document.querySelectorAll('body *')].filter(node => {
                    const box = node.getBoundingClientRect();
                    return box.width && box.right > 391 && box.left < 5000 && !scrolls(node) && !node.closest('svg');
                }).slice(0, 5).map(node => node.outerHTML.slice(0, 120))];
            }""")
            assert wide == [390, 390]
            visit.page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true; })")
        cut = visit.page.evaluate(
            "() => getComputedStyle(document.documentElement).overflowX + getComputedStyle(document.body).overflowX"
        )
        assert "hidden" not in cut and "clip" not in cut, "width is kept by the layout, not by cutting"
        assert visit.complaints == []


@pytest.mark.parametrize("name", PAGES)
def test_title_and_finding_stand_in_the_first_screen_of_a_phone_under_contents_of_one_line(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name, viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True) as visit:
        box = visit.page.evaluate("""() => {
            const list = document.querySelector('nav.contents ol'), last = list.lastElementChild;
            const seen = { list: list.getBoundingClientRect().height, title: document.querySelector('h1').getBoundingClientRect().top,
                finding: document.querySelector('main .finding p')?.getBoundingClientRect().bottom ?? 0 };
            list.scrollLeft = list.scrollWidth;
            return { ...seen, last: last.getBoundingClientRect().right };
        }""")
        assert box["list"] < 50 and box["title"] < 844 / 3 and 0 < box["finding"] < 844
        assert box["last"] <= 391, "the last entry can be reached"


@pytest.mark.parametrize("name", PAGES)
def test_text_that_runs_on_has_room_in_its_column(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name) as visit:
        crushed = visit.page.evaluate("""() => [...document.querySelectorAll('table.full')].filter(table => table.offsetParent).flatMap(table =>
            [...table.tHead.rows[0].cells].map((head, place) => {
                const cells = [...table.tBodies[0].rows].map(row => row.cells[place]).filter(cell => !cell.querySelector('details') && cell.textContent);
                const middle = cells.map(cell => cell.textContent.length).sort((a, b) => a - b)[cells.length >> 1] ?? 0;
                return { of: `${table.id}: ${head.textContent}`, middle, width: head.getBoundingClientRect().width };
            }).filter(column => column.middle > 90 && column.width < 200 || column.middle > 40 && column.width < 90))""")
        assert crushed == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_button_changes_paper_and_ink_and_back(scheme: str, browser: Browser, real: Path) -> None:
    look = """() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color,
        [...new Set([...document.querySelectorAll('.plot path.js-line, .plot .bars path')].map(line => getComputedStyle(line).fill + getComputedStyle(line).stroke))].join()]"""
    with opened(browser, real / SHIFT, color_scheme=scheme) as visit:
        seen = [visit.page.evaluate(look)]
        for _ in range(2):
            visit.page.locator("button.theme").click()
            seen.append(visit.page.evaluate(look))
        assert seen[0] == seen[2] and all(before != after for before, after in zip(seen[0], seen[1])) and seen[0][2]
        visit.page.emulate_media(media="print")
        assert visit.page.evaluate(look)[2] == seen[0 if scheme == "light" else 1][2]
        paper = sum(map(int, re.findall(r"\d+", seen[0][0])))
        assert paper > 600 if scheme == "light" else paper < 200


# The events table.

SHOWN = "#events tbody tr:not([hidden])"


def cells(visit: Visit, column: int) -> list[str]:
    """The texts of a column in the rows that show, from above."""
    return visit.page.evaluate(
        "([rows, column]) => [...document.querySelectorAll(rows)].map(row => row.cells[column].textContent.trim())", [SHOWN, column]
    )


def heads(visit: Visit) -> list[str]:
    """The heads of the events table."""
    return visit.page.evaluate("() => [...document.querySelectorAll('#events thead th')].map(head => head.textContent.trim())")


def part(visit: Visit) -> Any:
    """The events table with its tools."""
    return visit.page.locator(".table-part", has=visit.page.locator("#events"))


def test_the_search_leaves_the_rows_that_hold_every_word(events: Visit) -> None:
    total, words = events.count(SHOWN), cells(events, 4)[3].lower().split()[:2]
    part(events).locator("input[type=search]").fill(" ".join(words).upper())
    left = events.count(SHOWN)
    rows = events.page.evaluate("rows => [...document.querySelectorAll(rows)].map(row => row.textContent.toLowerCase())", SHOWN)
    assert 0 < left < total and all(word in row for word in words for row in rows)
    assert part(events).locator("output").inner_text() == f"{left} of {total} rows"
    part(events).locator("input[type=search]").fill("no such word qqzz")
    assert events.count(SHOWN) == 0
    part(events).locator("input[type=search]").fill("")
    assert events.count(SHOWN) == total


def test_a_filter_leaves_the_rows_of_its_value_and_the_finding_alone(events: Visit) -> None:
    total, finding = events.count(SHOWN), events.page.locator("[data-finding]").first.inner_text()
    for select in part(events).locator("select").all():
        column, values = int(select.get_attribute("data-column") or 0), select.locator("option").all_inner_texts()
        assert len(values) > 2 and len(values) == len(set(values))
        select.select_option(values[1])
        assert 0 < events.count(SHOWN) <= total and all(values[1] in text for text in cells(events, column))
        select.select_option("")
        assert events.count(SHOWN) == total
    assert events.page.locator("[data-finding]").first.inner_text() == finding


def test_a_head_sorts_its_column_up_and_down_and_says_so(events: Visit) -> None:
    for name, key in (("Date", str), ("Origins", int)):
        column = heads(events).index(name)
        head = events.page.locator("#events thead th").nth(column)
        for way, down in (("ascending", False), ("descending", True)):
            head.locator("button").click()
            values = [key(text) for text in cells(events, column)]
            assert head.get_attribute("aria-sort") == way
            wanted = (
                sorted(values, reverse=down)
                if key is int
                else events.page.evaluate(
                    "([values, down]) => values.sort((a, b) => down ? b.localeCompare(a, 'en') : a.localeCompare(b, 'en'))",
                    [values, down],
                )
            )
            assert values == wanted and len(set(values)) > 2


def fetched(visit: Visit, button: Any) -> tuple[str, bytes]:
    """What a button gives to download: name and bytes."""
    with visit.page.expect_download(timeout=30_000) as waiting:
        button.click()
    given: Download = waiting.value
    return given.suggested_filename, Path(given.path()).read_bytes()


def test_the_export_holds_the_rows_that_show(events: Visit) -> None:
    part(events).locator("input[type=search]").fill(cells(events, 4)[3].split()[0])
    name, data = fetched(events, part(events).locator("button[data-csv-of]"))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    assert name == "sahel-shift-events.csv" and rows[0] == heads(events) and len(rows) - 1 == events.count(SHOWN) > 0
    assert {len(row) for row in rows} == {len(rows[0])}
    assert [row[4] for row in rows[1:]] == [re.sub(r"\s+", " ", text) for text in cells(events, 4)]
    assert all(re.fullmatch(r"(https?://\S+( |$))*", row[-1]) for row in rows[1:])


def test_the_ledger_can_be_taken_from_the_page(events: Visit) -> None:
    name, data = fetched(events, events.page.locator("a[download$='.zip']"))
    assert name == f"sahel-shift-ledger-{load(PROJECT_DATA).hash}.zip" and data.startswith(b"PK\x03\x04")


def test_the_sources_of_an_event_open_and_lead_to_the_web(events: Visit) -> None:
    row = events.page.locator("#events tbody tr", has=events.page.locator("td details")).first
    assert not row.locator("td details a").first.is_visible()
    row.locator("td details summary").click()
    assert row.locator("td details a, td details li").first.is_visible()


# Figures to take away, and on paper.

COLOUR = """async address => {
    const picture = new Image();
    picture.src = address;
    await picture.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [picture.naturalWidth, picture.naturalHeight];
    const pen = canvas.getContext('2d', { willReadFrequently: true });
    pen.drawImage(picture, 0, 0);
    const dots = pen.getImageData(0, 0, canvas.width, canvas.height).data, colours = new Set();
    for (let place = 0; place < dots.length; place += 400) colours.add(dots.slice(place, place + 4).join());
    return { corner: [...pen.getImageData(2, 2, 1, 1).data], colours: colours.size, width: canvas.width };
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("kind", "mime"), [("png", "image/png"), ("svg", "image/svg+xml")])
def test_a_figure_can_be_taken_as_a_picture_on_light_paper(kind: str, mime: str, scheme: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / SHIFT, color_scheme=scheme) as visit:
        figure = visit.page.locator("figure[data-figure]").first
        name, data = fetched(visit, figure.locator(f"button[data-image={kind}]"))
        assert name == f"sahel-shift-{figure.get_attribute('data-figure')}.{kind}" and len(data) > 5000
        seen = visit.page.evaluate(COLOUR, f"data:{mime};base64,{base64.b64encode(data).decode()}")
        assert seen["corner"] == [255, 255, 255, 255] and seen["colours"] > 5 and seen["width"] >= 900
        if kind == "svg":
            texts = " ".join(ElementTree.fromstring(data.decode("utf-8")).itertext())
            title = figure.locator("h3").evaluate("head => head.firstChild.textContent.trim()")
            assert title.split()[0] in texts and not re.search(rb"<image[^>]*href=.http", data)
        assert visit.complaints == [] and visit.asked == []


def test_the_table_behind_a_figure_can_be_taken_too(shift: Visit) -> None:
    figure = shift.page.locator("figure[data-figure]").first
    _, data = fetched(shift, figure.locator("button[data-csv-of]"))
    rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
    assert len(rows) - 1 == figure.locator("tbody tr").count() > 0


LAST_TICKS = """() => [...document.querySelectorAll('figure[data-figure]')].flatMap(figure =>
    [...figure.querySelectorAll('.xaxislayer-above, .xaxislayer-below')].flatMap(layer => {
        const ticks = [...layer.querySelectorAll('[class$="tick"] text')].filter(tick => /^(19|20)\\d\\d$/.test(tick.textContent));
        if (!ticks.length) return [];
        const boxes = ticks.map(tick => tick.getBoundingClientRect()), last = boxes.reduce((a, b) => a.right > b.right ? a : b);
        const svg = layer.closest('svg').getBoundingClientRect();
        return [{ figure: figure.dataset.figure, tick: last.right, svg: svg.right, left: Math.min(...boxes.map(box => box.left)) - svg.left,
                  width: last.width, under: svg.bottom - last.bottom }];
    }))"""


@pytest.mark.parametrize("name", NOTED)
def test_on_paper_the_newest_year_of_every_time_axis_is_not_cut(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name) as visit:
        visit.page.emulate_media(media="print")
        visit.page.evaluate(f"() => {{ document.body.style.width = '{PRINTED}px'; }}")
        axes = visit.page.evaluate(LAST_TICKS)
        for axis in axes:
            assert axis["width"] > 0 and axis["tick"] <= axis["svg"] + 0.5 <= PRINTED + 1, axis
            assert axis["left"] >= -0.5 and axis["under"] >= -0.5, axis
        assert axes or name not in (EVENTS, SHIFT)


def test_a_page_prints_to_pdf_light_and_without_its_buttons(browser: Browser, real: Path) -> None:
    with opened(browser, real / SHIFT, color_scheme="dark") as visit:
        printed = visit.page.pdf(format="A4")
        assert printed.startswith(b"%PDF") and len(printed) > 100_000
        visit.page.emulate_media(media="print")
        paper, ink = visit.page.evaluate("() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]")
        assert min(map(int, re.findall(r"\d+", paper)[:3])) > 240 or paper == "rgba(0, 0, 0, 0)"
        assert max(map(int, re.findall(r"\d+", ink)[:3])) < 100
        assert not [button for button in visit.page.locator("button:not(th button)").all() if button.is_visible()]


@pytest.mark.parametrize("name", PAGES)
def test_on_paper_every_table_has_its_heads_fits_the_sheet_and_no_fold_stands_closed(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name, viewport={"width": PRINTED, "height": 1000}) as visit:
        visit.page.emulate_media(media="print")
        seen = visit.page.evaluate("""() => ({
            headless: [...document.querySelectorAll('table.full')].filter(table => [...table.querySelectorAll('thead th')]
                .some(head => !head.innerText.trim() || !head.getBoundingClientRect().height)).map(table => table.id),
            wide: [...document.querySelectorAll('table.full, figure[data-figure] .main-svg')].filter(part => part.getBoundingClientRect().right > innerWidth + 1)
                .map(part => part.id || part.closest('figure').id),
            tall: [...document.querySelectorAll('figure[data-figure]')].filter(figure => figure.getBoundingClientRect().height > 277 / 25.4 * 96).map(figure => figure.id),
            folds: [...document.querySelectorAll('main details:not([open])')].filter(fold => !fold.closest('td') && fold.getBoundingClientRect().height).length,
        })""")
        assert seen == {"headless": [], "wide": [], "tall": [], "folds": 0}


# Without script.


@pytest.mark.parametrize("name", PAGES)
def test_without_script_finding_text_and_tables_are_readable(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name, java_script_enabled=False) as visit:
        assert visit.page.locator("h1").is_visible()
        for finding in visit.page.locator("[data-finding]").all():
            assert finding.is_visible() and len(finding.inner_text()) > 20
        assert not [button for button in visit.page.locator("button").all() if button.is_visible()], "no button that does nothing"
        for table in visit.page.locator("table.full").all():
            assert table.is_visible() and table.locator("tbody tr").first.is_visible()
        for summary in visit.page.locator("figure[data-figure] details summary").all()[:2]:
            summary.click()
            assert summary.locator("xpath=..").locator("table tbody tr").first.is_visible()
        assert visit.asked == []


@pytest.mark.parametrize("name", ["index.html", SHIFT])
def test_without_script_the_static_picture_of_the_headline_shows(name: str, browser: Browser, real: Path) -> None:
    with opened(browser, real / name, java_script_enabled=False) as visit:
        picture = visit.page.locator("svg.static")
        box = picture.first.bounding_box()
        assert picture.count() == 1 and picture.is_visible() and box and box["width"] > 300 and box["height"] > 100
        if name == SHIFT:
            assert visit.count("noscript svg.static") == 1
            for figure in visit.page.locator("figure[data-figure]").all():
                assert figure.locator("noscript .note").is_visible(), "each figure's words stand in its place"


def test_with_script_no_static_picture_stands_beside_the_figure(shift: Visit) -> None:
    assert not [picture for picture in shift.page.locator("svg.static").all() if picture.is_visible()]


def test_a_link_to_a_row_opens_the_page_at_it(browser: Browser, real: Path) -> None:
    with opened(browser, real / EVENTS) as visit:
        last = visit.page.locator("#events tbody tr").last.get_attribute("id")
        visit.page.evaluate("id => { location.hash = id; }", last)
        visit.page.wait_for_timeout(300)
        assert visit.page.locator(f"[id='{last}']").evaluate(
            "row => { const box = row.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
        )


# Hostile data.


@pytest.fixture(scope="module")
def infested(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Gives a page of a ledger with hostile text wherever text is allowed; each notebook is built by itself, once."""
    folder = tmp_path_factory.mktemp("hostile")
    data = hostile.write(folder / "data")

    @cache
    def made(notebook: Path) -> Path:
        alone, out = folder / notebook.stem, folder / "html" / notebook.stem
        alone.mkdir(exist_ok=True)
        shutil.copy(notebook, alone)
        built(data, out, notebooks=alone)
        return out

    return lambda name: made(NOTEBOOK_OF.get(name, NOTEBOOK_OF[EVENTS])) / name


GROWN = """() => {
    const tags = ['img', 'iframe', 'object', 'embed', 'form', 'base', 'link', 'video', 'audio', 'marquee',
        'b', 'i', 'foreignObject', 'image'];
    const all = [...document.querySelectorAll('*')];
    const named = all.filter(node => tags.includes(node.localName) && !node.closest('main > p, main > ul, main > blockquote, .contents'));
    const handled = all.filter(node => [...node.attributes].some(attribute => /^on/i.test(attribute.name)));
    const address = node => node.getAttribute('href') ?? node.getAttributeNS('http://www.w3.org/1999/xlink', 'href') ?? '';
    const taken = /^data:application\\/(zip|vnd\\.openxmlformats-officedocument\\.spreadsheetml\\.sheet);base64,/;
    const ours = node => /^(https?:|#)/.test(address(node)) || /^[\\w-]+\\.html(#|$)/.test(address(node))
        || node.hasAttribute('download') && taken.test(address(node));
    const links = [...document.querySelectorAll('a, area')].filter(node => !ours(node));
    return { made: [...named, ...handled, ...links].map(node => node.outerHTML.slice(0, 200)), hit: window.hit ?? 'nothing',
             scripts: document.querySelectorAll('script').length, url: location.href.split('#')[0] };
}"""

USE = """async () => {
    document.querySelectorAll('details').forEach(part => { part.open = true; });
    for (const plot of document.querySelectorAll('.js-plotly-plot')) {
        for (const [curve, trace] of plot._fullData.entries()) {
            for (let point = 0; point < Math.min((trace.x ?? trace.y ?? []).length, 40); point++) {
                try { Plotly.Fx.hover(plot, [{ curveNumber: curve, pointNumber: point }]); } catch (error) { /* a trace without hover */ }
                await new Promise(done => setTimeout(done, 0));
            }
        }
    }
    for (const box of document.querySelectorAll('select')) {
        for (const option of box.options) { box.value = option.value; box.dispatchEvent(new Event('change')); }
        box.value = '';
        box.dispatchEvent(new Event('change'));
    }
    for (const head of document.querySelectorAll('thead th button')) head.click();
    for (const row of [...document.querySelectorAll('tr[id]')].slice(0, 12)) location.hash = '#' + row.id;
    await new Promise(done => setTimeout(done, 200));
}"""


@pytest.mark.parametrize("name", PAGES)
def test_hostile_text_in_every_column_stays_text(name: str, browser: Browser, infested: Callable[[str], Path]) -> None:
    with opened(browser, infested(name)) as visit:
        before = visit.page.evaluate(GROWN)
        visit.page.evaluate(USE)
        for search in visit.page.locator("input[type=search]").all():
            search.fill(hostile.TEXTS[0])
        after = visit.page.evaluate(GROWN)
        for seen in (before, after):
            assert seen["made"] == [] and seen["hit"] == "nothing" and seen["scripts"] == before["scripts"]
            assert seen["url"] == infested(name).as_uri()
        assert visit.dialogs == [] and visit.asked == [] and visit.complaints == []


def test_hostile_text_in_every_column_is_still_there_to_be_read(browser: Browser, infested: Callable[[str], Path]) -> None:
    with opened(browser, infested(EVENTS)) as visit:
        text = re.sub(r"\s+", " ", visit.page.locator("body").evaluate("body => body.textContent"))
        for hostile_text in hostile.TEXTS:
            assert re.sub(r"\s+", " ", hostile_text) in text, hostile_text


def test_hostile_text_makes_no_script_in_a_picture_or_an_export(browser: Browser, infested: Callable[[str], Path]) -> None:
    with opened(browser, infested(EVENTS)) as visit:
        for figure in visit.page.locator("figure[data-figure]").all():
            _, data = fetched(visit, figure.locator("button[data-image=svg]"))
            tree = ElementTree.fromstring(data.decode("utf-8"))
            names = {node.tag.split("}")[-1] for node in tree.iter()}
            assert not {"script", "a", "image", "foreignObject"} & names
            assert not any(key.lower().startswith("on") for node in tree.iter() for key in node.attrib)
        name, data = fetched(visit, part(visit).locator("button[data-csv-of]"))
        rows = list(csv.reader(io.StringIO(data.decode("utf-8"))))
        assert name == "sahel-shift-events.csv" and {len(row) for row in rows} == {len(rows[0])} and len(rows) - 1 == visit.count(SHOWN)
        assert visit.dialogs == [] and visit.complaints == [] and visit.page.evaluate("() => window.hit ?? 'nothing'") == "nothing"


@pytest.mark.parametrize("name", PAGES)
def test_without_script_hostile_text_stays_text_too(name: str, browser: Browser, infested: Callable[[str], Path]) -> None:
    with opened(browser, infested(name), java_script_enabled=False) as visit:
        assert visit.count("img, iframe, object, embed, form, marquee, [onerror], [onload], [onclick], a[href^='javascript' i]") == 0
        assert visit.asked == [] and visit.dialogs == []
