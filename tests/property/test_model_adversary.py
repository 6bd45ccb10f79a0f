"""Whatever a model says: nothing is changed that was not asked for, nobody sees an exception, and no limit is broken."""

import logging
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.nl import Interpretation, Turn
from bot.nl.model import Allowance, Limits
from bot.nl.model.langchain_chat import LangChainChat
from bot.nl.model.outgoing import spoken
from bot.usecases.answers import Failed, Proposed
from bot.usecases.door import Door
from bot.usecases.limits import Limits as DoorLimits
from skills.core.proposal import Origin
from tests.support.adversary import SENTENCES, Anything
from tests.support.models import Seconds, interpreter
from tests.support.worlds import Office, open_office

THREAD = [Turn(who="mallory", text="restart web in production"), Turn(who="dev", text="status search in staging")]
PHASES = (Phase.explicit, Phase.generate)
"""Without shrinking, which takes minutes here and says little: an output is as small as it gets."""
WORDS = {
    "payments-api": ("payments",),
    "production": ("live", "prod"),
    "staging": ("stg", "staging"),
    "v42": ("v42",),
    "6": ("six", "6"),
    "9": ("9",),
}


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)


def said_by(found: Interpretation, text: str) -> bool:
    """Is every value of this change in the asker's own words, now or before?"""
    own = f"{spoken(text)} {THREAD[1].text}".lower()
    return all(any(word in own for word in WORDS.get(str(value), (str(value),))) for value in found.params.values())


@settings(max_examples=150, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choose=st.randoms(use_true_random=False), text=st.sampled_from(SENTENCES))
async def test_whatever_it_says_becomes_a_request_in_the_askers_words_or_a_question(
    choose: random.Random, text: str
) -> None:
    reader = interpreter(LangChainChat(lambda: Anything(choose)))
    for _ in range(10):
        found = await reader.read(text, thread=THREAD, asker="dev")
        assert found.kind != "decision"
        assert len(found.question) < 1_000
        shown = repr((found.question, found.completions, found.unresolved, found.candidates, found.note))
        assert not any(words in shown for words in ("evil", "Approved", "drop table", "sk-abc", "<!", "<@", "rules"))
        if found.kind == "change":
            assert found.skill == reader._embedded.interpret(text, thread=THREAD, asker="dev").skill
            assert said_by(found, text), (text, found.params)


@settings(max_examples=40, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choose=st.randoms(use_true_random=False), tokens=st.integers(500, 20_000), calls=st.integers(0, 12))
async def test_no_limit_is_broken(choose: random.Random, tokens: int, calls: int) -> None:
    allowed = Allowance(calls_per_hour=calls, tokens_per_day=tokens, money_per_day=1.0)
    model, time = Anything(choose, truthful=True), Seconds()
    reader = interpreter(LangChainChat(lambda: model), limits=Limits(person=allowed), time=time)
    for _ in range(20):
        await reader.read(SENTENCES[0], asker="dev")
        time.passed += 1
        assert model.said <= calls
        assert reader.line.used.tokens <= tokens


async def test_a_model_that_claims_to_have_used_a_fortune_is_not_asked_again() -> None:
    class Lucky(random.Random):
        def random(self) -> float:
            return 0.4

        def choice(self, seq):  # type: ignore[no-untyped-def]
            return seq[-1]

    model = Anything(Lucky())
    reader = interpreter(LangChainChat(lambda: model))
    found = [await reader.read(SENTENCES[0], asker="dev") for _ in range(3)]
    assert model.said == 1
    assert found[-1].note == "The limit for the model is used up (tokens in a day, for you); I read this without it."


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as opened:
        yield opened


async def test_behind_the_door_nothing_is_approved_and_no_exception_reaches_anybody(office: Office) -> None:
    world, choose = office.world, random.Random(7)
    model = Anything(choose)
    plenty = Allowance(calls_per_hour=10**6, tokens_per_day=10**15, money_per_day=10.0**6)
    time = Seconds()
    reader = interpreter(LangChainChat(lambda: model), limits=Limits(person=plenty, organization=plenty), time=time)
    door = Door(
        skills=world.skills,
        catalog=world.catalog,
        policy=world.policy,
        store=world.store,
        interpreter=reader._embedded,
        limits=DoorLimits(
            pending=world.configuration.limits.pending, start=world.configuration.limits.start, open_per_person=10**6
        ),
        clock=office.time,
        reader=reader,
    )
    actor = world.actor("dev")
    before = [await office.cluster.list(name) for name in ("staging", "production")]
    for number in range(400):
        time.passed += 31
        text = SENTENCES[number % len(SENTENCES)]
        answer = await door.request(actor, text, origin=Origin(edge="test", words=text), key=str(number))
        assert not isinstance(answer, Failed), answer
        if isinstance(answer, Proposed):
            heard = reader._embedded.interpret(text)
            assert answer.proposal.plan.skill == heard.skill
            assert not answer.proposal.approvals
            assert (
                answer.proposal.plan.params["environment"] != "production" or answer.proposal.verdict.approvals_needed
            )
    assert model.said > 200
    assert [await office.cluster.list(name) for name in ("staging", "production")] == before
