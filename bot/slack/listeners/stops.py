"""Stop, pressed on what stands in for an answer or on Slack's own button: heard from whoever asked, and from nobody else."""

from collections.abc import Mapping
from typing import Any

from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.stopping import Press, name_in

_SAID = {
    Press.OVER: "There is nothing to stop any more: that is answered.",
    Press.NOT_YOURS: "Only whoever asked can stop this. Nothing was stopped.",
}


async def pressed(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody pressed. What is stopped says so itself; everything else is told to whoever pressed."""
    user, channel, thread = str(body["user"]), str(body["channel"]), str(body["thread"])
    if "action" not in body:
        if await desk.thinking.stops.press(name_in(channel, thread), user) is Press.OVER:
            await desk.thinking.end_session(channel, thread)
        return
    said = _SAID.get(await desk.thinking.stops.press(str(body["value"]), user))
    if said:
        asked = Asked(
            key=key, user=user, channel=channel, thread=thread, team=str(body["team"]), text="", typed="",
            response_url=str(body["response_url"]), private=True,
        )  # fmt: skip
        await desk.whisper(asked, said)
