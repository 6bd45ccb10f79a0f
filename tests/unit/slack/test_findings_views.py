"""Findings as they stand in a channel: short first, everything pressable, and never too long."""

from dataclasses import replace
from typing import Any

import pytest

from bot.slack.views.blocks import MESSAGE, size
from bot.slack.views.report import report_blocks, report_text
from skills.core.report import Command, Text
from tests.support.reports import ROLLBACK, a_chart, a_finding, a_report
from tests.support.slack import words_of
from tests.support.slack_rules import complaints, outgoing_complaints

VALUES = {ROLLBACK.text: "name.0"}
SINCE = "<!date^1795433700^{date_short_pretty} at {time} ({ago})|2026-11-23 11:35 UTC>"


def keeps_the_rules(blocks: Any) -> None:
    message = {"text": "T: s.", "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    assert [*complaints(message), *outgoing_complaints("chat.postMessage", message)] == []


def accessories(blocks: Any) -> list[Any]:
    return [block["accessory"] for block in blocks if "accessory" in block]


def test_a_finding_says_the_cause_first_and_the_proof_last() -> None:
    _, told, pressable, proof = report_blocks(a_report(a_finding()), offers=VALUES)
    assert told["text"]["text"].split("\n") == [
        "🔴 *The image registry.example/checkout:v43 does not exist.*",
        f"error · certain · since {SINCE}",
        "image missing → pods cannot start → rollout stuck → no endpoints",
        "*To do:* Go back to v41, which is known to be good.",
    ]
    (pressed,) = pressable["elements"]
    assert (pressed["text"]["text"], pressed["action_id"], pressed["value"]) == (ROLLBACK.text, "offer_1", "name.0")
    assert proof["type"] == "context"
    assert words_of(proof).split("\n")[-2:] == [
        "• Pod checkout-4: ImagePullBackOff, manifest unknown",
        "and 3 more observations",
    ]


def test_a_summary_that_is_the_cause_is_not_said_twice() -> None:
    report = replace(a_report(a_finding()), summary=a_finding().text)
    assert words_of(report_blocks(report)).count("does not exist.") == 1


def test_a_bare_finding_is_one_block() -> None:
    bare = a_finding(severity="info", confidence="", since=None, chain=(), evidence=(), remedy="", offer=None)
    _, told = report_blocks(a_report(bare))
    assert told["text"]["text"] == "🔵 *The image registry.example/checkout:v43 does not exist.*"


def test_an_offer_that_cannot_be_pressed_is_what_to_type() -> None:
    blocks = report_blocks(a_report(a_finding()))
    assert "`rollback checkout in production` go back to v41" in words_of(blocks)
    assert not [block for block in blocks if block["type"] == "actions"]


def test_a_command_has_its_button_beside_what_it_does() -> None:
    report = a_report(ROLLBACK, Command(text="help", does=""))
    _, offered, example = report_blocks(report, offers=VALUES)
    assert (offered["text"]["text"], offered["accessory"]["value"]) == ("go back to v41", "name.0")
    assert example["text"]["text"].strip() == "`help`"


@pytest.mark.parametrize("count", [1, 5, 15, 25, 49, 200])
def test_many_findings_are_shortened_evenly_and_the_rest_is_counted(count: int) -> None:
    findings = [a_finding(text=f"Cause {n}: {'why ' * 20}") for n in range(count)]
    after = Text(text="I could not look at secrets: forbidden.")
    blocks = report_blocks(a_report(*findings, a_chart(), after), offers=VALUES)
    keeps_the_rules(blocks)
    text = words_of(blocks)
    shown = text.count("🔴")
    assert text.endswith("Ask about less, or on the command line (countersign ask), where there is more room.") == (shown < count)  # fmt: skip
    assert shown == count if count <= 25 else f"and {count - shown} more findings." in text
    assert "I could not look at secrets: forbidden." in text
    assert "p99" in text
    assert sum(map(size, blocks)) <= MESSAGE
    pressable = len(accessories(blocks)) + sum(block["type"] == "actions" for block in blocks)
    assert pressable == shown


def test_the_shorter_form_keeps_cause_time_and_button() -> None:
    findings = [a_finding(text=f"Cause {n}.") for n in range(25)]
    blocks = report_blocks(a_report(*findings), offers=VALUES)
    lines = next(block for block in blocks if "Cause 24." in words_of(block))["text"]["text"].split("\n")
    assert lines[0] == "🔴 *Cause 24.*"
    assert f"since {SINCE}" in lines[1]
    assert len(accessories(blocks)) == 25


@pytest.mark.parametrize("word", ["x" * 9000, "&" * 9000, "<!channel> <@U1> `*_~", "🔥" * 3000, "", "\u202e\n\x00"])
def test_no_words_break_a_finding(word: str) -> None:
    nasty = a_finding(
        text=word, severity=word, confidence=word, chain=(word,) * 30, evidence=(word,) * 30, remedy=word,
        offer=Command(text=word or "status", does=word),
    )  # fmt: skip
    for count in (1, 20):
        blocks = report_blocks(a_report(*[nasty] * count), offers={word or "status": "name.0"})
        keeps_the_rules(blocks)


def test_a_screen_reader_hears_the_numbers_of_a_chart() -> None:
    report = a_report(a_chart())
    assert report_text(report) == "Troubleshoot checkout in production: checkout is down: its image does not exist."
    assert "p99  250 ms  1.2 s" in words_of(report_blocks(report))
