"""Several reads in one question, at the door: judged one by one, stopped at once, and never a change."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.nl.explaining import Explanation, Found, Inquiry
from bot.nl.interpretation import Interpretation, Read
from bot.usecases.answers import Answered, Clarify, Explained, Stopped
from bot.usecases.door import Door
from bot.usecases.limits import Limits
from skills.core.errors import Anticipated
from skills.core.names import SkillName
from skills.core.report import Report
from tests.support.agents import BOTH, COMPARED, Listening
from tests.support.worlds import CLI, Office, open_office

SEVERAL = Interpretation(
    kind="clarify", interpreter="model", skill="status", question="That is more than one thing.", reads=BOTH
)


class Reads:
    """A reader that takes everything for the same."""

    def __init__(self, found: Interpretation = SEVERAL) -> None:
        self._found = found

    async def read(self, text: str, **_: Any) -> Interpretation:
        return self._found


class Explains:
    """An explainer that makes these reads, and says the same of everything."""

    def __init__(self, *reads: Read, trouble: str = "", wait: bool = False) -> None:
        self._reads = reads
        self._trouble = trouble
        self._wait = wait
        self.inquiries: list[Inquiry] = []
        self.refused: list[str] = []
        self.cancelled = False

    async def explain(self, inquiry: Inquiry) -> Explanation:
        self.inquiries.append(inquiry)
        try:
            found = await self._made(inquiry)
            await (asyncio.Event().wait() if self._wait else asyncio.sleep(0))
        except asyncio.CancelledError:
            self.cancelled = True
            raise
        prose = "" if self._trouble else "They are alike."
        return Explanation(model="gpt-x", prose=prose, found=found, trouble=self._trouble)

    async def _made(self, inquiry: Inquiry) -> tuple[Found, ...]:
        found = []
        for each in self._reads:
            await inquiry.listener.working(f"asking {each.skill}")
            try:
                report = await inquiry.look(each.skill, each.params)
            except Anticipated as problem:
                self.refused.append(str(problem))
            else:
                found.append(Found(skill=each.skill, asked=each.skill, report=report))
        return tuple(found)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


def door(office: Office, explainer: Explains | None, found: Interpretation = SEVERAL) -> Door:
    world = office.world
    return Door(
        skills=world.skills, catalog=world.catalog, policy=world.policy, store=world.store, interpreter=world.door._interpreter,
        limits=Limits(), clock=office.time, reader=Reads(found), explainer=explainer,
    )  # fmt: skip


async def ask(door: Door, office: Office, who: str = "dev", **more: Any) -> Any:
    return await door.request(office.world.actor(who), COMPARED, origin=CLI, key="1", **more)


async def test_the_answer_has_every_report_and_the_models_words_apart(office: Office) -> None:
    explainer, listening = Explains(*BOTH), Listening()
    answer = await ask(door(office, explainer), office, audience=listening)
    assert isinstance(answer, Explained)
    assert [each.report.title for each in answer.sources] == [
        "Status of checkout in staging",
        "Status of checkout in production",
    ]
    assert (answer.prose.text, answer.prose.model, answer.note) == ("They are alike.", "gpt-x", "")
    assert listening.phrases == ["asking status", "asking status"]
    assert answer.to_json()["prose"] == {"model": "gpt-x", "text": "They are alike."}
    assert [each["asked"] for each in answer.to_json()["sources"]] == ["status", "status"]
    assert answer.turn.skill == "status"


async def test_each_read_is_judged_by_policy_and_nothing_but_reads_is_made(office: Office) -> None:
    change = Read(skill="restart", params={"service": "web", "environment": "staging"})
    decision, nothing = Read(skill="approve", params={"proposal": 1}), Read(skill="nothing", params={})
    explainer = Explains(*BOTH, change, decision, nothing)
    answer = await ask(door(office, explainer), office, "guest")
    assert isinstance(answer, Clarify)
    assert explainer.refused[:2] == ["Guest is a guest; guests cannot ask for this."] * 2
    assert explainer.refused[2:] == [
        f"{name} is nothing that only reads." for name in ("restart", "approve", "nothing")
    ]
    assert await office.world.store.open() == ()


async def test_only_what_the_person_may_use_is_said_to_be_usable(office: Office) -> None:
    explainer = Explains(*BOTH)
    await ask(door(office, explainer), office, "guest")
    await ask(door(office, explainer), office, "dev")
    assert set(explainer.inquiries[0].usable) == {"help"}
    assert {"status", "history"} <= set(explainer.inquiries[1].usable)


async def test_trouble_gives_what_was_read_with_a_sentence_and_no_prose(office: Office) -> None:
    answer = await ask(door(office, Explains(*BOTH, trouble="The model took too long")), office)
    assert isinstance(answer, Explained)
    assert (answer.prose.text, len(answer.sources)) == ("", 2)
    assert answer.note == "The model took too long; here is what was read."
    assert answer.to_json()["note"] == answer.note


async def test_trouble_before_anything_was_read_is_the_question_back(office: Office) -> None:
    answer = await ask(door(office, Explains(trouble="The model took too long")), office)
    assert isinstance(answer, Clarify)
    assert answer.text == "That is more than one thing. The model took too long."


async def test_without_an_explainer_it_is_the_question_back(office: Office) -> None:
    assert isinstance(await ask(door(office, None), office), Clarify)


async def test_one_read_is_an_answer_of_its_own_where_nobody_explains(office: Office) -> None:
    one = Interpretation(kind="query", interpreter="model", skill="status", params=BOTH[0].params, reads=BOTH[:1])
    assert isinstance(await ask(door(office, None, one), office), Answered)
    answer = await ask(door(office, Explains(trouble="The model took too long"), one), office)
    assert isinstance(answer, Answered)
    assert "The model took too long." in repr(answer.report.parts)


async def test_a_bug_in_a_read_is_told_with_a_reference_and_nothing_else(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: Any, **__: Any) -> Report:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(type(office.world.skills[SkillName("status")]), "answer", broken)
    explainer = Explains(BOTH[0])
    await ask(door(office, explainer), office)
    assert explainer.refused[0].startswith(
        "Something went wrong on my side; nothing was changed by this request. Quote "
    )
    assert "secret detail" not in explainer.refused[0]


async def test_stopping_cancels_at_once(office: Office) -> None:
    explainer, listening = Explains(*BOTH, wait=True), Listening()
    asking = asyncio.create_task(ask(door(office, explainer), office, audience=listening))
    while len(listening.phrases) < 2:
        await asyncio.sleep(0.01)
    listening.stop.set()
    answer = await asyncio.wait_for(asking, 5)
    assert isinstance(answer, Stopped)
    assert answer.to_json() == {"kind": "stopped", "text": "Stopped, as you asked. Nothing was changed."}
    assert explainer.cancelled


async def test_stopping_while_the_words_are_read_stops_too(office: Office) -> None:
    class Slow(Reads):
        async def read(self, text: str, **_: Any) -> Interpretation:
            return await asyncio.Event().wait()  # type: ignore[return-value]

    slow, listening = door(office, None), Listening()
    slow._reader = Slow()
    listening.stop.set()
    assert isinstance(await ask(slow, office, audience=listening), Stopped)
