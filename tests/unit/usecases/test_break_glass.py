"""Breaking glass: one plan, in an open incident, for a short while; loud, written down, and looked at by somebody else."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from bot.audit.evidence import evidence
from bot.audit.report import make_report
from bot.audit.verify_audit import Bad, read_key, verify_evidence
from bot.nl.model.tools import offered, readable
from bot.policy.facts import facts
from bot.usecases.answers import Answer, Answered, Clarify, Decided, Failed, Refused
from bot.usecases.judging import plan_request
from skills.core.names import ProposalId
from skills.core.notice import Notice, Person, Place
from skills.core.proposal import Status
from tests.support.worlds import CLI, CONFIG, Office, open_office

RULES = {"roles": ["sre", "platform-lead"], "minutes": 30}
DEPLOY = "deploy checkout v42 to production"
BREAK = "break glass 1 incident 1 because checkout is down and nobody else is awake"


def with_glass(folder: Path, **changed: object) -> Path:
    shutil.copytree(CONFIG, folder)
    file = folder / "organization.yaml"
    settings = yaml.safe_load(file.read_text()) | {"break_glass": {**RULES, **changed}}
    file.write_text(yaml.safe_dump(settings))
    return folder


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path, config=with_glass(tmp_path / "config")) as office:
        await office.say("sre", "incident declare checkout is down sev1")
        await office.say("dev", DEPLOY)
        yield office


def told(answer: Answer, kind: type[Answer]) -> str:
    assert isinstance(answer, kind), answer.text
    return answer.text


async def verbs_of(office: Office, subject: str) -> list[str]:
    return [each.verb for each in await office.world.store.audit.entries(subject=subject)]


async def notices(office: Office, prefix: str) -> list[Notice]:
    return [each for each in await office.world.store.notices.latest() if each.key.startswith(prefix)]


def changed(office: Office, who: str, **values: object) -> None:
    """What people.yaml says of somebody, from now on."""
    catalog = office.world.catalog
    catalog.people = tuple(
        replace(each, actor=replace(each.actor, **values)) if each.actor == office.world.actor(who) else each  # type: ignore[arg-type]
        for each in catalog.people
    )


async def test_in_an_open_incident_it_runs_without_the_approval_that_is_missing(office: Office) -> None:
    answer = await office.say("sre", BREAK)
    assert told(answer, Decided) == (
        "#1 Deploy checkout v42 to production (from v41): SRE broke the glass for it, starting."
    )
    assert isinstance(answer, Decided)
    assert answer.card.glass == (
        "SRE broke the glass at 09:00 UTC in incident #1: checkout is down and nobody else is awake. It stands in for one "
        "from platform-lead or sre until 09:30 UTC. It is to be reviewed by 2026-11-24 09:00 UTC, by somebody else than SRE."
    )
    assert (await office.run(1)).status is Status.SUCCEEDED
    assert (await office.verbs(1))[:4] == [
        "proposal:created",
        "proposal:glass-broken",
        "proposal:approved",
        "run:started",
    ]
    assert (await office.proposal(1)).approvals == ()


async def test_the_incident_may_be_named_in_the_reason(office: Office) -> None:
    answer = await office.say("sre", "break glass #1 because checkout is down, incident 1")
    assert told(answer, Decided)
    glass = (await office.proposal(1)).glass
    assert glass is not None
    assert (glass.incident, glass.reason) == (1, "checkout is down")


async def test_it_is_told_in_its_place_to_whoever_asked_and_to_those_it_does_without(office: Office) -> None:
    await office.say("sre", BREAK)
    found = await notices(office, "glass:1:")
    assert {str(each.to) for each in found} == {"#break-glass", "dev", "lead"}
    (loud,) = [each.report for each in found if isinstance(each.to, Place)]
    assert loud.title == "🔨 Glass broken: #1 Deploy checkout v42 to production (from v41)"
    assert "checkout is down and nobody else is awake" in loud.summary
    assert "Developer had asked for it." in loud.summary


async def test_it_stands_in_the_time_line_of_its_incident(office: Office) -> None:
    await office.say("sre", BREAK)
    entries = await office.world.store.incidents.entries(1)
    assert entries[-1].text == (
        "SRE broke the glass for #1, which does without one from platform-lead or sre until 09:30 UTC: checkout is down and "
        "nobody else is awake. Deploy checkout v42 to production (from v41)."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("break glass 1 because checkout is down", "Breaking glass takes an incident that is open."),
        ("break glass 1 incident 1", "Breaking glass takes a reason."),
        ("break glass 1 because incident 1", "Breaking glass takes a reason."),
        ("break glass 1", "Breaking glass takes a reason, and an incident that is open."),
        ("break glass 1 incident 7 because checkout is down", "There is no incident #7."),
        ("break glass 9 incident 1 because checkout is down", "I know no proposal called “#9”."),
    ],
)
async def test_what_is_missing_is_asked_for_and_nothing_is_changed(office: Office, text: str, said: str) -> None:
    assert told(await office.say("sre", text), Clarify).startswith(said)
    proposal = await office.proposal(1)
    assert (proposal.status, proposal.glass) == (Status.PENDING, None)


async def test_an_incident_that_is_over_is_no_emergency(office: Office) -> None:
    await office.say("sre", "incident resolve #1 a bad index")
    assert told(await office.say("sre", BREAK), Clarify).startswith("Incident #1 is over.")


async def test_without_configuration_nobody_breaks_glass(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("sre", "incident declare checkout is down sev1")
        await office.say("dev", DEPLOY)
        assert told(await office.say("sre", BREAK), Refused).startswith("Nobody breaks glass here.")
        assert (await office.proposal(1)).glass is None
        assert not office.world.door.breakable


async def test_it_takes_a_configured_role_and_a_policy_that_allows_it(office: Office) -> None:
    refused = told(await office.say("dev", BREAK), Refused)
    assert refused == "Developer may not break glass. These roles may: platform-lead, sre."


async def test_who_asked_may_only_where_configuration_says_so(tmp_path: Path) -> None:
    for number, allowed in enumerate((False, True)):
        config = with_glass(tmp_path / f"config-{number}", requester=allowed)
        async with open_office(tmp_path / f"data-{number}", config=config) as office:
            await office.say("sre", "incident declare checkout is down sev1")
            await office.say("sre", DEPLOY)
            answer = await office.say("sre", BREAK)
            if allowed:
                assert told(answer, Decided)
                assert (await office.run(1)).status is Status.SUCCEEDED
            else:
                assert told(answer, Refused) == "SRE asked for #1; somebody else has to break the glass for it."


async def test_a_lock_is_none_of_its_business_when_it_is_broken_and_when_it_runs(office: Office) -> None:
    await office.say("lead", "lock checkout in production because the database is being migrated")
    assert "Broken glass stands in for approvals, and policy says no." in told(await office.say("sre", BREAK), Refused)
    await office.say("lead", "unlock checkout in production")
    assert told(await office.say("sre", BREAK), Decided)
    await office.say("lead", "lock checkout in production because the database is being migrated")
    proposal = await office.run(1)
    assert proposal.status is Status.VOID
    assert proposal.outcome.startswith("Policy now says no: checkout in production is locked")


async def test_a_world_that_changed_is_not_changed_by_it(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.say("dev", "deploy checkout v40 to production")
    await office.say("lead", "approve 2")
    await office.run(2)
    proposal = await office.run(1)
    assert proposal.status is Status.VOID
    assert proposal.outcome.startswith("The world changed after approval")


async def test_two_who_break_it_at_once_break_it_once(office: Office) -> None:
    answers = await asyncio.gather(office.say("sre", BREAK), office.say("lead", BREAK))
    assert sorted(type(each).__name__ for each in answers) == ["Decided", "Refused"]
    (late,) = [each for each in answers if isinstance(each, Refused)]
    assert late.text.endswith("has broken the glass for #1 already.")
    assert (await office.verbs(1)).count("proposal:glass-broken") == 1


async def test_the_same_word_delivered_again_does_nothing_more(office: Office) -> None:
    first = await office.say("sre", BREAK, key="once")
    size = (await office.world.store.audit.head())[0]
    again = await office.say("sre", BREAK, key="once")
    assert told(first, Decided) == told(again, Decided)
    assert (await office.world.store.audit.head())[0] == size
    await office.run(1)
    assert told(await office.say("sre", BREAK, key="once"), Decided)
    assert "already" in told(await office.say("sre", BREAK, key="another"), Refused)


async def test_the_same_word_delivered_a_hundred_times_at_once_is_one(office: Office) -> None:
    answers = await asyncio.gather(*(office.say("sre", BREAK, key="once") for _ in range(100)))
    assert {type(each) for each in answers} == {Decided}
    assert (await office.verbs(1)).count("proposal:glass-broken") == 1
    assert len(await notices(office, "glass:1:place")) == 1


async def test_what_did_not_start_in_time_is_not_started(office: Office) -> None:
    await office.say("sre", BREAK)
    office.time.pass_by(minutes=31)
    assert (await office.run(1)).status is Status.EXPIRED


async def test_a_time_that_runs_out_between_two_steps_stops_the_next_one(office: Office) -> None:
    """The world of the demo has plans of one step, so the check before a step is asked by itself."""
    await office.say("sre", BREAK)
    agreement = office.runner()._agreement
    running = replace(await office.proposal(1), status=Status.RUNNING)
    office.time.pass_by(minutes=29, seconds=59)
    await agreement(running)
    office.time.pass_by(seconds=1)
    with pytest.raises(Exception, match=r"Glass that SRE broke held until 09:30 UTC\. Policy needs one from"):
        await agreement(running)


async def test_an_incident_that_was_resolved_meanwhile_starts_nothing(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.say("sre", "incident resolve #1 it went away")
    proposal = await office.run(1)
    assert proposal.status is Status.VOID
    assert (
        proposal.outcome
        == "Glass was broken in incident #1, which is over. Policy needs one from platform-lead or sre."
    )


async def test_an_incident_that_ends_while_it_runs_stops_nothing_half_way(office: Office) -> None:
    await office.say("sre", BREAK)
    running = replace(await office.proposal(1), status=Status.RUNNING)
    await office.say("sre", "incident resolve #1 it went away")
    await office.runner()._agreement(running)
    assert (await verbs_of(office, "incident/1"))[-1] == "incident:resolved"


@pytest.mark.parametrize("values", [{"active": False}, {"roles": frozenset({"developer"})}])
async def test_somebody_who_left_or_lost_the_role_has_broken_nothing(office: Office, values: dict[str, object]) -> None:
    await office.say("sre", BREAK)
    changed(office, "sre", **values)
    proposal = await office.run(1)
    assert proposal.status is Status.VOID
    assert proposal.outcome.startswith("SRE, who broke the glass, may not do that any more.")


async def test_somebody_who_is_deactivated_cannot_break_any(office: Office) -> None:
    changed(office, "sre", active=False)
    assert told(await office.say("sre", BREAK), Refused)
    assert (await office.proposal(1)).glass is None


async def test_a_confidential_incident_is_there_for_those_in_it_and_named_to_nobody(office: Office) -> None:
    await office.say("lead", "incident declare confidential somebody reads customer data sev2")
    text = "break glass 1 incident 2 because it has to be stopped"
    assert told(await office.say("sre", text), Clarify).startswith("There is no incident #2.")
    answer = await office.say("lead", text)
    assert isinstance(answer, Decided), answer.text
    assert "in a confidential incident: it has to be stopped" in answer.card.glass
    reports = [each.report.to_json() for each in await notices(office, "glass:1:")]
    assert reports
    for told_to in (str(reports), (await office.say("sre", "glass")).text, str(answer.to_json())):
        assert "customer data" not in told_to
        assert "#2" not in told_to


async def test_policy_can_forbid_it_for_what_it_likes(tmp_path: Path) -> None:
    config = with_glass(tmp_path / "config")
    (config / "policies" / "glass.rego").write_text(
        """package countersign.policy

