"""A skill that nobody here has heard of is understood from its name, its examples and its parameters."""

from collections.abc import Sequence

import pytest

from bot.nl import EmbeddedInterpreter, Interpretation
from skills.core import skill
from skills.core.actor import Actor
from skills.core.names import Digest
from skills.core.plan import Plan, Step
from skills.core.registry import Skills, discover
from skills.core.report import Report
from skills.core.skill import Change, Query, Seen
from tests.support.words import catalog


class PurgeParams(skill.Params):
    """What to purge."""

    service: skill.Service
    environment: skill.Environment


class Purge(Change[PurgeParams]):
    """Purge the caches of a service."""

    name = "purge"
    aliases = ("flush",)
    examples = ("purge checkout in production",)

    async def plan(self, params: PurgeParams) -> Plan:
        raise AssertionError("only understood here, never run")

    async def apply(self, step: Step, *, digest: Digest) -> str:
        raise AssertionError("only understood here, never run")

    async def observe(self, step: Step) -> Seen:
        raise AssertionError("only understood here, never run")


class EmitParams(skill.Params):
    """Of what."""

    service: skill.Service | None = None


class Emit(Query[EmitParams]):
    """Show what a service emits each month."""

    name = "emit"
    aliases = ("emissions",)
    examples = ("emit checkout", "monthly emissions of search")

    async def answer(self, params: EmitParams, *, asker: Actor) -> Report:
        raise AssertionError("only understood here, never run")


@pytest.fixture(scope="module")
def interpreter() -> EmbeddedInterpreter:
    return EmbeddedInterpreter(Skills.described([*discover(), Purge, Emit]), catalog())


def meanings(interpreter: EmbeddedInterpreter, texts: Sequence[str]) -> set[tuple[str, str | None, str]]:
    found: list[Interpretation] = [interpreter.interpret(text) for text in texts]
    return {(each.kind, each.skill, str(sorted(each.params.items()))) for each in found}


def test_its_change_is_asked_for_in_sentences(interpreter: EmbeddedInterpreter) -> None:
    texts = (
        "could you flush payments in prod please?",
        "we need to purge payments-api in production",
        "payments in prod needs purging",
    )
    where = "[('environment', 'production'), ('service', 'payments-api')]"
    assert meanings(interpreter, texts) == {("change", "purge", where)}


def test_its_change_is_not_made_by_speaking_of_it(interpreter: EmbeddedInterpreter) -> None:
    assert meanings(interpreter, ["how do I purge a cache?", "is it safe to flush payments in prod?"]) == {
        ("chat", "purge", "[]")
    }
    assert meanings(interpreter, ["we purged payments in prod", "don't flush payments in prod"]) == {
        ("none", None, "[]")
    }


def test_its_question_is_answered(interpreter: EmbeddedInterpreter) -> None:
    texts = (
        "what are the emissions of search",
        "show me the monthly emissions of search please",
        "how much does search emit each month?",
    )
    assert meanings(interpreter, texts) == {("query", "emit", "[('service', 'search')]")}


def test_everything_else_stays_as_it_was(interpreter: EmbeddedInterpreter) -> None:
    assert interpreter.interpret("could you bounce search in staging").skill == "restart"
