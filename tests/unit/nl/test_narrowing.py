"""What narrows a question down: since when, matching what, in which namespace, of which kind, and yes or no. Typed, and in sentences."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.nl import CommandInterpreter, EmbeddedInterpreter, Interpretation
from skills.core import skill
from skills.core.actor import Actor
from skills.core.registry import Skills, discover
from skills.core.report import Report
from skills.core.skill import Query
from tests.support.words import catalog

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""A Monday morning."""


class ReadParams(skill.Params):
    """Of what, from when, and which lines."""

    service: skill.Service
    environment: skill.Environment | None = None
    namespace: skill.Namespace | None = None
    pod: skill.ObjectName | None = None
    container: skill.Container | None = None
    since: skill.Duration | None = None
    tail: skill.Count | None = None
    grep: skill.Pattern | None = None
    previous: skill.Flag = False


class ReadBack(Query[ReadParams]):
    """Read back what a service has written."""

    name = "readback"
    aliases = ("scrollback", "grep")
    examples = ("readback checkout since 15m",)
    phrases = ("logs", "log of|for|from", "log line|lines|message|messages", "tail … logs", "output of")

    async def answer(self, params: ReadParams, *, asker: Actor) -> Report:
        raise AssertionError("only understood here, never run")


class GetParams(skill.Params):
    """Of which kind, where, and called what."""

    kind: skill.ObjectKind
    name: skill.ObjectName | None = None
    namespace: skill.Namespace | None = None
    service: skill.Service | None = None
    environment: skill.Environment | None = None
    limit: skill.Count | None = None
    all_namespaces: skill.Flag = False
    wide: skill.Flag = False


class Get(Query[GetParams]):
    """List the objects of a kind."""

    name = "inventory"
    aliases = ("objects",)
    examples = ("inventory pods",)
    phrases = ("list|show|get|describe {kind}", "which|what {kind}", "how many {kind}")

    async def answer(self, params: GetParams, *, asker: Actor) -> Report:
        raise AssertionError("only understood here, never run")


class PastParams(skill.Params):
    """Of what, since when."""

    service: skill.Service
    since: skill.Since | None = None


class Past(Query[PastParams]):
    """Tell what went on with a service."""

    name = "diary"
    examples = ("diary checkout",)
    phrases = ("what went on",)

    async def answer(self, params: PastParams, *, asker: Actor) -> Report:
        raise AssertionError("only understood here, never run")


STANDING_IN_FOR = {"logs", "resources", "events", "troubleshoot", "traces", "metrics"}
"""Skills that look into a cluster: here those above speak with their words."""
SKILLS = Skills.described([*(each for each in discover() if each.name not in STANDING_IN_FOR), ReadBack, Get, Past])


@pytest.fixture(scope="module")
def commands() -> CommandInterpreter:
    return CommandInterpreter(SKILLS, catalog())


@pytest.fixture(scope="module")
def interpreter() -> EmbeddedInterpreter:
    return EmbeddedInterpreter(SKILLS, catalog(), clock=lambda: NOW)


