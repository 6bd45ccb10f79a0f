"""The door asks a reader, says what the reader has to say about itself, and never lets it vouch for anybody."""

from bot.nl.model import Trouble, Why
from bot.usecases.answers import Answered, Clarify, Proposed
from bot.usecases.door import Door
from bot.usecases.limits import Limits
from skills.core.proposal import Origin
from skills.core.skill import Kind
from tests.support.models import Scripted, calling, interpreter
from tests.support.worlds import Office

ASKED = "roll payments back somewhere in live please"
ROLLBACK = ("rollback", {"service": "payments-api", "environment": "production"})


def door(office: Office, chat: Scripted | None) -> Door:
    world, limits = office.world, office.world.configuration.limits
    reader = interpreter(chat or Scripted(calling()))
    return Door(
        skills=world.skills,
        catalog=world.catalog,
        policy=world.policy,
        store=world.store,
        interpreter=reader._embedded,
        limits=Limits(pending=limits.pending, start=limits.start, open_per_person=10),
        clock=office.time,
        reader=reader if chat else None,
    )


async def test_what_a_model_heard_is_only_proposed(office: Office) -> None:
    answer = await door(office, Scripted(calling(ROLLBACK))).request(
        office.world.actor("dev"), ASKED, origin=Origin(edge="test"), key="1"
    )
    assert isinstance(answer, Proposed)
    assert answer.proposal.status.value == "pending"
    assert answer.note == ""


async def test_a_reader_in_trouble_says_so_in_a_question_and_in_an_answer(office: Office) -> None:
    asked = door(office, Scripted(Trouble(Why.SLOW)))
    question = await asked.request(office.world.actor("dev"), ASKED, origin=Origin(edge="test"), key="1")
    assert isinstance(question, Clarify)
    assert question.text.endswith("The model took too long; I read this without it.")
    plain = await asked.request(office.world.actor("dev"), "status web", origin=Origin(edge="test"), key="2")
    assert isinstance(plain, Answered)
    assert "model" not in str(plain.report)


def test_words_that_a_model_may_complete_count_as_what_they_may_become(office: Office) -> None:
    assert door(office, None).kind_of(ASKED) is None
    assert door(office, Scripted(calling())).kind_of(ASKED) is Kind.CHANGE
    assert door(office, Scripted(calling())).kind_of("status web") is Kind.QUERY
    assert door(office, Scripted(calling())).kind_of("thanks!") is None
