"""The release rolls out and then answers badly: the verdict says so, one press proposes the way back, and nothing is done by itself."""

from pathlib import Path

from skills.core.proposal import Status
from tests.support.slack import DEV, SRE, buttons, words_of
from tests.support.slack_office import scene

PROPOSE = "Propose: rollback checkout in production"


async def test_a_degraded_service_is_told_and_the_way_back_is_one_press_and_one_approval(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v50 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v50" in words_of(m))
        await told.slack.press(SRE, card, "Approve")

        worse = await told.slack.wait_for(lambda m: m["ts"] != card["ts"] and "Verdict: degraded" in words_of(m))
        assert f"<@{DEV}> 🔴 Verdict: degraded – errors 0.2 % → 8." in words_of(worse)
        assert "of requests fail, and it was 0.2 % before." in words_of(worse)
        judged = await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "Verdict: degraded" in words_of(m))
        assert PROPOSE in [button["text"]["text"] for button in buttons(judged)]
        assert (await told.proposal(1)).status is Status.SUCCEEDED
        assert len(await told.bot.world.store.proposals()) == 1

        await told.slack.press(SRE, judged, PROPOSE)
        await told.slack.press(SRE, judged, PROPOSE)
        back = await told.slack.wait_for(lambda m: "#2 Roll checkout in production back" in words_of(m))
        asked = await told.proposal(2)
        assert (asked.status, asked.requester) == (Status.PENDING, "sre")
        await told.slack.press(DEV, back, "Approve")
        assert len(await told.bot.world.store.proposals()) == 2
