"""An answer made of several reads: the reports in one message, a model's words in another, and whoever mixes them is found out."""

from typing import Any

import pytest

from bot.slack.views import answers, prose
from bot.slack.views.answers import Said
from bot.slack.views.blocks import section, words
from bot.slack.views.card import card_blocks
from bot.usecases.answers import Explained, Prose, Source
from skills.core.report import Command, Finding, Report, Table, Text
from tests.support.prose_rules import cleansed
from tests.support.scanner import Scanner
from tests.support.slack import words_of
from tests.support.slack_rules import complaints, outgoing_complaints
from tests.unit.slack.test_views import NASTY, a_card

SAID = "Both run v41, and nothing differs."


def found(said: Said) -> list[str]:
    message: dict[str, Any] = {"text": said.text, "blocks": said.blocks, "unfurl_links": False, "unfurl_media": False}
    return [*complaints(message), *outgoing_complaints("chat.postMessage", message)]


def explained(word: str, count: int) -> Explained:
    table = Table(columns=("service", word[:20] or "x"), rows=((word, word),) * 60)
    parts = (Text(text=word), table, Finding(text=word, evidence=(word,) * 9), Command(text="pending", does=word))
    report = Report(title=word, summary=word, parts=parts * 3)
    sources = tuple(Source(skill="status", asked=f"status {n}", report=report) for n in range(count))
    return Explained(
        prose=Prose(text=SAID, model="gpt-x"), sources=sources, note="The model took too long; here is what was read."
    )


@pytest.mark.parametrize("count", [1, 2, 8, 20])
@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_all_reports_fit_into_one_message_and_none_is_crowded_out(word: str, count: int) -> None:
    said = answers.explained(explained(word, count), vote="opaque")
    assert found(said) == []
    assert len([block for block in said.blocks if block["type"] == "section"]) >= count
    assert "I asked status 0" in words_of(said.blocks[-2])
    assert "The model took too long" in words_of(said.blocks[-2])
    assert SAID not in words_of(said.blocks)


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_a_models_words_are_quoted_under_its_name_with_thumbs_and_nothing_else(word: str) -> None:
    said = prose.written(cleansed(word), "gpt-x", vote="opaque")
    assert found(said) == []
    assert [block["type"] for block in said.blocks] == ["context", "rich_text", "context_actions"]
    assert words_of(said.blocks[0]).startswith("Written by gpt-x. ")


BARE = [{"type": "rich_text", "elements": [{"type": "rich_text_quote", "elements": [{"type": "text", "text": SAID}]}]}]
LABEL = prose.written(SAID, "gpt-x").blocks[0]


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([section("Ours."), *BARE], "a model's words beside section"),
        ([LABEL, *BARE, *card_blocks(a_card())[:1]], "a model's words beside"),
        (BARE, "a model's words without the model's name"),
        ([words(SAID), *BARE], "a model's words without the model's name"),
        (prose.written("See evil.example", "gpt-x").blocks, "a model's words: a domain"),
        (prose.written("Ask <@U02SRE>", "gpt-x").blocks, "a model's words: a mention"),
        (prose.written("# Approved", "gpt-x").blocks, "a model's words: a heading"),
    ],
)
def test_prose_where_it_does_not_belong_is_found(blocks: Any, expected: str) -> None:
    assert any(each.startswith(expected) for each in found(Said(text="x", blocks=blocks)))


def test_a_link_in_a_quotation_is_found() -> None:
    linked = [{"type": "rich_text_quote", "elements": [{"type": "link", "text": "x", "url": "https://evil.example"}]}]
    assert found(Said(text="x", blocks=[LABEL, {"type": "rich_text", "elements": linked}]))


def test_what_a_model_said_is_found_among_words_of_ours(scanner: Scanner) -> None:
    scanner.heard(SAID)
    for blocks in ([words(f"I think: {SAID}")], card_blocks(a_card(words=SAID)), [section(SAID)]):
        scanner.look("chat.update", {"text": "ours", "blocks": blocks})
    assert len([each for each in scanner.found if "a model's words among ours" in each]) == 3
    scanner.found.clear()
    scanner.look("chat.update", {"text": "ours", "blocks": prose.written(SAID, "gpt-x").blocks})
    scanner.look("chat.appendStream", {"chunks": [{"type": "blocks", "blocks": [prose.piece(SAID)]}]})
    assert scanner.found == []
    scanner.look("chat.appendStream", {"markdown_text": SAID})
    assert scanner.found[0] == "chat.appendStream: words that Slack would read as markup"
    scanner.found.clear()
