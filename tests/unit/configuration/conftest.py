"""A small world of configuration files that a test may break in one place."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.configuration import ConfigurationError, load

DEMO = Path(__file__).parents[3] / "config"
SKILLS = (
    "dora",
    "incident-ack",
    "incident-declare",
    "incident-done",
    "incident-draft",
    "incident-join",
    "incident-link",
    "incident-mark",
    "incident-merge",
    "incident-note",
    "incident-postmortem",
    "incident-pull",
    "incident-reopen",
    "incident-resolve",
    "incident-review",
    "incident-role",
    "incident-settle",
    "incident-severity",
    "incident-status",
    "incident-suspect",
    "incident-task",
    "incident-timeline",
    "incident-update",
    "incidents",
    "approve",
    "cancel",
    "cost",
    "deploy",
    "help",
    "history",
    "troubleshoot",
    "events",
    "resources",
    "logs",
    "metrics",
    "pending",
    "audit",
    "reject",
    "restart",
    "rollback",
    "scale",
    "status",
    "traces",
)

Mistakes = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo's configuration, to be changed."""
    for name in ("organization.yaml", "people.yaml", "environments.yaml"):
        shutil.copy(DEMO / name, tmp_path / name)
    for name in ("catalog", "policies"):
        shutil.copytree(DEMO / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def mistakes(folder: Path) -> Mistakes:
    """Write one file and load everything: the problems, as a person reads them."""

    def write_and_load(file: str, text: str, **environ: str) -> list[str]:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigurationError) as caught:
            load(folder, environ, skills=SKILLS)
        return [str(problem) for problem in caught.value.problems]

    return write_and_load
