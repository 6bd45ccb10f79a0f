"""“No, payments-api”: what was asked for by mistake is taken back, once the right thing is proposed."""

from bot.nl import Turn
from bot.usecases.answers import Answer, Proposed
from skills.core.proposal import Origin, Status
from tests.support.worlds import Office


async def say(office: Office, who: str, text: str, thread: tuple[Turn, ...] = (), *, channel: str = "C1") -> Answer:
    origin = Origin(edge="slack", words=text, place={"channel": channel})
    actor = office.world.actor(who)
    return await office.world.door.request(actor, text, origin=origin, key=f"{who} {text} {channel}", thread=thread)


async def after(office: Office, who: str, text: str, *, channel: str = "C1") -> tuple[Turn, ...]:
    """The thread after somebody has asked for something."""
    answer = await say(office, who, text, channel=channel)
    return Turn(who=who, text=text), answer.turn


async def test_a_correction_cancels_what_it_corrects(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production")
    answer = await say(office, "dev", "no, payments-api", thread)
    assert isinstance(answer, Proposed)
    assert answer.proposal.plan.services == ("payments-api",)
    assert answer.note == "I cancelled #1, which this corrects."
    wrong = await office.proposal(1)
    assert wrong.status is Status.CANCELLED
    assert [(each.subject, each.reason) for each in wrong.decisions] == [("dev", "Corrected to #2.")]
    assert "proposal:cancel" in await office.verbs(1)


async def test_a_correction_of_where_does_so_too(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production")
    answer = await say(office, "dev", "sorry, I meant staging", thread)
    assert isinstance(answer, Proposed)
    assert (await office.proposal(1)).status is Status.CANCELLED


async def test_asking_for_more_cancels_nothing(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production")
    answer = await say(office, "dev", "same for payments-api", thread)
    assert isinstance(answer, Proposed)
    assert answer.note == ""
    assert (await office.proposal(1)).status is Status.PENDING


async def test_nobody_corrects_what_somebody_else_asked_for(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production")
    answer = await say(office, "sre", "no, payments-api", thread)
    assert isinstance(answer, Proposed)
    assert answer.note == ""
    assert (await office.proposal(1)).status is Status.PENDING


async def test_what_was_asked_for_elsewhere_stays(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production", channel="C2")
    await say(office, "dev", "no, payments-api", thread)
    assert (await office.proposal(1)).status is Status.PENDING


async def test_what_does_not_wait_any_more_stays_as_it_is(office: Office) -> None:
    thread = await after(office, "dev", "please restart checkout in production")
    await office.say("sre", "approve 1")
    answer = await say(office, "dev", "no, payments-api", thread)
    assert isinstance(answer, Proposed)
    assert answer.note == ""
    assert (await office.proposal(1)).status is Status.APPROVED