def said(found: Interpretation) -> tuple[str, str | None, dict[str, Any]]:
    return found.kind, found.skill, dict(found.params)


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("readback checkout --since 15m", {"since": "15m"}),
        ("readback checkout —since 15m", {"since": "15m"}),
        ("readback checkout --since=90m", {"since": "1h30m"}),
        ("readback checkout since 2h", {"since": "2h"}),
        ("readback checkout last 2d", {"since": "2d"}),
        ("readback checkout 15m", {"since": "15m"}),
        ("readback checkout --grep timeout", {"grep": "timeout"}),
        ('readback checkout --grep "connection refused"', {"grep": "connection refused"}),
        ("readback checkout --grep=“connection refused” --since 1h", {"grep": "connection refused", "since": "1h"}),
        ("grep timeout in checkout", {"grep": "timeout"}),
        ("grep ‘connection refused’ checkout readback", {"grep": "connection refused"}),
        ("readback checkout containing OOMKilled", {"grep": "OOMKilled"}),
        ("grep search in checkout", {"grep": "search"}),
        ("readback checkout --previous", {"previous": True}),
        ("readback checkout -p", {"previous": True}),
        ("readback checkout previous", {"previous": True}),
        ("readback checkout --previous=false", {"previous": False}),
        ("readback checkout -n shop", {"namespace": "shop"}),
        ("readback checkout namespace shop", {"namespace": "shop"}),
        ("readback checkout namespace prod", {"environment": "production"}),
        ("readback checkout -c proxy --tail 20", {"container": "proxy", "tail": 20}),
        ("readback checkout last 20 lines", {"tail": 20}),
        ("readback checkout checkout-6d4f5b7c9d-x2v4k", {"pod": "checkout-6d4f5b7c9d-x2v4k"}),
        ("readback checkout pod checkout-0 in prod", {"pod": "checkout-0", "environment": "production"}),
        ("readback --service checkout --environment prod", {"environment": "production"}),
        ("checkout readback since 15m in staging", {"since": "15m", "environment": "staging"}),
    ],
)
def test_typed_with_a_service(commands: CommandInterpreter, text: str, params: dict[str, Any]) -> None:
    assert said(commands.interpret(text)) == ("query", "readback", {"service": "checkout"} | params)


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("inventory pods", {"kind": "pod"}),
        ("inventory pods -n kube-system", {"kind": "pod", "namespace": "kube-system"}),
        ("inventory deploy/web", {"kind": "deployment", "name": "web"}),
        ("inventory --kind svc --limit 5 --all-namespaces", {"kind": "service", "limit": 5, "all_namespaces": True}),
        ("inventory HTTPRoutes --wide", {"kind": "HTTPRoute", "wide": True}),
        ("inventory pods checkout in prod", {"kind": "pod", "service": "checkout", "environment": "production"}),
    ],
)
def test_typed_with_a_kind(commands: CommandInterpreter, text: str, params: dict[str, Any]) -> None:
    assert said(commands.interpret(text)) == ("query", "inventory", params)


@pytest.mark.parametrize(
    ("text", "question"),
    [
        (
            "readback checkout --since soon",
            "“soon” is not a length of time; say for instance 15m, 2h or 1d. For example: readback checkout since 15m",
        ),
        (
            "readback checkout --tail many",
            "“many” is not a number; say for instance 20. For example: readback checkout since 15m",
        ),
        ("readback checkout --colour", "I did not understand “--colour”. For example: readback checkout since 15m"),
        ("readback checkout --since", "I did not understand “--since”. For example: readback checkout since 15m"),
    ],
)
def test_an_option_that_says_nothing_is_asked_about(commands: CommandInterpreter, text: str, question: str) -> None:
    found = commands.interpret(text)
    assert (found.kind, found.question) == ("clarify", question)


def test_an_option_that_a_change_does_not_have_makes_no_change(interpreter: EmbeddedInterpreter) -> None:
    for option in ("--dry-run", "--now", "--all", "--yes", "--force", "--since 15m", "-y", "—dry-run"):
        assert interpreter.interpret(f"restart checkout in staging {option}").kind == "clarify", option


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("show me the logs of checkout since 15m", {"since": "15m"}),
        ("what were the log messages of checkout in the last 15 minutes?", {"since": "15m"}),
        ("logs for checkout in prod over the past two hours please", {"since": "2h", "environment": "production"}),
        ("can you get me the last hour of checkout logs", {"since": "1h"}),
        ("logs of checkout since yesterday", {"since": "1d9h"}),
        ("logs of checkout from the last 24h", {"since": "1d"}),
        ("logs of checkout since 10 minutes ago", {"since": "10m"}),
        ("grep timeout in checkout logs", {"grep": "timeout"}),
        ("grep checkout logs for timeout", {"grep": "timeout"}),
        ("search the logs of checkout for “connection refused”", {"grep": "connection refused"}),
        ("checkout logs containing 'connection refused' since 1h", {"grep": "connection refused", "since": "1h"}),
        ("show the previous logs of checkout in prod", {"previous": True, "environment": "production"}),
        ("retrieve the last 20 log lines of checkout", {"tail": 20}),
        ("tail 100 lines of the checkout logs", {"tail": 100}),
        ("show me the logs of checkout in the shop namespace", {"namespace": "shop"}),
        ("show me the logs of checkout in namespace 'shop'", {"namespace": "shop"}),
        ("show me the logs of checkout in the prod namespace", {"environment": "production"}),
        ("logs of checkout from pod checkout-0", {"pod": "checkout-0"}),
    ],
)
def test_in_a_sentence_with_a_service(interpreter: EmbeddedInterpreter, text: str, params: dict[str, Any]) -> None:
    assert said(interpreter.interpret(text)) == ("query", "readback", {"service": "checkout"} | params)


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("list the pods in the debug namespace", {"kind": "pod", "namespace": "debug"}),
        ("how many nodes are there?", {"kind": "node"}),
        ("show me all HTTPRoutes in the 'bookstore' namespace", {"kind": "HTTPRoute", "namespace": "bookstore"}),
        ("describe the deployment named 'app' in namespace debug", {"kind": "deployment", "name": "app", "namespace": "debug"}),
        ("show me the pods of the checkout service in prod", {"kind": "pod", "service": "checkout", "environment": "production"}),
    ],
)  # fmt: skip
def test_in_a_sentence_with_a_kind(interpreter: EmbeddedInterpreter, text: str, params: dict[str, Any]) -> None:
    assert said(interpreter.interpret(text)) == ("query", "inventory", params)


