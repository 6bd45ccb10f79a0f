"""The configured model as people meet it: `ask`, `interpret`, `model last`, `doctor`, and the store behind them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import Settings, open_world
from bot.usecases.answers import Answered, Clarify, Proposed
from skills.core.proposal import Origin
from tests.support.models import Aimock, aimock
from tests.support.worlds import CONFIG

ROOT = CONFIG.parent
ROLLBACK = {"name": "rollback", "arguments": {"service": "payments-api", "environment": "production"}}
FIXTURES = [
    {"match": {"userMessage": "roll payments back"}, "response": {"toolCalls": [ROLLBACK]}},
    {
        "match": {"userMessage": "the looking thing"},
        "response": {"toolCalls": [{"name": "status", "arguments": {"service": "search"}}]},
    },
    {"match": {"userMessage": "ping"}, "response": {"content": "pong"}},
]
ASKED = "roll payments back somewhere in live please"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Aimock]:
    with aimock(tmp_path_factory.mktemp("aimock"), FIXTURES) as running:
        yield running


def configured(folder: Path, url: str) -> Path:
    """The shipped configuration with a model at this address."""
    shutil.copytree(CONFIG, folder)
    with (folder / "organization.yaml").open("a") as file:
        file.write(f"\nmodel:\n  name: gpt-x\n  base_url: {url}/v1\n  timeout_seconds: 10\n")
    return folder


def run(config: Path, data: Path, *words: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "bot.cli.main", "--config", str(config), "--data", str(data), *words],
        input=stdin, capture_output=True, text=True, check=False, cwd=ROOT, timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": str(data), "OPENAI_API_KEY": "sk-test-key-000000000"},
    )  # fmt: skip


def test_interpret_asks_the_model_and_what_was_sent_can_be_seen(server: Aimock, tmp_path: Path) -> None:
    config, data = configured(tmp_path / "config", server.url), tmp_path / "data"
    said = {"text": f"{ASKED} because password=hunter2 me@corp.example", "as": "dev"}
    ended = run(config, data, "interpret", "--interpreter", "model", stdin=f"{json.dumps(said)}\n")
    found = json.loads(ended.stdout)
    assert (found["kind"], found["skill"], found["interpreter"]) == ("change", "rollback", "model")
    kept = run(config, data, "model", "last")
    assert kept.returncode == 0
    assert "gpt-x  for dev: reading, answered with rollback" in kept.stdout
    assert f"  {ASKED} because password=(redacted) (hidden)" in kept.stdout
    as_json = json.loads(run(config, data, "model", "last", "--json", "--count", "1").stdout)
    assert (as_json["outcome"], as_json["calls"]) == ("answered", ["rollback"])
    assert not {"hunter2", "me@corp.example", "sk-test-key-000000000"} & set(kept.stdout.split())
    assert (data / "model-last.jsonl").stat().st_mode & 0o777 == 0o600


def test_without_a_model_interpret_says_where_to_name_one(tmp_path: Path) -> None:
    ended = run(CONFIG, tmp_path, "interpret", "--interpreter", "model", stdin='{"text": "x"}\n')
    assert ended.returncode == 4
    assert ended.stderr == (
        "No model is configured. Name one under model in organization.yaml, or use --interpreter embedded, which needs none.\n"
    )
    assert run(CONFIG, tmp_path, "model", "last").stdout == "Nothing was sent to a model from this data folder.\n"
    assert run(CONFIG, tmp_path, "model", "last", "--count", "0").returncode == 2


def test_the_doctor_says_whether_the_model_answers(server: Aimock, tmp_path: Path) -> None:
    well = run(configured(tmp_path / "well", server.url), tmp_path / "data", "doctor")
    assert "✓ model: gpt-x answered, 4 characters" in well.stdout
    ill = run(configured(tmp_path / "ill", "http://127.0.0.1:9"), tmp_path / "data", "doctor")
    assert "✗ model: The model could not be reached. Check model in organization.yaml, and the key in" in ill.stdout
    none = run(CONFIG, tmp_path / "data", "doctor")
    assert "✓ model: not configured, which is fine: the embedded interpreter needs none" in none.stdout


async def test_a_change_in_words_goes_the_usual_way_to_a_proposal(server: Aimock, tmp_path: Path) -> None:
    settings = Settings.from_environ({}, config=configured(tmp_path / "config", server.url), data=tmp_path / "data")
    async with open_world(settings) as world:
        origin, dev = Origin(edge="test", words=ASKED), world.actor("dev")
        proposed = await world.door.request(dev, ASKED, origin=origin, key="1")
        assert isinstance(proposed, Proposed)
        assert proposed.proposal.verdict.approvals_needed == 1
        assert (proposed.proposal.status.value, proposed.note) == ("pending", "")
        looked = await world.door.request(dev, "is the looking thing alright", origin=origin, key="2")
        assert isinstance(looked, Answered)
        assert looked.report.title == "Status of search"


async def test_with_the_model_down_the_same_words_get_a_question_that_says_so(tmp_path: Path) -> None:
    settings = Settings.from_environ(
        {}, config=configured(tmp_path / "config", "http://127.0.0.1:9"), data=tmp_path / "data"
    )
    async with open_world(settings) as world:
        answer = await world.door.request(world.actor("dev"), ASKED, origin=Origin(edge="test"), key="1")
        assert isinstance(answer, Clarify)
        assert answer.text.endswith("The model could not be reached; I read this without it.")
        assert answer.completions == ("rollback payments-api in production",)
        plain = await world.door.request(world.actor("dev"), "status web", origin=Origin(edge="test"), key="2")
        assert isinstance(plain, Answered)
