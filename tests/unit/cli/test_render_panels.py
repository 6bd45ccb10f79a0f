"""The face with panels and colours."""

import io

import pytest
from rich.console import Console, RenderableType

from bot.cli.render.panels import rich_answer, rich_card, rich_report
from bot.usecases.answers import Clarify, Exit, Explained, Failed, Prose, Refused, Source, Stopped
from skills.core.proposal import Status
from skills.core.report import Command, Finding, Report, Table
from tests.unit.cli.cards import NOW, a_card, a_step


def rendered(what: RenderableType, *, width: int = 100, colours: bool = False, no_color: bool = False) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=colours, color_system="standard" if colours else None,
        no_color=no_color, markup=False, highlight=False, legacy_windows=False,
    )  # fmt: skip
    console.print(what)
    return stream.getvalue()


def test_a_card_is_a_panel_that_says_where_it_stands() -> None:
    lines = rendered(rich_card(a_card(), now=NOW, width=72), width=72).splitlines()
    assert lines[0].startswith("╭─ #3 Deploy checkout v42 to production ─")
    assert lines[-1].endswith("⏳ pending ─╯")
    assert any("May approve   SRE" in line for line in lines)


@pytest.mark.parametrize("width", [40, 41, 59, 60, 80, 100, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    card = a_card(steps=(a_step(before="registry.example/checkout:" + "a" * 90, state="failed", log=("x" * 300,)),))
    for line in rendered(rich_card(card, now=NOW, width=width), width=width).splitlines():
        assert len(line) <= width


def test_a_narrow_terminal_loses_no_words() -> None:
    text = rendered(rich_card(a_card(), now=NOW, width=40), width=40)
    for word in ("Requested by", "Blast radius", "If it fails", "May approve", "Expires", "+ spec.image: v42"):
        assert word in text


def test_risk_and_diff_are_coloured() -> None:
    text = rendered(rich_card(a_card(), now=NOW, width=100), colours=True)
    assert "\x1b[31m- spec.image: v41" in text
    assert "\x1b[32m+ spec.image: v42" in text


def test_no_color_leaves_no_colour() -> None:
    text = rendered(rich_card(a_card(), now=NOW, width=100), colours=True, no_color=True)
    assert "\x1b[3" not in text


def test_square_brackets_from_elsewhere_are_no_markup() -> None:
    report = Report(title="[bold]T[/bold]", summary="[link=x]S", parts=(Table(columns=("[red]c",), rows=(("[x]",),)),))
    text = rendered(rich_report(report, now=NOW, width=100), colours=True)
    assert "[bold]T[/bold]" in text
    assert "[link=x]S" in text
    assert "[red]c" in text


def test_escape_sequences_are_shown_in_panels_too() -> None:
    card = a_card(status=Status.FAILED, outcome="\x1b[2J gone", title="\x9b2J", steps=(a_step(log=("\x1b[31m",)),))
    text = rendered(rich_card(card, now=NOW, width=100))
    assert "\\x1b[2J gone" in text
    assert "\\x9b2J" in text
    assert "│ \\x1b[31m" in text
    assert not set(text) & set("\x1b\x9b")


def test_a_report_shows_tables_findings_and_commands() -> None:
    table = Table(columns=("service", "runs"), rows=(("web", "v41"),))
    parts = (table, Finding(text="It is down.", evidence=("exit 1",)), Command(text="pending", does="show"))
    text = rendered(rich_report(Report(title="Status", summary="One is down.", parts=parts), now=NOW, width=100))
    for words in ("Status\nOne is down.", "service   runs", "● It is down.", "    - exit 1", "  pending: show"):
        assert words in text


def test_each_kind_of_no_has_its_own_mark() -> None:
    marks = {
        "? Which?": Clarify(text="Which?"),
        "✋ No.": Refused(text="No.", reasons=("No.",)),
        "✗ Down.": Failed(text="Down.", exit=Exit.UNAVAILABLE),
    }
    for text, answer in marks.items():
        assert rendered(rich_answer(answer, now=NOW, width=80)).strip() == text


def test_a_table_that_does_not_fit_a_narrow_terminal_becomes_blocks() -> None:
    table = Table(
        columns=("service", "runs", "changed by", ""), rows=(("checkout", "v42", "Developer (#1)", "now"),) * 2
    )
    report = Report(title="Status", summary="Fine.", parts=(table,))
    block = "checkout\n  runs: v42\n  changed by: Developer (#1)\n  now\n"
    assert rendered(rich_report(report, now=NOW, width=30), width=30) == f"Status\nFine.\n{block}{block}"
    assert "checkout   v42    Developer (#1)   now" in rendered(rich_report(report, now=NOW, width=60), width=60)


def test_a_models_words_stand_in_a_frame_of_their_own_below_the_reports() -> None:
    report = Report(title="Status", summary="checkout runs v41.")
    sources = (Source(skill="status", asked="status checkout", report=report),)
    prose = Prose(text="Nothing \x1b[31mdiffers.", model="gpt-x")
    text = rendered(rich_answer(Explained(prose=prose, sources=sources), now=NOW, width=80))
    assert text.startswith("Status\ncheckout runs v41.\n\n+- In the words of gpt-x, which nobody has checked -")
    assert "| Nothing \\x1b[31mdiffers." in text
    broken = Explained(
        prose=Prose(text="", model="gpt-x"), sources=sources, note="It took too long; here is what was read."
    )
    assert rendered(rich_answer(broken, now=NOW, width=80)) == (
        "Status\ncheckout runs v41.\n\nIt took too long; here is what was read.\n"
    )
    assert rendered(rich_answer(Stopped(), now=NOW, width=80)) == "⏹ Stopped, as you asked. Nothing was changed.\n"
