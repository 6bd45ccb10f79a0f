"""A Slack-compatible server that nobody here wrote, and the people who sit in front of it."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from tests.support.peers import need
from tests.support.ports import free_port

PEERS = Path(__file__).parents[1] / "peers"
PROGRAM = PEERS / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"
TEAM, APP, BOT = "T01TEST", "A01APP", "U0BOT"
DEV, SRE, LEAD, GUEST, NOBODY = "U01DEV", "U02SRE", "U03LEAD", "U04GUEST", "U05NOBODY"
GENERAL, DEPLOYS = "C01GEN", "C02DEPLOYS"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test", "xapp-test", "s3cret"
_NAMES = {DEV: "dev", SRE: "sre", LEAD: "lead", GUEST: "guest", NOBODY: "nobody"}


def configuration(request_url: str = "") -> dict[str, Any]:
    """Socket mode, or signed HTTP to `request_url`."""
    app = {
        "appId": APP, "botUserId": BOT, "botName": "countersign", "botToken": BOT_TOKEN, "appToken": APP_TOKEN,
        "signingSecret": SECRET, **({"mode": "events", "requestUrl": request_url} if request_url else {"mode": "socket"}),
    }  # fmt: skip
    people = [{"id": id, "name": name, "real_name": name.title()} for id, name in _NAMES.items()]
    return {
        "workspace": {"name": "Test", "domain": "test", "teamId": TEAM},
        "app": app,
        "users": people,
        "channels": [
            {"id": GENERAL, "name": "general", "members": [*_NAMES, BOT]},
            {"id": DEPLOYS, "name": "deploys", "members": [*_NAMES, BOT]},
        ],
    }


class LocalSlack:
    """The server, driven as its people would."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self._session = session

    async def say(self, user: str, text: str, *, channel: str = GENERAL, thread: str = "") -> str:
        """Somebody writes a message; returns its ts."""
        body = {"channel": channel, "user": user, "text": text, **({"thread_ts": thread} if thread else {})}
        return str((await self._post("message", body))["message"]["ts"])

    async def mention(self, user: str, text: str, *, channel: str = GENERAL) -> str:
        return await self.say(user, f"<@{BOT}> {text}", channel=channel)

    async def command(self, user: str, command: str, text: str = "", *, channel: str = GENERAL) -> None:
        await self._post("command", {"channel": channel, "user": user, "command": command, "text": text})

    async def press(self, user: str, message: Mapping[str, Any], label: str) -> None:
        """Somebody presses the button of this label, which has to be there."""
        pressed = next(button for button in buttons(message) if button["text"]["text"] == label)
        await self.interact(user, message, pressed)

    async def interact(self, user: str, message: Mapping[str, Any], action: Mapping[str, Any]) -> None:
        block = next((b["block_id"] for b in message["blocks"] if b.get("block_id")), "b")
        sent = {"type": "button", "block_id": block, "action_id": action["action_id"], "value": action.get("value")}
        await self._post(
            "interact", {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": sent}
        )

    async def choose(self, user: str, message: Mapping[str, Any], text: str) -> None:
        """Somebody picks the option of this text from the menu, which has to be there."""
        menu = next(element for element in buttons(message) if element["type"] == "static_select")
        option = next(option for option in menu["options"] if option["text"]["text"] == text)
        sent = {"type": "static_select", "action_id": menu["action_id"], "selected_option": option}
        await self._post(
            "interact", {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": sent}
        )

    async def vote(self, user: str, message: Mapping[str, Any], which: str) -> None:
        """Somebody presses a thumb, “positive_button” or “negative_button”, which has to be there."""
        thumbs = next(block for block in message["blocks"] if block["type"] == "context_actions")["elements"][0]
        value = thumbs[which]["value"]
        sent = {"type": "feedback_buttons", "action_id": thumbs["action_id"], "value": value}
        await self._post(
            "interact", {"channel": message["channel"], "messageTs": message["ts"], "user": user, "action": sent}
        )

    async def submit(self, user: str, values: Mapping[str, Mapping[str, str]]) -> None:
        """Somebody sends the window that is open; what was entered, by block and action."""
        typed = {
            block: {action: {"type": "plain_text_input", "value": text} for action, text in fields.items()}
            for block, fields in values.items()
        }
        async with self._session.ws_connect(f"{self.url}/ui") as ui:
            await ui.receive()
            await ui.send_str(json.dumps({"t": "view_submit", "user": user, "values": typed}))
            await asyncio.sleep(0.05)

    async def modals(self) -> list[dict[str, Any]]:
        """The windows that are open, the topmost last."""
        async with self._session.ws_connect(f"{self.url}/ui") as ui:
            state = json.loads((await ui.receive()).data)
        stack: list[dict[str, Any]] = state["state"]["modalStack"]
        return stack

    async def messages(self, channel: str = GENERAL) -> list[dict[str, Any]]:
        async with self._session.get(f"{self.url}/_control/messages/{channel}") as response:
            found: list[dict[str, Any]] = (await response.json())["messages"]
        return found

    async def channel_named(self, part: str, *, seconds: float = 30.0) -> str:
        """The channel whose name has this part, once there is one."""
        async with asyncio.timeout(seconds):
            while True:
                async with self._session.get(f"{self.url}/_control/state") as response:
                    channels = (await response.json())["channels"]
                for channel in channels:
                    if part in channel["name"]:
                        return str(channel["id"])
                await asyncio.sleep(0.1)

    async def direct(self, user: str) -> str:
        """The channel in which this person and the bot are alone."""
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        url = f"{self.url}/api/conversations.open"
        async with self._session.post(url, json={"users": user}, headers=headers) as response:
            return str((await response.json())["channel"]["id"])

    async def from_bot(self, channel: str = GENERAL) -> list[dict[str, Any]]:
        return [message for message in await self.messages(channel) if message["user"] == BOT]

    async def wait_for(
        self, wanted: Callable[[Mapping[str, Any]], bool], *, channel: str = GENERAL, seconds: float = 20.0
    ) -> dict[str, Any]:
        """The first message of the bot that fits; fails with what there was instead."""
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for message in await self.from_bot(channel):
                        if wanted(message):
                            return message
                    await asyncio.sleep(0.03)
        except TimeoutError:
            seen = "\n---\n".join(words_of(message) for message in await self.from_bot(channel))
            raise AssertionError(f"no such message; the bot said:\n{seen}") from None

    async def _post(self, what: str, body: Mapping[str, Any]) -> Any:
        async with self._session.post(f"{self.url}/_control/{what}", json=body) as response:
            return await response.json()


@asynccontextmanager
async def local_slack(folder: Path, *, request_url: str = "") -> AsyncIterator[LocalSlack]:
    """The server on a free port of loopback, for as long as the block lasts."""
    need("local-slack", PROGRAM.exists(), "npm ci --prefix tests/peers")
    folder.mkdir(parents=True, exist_ok=True)
    described, port = folder / "slack.yaml", free_port()
    described.write_text(yaml.safe_dump(configuration(request_url)))
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM), "--config", str(described), "--port", str(port), "--base-host", "127.0.0.1",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            url = f"http://127.0.0.1:{port}"
            await _ready(session, url)
            yield LocalSlack(url, session)
    finally:
        process.terminate()
        await process.wait()


async def _ready(session: aiohttp.ClientSession, url: str) -> None:
    async with asyncio.timeout(15):
        while True:
            try:
                async with session.get(f"{url}/_control/state") as response:
                    if response.status == 200:
                        return
            except aiohttp.ClientError:
                await asyncio.sleep(0.05)


def buttons(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        element for block in message.get("blocks", ()) if block["type"] == "actions" for element in block["elements"]
    ]


def words_of(value: Any) -> str:
    """Every text in a message or a view, in order, as a person would read it."""
    if isinstance(value, Mapping):
        parts = []
        for key in ("title", "text", "fields", "elements", "blocks", "label"):
            inner = value.get(key)
            if key == "text" and value.get("blocks"):
                continue
            parts.append(inner if isinstance(inner, str) else words_of(inner))
        return "\n".join(part for part in parts if part)
    return "\n".join(words_of(each) for each in value) if isinstance(value, list | tuple) else ""
