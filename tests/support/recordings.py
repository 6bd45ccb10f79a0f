"""Exchanges recorded from a real Kubernetes control plane, where they are at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

PLACE = Path(os.environ.get("COUNTERSIGN_RECORDINGS") or Path(__file__).parents[3] / "shared" / "kubernetes-recordings")


def recorded(name: str) -> Any:
    """The content of one recording. Skips the test if there are none."""
    path = PLACE / f"{name}.json"
    if not path.exists():
        # Not a program that can be installed, so that its absence is no failure anywhere.
        pytest.skip("the Kubernetes recordings are missing: set COUNTERSIGN_RECORDINGS to their folder")
    return json.loads(path.read_text())


def exchange(name: str, why: str) -> dict[str, Any]:
    """The one exchange of a recording whose purpose starts with `why`."""
    (found,) = [item for item in recorded(name) if item["why"].startswith(why)]
    return dict(found)
