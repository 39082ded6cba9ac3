"""From an executed notebook to a sealed page: our own template, one inlined bundle, a policy, no request to any host."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
import plotly
from markupsafe import Markup, escape
from nbconvert import HTMLExporter, TemplateExporter
from traitlets.config import Config

from helpers import __version__
from helpers.dates import in_lines
from helpers.findings import as_json
from helpers.runs import Page, PageError, outputs, own_title, page_findings, question, verify

PAGE_FILES = Path(__file__).parent / "page"
SECTION = re.compile(r"^## (.+)$", re.M)
RUNS_ON = 90  # characters in a cell, from which its column is text to be read


@dataclass(frozen=True)
class Frame:
    """What every page of a build shares: the ledger's foot, palette in the dark, static pictures, archive,
    and how far each finding moves under other choices (finding id → text and page)."""

    title: str
    hash: str
    cutoff: str
    licence: str
    contact: str
    counts: str
    notices: Sequence[str]
    how_coded: str
    region: str
    dark: dict[str, str]
    static: dict[str, str]
    archive: bytes
    compress: bool = False
    ranges: dict[str, dict[str, str]] = field(default_factory=dict)
    workbook: bytes = b""
    download: str = ""  # the page that offers exactly this ledger


def _hash(script: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() + "'"


def _channels(colour: str) -> str:
    return ", ".join(str(int(colour[place:place + 2], 16)) for place in (1, 3, 5))


def _dark_style(dark: dict[str, str], static: bool) -> str:
    """What each colour of the charts and, where it is shown, of the static picture becomes in the dark: plotly writes colours as inline styles.
    A sheet of its own that is in force only in the dark: so many selectors by attribute cost time on every element that plotly draws."""
    rules = []
    for light, other in dark.items():
        for part in ("fill", "stroke"):
            rules.append(f'.plot [style*="{part}: rgb({_channels(light)})"]{{{part}:{other} !important}}')
            if static:
                rules.append(f'svg.static[{part}="{light}"],svg.static [{part}="{light}"]{{{part}:{other}}}')
    return "@supports (color: light-dark(#fff, #000)) {" + "".join(rules) + "}"


class PageView:
    """What the templates read of one page; the only place where text becomes markup is the template, which escapes."""

    collection = "Sahel Shift"
    release = __version__
    in_lines = staticmethod(in_lines)

    def __deepcopy__(self, memo: dict[int, Any]) -> PageView:
        """nbconvert copies what it hands to a template; a view, with all of a notebook in it, is only read."""
        return self

    def __init__(self, frame: Frame, scripts: Sequence[str], page_title: str, file: str = "", allowed: Sequence[str] = (), static: bool = True):
        self.__dict__.update(vars(frame))
        self.page_title, self.file, self.scripts = page_title, file, list(scripts)
        version = f"ledger version {self.hash}, data cutoff {self.cutoff or 'none'}"
        self.cite = ", ".join(part for part in (self.title, version, file and f"page {file}", f"{self.collection} {self.release}") if part)
        self.style = (PAGE_FILES / "style.css").read_text(encoding="utf-8")
        self.dark_style = _dark_style(frame.dark, static)
        runs = " ".join(_hash(script) for script in [*scripts, *allowed])
        self.policy = f"default-src 'none'; script-src {runs}; style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'"

    def figure_json(self, figure: dict[str, Any]) -> str:
        """A figure for the page's script: without its table (which stands in HTML), safe inside a script element."""
        layout = {name: value for name, value in figure["layout"].items() if name not in ("meta", "template")}
        text = json.dumps({"data": figure["data"], "layout": layout}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")

    def dark_of(self, colour: str) -> str:
        """What a colour of a key becomes in the dark theme; a tint keeps its transparency."""
        for light, other in self.dark.items():
            if f"({_channels(light)}," in colour:
                return colour.replace(_channels(light), _channels(other))
        return self.dark.get(colour, colour)

    def link(self, url: str, text: str, gone: bool) -> Any:
        """A link, only to http(s) and only where the page still stands; else text."""
        if gone or not re.match(r"https?://[^\s]+$", url):
            return Markup("{} ({})").format(text, url)
        return Markup('<a href="{}" rel="noopener noreferrer">{}</a>').format(escape(url), text)

    @property
    def taken_as(self) -> str:
        """The name under which the ledger is taken from a page, without its ending."""
        return f"sahel-shift-ledger-{self.hash}"

    @staticmethod
    def base64(data: bytes) -> str:
        """Bytes as they stand in a link."""
        return base64.b64encode(data).decode()

    @staticmethod
    def size(data: bytes) -> str:
        """How much there is to take."""
        return f"{len(data) / 1000:,.0f} kB"

    @staticmethod
    def number(value: Any) -> str:
        """A number with thousands separated; years and codes come as text."""
        return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}" if isinstance(value, float) else str(value)

    @staticmethod
    def meta_columns(table: dict[str, Any]) -> list[dict[str, str]]:
        """Columns of a figure's table, number where every cell is one."""
        def numeric(cell: Any) -> bool:
            """A number, or nothing in a column of numbers."""
            return cell is None or isinstance(cell, (int, float)) and not isinstance(cell, bool)
        return [{"name": name, "kind": "number" if name != "Year" and all(numeric(row[place]) for row in table["rows"]) else "text"}
                for place, name in enumerate(table["columns"])]

    @staticmethod
    def shaped(columns: Sequence[dict[str, Any]], rows: Sequence[Sequence[Any]]) -> list[str]:
        """The kind of each column, text that runs on as `prose`, which is given more room than any other."""
        def runs_on(place: int) -> bool:
            """Half of the cells that say something are long."""
            lengths = sorted(len(row[place]) for row in rows if isinstance(row[place], str) and row[place])
            return bool(lengths) and lengths[len(lengths) // 2] > RUNS_ON
        return ["prose" if column["kind"] in ("text", "long") and runs_on(place) else column["kind"] for place, column in enumerate(columns)]

    @staticmethod
    def place(columns: list[dict[str, Any]], column: dict[str, Any]) -> int:
        """The place of a column."""
        return columns.index(column)


class NotebookView(PageView):
    """A page made from a notebook."""

    outputs = staticmethod(outputs)

    def __init__(self, notebook: Any, exporter: HTMLExporter, *args: Any, **more: Any):
        super().__init__(*args, **more)
        self._exporter, self._title = exporter, own_title(notebook)
        cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.preparation = "\n\n".join(cell.source for cell in cells if not self.shows(cell))
        prose = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        self.contents = [(self._anchor(text), text) for text in SECTION.findall(prose)]

    @staticmethod
    def _anchor(text: str) -> str:
        return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")

    def markdown(self, source: str) -> str:
        """The notebook's own prose; headings get the anchors of the contents."""
        html = self._exporter.environment.filters["markdown2html"]({}, source)
        html = re.sub(r'<a class="anchor-link".*?</a>', "", html)
        if self._title:
            html = re.sub(r"<h1.*?</h1>", lambda found: f"<h1>{escape(self._title)}</h1>", html, flags=re.S)
        return re.sub(r'<h2(?: id="[^"]*")?>(.*?)</h2>', lambda found: f'<h2 id="{self._anchor(re.sub("<.*?>", "", found.group(1)))}">{found.group(1)}</h2>', html)

    @staticmethod
    def is_section(source: str) -> bool:
        """True where prose opens a section, under which a figure's title is a heading of the third level."""
        return bool(SECTION.search(source))

    def shows(self, cell: Any) -> bool:
        """True where a cell shows something, so that its code is folded beside it."""
        return bool(self.outputs(cell))


class Exporter(HTMLExporter):
    """nbconvert's HTML without its last step, which parses the whole page again, the inlined bundle too, to give images a text: ours have one."""

    def from_notebook_node(self, nb: Any, resources: dict[str, Any] | None = None, **more: Any) -> tuple[str, dict[str, Any]]:
        """The page as the template wrote it."""
        return TemplateExporter.from_notebook_node(self, nb, resources, **more)


def exporter(template: str) -> HTMLExporter:
    """nbconvert with our own template."""
    plain = Config({"HTMLExporter": {"exclude_anchor_links": True}})
    made = Exporter(config=plain, template_file=str(PAGE_FILES / template), extra_template_basedirs=[str(PAGE_FILES)])
    made.extra_template_paths = [str(PAGE_FILES)]
    made.environment.autoescape = True  # a block in a template doesn't reach into the macros that it imports
    return made


def plotly_script() -> str:
    """plotly.py's own bundle, verbatim. Raises PageError if it could not stand inside a script element."""
    text = (Path(plotly.__file__).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")
    if "</script" in text.lower():
        raise PageError("plotly.min.js holds a script end and can't be inlined verbatim")
    return text


def render(page: Page, notebook: Any, frame: Frame) -> str:
    """The page of an executed notebook as HTML. Raises PageError where a figure is lost."""
    verify(page, notebook)
    script, bundle, made = (PAGE_FILES / "script.js").read_text(encoding="utf-8"), plotly_script(), exporter("page.html.j2")
    found = page_findings(notebook)
    title = f"{found[0]['text'] if found else question(notebook)} · {frame.title}"
    needs = any(kind == "figure" for cell in notebook.cells for kind, _ in outputs(cell))
    scripts = [bundle, script] if needs and not frame.compress else [script]
    static = any(data["layout"]["meta"]["id"] in frame.static for cell in notebook.cells for kind, data in outputs(cell) if kind == "figure")
    view = NotebookView(notebook, made, frame, scripts, title, page.file, [bundle] if frame.compress else [], static)
    html = made.from_notebook_node(notebook, resources={"page": view})[0]
    if frame.compress and needs:
        packed = base64.b64encode(gzip.compress(bundle.encode(), 9, mtime=0)).decode()
        html = html.replace("</main>", f'</main>\n<script type="text/plain" id="plotly-packed">{packed}</script>', 1)
    figures = sum(kind == "figure" for cell in notebook.cells for kind, _ in outputs(cell))
    if html.count("<figure data-figure=") != figures:
        raise PageError(f"{page.notebook.name}: {figures} figures made, {html.count('<figure data-figure=')} in the page")
    return html


def render_index(pages: Sequence[dict[str, str]], headline: Sequence[dict[str, Any]], static_note: str, now: Any, frame: Frame) -> str:
    """The index: headline findings, their static picture, who is there now (a table of `exhibits` or a sentence), every page with its finding."""
    script = (PAGE_FILES / "script.js").read_text(encoding="utf-8")
    view = PageView(frame, [script], f"{headline[0]['text']} · {frame.title}" if headline else frame.title, "index.html")
    view.pages, view.headline, view.static_note, view.now = pages, headline, static_note, as_json(now)
    return exporter("contents.html.j2").from_notebook_node(nbformat.v4.new_notebook(), resources={"page": view})[0]
