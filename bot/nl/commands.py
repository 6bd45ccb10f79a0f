"""Typed commands: a verb, then its parameters in any order, with the filler of a hurried person.

How it decides:

* What can be said comes from the registry: a verb is the name or an alias of a skill, and its parameters say what kinds of words it
  takes. The verb leads; only a request that merely looks may have it elsewhere (“checkout status”).
* Every word has to have its place. It is a name from the catalog, a number, a release (a version, an image reference, or something
  with a digit where no other word is the release), or filler from a fixed list. One word left over makes a question: that is why
  “don't deploy …”, “should we deploy …” and “deploy … tomorrow” never change anything.
* Names go before numbers, numbers before releases, releases before filler. A name that is both a service and an environment is the
  environment.
* Two values for one parameter, a missing one, or a question mark (other than after “could you …”) make a question too, with whole
  requests to choose from where the catalog knows the choices.
* Parameters may be given by name (`--since 15m`); `bot/nl/options.py` says how.
* What follows “because” is the reason. A skill with a free-text parameter takes the rest of the line as it was typed.
* Numbers out of range pass: the skill says what the range is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bot.nl import options, phrased, questions
from bot.nl.asking import INTERPRETER, Request, interpretation
from bot.nl.fields import fields_of, has
from bot.nl.interpretation import OTHER, Interpretation
from bot.nl.reading import Names, Reader, Reading, apart
from bot.nl.values import LEADS
from bot.nl.vocabulary import CLOSINGS, LOOKING, OPENINGS
from bot.nl.words import LONGEST, Word, hidden, plain, quoted, split_reason, words
from skills.core.catalog import Catalog
from skills.core.errors import did_you_mean
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot


class CommandInterpreter:
    """The interpreter that is always there: deterministic, and without a model."""

    def __init__(self, skills: Skills, catalog: Catalog) -> None:
        self._skills = skills
        self._catalog = catalog
        self._fields = {skill.name: fields_of(skill) for skill in skills.values()}
        guides = (s for s in skills.values() if s.kind is Kind.QUERY and has(self._fields[s.name], Slot.SKILL))
        self._guide = next(guides, None)

    def interpret(
        self, text: str, *, skill: str | None = None, usable: Collection[str] | None = None
    ) -> Interpretation:
        """What `text` asks for; see `Interpreter`. Takes a fraction of a millisecond with a catalog of a hundred services."""
        if complaint := _unreadable(text):
            return _clarify(complaint)
        line = plain(text)
        head, reason = split_reason(line)
        names = self.names()
        found = apart(words(line), names)
        opening = _openings(found)
        verb, rest = self._verb(found, opening, len(head), self._skills.by_word(skill) if skill else None)
        if verb is None:
            return self._no_verb(line, found[opening:], usable)
        if self._guide and verb is not self._guide and [self._skills.by_word(w.key) for w in rest] == [self._guide]:
            verb, rest = self._guide, [replace(rest[0], text=verb.name)]
        verb, rest = self._asked_of(verb, rest, names)
        fields = self._fields[verb.name]
        if has(fields, Slot.TEXT):
            head, reason = line, ""
        request = Request(
            skill=verb,
            fields=fields,
            words=[word for word in rest if word.end <= len(head)],
            line=line,
            reason=reason,
            polite=any(word.key in _ASKING for word in found[:opening]),
            asks=any(word.asks for word in found if word not in rest),
            lead=next((word.key for word in found if word not in rest and word.key in LEADS), ""),
        )
        return self._request(request, names)

    @property
    def verbs(self) -> tuple[str, ...]:
        """Every word that names a skill."""
        return tuple(self._skills.words)

    def names(self) -> Names:
        """As of now: services may have been discovered since the last request."""
        return Names(
            services={word: each.name for each in self._catalog.services for word in (each.name, *each.aliases)},
            environments={
                word: each.name for each in self._catalog.environments for word in (each.name, *each.aliases)
            },
            skills={word: skill.name for word in self._skills.words if (skill := self._skills.by_word(word))},
            people={
                word.lower(): each.actor.subject
                for each in self._catalog.people
                for word in (each.actor.subject, *each.aliases)
            },
        )

    def _verb(
        self, found: Sequence[Word], opening: int, head: int, given: AnySkill | None
    ) -> tuple[AnySkill | None, list[Word]]:
        """The skill that is asked for, and the words besides its own."""
        leading, count = self._verb_at(found, opening)
        if given is not None:
            repeated = leading is given
            return given, list(found[opening + count if repeated else opening :])
        if leading is not None:
            return leading, list(found[opening + count :])
        for index, word in enumerate(found):
            skill = self._skills.by_word(word.key)
            if (
                skill
                and skill.kind is Kind.QUERY
                and word.end <= head
                and not _told(found[:index])
                and not _placed(found, index)
            ):
                reader = Reader(self._fields[skill.name], self.names(), looking=True)
                if all(reader.could_read(each) for each in found[:index]):
                    return skill, [*found[:index], *found[index + 1 :]]
        return None, list(found)

    def _asked_of(self, verb: AnySkill, rest: list[Word], names: Names) -> tuple[AnySkill, list[Word]]:
        """“/deploy history checkout” asks for the history: the second verb, where it only reads, is what is wanted."""
        second = self._skills.by_word(rest[0].key) if rest and verb.kind.acts else None
        if second is None or second.kind is not Kind.QUERY or rest[0].key in names.services:
            return verb, rest
        return second, rest[1:]

    def _verb_at(self, found: Sequence[Word], index: int) -> tuple[AnySkill | None, int]:
        """The verb at a place, and of how many words it is: “roll back” is `rollback`."""
        keys = [word.key.lstrip("/!") for word in found[index : index + 2]]
        spellings = [(2, joint.join(keys)) for joint in (" ", "", "-")] if len(keys) == 2 else []
        if keys:
            spellings += [(1, keys[0]), (1, keys[0].replace("-", ""))]
        if len(found) > index + 2 and found[index + 1].key in _ARTICLES:
            # “Declare an incident” is `declare-incident`.
            spellings.append((3, f"{keys[0]}-{found[index + 2].key.strip(':,')}"))
        for count, spelling in spellings:
            if skill := self._skills.by_word(spelling):
                return skill, count
        return None, 0

    def _request(self, request: Request, names: Names) -> Interpretation:
        reader = Reader(request.fields, names, looking=request.skill.kind is Kind.QUERY)
        reading, said = Reading(), request.words
        if not has(request.fields, Slot.TEXT):
            said = options.joined(said, request.line) if has(request.fields, Slot.PATTERN) else said
            said = options.take(said, request.fields, names, reading)
            said = phrased.joined(said, frozenset(each.slot for each in request.fields))
        if request.skill.kind is Kind.QUERY and not has(request.fields, Slot.SKILL):
            # “Grep timeout in checkout logs” has two words for one skill.
            said = [word for word in said if self._skills.by_word(word.key) is not request.skill]
        reading = reader.read(said, request.line, reading, before=request.lead)
        if text := _free_text(reading.text):
            reading.take(Slot.TEXT, text)
        return interpretation(request, reading, names, self._catalog)

    def _no_verb(self, line: str, rest: Sequence[Word], usable: Collection[str] | None) -> Interpretation:
        hint = f" Say “{self._guide.name}” to see what can be asked." if self._guide else ""
        if not rest:
            return _none(f"Say what should be done.{hint}")
        first = rest[0]
        offered = [word for word in self._skills.words if usable is None or self._named(word) in usable]
        if candidates := tuple(dict.fromkeys(self._named(word) for word in questions.misspelled(first, offered))):
            tries = [f"{name}{line[first.end :]}" for name in candidates if not first.key.endswith(name)]
            return _clarify(
                f"I know no request called {quoted(first.text)}. {did_you_mean(candidates)}",
                unresolved={OTHER: first.text},
                candidates={"skill": candidates},
                completions=tuple(each for each in tries if self.interpret(each, usable=usable).complete),
            )
        if any(self._skills.by_word(word.key) for word in rest):
            return _clarify(
                f"{questions.not_understood([first])} Begin with what should be done.{hint}",
                unresolved={OTHER: first.text},
            )
        return _none(f"{questions.not_understood(rest)}{hint}", unresolved={OTHER: first.text})

    def _named(self, word: str) -> str:
        skill = self._skills.by_word(word)
        return skill.name if skill else word


_ARTICLES = frozenset({"a", "an", "the"})
_ASKING = frozenset({"can", "could", "would"})


def _told(before: Sequence[Word]) -> bool:
    """“Pods are pending”: is what comes next told of something, and not asked for?"""
    keys = [word.key for word in before]
    return len(keys) > 1 and keys[-1] in ("is", "are", "was", "were") and keys[0] not in LOOKING


def _placed(found: Sequence[Word], index: int) -> bool:
    """“In namespace debug”, “in the debug namespace”: is a word the name of a place?"""
    beside = [word.key for word in (*found[max(0, index - 1) : index], *found[index + 1 : index + 2])]
    return "namespace" in beside or "ns" in beside


def _openings(found: Sequence[Word]) -> int:
    """How many words at the start are the bot's name and mere politeness."""
    mentioned = 1 if found and found[0].key.startswith("@") else 0
    words_after = enumerate(found[mentioned:], start=mentioned)
    return next((index for index, word in words_after if word.key not in OPENINGS), len(found))


