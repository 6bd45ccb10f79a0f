"""Access reviews: everybody's roles and teams, asked of somebody else, and what a revocation does."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration import ReviewSettings
from bot.usecases.answers import Answer, Answered, Clarify, Proposed, Refused
from skills.core.campaign import Question, Word
from skills.core.catalog import Person
from skills.core.errors import BadInput, NotAllowed
from skills.core.names import Subject
from skills.core.notice import Notice
from skills.core.proposal import Status
from tests.support.worlds import Office, open_office

LEAD, SRE, DEV = Subject("lead"), Subject("sre"), Subject("dev")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


async def opened(office: Office, **plan: object) -> None:
    """A campaign: 1 and 2 are dev's role and team, 3 and 4 sre's, 5 and 6 lead's."""
    office.world.reviews.plan = replace(office.world.reviews.plan, **plan)  # type: ignore[arg-type]
    await office.world.reviews.open(by="lead", reason="the yearly audit")


async def question(office: Office, number: int) -> Question:
    found = await office.world.store.reviews.question(number)
    assert found is not None
    return found


async def notices(office: Office, key: str) -> list[Notice]:
    return [each for each in await office.world.store.notices.latest() if each.key.startswith(f"access:{key}")]


async def verbs(office: Office) -> list[str]:
    found = await office.world.store.audit.entries(subject="access-review/1")
    return [each.verb.partition(":")[2] for each in found]


def change(office: Office, subject: str, changed: Callable[[Person], Person | None]) -> None:
    """Edit people.yaml, as it were."""
    people = [changed(each) if each.actor.subject == subject else each for each in office.world.catalog.people]
    office.world.catalog.people = tuple(each for each in people if each)


def said(answer: Answer, kind: type[Answer]) -> str:
    assert isinstance(answer, kind), answer.text
    return answer.text


async def test_each_role_and_team_is_asked_of_somebody_else_who_is_told(office: Office) -> None:
    await opened(office)
    asked = await office.world.store.reviews.questions(1)
    assert [(each.person, str(each.membership)) for each in asked] == [
        ("dev", "role/developer"), ("dev", "team/shop"), ("sre", "role/sre"), ("sre", "team/platform"),
        ("lead", "role/platform-lead"), ("lead", "team/platform"),
    ]  # fmt: skip
    told = {str(each.to): each.report.summary for each in await notices(office, "1:asked")}
    assert told == dict.fromkeys(("lead", "sre"), "You are asked about 4 roles and teams of 2 people: may they keep it? Until 2026-12-07 09:00 UTC; then what nobody answered is asked of others.")  # fmt: skip
    assert asked[2].gives[:3] == (
        "use deploy, restart, rightsize, rollback, scale in production",
        "approve deploy, restart, rightsize, rollback, scale in production",
        "use deploy, restart, rightsize, rollback, scale in staging",
    )
    assert await verbs(office) == ["opened", *["asked"] * 6]


async def test_who_is_asked_sees_theirs_and_never_their_own(office: Office) -> None:
    assert said(await office.say("lead", "access"), Answered) == "There was none yet."
    await opened(office)
    assert said(await office.say("lead", "access"), Answered) == (
        "Open, due 2026-12-07 09:00 UTC: 0 kept, 0 revoked, 6 of 6 unanswered. 4 wait for you."
    )
    assert "None waits for you." in said(await office.say("dev", "access"), Answered)
    own = await office.say("lead", "access keep 5 because I need it")
    assert said(own, Refused) == "Nobody answers for their own access."
    other = await office.say("dev", "access keep 3 because why not")
    assert said(other, Refused) == "Question 3 is not for you to answer; it is for Platform Lead."
    assert await verbs(office) == ["opened", *["asked"] * 6]


async def test_what_is_revoked_counts_no_more_from_that_moment_on(office: Office) -> None:
    await opened(office)
    assert isinstance(await office.say("dev", "scale web to 4 in staging"), Proposed)
    answer = await office.say("lead", "access revoke 1 because they moved to another team")
    assert said(answer, Answered) == (
        "Developer no longer has the role developer, from now on: they moved to another team. "
        "It counts again when people.yaml confirms them on a later day."
    )
    assert "No policy lets Developer use scale" in said(await office.say("dev", "scale web to 5 in staging"), Refused)
    (told,) = await notices(office, "revoked")
    assert str(told.to) == "dev"
    assert told.report.summary == (
        "You no longer have the role developer. Platform Lead revoked it: they moved to another team. "
        "It counts again when people.yaml confirms them on a later day (“confirmed”)."
    )
    entry = (await office.world.store.audit.entries(subject="access-review/1"))[-1]
    assert (entry.actor, dict(entry.facts)) == (
        "lead",
        {"question": 1, "person": "dev", "membership": "role/developer", "answer": "revoke", "reason": "they moved to another team"},
    )  # fmt: skip


