"""“Why is checkout failing?”: a skill that looks into trouble is found by what people say of trouble, and talk of trouble is left alone."""

from typing import Any

import pytest

from bot.nl import EmbeddedInterpreter
from skills.core import skill
from skills.core.actor import Actor
from skills.core.registry import Skills, discover
from skills.core.report import Report
from skills.core.skill import Query
from tests.support.words import catalog


class Params(skill.Params):
    """Of what, where, and since when."""

    service: skill.Service
    environment: skill.Environment | None = None
    since: skill.Duration | None = None


class Probe(Query[Params]):
    """Look into what is wrong with a service."""

    name = "probe"
    aliases = ("investigate", "diagnose")
    examples = ("probe checkout in production",)
    phrases = (
        "why is|are|does|did|has|was", "what is|was wrong", "what went wrong", "root cause", "what could|may|might be|cause",
        "look into", "is|are … failing|crashing|stuck", "keeps crashing|restarting",
    )  # fmt: skip

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        raise AssertionError("only understood here, never run")


EMBEDDED = EmbeddedInterpreter(
    Skills.described([*(each for each in discover() if each.name != "troubleshoot"), Probe]), catalog()
)


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("why is checkout failing in production?", {"service": "checkout", "environment": "production"}),
        ("what's wrong with search", {"service": "search"}),
        ("investigate checkout in prod please", {"service": "checkout", "environment": "production"}),
        ("can you help me diagnose payments?", {"service": "payments-api"}),
        ("checkout keeps restarting in staging, why is that?", {"service": "checkout", "environment": "staging"}),
        ("Search answers nothing at all. What could be wrong?", {"service": "search"}),
        ("The web pods in staging are restarting. How can I diagnose this?", {"service": "web", "environment": "staging"}),
        ("why did the deploy of checkout fail?", {"service": "checkout"}),
    ],
)  # fmt: skip
def test_trouble_is_looked_into(text: str, params: dict[str, Any]) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.skill, dict(found.params)) == ("query", "probe", params)


def test_a_name_that_nobody_knows_is_taken_from_the_sentence_before() -> None:
    found = EMBEDDED.interpret("The 'basket-service' pods crash all the time. What could be wrong?")
    assert (found.kind, found.skill, dict(found.unresolved)) == ("clarify", "probe", {"service": "basket-service"})


@pytest.mark.parametrize(
    "text",
    [
        "checkout is failing in production", "we are investigating checkout", "why is it always DNS?", "fix deployed", "anyone looking into search?",
        "so the root cause was the cache", "tail latency is up", "payments is slow again",
    ],
)  # fmt: skip
def test_talk_of_trouble_is_left_alone_in_a_channel(text: str) -> None:
    for kind in ("channel", "thread"):
        assert EMBEDDED.interpret(text, channel_kind=kind).kind == "none"  # type: ignore[arg-type]
