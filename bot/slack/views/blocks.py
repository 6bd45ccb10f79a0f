"""The few kinds of block that are used, and the limits that Slack sets to them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bot.slack.views.text import clip, plain

Block: TypeAlias = dict[str, Any]

SECTION, HEADER, FIELD, FIELDS, CONTEXT, BUTTON, ACTIONS, BLOCKS, VIEW_BLOCKS = 3000, 150, 2000, 10, 10, 75, 25, 50, 100
TITLE, METADATA, BUTTON_VALUE, IDENTIFIER, FALLBACK = 24, 3000, 2000, 255, 3000
OPTION, OPTIONS, PLACEHOLDER = 75, 100, 150
_PRESSED = ("actions", "context_actions")
MESSAGE = 11_000
"""Characters of all blocks of one message: Slack refuses whole messages somewhat above 13,000."""


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": plain(text, HEADER), "emoji": True}}


def section(mrkdwn: str) -> Block:
    """A paragraph of mrkdwn; foreign words in it are escaped by the caller."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": clip(mrkdwn, SECTION), "verbatim": True}}


def words(text: str, limit: int = 2900) -> Block:
    """A paragraph of foreign words, shown as they are."""
    return {"type": "section", "text": {"type": "plain_text", "text": plain(text, limit), "emoji": False}}


def fields(*pairs: tuple[str, str]) -> Block:
    """Labels with values (mrkdwn), side by side where there is room and under each other on a phone."""
    return {
        "type": "section",
        "fields": [
            {"type": "mrkdwn", "text": clip(f"*{label}*\n{value}", FIELD), "verbatim": True}
            for label, value in pairs[:FIELDS]
        ],
    }


def context(mrkdwn: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": clip(mrkdwn, SECTION), "verbatim": True}]}


def small_words(text: str, limit: int = 1000) -> Block:
    """Foreign words in small print, shown as they are."""
    return {"type": "context", "elements": [{"type": "plain_text", "text": plain(text, limit), "emoji": False}]}


def button(text: str, action: str, value: str, *, style: str = "", confirm: Mapping[str, Any] | None = None) -> Block:
    made: Block = {
        "type": "button",
        "text": {"type": "plain_text", "text": plain(text, BUTTON), "emoji": True},
        "action_id": action,
        "value": value,
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = dict(confirm)
    return made


def actions(buttons: Sequence[Block]) -> Block:
    return {"type": "actions", "elements": list(buttons[:ACTIONS])}


def menu(placeholder: str, action: str, options: Sequence[tuple[str, str]]) -> Block:
    """One of many (text, value); goes into `actions`. A text that is too long is cut, its value never is."""
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": {"type": "plain_text", "text": plain(placeholder, PLACEHOLDER)},
        "options": [
            {"text": {"type": "plain_text", "text": plain(text, OPTION)}, "value": value}
            for text, value in options[:OPTIONS]
        ],
    }


def feedback(action: str, good: str, bad: str) -> Block:
    """A thumb up and a thumb down, small below an answer; cards have none."""
    buttons = {
        name: {"text": {"type": "plain_text", "text": text}, "value": value, "accessibility_label": f"{text} answer"}
        for name, text, value in (("positive_button", "Helpful", good), ("negative_button", "Not helpful", bad))
    }
    return {"type": "context_actions", "elements": [{"type": "feedback_buttons", "action_id": action, **buttons}]}


def fitted(
    blocks: Sequence[Block],
    *,
    most: int = BLOCKS,
    characters: int = MESSAGE,
    more: str = "There is more than fits here; see Details.",
) -> list[Block]:
    """As many of the blocks as fit a message, from the top, and then `more`; rows of buttons always stay."""
    pressed = [block for block in blocks if block["type"] in _PRESSED]
    room = characters - sum(size(block) for block in pressed)
    kept: list[Block] = []
    for block in blocks:
        if block["type"] in _PRESSED:
            kept.append(block)
            continue
        room -= size(block)
        if room < 0 or len(kept) >= most - len(pressed) - 1:
            kept.append(small_words(more))
            break
        kept.append(block)
    return kept + [block for block in pressed if block not in kept]


def size(block: Block) -> int:
    """How many characters of text a block holds."""
    return sum(len(text) for text in _texts(block))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
