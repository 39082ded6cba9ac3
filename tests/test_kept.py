"""Guards the one reading of a build: its notebooks get the ledger that it has read, nobody else does, and nothing is left behind."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pandas as pd
import pytest

from helpers import build, kept
from helpers.ledger import LedgerError, load
from helpers.workbook import write
from tests import ledgers


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return ledgers.write(tmp_path / "data", [{"event_id": "one"}])


def test_a_kept_ledger_is_the_one_that_was_read(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = load(folder)
    for name, value in kept.keep(ledger, folder, tmp_path / "kept").items():
        monkeypatch.setenv(name, value)
    again = load(str(folder))
    assert again is not ledger and (again.hash, again.title, again.cutoff, again.notices) == (ledger.hash, ledger.title, ledger.cutoff, ledger.notices)
    for name, table in ledger.tables.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_a_file_that_changes_during_a_build_changes_no_page_of_it(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.KEPT, kept.keep(load(folder), folder, tmp_path / "kept")[kept.KEPT])
    (folder / "events.csv").write_text("broken", encoding="utf-8")
    assert load(folder)["events"]["event_id"].tolist() == ["one"]
    monkeypatch.delenv(kept.KEPT)
    with pytest.raises(LedgerError):
        load(folder)


def test_another_path_is_read_from_its_files(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = ledgers.write(tmp_path / "other", [{"event_id": "two"}])
    book = tmp_path / "ledger.xlsx"
    book.write_bytes(write(load(folder).raw, {}))
    monkeypatch.setenv(kept.KEPT, kept.keep(load(folder), folder, tmp_path / "kept")[kept.KEPT])
    assert load(other)["events"]["event_id"].tolist() == ["two"] and load(book).folder == tmp_path


def test_a_build_leaves_no_kept_ledger_behind_and_sets_nothing_for_others(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    build.build(folder, tmp_path / "html")
    assert not list(place.rglob("*")) and kept.KEPT not in os.environ
