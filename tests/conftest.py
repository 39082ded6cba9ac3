"""Fixtures that several test files share; everything that needs a browser or a built page stands with its tests."""

from __future__ import annotations

import pytest

from helpers.ledger import Ledger, load
from helpers.schema import PROJECT_DATA


@pytest.fixture(scope="session")
def project() -> Ledger:
    """The project's own ledger: it is still being edited, so only what must always hold may be asserted on it."""
    return load(PROJECT_DATA)
