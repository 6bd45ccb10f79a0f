"""Worlds for the command line: a fresh one for each test, or one for a whole module of tests that only look."""

from pathlib import Path

import pytest

from tests.support.shell import Shell, bytecode_of, hurried


@pytest.fixture(scope="session")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compiled modules, shared by all processes of this session."""
    return bytecode_of(tmp_path_factory)


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped configuration, in a world whose pods start four times as fast."""
    return hurried(tmp_path_factory.mktemp("config") / "config")


@pytest.fixture
def shell(tmp_path: Path, bytecode: Path, config: Path) -> Shell:
    """A world of this test's own."""
    return Shell(tmp_path / "data", bytecode=bytecode, config=config)


@pytest.fixture
def unhurried(tmp_path: Path, bytecode: Path) -> Shell:
    """A world of this test's own in which a rollout takes seconds, so that something can be done meanwhile."""
    return Shell(tmp_path / "data", bytecode=bytecode)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, bytecode: Path, config: Path) -> Shell:
    """A world that the tests of a module share; they leave nothing running in it."""
    return Shell(tmp_path_factory.mktemp("shared") / "data", bytecode=bytecode, config=config)
