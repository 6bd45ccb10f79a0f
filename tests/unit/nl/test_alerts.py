"""An alert by its name: typed, by option, and in a sentence."""

import pytest

from bot.nl import EmbeddedInterpreter
from skills.core.registry import Skills, discover
from tests.support.words import catalog

EMBEDDED = EmbeddedInterpreter(Skills.described(discover()), catalog())


@pytest.mark.parametrize(
    ("text", "alert", "environment"),
    [
        ("troubleshoot alert HighErrorRate in production", "HighErrorRate", "production"),
        ("troubleshoot --alert HighErrorRate", "HighErrorRate", None),
        ("diagnose alert checkout-errors", "checkout-errors", None),
        ("why is the alert HighErrorRate firing in production?", "HighErrorRate", "production"),
        ("the HighErrorRate alert is firing in production, why?", "HighErrorRate", "production"),
        ("what is behind the alert HighErrorRate in production", "HighErrorRate", "production"),
        ("look into alert KubePodCrashLooping", "KubePodCrashLooping", None),
        ("investigate the alert high_error_rate in prod", "high_error_rate", "production"),
    ],
)
def test_an_alert_is_what_is_to_be_looked_into(text: str, alert: str, environment: str | None) -> None:
    understood = EMBEDDED.interpret(text)
    assert (understood.skill, understood.question) == ("troubleshoot", "")
    wanted = {"alert": alert, "environment": environment}
    assert dict(understood.params) == {key: value for key, value in wanted.items() if value}


@pytest.mark.parametrize("text", ["why is checkout throttled in production", "troubleshoot checkout in production"])
def test_where_no_alert_is_named_none_is_meant(text: str) -> None:
    assert "alert" not in EMBEDDED.interpret(text).params


@pytest.mark.parametrize("text", ["the alert channel is #ops", "we should write an alert for that"])
def test_talk_of_alerts_is_no_request(text: str) -> None:
    assert EMBEDDED.interpret(text).skill is None
