"""What the Slack-compatible server behind the gate does not know: messages that grow, and sessions with a button of Slack's own.

Made after Slack's reference: which arguments belong together, what they are refused with, and what a stream that has ended says.
"""

import itertools
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.slack_rules import complaints, outgoing_complaints

STREAMS = ("chat.startStream", "chat.appendStream", "chat.stopStream")
SESSION = "agents.sessions.setStatus"
_A_MINUTE = {"chat.startStream": 20, "chat.appendStream": 100, "chat.stopStream": 20}
_LONGEST, _BLOCKS = 12_000, 50

Forward = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]


@dataclass(kw_only=True)
class Stream:
    """A message that grows, in one of two modes; `ended` is why it does not any more."""

    channel: str
    thread: str
    mode: str
    blocks: list[dict[str, Any]]
    ended: str = ""


@dataclass(kw_only=True)
class Streams:
    """All of them, by ts, and the sessions by (channel, thread)."""

    forward: Forward
    known: dict[str, Stream] = field(default_factory=dict)
    sessions: dict[tuple[str, str], str] = field(default_factory=dict)
    made: dict[str, deque[float]] = field(default_factory=dict)

    def over_the_limit(self, method: str) -> bool:
        """True if this is one call of a method too many within a minute."""
        if method not in _A_MINUTE:
            return False
        calls, now = self.made.setdefault(method, deque()), time.monotonic()
        while calls and calls[0] < now - 60:
            calls.popleft()
        if len(calls) >= _A_MINUTE[method]:
            return True
        calls.append(now)
        return False

    def refusal(self, method: str, arguments: dict[str, Any]) -> str:
        """Slack's error, or ""."""
        if method == "chat.update" and self._grows(arguments):
            return "streaming_state_conflict"
        if method == SESSION:
            known = arguments.get("status") in ("active", "processing", "suspended", "closed")
            return "" if known and arguments.get("thread_ts") else "invalid_arguments"
        if method not in STREAMS:
            return ""
        if "markdown_text" in arguments and "chunks" in arguments:
            return "cannot_provide_both_markdown_text_and_chunks"
        if len(str(arguments.get("markdown_text", ""))) > _LONGEST:
            return "msg_too_long"
        return self._start_refused(arguments) if method == "chat.startStream" else self._more_refused(method, arguments)

    def broken(self, method: str, arguments: dict[str, Any]) -> Iterator[str]:
        """What in the pieces breaks a rule of Slack's or of ours."""
        if method in STREAMS and "chunks" in arguments:
            as_blocks = {"blocks": _blocks(arguments)}
            yield from complaints(as_blocks)
            yield from outgoing_complaints(method, as_blocks)

    async def carry_out(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == SESSION:
            self.sessions[arguments["channel_id"], arguments["thread_ts"]] = arguments["status"]
            return {"ok": True, "status": arguments["status"], "agent_status": arguments["status"]}
        if method == "chat.startStream":
            return await self._start(arguments)
        stream = self.known[arguments["ts"]]
        stream.blocks += _blocks(arguments)
        if method == "chat.stopStream":
            stream.ended = "message_not_in_streaming_state"
        shown = {"channel": stream.channel, "ts": arguments["ts"], "text": "…", "blocks": stream.blocks}
        await self.forward("chat.update", shown)
        return {"ok": True, "channel": stream.channel, "ts": arguments["ts"]}

    def stopped_by_user(self, channel: str, thread: str) -> list[str]:
        """Slack ends what grows in a thread; the ts of each."""
        ended = [ts for ts, s in self.known.items() if (s.channel, s.thread, s.ended) == (channel, thread, "")]
        for ts in ended:
            self.known[ts].ended = "stopped_by_user"
        return ended

    async def _start(self, arguments: dict[str, Any]) -> dict[str, Any]:
        channel, thread, blocks = arguments["channel"], arguments["thread_ts"], _blocks(arguments)
        posted = await self.forward(
            "chat.postMessage", {"channel": channel, "thread_ts": thread, "text": "…", "blocks": blocks}
        )
        mode = "chunks" if "chunks" in arguments else "markdown_text"
        self.known[posted["ts"]] = Stream(channel=channel, thread=thread, mode=mode, blocks=blocks)
        return {"ok": True, "channel": channel, "ts": posted["ts"]}

    def _start_refused(self, arguments: dict[str, Any]) -> str:
        if not arguments.get("channel") or not arguments.get("thread_ts") or "unfurl_links" in arguments:
            return "invalid_arguments"
        # Required in channels by the reference; bots were seen to need them everywhere.
        if not arguments.get("recipient_team_id"):
            return "missing_recipient_team_id"
        return "" if arguments.get("recipient_user_id") else "missing_recipient_user_id"

    def _more_refused(self, method: str, arguments: dict[str, Any]) -> str:
        stream = self.known.get(str(arguments.get("ts")))
        if stream is None:
            return "message_not_found"
        if stream.ended:
            return stream.ended if method == "chat.appendStream" else "message_not_in_streaming_state"
        given = {"markdown_text", "chunks"} & set(arguments)
        if not given:
            return "markdown_text_or_chunks_required" if method == "chat.appendStream" else ""
        if given != {stream.mode}:
            return "streaming_mode_mismatch"
        return "msg_blocks_too_many" if len(stream.blocks) + len(_blocks(arguments)) > _BLOCKS else ""

    def _grows(self, arguments: dict[str, Any]) -> bool:
        stream = self.known.get(str(arguments.get("ts")))
        return stream is not None and not stream.ended


def _blocks(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    return list(itertools.chain.from_iterable(chunk.get("blocks", ()) for chunk in arguments.get("chunks", ())))
