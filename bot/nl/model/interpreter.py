"""An interpreter that asks a model where the embedded one is not sure, and goes on without it where the model is no help.

Who reads what:

* Typed commands, decisions, and sentences that the embedded interpreter is sure of never leave the house. Nor does what is not addressed
  to the bot, is quoted as a whole, is too long, or holds characters that nobody can see.
* The model names one skill with arguments. Two at once are a question, and where all of them only read, reads that an `Explainer` may put
  together; a name that there is not is garbage.
* A change needs two readers: it is proposed only if the embedded interpreter heard somebody ask for that skill, too, and lacked no more
  than values. Where only the model heard it, the person is shown the request as a command and may send it.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

import structlog

from bot.nl import questions
from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.fields import fields_of
from bot.nl.interpretation import ChannelKind, Interpretation, Read
from bot.nl.model.calls import INTERPRETER, understood
from bot.nl.model.chat import Ask, Call, Reply, Trouble, Why
from bot.nl.model.evidence import Evidence
from bot.nl.model.line import Line
from bot.nl.model.outgoing import clean, earlier, known, spoken, unmarked
from bot.nl.model.prompts import Prompts
from bot.nl.model.tools import offered, tool
from bot.nl.reading import Names
from bot.nl.turns import Turn
from bot.nl.vocabulary import COMPARING
from bot.nl.words import LONGEST, hidden, split_reason, words
from bot.nl.words import plain as text_of
from skills.core.catalog import Catalog
from skills.core.registry import Skills
from skills.core.skill import Kind

_SURE = 0.8
"""From here on, the embedded interpreter's word is taken without asking anybody."""
_TURNING = frozenset(
    [
        "not",
        "no",
        "don't",
        "dont",
        "didn't",
        "never",
        "nothing",
        "none",
        "nobody",
        "without",
        "except",
        "but",
        "unless",
        "if",
        "when",
        "while",
        "until",
        "later",
        "tomorrow",
        "tonight",
        "stop",
        "wait",
        "instead",
        "cancel",
        "should",
        "shall",
        "maybe",
        "perhaps",
    ]
)
"""Words that may turn a sentence around. Where one is said and only the model knows what to make of it, the person is asked."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A request on its way. `plain` is what the embedded interpreter made of it."""

    text: str
    thread: tuple[Turn, ...]
    asker: str
    now: datetime
    plain: Interpretation


