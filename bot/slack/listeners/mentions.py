"""“@countersign deploy checkout v42 to production”: answered in the thread."""

import re
from collections.abc import Mapping
from typing import Any

from bot.slack.desk import Asked, Desk
from bot.slack.views.text import unslacked

_LEADING_MENTION = re.compile(r"^\s*<@[UW][A-Z0-9]+(?:\|[^>]*)?>[\s,:]*")


async def said(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody spoke to the bot in a channel."""
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
        )
    )
