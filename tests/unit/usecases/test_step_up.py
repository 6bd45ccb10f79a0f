"""Step-up: where policy asks for it, an approval takes a code that is good for one person, one plan and a few minutes."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.bootstrap import World
from bot.usecases.answers import Answer, Decided, Refused
from bot.usecases.step_up import StepUp
from skills.core.errors import NotAllowed
from skills.core.proposal import Choice, Status
from tests.support.worlds import CLI, CONFIG, Office, open_office

RULE = """
rules:
  - name: production-takes-a-code
    because: Whoever lets something into production proves that it is them.
    who: {roles: [developer, sre, platform-lead]}
    skills: [deploy, scale]
    environments: [production]
    approvals: 1
    approvers: {roles: [sre, platform-lead], step_up: true}
"""


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path, config=with_policy(tmp_path / "config")) as office:
        yield office


def with_policy(folder: Path) -> Path:
    shutil.copytree(CONFIG, folder)
    (folder / "policies" / "code.yaml").write_text(RULE)
    return folder


async def code(office: Office, who: str, number: int = 1) -> str:
    world: World = office.world
    return await StepUp(store=world.store, clock=office.time).give(world.actor(who), await office.proposal(number))


async def approve(office: Office, who: str, given: str) -> Answer:
    return await office.say(who, f"approve 1 --code {given}")


async def test_without_a_code_it_is_said_how_to_get_one_and_nothing_is_decided(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    typed = await office.say("sre", "approve 1")
    pressed = await office.world.door.decide(
        office.world.actor("sre"), (await office.proposal(1)).handle, Choice.APPROVE, origin=CLI, key="press"
    )
    for answer in (typed, pressed):
        assert isinstance(answer, Refused)
        assert answer.text == (
            "#1 takes a code that proves it is you. Where Countersign runs, type: countersign step-up 1 --as YOU. "
            "Then say here: approve 1 --code su-…"
        )
    assert (await office.proposal(1)).decisions == ()


async def test_with_the_code_it_is_approved_and_runs(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    answer = await approve(office, "sre", await code(office, "sre"))
    assert isinstance(answer, Decided), answer.text
    proposal = await office.proposal(1)
    assert proposal.status is Status.APPROVED
    assert [each.stepped_up for each in proposal.decisions] == [True]
    assert (await office.run(1)).status is Status.SUCCEEDED
    (said,) = [
        entry
        for entry in await office.world.store.audit.entries(subject="proposal/1")
        if entry.verb == "proposal:approve"
    ]
    assert said.facts["stepped_up"] is True


async def test_a_code_is_for_one_person_and_one_plan(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("dev", "scale web to 6 in production")
    for_lead, for_other = await code(office, "lead"), await code(office, "sre", 2)
    for given in (for_lead, for_other):
        answer = await approve(office, "sre", given)
        assert isinstance(answer, Refused)
    assert (await office.proposal(1)).status is Status.PENDING


async def test_a_code_is_used_once(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    stepping = StepUp(store=office.world.store, clock=office.time)
    await stepping.take(office.world.actor("sre"), await office.proposal(1), given)
    with pytest.raises(NotAllowed, match="no code for you that is still good"):
        await stepping.take(office.world.actor("sre"), await office.proposal(1), given)


async def test_a_code_is_good_for_five_minutes(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    office.time.pass_by(seconds=timedelta(minutes=5).total_seconds())
    assert isinstance(await approve(office, "sre", given), Refused)


async def test_five_wrong_tries_end_it(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    for _ in range(5):
        answer = await approve(office, "sre", "su-aaaa-bbbb")
        assert isinstance(answer, Refused)
    assert "no code for you that is still good" in (await approve(office, "sre", given)).text


async def test_the_code_is_kept_nowhere_in_the_clear(office: Office, tmp_path: Path) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    await approve(office, "sre", given)
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert given.encode() not in path.read_bytes(), path


async def test_who_asked_gets_none_that_counts(office: Office) -> None:
    await office.say("sre", "deploy checkout v42 to production")
    answer = await approve(office, "sre", await code(office, "sre"))
    assert isinstance(answer, Refused)
    assert "somebody else has to approve it" in answer.text


async def test_a_standing_approval_is_no_proof_of_anybody(office: Office) -> None:
    refused = await office.say("sre", "grant dev scale web to 8 in production because of the sale")
    assert not isinstance(refused, Decided)
    answer = await office.say("dev", "scale web to 6 in production")
    assert (await office.proposal(1)).status is Status.PENDING, answer.text


async def test_no_code_is_given_where_none_is_asked_for(office: Office) -> None:
    await office.say("dev", "restart web in production")
    with pytest.raises(NotAllowed, match="needs no code"):
        await code(office, "sre")


async def test_of_however_many_tries_at_once_five_are_looked_at(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    looked_at = 0
    for _ in range(5):
        answers = await asyncio.gather(*(approve(office, "sre", "su-aaaa-bbbb") for _ in range(40)))
        looked_at += sum("That is not the code" in answer.text for answer in answers)
    assert looked_at == 5
    assert isinstance(await approve(office, "sre", given), Refused)


async def test_a_wrong_try_does_not_make_a_code_good_for_longer(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    given = await code(office, "sre")
    office.time.pass_by(minutes=4)
    await approve(office, "sre", "su-aaaa-bbbb")
    office.time.pass_by(minutes=1)
    assert isinstance(await approve(office, "sre", given), Refused)


async def test_what_is_kept_of_a_code_is_salted_and_no_plain_hash(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    hashes = []
    for _ in range(2):
        stepping = StepUp(store=office.world.store, clock=office.time, choose=lambda characters: characters[0])
        assert await stepping.give(office.world.actor("sre"), await office.proposal(1)) == "su-aaaa-aaaa"
        kept = await office.world.store.recall("step-up:1:sre")
        assert isinstance(kept, Mapping)
        hashes.append(kept["hash"])
    plain = f"su-aaaa-aaaa\0sre\x001\0{(await office.proposal(1)).digest}".encode()
    assert len({*hashes, hashlib.sha256(plain).hexdigest()}) == 3
