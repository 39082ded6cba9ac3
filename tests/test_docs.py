"""Guards what stands beside the pages: README's pictures and the codebook are those of today's ledger, small, and named in the README."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree.ElementTree import canonicalize

import pytest

from helpers import counts, evidence, findings, headline
from helpers.codebook import CODEBOOK, codebook
from helpers.ledger import Ledger
from tests import pictures
from tests.pages_fixtures import ROOT, real

__all__ = ["real"]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_codebook_is_that_of_the_data(project: Ledger) -> None:
    assert CODEBOOK.read_text(encoding="utf-8") == codebook(project), "run `make codebook`"


def test_the_codebook_s_example_counts_the_origins_that_the_ledger_has(project: Ledger) -> None:
    told = re.search(r"Four pages report.*That makes three origins \(`([^`]+)`\)", CODEBOOK.read_text(encoding="utf-8"))
    known = evidence.corroboration(project).loc[told.group(1)]
    assert (known["pages"], known["origins"]) == (4, 3)


def test_a_quarter_by_itself_is_drawn_as_a_dot(project: Ledger) -> None:
    units = counts.units(project)
    share = counts.engagement_share(project, units, counts.span(project)).copy()
    share.loc[share["complete"] & share["share"].notna() & (share["quarter"] % 2 == 1), "share"] = None
    path = re.search(r'<path d="([^"]+)"[^>]*stroke-linecap="round"', headline.svg(project, share, "Dots.")).group(1)
    assert "L" not in path and path.count(" h0") == path.count("M") == int((share["complete"] & share["share"].notna()).sum())


def test_the_picture_of_the_headline_is_that_of_the_data(project: Ledger) -> None:
    units = counts.units(project)
    share = counts.engagement_share(project, units, counts.span(project))
    drawn = headline.svg(project, share, findings.lead_change(project, units, share).text) + "\n"
    assert canonicalize(pictures.HEADLINE.read_text(encoding="utf-8")) == canonicalize(drawn), "run `make pictures`"


@pytest.mark.slow
def test_the_picture_of_the_headline_is_taken_from_the_index(real: Path, project: Ledger) -> None:
    assert pictures.headline(real / "index.html") == pictures.HEADLINE.read_text(encoding="utf-8")


def test_every_picture_of_the_readme_is_there_made_by_the_command_and_light() -> None:
    named = re.findall(r"!\[[^\]]{20,}\]\((docs/[\w.-]+)\)", README)
    assert sorted(named) == sorted(f"docs/{path.name}" for path in (ROOT / "docs").iterdir())
    assert set(named) == {f"docs/{name}" for name in (pictures.HEADLINE.name, *(picture for _, _, picture in pictures.SHOWN))}
    assert all((ROOT / name).stat().st_size < pictures.MOST for name in named)
