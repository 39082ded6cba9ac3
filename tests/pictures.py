"""Makes the README's pictures from built pages: `make pictures`, or `python -m tests.pictures html` (needs Chromium)."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

from helpers.schema import PROJECT_DATA

DOCS = PROJECT_DATA.parent / "docs"
HEADLINE = DOCS / "headline.svg"
# A page, the figure that it is scrolled to (none: its first screen), and the picture's name.
SHOWN = (("02-west-and-russia.html", "", "shift.png"), ("03-forces-on-the-ground.html", "stock-by-host", "ground.png"))
SIZE = {"width": 1200, "height": 800}
MOST = 200_000  # bytes: a README is read on slow links too


def headline(index: Path) -> str:
    """The static picture of the headline as it stands in the index; HTML writes the name of one attribute small, a file of its own may not."""
    found = re.search(r'<svg [^>]*class="static".*?</svg>', index.read_text(encoding="utf-8"), re.S)
    if not found:
        sys.exit(f"{index} shows no headline: too few acts")
    return found.group(0).replace(" viewbox=", " viewBox=", 1) + "\n"


def screens(pages: Path, chromium: str) -> None:
    """Photographs the pages, in light and offline."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for name, figure, picture in SHOWN:
            page = browser.new_page(viewport=SIZE, color_scheme="light", offline=True)
            page.goto((pages / name).resolve().as_uri())
            page.wait_for_selector("html[data-ready]", timeout=60_000)
            if figure:
                page.locator(f"#figure-{figure}").evaluate("figure => figure.scrollIntoView()")
            page.wait_for_timeout(300)
            page.screenshot(path=DOCS / picture)
            if (DOCS / picture).stat().st_size > MOST:
                sys.exit(f"{picture} is larger than {MOST:,} bytes")
            print(DOCS / picture)
        browser.close()


def main(pages: Path) -> None:
    """Writes the headline and the photographs into docs/."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    HEADLINE.write_bytes(headline(pages / "index.html").encode())
    print(HEADLINE)
    if not chromium:
        sys.exit("no Chromium: the screenshots were left as they were; install it, or name it in CHROMIUM")
    screens(pages, chromium)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "html"))
