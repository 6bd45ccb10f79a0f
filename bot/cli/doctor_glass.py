"""`doctor` on emergencies: who may let changes through, where that is told, and what nobody has reviewed."""

from bot.bootstrap import Check, World
from bot.slack.notices import EVERYWHERE_ELSE
from skills.core import durations
from skills.core.errors import Anticipated
from skills.core.glass import PURPOSE


async def break_glass(world: World) -> Check:
    """Off is well. On is well where it is told in a second place, and where nothing waits for a review for too long."""
    what, rules = "break-glass", world.configuration.break_glass
    if rules is None:
        return Check(what=what, ok=True, text="off")
    whose = "also for what they asked for themselves" if rules.by_requester else "for what others asked for"
    on = f"ON: {', '.join(sorted(rules.roles))} may, {whose}, for {durations.spelled(rules.holds)}"
    slack = world.configuration.slack
    if slack.bot_token and not (slack.channels.keys() & {PURPOSE, EVERYWHERE_ELSE}):
        text = f"{on}. It is told in no channel: set slack.channels.{PURPOSE} in organization.yaml."
        return Check(what=what, ok=False, text=text)
    try:
        waiting = await world.store.glasses.unreviewed()
    except Anticipated as problem:
        return Check(what=what, ok=False, text=f"{on}. {problem}")
    late = [f"#{each.proposal}" for each in waiting if each.review_due <= world.clock()]
    if late:
        return Check(what=what, ok=False, text=f"{on}. Not reviewed in time: {', '.join(late)}. Say “glass review …”.")
    return Check(what=what, ok=True, text=f"{on}; {len(waiting)} not reviewed yet")
