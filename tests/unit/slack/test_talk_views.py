"""How an answer to a sentence looks: how it was taken, how to correct it, what is thought of it."""

from dataclasses import replace
from typing import Any

import pytest

from bot.nl.interpretation import ChannelKind
from bot.slack.views import answers
from bot.slack.views.card import card_blocks
from bot.usecases.answers import Answered, Clarify
from bot.usecases.understood import Understood
from skills.core.report import Report, Text
from tests.support.slack import words_of
from tests.support.slack_rules import complaints, outgoing_complaints
from tests.unit.slack.test_views import NASTY, a_card

TAKEN = Understood(
    skill="status", params={"service": "checkout"}, natural=True, sentence="status checkout", instead="no, search"
)
REPORT = Report(title="Status", summary="checkout runs v41.")


def keeps_the_rules(said: answers.Said) -> None:
    message: dict[str, Any] = {"text": said.text, "blocks": said.blocks, "unfurl_links": False, "unfurl_media": False}
    assert [*complaints(message), *outgoing_complaints("chat.postMessage", message)] == []


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("channel", "Understood: status checkout. Not right? Mention me here with, for example, “no, search”."),
        ("thread", "Understood: status checkout. Not right? Mention me here with, for example, “no, search”."),
        ("direct", "Understood: status checkout. Not right? Say, for example, “no, search”."),
        ("command", "Understood: status checkout. Not right? Say it in other words."),
    ],
)
def test_one_line_says_how_it_was_taken(where: ChannelKind, line: str) -> None:
    said = answers.answered(Answered(report=REPORT, understood=TAKEN), vote="opaque", where=where)
    assert line in words_of(said.blocks)
    keeps_the_rules(said)
    alone = replace(TAKEN, instead="")
    said = answers.answered(Answered(report=REPORT, understood=alone), vote="opaque", where=where)
    assert "Not right? Say it in other words." in words_of(said.blocks)


def test_a_typed_command_says_it_itself() -> None:
    said = answers.answered(Answered(report=REPORT))
    assert "Understood" not in words_of(said.blocks)
    assert said.blocks[-1]["type"] != "context_actions"


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_the_line_and_the_votes_stay_below_the_longest_report(word: str) -> None:
    report = Report(title=word, summary=word, parts=tuple(Text(text=word) for _ in range(80)))
    taken = replace(TAKEN, sentence=word or "status", instead=word)
    said = answers.answered(Answered(report=report, understood=taken), vote="opaque")
    keeps_the_rules(said)
    assert said.blocks[-1]["type"] == "context_actions"
    assert "Understood: " in words_of(said.blocks[-2])


@pytest.mark.parametrize(
    ("count", "kind"), [(1, "button"), (5, "button"), (6, "static_select"), (150, "static_select")]
)
@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_few_choices_are_buttons_and_many_a_menu(count: int, kind: str, word: str) -> None:
    completions = tuple(f"{number} {word}" for number in range(count))
    said = answers.clarify(Clarify(text=word, completions=completions), typed=word, question="opaque", vote="opaque")
    keeps_the_rules(said)
    elements = next(block for block in said.blocks if block["type"] == "actions")["elements"]
    assert {element["type"] for element in elements} == {kind}
    shown = elements[0].get("options", elements)
    assert len(shown) == min(count, 100)
    last = shown[-1]["value"]
    assert last == f"opaque.{min(count, 100) - 1}"


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_a_card_quotes_the_sentence_as_its_requesters(word: str) -> None:
    card = a_card("checkout", words=word or "x", natural=True, instead="no, search")
    said = answers.Said(text="a card", blocks=card_blocks(card))
    keeps_the_rules(said)
    assert "checkout asked in words: «" in words_of(said.blocks[1])
    assert {element["type"] for element in said.blocks[1]["elements"]} == {"plain_text"}
