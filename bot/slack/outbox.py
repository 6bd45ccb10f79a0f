"""Messages that are posted once, whatever happens: reserved before they are sent, looked for before they are sent again.

A message carries its key in the block id of its first block, and a picture in the name of its file, which is how it is found in the channel
after a crash between sending and remembering.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.slack.client import Slack
from bot.slack.errors import Gone, Limited, NotInChannel, Unsendable
from bot.slack.views.answers import Picture, Said
from bot.slack.views.blocks import IDENTIFIER
from bot.store import Message
from bot.store.messages import Messages
from skills.core.errors import NotAllowed, Unavailable, Unclear

_IN_FLIGHT_SECONDS = 15.0
"""How long somebody else's “sending” is believed; longer than any call of ours may take."""


@dataclass(frozen=True, kw_only=True)
class Spot:
    """Where a message goes: a channel, and a thread in it or ""."""

    channel: str
    thread: str = ""


class Outbox:
    """Posts and updates by key. `now` is a monotonic clock in seconds."""

    def __init__(
        self, slack: Slack, messages: Messages, *, now: Callable[[], float], patience: float = _IN_FLIGHT_SECONDS
    ) -> None:
        self._slack = slack
        self._messages = messages
        self._now = now
        self._patience = patience
        self._seen_in_flight: dict[str, float] = {}
        self._own: set[str] = set()

    async def post(self, key: str, spot: Spot, said: Said) -> Message:
        """Post under this key unless it was posted before; the message, wherever it is.

        Raises `NotInChannel` and other `Unavailable` or `NotAllowed` kinds; the key may then be posted again later.
        """
        return await self._once(key, spot, said)

    async def upload(self, key: str, spot: Spot, picture: Picture) -> Message:
        """Share a picture under this key unless it was shared before. Raises like `post`; where Slack put it is not known (`ts` is "")."""
        return await self._once(key, spot, picture)

    async def keep_current(self, key: str, spot: Spot, said: Said) -> Message:
        """Post it, or make the one that was posted look like this."""
        message = await self.post(key, spot, said)
        digest = fingerprint(said)
        if message.state != "sent" or message.digest == digest or not message.channel or not message.ts:
            return message
        try:
            await self._slack.update(message.channel, message.ts, _marked(said, key, digest))
        except Gone:
            # Somebody deleted the message; it is not put back against their will.
            await self._messages.failed(key, "deleted in Slack")
            return replace(message, state="failed")
        await self._messages.sent(key, channel=message.channel, ts=message.ts, digest=digest)
        return replace(message, digest=digest)

    async def _once(self, key: str, spot: Spot, content: Said | Picture) -> Message:
        message = await self._messages.reserve(key, {"channel": spot.channel, "thread": spot.thread})
        if message.state == "new":
            return await self._send(key, spot, content)
        if message.state == "sending":
            return await self._settle(key, spot, content)
        return message

    async def _send(self, key: str, spot: Spot, content: Said | Picture) -> Message:
        digest = fingerprint(content)
        self._own.add(key)
        try:
            channel, ts = await self._sent(key, spot, content, digest)
        except Unclear:
            raise
        except Unsendable as refused:
            await self._messages.failed(key, str(refused))
            raise
        except (Limited, Unavailable, NotAllowed, NotInChannel):
            await self._messages.release(key)
            raise
        finally:
            self._own.discard(key)
        await self._messages.sent(key, channel=channel, ts=ts, digest=digest)
        place = {"channel": spot.channel, "thread": spot.thread}
        return Message(key=key, state="sent", place=place, channel=channel, ts=ts, digest=digest)

    async def _sent(self, key: str, spot: Spot, content: Said | Picture, digest: str) -> tuple[str, str]:
        """(channel, ts) of what was sent just now."""
        if isinstance(content, Picture):
            name = _file_name(key)
            return await self._slack.upload(spot.channel, content, name=name, thread=spot.thread), ""
        return await self._slack.post(spot.channel, _marked(content, key, digest), thread=spot.thread)

    async def _settle(self, key: str, spot: Spot, content: Said | Picture) -> Message:
        """A message that was about to be sent when somebody last looked: find it, or wait, or send it again."""
        if key in self._own:
            raise Unavailable("That message is just being sent.")
        found = await self._find(key, spot)
        if found:
            channel, ts, digest = found
            await self._messages.sent(key, channel=channel, ts=ts, digest=digest)
            self._seen_in_flight.pop(key, None)
            return Message(key=key, state="sent", place={}, channel=channel, ts=ts, digest=digest)
        since = self._seen_in_flight.setdefault(key, self._now())
        if self._now() - since < self._patience:
            raise Unavailable("Somebody else may just be sending that message.")
        self._seen_in_flight.pop(key, None)
        await self._messages.release(key)
        return await self._once(key, spot, content)

    async def _find(self, key: str, spot: Spot) -> tuple[str, str, str] | None:
        """(channel, ts, digest) of the message that carries this key, or the file that is named for it."""
        for message in await self._slack.recent(spot.channel, spot.thread):
            blocks = message.get("blocks") or [{}]
            name, _, digest = str(blocks[0].get("block_id", "")).rpartition("|")
            files = {str(file.get("name")) for file in message.get("files") or ()}
            if name == key or _file_name(key) in files:
                return str(message.get("channel") or spot.channel), str(message["ts"]), digest
        return None


def fingerprint(content: Said | Picture) -> str:
    """The same for the same content."""
    if isinstance(content, Picture):
        return hashlib.sha256(content.png).hexdigest()[:32]
    said = json.dumps([content.text, list(content.blocks)], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _file_name(key: str) -> str:
    """What a picture is called, by which it is found again after a crash."""
    return f"chart-{hashlib.sha256(key.encode()).hexdigest()[:20]}.png"


def _marked(said: Said, key: str, digest: str) -> Said:
    """With the key and the digest in the first block's id, which so is another one with every update."""
    first, *rest = said.blocks
    mark = f"{key}|{digest}"
    if len(mark) > IDENTIFIER:
        raise ValueError("the key of a message has to fit into a block id")
    return replace(said, blocks=[{**first, "block_id": mark}, *rest])
