"""The main story: asked for in a channel, countersigned by a second person, carried out in front of everybody."""

from pathlib import Path

from tests.support.slack import DEV, SRE, buttons, words_of
from tests.support.slack_office import scene


async def test_a_second_person_approves_and_the_card_follows_the_release(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        asked = await told.slack.mention(DEV, "deploy checkout v42 to production because the fix is urgent")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42 to production" in words_of(m))

        assert card["thread_ts"] == asked
        assert [button["text"]["text"] for button in buttons(card)] == ["Approve", "Reject…", "Details", "Cancel"]
        assert "*May approve*\n<@U03LEAD> or <@U02SRE>" in words_of(card)
        assert "`registry.example/checkout:v41` → `registry.example/checkout:v42`" in words_of(card)

        await told.slack.press(DEV, card, "Approve")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "Developer asked for #1; somebody else has to approve it." in words_of(no)

        await told.slack.press(SRE, card, "Approve")
        done = await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "✅ #1" in words_of(m))
        last = await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))

        assert "*Approved by*\nSRE at" in words_of(done)
        assert [button["text"]["text"] for button in buttons(done)] == ["Details"]
        assert last["thread_ts"] == asked
        finals = [m for m in await told.slack.from_bot() if f"<@{DEV}>" in words_of(m)]
        assert len(finals) == 1
        assert "✅ #1 Deploy checkout v42 to production" in words_of(last)
