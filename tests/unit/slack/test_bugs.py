"""A bug in the edge: logged once, and told to whoever asked."""

from typing import Any

import pytest

from bot.slack import listeners
from bot.slack.asked import Asked
from bot.slack.deliveries import COMMAND
from bot.slack.desk import Desk
from bot.slack.views.answers import Said
from bot.store import Delivery
from skills.core.errors import Unavailable
from tests.support.databases import NOON


class Overheard(Desk):
    """A desk that remembers what it would have said."""

    def __init__(self) -> None:
        self.said: list[tuple[Asked, Said]] = []

    async def reply(self, asked: Asked, said: Said) -> None:
        self.said.append((asked, said))


def a_delivery() -> Delivery:
    body = {"user": "U01DEV", "channel": "C01GEN", "text": "status"}
    return Delivery(key="command:1", kind=COMMAND, body=body, attempts=1, received_at=NOON)


async def test_whoever_asked_gets_a_reference_to_quote(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(desk: Desk, key: str, body: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(listeners.LISTENERS, COMMAND, broken)  # type: ignore[arg-type]
    desk = Overheard()
    await listeners.deal(desk, a_delivery())
    ((asked, said),) = desk.said
    assert asked.private
    assert said.text.startswith("⚠️ Something went wrong on my side. Quote ")


async def test_what_was_thought_of_is_left_to_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    async def down(desk: Desk, key: str, body: Any) -> None:
        raise Unavailable("Slack is down.")

    monkeypatch.setitem(listeners.LISTENERS, COMMAND, down)  # type: ignore[arg-type]
    desk = Overheard()
    with pytest.raises(Unavailable):
        await listeners.deal(desk, a_delivery())
    assert desk.said == []
