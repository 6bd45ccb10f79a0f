"""Messages that are posted once, whatever happens: reserved before they are sent, looked for before they are sent again.

A message carries its key in the block id of its first block, and a picture in the name of its file, which is how it is found in the channel
after a crash between sending and remembering. Until it is there, something else may stand in for it under the same key: that is what a
crash leaves, and what the message itself takes the place of.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.slack.client import TRIES, Slack
from bot.slack.errors import Gone, Limited, NotInChannel, StreamOver, Unsendable
from bot.slack.views.answers import Picture, Said
from bot.slack.views.blocks import IDENTIFIER
from bot.store import Message
from bot.store.messages import Messages
from skills.core.errors import NotAllowed, Unavailable, Unclear

_IN_FLIGHT_SECONDS = 15.0
"""How long somebody else's “sending” is believed; longer than any call of ours may take."""

_MEANWHILE, _STREAM = "meanwhile:", "stream:"
"""How the digest of what stands in begins."""


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
        """Post under this key, in place of what stands in for it; nothing if it was posted before. The message, wherever it is.

        Raises `NotInChannel` and other `Unavailable` or `NotAllowed` kinds; the key may then be posted again later.
        """
        return await self._put(key, spot, said, fingerprint(said))

    async def upload(self, key: str, spot: Spot, picture: Picture) -> Message:
        """Share a picture under this key unless it was shared before. Raises like `post`; where Slack put it is not known (`ts` is "")."""
        return await self._put(key, spot, picture, fingerprint(picture))

    async def meanwhile(self, key: str, spot: Spot, said: Said) -> Message:
        """Let this stand in, now and in place of what stood in before, until the message of this key is posted.

        It is a courtesy: tried once, and given up where Slack asks for fewer calls.
        """
        return await self._put(key, spot, said, _MEANWHILE + fingerprint(said))

    async def begin_stream(self, key: str, spot: Spot, said: Said, *, team: str, user: str) -> Message | None:
        """Let a message that grows stand in; None if there is something under this key already."""
        message = await self._messages.reserve(key, {"channel": spot.channel, "thread": spot.thread})
        if message.state != "new":
            return None
        digest = _STREAM + fingerprint(said)
        marked = _marked(said, key, digest)
        begun = self._slack.start_stream(spot.channel, marked, thread=spot.thread, team=team, user=user)
        return await self._send(key, spot, digest, begun)

    async def withdraw(self, key: str) -> None:
        """Take away what stands in for this key, which is free again; the message itself stays."""
        message = await self._messages.get(key)
        if message and message.state == "sending" and key not in self._own:
            message = await self._found(key, Spot(channel=message.place["channel"], thread=message.place["thread"]))
        if message and _stands_in(message):
            await self._taken_away(message)
            await self._messages.withdrawn(key)

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

    async def _put(self, key: str, spot: Spot, content: Said | Picture, digest: str) -> Message:
        message = await self._messages.reserve(key, {"channel": spot.channel, "thread": spot.thread})
        if message.state == "new":
            return await self._send(key, spot, digest, self._sending(key, spot, content, digest))
        if message.state == "sending":
            message = await self._settle(key, spot, content, digest)
        if isinstance(content, Picture) or not _stands_in(message) or message.digest == digest:
            return message
        try:
            return await self._replace(message, content, digest)
        except Gone:
            # Somebody deleted what stood in. That was not the answer, which still has to come.
            await self._messages.withdrawn(key)
            return await self._put(key, spot, content, digest)

    async def _sending(self, key: str, spot: Spot, content: Said | Picture, digest: str) -> tuple[str, str]:
        """(channel, ts) of what is sent now; no ts for a picture."""
        if isinstance(content, Picture):
            return await self._slack.upload(spot.channel, content, name=_file_name(key), thread=spot.thread), ""
        marked = _marked(content, key, digest)
        return await self._slack.post(spot.channel, marked, thread=spot.thread, tries=_tries(digest))

    async def _replace(self, message: Message, said: Said, digest: str) -> Message:
        channel, ts = message.channel or "", message.ts or ""
        await self._stream_ended(message)
        await self._slack.update(channel, ts, _marked(said, message.key, digest), tries=_tries(digest))
        await self._messages.sent(message.key, channel=channel, ts=ts, digest=digest)
        return replace(message, digest=digest)

    async def _taken_away(self, message: Message) -> None:
        with suppress(Gone):
            await self._stream_ended(message)
            await self._slack.delete(message.channel or "", message.ts or "")

    async def _stream_ended(self, message: Message) -> None:
        """Slack takes no update of a message that still grows."""
        if (message.digest or "").startswith(_STREAM):
            with suppress(StreamOver):
                await self._slack.stop_stream(message.channel or "", message.ts or "")

    async def _send(self, key: str, spot: Spot, digest: str, sending: Awaitable[tuple[str, str]]) -> Message:
        self._own.add(key)
        try:
            channel, ts = await sending
        except Unclear:
            self._seen_in_flight.setdefault(key, self._now())
            raise
        except Unsendable as refused:
            if digest.startswith((_MEANWHILE, _STREAM)):
                await self._messages.release(key)
            else:
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

    async def _settle(self, key: str, spot: Spot, content: Said | Picture, digest: str) -> Message:
        """A message that was about to be sent when somebody last looked: find it, or wait, or send it again."""
        if key in self._own:
            raise Unavailable("That message is just being sent.")
        if found := await self._found(key, spot):
            self._seen_in_flight.pop(key, None)
            return found
        since = self._seen_in_flight.setdefault(key, self._now())
        if self._now() - since < self._patience:
            raise Unavailable("Somebody else may just be sending that message.")
        self._seen_in_flight.pop(key, None)
        await self._messages.release(key)
        return await self._put(key, spot, content, digest)

    async def _found(self, key: str, spot: Spot) -> Message | None:
        """The message that carries this key, or the file that is named for it, noted as sent."""
        for message in await self._slack.recent(spot.channel, spot.thread):
            blocks = message.get("blocks") or [{}]
            name, _, digest = str(blocks[0].get("block_id", "")).rpartition("|")
            files = {str(file.get("name")) for file in message.get("files") or ()}
            if name == key or _file_name(key) in files:
                channel, ts = str(message.get("channel") or spot.channel), str(message["ts"])
                await self._messages.sent(key, channel=channel, ts=ts, digest=digest)
                return Message(key=key, state="sent", place={}, channel=channel, ts=ts, digest=digest)
        return None


def _tries(digest: str) -> int:
    return 1 if digest.startswith(_MEANWHILE) else TRIES


def _stands_in(message: Message) -> bool:
    return message.state == "sent" and (message.digest or "").startswith((_MEANWHILE, _STREAM))


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
