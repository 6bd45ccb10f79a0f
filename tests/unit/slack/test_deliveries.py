"""What is kept of a payload, and what is not heard at all."""

from typing import Any

import pytest

from bot.slack.deliveries import BUTTON, DIRECT_MESSAGE, MENTION, STOPPED, arrival

MESSAGE = {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "ts": "1.0", "text": "status"}


def event(message: dict[str, Any], /, **more: Any) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": "T1", "event_id": "Ev1", "event": {**message, **more}}


def pressed(action: dict[str, Any]) -> dict[str, Any]:
    return {"type": "block_actions", "trigger_id": "t", "user": {"id": "U1"}, "actions": [action]}


def test_a_message_begins_a_thread_or_is_said_inside_of_one() -> None:
    first, second = arrival(event(MESSAGE)), arrival(event(MESSAGE, ts="2.0", thread_ts="1.0"))
    assert first is not None
    assert second is not None
    assert (first.kind, first.body["thread"], first.body["reply"]) == (DIRECT_MESSAGE, "1.0", False)
    assert (second.kind, second.body["thread"], second.body["reply"]) == (DIRECT_MESSAGE, "1.0", True)
    mentioned = arrival(event(MESSAGE, type="app_mention", channel_type="channel", thread_ts="1.0"))
    assert mentioned is not None
    assert (mentioned.kind, mentioned.body["reply"]) == (MENTION, False)


@pytest.mark.parametrize(
    "more",
    [
        {"subtype": "message_changed", "message": {"user": "U1", "text": "status"}},
        {"subtype": "message_deleted", "previous_message": {"user": "U1", "text": "status"}},
        {"subtype": "bot_message", "bot_id": "B1"},
        {"bot_id": "B1", "app_id": "A1"},
        {"edited": {"user": "U1", "ts": "2.0"}},
        {"hidden": True},
        {"channel_type": "channel"},
        {"channel_type": "group", "thread_ts": "0.1"},
        {"user": ""},
    ],
)
def test_edits_deletions_bots_and_what_is_not_said_to_the_bot_are_not_heard(more: dict[str, Any]) -> None:
    assert arrival(event(MESSAGE, **more)) is None


@pytest.mark.parametrize(
    "more", [{"bot_id": "B1"}, {"edited": {"user": "U1", "ts": "2.0"}}, {"subtype": "bot_message", "bot_id": "B1"}]
)
def test_a_mention_by_a_bot_or_by_an_edit_is_not_heard(more: dict[str, Any]) -> None:
    assert arrival(event(MESSAGE, type="app_mention", **more)) is None


@pytest.mark.parametrize(
    "action",
    [
        {"type": "button", "action_id": "continue_2", "value": "opaque.2"},
        {"type": "static_select", "action_id": "continue", "selected_option": {"value": "opaque.2"}},
        {"type": "feedback_buttons", "action_id": "feedback", "value": "opaque.2"},
    ],
)
def test_whatever_is_pressed_or_chosen_has_a_value(action: dict[str, Any]) -> None:
    found = arrival(pressed(action))
    assert found is not None
    assert (found.kind, found.body["action"], found.body["value"]) == (BUTTON, action["action_id"], "opaque.2")


@pytest.mark.parametrize("odd", [None, 7, [], {"value": 7}, {"text": "x"}])
def test_a_choice_of_another_shape_has_none(odd: Any) -> None:
    found = arrival(pressed({"action_id": "continue", "selected_option": odd}))
    assert found is not None
    assert found.body["value"] == ""


def test_both_buttons_that_stop_are_told_apart_from_the_others() -> None:
    ours = arrival(pressed({"type": "button", "action_id": "stop", "value": "opaque"}))
    assert ours is not None
    assert (ours.kind, ours.body["action"], ours.body["value"]) == (STOPPED, "stop", "opaque")
    slacks = arrival(event({"type": "agent_session_stopped", "user": "U1", "channel": "D1", "thread_ts": "1.0"}))
    assert slacks is not None
    assert (slacks.key, slacks.kind) == ("event:Ev1", STOPPED)
    assert slacks.body == {"user": "U1", "channel": "D1", "thread": "1.0"}
    assert arrival(event({"type": "agent_session_stopped", "user": "U1", "channel": "D1"})) is None
