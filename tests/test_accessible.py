"""Guards the pages with axe-core: no violation on any page, in light and in dark, also where details are open; and the text in charts, which axe passes over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from playwright.sync_api import Browser

from helpers import compare_page
from tests import ledgers
from tests.pages_fixtures import planned, real
from tests.test_browser import Visit, browser, opened

__all__ = ["browser", "real"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
COLOURS = ["color-contrast", "link-in-text-block"]
# What scrolls or lies under a head that stays in place is left undecided: so nothing scrolls, and of a long table ten rows stand for all.
UNFOLDED = """tbody tr:nth-child(n+11) { display: none } th { position: static !important }
.wide, .wide.tall, nav.contents { max-height: none !important; overflow: visible !important }"""
RUN = """async options => {
    const found = await axe.run({ exclude: options.pictures ? [['.plot'], ['svg']] : [] }, options.axe);
    const brief = nodes => nodes.slice(0, 5).map(node => `${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`);
    return { violations: found.violations.map(rule => [rule.id, rule.nodes.length, brief(rule.nodes)]),
             passed: found.passes.flatMap(rule => rule.nodes).length };
}"""
FAINT = """() => {
    const channels = colour => colour.match(/[\\d.]+/g).map(Number).slice(0, 3);
    const light = colour => channels(colour).map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
    const paper = getComputedStyle(document.body).backgroundColor;
    const contrast = colour => { const [low, high] = [light(colour), light(paper)].sort((a, b) => a - b); return (high + 0.05) / (low + 0.05); };
    const texts = [...document.querySelectorAll('.plot text, svg.static text')].filter(text => text.textContent.trim() && text.getBoundingClientRect().width);
    const fill = text => getComputedStyle(text).fill;
    return { texts: texts.length, faint: texts.filter(text => channels(fill(text)).join() !== channels(paper).join() && contrast(fill(text)) < 4.5)
        .map(text => `${text.textContent} ${fill(text)} ${contrast(fill(text)).toFixed(1)}`) };
}"""


def judged(visit: Visit, pictures: bool = False, **options: Any) -> dict[str, Any]:
    """What axe finds on an opened page; pictures: leaves charts out, whose text it cannot judge."""
    return visit.page.evaluate(RUN, {"pictures": pictures, "axe": {"resultTypes": ["violations", "passes"] if pictures else ["violations"], **options}})


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a comparison with something of every kind, also an event lost."""
    folder = tmp_path_factory.mktemp("compared")
    old = ledgers.write(folder / "old", [{"event_id": "a"}, {"event_id": "b"}, {"event_id": "c"}])
    new = ledgers.write(folder / "new", [{"event_id": "a", "type": "training"}, {"event_id": "d"}], withdrawn=[{"event_id": "b"}])
    return compare_page.write(old, new, folder / "html")[1]


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Path:
    """A page of the project's build by its name, or the page of a comparison."""
    return request.getfixturevalue("compared") if request.param == "compare.html" else request.getfixturevalue("real") / request.param


@pytest.mark.parametrize("page", ["index.html", "compare.html", *planned()], indirect=True)
def test_axe_finds_no_violation_in_light_or_dark(page: Path, browser: Browser) -> None:
    for scheme in ("light", "dark"):
        with opened(browser, page, color_scheme=scheme, bypass_csp=True) as visit:  # the page's policy would stop axe, as it should
            visit.page.evaluate("() => document.querySelectorAll('details').forEach(part => { part.open = true; })")
            visit.page.add_script_tag(content=AXE)
            if scheme == "light":  # no other rule looks at colours
                assert judged(visit, rules={rule: {"enabled": False} for rule in COLOURS})["violations"] == []
            visit.page.add_style_tag(content=UNFOLDED)
            found = judged(visit, pictures=True, runOnly={"type": "rule", "values": COLOURS})
            assert found["violations"] == [] and found["passed"] > 30
            seen = visit.page.evaluate(FAINT)
            assert seen["faint"] == [] and bool(seen["texts"]) == bool(visit.count(".plot, svg.static"))
            assert visit.asked == []


def test_axe_would_find_what_is_wrong(browser: Browser, compared: Path) -> None:
    with opened(browser, compared, bypass_csp=True) as visit:
        visit.page.evaluate("""() => { document.querySelector('main').insertAdjacentHTML('beforeend',
            '<h5>too deep</h5><p style="color:#999">faint</p><button></button>'); }""")
        visit.page.add_script_tag(content=AXE)
        assert {"heading-order", "color-contrast", "button-name"} <= {rule for rule, _, _ in judged(visit)["violations"]}


def test_every_part_that_scrolls_can_be_reached_by_keys_on_a_phone(browser: Browser, real: Path) -> None:
    for name in ("index.html", "02-west-and-russia.html"):
        with opened(browser, real / name, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, bypass_csp=True) as visit:
            visit.page.add_script_tag(content=AXE)
            assert judged(visit, runOnly={"type": "rule", "values": ["scrollable-region-focusable", "target-size", "region"]})["violations"] == []
