"""Why somebody rejects, or breaks glass."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.views.modals import GLASS_BROKEN, INCIDENT, REASON, REJECTED
from skills.core.proposal import Choice


async def submitted(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """The window was sent. Its metadata is the proposal's handle; the place to answer in is where its card stands."""
    if body["callback"] not in (REJECTED, GLASS_BROKEN):
        return
    handle, reason = str(body["metadata"]), str(body["values"].get(REASON, ""))
    card = await desk.door.card(handle)
    message = await desk.store.messages.get(f"card:{card.id}") if card else None
    asked = Asked(
        key=key,
        user=body["user"],
        channel=(message.channel if message else None) or body["user"],
        thread=message.place.get("thread", "") if message else "",
        team=body["team"],
        text="",
        typed="",
        private=True,
    )
    if body["callback"] == REJECTED:
        await desk.decide(asked, handle, Choice.REJECT, reason=reason)
        return
    number = str(body["values"].get(INCIDENT, "")).strip().lstrip("#")
    incident = int(number) if number.isascii() and number.isdecimal() else None
    typed = f"break glass {card.id} incident {number} because {reason}" if card else ""
    await desk.break_glass(replace(asked, typed=typed), handle, reason=reason, incident=incident)
