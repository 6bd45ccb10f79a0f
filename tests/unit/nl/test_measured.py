"""Ways to ask how a service does."""

from datetime import timedelta
from typing import Any

import pytest

from bot.nl.embedded import EmbeddedInterpreter
from skills.metrics import Params
from tests.support import words
from tests.support.databases import NOON


@pytest.mark.parametrize(
    ("said", "params"),
    [
        ("metrics checkout", {"service": "checkout"}),
        ("metrics checkout in production --since 1h", {"service": "checkout", "environment": "production", "since": "1h"}),
        ("error rate of checkout", {"service": "checkout"}),
        ("what is the error rate of payments in production?", {"service": "payments-api", "environment": "production"}),
        ("how slow is search", {"service": "search"}),
        ("is search slow in production?", {"service": "search", "environment": "production"}),
        ("latency of payments since 1h", {"service": "payments-api", "since": "1h"}),
        ("show me the response times of web for the last 3 hours", {"service": "web", "since": "3h"}),
        ("how much traffic does web get in production?", {"service": "web", "environment": "production"}),
        ("cpu usage of search in staging", {"service": "search", "environment": "staging"}),
        ("requests per second of checkout", {"service": "checkout"}),
        ("golden signals of web", {"service": "web"}),
        ("show me a graph of checkout's latency", {"service": "checkout"}),
        ("p95 of web in prod", {"service": "web", "environment": "production"}),
    ],
)  # fmt: skip
def test_it_is_understood(said: str, params: dict[str, Any]) -> None:
    understood = EmbeddedInterpreter(words.skills(), words.catalog(), clock=lambda: NOON).interpret(said)
    assert (understood.kind, understood.skill) == ("query", "metrics"), understood.question
    assert Params.model_validate(dict(understood.params)) == Params.model_validate(params)
    assert Params.model_validate(params).since <= timedelta(hours=3)
