"""Real programs that some tests need and that may be absent on a machine."""

import os

import pytest


def need(name: str, available: bool, how: str) -> None:
    """Skip the test, naming what is missing and how to get it; fail instead where REQUIRE_PEERS=1."""
    if available:
        return
    if os.environ.get("REQUIRE_PEERS") == "1":
        pytest.fail(f"{name} is missing: {how}")
    pytest.skip(f"{name} is missing: {how}")
