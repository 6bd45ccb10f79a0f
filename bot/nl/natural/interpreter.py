"""From a sentence to a request, station by station."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bot.nl.fields import Field, fields_of
from bot.nl.interpretation import ChannelKind, Interpretation
from bot.nl.natural import asking, mood
from bot.nl.natural.asking import INTERPRETER, Open
from bot.nl.natural.filling import fill
from bot.nl.natural.harmless import HARMLESS
from bot.nl.natural.followup import follow
from bot.nl.natural.inflection import Form
from bot.nl.natural.items import Item, ItemReader
from bot.nl.natural.looking import Looker
from bot.nl.natural.mood import Mood
from bot.nl.natural.phrases import Lexicon, Match
from bot.nl.natural.speech import clauses, own_words
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from bot.nl.words import split_reason
from skills.core.catalog import Catalog
from skills.core.names import SkillName
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot

_PRONOUNS = frozenset({"it", "that", "this", "them", "there", "same"})


@dataclass(frozen=True, kw_only=True)
class Part:
    """A clause with its items, and what it means for a verb in it."""

    items: list[Item]
    text: str
    sentence: int
    asks: bool


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A verb or a noun of a skill, where it was said and how it is meant."""

    match: Match
    part: Part
    mood: Mood


class NaturalInterpreter:
    """Understands whole sentences. Deterministic; holds what the registry says and nothing else."""

    def __init__(self, skills: Skills, catalog: Catalog) -> None:
        self._skills = skills
        self._catalog = catalog
        self._fields = {skill.name: fields_of(skill) for skill in skills.values()}
        self._lexicon = Lexicon(skills)
        self._looker = Looker(skills, self._fields, self._lexicon)

    def interpret(
        self,
        text: str,
        *,
        names: Names,
        now: datetime,
        zone: tzinfo,
        about: Subject | None = None,
        channel_kind: ChannelKind = "direct",
        usable: Collection[str] | None = None,
    ) -> Interpretation:
        """What the sentences ask for. `about` is what the thread is about."""
        body, reason = split_reason(own_words(text))
        reader = ItemReader(names, now, zone)
        parts = [
            Part(items=items, text=clause.text, sentence=clause.sentence, asks=clause.asks)
            for clause in clauses(body)
            if (items := reader.read(clause.text))
        ]
        spoken = [each for part in parts for each in self._spoken(part)]
        requests = self._requests(spoken, parts, names, about, reason)
        asked = [each for each in requests if each.mood is None]
        if asked:
            return self._proposed(asked, names)
        if looked := self._looked(parts, names, about, strict=channel_kind in ("channel", "thread")):
            return looked
        if spoken and any(mood.about(part.items) for part in parts):
            return self._talk(spoken, usable)
        if requests:
            return asking.interpretation(requests[0], names, self._catalog, confidence=0.6)
        if about and not spoken and (found := follow(parts, about, self._skills, self._fields, names)):
            return asking.interpretation(found, names, self._catalog, confidence=0.8)
        return self._nothing(parts, names, channel_kind)

    # Changes

    def _spoken(self, part: Part) -> list[Spoken]:
        """The verbs and nouns of a clause, with their moods; of overlapping ones that are meant the same, all."""
        wished = mood.wished(part.items)
        items = part.items
        if wished:
            # “We need six replicas”: the wish is for having them.
            items = [*items[: wished - 1], replace(items[wished - 1], key="have"), *items[wished:]]
        found = [
            Spoken(match=each, part=part, mood=mood.mood(each, part.items, text=part.text, asks=part.asks))
            for each in (*self._lexicon.verbs(part.items), *self._lexicon.nouns(part.items))
        ]
        for each in self._lexicon.verbs(items) if wished else ():
            if each.start == wished - 1:
                free = mood.mood(replace(each, places=(0,)), part.items, text=part.text, asks=part.asks)
                found.append(
                    Spoken(
                        match=each,
                        part=part,
                        mood=Mood.REQUEST
                        if free is Mood.REQUEST
                        or free is Mood.TOLD
                        and not mood.hindered_by(part.items, part.text, before=False)
                        and not mood.denied(part.items)
                        else free,
                    )
                )
        return found

    def _requests(
        self, spoken: Sequence[Spoken], parts: Sequence[Part], names: Names, about: Subject | None, reason: str
    ) -> list[Open]:
        """The best reading of each clause that asks for a change, also where something stands in its way."""
        found: list[Open] = []
        for part in parts:
            here = [
                each
                for each in spoken
                if each.part is part
                and each.match.skill.kind is Kind.CHANGE
                and each.mood in (Mood.REQUEST, Mood.QUESTION, Mood.DEPENDS, Mood.LATER)
            ]
            here = [each for each in here if each.mood is not Mood.QUESTION or not mood.about(part.items)]
            readings = [self._read(each, parts, names, about, reason) for each in here]
            readings = [each for each in readings if each is not None]
            if readings:
                found.append(max(readings, key=lambda each: each[0])[1])
        return found

    def _read(
        self, spoken: Spoken, parts: Sequence[Part], names: Names, about: Subject | None, reason: str
    ) -> tuple[tuple[float, ...], Open] | None:
        """One reading of a clause, with how good it is; None where another clause takes the request away."""
        hindrance = spoken.mood if spoken.mood is not Mood.REQUEST else None
        here = parts.index(spoken.part)
        for index, other in enumerate(parts):
            if other is spoken.part:
                continue
            if other.sentence == spoken.part.sentence:
                hindrance = hindrance or mood.hindered_by(other.items, other.text, before=index < here)
            elif index > here and mood.retracted(other.items):
                return None
        if hindrance in (Mood.DENIED, Mood.TOLD):
            return None
        skill = spoken.match.skill
        fields = self._fields[skill.name]
        # The words before it are a polite frame, as a whole, or it would not be a request.
        before = (index for index in range(spoken.match.start) if spoken.part.items[index].key in mood.FRAME)
        frame = frozenset(before) | frozenset(spoken.match.places)
        filling = fill(fields, spoken.part.items, frame, names, guessing=False)
        request = Open(
            skill=skill, fields=fields, filling=filling, reason=reason or _reason(spoken.part, parts), mood=hindrance
        )
        self._borrow(request, spoken.part, parts, about)
        if len(filling.others) > 1 and not any(
            each.slot in (Slot.SERVICE, Slot.ENVIRONMENT) and each.name in filling.values for each in fields
        ):
            # So much about things that are not known here that the verb is likely about something else, too.
            return None
        fit = (
            len(filling.params)
            - len(request.missing)
            - len(filling.unresolved)
            - len(filling.conflicts)
            - len(filling.others)
        )
        return (fit + 0.6 * spoken.match.phrase.weight, -spoken.match.start), request

    def _borrow(self, request: Open, part: Part, parts: Sequence[Part], about: Subject | None) -> None:
        """Fill what is missing from the rest of the sentence, and what a pronoun stands for from the thread."""
        filling = request.filling
        by_slot = {each.slot: each for each in request.fields if each.slot}
        for slot in (Slot.SERVICE, Slot.ENVIRONMENT, Slot.RELEASE):
            each = by_slot.get(slot)
            if each is None or each.name in filling.values or each.name in filling.unresolved:
                continue
            elsewhere = [item for other in parts if other is not part for item in other.items if item.slot is slot]
            if len({str(item.value) for item in elsewhere}) == 1:
                filling.take(each.name, elsewhere[0].value, asking.from_words(each.name, elsewhere[0]))
        if (
            about is None
            or not _PRONOUNS & {item.key for item in part.items}
            or Slot.SERVICE in {item.slot for item in part.items}
        ):
            return
        for each in request.fields:
            if (
                each.slot in (Slot.SERVICE, Slot.ENVIRONMENT)
                and each.name not in filling.values
                and each.name not in filling.unresolved
                and about.params.get(each.name) is not None
            ):
                filling.take(each.name, about.params[each.name], asking.from_thread(each.name, about.params[each.name]))

    def _proposed(self, requests: Sequence[Open], names: Names) -> Interpretation:
        different = list(
            {(each.skill.name, str(sorted(each.filling.params.items(), key=str))): each for each in requests}.values()
        )
        if len(different) > 1:
            return asking.several(different, names, self._catalog)
        request = requests[0]
        score = min((each.score for each in request.filling.resolved), default=1.0)
        return asking.interpretation(request, names, self._catalog, confidence=round(0.95 * score, 2))

    # Reading, talking, and neither

    def _looked(
        self, parts: Sequence[Part], names: Names, about: Subject | None, *, strict: bool
    ) -> Interpretation | None:
        for part in parts:
            found = self._looker.look(part.items, part.asks, part.text, names, about, strict=strict)
            if found is not None:
                return asking.interpretation(found[0], names, self._catalog, confidence=found[1])
        return None

    def _talk(self, spoken: Sequence[Spoken], usable: Collection[str] | None) -> Interpretation:
        skill = spoken[0].match.skill
        verb = next((each for each in self._skills.words if self._skills.by_word(each) is skill), skill.name)
        return Interpretation(
            kind="chat",
            interpreter=INTERPRETER,
            skill=skill.name,
            question=f"Nothing is changed by asking. To ask for it, say for example: {skill.examples[0] if skill.examples else verb}",
            confidence=0.8,
        )

    def _nothing(self, parts: Sequence[Part], names: Names, channel_kind: ChannelKind) -> Interpretation:
        addressed = any(part.asks or _commanding(part.items) for part in parts)
        return Interpretation(
            kind="none",
            interpreter=INTERPRETER,
            question=self._offer() if addressed else "",
            confidence=0.5 if addressed else 0.8,
        )

    def _offer(self) -> str:
        """One honest sentence."""
        able = [skill.name for skill in self._skills.values() if skill.kind is not Kind.DECISION]
        return (
            f"That is not something I can do; I can {', '.join(able[:-1])} and {able[-1]}."
            if len(able) > 1
            else "That is not something I can do."
        )


def _commanding(items: Sequence[Item]) -> bool:
    """Does it sound like something that the bot is told to do?"""
    keys = [item.key for item in items]
    return "please" in keys or keys[:2] in (["can", "you"], ["could", "you"], ["will", "you"], ["would", "you"])


def _reason(part: Part, parts: Sequence[Part]) -> str:
    """What else the person said, where it is a statement."""
    others = [
        other.text for other in parts if other is not part and any(item.key not in HARMLESS for item in other.items)
    ]
    return "; ".join(others)[:300]
