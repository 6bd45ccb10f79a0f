"""Why is it down? The answer, its picture, and a button that proposes what to do, pressed by whoever is awake."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import World
from skills.core.names import SkillName
from skills.core.report import Report
from tests.support.reports import a_report
from tests.support.slack import DEV, GUEST, SRE, buttons, words_of
from tests.support.slack_office import Scene, bot, scene

ASKED = "status checkout in production"
OFFER = "rollback checkout in production"


def finds(world: World, monkeypatch: pytest.MonkeyPatch, report: Report) -> None:
    """From now on this is what there is to say about the status of anything."""

    async def answer(*_: Any, **__: Any) -> Report:
        return report

    monkeypatch.setattr(world.skills[SkillName("status")], "answer", answer)


async def reported(told: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, Any]]:
    finds(told.bot.world, monkeypatch, a_report())
    asked = await told.slack.mention(DEV, ASKED)
    return asked, await told.slack.wait_for(lambda m: "To do:" in words_of(m))


async def test_the_answer_comes_with_its_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as told:
        asked, answer = await reported(told, monkeypatch)
        picture = await told.slack.wait_for(lambda m: bool(m.get("files")))

        assert "🔴 *The image registry.example/checkout:v43 does not exist.*" in words_of(answer)
        assert "p99  250 ms  1.2 s" in words_of(answer)
        assert answer["thread_ts"] == picture["thread_ts"] == asked
        (file,) = picture["files"]
        assert file["title"] == "Latency of checkout"
        assert file["mimetype"] == "image/png"
        assert len(told.strict.made("files.completeUploadExternal")) == 1
        assert told.strict.made("upload")[0].arguments["bytes"] > 10_000


async def test_whoever_presses_asks_and_somebody_else_approves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as told:
        asked, answer = await reported(told, monkeypatch)
        await told.slack.press(SRE, answer, OFFER)
        await told.slack.press(SRE, answer, OFFER)
        card = await told.slack.wait_for(lambda m: "#1 Roll" in words_of(m))

        assert card["thread_ts"] == asked
        said = "SRE pressed: “rollback checkout in production”, offered by the report “Troubleshoot checkout in production”"
        assert said in words_of(card)
        proposal = await told.proposal(1)
        assert (proposal.requester, proposal.status.value) == ("sre", "pending")
        await told.slack.press(SRE, card, "Approve")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        assert "somebody else has to approve it" in words_of(no)
        assert len(await told.bot.world.store.open()) == 1

        await told.slack.press(DEV, answer, OFFER)
        await told.slack.wait_for(lambda m: "#2 Roll" in words_of(m))
        assert (await told.proposal(2)).requester == "dev"


async def test_who_may_not_ask_is_refused_by_button_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(tmp_path) as told:
        _, answer = await reported(told, monkeypatch)
        await told.slack.press(GUEST, answer, OFFER)
        no = await told.slack.wait_for(lambda m: "🚫" in words_of(m))
        assert "You typed" not in words_of(no)
        assert not await told.bot.world.store.open()


async def test_a_button_works_after_a_restart_and_one_that_was_made_up_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path) as told:
        _, answer = await reported(told, monkeypatch)
        await told.bot.die()
        async with bot(told.data, told.strict.url) as again:
            await again.ready()
            await told.slack.press(SRE, answer, OFFER)
            await told.slack.wait_for(lambda m: "#1 Roll" in words_of(m))

            forged = {**buttons(answer)[0], "value": "made-up.0"}
            await told.slack.interact(DEV, answer, forged)
            old = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
            assert "That offer is too old. Ask again, and look at what is the case now." in words_of(old)


async def test_a_slash_command_is_answered_to_one_person_without_a_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with scene(tmp_path) as told:
        finds(told.bot.world, monkeypatch, a_report())
        await told.slack.command(DEV, "/ops", ASKED)
        answer = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "To see the chart as a picture, mention me in a channel" in words_of(answer)

        await told.slack.press(DEV, answer, OFFER)
        card = await told.slack.wait_for(lambda m: "#1 Roll" in words_of(m))
        assert not card.get("thread_ts")
        assert told.strict.made("files.completeUploadExternal") == []


async def a_minute_after(told: Scene, number: int) -> None:
    """Until there is enough to see of a run that has ended."""
    settled = (await told.proposal(number)).settled_at
    assert settled is not None
    while told.bot.world.clock() < settled + timedelta(minutes=1):
        await asyncio.sleep(0.05)


WHY = "why is checkout failing in production?"


async def test_somebody_asks_why_and_one_press_and_one_approval_later_it_is_healthy(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v50 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v50" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "Verdict: degraded" in words_of(m))

        await a_minute_after(told, 1)
        asked = await told.slack.mention(DEV, WHY)
        answer = await told.slack.wait_for(lambda m: m.get("thread_ts") == asked and "To do:" in words_of(m))
        words = words_of(answer)
        assert "% of the requests to checkout fail since" in words
        assert "and it was 0.2 % before" in words
        assert "#1 by Developer: set image registry.example/checkout:v41 → registry.example/checkout:v50" in words
        picture = await told.slack.wait_for(lambda m: m.get("thread_ts") == asked and bool(m.get("files")))
        assert picture["files"][0]["title"] == "Errors"

        await told.slack.press(DEV, answer, OFFER)
        back = await told.slack.wait_for(lambda m: "#2 Roll checkout in production back" in words_of(m))
        assert back["thread_ts"] == asked
        await told.slack.press(SRE, back, "Approve")
        await told.slack.wait_for(lambda m: m["ts"] == back["ts"] and "Verdict: healthy" in words_of(m))
        assert [(await told.proposal(n)).status.value for n in (1, 2)] == ["succeeded", "succeeded"]
