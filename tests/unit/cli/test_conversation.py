"""A conversation, its completions and what it tells of running changes."""

import asyncio
import io
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.bootstrap import World
from bot.cli.chat import Conversation, first_person
from bot.cli.completing import completions
from bot.cli.followers import Followers
from bot.cli.screen import Screen
from bot.usecases.answers import Proposed
from skills.core.names import ProposalId
from tests.support.worlds import Office, open_office


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def talk(world: World, monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(lines) + "\n"))
    screen = Screen(plain=True, clock=world.clock)
    await Conversation(world, screen, first_person(world)).hold()


async def test_each_line_is_shown_behind_the_person_it_comes_from(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(
        office.world, monkeypatch, "deploy checkout v42 to production", "/as sre", "reject 1 not now", "/quit", "status"
    )
    out = capsys.readouterr().out
    assert out.startswith("Acme Platform: you are Developer. /help says what you can do, /quit leaves.\n")
    assert "dev › deploy checkout v42 to production\n#1 Deploy checkout v42 to production (from v41): pending\n" in out
    assert "dev › /as sre\nYou are SRE now.\n" in out
    assert (
        "sre › reject 1 not now\n🚫 #1 Deploy checkout v42 to production (from v41): rejected by SRE: not now\n" in out
    )
    assert out.endswith("sre › /quit\n")


async def test_somebody_unknown_is_a_sentence_and_changes_nobody(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(office.world, monkeypatch, "/as nobody", "/as", "/details 99", "/details " + "9" * 5000)
    out = capsys.readouterr().out
    assert "dev › /as nobody\nI know no person called “nobody”. Known: dev, guest, lead, sre.\n" in out
    assert "I know no proposal “99”. “pending” lists those that are open.\n" in out


async def test_a_slash_before_a_request_is_forgiven(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(office.world, monkeypatch, "/status search in staging")
    assert "search runs v41 in staging: healthy, 1 of 1 replica" in capsys.readouterr().out


async def test_details_show_the_digest(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(office.world, monkeypatch, "deploy checkout v42 to production", "/details #1")
    assert f"  Digest: {(await office.proposal(1)).digest}\n" in capsys.readouterr().out


async def test_help_also_tells_what_only_a_terminal_knows(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(office.world, monkeypatch, "/help")
    out = capsys.readouterr().out
    assert "deploy checkout v42 to production" in out
    assert "  /as PERSON   go on as somebody else; this terminal takes you at your word\n" in out


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("de", ["deploy"]),
        ("/", ["/as", "/details", "/help", "/quit"]),
        ("/as s", ["sre"]),
        ("deploy che", ["checkout"]),
        ("deploy checkout v42 to pro", ["production"]),
        ("deploy zzz", []),
        ("", []),
    ],
)
async def test_the_last_word_is_completed_from_what_exists(office: Office, line: str, expected: list[str]) -> None:
    assert list(completions(office.world, line)) == expected


async def test_a_conversation_goes_on_where_it_was(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ("is search ok in staging?", "no, checkout", "deploy search v42 to production", "do the same for checkout")
    await talk(office.world, monkeypatch, *lines)
    out = capsys.readouterr().out
    assert "Understood: status search in staging. Not right? Say for example “no, checkout”.\n" in out
    assert "dev › no, checkout\nStatus of checkout in staging\n" in out
    assert "dev › do the same for checkout\n#2 Deploy checkout v42 to production (from v41): pending\n" in out
    assert "  Requested by: Developer, asked in words: «do the same for checkout»\n" in out
    assert "    Not right? Cancel it, and say for example “no, payments-api”.\n" in out


async def test_talk_in_a_conversation_is_left_alone(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    await talk(office.world, monkeypatch, "rolled back the deploy, watching")
    assert capsys.readouterr().out.endswith(
        "I take that as talk about rollback, not as a request for it; nothing is done.\n"
    )
    assert await office.world.store.proposals() == ()


async def test_without_a_conversation_it_is_said_again_in_other_words(office: Office) -> None:
    out = io.StringIO()
    screen = Screen(plain=True, clock=office.time, stream=out)
    screen.taken(await office.say("dev", "is search ok in staging?"), goes_on=False)
    screen.taken(await office.say("dev", "status search in staging"), goes_on=False)
    assert out.getvalue() == "Understood: status search in staging. Not right? Say it in other words.\n"


async def test_how_the_words_of_a_change_were_read_is_told_below_its_card(office: Office) -> None:
    out = io.StringIO()
    proposed = await office.say("dev", "deploy search v42 to production")
    assert isinstance(proposed, Proposed)
    screen = Screen(plain=True, clock=office.time, stream=out)
    screen.taken(replace(proposed, note="The model does not answer; I read this without it."), goes_on=True)
    assert out.getvalue() == "The model does not answer; I read this without it.\n"


async def test_how_a_service_does_after_a_run_is_told_once_it_was_looked_at(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = Screen(plain=True, clock=office.world.clock)
    followers = Followers(office.world, screen)
    await office.say("dev", "deploy checkout v50 to production")
    await office.say("sre", "approve 1")
    followers.follow(ProposalId(1))
    await office.run(1)
    await followers.until_idle()
    told = capsys.readouterr().out
    assert "succeeded" in told
    assert "Verdict" not in told
    office.time.pass_by(seconds=10)
    await office.check_up()
    async with asyncio.timeout(10):
        while "rollback" not in told:
            await asyncio.sleep(0.05)
            told += capsys.readouterr().out
    await followers.stop()
    assert "#1 Verdict: 🔴 degraded – errors 0.2 % → 8." in told
    assert "To go back to v41, say: rollback checkout in production" in told
