"""From a sentence to a request, station by station."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.nl.fields import fields_of
from bot.nl.interpretation import ChannelKind, Interpretation
from bot.nl.natural import asking, mood
from bot.nl.natural.asking import INTERPRETER, Open
from bot.nl.natural.followup import follow
from bot.nl.natural.items import Item, ItemReader
from bot.nl.natural.looking import Looker, opened, seeks_advice, states
from bot.nl.natural.mood import Mood
from bot.nl.natural.phrases import Lexicon
from bot.nl.natural.requesting import PRONOUNS, Part, Requester, Spoken
from bot.nl.natural.speech import clauses, own_words
from bot.nl.natural.symptoms import states_trouble
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from bot.nl.words import split_reason
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot

_SURE = 0.95
_LIKELY = 0.8
_HINDERED = 0.6
_NEAR = 4
"""Words: how far behind the verb what is to be shown is pointed at."""
_SHOWING = frozenset(
    {
        "show",
        "graph",
        "plot",
        "chart",
        "draw",
        "visualize",
        "visualise",
        "compare",
        "explain",
        "fix",
        "check",
        "describe",
    }
)


class NaturalInterpreter:
    """Understands whole sentences. Deterministic; holds what the registry says and nothing else."""

    def __init__(self, skills: Skills, catalog: Catalog) -> None:
        self._skills = skills
        self._catalog = catalog
        self._fields = {skill.name: fields_of(skill) for skill in skills.values()}
        lexicon = Lexicon(skills)
        self._requester = Requester(lexicon, self._fields)
        self._looker = Looker(skills, self._fields, lexicon)

    def interpret(
        self,
        text: str,
        *,
        names: Names,
        now: datetime,
        zone: tzinfo,
        about: Subject | None = None,
        channel_kind: ChannelKind = "direct",
    ) -> Interpretation:
        """What the sentences ask for. `about` is what the thread is about.

        A plain request goes first, then a question that reads, then talk about a change, then a request that something stands in the way
        of, then a fragment that continues the thread.
        """
        body, reason = split_reason(own_words(text))
        parts = self._parts(body, ItemReader(names, now, zone))
        overheard = channel_kind in ("channel", "thread")
        spoken = [each for part in parts for each in self._requester.spoken(part)]
        requests = self._requester.requests(spoken, parts, names, about, reason)
        theirs = overheard and any(each.mood is Mood.ADDRESSED for each in requests)
        if plain := [each for each in requests if each.mood is None]:
            # “Restart search, then scale checkout?”: what is only half asked for is no reason for the rest.
            return self._asked(
                [*plain, *(each for each in requests if each.mood and each.skill is not plain[0].skill)], names
            )
        # “Sam, restart search”: where others listen, it is Sam's.
        looked = self._nothing((), ()) if theirs else self._looked(parts, names, about, strict=overheard)
        stated = any(states(part.text) for part in parts)
        if not (overheard or stated or any(part.asks for part in parts)) and (
            moved := self._requester.moved(parts, names)
        ):
            looked = asking.interpretation(moved, names, self._catalog, confidence=_LIKELY)
        if looked is not None:
            return looked
        if spoken and any(mood.about(part.items) for part in parts):
            return _talk(spoken)
        found, confidence = (requests[0], _HINDERED) if requests else (None, _LIKELY)
        if found is None and not spoken:
            found = follow(parts, about, self._skills, self._fields, names) if about else None
            found = found or (None if overheard or stated else self._requester.offered(parts, names))
        if found is not None:
            return asking.interpretation(found, names, self._catalog, confidence=confidence)
        if not overheard and about is None and any(_shows_this(part.items) for part in parts):
            return _of_what()
        return self._nothing(parts, () if overheard else spoken)

    def _parts(self, body: str, reader: ItemReader) -> list[Part]:
        """The clauses, and where one asks for two things, its halves."""
        whole = [
            Part(items=items, text=clause.text, sentence=clause.sentence, asks=clause.asks)
            for clause in clauses(body)
            if (items := reader.read(clause.text))
        ]
        return [part for each in whole for part in self._requester.divided(each)]

    def _asked(self, requests: Sequence[Open], names: Names) -> Interpretation:
        different = {(each.skill.name, str(sorted(each.filling.params.items(), key=str))): each for each in requests}
        if len(different) > 1:
            return asking.several([*different.values()])
        score = min((each.score for each in requests[0].filling.resolved), default=1.0)
        return asking.interpretation(requests[0], names, self._catalog, confidence=round(_SURE * score, 2))

    def _looked(
        self, parts: Sequence[Part], names: Names, about: Subject | None, *, strict: bool
    ) -> Interpretation | None:
        """What is asked to be shown. A clause that is a question of its own goes before those that merely stand before a question mark."""
        found: list[tuple[Open, float]] = []
        if any(seeks_advice(part.items) for part in parts):
            return None
        trouble = bool(parts) and states_trouble(parts[0].items) and not opened(parts[0].items, parts[0].asks)
        for part in sorted(parts, key=lambda each: not opened(each.items, False)):
            around = [other for other in parts if other is not part]
            one = self._looker.look(part, around, names, about, strict=strict)
            found += [one] if one else []
            if found and not (trouble and opened(part.items, False)):
                break
        if not found:
            return None
        if len({each.skill.name for each, _ in found}) > 1 and (whole := self._looker.explained(parts, names, about)):
            # Trouble first, and then several things to look at: what they are wanted for is the cause.
            found = [whole]
        request, confidence = found[0]
        return asking.interpretation(request, names, self._catalog, confidence=confidence)

    def _nothing(self, parts: Sequence[Part], spoken: Sequence[Spoken]) -> Interpretation:
        """No request; with one honest sentence where somebody seems to want something all the same, or speaks of what I do."""
        if spoken:
            said = f"I take that as talk about {spoken[0].match.skill.name}, not as a request for it; nothing is done."
            return Interpretation(kind="none", interpreter=INTERPRETER, question=said, confidence=_LIKELY)
        wanted = any(part.asks or _commanding(part.items) or _names_something(part) for part in parts)
        return Interpretation(
            kind="none",
            interpreter=INTERPRETER,
            question=f"I cannot do that. {offer(self._skills)}".rstrip() if wanted else "",
            confidence=_HINDERED if wanted else _LIKELY,
        )


def offer(skills: Skills) -> str:
    """What can be done instead, in one sentence: what changes something by its verb, what reads by what it tells."""
    single = [each for each in skills.values() if not each.topic]
    topics = sorted({each.topic for each in skills.values() if each.topic})
    queries = [each for each in single if each.kind is Kind.QUERY]
    able = _listed([_spoken_name(each) for each in single if each.kind is Kind.CHANGE], last="or")
    told = _listed([str(each.name) for each in queries if not each.offered and each.name != "help"])
    ways = [
        able,
        *(each.offered for each in queries if each.offered),
        *(f"run an {each}" for each in topics),
        f"show {told}" if told else "",
    ]
    said = [each for each in ways if each]
    return f"I can {', or '.join([', '.join(said[:-1]), said[-1]] if len(said) > 1 else said)}." if said else ""


def _spoken_name(skill: AnySkill) -> str:
    """“roll back” for `rollback`: the phrase that spells the name, if there is one."""
    return next((each for each in skill.phrases if each.replace(" ", "") == skill.name), str(skill.name))


def _listed(words: Sequence[str], *, last: str = "and") -> str:
    return f"{', '.join(words[:-1])} {last} {words[-1]}" if len(words) > 1 else "".join(words)


def _talk(spoken: Sequence[Spoken]) -> Interpretation:
    skill = spoken[0].match.skill
    return Interpretation(
        kind="chat",
        interpreter=INTERPRETER,
        skill=skill.name,
        question=f"Nothing is changed by asking. To ask for it, say for example: {next(iter(skill.examples), skill.name)}",
        confidence=_LIKELY,
    )


def _of_what() -> Interpretation:
    return Interpretation(
        kind="clarify",
        interpreter=INTERPRETER,
        question="What is that about? Name a service or an environment.",
        confidence=_HINDERED,
    )


def _shows_this(items: Sequence[Item]) -> bool:
    """“Show this as a graph”: something is to be shown, and nothing says what."""
    keys = [item.key for item in items if item.key not in ("please", "can", "could", "you", "now", "ok", "and")]
    return (
        bool(keys)
        and keys[0] in _SHOWING
        and bool(PRONOUNS & set(keys[1:_NEAR]))
        and not any(item.slot for item in items)
    )


def _names_something(part: Part) -> bool:
    """A few words about a service that are no statement."""
    return any(item.slot in (Slot.SERVICE, Slot.ENVIRONMENT) for item in part.items) and not states(part.text)


def _commanding(items: Sequence[Item]) -> bool:
    """Does it sound like something that the bot is told to do?"""
    keys = [item.key for item in items]
    return "please" in keys or keys[:2] in (["can", "you"], ["could", "you"], ["will", "you"], ["would", "you"])
