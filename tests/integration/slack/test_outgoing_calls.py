"""The one place from which Slack is called, and the messages that are posted once."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from bot.slack.client import Slack
from bot.slack.errors import Gone, Limited, NotInChannel, TooLate, Unsendable
from bot.slack.outbox import Outbox, Spot
from bot.slack.pace import Pace
from bot.slack.views.answers import Said, simple
from bot.store import Database, Store
from skills.core.errors import Unavailable, Unclear
from skills.core.names import Organization
from tests.support.slack_wire import Wire, error, limited, wire

SPOT = Spot(channel="C1", thread="5.0")


class Quick:
    """Time that passes when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
async def slack_wire() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: noon)
    yield database.store(Organization("acme"))
    await database.close()


@pytest.fixture
def time() -> Quick:
    return Quick()


@pytest.fixture
def slack(slack_wire: Wire, time: Quick) -> Slack:
    return Slack(slack_wire.client, pace=Pace(now=time, sleep=time.sleep), sleep=time.sleep)


async def test_posts_unfurl_nothing_and_call_nobody(slack: Slack, slack_wire: Wire) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "<!channel> look", "verbatim": True}}]
    await slack.post("C1", Said(text="<!here> look", blocks=blocks), thread="5.0")
    _, sent = slack_wire.calls[0]
    assert (sent["unfurl_links"], sent["unfurl_media"], sent["thread_ts"]) == (False, False, "5.0")
    assert "<!" not in sent["text"]
    assert "<!" not in sent["blocks"][0]["text"]["text"]


async def test_a_server_without_dates_gets_them_in_words(slack_wire: Wire) -> None:
    slack = Slack(slack_wire.client, pace=Pace(now=lambda: 0.0), dates=False)
    text = "since <!date^1795442700^{date_short_pretty} at {time} ({ago})|2026-11-23 14:05 UTC>, <@U01DEV>"
    await slack.post(
        "C1",
        Said(text="since", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}]),
    )
    _, sent = slack_wire.calls[0]
    assert sent["blocks"][0]["text"]["text"] == "since 2026-11-23 14:05 UTC, <@U01DEV>"


async def test_a_message_without_a_text_for_it_is_a_bug_of_ours(slack: Slack) -> None:
    with pytest.raises(Unsendable):
        await slack.post("C1", Said(text=" ", blocks=[{"type": "divider"}]))
    with pytest.raises(Unsendable):
        await slack.post("C1", Said(text="words", blocks=[]))


async def test_retry_after_is_waited_out(slack: Slack, slack_wire: Wire, time: Quick) -> None:
    slack_wire.prepared["chat.postMessage"] = [limited("7"), limited("2")]
    await slack.post("C1", simple("hello"))
    assert slack_wire.methods() == ["chat.postMessage"] * 3
    assert time.slept[:2] == [7.0, 2.0]


async def test_a_very_long_limit_is_left_to_a_later_attempt(slack: Slack, slack_wire: Wire) -> None:
    slack_wire.prepared["chat.postMessage"] = [limited("600")]
    with pytest.raises(Limited) as raised:
        await slack.post("C1", simple("hello"))
    assert raised.value.retry_after == 600


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("not_in_channel", NotInChannel, "I am not in that channel. Invite me with /invite, and ask again."),
        ("channel_not_found", NotInChannel, "I am not in that channel. Invite me with /invite, and ask again."),
        (
            "invalid_auth",
            Unavailable,
            "Slack does not accept the bot's token. Check SLACK_BOT_TOKEN and the app's scopes.",
        ),
        ("msg_too_long", Unsendable, "Slack would not take a message as it was built."),
        ("invalid_blocks", Unsendable, "Slack would not take a message as it was built."),
        ("message_not_found", Gone, "That message is not there any more."),
        ("expired_trigger_id", TooLate, "Slack's three seconds to open a window were over. Press the button again."),
        ("something_new", Unavailable, "Slack did not carry out chat.postMessage."),
    ],
)
async def test_errors_of_slack_become_sentences(
    slack: Slack, slack_wire: Wire, code: str, kind: type[Exception], said: str
) -> None:
    slack_wire.prepared["chat.postMessage"] = [error(code)]
    with pytest.raises(kind) as raised:
        await slack.post("C1", simple("hello"))
    assert str(raised.value) == said


async def test_a_broken_connection_is_not_retried_because_the_post_may_have_arrived(
    slack: Slack, slack_wire: Wire
) -> None:
    slack_wire.prepared["chat.postMessage"] = ["cut"]
    with pytest.raises(Unclear):
        await slack.post("C1", simple("hello"))
    assert slack_wire.methods() == ["chat.postMessage"]


async def test_where_nothing_answers_nothing_was_sent(slack: Slack, slack_wire: Wire) -> None:
    nowhere = Slack(slack_wire.client, pace=Pace(now=lambda: 0.0))
    nowhere._web.base_url = "http://127.0.0.1:9/api/"
    with pytest.raises(Unavailable) as raised:
        await nowhere.post("C1", simple("hello"))
    assert not isinstance(raised.value, Unclear)