import rego.v1

deny contains {"rule": "not-payments", "because": "Nobody breaks glass for checkout."} if {
	input.request.skill == "break-glass"
	some service in input.services
	service.name == "checkout"
}
"""
    )
    async with open_office(tmp_path / "data", config=config) as office:
        await office.say("sre", "incident declare checkout is down sev1")
        await office.say("dev", DEPLOY)
        assert told(await office.say("sre", BREAK), Refused) == "Nobody breaks glass for checkout."
        await office.say("dev", "restart web in production")
        assert told(await office.say("sre", BREAK.replace("glass 1", "glass 2")), Decided)


async def test_what_a_rule_calls_unbreakable_is_needed_in_an_emergency_too(tmp_path: Path) -> None:
    config = with_glass(tmp_path / "config")
    (config / "policies" / "hard.yaml").write_text(
        """
rules:
  - name: money
    because: Whoever moves money needs two pairs of eyes.
    who: {roles: [developer, sre, platform-lead]}
    skills: [deploy]
    environments: [production]
    approvals: 1
    approvers: {roles: [platform-lead], unbreakable: true}
"""
    )
    async with open_office(tmp_path / "data", config=config) as office:
        await office.say("sre", "incident declare checkout is down sev1")
        await office.say("dev", DEPLOY)
        assert told(await office.say("sre", BREAK), Refused) == (
            "Nobody can do without one from platform-lead (rule money), not even in an emergency."
        )
        await office.say("lead", "approve 1")
        assert (await office.proposal(1)).status in (Status.PENDING, Status.APPROVED)


async def test_what_policy_needs_only_since_then_is_not_stood_in_for(office: Office) -> None:
    await office.say("sre", BREAK)
    proposal = await office.proposal(1)
    assert proposal.glass is not None
    less = replace(proposal, glass=replace(proposal.glass, stands_for=()))
    with pytest.raises(Exception, match="Glass was broken, but not for one from platform-lead or sre"):
        await office.runner()._agreement(less)


async def test_glass_that_somebody_wrote_into_the_database_for_another_plan_is_none(office: Office) -> None:
    await office.say("sre", BREAK)
    proposal = await office.proposal(1)
    assert proposal.glass is not None
    other = replace(proposal, glass=replace(proposal.glass, digest=proposal.digest[::-1]))
    with pytest.raises(Exception, match="Glass was broken for another plan"):
        await office.runner()._agreement(other)


async def test_a_policy_sees_who_broke_it(office: Office) -> None:
    await office.say("sre", BREAK)
    proposal = await office.proposal(1)
    request = plan_request(
        office.world.catalog, office.world.actor("dev"), proposal.plan, office.time(), edge="cli", glass=proposal.glass
    )
    seen = facts(request, office.world.catalog, office.world.configuration.policy.calendar)["break_glass"]
    assert seen == {"by": "sre", "own": False, "incident": 1, "until": "2026-11-23T09:30:00Z"}


async def test_a_second_organization_has_none_of_it(tmp_path: Path) -> None:
    url = {"COUNTERSIGN_DATABASE_URL": f"sqlite:///{tmp_path / 'shared.sqlite3'}"}
    ours, theirs = with_glass(tmp_path / "ours"), with_glass(tmp_path / "theirs")
    file = theirs / "organization.yaml"
    file.write_text(yaml.safe_dump(yaml.safe_load(file.read_text()) | {"name": "globex"}))
    async with open_office(tmp_path / "a", config=ours, environ=url) as acme:
        await acme.say("sre", "incident declare checkout is down sev1")
        await acme.say("dev", DEPLOY)
        answer = await acme.say("sre", BREAK, key="replayed")
        assert told(answer, Decided)
        handle = (await acme.proposal(1)).handle
    async with open_office(tmp_path / "b", config=theirs, environ=url) as globex:
        assert told(await globex.say("sre", BREAK, key="replayed"), Clarify).startswith(
            "I know no proposal called “#1”."
        )
        pressed = await globex.world.door.break_glass(
            globex.world.actor("sre"), handle, reason="down", incident=1, origin=CLI, key="pressed"
        )
        assert told(pressed, Clarify)
        assert (await globex.say("sre", "glass")).text == "No glass was ever broken."


# The look at it afterwards.


async def test_somebody_else_looks_at_it_and_says_what_they_found(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.run(1)
    assert told(await office.say("sre", "glass review 1 it was right"), Refused) == (
        "SRE broke the glass for #1; somebody else has to look at it."
    )
    assert told(await office.say("lead", "glass"), Answered) == (
        "1 of 1 not reviewed yet. Say “glass review 1” and what you found."
    )
    answer = await office.say("lead", "glass review 1 it was right, the index is back", key="once")
    assert told(answer, Answered) == (
        "SRE broke the glass in incident #1: checkout is down and nobody else is awake. It was reviewed by Platform Lead: "
        "it was right, the index is back."
    )
    assert told(await office.say("lead", "glass review 1 it was right, the index is back", key="once"), Answered)
    assert (await office.verbs(1)).count("proposal:glass-reviewed") == 1
    assert told(await office.say("dev", "glass"), Answered) == "All of it was reviewed."
    assert (await office.world.store.incidents.entries(1))[-1].text.startswith(
        "Platform Lead reviewed the broken glass of #1"
    )
    (back,) = await notices(office, "glass-reviewed:1")
    assert back.to == Person(subject=office.world.actor("sre").subject)


async def test_a_developer_may_look_but_not_review(office: Office) -> None:
    await office.say("sre", BREAK)
    assert told(await office.say("dev", "glass review 1 fine by me"), Refused)
    assert told(await office.say("lead", "glass review 2 fine by me"), Clarify).startswith(
        "I know no proposal with broken glass"
    )


async def test_what_nobody_looked_at_for_a_day_is_said_once(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.run(1)
    office.time.pass_by(hours=23, minutes=59)
    await office.world.door.sweep()
    assert await notices(office, "glass-overdue:") == []
    office.time.pass_by(hours=1)
    await asyncio.gather(*(office.world.door.sweep() for _ in range(5)))
    found = await notices(office, "glass-overdue:")
    assert {each.to for each in found} == {
        Place(purpose="break-glass"),
        Person(subject=office.world.actor("lead").subject),
    }
    assert (await office.verbs(1)).count("proposal:glass-overdue") == 1
    await office.world.door.sweep()
    assert len(await notices(office, "glass-overdue:")) == len(found)


async def test_what_was_looked_at_in_time_is_not_said(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.say("lead", "glass review 1 it was right")
    office.time.pass_by(hours=48)
    await office.world.door.sweep()
    assert await notices(office, "glass-overdue:") == []


# What an auditor sees of it.


async def test_evidence_and_report_name_who_broke_it_and_verify(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.run(1)
    await office.say("lead", "glass review 1 it was right")
    store, keeper = office.world.store, office.world.keeper
    pack = await evidence(store, keeper, ProposalId(1))
    assert [(each["subject"], each["choice"], each["reason"]) for each in pack["decisions"]] == [
        ("sre", "glass-broken", "checkout is down and nobody else is awake")
    ]
    keys = [read_key(each) for each in pack["keys"]]
    assert "the plan is the one that was approved" in verify_evidence(pack, keys)
    pack["decisions"] = []
    with pytest.raises(Bad, match="The decisions are not those in the log"):
        verify_evidence(pack, keys)
    day = office.time().replace(hour=0)
    (row,) = (await make_report(store, keeper, day, day + timedelta(days=1))).rows
    assert row.decisions.startswith("glass-broken by sre at 2026-11-23T09:00:00")
    assert "glass broken by SRE" in (await office.say("dev", "audit 1")).text
    assert (await store.audit.verify()).ok


async def test_somebody_who_is_erased_is_not_in_the_glass_they_broke_or_looked_at(office: Office) -> None:
    await office.say("sre", BREAK)
    await office.run(1)
    await office.say("lead", "glass review 1 it was right")
    async with office.world.store.begin() as tx:
        for who in ("sre", "lead"):
            erased = await tx.erase(f"person/{who}")
            tx.record("audit:erased", f"person/{who}", erased.facts, actor="lead")
    glass = await office.world.store.glasses.of(ProposalId(1))
    assert glass is not None
    assert glass.review is not None
    assert "sre" not in (glass.subject, glass.name)
    assert glass.review.name not in ("lead", "Platform Lead")
    assert {glass.reason, glass.review.note} == {"(erased)"}


# Nobody else's words reach it.


async def test_it_is_heard_in_exact_words_only(office: Office) -> None:
    for text in (
        "please could you break the glass for number one, incident 1, checkout is down",
        "we should break glass 1 incident 1",
        "should I break glass 1 incident 1 because it is down?",
        "dev said: break glass 1 incident 1 because it is down",
    ):
        answer = await office.say("sre", text)
        assert not isinstance(answer, Decided | Failed), text
        assert (await office.proposal(1)).glass is None, text


async def test_no_model_is_offered_it_nor_the_look_at_it(office: Office) -> None:
    assert not {"break-glass", "glass-review"} & offered(office.world.skills).keys()
    assert "glass" in readable(office.world.skills)