class ModelInterpreter:
    """A `Reader`. `skills` must be described ones, without ports: they are named here and never run."""

    def __init__(
        self,
        *,
        embedded: EmbeddedInterpreter,
        line: Line,
        prompts: Prompts,
        skills: Skills,
        catalog: Catalog,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = UTC,
    ) -> None:
        self.line = line
        self._embedded = embedded
        self._prompts = prompts
        self._catalog = catalog
        self._clock = clock
        self._zone = zone
        self._offered = offered(skills)
        self._fields = {name: fields_of(skill) for name, skill in self._offered.items()}
        self._tools = [tool(skill) for skill in self._offered.values()]

    async def read(
        self,
        text: str,
        *,
        skill: str | None = None,
        usable: Collection[str] | None = None,
        thread: Sequence[Turn] = (),
        asker: str = "",
        channel_kind: ChannelKind = "direct",
        now: datetime | None = None,
    ) -> Interpretation:
        """What `text` asks for; see `Reader`."""
        plain = self._embedded.interpret(
            text, skill=skill, usable=usable, thread=thread, asker=asker, channel_kind=channel_kind, now=now
        )
        if skill is not None or self._settled(plain, text, channel_kind):
            return plain
        said = _Said(text=text, thread=tuple(thread), asker=asker, now=now or self._clock(), plain=plain)
        try:
            reply = await self.line.ask(self._ask(said), asker=asker)
            return self._meant(reply, said)
        except Trouble as trouble:
            log.info("model of no help", why=str(trouble.why), detail=trouble.detail)
            return replace(plain, note=f"{trouble.sentence}; I read this without it.")

    def _settled(self, plain: Interpretation, text: str, channel_kind: ChannelKind) -> bool:
        """Is there nothing to ask a model about?"""
        if plain.complete:
            compared = plain.kind == "query" and plain.interpreter != "commands" and _compares(text)
            return (plain.confidence >= _SURE and not compared) or plain.kind == "decision"
        if plain.kind == "chat" or len(text) > LONGEST or hidden(text) or not spoken(text).strip(" …"):
            return True
        if plain.kind == "none":
            to_another = plain.interpreter == "commands" and not plain.question
            return to_another or (channel_kind in ("channel", "thread") and not plain.question)
        several = "skill" in plain.candidates and self._hears_change(plain)
        half_typed = plain.interpreter == "commands" and plain.skill is not None and not plain.unresolved
        return several or half_typed

    async def check(self) -> str:
        """Ask the model something small; a sentence about its answer. Raises `Trouble`."""
        reply = await self.line.ask(Ask(system=self._prompts.render("check", {}), user="ping"), asker="doctor")
        return f"{self.line.name} answered, {reply.size} characters"

    def _ask(self, said: _Said) -> Ask:
        lines = earlier(said.thread, said.asker)
        told = {"request": unmarked(clean(spoken(said.text))), "earlier": lines}
        return Ask(
            system=self._prompts.render("interpret", self._known(said.now)),
            user=self._prompts.render("request_in_thread" if lines else "request", told),
            tools=self._tools,
        )

    def _known(self, now: datetime) -> dict[str, str]:
        """What the prompt says of this organization, and how people ask here."""
        examples = [f"- {example} → {skill.name}" for skill in self._offered.values() for example in skill.examples]
        return {**known(self._catalog, now.astimezone(self._zone)), "examples": "\n".join(examples)}

    def _meant(self, reply: Reply, said: _Said) -> Interpretation:
        calls = [call for number, call in enumerate(reply.calls) if call not in reply.calls[:number]]
        if not calls:
            return said.plain if said.plain.kind != "none" else replace(said.plain, interpreter=INTERPRETER)
        names = self._embedded.names()
        evidence = Evidence(said.text, said.thread, said.asker, names=names, now=said.now, zone=self._zone)
        found = [self._one(call, evidence, names, said) for call in calls[:4]]
        if len(found) > 1:
            return self._together(found, calls, said.plain) or self._several(found)
        if found[0].kind == "query" and _compares(said.text) and not self._hears_change(said.plain):
            return replace(found[0], reads=_reads(found))
        if self._made_up(found[0], calls[0], said.plain):
            return said.plain
        if found[0].kind == "clarify" and self._unheard(found[0], said.plain):
            # Values that are merely possible are not offered for a change that nobody else heard: one careless click would ask for it.
            return replace(found[0], completions=())
        return _agreed(found[0], said.plain, self._spell, turned=evidence.holds(_TURNING))

    def _made_up(self, found: Interpretation, call: Call, plain: Interpretation) -> bool:
        """A change that nobody else heard, with a value that nobody said: that is not even worth a question."""
        invented = set(found.missing) & set(call.arguments or ())
        return bool(invented) and self._unheard(found, plain)

    def _unheard(self, found: Interpretation, plain: Interpretation) -> bool:
        """Is this a change that only the model heard?"""
        change = found.skill is not None and self._offered[found.skill].kind.acts
        return change and plain.skill != found.skill

    def _one(self, call: Call, evidence: Evidence, names: Names, said: _Said) -> Interpretation:
        skill = self._offered.get(call.name)
        if skill is None:
            raise Trouble(Why.GARBAGE)
        _, reason = split_reason(spoken(said.text))
        fields = self._fields[skill.name]
        return understood(skill, fields, call, evidence=evidence, names=names, catalog=self._catalog, reason=reason)

    def _together(
        self, found: Sequence[Interpretation], calls: Sequence[Call], plain: Interpretation
    ) -> Interpretation | None:
        """Several reads that one answer can be made of; None if not all of them are reads, or somebody heard a change."""
        kinds = {self._offered[call.name].kind if call.name in self._offered else None for call in calls}
        if kinds != {Kind.QUERY} or self._hears_change(plain):
            return None
        if unknown := next((each for each in found if each.unresolved), None):
            return unknown
        if not all(each.complete for each in found):
            return None
        return replace(self._several(found), reads=_reads(found))

    def _hears_change(self, plain: Interpretation) -> bool:
        skills = {plain.skill, *plain.candidates.get("skill", ())}
        return any(self._offered[name].kind.acts for name in skills if name in self._offered)

    def _several(self, found: Sequence[Interpretation]) -> Interpretation:
        """More than one thing at a time is a question: each is to be shown and countersigned by itself."""
        named = tuple(dict.fromkeys(each.skill for each in found if each.skill))
        return Interpretation(
            kind="clarify",
            interpreter=INTERPRETER,
            skill=found[0].skill,
            candidates={"skill": named},
            question=f"That is more than one thing ({' and '.join(named)}). Which first? One at a time, so that each is shown and countersigned by itself.",
            completions=tuple(dict.fromkeys(self._spell(each) for each in found if each.complete)),
            confidence=0.5,
        )

    def _spell(self, found: Interpretation) -> str:
        assert found.skill
        return questions.spelled(self._offered[found.skill], self._fields[found.skill], found.params, found.reason)


def _reads(found: Sequence[Interpretation]) -> tuple[Read, ...]:
    return tuple(Read(skill=each.skill, params=each.params) for each in found if each.skill)


def _compares(text: str) -> bool:
    """Do these words relate things to each other?"""
    return any(word.key in COMPARING for word in words(text_of(spoken(text))))


def _agreed(
    found: Interpretation, plain: Interpretation, spell: Callable[[Interpretation], str], *, turned: bool
) -> Interpretation:
    """A change that both have heard, or a question that shows what the model heard; the embedded question where that has more to choose from."""
    if found.kind == "clarify" and plain.kind == "clarify" and plain.skill == found.skill and plain.candidates:
        return plain
    if found.kind != "change" or (_heard(plain, found) and not turned):
        return found
    return replace(
        found,
        kind="clarify",
        question="I am not sure that you are asking for this. If you are, send it as a command.",
        completions=(spell(found),),
        confidence=found.confidence / 2,
    )


def _heard(plain: Interpretation, found: Interpretation) -> bool:
    """Did the embedded interpreter hear a request for this change, with nothing but values open?"""
    if plain.skill != found.skill:
        return False
    lacking = plain.missing or plain.unresolved or any(name != "skill" for name in plain.candidates)
    return plain.kind == "change" or (plain.kind == "clarify" and bool(lacking) and not plain.hindered)