async def test_another_process_refuses_at_its_very_next_question(office: Office, tmp_path: Path) -> None:
    await opened(office)
    async with open_office(tmp_path, time=office.time) as other:
        assert isinstance(await other.say("dev", "scale web to 4 in staging"), Proposed)
        await office.say("lead", "access revoke 1 because they moved")
        assert isinstance(await other.say("dev", "scale web to 5 in staging"), Refused)
        assert other.world.actor("dev").roles == frozenset()


async def test_an_approval_of_somebody_whose_role_was_revoked_no_longer_counts(office: Office) -> None:
    await opened(office)
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("sre", "approve 1")
    await office.say("lead", "access revoke 3 because they left operations")
    assert (await office.run(1)).status is Status.VOID
    assert office.cluster.effects == ()


async def test_it_is_back_when_the_configuration_confirms_it_later_and_not_before(office: Office) -> None:
    await opened(office)
    await office.say("lead", "access revoke 1 because they moved")
    for day, counts in ((-1, False), (1, False)):
        moment = office.time() + timedelta(days=day)
        change(office, "dev", lambda each, moment=moment: replace(each, confirmed=moment))  # type: ignore[misc]
        assert ("developer" in office.world.actor("dev").roles) is counts
    office.time.pass_by(days=1)
    assert "developer" in office.world.actor("dev").roles
    assert isinstance(await office.say("dev", "scale web to 4 in staging"), Proposed)


async def test_of_two_who_answer_at_once_one_is_heard_and_the_other_told(office: Office) -> None:
    await opened(office, roles={"developer": (LEAD, SRE)})
    answers = await asyncio.gather(
        office.say("lead", "access keep 1 because it is needed"), office.say("sre", "access revoke 1 because it is not")
    )
    first = await question(office, 1)
    assert (
        len([each for each in answers if "has kept it already" in each.text or "has revoked it already" in each.text])
        == 1
    )
    assert (await verbs(office)).count("answered") == 1
    assert first.word in (Word.KEEP, Word.REVOKE)
    assert ("developer" in office.world.actor("dev").roles) is (first.word is Word.KEEP)


async def test_the_same_answer_delivered_twice_is_one(office: Office) -> None:
    await opened(office)
    texts = {(await office.say("lead", "access keep 1 because it is needed", key="d1")).text for _ in range(2)}
    assert texts == {"Developer keeps the role developer: it is needed."}
    assert (await verbs(office)).count("answered") == 1


async def test_what_makes_no_sense_is_said(office: Office) -> None:
    await opened(office)
    for text, expected in {
        "access keep 1": "Whoever reads this later wants to know why. Say: access keep 1 because …",
        "access keep 99 because of it": "I know no question of an access review called “99”.",
    }.items():
        assert expected in said(await office.say("lead", text), Clarify)
    with pytest.raises(NotAllowed, match="Access review 1 is still open"):
        await office.world.reviews.open(by="lead", reason="again")


async def test_where_nobody_else_could_answer_none_is_opened(office: Office) -> None:
    with pytest.raises(BadInput) as refused:
        await opened(office, otherwise=("platform-lead",))
    assert str(refused.value) == (
        "Nobody could answer for Platform Lead (the role platform-lead), Platform Lead (the team platform). "
        "Name another role, too, under access_review.otherwise in organization.yaml."
    )
    assert await office.world.store.reviews.latest() is None


async def test_whoever_has_a_reviewer_or_a_lead_of_their_own_is_asked_about_by_them(office: Office) -> None:
    await opened(office, roles={"developer": (SRE,)}, leads=("platform-lead",), otherwise=("platform-lead", "sre"))
    campaign = await office.world.store.reviews.latest()
    assert campaign is not None
    asked = {
        each.number: [str(actor.subject) for actor in office.world.reviews.asked(campaign, each)]
        for each in await office.world.store.reviews.questions(1)
    }
    assert asked == {1: ["sre"], 2: ["sre", "lead"], 3: ["lead"], 4: ["lead"], 5: ["sre"], 6: ["sre"]}


async def test_a_reminder_comes_once_to_whom_it_concerns(office: Office) -> None:
    await opened(office)
    for number in (1, 2, 3, 4):
        await office.say("lead", f"access keep {number} because it is needed")
    await office.world.reviews.tick()
    assert await notices(office, "1:reminded") == []
    office.time.pass_by(days=12)
    for _ in range(3):
        await office.world.reviews.tick()
    (told,) = await notices(office, "1:reminded")
    assert str(told.to) == "sre"
    assert told.report.summary.startswith("Still waiting for your answer: 2 roles and teams of 1 person.")


