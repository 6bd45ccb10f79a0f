"""“deploy checkout v42 to production”, in a conversation with the bot alone: every message is a request, and its thread has the answer."""

from collections.abc import Mapping
from typing import Any

from bot.slack.desk import Desk
from bot.slack.listeners import mentions


async def said(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody spoke to the bot directly; mentioning it as well changes nothing."""
    await mentions.heard(desk, key, body, "direct")
