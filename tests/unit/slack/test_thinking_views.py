"""What stands in for an answer, and a model's words: inert, named, and never like a card."""

import pytest

from bot.slack.views.answers import Said
from bot.slack.views.prose import cut_short, piece, writing, written
from bot.slack.views.waiting import waiting
from tests.support.slack_rules import all_texts, complaints, outgoing_complaints

CARDS = {"header", "section", "actions", "context"}
ODD = ["", " \n ", "a\x00b\u202ec", "*bold* <!channel> <@U1> `x` &lt; # ✅ #17", "word " * 5000]


def broken(said: Said) -> list[str]:
    sent = {"text": said.text, "blocks": said.blocks, "unfurl_links": False, "unfurl_media": False}
    return [*complaints(sent), *outgoing_complaints("chat.postMessage", sent)]


@pytest.mark.parametrize("view", [writing, written, cut_short])
@pytest.mark.parametrize("text", ["checkout runs v41.\n\nIts error rate is low.", *ODD[:3], ODD[4]])
def test_a_models_words_are_quoted_and_named(text: str, view: object) -> None:
    assert callable(view)
    said = view(text, "gpt-test")
    assert broken(said) == []
    assert "gpt-test" in said.blocks[0]["elements"][0]["text"]
    assert said.blocks[1]["type"] not in CARDS


def test_nothing_in_a_models_words_is_read_as_markup() -> None:
    block = piece(ODD[3])
    assert list(all_texts(block)) == [ODD[3]]
    (quote,) = block["elements"]
    assert [each["type"] for each in quote["elements"]] == ["text"]


def test_what_is_not_finished_says_so() -> None:
    text = "checkout runs v41."
    assert "they are not finished" in writing(text, "gpt-test").blocks[0]["elements"][0]["text"]
    assert cut_short(text, "gpt-test").blocks[-1]["elements"][0]["text"] == "⏹ Unfinished: this is as far as it came."
    assert "finished" not in str(written(text, "gpt-test"))


def test_what_stands_in_has_a_button_once_it_can_be_stopped() -> None:
    assert [block["type"] for block in waiting("asking status").blocks] == ["context"]
    said = waiting("asking status", stop="opaque")
    assert broken(said) == []
    assert said.text == "⏳ asking status…"
    (button,) = said.blocks[1]["elements"]
    assert (button["action_id"], button["value"]) == ("stop", "opaque")
