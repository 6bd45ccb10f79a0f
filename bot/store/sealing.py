"""Personal data in audit entries: a salted hash stands in the tree, and what it hides beside it, where it can be erased.

Who acted is a person's *pseudonym*: the hash of their subject with a salt of their own. It is the same in every entry, so that “two different
people” can be told even after both were erased, and erasing the salt erases the person. What people typed has a salt for each place.
`people` and `texts` of an entry's body list the places that hold such hashes; an entry without `people` was written before there were any.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from skills.core.canonical import Json

ERASED = "(erased)"
PERSON = "person/"
"""What the subject of an entry about a person begins with."""

_SALTED = b"\x02"
_TYPED = frozenset({"because", "comment", "note", "reason", "words"})
_TOLD = frozenset({"why", "written"})
_PEOPLE = frozenset(
    {"approver", "by", "granted_to", "grantee", "granter", "holder", "owner", "people", "person", "requester"}
)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """The clear text of one place of one entry, or that it was erased (`erasure`, which an entry `audit:erased` bears).

    `person` is the pseudonym of whoever typed it, None where we worded it about people.
    """

    field: str
    person: str | None
    salt: str | None
    text: str | None
    erasure: str | None = None


@dataclass(frozen=True, kw_only=True)
class Person:
    """A pseudonym and whose it is, or that this was erased."""

    pseudonym: str
    salt: str | None
    name: str | None
    erasure: str | None = None


@dataclass(kw_only=True)
class Sealed:
    """An entry's actor, subject and facts with hashes in place of personal data, and what these hide."""

    actor: str
    subject: str
    facts: dict[str, Json]
    people: list[str] = field(default_factory=lambda: ["actor"])
    texts: list[Kept] = field(default_factory=list)


def salted(salt: bytes, text: str) -> str:
    """SHA-256(0x02 || salt || text in UTF-8), as it stands in an entry. The tree itself hashes with 0x00 and 0x01."""
    return f"sha256:{hashlib.sha256(_SALTED + salt + text.encode()).hexdigest()}"


def people_in(actor: str, subject: str, facts: Mapping[str, Json]) -> set[str]:
    """Everybody who is named where a person stands."""
    found = {actor}
    if subject.startswith(PERSON):
        found.add(subject.removeprefix(PERSON))
    for key, value in facts.items():
        if key in _PEOPLE:
            found.update(_strings(value))
    return found


def seal(
    actor: str, subject: str, facts: Mapping[str, Json], *, pseudonyms: Mapping[str, str], salts: Iterator[bytes]
) -> Sealed:
    """Hashes instead of personal data. `pseudonyms` has everybody that `people_in` finds; `salts` are fresh random bytes."""
    sealed = Sealed(actor=pseudonyms[actor], subject=subject, facts=dict(facts))
    if subject.startswith(PERSON):
        sealed.subject = PERSON + pseudonyms[subject.removeprefix(PERSON)]
        sealed.people.append("subject")
    for key, value in facts.items():
        place = f"facts/{key}"
        if key in _PEOPLE:
            sealed.facts[key] = _named(value, place, pseudonyms, sealed.people)
        elif key in _TYPED or key in _TOLD:
            sealed.facts[key] = _hidden(value, place, sealed.actor if key in _TYPED else None, salts, sealed.texts)
    verdict = facts.get("verdict")
    if isinstance(verdict, Mapping) and "reasons" in verdict:
        reasons = _hidden(verdict["reasons"], "facts/verdict/reasons", None, salts, sealed.texts)
        sealed.facts["verdict"] = {**verdict, "reasons": reasons}
    return sealed


