"""Slack's rules for what is sent to it, written down once more and independently of the code under test."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tests.support.prose_rules import prose_complaints

_TIME = r"date\^\d+\^\{time\}\|\d\d:\d\d UTC>"
_DATE = r"date\^\d+\^\{date_short_pretty\} at \{time\} \(\{ago\}\)\|\d{4}-\d\d-\d\d \d\d:\d\d UTC>"
_MESSAGES = ("chat.postMessage", "chat.update", "chat.postEphemeral", "response_url")


def complaints(arguments: Mapping[str, Any]) -> Iterator[str]:
    """What Slack's limits forbid in a message or a view."""
    view = arguments.get("view")
    if isinstance(view, Mapping):
        yield from _view(view)
    blocks = arguments.get("blocks")
    if blocks is not None:
        yield from check_blocks(blocks, most=50)
        total = sum(len(text) for text in all_texts(blocks))
        if total > 13_000:
            yield f"msg_blocks_too_long: {total}"


def outgoing_complaints(method: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    """What we ask of ourselves: no unfurls, a text that stands in for the blocks, nobody mentioned but by code, a model's words apart."""
    if method in _MESSAGES:
        yield from _message(method, arguments)
    yield from _file(method, arguments)
    if "markdown_text" in arguments:
        yield "words that Slack would read as markup"
    yield from _apart(arguments)
    yield from _links([arguments.get("blocks"), arguments.get("view")])
    for text in [str(arguments.get("text", "")), *all_texts([arguments.get("blocks"), arguments.get("view")])]:
        yield from _called(text)


def _message(method: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    blocks = arguments.get("blocks") or []
    if not str(arguments.get("text", "")).strip():
        yield "no text for notifications and screen readers"
    if not blocks:
        yield "no blocks: Slack would read the text as markup and make links of domains in it"
    yield from _card_or_prose(blocks)
    yield from _labelled(blocks)
    if method in ("chat.postMessage", "response_url") and (
        arguments.get("unfurl_links") is not False or arguments.get("unfurl_media") is not False
    ):
        yield "unfurls are on"


def _called(text: str) -> Iterator[str]:
    if re.search(r"<(?![!@])", text):
        yield f"a link, or something that was not escaped: {text[:80]}"
    if re.search(rf"<!(?!{_TIME}|{_DATE})", text):
        yield f"a control sequence: {text[:80]}"
    for mentioned in re.findall(r"<@([^>]*)>", text):
        if not re.fullmatch(r"[UW][A-Z0-9]+", mentioned):
            yield f"a mention that is none: {mentioned[:40]}"


def quotes(arguments: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The blocks in which a model's words stand: a kind of block that nothing else has."""
    return [block for block in _all_blocks(arguments) if block.get("type") == "rich_text"]


def _all_blocks(arguments: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    chunks = arguments.get("chunks") or []
    view = arguments.get("view") or {}
    return [
        *(arguments.get("blocks") or []),
        *(block for chunk in chunks for block in chunk.get("blocks", ())),
        *(view.get("blocks") or []),
    ]


def _apart(arguments: Mapping[str, Any]) -> Iterator[str]:
    """A model's words stand in a message of their own, as plain words without anything in them that could be pressed."""
    quoted = quotes(arguments)
    others = {block["type"] for block in _all_blocks(arguments)} - {"rich_text", "context", "context_actions"}
    if quoted and (others or arguments.get("view")):
        yield f"a model's words beside {', '.join(sorted(others)) or 'a window'}"
    for text in all_texts(quoted):
        yield from (f"a model's words: {each}" for each in prose_complaints(text))


def _labelled(blocks: list[Mapping[str, Any]]) -> Iterator[str]:
    if any(block["type"] == "rich_text" for block in blocks):
        label = "".join(all_texts([blocks[0]]))
        if blocks[0]["type"] != "context" or not re.match(r"Written by .{1,80}?\. |.{1,80}? is writing\. ", label):
            yield f"a model's words without the model's name: {label[:80]}"


def _file(method: str, arguments: Mapping[str, Any]) -> Iterator[str]:
    if method == "files.getUploadURLExternal" and not (
        1 <= len(str(arguments.get("alt_txt", ""))) <= 1000 and str(arguments.get("length", "")).isdecimal()
    ):
        yield "a picture without words for those who do not see it, or without a length"
    if method == "files.completeUploadExternal" and not arguments.get("channel_id"):
        yield "a file that nobody would see"


def _card_or_prose(blocks: list[Mapping[str, Any]]) -> Iterator[str]:
    """A message that can be decided on looks like nothing else: its header and its buttons are a card's alone."""
    kinds = [block["type"] for block in blocks]
    deciding = {
        element.get("action_id") for block in blocks if block["type"] == "actions" for element in block["elements"]
    } & {"approve", "reject", "cancel", "details"}
    if deciding and (kinds[0] != "header" or not re.match(r"\W+ #\d+\b", blocks[0]["text"]["text"])):
        yield "a message with a card's buttons that is no card"
    if not deciding and "header" in kinds:
        yield "prose that looks like a card"
    if deciding and "context_actions" in kinds:
        yield "a card that asks for an opinion"


def _links(value: Any) -> Iterator[str]:
    """Where Slack would make links, channels or mentions out of what is only words."""
    if isinstance(value, Mapping):
        if value.get("type") == "mrkdwn" and value.get("verbatim") is not True:
            yield f"mrkdwn that is not verbatim: {str(value.get('text'))[:60]}"
        if {"url", "image_url", "slack_file"} & set(value):
            yield "a link or an image"
        for inner in value.values():
            yield from _links(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _links(inner)


def check_blocks(blocks: Any, *, most: int) -> Iterator[str]:
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= most:
        yield f"blocks: {len(blocks) if isinstance(blocks, list) else 'none'}"
        return
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(ids) != len(set(ids)) or any(len(id) > 255 for id in ids):
        yield "block_id twice, or too long"
    pressed = [e for b in blocks if b["type"] in ("actions", "context_actions") for e in b["elements"]]
    actions = [e["action_id"] for e in [*pressed, *(b["accessory"] for b in blocks if "accessory" in b)]]
    if len(actions) != len(set(actions)) or any(not 0 < len(action) <= 255 for action in actions):
        yield "action_id twice, missing or too long"
    for block in blocks:
        yield from _block(block)


def all_texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from all_texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from all_texts(inner)


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    kinds = {
        "section": _section,
        "header": lambda b: _text(b["text"], 150, plain=True),
        "context": lambda b: _each(b["elements"], 10, lambda e: _text(e, 3000)),
        "actions": lambda b: _each(b["elements"], 25, _pressable),
        "context_actions": lambda b: _each(b["elements"], 5, _feedback),
        "input": lambda b: _text(b["label"], 2000, plain=True),
        "divider": lambda _: iter(()),
        "rich_text": _quoted,
    }
    if block["type"] in kinds:
        yield from kinds[block["type"]](block)
    else:
        yield f"an unknown block: {block['type']}"


def _section(block: Mapping[str, Any]) -> Iterator[str]:
    if bool(block.get("text")) == bool(block.get("fields")):
        yield "a section needs text or fields"
    if block.get("text"):
        yield from _text(block["text"], 3000)
    if block.get("accessory"):
        yield from _pressable(block["accessory"])
    if block.get("fields"):
        yield from _each(block["fields"], 10, lambda field: _text(field, 2000))


def _each(elements: list[Any], most: int, check: Callable[[Any], Iterator[str]]) -> Iterator[str]:
    if not 1 <= len(elements) <= most:
        yield f"{len(elements)} elements where 1 to {most} may be"
    for element in elements:
        yield from check(element)


def _pressable(element: Mapping[str, Any]) -> Iterator[str]:
    return _menu(element) if element["type"] == "static_select" else _button(element)


def _quoted(block: Mapping[str, Any]) -> Iterator[str]:
    """Of rich text we use quotations of plain words, nothing that could be a link, a mention or a picture."""
    for quote in block["elements"]:
        if quote["type"] != "rich_text_quote":
            yield f"{quote['type']} in rich text"
        for words in quote["elements"]:
            if set(words) != {"type", "text"} or words["type"] != "text" or not words["text"]:
                yield f"{words.get('type')} in a quotation, or nothing"


def _menu(menu: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(menu["placeholder"], 150, plain=True)
    if not 1 <= len(menu["options"]) <= 100:
        yield f"{len(menu['options'])} options"
    for option in menu["options"]:
        yield from _text(option["text"], 75, plain=True)
        if not 1 <= len(option["value"]) <= 150:
            yield "an option's value is empty or too long"


def _feedback(element: Mapping[str, Any]) -> Iterator[str]:
    if element["type"] != "feedback_buttons" or not 0 < len(element.get("action_id", "")) <= 255:
        yield f"{element['type']} among context actions, or no action_id"
    for name in ("positive_button", "negative_button"):
        yield from _text(element[name]["text"], 75, plain=True)
        if not 1 <= len(element[name]["value"]) <= 2000 or len(element[name].get("accessibility_label", "")) > 75:
            yield "a value or an accessibility label is too long or missing"


def _button(button: Mapping[str, Any]) -> Iterator[str]:
    yield from _text(button["text"], 75, plain=True)
    if not re.fullmatch(r"[\w.-]{1,64}", button.get("value", "")):
        yield f"a value that is more than an opaque id: {button.get('value')}"
    confirm = button.get("confirm")
    if confirm:
        for name, limit in (("title", 100), ("text", 300), ("confirm", 30), ("deny", 30)):
            yield from _text(confirm[name], limit)


def _text(text: Mapping[str, Any], limit: int, *, plain: bool = False) -> Iterator[str]:
    if text["type"] not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"text of type {text['type']}"
    if not 1 <= len(text["text"]) <= limit:
        yield f"{len(text['text'])} characters where 1 to {limit} may be"
    if text["type"] == "mrkdwn" and "emoji" in text:
        yield "emoji belongs to plain_text"
    if text["type"] == "plain_text" and "verbatim" in text:
        yield "verbatim belongs to mrkdwn"
    if text["type"] == "mrkdwn" and text["text"].count("```") % 2:
        yield "an open code block"


def _view(view: Mapping[str, Any]) -> Iterator[str]:
    for name in ("title", "submit", "close"):
        if name in view:
            yield from _text(view[name], 24, plain=True)
    if len(view.get("private_metadata", "")) > 3000 or len(view.get("callback_id", "")) > 255:
        yield "private_metadata or callback_id too long"
    yield from check_blocks(view["blocks"], most=100)
