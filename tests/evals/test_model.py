"""Evaluating a model: what is printed of one, with a server that stands in for it, and what is said where there is none."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.configuration import load
from bot.language_model import LanguageModel, limits_of, put_together
from tests.evals.model import NO_MODEL, SEVERAL, figures, judge, own, several
from tests.integration.model.test_model_in_use import ROOT, configured
from tests.support.models import Aimock, aimock
from tests.support.words import catalog, skills

STAGING = {"name": "status", "arguments": {"service": "checkout", "environment": "staging"}}
PRODUCTION = {"name": "status", "arguments": {"service": "checkout", "environment": "production"}}
COMPARE = "compare checkout in staging and production"
FIXTURES = [
    {"match": {"userMessage": COMPARE, "systemMessage": "You read requests"}, "response": {"toolCalls": [STAGING, PRODUCTION]}},
    {"match": {"userMessage": "compare", "systemMessage": "You answer questions"}, "response": {"content": "Both run v41."}},
    {"match": {"userMessage": "the looking thing", "sequenceIndex": 0}, "response": {"toolCalls": [{"name": "status", "arguments": {"service": "search"}}]}},
    {"match": {"userMessage": "the looking thing"}, "response": {"toolCalls": [{"name": "status", "arguments": {"service": "web"}}]}},
    {"match": {}, "response": {"content": "no"}},
]  # fmt: skip
LOOKING = {
    "text": "is the looking thing alright",
    "kinds": ["query"],
    "skills": ["status"],
    "params": {"service": "search"},
}
PLAIN = {"text": "status web", "kinds": ["query"], "skills": ["status"], "params": {"service": "web"}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as running:
        yield running


def model(server: Aimock, folder: Path) -> LanguageModel:
    config = configured(folder / "config", server.url)
    with (config / "organization.yaml").open("a") as file:
        file.write("  price_per_million_tokens: {asked: 10, answered: 10}\n")
    settings = load(config, {}).model
    assert settings
    return put_together(settings, skills(), catalog(), limits=limits_of(settings))


async def test_each_request_is_tried_several_times_and_counted(server: Aimock, tmp_path: Path) -> None:
    one = model(server, tmp_path)
    tried = await judge(one, [LOOKING, PLAIN], own, 3)
    assert [each.right for each in tried] == [[True, False, False], [True, True, True]]
    assert [each.calls for each in tried] == [3, 0]
    told = figures("own", tried, 3)
    assert (told["pass@1"], told["pass^k"], told["sent"], told["pass@1 of those sent"]) == (0.6667, 0.5, 1, 0.3333)
    assert told["tokens per request"] > 100
    assert told["money per request"] > 0
    rows = [json.loads(line) for line in SEVERAL.read_text().splitlines()]
    told = figures("several", await judge(one, rows[:1], several, 2), 2)
    assert (told["pass^k"], told["requests"]) == (1.0, 1)
    await one.close()


def run(config: Path, folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "COUNTERSIGN_CONFIG": str(config),
        "COUNTERSIGN_EVAL": str(folder),
    }
    command = [sys.executable, "-m", "tests.evals.model", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=100, env=environ)


def test_everything_is_printed_as_lines_of_json(server: Aimock, tmp_path: Path) -> None:
    ended = run(configured(tmp_path / "config", server.url), tmp_path, "1")
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [line["set"] for line in lines[-2:]] == ["own sentences", "several reads"]
    assert all({"text", "right", "tokens", "money", "ms"} <= set(line) for line in lines[:-2])
    assert lines[-2]["sent"] > 20


def test_without_a_model_one_sentence_says_what_to_set(tmp_path: Path) -> None:
    ended = run(ROOT / "config", tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", f"{NO_MODEL}\n")
