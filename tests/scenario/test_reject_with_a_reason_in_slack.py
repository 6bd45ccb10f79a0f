"""Somebody says no, and why; the requester reads it, once."""

from pathlib import Path

from tests.support.slack import DEV, SRE, words_of
from tests.support.slack_office import scene


async def test_the_reason_of_a_rejection_reaches_the_requester(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))

        await told.slack.press(SRE, card, "Reject…")
        await told.opened("Reject #1")
        await told.slack.submit(SRE, {"why": {"reason": "not during the <!channel> sale"}})

        last = await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        assert (
            "🚫 #1 Deploy checkout v42 to production (from v41): rejected by SRE: not during the &lt;!channel&gt; sale"
            in (words_of(last))
        )


async def test_the_requester_is_told_to_cancel_instead_of_rejecting(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))

        await told.slack.press(DEV, card, "Reject…")
        await told.opened("Reject #1")
        await told.slack.submit(DEV, {"why": {"reason": "I changed my mind"}})
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "Developer asked for #1; cancel it instead." in words_of(no)

        await told.slack.press(DEV, card, "Cancel")
        await told.slack.wait_for(
            lambda m: f"<@{DEV}>" in words_of(m) and "(from v41): cancelled by Developer." in words_of(m)
        )


async def test_details_show_the_whole_plan_and_its_digest(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))

        await told.slack.press(SRE, card, "Details")
        view = await told.opened("Proposal #1")

        proposal = await told.proposal(1)
        assert proposal.digest in words_of(view)
        assert "countersign audit list --subject proposal/1" in words_of(view)
        assert "Step 1: set image" in words_of(view)
        assert "If it fails: set image back" in words_of(view)
