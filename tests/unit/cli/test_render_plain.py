"""The plain face of cards, reports and answers."""

from datetime import timedelta

from bot.cli.render.plain import plain_answer, plain_card, plain_report
from bot.usecases.answers import Clarify, Exit, Failed, Refused
from skills.core.plan import FieldChange
from skills.core.proposal import Status
from skills.core.report import Command, Finding, Report, Table, Text
from tests.unit.cli.cards import NOW, a_card, a_step


def test_a_pending_card_says_everything_that_an_approver_has_to_know() -> None:
    assert plain_card(a_card(), now=NOW) == (
        "#3 Deploy checkout v42 to production: pending\n"
        "  Requested by: Developer, “deploy checkout v42 to production”\n"
        "  Step: set image checkout in production (Deployment production/checkout)\n"
        "    v41 → v42\n"
        "    - spec.image: v41\n"
        "    + spec.image: v42\n"
        "  Risk: high: production is protected\n"
        "  Blast radius: web\n"
        "  If it fails: set image back: v42 → v41\n"
        "  Verdict: needs 1 approval, has 0\n"
        "    A second person looks at every change to production.\n"
        "  May approve: SRE\n"
        "  Expires: 12:15 UTC, in 15 min"
    )


def test_a_settled_card_says_how_it_ended_and_no_longer_who_may_approve() -> None:
    card = a_card(
        status=Status.FAILED,
        outcome="The container crashes at start.",
        took=timedelta(seconds=62),
        approved_by=("SRE at 12:01 UTC",),
        expires_at=None,
        steps=(a_step(state="failed", text="It crashes.", wanted=3, updated=1, ready=2, log=("boom",)),),
        on_failure=(a_step(state="verified", text="All is as before.", diff=(), compensating=True),),
    )
    text = plain_card(card, now=NOW)
    assert "    ✗ 1 of 3 updated, 2 ready: It crashes.\n    │ boom\n" in text
    assert "    ✓ going back: All is as before.\n" in text
    assert "  Approved by: SRE at 12:01 UTC\n" in text
    assert text.endswith("  Outcome: The container crashes at start. (1 min 2 s)")
    assert "May approve" not in text


def test_details_add_the_digest_and_where_the_audit_entries_are() -> None:
    text = plain_card(a_card(), now=NOW, details=True)
    assert text.endswith(f"  Digest: {'5' * 64}\n  Audit: countersign audit list --subject proposal/3")


def test_a_long_diff_is_cut_short_unless_details_are_wanted() -> None:
    diff = tuple(FieldChange(path=f"spec.f{n}", before=None, after="x") for n in range(20))
    card = a_card(steps=(a_step(diff=diff),))
    assert "    and 8 more fields\n" in plain_card(card, now=NOW)
    assert "+ spec.f19: x" in plain_card(card, now=NOW, details=True)


def test_several_steps_are_numbered() -> None:
    text = plain_card(a_card(steps=(a_step(), a_step(action="restart"))), now=NOW)
    assert "  Step 1: set image" in text
    assert "  Step 2: restart" in text


def test_without_a_way_back_the_card_says_so() -> None:
    text = plain_card(a_card(on_failure=()), now=NOW)
    assert "  If it fails: it stays as it is and you are told\n" in text


def test_escape_sequences_in_logs_and_words_are_shown_and_not_obeyed() -> None:
    card = a_card(words="\x1b[2Jdeploy \u202ekcor", steps=(a_step(state="failed", log=("\x1b]0;owned\x07", "a\rb")),))
    text = plain_card(card, now=NOW)
    assert "“\\x1b[2Jdeploy \\u202ekcor”" in text
    assert "│ \\x1b]0;owned\\x07\n" in text
    assert "│ a\\x0db\n" in text
    assert not set(text) & set("\x1b\x07\r\u202e")


def test_a_report_is_a_title_a_sentence_and_aligned_columns() -> None:
    table = Table(title="Now", columns=("service", "runs"), rows=(("checkout", "v42"), ("web", "v41")))
    report = Report(title="Status", summary="All 2 are healthy.", parts=(table,))
    assert plain_report(report, now=NOW) == (
        "Status\nAll 2 are healthy.\nNow\nservice   runs\ncheckout  v42\nweb       v41"
    )


def test_findings_keep_their_evidence_and_commands_say_what_they_do() -> None:
    report = Report(
        title="T",
        summary="S.",
        parts=(
            Finding(text="It is down.", evidence=("exit code 1",)),
            Command(text="pending", does="show what waits"),
            Command(text="status", does=""),
            Text(text="S."),
        ),
    )
    assert plain_report(report, now=NOW) == "T\nS.\nIt is down.\n  - exit code 1\n  pending: show what waits\n  status"


def test_a_question_offers_whole_requests() -> None:
    answer = Clarify(text="Which environment?", completions=("status checkout in staging",))
    assert plain_answer(answer, now=NOW) == "Which environment?\n  status checkout in staging"


def test_a_refusal_gives_the_reasons_that_its_sentence_does_not_say_already() -> None:
    answer = Refused(text="Guests cannot ask.", reasons=("Guests cannot ask.", "Policy p."))
    assert plain_answer(answer, now=NOW) == "Refused: Guests cannot ask.\n  Policy p."


def test_a_bug_is_told_with_its_reference_once() -> None:
    quoted = Failed(text="Quote ab12 to an administrator.", exit=Exit.BUG, reference="ab12")
    assert plain_answer(quoted, now=NOW) == "Quote ab12 to an administrator."
    bare = Failed(text="Something went wrong.", exit=Exit.BUG, reference="ab12")
    assert plain_answer(bare, now=NOW) == "Something went wrong. (reference ab12)"
