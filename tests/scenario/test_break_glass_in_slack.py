"""An emergency: one person lets a change through from its card, others hear of it at once, and it runs."""

from pathlib import Path

from skills.core.proposal import Status
from tests.support.slack import DEPLOYS, DEV, SRE, words_of
from tests.support.slack_office import scene

ALSO = """
break_glass:
  roles: [sre]
  minutes: 60
"""


async def test_glass_is_broken_by_a_button_and_told_to_whoever_asked(tmp_path: Path) -> None:
    async with scene(tmp_path, also=ALSO, channels=f"break-glass: {DEPLOYS}") as told:
        await told.slack.mention(SRE, "incident declare checkout is down sev1")
        await told.slack.wait_for(lambda m: "Incident #1" in words_of(m) or "incident #1" in words_of(m))
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(
            lambda m: "Deploy checkout v42" in words_of(m) and "May approve" in words_of(m)
        )

        await told.slack.press(SRE, card, "Break glass…")
        await told.opened("Break glass for #1")
        await told.slack.submit(SRE, {"incident": {"incident": "#7"}, "why": {"reason": "nobody else is awake"}})
        no = await told.slack.wait_for(lambda m: "There is no incident #7." in words_of(m))
        assert "You typed: “break glass 1 incident 7 because nobody else is awake”" in words_of(no)

        await told.slack.press(SRE, card, "Break glass…")
        await told.opened("Break glass for #1")
        await told.slack.submit(SRE, {"incident": {"incident": "#1"}, "why": {"reason": "nobody else is awake"}})
        loud = await told.slack.wait_for(lambda m: "Glass broken: #1" in words_of(m), channel=DEPLOYS)
        assert "SRE broke the glass" in words_of(loud)
        assert "nobody else is awake" in words_of(loud)
        await told.slack.wait_for(lambda m: "✅ #1" in words_of(m) and "Broken glass" in words_of(m))
        proposal = await told.proposal(1)
        assert proposal.status is Status.SUCCEEDED
        assert proposal.approvals == ()


async def test_where_it_is_turned_off_no_card_has_such_a_button(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(
            lambda m: "Deploy checkout v42" in words_of(m) and "May approve" in words_of(m)
        )
        assert "Break glass" not in str(card)