def opened(body: Mapping[str, Any], people: Mapping[str, Person], texts: Mapping[str, Kept]) -> dict[str, Any]:
    """The entry with the clear text in place of the hashes, or a word that says it was erased. `texts` are by their place.

    Raises `ValueError` where clear text is not what was hashed, and `KeyError` where it is missing.
    """
    clear = dict(body)
    for place in body.get("people", ()):
        _put(clear, place, lambda hashed, place=place: _name(people, hashed, place))
    for place in body.get("texts", ()):
        _put(clear, place, lambda hashed, kept=texts[place]: text_of(kept, hashed))
    return clear


def text_of(kept: Kept, hashed: str) -> str:
    """What was typed. Raises `ValueError` where it is not what was hashed."""
    if kept.erasure is not None and kept.salt is None and kept.text is None:
        return ERASED
    _check(kept.salt, kept.text, hashed)
    assert kept.text is not None
    return kept.text


def name_of(person: Person) -> str:
    """Who it is; those who were erased can still be told apart. Raises `ValueError` where it is not what was hashed."""
    if person.erasure is not None and person.salt is None and person.name is None:
        return erased_name(person.pseudonym)
    _check(person.salt, person.name, person.pseudonym)
    assert person.name is not None
    return person.name


def erased_name(pseudonym: str) -> str:
    """What stands for somebody who was erased."""
    return f"(erased {pseudonym.removeprefix('sha256:')[:6]})"


def fingerprint(people: Iterable[str], texts: Iterable[tuple[int, str]]) -> str:
    """What an entry `audit:erased` says of what was erased: pseudonyms and (entry, place), each in order."""
    found = hashlib.sha256()
    for pseudonym in people:
        found.update(f"{pseudonym}\n".encode())
    for seq, place in texts:
        found.update(f"{seq} {place}\n".encode())
    return found.hexdigest()


def at(body: Mapping[str, Any], place: str) -> str:
    """The hash that stands there. Raises `ValueError` where none does."""
    here: Any = body
    try:
        for step in place.split("/"):
            here = here[int(step)] if isinstance(here, list) else here[step]
    except (KeyError, IndexError, TypeError, ValueError):
        here = None
    hashed = here.removeprefix(PERSON) if isinstance(here, str) and place == "subject" else here
    if isinstance(hashed, str) and hashed.startswith("sha256:"):
        return hashed
    raise ValueError(f"there is no hash in {place}")


def _check(salt: str | None, text: str | None, hashed: str) -> None:
    if salt is None or text is None or salted(bytes.fromhex(salt), text) != hashed:
        raise ValueError("the clear text is not what was hashed")


def _name(people: Mapping[str, Person], hashed: str, place: str) -> str:
    if place == "subject":
        return PERSON + name_of(people[hashed.removeprefix(PERSON)])
    return name_of(people[hashed])


def _put(clear: dict[str, Any], place: str, open_: Any) -> None:
    """Replace what stands at a place, copying what is on the way there."""
    *way, last = place.split("/")
    here: Any = clear
    for step in way:
        key: Any = int(step) if isinstance(here, list) else step
        here[key] = list(here[key]) if isinstance(here[key], list) else dict(here[key])
        here = here[key]
    key = int(last) if isinstance(here, list) else last
    here[key] = open_(here[key])


def _named(value: Json, place: str, pseudonyms: Mapping[str, str], places: list[str]) -> Json:
    if isinstance(value, str) and value:
        places.append(place)
        return pseudonyms[value]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_named(each, f"{place}/{number}", pseudonyms, places) for number, each in enumerate(value)]
    return value


def _hidden(value: Json, place: str, person: str | None, salts: Iterator[bytes], texts: list[Kept]) -> Json:
    """Every text in it hashed; what is empty hides nothing."""
    if isinstance(value, str) and value:
        salt = next(salts)
        texts.append(Kept(field=place, person=person, salt=salt.hex(), text=value))
        return salted(salt, value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_hidden(each, f"{place}/{number}", person, salts, texts) for number, each in enumerate(value)]
    return value


def _strings(value: Json) -> Iterator[str]:
    if isinstance(value, str) and value:
        yield value
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for each in value:
            yield from _strings(each)
