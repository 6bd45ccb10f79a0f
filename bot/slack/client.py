"""The one place from which anything is sent to Slack.

Unfurls are off, nobody is mentioned unless by code, payloads are held to Slack's limits, 429 is waited out, and Slack's errors become
ours. A post is never repeated here after a connection broke: it may have arrived (see `outbox`).
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Literal, Protocol
from urllib.parse import urlsplit

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import Gone, Limited, NotInChannel, StreamOver, TooLate, Unsendable
from bot.slack.pace import Pace
from bot.slack.views.answers import Picture, Said
from bot.slack.views.blocks import BLOCKS, FALLBACK, Block
from skills.core.errors import Anticipated, Unavailable, Unclear

log = structlog.get_logger()

SLACK_HOOKS = "hooks.slack.com"
_PATIENCE = 30.0
TRIES = 4
"""How often something is sent that has to arrive; what is a courtesy is sent once."""

_BROADCAST = re.compile(r"<!(?:channel|here|everyone|subteam)")
_DATE = re.compile(r"<!date\^[^|>]*\|([^>]*)>")
_REFUSALS: Mapping[frozenset[str], Callable[[], Anticipated]] = {
    frozenset({"not_in_channel", "channel_not_found", "is_archived", "restricted_action", "cannot_dm_bot"}): lambda: (
        NotInChannel("I am not in that channel.", hint="Invite me with /invite, and ask again.")
    ),
    frozenset({
        "expired_trigger_id", "invalid_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged",
    }): lambda: TooLate("Slack's three seconds to open a window were over.", hint="Press the button again."),
    frozenset({"message_not_found", "cant_update_message", "edit_window_closed"}): lambda: (
        Gone("That message is not there any more.")
    ),
    frozenset({"message_not_in_streaming_state", "stopped_by_user"}): lambda: (
        StreamOver("That message takes no more.")
    ),
}  # fmt: skip
_UNSTOPPABLE = "missing_agent_session_stopped_event_subscription"
_UNSENDABLE = {
    "invalid_blocks", "invalid_blocks_format", "msg_too_long", "msg_blocks_too_long", "no_text", "invalid_arguments",
    "view_too_large", "invalid_view", "invalid_chunks", "streaming_mode_mismatch",
}  # fmt: skip
_IN_JSON = ("chat.", "views.", "assistant.", "agents.", "canvases.", "conversations.canvases.")
"""Methods whose arguments go in a JSON body; the others take none."""

_TOKEN = {
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "missing_scope",
    "no_permission",
}


class Counter(Protocol):
    """What is told about each call."""

    def slack_call(self, method: str, status: str) -> None: ...


class Slack:
    """Calls to Slack as one bot. Raises `Unavailable` (or its kinds) where Slack does not answer, `NotAllowed` kinds where it says no."""

    def __init__(
        self,
        web: AsyncWebClient,
        *,
        pace: Pace,
        metrics: Counter | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        dates: bool = True,
    ) -> None:
        web.retry_handlers.clear()
        self._web = web
        self._pace = pace
        self._metrics = metrics
        self._sleep = sleep
        self._dates = dates
        self._me = ""
        self.workspace_url = ""
        own = urlsplit(web.base_url)
        self._hooks = {("https", SLACK_HOOKS), *([own[:2]] if own.netloc != "slack.com" else [])}

    async def auth_test(self) -> Mapping[str, Any]:
        """Who this token is: `team_id`, `user_id`, `user`, and `app_id` where Slack tells."""
        told = await self._call("auth.test")
        self._me = str(told.get("user_id") or "")
        self.workspace_url = str(told.get("url") or "")
        return told

    @property
    def introduced(self) -> bool:
        """Has Slack said who we are?"""
        return bool(self._me)

    def is_me(self, account: str) -> bool:
        """Is this the bot's own account? No, as long as Slack has not said who we are."""
        return bool(account) and account == self._me

    async def user(self, user_id: str) -> Mapping[str, Any]:
        """An account, as `users.info` describes it."""
        found: Mapping[str, Any] = (await self._call("users.info", user=user_id)).get("user") or {}
        return found

    async def post(self, channel: str, said: Said, *, thread: str = "", tries: int = TRIES) -> tuple[str, str]:
        """Post a message; returns (channel, ts). Raises `Unclear` if nobody knows whether it arrived."""
        arguments = {"channel": channel, **self._message(said), **_no_unfurls()}
        if thread:
            arguments["thread_ts"] = thread
        answer = await self._call("chat.postMessage", channel_pace=channel, tries=tries, **arguments)
        return str(answer["channel"]), str(answer["ts"])

    async def update(self, channel: str, ts: str, said: Said, *, tries: int = TRIES) -> None:
        """Put other content in place of a message's. May be repeated."""
        await self._call("chat.update", hold=channel, tries=tries, channel=channel, ts=ts, **self._message(said))

    async def delete(self, channel: str, ts: str) -> None:
        """Take a message of the bot's own away. Raises `Gone` if it is not there."""
        await self._call("chat.delete", hold=channel, channel=channel, ts=ts)

    async def start_stream(self, channel: str, said: Said, *, thread: str, team: str, user: str) -> tuple[str, str]:
        """Begin a message that grows, for one person; returns (channel, ts). Not waited for, and not repeated: what streams cannot wait.

        Slack has no switch for unfurls here: nothing that could unfurl may be in it.
        """
        arguments = {
            "channel": channel, "thread_ts": thread, "recipient_team_id": team, "recipient_user_id": user,
            "chunks": _chunks(self._message(said)["blocks"]),
        }  # fmt: skip
        answer = await self._once("chat.startStream", arguments)
        return str(answer["channel"]), str(answer["ts"])

    async def append_stream(self, channel: str, ts: str, blocks: Sequence[Block]) -> None:
        """Let a message grow. Not waited for, and not repeated. Raises `StreamOver` if it takes no more."""
        chunks = _chunks([self._shown(block) for block in blocks])
        await self._once("chat.appendStream", {"channel": channel, "ts": ts, "chunks": chunks})

    async def stop_stream(self, channel: str, ts: str) -> None:
        """The message grows no more, and may be updated. Raises `StreamOver` if that was so already."""
        await self._call("chat.stopStream", channel=channel, ts=ts)

    async def whisper(self, channel: str, user: str, said: Said, *, thread: str = "") -> None:
        """Post a message that one person sees."""
        arguments = {"channel": channel, "user": user, **self._message(said)}
        if thread:
            arguments["thread_ts"] = thread
        await self._call("chat.postEphemeral", **arguments)

    async def upload(self, channel: str, picture: Picture, *, name: str, thread: str = "") -> str:
        """Share a picture as a file of this name; the channel. Raises `Unclear` if nobody knows whether it is there now."""
        room = await self._call(
            "files.getUploadURLExternal", filename=name, length=len(picture.png), alt_txt=picture.alt
        )
        await self._send(str(room["upload_url"]), picture.png)
        files = json.dumps([{"id": str(room["file_id"]), "title": picture.title}])
        where: dict[str, Any] = {"channel_id": channel, **({"thread_ts": thread} if thread else {})}
        await self._call("files.completeUploadExternal", channel_pace=channel, files=files, **where)
        return channel

    async def open_view(self, trigger: str, view: Block) -> None:
        """Open a modal. Raises `TooLate` if the three seconds are over."""
        await self._call("views.open", trigger_id=trigger, view=view)

    async def set_status(self, channel: str, thread: str, status: str, phrases: Sequence[str] = ()) -> None:
        """Say what the bot is at in a thread of a direct conversation, `phrases` by turns. Not waited for, and not repeated."""
        arguments: dict[str, Any] = {"channel_id": channel, "thread_ts": thread, "status": status}
        if phrases:
            arguments["loading_messages"] = list(phrases)
        await self._once("assistant.threads.setStatus", arguments)

    async def set_session(self, channel: str, thread: str, status: Literal["processing", "active"]) -> None:
        """Whether the bot is at work in a thread: while it is, Slack shows a button of its own to stop it. Not repeated."""
        arguments = {"channel_id": channel, "thread_ts": thread, "status": status}
        told = await self._once("agents.sessions.setStatus", arguments)
        if _UNSTOPPABLE in str(told.get("warning", "")):
            raise Unavailable("Slack shows no button to stop it.")

    async def recent(self, channel: str, thread: str = "") -> Sequence[Mapping[str, Any]]:
        """The last messages of a channel, or of a thread, that are the bot's own."""
        method = "conversations.replies" if thread else "conversations.history"
        where: dict[str, Any] = {"channel": channel, "limit": 100, **({"ts": thread} if thread else {})}
        found: Sequence[Mapping[str, Any]] = (await self._call(method, **where)).get("messages") or ()
        return [message for message in found if not self._me or message.get("user") == self._me]

    async def respond(self, url: str, said: Said, *, replace: bool = False) -> None:
        """Answer to an interaction so that only its person sees it. Raises `NotInChannel` if the address is used up or not Slack's."""
        if urlsplit(url)[:2] not in self._hooks:
            raise NotInChannel("That is not an address of Slack.")
        body = {"response_type": "ephemeral", "replace_original": replace, **self._message(said), **_no_unfurls()}
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10), trust_env=True) as session,
                session.post(url, json=body) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            self._count("response_url", type(error).__name__)
            raise Unavailable("Slack did not answer to a response.") from None
        self._count("response_url", str(status))
        if status == 429 or status >= 500:
            raise Unavailable("Slack did not take a response.")
        if status >= 400:
            raise NotInChannel("The address for responses is used up.")

    async def asked(self, method: str, *, noes: Collection[str] = (), **arguments: Any) -> Mapping[str, Any]:
        """Any other method's answer. A refusal that the caller can deal with is one of `noes`, and is returned: `error` in the answer names it."""
        return await self._call(method, noes=noes, **arguments)

    async def _send(self, url: str, content: bytes) -> None:
        """Bytes to where Slack said; a half-sent file is seen by nobody."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20), trust_env=True) as session,
                session.post(url, data=content, headers={"Content-Type": "application/octet-stream"}) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError) as error:
            self._count("upload", type(error).__name__)
            raise Unavailable("Slack did not take a file.") from None
        self._count("upload", str(status))
        if status != 200:
            raise Unavailable("Slack did not take a file.")

    def _message(self, said: Said) -> dict[str, Any]:
        """Text and blocks, with every broadcast defused that nobody should have been able to write anyway."""
        blocks = [self._shown(block) for block in said.blocks]
        if not said.text.strip() or not 0 < len(blocks) <= BLOCKS:
            raise Unsendable("A message needs a text to stand in for it, and between 1 and 50 blocks.")
        return {"text": _BROADCAST.sub("&lt;!", said.text[:FALLBACK].replace("<!", "&lt;!")), "blocks": blocks}

    def _shown(self, block: Block) -> Block:
        shown: Block = _rewritten(block, _BROADCAST, "‹!")
        return shown if self._dates else _rewritten(shown, _DATE, r"\1")

    async def _call(
        self,
        method: str,
        *,
        channel_pace: str = "",
        hold: str = "",
        tries: int = TRIES,
        noes: Collection[str] = (),
        **arguments: Any,
    ) -> Mapping[str, Any]:
        """One call, repeated only after Slack itself said that it did nothing (429)."""
        for last in (*[False] * (tries - 1), True):
            if channel_pace:
                await self._pace.turn(channel_pace)
            try:
                return await self._once(method, arguments, noes)
            except Limited as limited:
                self._pace.hold(channel_pace or hold or method, limited.retry_after)
                if last or limited.retry_after > _PATIENCE:
                    raise
                await self._sleep(limited.retry_after)
        raise AssertionError("the last try returns or raises")

    async def _once(self, method: str, arguments: Mapping[str, Any], noes: Collection[str] = ()) -> Mapping[str, Any]:
        try:
            if method.startswith(_IN_JSON):
                response = await self._web.api_call(method, json=dict(arguments))
            else:
                response = await self._web.api_call(method, params=dict(arguments))
        except SlackApiError as error:
            data = error.response.data if isinstance(getattr(error.response, "data", None), dict) else {}
            if (code := str(data.get("error", ""))) and code in noes:
                self._count(method, code)
                return data
            raise self._translated(method, error) from None
        except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError) as error:
            self._count(method, type(error).__name__)
            raise Unavailable("Slack cannot be reached.") from None
        except (aiohttp.ClientError, SlackClientError, TimeoutError, OSError) as error:
            self._count(method, type(error).__name__)
            raise Unclear("The connection to Slack broke in the middle of a call.") from None
        self._count(method, "ok")
        return response.data if isinstance(response.data, dict) else {}

    def _translated(self, method: str, error: SlackApiError) -> Anticipated:
        response = error.response
        status = getattr(response, "status_code", 0)
        data = response.data if isinstance(getattr(response, "data", None), dict) else {}
        code = str(data.get("error", "")) or str(status)
        self._count(method, "429" if status == 429 else code)
        if status == 429 or code == "ratelimited":
            return Limited("Slack asks for fewer calls.", retry_after=_seconds(response.headers))
        if method.startswith(("chat.", "files.complete")) and status >= 500:
            return Unclear("Slack failed in the middle of a call.")
        return _error(method, code)

    def _count(self, method: str, status: str) -> None:
        if self._metrics:
            self._metrics.slack_call(method, status)


def _error(method: str, code: str) -> Anticipated:
    known = next((error for codes, error in _REFUSALS.items() if code in codes), None)
    if known:
        return known()
    if code in _UNSENDABLE:
        log.error("slack refused a payload", method=method, error=code)
        return Unsendable("Slack would not take a message as it was built.")
    if code in _TOKEN:
        log.error("slack refused the token", method=method, error=code)
        return Unavailable("Slack does not accept the bot's token.", hint="Check SLACK_BOT_TOKEN and the app's scopes.")
    log.warning("slack said no", method=method, error=code)
    return Unavailable(f"Slack did not carry out {method}.")


def _chunks(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    return [{"type": "blocks", "blocks": list(blocks)}]


def _rewritten(value: Any, pattern: re.Pattern[str], by: str) -> Any:
    """The same blocks with every text in them rewritten."""
    if isinstance(value, str):
        return pattern.sub(by, value)
    if isinstance(value, dict):
        return {key: _rewritten(inner, pattern, by) for key, inner in value.items()}
    return [_rewritten(inner, pattern, by) for inner in value] if isinstance(value, list) else value


def _no_unfurls() -> dict[str, bool]:
    return {"unfurl_links": False, "unfurl_media": False}


def _seconds(headers: Mapping[str, str]) -> float:
    given = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    return float(given) if given.isdecimal() else 1.0
