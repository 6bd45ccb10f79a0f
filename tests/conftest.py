"""Fixtures that any test may ask for, and how hypothesis searches."""

import logging
import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest
import structlog
from hypothesis import settings

from bot import logs
from tests.support.scanner import Scanner, scanning

pytest_plugins = ["tests.support.databases"]

settings.register_profile("steady", derandomize=True, deadline=None)
"""The same examples in every run: a red build means that something changed."""

settings.register_profile("search", deadline=None, max_examples=2_000)
"""HYPOTHESIS_PROFILE=search looks for new counter-examples."""

settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


@pytest.fixture(autouse=True)
def scanner() -> Iterator[Scanner]:
    """Nothing that is sent to Slack in any test may break a rule."""
    with pytest.MonkeyPatch.context() as patch:
        looking = scanning(patch)
        yield looking
    assert looking.found == []


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What one test has logged, and in what detail, is nothing that the next ones pay for."""
    root, raising = logging.getLogger(), logging.raiseExceptions
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logs.QUIET}
    yield
    for handler in root.handlers[:]:
        if handler not in handlers:
            root.removeHandler(handler)
            handler.close()
    root.setLevel(level)
    logging.raiseExceptions = raising
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """A worker's report, with the halves of characters that some tests log spelled out: nothing else can carry them to whoever prints it."""
    return _whole((yield))


def _whole(found: Any) -> Any:
    match found:
        case str():
            return found.encode("utf-8", "backslashreplace").decode()
        case dict():
            return {_whole(name): _whole(value) for name, value in found.items()}
        case list() | tuple():
            return type(found)(_whole(each) for each in found)
        case _:
            return found
