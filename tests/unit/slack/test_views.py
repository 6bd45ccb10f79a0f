"""Cards, reports, questions and windows, with the nastiest words there are: nothing breaks a limit and nobody is called."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.slack.views import answers, modals
from bot.slack.views.card import bar, card_blocks, card_text, final_sentence, progress
from bot.slack.views.report import report_blocks, report_text
from bot.slack.views.text import clip, code, code_lines, lasted, mention, plain, safe, unslacked
from bot.usecases.answers import Clarify, Exit, Failed, Refused
from bot.usecases.card import Card, StepLine
from skills.core.plan import FieldChange
from skills.core.proposal import Status
from skills.core.report import Command, Finding, Report, Table, Text
from tests.support.slack import words_of
from tests.support.slack_rules import complaints, outgoing_complaints

NASTY = {
    "long": "x" * 10_000,
    "ampersands": "&" * 10_000,
    "broadcast": "<!channel> <!here> <@U01DEV> <!subteam^S1> <https://evil.example|click>",
    "backticks": "``` ` ``` *bold* _it_ ~no~",
    "emoji": "🔥" * 3000,
    "right to left": "\u202eevil\u2066 שלום",
    "lines": "one\ntwo\r\nthree\x00\x07\u2028four",
    "empty": "",
    "spaces": "   ",
}


def a_card(word: str = "checkout", **other: Any) -> Card:
    diff = tuple(FieldChange(path=f"{word} {n}", before=word, after=None if n % 2 else word) for n in range(40))
    step = StepLine(action=word, target=word, before=word, after=word, diff=diff)
    back = replace(step, diff=(), compensating=True)
    card = Card(
        id=17, handle="opaque-handle", status=Status.PENDING, mark="⏳", title=word, sentence=word, requester=word,
        reason=word, words=word, steps=(step,) * 8, on_failure=(back,), risk=f"high: {word}", blast_radius=word,
        verdict=word, verdict_reasons=(word, word), approvers=word, approver_subjects=(), approved_by=(), notes=(word,) * 6,
        expires_at=datetime(2026, 11, 23, 12, 15, tzinfo=UTC), outcome="", took=None, digest="d" * 64,
        audit="countersign audit list --subject proposal/17", buttons=("approve", "reject", "details", "cancel"), version=1,
    )  # fmt: skip
    return replace(card, **other)


def keeps_the_rules(text: str, blocks: Any) -> None:
    message = {"text": text, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}
    assert [*complaints(message), *outgoing_complaints("chat.postMessage", message)] == []


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_a_card_keeps_the_limits_whatever_is_in_it(word: str) -> None:
    running = StepLine(
        action=word,
        target=word,
        before=word,
        after=word,
        state="failed",
        text=word,
        wanted=3,
        updated=2,
        ready=1,
        log=(word,) * 50,
    )
    settled = {
        "status": Status.FAILED,
        "outcome": word,
        "took": timedelta(seconds=5),
        "steps": (running,),
        "buttons": ("details",),
    }
    judged = {
        "health": word,
        "health_mark": "🔴",
        "health_reasons": (word,) * 6,
        "offer": Command(text=word, does=word),
    }
    for card in (a_card(word), a_card(word, **settled), a_card(word, **settled, **judged)):
        keeps_the_rules(card_text(card), card_blocks(card))
        assert final_sentence(card)


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_windows_keep_the_limits_whatever_is_in_them(word: str) -> None:
    for view in (modals.details_view(a_card(word)), modals.reject_view(a_card(word), "opaque")):
        assert [*complaints({"view": view}), *outgoing_complaints("views.open", {"view": view})] == []


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_reports_keep_the_limits_whatever_is_in_them(word: str) -> None:
    wide = Table(columns=("service", "state", "since"), rows=((word, word, word),) * 60, title=word)
    narrow = Table(columns=("a", "b"), rows=(("1", "2"), ("3", "4")))
    finding = Finding(text=word, evidence=(word,) * 9, severity="error")
    report = Report(
        title=word, summary=word, parts=(Text(text=word), wide, narrow, finding, Command(text=word, does=word))
    )
    keeps_the_rules(report_text(report), report_blocks(report))


@pytest.mark.parametrize("word", NASTY.values(), ids=NASTY.keys())
def test_questions_and_refusals_keep_the_limits_whatever_is_in_them(word: str) -> None:
    question = Clarify(text=word, completions=(word,) * 9)
    for said in (
        answers.clarify(question, typed=word, question="opaque"),
        answers.refused(Refused(text=word), typed=word),
        answers.failed(Failed(text=word, exit=Exit.BUG), typed=word),
        answers.continued(word, word),
        answers.not_here(a_card(word), bot="countersign", typed=word),
    ):
        keeps_the_rules(said.text, said.blocks)


def test_buttons_carry_the_handle_and_nothing_else() -> None:
    blocks = card_blocks(a_card())
    pressed = next(block for block in blocks if block["type"] == "actions")
    assert [(b["action_id"], b["value"]) for b in pressed["elements"]] == [
        ("approve", "opaque-handle"), ("reject", "opaque-handle"), ("details", "opaque-handle"), ("cancel", "opaque-handle"),
    ]  # fmt: skip
    assert "confirm" in pressed["elements"][3]


def test_buttons_stay_when_the_rest_has_to_be_cut() -> None:
    blocks = card_blocks(a_card("&" * 10_000))
    assert [block["type"] for block in blocks].count("actions") == 1
    assert "There is more than fits here; see Details." in words_of(blocks)


def test_progress_is_told_in_pieces_and_in_words() -> None:
    step = StepLine(action="a", target="t", before="b", after="a", state="applied", text="waiting", wanted=3, ready=2)
    assert progress(step) == "🔄 ▰▰▱ 2 of 3 ready · waiting"
    assert bar(5, 100) == "▱" * 10
    assert bar(0, 0) == ""
    assert bar(7, 3) == "▰▰▰"


def test_narrow_tables_are_aligned_and_wide_ones_become_paragraphs() -> None:
    narrow = Report(title="T", summary="s", parts=(Table(columns=("name", "n"), rows=(("checkout", "3"),)),))
    assert "`name      n`\n`checkout  3`" in words_of(report_blocks(narrow))
    columns = ("service", "environment", "runs", "state")
    wide = Table(columns=columns, rows=(("checkout", "production", "v41", "all replicas are up to date"),))
    assert "*checkout* · environment production · runs v41 · state all replicas are up to date" in words_of(
        report_blocks(Report(title="T", summary="s", parts=(wide,)))
    )


def test_words_are_made_harmless() -> None:
    assert safe("<!channel> & *x*") == "&lt;!channel&gt; &amp; ∗x∗"
    assert code("a`b") == "`aˋb`"
    assert code_lines("a\n```b\n\nc") == "`a`\n`ˋˋˋb`\n` `\n`c`"
    assert code_lines("\n".join("line" for _ in range(99)), 40) == "`line`\n`line`\n`line`\n… (see Details)"
    assert plain("<@U1>\n\u202eabc", 50) == "‹@U1› abc"
    assert safe("&" * 100, 12) == "&amp;&amp;…"
    assert clip("abcdef", 4) == "abc…"
    assert mention("U01DEV") == "<@U01DEV>"
    assert mention("U1> <!channel") == "U1&gt; &lt;!channel"


def test_what_slack_made_of_words_becomes_words_again() -> None:
    typed = (
        "deploy <http://registry.example/checkout|registry.example/checkout>:v42 &amp; tell <#C1|general> <https://a.b>"
    )
    assert unslacked(typed) == "deploy registry.example/checkout:v42 & tell #general https://a.b"


def test_spans_are_told_shortly() -> None:
    assert [lasted(timedelta(seconds=s)) for s in (4, 185, 7260)] == ["4 s", "3 min 5 s", "2 h 1 min"]


def test_those_who_may_approve_are_called_by_their_accounts() -> None:
    card = a_card("Platform Lead or SRE")
    texts = str(card_blocks(card, called=["U03LEAD", "U02SRE"]))
    assert "*May approve*\\n<@U03LEAD> or <@U02SRE>" in texts
    assert "*May approve*\\nPlatform Lead or SRE" in str(card_blocks(card))


def test_a_card_says_until_when_the_service_is_watched_and_then_what_was_found() -> None:
    due = datetime(2026, 11, 23, 14, 5, tzinfo=UTC)
    watched = {"blocks": card_blocks(a_card(status=Status.SUCCEEDED, watched_until=due))}
    assert "Watching how it does until <!date^1795442700^{time}|14:05 UTC>." in words_of(watched)
    judged = a_card(status=Status.SUCCEEDED, health="healthy – errors 0.2 % → 0.2 % (5 min)", health_mark="💚")
    assert "💚 Verdict: healthy – errors 0.2 % → 0.2 % (5 min)" in words_of({"blocks": card_blocks(judged)})
    back = tuple(replace(step, state="verified") for step in judged.steps)
    failed = replace(judged, status=Status.FAILED, on_failure=back)
    assert "💚 After going back: healthy – errors" in words_of({"blocks": card_blocks(failed)})


def test_a_table_of_two_columns_has_no_names_in_front_of_its_cells() -> None:
    rows = (("2026-11-23 14:05:00", "change: #1 by Developer: set image registry.example/checkout:v43"),)
    table = Table(title="What happened when (UTC)", columns=("time", "what"), rows=rows)
    blocks = {"blocks": report_blocks(Report(title="Diagnosis", summary="", parts=(table,)))}
    assert "*2026-11-23 14:05:00* · change: #1 by Developer" in words_of(blocks)


def test_a_column_without_a_name_has_none_in_a_row_either() -> None:
    columns = ("last", "", "about", "message")
    table = Table(
        columns=columns, rows=(("2 min ago", "warning", "Pod checkout-7820d7b235-d0449", "Back-off restarting"),)
    )
    blocks = {"blocks": report_blocks(Report(title="Events", summary="", parts=(table,)))}
    assert "*2 min ago* · warning · about Pod checkout-7820d7b235-d0449 · message Back-off" in words_of(blocks)
