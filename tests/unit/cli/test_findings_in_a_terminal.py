"""Findings, offers and charts as lines and in colours."""

import io
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.cli.chat import Conversation, first_person
from bot.cli.picture import write_pictures
from bot.cli.render.panels import rich_report
from bot.cli.render.plain import plain_report
from bot.cli.render.times import since
from bot.cli.screen import Screen
from bot.usecases.answers import Answered, Clarify, Exit
from skills.core.names import SkillName
from skills.core.report import Curve, Report
from tests.support.reports import NOON, ROLLBACK, a_chart, a_finding, a_report
from tests.support.worlds import Office, open_office

FINDING = """\
The image registry.example/checkout:v43 does not exist.
  error · certain · since 11:35 UTC, 25 min ago
  image missing → pods cannot start → rollout stuck → no endpoints
  To do: Go back to v41, which is known to be good.
  1) rollback checkout in production: go back to v41
  - Pod checkout-0: ImagePullBackOff, manifest unknown
"""


def panel(report: Report, width: int) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, markup=False, highlight=False).print(rich_report(report, now=NOON, width=width))
    return stream.getvalue()


def test_a_finding_says_the_cause_first_and_the_proof_last() -> None:
    text = plain_report(a_report(a_finding()), now=NOON, numbers={ROLLBACK.text: 1})
    assert FINDING in text
    assert text.endswith("and 2 more observations; “ask --json” has them all")


def test_a_long_time_ago_is_told_with_its_day() -> None:
    assert since(NOON - timedelta(days=3), NOON) == "since 2026-11-20 12:00 UTC, 3 days ago"


def test_without_numbers_an_offer_is_what_to_type() -> None:
    assert "\n  rollback checkout in production: go back to v41\n" in plain_report(a_report(a_finding()), now=NOON)


def test_a_chart_is_its_table_where_things_are_plain_and_its_course_in_a_wide_terminal() -> None:
    report = a_report(a_chart())
    assert "p99  250 ms  1.2 s" in plain_report(report, now=NOON)
    wide, narrow = panel(report, 100), panel(report, 40)
    assert "▲ 12:40 deploy v43" in wide
    assert "now 1.2 s" in wide
    assert "250 ms" in narrow
    assert "▁" not in narrow


def test_names_of_curves_cannot_move_the_cursor() -> None:
    evil = a_chart(curves=(Curve(name="\x1b[2J\nevil", points=a_chart().curves[0].points),))
    assert "\x1b" not in panel(a_report(evil), 100)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def test_the_number_of_an_offer_makes_the_request(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def answer(*_: Any, **__: Any) -> Report:
        return a_report()

    monkeypatch.setattr(office.world.skills[SkillName("status")], "answer", answer)
    lines = ("1", "status", "0", "2", "00001", "1", "/quit")
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    world = office.world
    await Conversation(world, Screen(plain=True, clock=world.clock), first_person(world)).hold()

    out = capsys.readouterr().out
    assert "  1) rollback checkout in production: go back to v41\n" in out
    (proposal,) = await world.store.open()
    assert proposal.origin.words == ROLLBACK.text
    said = "Developer, by choosing “rollback checkout in production”, offered by the report “Troubleshoot checkout in production”"
    assert f"  Requested by: {said}\n" in out


async def test_charts_become_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = Answered(report=a_report(a_chart(), a_chart()))
    assert await write_pictures(answer, tmp_path / "latency.png", cache=tmp_path) is Exit.DONE
    assert (tmp_path / "latency.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "latency-2.png").exists()
    assert f"The picture is in {tmp_path}/latency-2.png.\n" in capsys.readouterr().err


async def test_why_there_is_no_picture_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for answer in (Clarify(text="Which?"), Answered(report=a_report(a_finding()))):
        assert await write_pictures(answer, tmp_path / "a.png", cache=tmp_path) is Exit.CLARIFY
    assert "There is no chart in that answer, so no picture was written.\n" in capsys.readouterr().err
    chart = Answered(report=a_report(a_chart()))
    assert await write_pictures(chart, tmp_path / "no" / "a.png", cache=tmp_path) is Exit.CLARIFY
    assert "a.png cannot be written: No such file or directory.\n" in capsys.readouterr().err
