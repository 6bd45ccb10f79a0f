"""A model's words, in a message of their own: quoted and named as what they are, in a kind of block that no card has.

Nothing in such a block is read as markup, so that no words can become a link, a mention or a button.
"""

from bot.slack.views.answers import Said, opinion
from bot.slack.views.blocks import Block, small_words
from bot.slack.views.text import clean, clip, plain

_LONGEST = 9_000
_WRITING = "{model} is writing. Nobody has checked these words, and they are not finished:"
_WRITTEN = "Written by {model}. Nobody has checked these words:"
_CUT_SHORT = "⏹ Unfinished: this is as far as it came."


def piece(text: str) -> Block:
    """Some words of a model's."""
    shown = clip(clean(text).strip(), _LONGEST, more="… (cut here)") or "…"
    quoted = {"type": "rich_text_quote", "elements": [{"type": "text", "text": shown}]}
    return {"type": "rich_text", "elements": [quoted]}


def writing(text: str, model: str) -> Said:
    """What there is while more comes. Should it end here, by a crash of ours, it says itself that it is no whole."""
    return _said(_WRITING, text, model)


def written(text: str, model: str, *, vote: str = "") -> Said:
    """The whole, and what is thought of it. `vote` is the opaque id that those buttons carry."""
    said = _said(_WRITTEN, text, model)
    return Said(text=said.text, blocks=[*said.blocks, *opinion(vote)])


def cut_short(text: str, model: str) -> Said:
    """What there was when it was stopped or broke off."""
    said = _said(_WRITTEN, text, model)
    return Said(text=f"{_CUT_SHORT} {said.text}", blocks=[*said.blocks, small_words(_CUT_SHORT)])


def _said(label: str, text: str, model: str) -> Said:
    return Said(text=plain(f"{model}: {text}", 1000), blocks=[small_words(label.format(model=model)), piece(text)])