async def test_answers_go_only_to_addresses_of_slack(slack: Slack, slack_wire: Wire) -> None:
    for elsewhere in (
        "http://169.254.169.254/latest/meta-data",
        "http://hooks.slack.com/x",
        "https://hooks.slack.com@evil/",
    ):
        with pytest.raises(NotInChannel):
            await slack.respond(elsewhere, simple("hello"))
    await slack.respond(slack_wire.hook, simple("hello"))
    assert slack_wire.calls[-1][1]["response_type"] == "ephemeral"


async def test_a_response_address_that_is_used_up_is_told_apart(slack: Slack, slack_wire: Wire) -> None:
    slack_wire.prepared["hook"] = [web.Response(status=404), web.Response(status=500)]
    with pytest.raises(NotInChannel):
        await slack.respond(slack_wire.hook, simple("hello"))
    with pytest.raises(Unavailable):
        await slack.respond(slack_wire.hook, simple("hello"))


async def test_the_token_reaches_no_log(
    slack: Slack, slack_wire: Wire, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    slack_wire.prepared["chat.postMessage"] = [error("invalid_auth"), "cut", error("invalid_blocks")]
    for _ in range(3):
        with pytest.raises((Unavailable, Unsendable)) as raised:
            await slack.post("C1", simple("the words of a person"))
        assert "xoxb" not in str(raised.value)
    logged = caplog.text + capsys.readouterr().out
    assert "xoxb" not in logged
    assert "the words of a person" not in logged


async def test_a_message_is_posted_once_under_its_key(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    first = await outbox.post("card:1", SPOT, simple("hello"))
    again = await outbox.post("card:1", SPOT, simple("other words"))
    assert (first.ts, again.ts) == ("1.0", "1.0")
    assert slack_wire.methods() == ["chat.postMessage"]


async def test_ten_at_once_post_once(slack: Slack, slack_wire: Wire, store: Store, time: Quick) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    await asyncio.gather(*(outbox.post("card:1", SPOT, simple("hello")) for _ in range(10)), return_exceptions=True)
    assert slack_wire.methods().count("chat.postMessage") == 1


async def test_a_post_of_unknown_outcome_is_looked_for_and_found(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    slack_wire.prepared["chat.postMessage"] = ["cut"]
    with pytest.raises(Unclear):
        await outbox.post("card:1", SPOT, simple("hello"))
    _, sent = slack_wire.calls[0]
    slack_wire.prepared["conversations.replies"] = [{"ok": True, "messages": [{"ts": "7.7", "blocks": sent["blocks"]}]}]

    found = await Outbox(slack, store.messages, now=time).post("card:1", SPOT, simple("hello"))

    assert (found.state, found.channel, found.ts) == ("sent", "C1", "7.7")
    assert slack_wire.methods() == ["chat.postMessage", "conversations.replies"]


async def test_what_somebody_else_posted_under_our_key_is_not_taken_for_ours(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    slack_wire.prepared["auth.test"] = [{"ok": True, "user_id": "U0BOT"}]
    await slack.auth_test()
    await store.messages.reserve("card:1", {})
    foreign = {"ts": "7.7", "user": "U0OTHER", "blocks": [{"block_id": "card:1|abc"}]}
    slack_wire.prepared["conversations.replies"] = [{"ok": True, "messages": [foreign]}]
    posted = await Outbox(slack, store.messages, now=time, patience=0).post("card:1", SPOT, simple("hello"))
    assert posted.ts != "7.7"
    assert "chat.postMessage" in slack_wire.methods()


async def test_a_post_that_is_not_found_is_sent_again_when_nobody_can_be_sending_it(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    await store.messages.reserve("card:1", {})
    outbox = Outbox(slack, store.messages, now=time, patience=15)
    with pytest.raises(Unavailable):
        await outbox.post("card:1", SPOT, simple("hello"))
    time.now += 16
    posted = await outbox.post("card:1", SPOT, simple("hello"))
    assert posted.state == "sent"
    assert slack_wire.methods().count("chat.postMessage") == 1


async def test_an_update_is_sent_only_if_something_is_different(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    for text in ("one", "one", "two", "two"):
        await outbox.keep_current("card:1", SPOT, simple(text))
    assert slack_wire.methods() == ["chat.postMessage", "chat.update"]
    marks = [sent["blocks"][0]["block_id"] for _, sent in slack_wire.calls]
    assert marks[0] != marks[1]
    assert all(mark.startswith("card:1|") for mark in marks)


async def test_a_message_that_somebody_deleted_is_not_put_back(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    await outbox.keep_current("card:1", SPOT, simple("one"))
    slack_wire.prepared["chat.update"] = [error("message_not_found")]
    assert (await outbox.keep_current("card:1", SPOT, simple("two"))).state == "failed"
    assert (await outbox.keep_current("card:1", SPOT, simple("three"))).state == "failed"
    assert slack_wire.methods() == ["chat.postMessage", "chat.update"]


async def test_what_slack_refused_can_be_posted_later(
    slack: Slack, slack_wire: Wire, store: Store, time: Quick
) -> None:
    outbox = Outbox(slack, store.messages, now=time)
    slack_wire.prepared["chat.postMessage"] = [error("not_in_channel"), error("invalid_auth")]
    with pytest.raises(NotInChannel):
        await outbox.post("card:1", SPOT, simple("hello"))
    with pytest.raises(Unavailable):
        await outbox.post("card:1", SPOT, simple("hello"))
    assert (await outbox.post("card:1", SPOT, simple("hello"))).state == "sent"
