"""Two hundred secrets planted wherever one may stand by accident: none is found in what is kept, logged, shown, sent to a model or traced."""

import io
import json
import random
import string
from pathlib import Path
from typing import Any

import pytest

from bot import logs
from bot.nl.model.outgoing import clean, told
from bot.usecases.answers import Answered
from integrations.memory.cluster import MemoryCluster
from skills.core.report import Report
from tests.support.worlds import Office, open_office
from tests.unit.skills.conftest import a_deployment

QUESTIONS = (
    "status checkout", "history checkout", "troubleshoot checkout in production", "events checkout in production",
    "resources checkout in production", "logs checkout in production", "metrics checkout in production",
    "traces checkout in production", "pending", "help",
)  # fmt: skip
_DICE = random.Random(42)


def _core(length: int, letters: str = string.ascii_letters + string.digits) -> str:
    return "".join(_DICE.choice(letters) for _ in range(length))


SHAPES = (
    ("ghp_{}", 36, string.ascii_letters + string.digits),
    ("AKIA{}", 16, string.ascii_uppercase + string.digits),
    ("xoxb-{}", 30, string.digits),
    ("eyJhbGciOiJIUzI1NiJ9.{}", 40, string.ascii_letters),
    ("password={}", 18, string.ascii_letters + string.digits),
    ("postgres://app:{}@db.internal/app", 16, string.ascii_letters),
    ("Authorization: Bearer {}", 32, string.ascii_letters + string.digits),
    ("client_secret: '{}'", 24, string.ascii_letters + string.digits),
    ("sk_live_{}", 24, string.ascii_letters + string.digits),
    ("glpat-{}", 20, string.ascii_letters + string.digits),
)


class Canaries:
    """Hands out secrets, each once, and looks for all of them."""

    def __init__(self) -> None:
        self._cores: list[str] = []

    def next(self) -> str:
        shape, length, letters = SHAPES[len(self._cores) % len(SHAPES)]
        self._cores.append(_core(length, letters))
        return shape.format(self._cores[-1])

    def __len__(self) -> int:
        return len(self._cores)

    def found_in(self, text: str) -> list[str]:
        return [core for core in self._cores if core in text]


def _planted(canaries: Canaries) -> dict[str, Any]:
    """A Deployment with secrets in its environment and in its annotations."""
    manifest = a_deployment(app="registry.example/checkout:v41")
    manifest["metadata"]["namespace"] = "production"
    container = manifest["spec"]["template"]["spec"]["containers"][0]
    names = ("DB_PASSWORD", "API_TOKEN", "STRIPE_SECRET", "SESSION_COOKIE", "DSN")
    container["env"] = [{"name": f"{name}_{n}", "value": canaries.next()} for n in range(8) for name in names]
    manifest["metadata"].setdefault("annotations", {}).update({f"note-{n}": canaries.next() for n in range(30)})
    template = manifest["spec"]["template"].setdefault("metadata", {}).setdefault("annotations", {})
    template.update({f"runbook-{n}": f"see {canaries.next()}" for n in range(30)})
    return manifest


async def _everything_said(office: Office, canaries: Canaries) -> list[str]:
    """Whatever comes back to people and would go to a model, while they and others are careless with secrets."""
    said = []
    for question in QUESTIONS:
        answer = await office.say("dev", question)
        said.append(repr(answer))
        if isinstance(answer, Answered):
            assert isinstance(answer.report, Report)
            said.append(told(answer.report))
    for number in range(1, 11):
        words = f"restart checkout in production because {canaries.next()}"
        said += [repr(await office.say("dev", words)), clean(words)]
        said.append(repr(await office.say("sre", f"reject {number} no, my {canaries.next()}")))
        said.append(repr(await office.say("dev", f"what is {canaries.next()}")))
    return said


async def test_no_secret_that_was_planted_is_found_in_anything_that_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    canaries, written = Canaries(), io.StringIO()
    async with open_office(tmp_path) as office:
        await office.cluster.delete("Deployment", "checkout", environment="production")
        await office.cluster.create(_planted(canaries), environment="production")
        lines = tuple(f"ERROR cannot log in with {canaries.next()}" for _ in range(40))
        monkeypatch.setattr(MemoryCluster, "written_by", lambda *_: lines)
        said = await _everything_said(office, canaries)
        logs.to_stream("debug", stream=written)
        said += await _bugs(office, canaries, monkeypatch)
        audit = [json.dumps(dict(entry.facts)) for entry in await office.world.store.audit.entries(limit=1000)]
        kept = [path.read_bytes().decode("latin-1") for path in tmp_path.iterdir() if "sqlite" in path.name]
    assert len(canaries) >= 200
    assert kept
    assert "Traceback" in written.getvalue()
    for place, texts in {"answers": said, "audit": audit, "database": kept, "log": [written.getvalue()]}.items():
        for text in texts:
            assert canaries.found_in(text) == [], f"in {place}: {text[:2000]}"


async def _bugs(office: Office, canaries: Canaries, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Exceptions that nobody thought of, with a secret in their text."""

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"connecting with {canaries.next()} failed")

    monkeypatch.setattr(MemoryCluster, "get", broken)
    return [repr(await office.say("dev", question)) for question in ["restart checkout in production"] * 40]
