"""What the HTTP door lets in. Whatever comes, the answer is a status and never an exception."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette

from bot.slack.app import bolt_app, http_route
from bot.slack.gate import LARGEST, Gate
from bot.slack.ingest import Identity, Ingest
from bot.store import Database, Store
from skills.core.errors import Unavailable
from skills.core.names import Organization
from tests.support.slack import APP, SECRET, TEAM
from tests.support.slack_http import FORM, JSON, command, mention, post, signed

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
AT = NOW.timestamp()


class Wire:
    def __init__(self, store: Store, app: Starlette, identity: Identity) -> None:
        self.store = store
        self.app = app
        self.identity = identity
        self.woken = 0

    async def send(self, body: bytes, kind: str = FORM, *, at: float = AT, **headers: str) -> int:
        status, _ = await post(self.app, body, {**signed(body, at=at, kind=kind), **headers})
        return status

    async def stored(self) -> list[dict[str, Any]]:
        claimed = await self.store.inbox.claim("test", 100, timedelta(seconds=60))
        return [{"kind": delivery.kind, **delivery.body} for delivery in claimed]

    def wake(self, _kind: str) -> None:
        self.woken += 1


@pytest.fixture
async def wire(tmp_path: Path) -> AsyncIterator[Wire]:
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: NOW)
    store = database.store(Organization("acme"))
    identity = Identity(team=TEAM, app=APP)
    made = Wire(store, Starlette(), identity)
    ingest = Ingest(store.inbox, identity, stored=made.wake)
    app = bolt_app(AsyncWebClient(token="xoxb-test"), ingest)
    made.app = Starlette(routes=[http_route(app, Gate(SECRET, lambda: NOW))])
    yield made
    await database.close()


async def test_a_signed_delivery_is_stored_before_it_is_acknowledged(wire: Wire) -> None:
    assert await wire.send(command("status checkout")) == 200
    assert await wire.send(mention(), JSON) == 200
    assert wire.woken == 2
    kinds = [(each["kind"], each["text"]) for each in await wire.stored()]
    assert sorted(kinds) == [("command", "status checkout"), ("mention", "<@U0BOT> status")]


async def test_a_replay_within_five_minutes_is_refused(wire: Wire) -> None:
    assert [await wire.send(command()) for _ in range(3)] == [200, 401, 401]
    assert len(await wire.stored()) == 1
    assert wire.woken == 1


async def test_a_delivery_that_slack_makes_again_is_acknowledged_and_known(wire: Wire) -> None:
    assert await wire.send(mention(), JSON) == 200
    assert await wire.send(mention(), JSON, **{"X-Slack-Retry-Num": "1"}) == 200
    assert await wire.send(mention(), JSON, at=AT + 60, **{"X-Slack-Retry-Num": "2"}) == 200
    assert await wire.send(mention(), JSON, at=AT + 61) == 200
    assert len(await wire.stored()) == 1
    assert wire.woken == 1


async def test_the_word_payload_in_a_command_is_only_a_word(wire: Wire) -> None:
    assert await wire.send(command("status payload=service")) == 200
    assert [each["text"] for each in await wire.stored()] == ["status payload=service"]


async def test_a_form_with_a_payload_beside_a_command_is_the_command(wire: Wire) -> None:
    assert await wire.send(command(payload=json.dumps({"type": "block_actions"}))) == 200
    assert [each["kind"] for each in await wire.stored()] == ["command"]


@pytest.mark.parametrize("away", [-301, 301, -100_000, 100_000])
async def test_what_is_stale_or_from_the_future_is_refused(wire: Wire, away: int) -> None:
    assert await wire.send(command(), at=AT + away) == 401
    assert await wire.stored() == []


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        {"x-slack-signature": "v0=ünsigned"},
        {"x-slack-request-timestamp": ""},
        {"x-slack-request-timestamp": "yesterday"},
        {"x-slack-request-timestamp": "1e9"},
        {"x-slack-request-timestamp": "9" * 400},
        {"x-slack-request-timestamp": "-5"},
        {"content-type": "text/plain"},
        {"content-type": ""},
    ],
)
async def test_what_is_forged_or_oddly_labelled_is_refused(wire: Wire, headers: dict[str, str]) -> None:
    assert await wire.send(command(), **headers) == 401
    assert await wire.stored() == []


async def test_a_signature_by_another_secret_is_refused(wire: Wire) -> None:
    body = command()
    status, text = await post(wire.app, body, signed(body, at=AT, secret="guess"))
    assert (status, text) == (401, "")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", FORM),
        (b"", JSON),
        (b"{", JSON),
        (b"[1, 2]", JSON),
        (b'"words"', JSON),
        (b"null", JSON),
        (b"[" * 100_000, JSON),
        (b"\xff\xfe", JSON),
        (b"no equals sign", FORM),
        (b"payload=%7Bnot+json", FORM),
        (b"payload=%5B%5D", FORM),
        (urlencode({"a": "x" * 1000, **{f"k{n}": "v" for n in range(200)}}).encode(), FORM),
    ],
)
async def test_what_is_signed_and_not_well_formed_is_refused(wire: Wire, body: bytes, kind: str) -> None:
    assert await wire.send(body, kind) == 401
    assert await wire.stored() == []


async def test_what_is_too_large_is_refused(wire: Wire) -> None:
    assert await wire.send(command("x" * LARGEST)) == 401


@pytest.mark.parametrize(
    "body",
    [
        mention(team_id="T0OTHER"),
        mention(api_app_id="A0OTHER"),
        mention(team_id=None),
        mention(team_id={"id": TEAM}),
        b"{}",
        json.dumps({"type": "block_actions", "team": {"id": "T0OTHER"}, "actions": [{}]}).encode(),
    ],
)
async def test_what_is_for_another_workspace_or_app_is_refused(wire: Wire, body: bytes) -> None:
    assert await wire.send(body, JSON) == 401
    assert await wire.stored() == []


@pytest.mark.parametrize(
    "body",
    [
        {"type": "block_actions", "team": {"id": TEAM}},
        {"type": "block_actions", "team": {"id": TEAM}, "trigger_id": "t", "actions": ["x"], "user": 3},
        {"type": "view_submission", "team": {"id": TEAM}, "trigger_id": "t", "view": []},
        {"type": "view_closed", "team": {"id": TEAM}},
        {"type": "event_callback", "team_id": TEAM, "event_id": "E", "event": None},
        {"type": "event_callback", "team_id": TEAM, "event_id": "E", "event": {"type": "reaction_added"}},
        {"type": "something_new", "team_id": TEAM},
    ],
)
async def test_what_is_unknown_or_oddly_shaped_is_acknowledged_and_ignored(wire: Wire, body: dict[str, Any]) -> None:
    assert await wire.send(json.dumps(body).encode(), JSON) == 200
    assert await wire.stored() == []


@pytest.mark.parametrize(
    "event",
    [
        {"bot_id": "B0BOT"},
        {"subtype": "message_changed"},
        {"subtype": "bot_message"},
        {"hidden": True},
        {"edited": {"user": "U01DEV"}},
        {"user": None},
    ],
)
async def test_what_a_bot_said_or_somebody_edited_is_not_a_request(wire: Wire, event: dict[str, Any]) -> None:
    said = {"type": "message", "channel_type": "im", "user": "U01DEV", "channel": "D1", "ts": "1.1", "text": "status"}
    assert await wire.send(mention(event={**said, **event}), JSON) == 200
    assert await wire.stored() == []


async def test_the_handshakes_of_slack_work(wire: Wire) -> None:
    challenge = json.dumps({"type": "url_verification", "challenge": "abc", "token": "t"}).encode()
    status, text = await post(wire.app, challenge, signed(challenge, at=AT, kind=JSON))
    assert (status, json.loads(text)) == (200, {"challenge": "abc"})
    assert await post(wire.app, b"ssl_check=1&token=t", {"content-type": FORM}) == (200, "")
    assert (await post(wire.app, challenge, {"content-type": JSON}))[0] == 401


async def test_what_cannot_be_stored_is_not_acknowledged(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(*_: object) -> bool:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(wire.store.inbox, "put", refuse)
    assert await wire.send(mention(), JSON) == 500


async def test_before_the_workspace_is_known_nothing_is_acknowledged(wire: Wire) -> None:
    wire.identity.team = ""
    assert await wire.send(mention(), JSON) == 500


async def test_no_secret_and_no_word_of_a_payload_is_kept_that_is_not_needed(wire: Wire) -> None:
    press = {
        "type": "block_actions", "team": {"id": TEAM}, "user": {"id": "U01DEV", "username": "dev"}, "token": "verify-me",
        "trigger_id": "9.9", "channel": {"id": "C1"}, "actions": [{"action_id": "approve", "value": "handle"}],
        "message": {"text": "a whole card", "ts": "1.1"},
    }  # fmt: skip
    assert await wire.send(json.dumps(press).encode(), JSON) == 200
    kept = json.dumps(await wire.stored())
    assert "verify-me" not in kept
    assert "a whole card" not in kept
