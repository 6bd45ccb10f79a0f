"""“@countersign deploy checkout v42 to production”: answered in the thread."""

import re
from collections.abc import Mapping
from typing import Any

from bot.nl.interpretation import ChannelKind
from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.views.text import unslacked

_LEADING_MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>[\s,:]*")


async def said(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody spoke to the bot in a channel."""
    await heard(desk, key, body, "thread" if body.get("reply") else "channel")


async def heard(desk: Desk, key: str, body: Mapping[str, Any], kind: ChannelKind) -> None:
    """Ask for what somebody said in a message, and answer in its thread."""
    text = str(body["text"])
    if body.get("bot"):
        text = text.replace(f"<@{body['bot']}>", " ", 1) if not _LEADING_MENTION.match(text) else text
    typed = unslacked(_LEADING_MENTION.sub("", text))
    await desk.ask(
        Asked(
            key=key,
            user=body["user"],
            channel=body["channel"],
            thread=body["thread"],
            team=body["team"],
            text=typed or "help",
            typed=typed,
            kind=kind,
            reply=bool(body.get("reply")),
        )
    )
