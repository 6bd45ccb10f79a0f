"""Several people have to come together, and policy is asked again when the run begins."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.usecases.answers import Answered, Decided, Proposed, Refused
from skills.core.proposal import Status
from tests.support.worlds import CONFIG, Office, open_office

OWNERS = """
  - name: owners-agree
    because: Owners agree.
    who: {roles: [developer, sre, platform-lead]}
    skills: [deploy]
    environments: [production]
    approvals: 1
    approvers: {each_owner: true}

  - name: fresh-eyes
    because: Somebody from outside looks at it.
    who: {roles: [developer, sre, platform-lead]}
    skills: [deploy]
    environments: [production]
    approvals: 1
    approvers: {roles: [sre], outside_team: true}
"""
PEOPLE = "\n- {subject: ann, name: Ann, roles: [developer], teams: [shop]}\n- {subject: cid, name: Cid, roles: [sre], teams: [shop]}\n"
STRICTER = """package countersign.policy

import rego.v1

needs contains {"rule": "two-leads", "because": "Since today.", "count": 1, "roles": ["platform-lead"]} if input.request.skill == "deploy"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    folder = tmp_path / "config"
    shutil.copytree(CONFIG, folder)
    return folder


@pytest.fixture
async def office(tmp_path: Path, config: Path) -> AsyncIterator[Office]:
    rules = config / "policies" / "changes.yaml"
    head, _, tail = rules.read_text().partition("  - name: production-needs-a-second-person")
    rules.write_text(f"{head.rstrip()}\n{OWNERS}\nfreezes:{tail.partition('freezes:')[2]}")
    people = config / "people.yaml"
    people.write_text(people.read_text() + PEOPLE)
    async with open_office(tmp_path / "data", config=config) as office:
        yield office


async def test_an_owner_and_somebody_from_outside_have_to_come_together(office: Office) -> None:
    asked = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(asked, Proposed)
    assert asked.card.verdict == "needs an owner of checkout and one from sre from outside of team shop"
    assert asked.card.sentence.endswith(
        "waiting for approval by an owner of checkout and one from sre from outside of team shop."
    )
    first = await office.say("sre", "approve 1")
    assert isinstance(first, Decided)
    assert first.card.verdict.endswith("; still missing: an owner of checkout")
    assert (await office.proposal(1)).status is Status.PENDING
    await office.say("ann", "approve 1")
    assert (await office.proposal(1)).status is Status.APPROVED
    assert (await office.run(1)).status is Status.SUCCEEDED


async def test_somebody_of_the_same_team_is_an_owner_but_not_from_outside(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("cid", "approve 1")
    assert (await office.proposal(1)).status is Status.PENDING
    lead = await office.say("lead", "approve 1")
    assert isinstance(lead, Refused)


async def test_the_requester_is_an_owner_and_does_not_count(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("dev", "approve 1")
    await office.say("sre", "approve 1")
    assert (await office.proposal(1)).status is Status.PENDING


async def test_pending_says_who_is_needed(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    answer = await office.say("sre", "pending")
    assert isinstance(answer, Answered)
    assert "an owner of checkout and one from sre from outside of team shop" in str(answer.report)


async def test_a_policy_that_asks_for_more_by_then_voids_the_approval(tmp_path: Path, config: Path) -> None:
    async with open_office(tmp_path / "data", config=config) as office:
        await office.say("dev", "deploy checkout v42 to production")
        await office.say("sre", "approve 1")
        before = (await office.proposal(1)).verdict.policy
    (config / "policies" / "stricter.rego").write_text(STRICTER)
    async with open_office(tmp_path / "data", config=config) as office:
        assert office.world.policy.fingerprint != before
        run = await office.run(1)
        assert (run.status, run.outcome) == (
            Status.VOID,
            "Policy now needs 1 person other than the requester: platform-lead.",
        )


async def test_a_policy_with_a_mistake_refuses_everything_and_says_where_it_is(tmp_path: Path, config: Path) -> None:
    (config / "policies" / "own.rego").write_text(STRICTER.replace("input.request.skill", "input.request.skil"))
    async with open_office(tmp_path / "data", config=config) as office:
        for words in ("status", "deploy checkout v42 to production"):
            answer = await office.say("dev", words)
            assert isinstance(answer, Refused)
            assert answer.text == (
                "The policies have a mistake: policies/own.rego, line 5: there is no input.request.skil."
                " Did you mean input.request.skill? Nothing is allowed until that is mended."
            )
