"""Worlds of real processes."""

from pathlib import Path

import pytest

from tests.support.shell import Shell, bytecode_of


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where processes keep what they compiled, so that only the first one pays for it."""
    return bytecode_of(tmp_path_factory)


@pytest.fixture
def shell(tmp_path: Path, bytecode: Path) -> Shell:
    """The command line on a fresh world with SQLite."""
    return Shell(tmp_path / "data", bytecode=bytecode)
