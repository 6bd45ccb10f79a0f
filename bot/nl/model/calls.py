"""From what a model would call to an `Interpretation`: a request, a question, or the finding that the call makes no sense.

A change is made of the person's own words alone. What the model names has to be found there, and what it leaves out is taken from there;
what neither says is asked for. A query may be helped along with names of the catalog.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from pydantic import ValidationError

from bot.nl.fields import Field
from bot.nl.interpretation import Interpretation, Resolved
from bot.nl.model.chat import Call, Trouble, Why
from bot.nl.model.evidence import Evidence
from bot.nl.natural.asking import Open, interpretation
from bot.nl.natural.filling import Filling
from bot.nl.questions import close, missing
from bot.nl.reading import Names
from bot.nl.values import value_of
from bot.nl.words import Word
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill
from skills.core.skill import Slot

INTERPRETER = "model"
CONFIDENCE = 0.8
_LONGEST_VALUE = 500
_NAMED = (Slot.SERVICE, Slot.ENVIRONMENT, Slot.SKILL)
_CHOICE = re.compile(r"[A-Za-z0-9_-]{1,40}")
"""One of a few words, as a skill may offer them; nothing that a chat would make a link of."""
_TOLD = (Slot.RELEASE, Slot.REVISION, Slot.TIME)


def understood(
    skill: AnySkill,
    fields: Sequence[Field],
    call: Call,
    *,
    evidence: Evidence,
    names: Names,
    catalog: Catalog,
    reason: str,
) -> Interpretation:
    """What this call asks for. Raises `Trouble` where it does not fit the skill."""
    given = _given(fields, call)
    change = skill.kind.acts
    filling, unsaid = (_said if change else _looked)(fields, given, evidence, names)
    # A value that nobody said is asked for, even where the skill could do without it.
    open_fields = tuple(replace(each, required=each.required or each.name in unsaid) for each in fields)
    request = Open(skill=skill, fields=open_fields, filling=filling, reason=reason if change else "")
    found = replace(interpretation(request, names, catalog, confidence=CONFIDENCE), interpreter=INTERPRETER)
    return _checked(skill, fields, found) if found.complete else found


def _given(fields: Sequence[Field], call: Call) -> dict[str, Json]:
    """The arguments that say something. An argument that the skill does not have, or that is no plain value, makes the call garbage."""
    if call.arguments is None:
        raise Trouble(Why.GARBAGE)
    known = {each.name for each in fields}
    given: dict[str, Json] = {name: value for name, value in call.arguments.items() if value not in (None, "")}
    for name, value in given.items():
        plain = isinstance(value, str | int) and len(str(value)) <= _LONGEST_VALUE
        if name not in known or not plain:
            raise Trouble(Why.GARBAGE)
    return given


def _said(
    fields: Sequence[Field], given: Mapping[str, Json], evidence: Evidence, names: Names
) -> tuple[Filling, set[str]]:
    """For a change: the values that the person said, and the parameters for which the model has one that they did not say."""
    filling, unsaid = Filling(), set[str]()
    for each in fields:
        if each.slot is None or each.slot is Slot.TEXT:
            unsaid |= {each.name} & set(given)
        elif each.name in given:
            value = given[each.name]
            found = evidence.find(each.name, each.slot, _canonical(each.slot, value, names))
            if found:
                filling.take(each.name, found.value, found)
            else:
                unsaid.add(each.name)
        elif each.slot in _TOLD and (found := evidence.only(each.name, each.slot)):
            filling.take(each.name, found.value, found)
    return filling, unsaid


def _looked(
    fields: Sequence[Field], given: Mapping[str, Json], evidence: Evidence, names: Names
) -> tuple[Filling, set[str]]:
    """For a query: names of the catalog, numbers, times, and words that the person used. No other text of a model's reaches anybody."""
    filling, unsaid = Filling(), set[str]()
    for each in fields:
        if each.name not in given:
            continue
        value = _canonical(each.slot, given[each.name], names)
        if _fit_to_look(each.slot, value, evidence, names):
            said = each.slot and evidence.find(each.name, each.slot, value)
            taken = Resolved(parameter=each.name, words="", value=value, score=CONFIDENCE)
            filling.take(each.name, value, replace(said, value=value) if said else taken)
        elif each.slot in _NAMED and evidence.says(str(value)):
            word = str(value)
            filling.unresolved[each.name] = word
            filling.guesses[each.name] = close(each.slot, Word(text=word, start=0, end=len(word)), names)
        else:
            unsaid.add(each.name)
    return filling, unsaid


def _fit_to_look(slot: Slot | None, value: Json, evidence: Evidence, names: Names) -> bool:
    if slot in _NAMED:
        return value in set(names.of(slot).values())
    if isinstance(value, int):
        return True
    if slot in (Slot.TIME, Slot.SINCE):
        return _is_time(str(value))
    if slot is Slot.DURATION:
        return value_of(slot, str(value)) is not None
    return bool(_CHOICE.fullmatch(str(value))) if slot is None else evidence.says(str(value))


def _is_time(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _canonical(slot: Slot | None, value: Json, names: Names) -> Json:
    """The name that a word stands for; look-alikes outside of ASCII stand for nothing."""
    if slot not in _NAMED or not isinstance(value, str) or not value.isascii():
        return value
    key = value.strip().lower()
    return names.of(slot).get(key) or names.of(slot).get(key.replace(" ", "-"), value)


def _checked(skill: AnySkill, fields: Sequence[Field], found: Interpretation) -> Interpretation:
    """The same, if the skill takes these parameters; otherwise a question about the first that it does not take."""
    try:
        skill.Params.model_validate(dict(found.params))
    except ValidationError as wrong:
        places = [str(error["loc"][0]) for error in wrong.errors() if error["loc"]]
        each = next((each for each in fields if each.name in places), None)
        if each is None:
            raise Trouble(Why.GARBAGE) from None
        return replace(
            found,
            kind="clarify",
            params={name: value for name, value in found.params.items() if name != each.name},
            missing=(each.name,),
            question=missing(each, (), releases=False),
            confidence=CONFIDENCE / 2,
        )
    return found
