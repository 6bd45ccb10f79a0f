"""A Slack channel as a place to write to, and to read one's own messages in again."""

import html
from collections.abc import AsyncIterator
from typing import Any

from skills.core.errors import Unavailable

PATIENCE = 10
"""Seconds for an answer."""

_PAGES, _PAGE = 10, 100
_HINTS = {
    "not_in_channel": "Invite it: /invite in that channel.",
    "channel_not_found": "Take the channel's id from its details in Slack, and invite the bot.",
    "is_archived": "Name another channel.",
    "missing_scope": "It needs chat:write, and channels:history or groups:history.",
    "ratelimited": "It is tried again.",
}


class SlackChannel:
    """`channel` is Slack's id. Without a `token`, every use says that there is none."""

    def __init__(self, channel: str, *, token: str, api_url: str = "") -> None:
        self.name = f"Slack channel {channel}"
        self._channel = channel
        self._token = token
        self._api_url = api_url
        self._me = ""

    async def own(self) -> AsyncIterator[str]:
        """Texts of the bot's own messages, newest first, a thousand messages back at most. Raises `Unavailable`."""
        me = self._me = self._me or str((await self._asked("auth.test"))["user_id"])
        cursor = ""
        for _ in range(_PAGES):
            page = await self._asked(
                "conversations.history", params={"channel": self._channel, "limit": _PAGE, **({"cursor": cursor} if cursor else {})}
            )  # fmt: skip
            for message in page.get("messages") or ():
                if message.get("user") == me:
                    yield html.unescape(str(message.get("text") or ""))
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return

    async def say(self, words: str, quoted: str) -> None:
        """Post a sentence, and below it something word for word, calling nobody and unfurling nothing. Raises `Unavailable`."""
        parts = [html.escape(words, quote=False), f"```\n{html.escape(quoted, quote=False)}```"]
        blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": part, "verbatim": True}} for part in parts]
        said = {"text": "\n".join(parts), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
        await self._asked("chat.postMessage", json={"channel": self._channel, **said})

    async def _asked(self, method: str, **given: Any) -> dict[str, Any]:
        if not self._token:
            raise Unavailable(f"The {self.name} cannot be used: there is no token.", hint="Set SLACK_BOT_TOKEN.")
        # A sixth of a second that only a world with such a channel pays.
        import aiohttp  # noqa: PLC0415
        from slack_sdk.errors import SlackApiError, SlackClientError  # noqa: PLC0415
        from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415

        url = f"{self._api_url.rstrip('/')}/" if self._api_url else AsyncWebClient.BASE_URL
        client = AsyncWebClient(token=self._token, timeout=PATIENCE, base_url=url)
        client.retry_handlers.clear()
        try:
            found = await client.api_call(method, **given)
        except SlackApiError as error:
            said = error.response.get("error") if isinstance(error.response.data, dict) else ""
            code = str(said or error.response.status_code)
            raise Unavailable(f"The {self.name} says {code} to {method}.", hint=_HINTS.get(code, "")) from error
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            raise Unavailable(f"The {self.name} did not answer.", hint="Can Slack be reached from here?") from error
        return dict(found.data) if isinstance(found.data, dict) else {}