@pytest.mark.parametrize(
    ("text", "since"),
    [
        ("what went on with checkout since yesterday?", "2026-11-22T00:00:00Z"),
        ("what went on with checkout in the last 2 hours?", "2026-11-23T07:00:00Z"),
        ("diary checkout --since 2h", "2026-11-23T07:00:00Z"),
        ("diary checkout last week", "2026-11-16T00:00:00Z"),
        ("diary checkout since 2026-11-20", "2026-11-20T00:00:00Z"),
        ("diary checkout since 2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z"),
        ("diary checkout since last thursday 14:00", "2026-11-19T14:00:00Z"),
        ("diary checkout since monday", "2026-11-16T00:00:00Z"),
        ("what went on with checkout since this morning?", "2026-11-23T06:00:00Z"),
        ("what went on with checkout today?", "2026-11-23T00:00:00Z"),
    ],
)
def test_since_when_is_the_beginning_of_what_was_named(interpreter: EmbeddedInterpreter, text: str, since: str) -> None:
    assert said(interpreter.interpret(text)) == ("query", "diary", {"service": "checkout", "since": since})


def test_what_is_completed_means_the_same_when_it_is_read_again(interpreter: EmbeddedInterpreter) -> None:
    asked = "readback --since 15m --grep “connection refused” --previous --tail 20 -n shop in prod"
    found = interpreter.interpret(asked)
    assert (found.kind, found.missing) == ("clarify", ("service",))
    again = interpreter.interpret(found.completions[0])
    assert said(again) == ("query", "readback", dict(found.params) | {"service": "checkout"})


def test_params_hold_a_length_of_time_and_spell_it_as_it_is_typed() -> None:
    params = ReadParams.model_validate({"service": "checkout", "since": "90m"})
    assert params.since == timedelta(minutes=90)
    assert params.model_dump(mode="json", exclude_defaults=True) == {"service": "checkout", "since": "1h30m"}
    with pytest.raises(ValueError, match="Say how long as 90s, 15m"):
        ReadParams.model_validate({"service": "checkout", "since": "PT15M"})


def test_a_change_never_takes_a_length_of_time_for_a_number(interpreter: EmbeddedInterpreter) -> None:
    for text in (
        "scale web to 6 for the last 15 minutes",
        "restart web in prod last 2 hours",
        "restart web in prod since 1h",
    ):
        assert interpreter.interpret(text).kind != "change", text


@pytest.mark.parametrize(
    ("text", "unresolved"),
    [
        ("readback checkout --since soon", {"since": "soon"}),
        ("readback checkout --since -5m", {"since": "-5m"}),
        ("readback checkout --tail -1", {"tail": "-1"}),
        ("readback checkout --sicne 5m", {"other": "--sicne"}),
    ],
)
def test_what_is_named_and_makes_no_sense_is_asked_back_and_never_left_out(
    interpreter: EmbeddedInterpreter, text: str, unresolved: dict[str, str]
) -> None:
    found = interpreter.interpret(text)
    assert (found.kind, found.skill, found.unresolved) == ("clarify", "readback", unresolved)