def _free_text(tail: str) -> str:
    """The end of a request as its text; nothing where it is only politeness."""
    if all(word.key in CLOSINGS for word in words(tail)):
        return ""
    before, reason = split_reason(tail)
    return (tail if before.strip() else reason).strip(" ,;:–—-")


def _unreadable(text: str) -> str:
    """Why this text is not read at all, or nothing."""
    if len(text) > LONGEST:
        return f"That is too long for a request: {len(text):,} characters, and {LONGEST:,} are read."
    if odd := hidden(text):
        some = ", ".join(odd[:5]) + (", …" if len(odd) > 5 else "")
        return f"The text holds characters that cannot be seen ({some}), so it may not be what it looks like. Type it again, please."
    return ""


def _clarify(
    question: str,
    *,
    unresolved: Mapping[str, str] | None = None,
    candidates: Mapping[str, tuple[str, ...]] | None = None,
    completions: tuple[str, ...] = (),
) -> Interpretation:
    return Interpretation(
        kind="clarify",
        interpreter=INTERPRETER,
        question=question,
        unresolved=unresolved or {},
        candidates=candidates or {},
        completions=completions,
    )


def _none(question: str, *, unresolved: Mapping[str, str] | None = None) -> Interpretation:
    return Interpretation(kind="none", interpreter=INTERPRETER, question=question, unresolved=unresolved or {})
