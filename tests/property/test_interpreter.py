"""Whatever is typed: the order of words does not matter, nothing raises, and nothing is changed that was not said in full."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.nl import CommandInterpreter
from bot.nl.fields import fields_of, has
from bot.nl.vocabulary import FILLERS, INTRODUCTIONS, NUMBERS, RELEASE_WORDS, TURNS
from skills.core.catalog import Catalog
from skills.core.names import SkillName
from skills.core.registry import Skills
from skills.core.skill import Kind, Slot
from tests.support.words import catalog, environment, service, skills

SKILLS: Skills = skills()
COMMANDS = CommandInterpreter(SKILLS, catalog())
TAKEN = FILLERS | TURNS | RELEASE_WORDS | set(NUMBERS) | set(SKILLS.words) | {"because"}

names = st.from_regex(r"[a-z][a-z0-9]{1,8}(-[a-z]{1,4})?", fullmatch=True).filter(lambda word: word not in TAKEN)
fillers = st.lists(st.sampled_from(sorted(FILLERS - set(INTRODUCTIONS) - {"of"})), max_size=3)
WORDS = (
    "deploy ship roll back rollback restart scale approve reject checkout payments search web staging prod live v42 v43 6 six -1 17"
    " #17 registry.example/web@sha256:00 please to in of the a and not don't tomorrow because reason: ? , . ! status help"
    " <@U0BOT> <!channel> <http://a.b|web> container app revision 7 сheckout"
)
demo_words = st.sampled_from(WORDS.split())
requests = st.builds(
    lambda verb, values, more: " ".join([verb, *values, *more]),
    st.sampled_from(["deploy", "roll back", "restart", "scale", "approve", "reject", "status", "please deploy"]),
    st.permutations(["checkout", "prod", "v42", "6"]).map(lambda words: words[:3]),
    st.lists(demo_words, max_size=2),
)
sentences = requests | st.lists(demo_words, max_size=12).map(" ".join)


@st.composite
def catalogs(draw: st.DrawFn) -> Catalog:
    """A few services and environments, each with an alias, and no word used twice."""
    words = draw(st.lists(names, min_size=4, max_size=12, unique=True))
    pairs = list(zip(words[::2], words[1::2], strict=False))
    half = max(1, len(pairs) // 2)
    return Catalog(
        declared=tuple(service(name, alias) for name, alias in pairs[:half]),
        environments=tuple(environment(name, alias) for name, alias in pairs[half:]),
        people=(),
    )


def filled(draw: Any, parts: list[str]) -> str:
    """The parts in any order, with filler before, between and behind."""
    words: list[str] = []
    for part in draw(st.permutations(parts)):
        words += [*draw(fillers), part]
    return " ".join([*words, *draw(fillers)])


@given(st.data())
def test_words_may_come_in_any_order_with_any_filler(data: st.DataObject) -> None:
    names_here = data.draw(catalogs())
    commands = CommandInterpreter(SKILLS, names_here)
    one = data.draw(st.sampled_from(names_here.services))
    where = data.draw(st.sampled_from(names_here.environments))
    replicas = data.draw(st.integers(min_value=-5, max_value=999))
    spoken = [
        data.draw(st.sampled_from((one.name, *one.aliases))),
        data.draw(st.sampled_from((where.name, *where.aliases))),
    ]
    found = commands.interpret(f"deploy {filled(data.draw, [*spoken, 'v42'])}")
    assert (found.kind, dict(found.params)) == (
        "change",
        {"service": one.name, "environment": where.name, "release": "v42"},
    )
    found = commands.interpret(f"scale {filled(data.draw, [*spoken, str(replicas)])} because v1 is not enough")
    assert (found.kind, dict(found.params), found.reason) == (
        "change",
        {"service": one.name, "environment": where.name, "replicas": replicas},
        "v1 is not enough",
    )


@given(st.text(max_size=2100) | sentences, st.sampled_from([None, *SKILLS, "nonsense"]))
def test_no_text_raises_and_every_answer_is_whole(text: str, skill: str | None) -> None:
    found = COMMANDS.interpret(text, skill=skill)
    assert found.complete is not bool(found.question)
    assert found.question.isprintable()
    assert (found.confidence == 1.0) is found.complete
    if found.complete:
        assert found.skill is not None
        assert SKILLS[SkillName(found.skill)].kind.meaning == found.kind
        assert not found.missing
        assert not found.unresolved


@given(st.text(max_size=300) | sentences)
def test_a_change_was_said_in_full(text: str) -> None:
    """Every word of a change that is proposed was in the text: its verb, and each of its required parameters."""
    found = COMMANDS.interpret(text)
    if found.kind != "change":
        return
    lowered, _, _ = text.lower().partition("because")
    assert found.skill is not None
    skill = SKILLS[SkillName(found.skill)]
    assert any(word in lowered.replace(" ", "") for word in (skill.name, *skill.aliases))
    assert not any(word in lowered.split() for word in ("not", "don't", "tomorrow", "and"))
    here = catalog()
    one, where = here.service(str(found.params["service"])), here.environment(str(found.params["environment"]))
    assert any(word in lowered for word in (one.name, *one.aliases))
    assert any(word in lowered for word in (where.name, *where.aliases))
    if "release" in found.params:
        assert str(found.params["release"]).lower() in lowered
    if "replicas" in found.params:
        spellings = {str(found.params["replicas"]), *(w for w, n in NUMBERS.items() if n == found.params["replicas"])}
        assert any(word in lowered for word in spellings)


@given(
    sentences,
    st.sampled_from(["not", "don't", "never", "tomorrow", "maybe", "if", "why", "unless", "should", "zxqv"]),
    st.data(),
)
def test_one_word_that_is_not_understood_is_enough_to_ask(text: str, word: str, data: st.DataObject) -> None:
    before_the_reason = text.partition("because")[0].partition("reason:")[0].split()
    place = data.draw(st.integers(min_value=0, max_value=len(before_the_reason)))
    with_it = " ".join([*before_the_reason[:place], word, *before_the_reason[place:]])
    found = COMMANDS.interpret(with_it)
    if found.complete:
        assert found.skill is not None
        assert has(fields_of(SKILLS[SkillName(found.skill)]), Slot.TEXT)
        assert word in found.reason


@given(sentences, st.sampled_from([None, *SKILLS]))
def test_a_completion_is_complete_and_keeps_what_was_said(text: str, skill: str | None) -> None:
    found = COMMANDS.interpret(text, skill=skill)
    for completion in found.completions:
        again = COMMANDS.interpret(completion)
        assert again.complete, (text, completion)
        if found.skill:
            assert again.skill == found.skill
            assert again.reason == found.reason
            assert all(again.params[name] == value for name, value in found.params.items())


@given(sentences)
def test_interpreting_again_gives_the_same(text: str) -> None:
    assert COMMANDS.interpret(text) == COMMANDS.interpret(text)


def test_there_are_changes_to_speak_of() -> None:
    assert sum(skill.kind is Kind.CHANGE for skill in SKILLS.values()) >= 4
