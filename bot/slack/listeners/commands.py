"""“/ops status”, “/deploy checkout v42 to production”, “/ops-status checkout”: answered so that only the asker sees it, cards apart."""

from collections.abc import Mapping
from typing import Any

from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.manifest import FREE, PREFIX
from bot.slack.views.text import unslacked


async def typed(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody used a slash command. One that names no skill is read as the beginning of a request."""
    text, command = unslacked(str(body["text"])), str(body["command"])
    word = command.strip().lstrip("/").removeprefix(PREFIX).lower()
    skill = desk.door.skills.by_word(word)
    if skill is None and not text.strip():
        skill = desk.door.skills.of_topic(word)
    first, _, rest = text.strip().partition(" ")
    if longer := desk.door.skills.by_word(f"{word}-{first.lower()}"):
        # “/access keep 3” is “/access-keep 3”.
        skill, text = longer, rest
    free = f"{word} {text}" if skill is None and word != FREE else text
    await desk.ask(
        Asked(
            key=key,
            user=body["user"],
            channel=body["channel"],
            team=body["team"],
            text=free.strip() or ("" if skill else "help"),
            typed=f"{command} {text}".strip(),
            skill=skill.name if skill else None,
            response_url=body["response_url"],
            private=True,
        )
    )
