"""Whatever is written: nothing raises, decisions are typed, and a change takes a verb in the form of a request."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.nl import BOT, CommandInterpreter, EmbeddedInterpreter, Turn
from bot.nl.fields import fields_of
from bot.nl.questions import spelled
from skills.core.names import SkillName
from skills.core.skill import Kind
from tests.support.words import catalog, skills

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SKILLS = skills()
HERE = catalog()
COMMANDS = CommandInterpreter(SKILLS, HERE)
EMBEDDED = EmbeddedInterpreter(SKILLS, HERE, clock=lambda: NOW)

WORDS = (
    "please can you could we need I'd like to let's roll back rolled rolling get put restart restarted scale double halve two more replicas"
    " deploy deployed checkout payments search web staging prod v42 6 revision 7 it that same for in on of the a and but , . ? ! : if when"
    " not don't never should yesterday evening tonight last Thursday 14:00 who what how is changed approve reject cancel 17 because"
    ' > ``` `x` " “ ” <@U0BOT> @dev said no other one also again to by 50% сheckout'
)
words = st.sampled_from(WORDS.split())
sentences = st.lists(words, max_size=16).map(" ".join)
texts = sentences | st.text(max_size=400)
turns = st.builds(
    Turn,
    who=st.sampled_from(["dev", "sam", BOT]),
    text=sentences,
    skill=st.sampled_from([None, "status", "deploy", "nonsense"]),
    params=st.sampled_from([{}, {"service": "checkout", "environment": "production"}, {"service": "x", "replicas": 3}]),
)
kinds = st.sampled_from(["channel", "direct", "thread", "command"])
ASKING = (
    "please restart search in staging",
    "can you roll back checkout in production",
    "we need 6 replicas of web in production",
    "I'd like you to deploy checkout v42 to staging",
)
SPLITTING = (".", "?", "!", ",", "but", ":", ">", '"', "“", "”", "`x`", "```")
HINDRANCES = (
    "don't",
    "never",
    "if",
    "unless",
    "tonight",
    "tomorrow",
    "until",
    "should we",
    "she said",
    "why",
    "nobody",
    "instead of",
)


@given(texts, st.lists(turns, max_size=4), kinds)
def test_no_text_raises_and_every_answer_is_whole(text: str, thread: list[Turn], kind: str) -> None:
    found = EMBEDDED.interpret(text, thread=thread, asker="dev", channel_kind=kind)  # type: ignore[arg-type]
    assert found.question.isprintable()
    assert 0.0 <= found.confidence <= 1.0
    if found.complete:
        assert found.skill is not None
        skill = SKILLS[SkillName(found.skill)]
        assert skill.kind.value == found.kind
        assert not found.missing
        assert not found.unresolved
        required = {name for name, field in skill.Params.model_fields.items() if field.is_required()}
        assert required <= set(found.params)


@given(texts, st.lists(turns, max_size=3))
def test_a_decision_is_always_a_typed_command(text: str, thread: list[Turn]) -> None:
    found = EMBEDDED.interpret(text, thread=thread, asker="dev")
    if found.kind == "decision":
        assert found == COMMANDS.interpret(text)


@given(texts)
def test_a_typed_command_is_what_it_always_was(text: str) -> None:
    typed = COMMANDS.interpret(text)
    found = EMBEDDED.interpret(text)
    quoting = any(mark in text for mark in ("```", ">", "@dev", "<", "{"))
    if typed.complete and not quoting:
        assert found == typed


@given(texts)
def test_a_change_names_things_that_were_named(text: str) -> None:
    """Without a thread every value of a change is in the words themselves."""
    found = EMBEDDED.interpret(text)
    if found.kind != "change":
        return
    lowered = text.lower()
    service, where = HERE.service(str(found.params["service"])), HERE.environment(str(found.params["environment"]))
    assert any(word in lowered for word in (service.name, *service.aliases))
    assert any(word in lowered for word in (where.name, *where.aliases))


@given(st.sampled_from(ASKING), st.sampled_from(HINDRANCES))
def test_one_word_that_hinders_is_enough(request: str, hindrance: str) -> None:
    assert EMBEDDED.interpret(request).kind == "change"
    for text in (f"{hindrance} {request}", f"{hindrance}, {request}"):
        assert EMBEDDED.interpret(text).kind != "change", text


@given(st.lists(words.filter(lambda word: word not in SPLITTING), max_size=14).map(" ".join))
def test_a_change_holds_no_word_that_hinders(text: str) -> None:
    found = EMBEDDED.interpret(text)
    if found.kind == "change":
        asked = text.partition("because")[0].split()
        assert not {"not", "don't", "never", "if", "when", "should", "tonight", "said", "who"} & set(asked), text


@given(st.sampled_from(ASKING), sentences)
def test_what_is_quoted_is_not_asked_for(request: str, more: str) -> None:
    for text in (f"> {request}", f"```\n{request}\n```", f'he wrote "{request}"', f"the log has `{request}`"):
        assert EMBEDDED.interpret(text).kind not in ("change", "decision"), text


@given(texts)
def test_a_completion_is_complete_and_keeps_what_was_said(text: str) -> None:
    found = EMBEDDED.interpret(text)
    for completion in found.completions:
        again = EMBEDDED.interpret(completion)
        assert again.complete, (text, completion)
        if again.skill == found.skill:
            assert {name: again.params[name] for name in found.params} == dict(found.params), (text, completion)


@given(
    st.sampled_from(["x2", "/3", "+2", "-1", "+50%", "-25%", 6]),
    st.sampled_from(["search", "web"]),
    st.sampled_from(["staging", "production"]),
)
def test_any_count_can_be_spelled_and_read_again(replicas: Any, service: str, where: str) -> None:
    scale = SKILLS[SkillName("scale")]
    params = {"service": service, "environment": where, "replicas": replicas}
    assert EMBEDDED.interpret(spelled(scale, fields_of(scale), params)).params == params


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2026, 11, 1)))  # noqa: DTZ001 - hypothesis adds no zone
def test_any_time_can_be_spelled_and_read_again(moment: datetime) -> None:
    rollback = SKILLS[SkillName("rollback")]
    params = {"service": "web", "environment": "staging", "as_of": f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    assert EMBEDDED.interpret(spelled(rollback, fields_of(rollback), params)).params == params


@given(texts, st.lists(turns, max_size=3))
def test_the_same_words_mean_the_same(text: str, thread: list[Turn]) -> None:
    assert EMBEDDED.interpret(text, thread=thread, asker="dev") == EMBEDDED.interpret(text, thread=thread, asker="dev")


def test_twenty_thousand_characters_are_answered_shortly() -> None:
    found = EMBEDDED.interpret("please restart search " * 1000)
    assert (found.kind, len(found.question) < 200) == ("clarify", True)
    assert EMBEDDED.interpret("please restart search " * 1000, channel_kind="channel").kind == "none"


def test_every_kind_of_skill_is_there_to_be_spoken_of() -> None:
    # Records are spoken of as soon as there is a skill that writes one.
    assert {skill.kind for skill in SKILLS.values()} >= set(Kind) - {Kind.RECORD}
