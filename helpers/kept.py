"""What a build has read once, for the processes of its notebooks: all pages stand on one reading, and none has to check the ledger again."""

from __future__ import annotations

import gc
import os
import pickle
from pathlib import Path
from typing import Any

KEPT = "SAHEL_SHIFT_KEPT"  # names the file, in a folder that only this user can read; no ledger is ever shipped in this form


def keep(ledger: Any, path: Path, file: Path) -> dict[str, str]:
    """Keeps the ledger loaded from a path, and returns the environment in which `taken` finds it."""
    file.write_bytes(pickle.dumps((str(path.resolve()), ledger), protocol=pickle.HIGHEST_PROTOCOL))
    return {KEPT: str(file)}


def taken(path: Path) -> Any:
    """The ledger kept of this path; None outside a build, and for any other path."""
    file = os.environ.get(KEPT, "")
    if not file:
        return None
    collecting = gc.isenabled()
    gc.disable()  # it would walk through all that is being made, again and again, and find nothing to free
    try:
        place, ledger = pickle.loads(Path(file).read_bytes())
    finally:
        if collecting:
            gc.enable()
    return ledger if place == str(path.resolve()) else None