async def test_what_nobody_answered_is_revoked_where_that_is_wanted_and_told(office: Office) -> None:
    await opened(office, unanswered="revoke")
    await office.say("sre", "access keep 5 because somebody has to")
    office.time.pass_by(days=14)
    for _ in range(2):
        await office.world.reviews.tick()
    found = [(each.word, each.by, each.reason) for each in await office.world.store.reviews.questions(1)]
    assert found == [
        (Word.KEEP, "sre", "somebody has to") if number == 5 else (Word.REVOKE, "clock", "Nobody answered in time.")
        for number in range(1, 7)
    ]
    assert office.world.actor("sre").roles == frozenset()
    (told,) = await notices(office, "1:closed")
    assert told.report.summary == "1 kept, 5 revoked, 5 of them because nobody answered in time."
    assert (await verbs(office))[-1] == "closed"
    assert (await verbs(office)).count("closed") == 1


async def test_or_others_are_asked_and_nothing_is_taken_away(office: Office) -> None:
    await opened(office, roles={"developer": (SRE,)}, otherwise=("platform-lead", "sre"))
    office.time.pass_by(days=14)
    for _ in range(2):
        await office.world.reviews.tick()
    assert "developer" in office.world.actor("dev").roles
    (told,) = await notices(office, "1:overdue")
    assert told.report.summary == "6 questions are unanswered, and nothing was revoked for it. Others are asked now."
    assert (await verbs(office)).count("escalated") == 1
    assert isinstance(await office.say("lead", "access keep 1 because it is needed"), Answered)
    assert "overdue" in (await office.say("lead", "access")).text


async def test_the_last_answer_ends_it_and_then_it_is_over(office: Office) -> None:
    await opened(office)
    for number in range(1, 7):
        answer = await office.say("lead" if number < 5 else "sre", f"access keep {number} because it is needed")
        assert isinstance(answer, Answered)
    assert (await office.say("lead", "access")).text == "Over since 2026-11-23 09:00 UTC: 6 kept, 0 revoked."
    assert "has kept it already" in (await office.say("lead", "access revoke 1 because of second thoughts")).text
    assert (await verbs(office))[-1] == "closed"
    await opened(office)
    assert (await office.world.store.reviews.latest()).number == 2  # type: ignore[union-attr]


async def test_whoever_is_gone_meanwhile_is_not_asked_about_any_more(office: Office) -> None:
    await opened(office)
    change(office, "dev", lambda each: None)
    change(office, "sre", lambda each: replace(each, actor=replace(each.actor, roles=frozenset({"developer"}))))
    await office.world.reviews.tick()
    found = {each.number: each.word for each in await office.world.store.reviews.questions(1)}
    assert found == {1: Word.GONE, 2: Word.GONE, 3: Word.GONE, 4: None, 5: None, 6: None}


async def test_a_reviewer_who_left_is_not_waited_for(office: Office) -> None:
    await opened(office)
    change(office, "lead", lambda each: replace(each, actor=replace(each.actor, active=False)))
    answer = await office.say("lead", "access keep 1 because it is needed")
    assert isinstance(answer, Refused)
    campaign = await office.world.store.reviews.latest()
    assert campaign is not None
    assert [each.subject for each in office.world.reviews.asked(campaign, await question(office, 1))] == ["sre"]


async def test_the_clock_opens_one_at_a_time_as_often_as_is_configured(office: Office) -> None:
    office.world.reviews.plan = replace(office.world.reviews.plan, every=timedelta(days=90), unanswered="revoke")
    for _ in range(2):
        await office.world.reviews.tick()
    assert (await verbs(office))[0] == "opened"
    office.time.pass_by(days=14)
    change(office, "sre", lambda each: replace(each, confirmed=office.time() + timedelta(days=1)))
    change(office, "lead", lambda each: replace(each, confirmed=office.time() + timedelta(days=1)))
    await office.world.reviews.tick()
    office.time.pass_by(days=75)
    await office.world.reviews.tick()
    assert (await office.world.store.reviews.latest()).number == 1  # type: ignore[union-attr]
    office.time.pass_by(days=1)
    await office.world.reviews.tick()
    latest = await office.world.store.reviews.latest()
    assert latest is not None
    assert (latest.number, latest.opened_by) == (2, "clock")
    assert {each.person for each in await office.world.store.reviews.questions(2)} == {"sre", "lead"}


async def test_one_organization_never_sees_the_reviews_of_another(office: Office) -> None:
    await opened(office)
    await office.say("lead", "access revoke 1 because they moved")
    other = office.world.database.store(office.world.store.organization.__class__("other"))
    assert await other.reviews.latest() is None
    assert await other.reviews.question(1) is None
    assert (await other.reviews.withdrawn()).at == {}


def test_nothing_is_asked_of_anybody_where_nothing_is_configured() -> None:
    plan = ReviewSettings()
    assert (plan.open, plan.every, plan.unanswered) == ((), None, "escalate")
