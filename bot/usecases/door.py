"""Everything an edge can do: ask in words, write something down, decide, look at a card. What comes back is an `Answer`, never an exception."""

import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot.nl.explaining import Explainer, Explanation, Inquiry
from bot.nl.interpretation import ChannelKind, Interpretation, Interpreter
from bot.nl.reader import Reader, Unaided
from bot.nl.turns import Turn
from bot.store import Store
from bot.usecases.answers import (
    Answer,
    Answered,
    Clarify,
    Decided,
    Exit,
    Explained,
    Failed,
    Ignored,
    Proposed,
    Prose,
    Refused,
    Source,
    Stopped,
)
from bot.usecases.ask import ALWAYS, Ask
from bot.usecases.audience import Audience, Nobody, unless_stopped
from bot.usecases.break_glass import BreakGlass
from bot.usecases.card import Card, make_card
from bot.usecases.correcting import corrected
from bot.usecases.decide import Decide
from bot.usecases.glass_reviews import Overdue
from bot.usecases.limits import Limits
from bot.usecases.propose import Denied, Price, Propose, validated
from bot.usecases.record import Record
from bot.usecases.sweep import Sweep
from bot.usecases.understood import TYPED, understood_as
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import Ambiguous, Anticipated, BadInput, NotAllowed, NothingToDo, Unavailable, UnknownName
from skills.core.glass import GlassRules
from skills.core.names import ProposalId, SkillName
from skills.core.policy import Policy
from skills.core.proposal import Choice, Origin, Proposal
from skills.core.registry import AnySkill, Skills
from skills.core.report import Report, Text
from skills.core.skill import Asked, Change, Kind, Query
from skills.core.skill import Decide as DecisionSkill
from skills.core.skill import Record as RecordSkill

log = structlog.get_logger()


class Door:
    """The only door."""

    def __init__(
        self,
        *,
        skills: Skills,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        interpreter: Interpreter,
        limits: Limits,
        clock: Callable[[], datetime],
        wake: Callable[[], None] = lambda: None,
        new_handle: Callable[[], str] = lambda: secrets.token_urlsafe(18),
        reader: Reader | None = None,
        explainer: Explainer | None = None,
        price: Price = lambda _: None,
        glass: GlassRules | None = None,
    ) -> None:
        self.skills = skills
        self.catalog = catalog
        self.policy = policy
        self.store = store
        self.wake = wake
        self._interpreter = interpreter
        self._reader = reader or Unaided(interpreter)
        self._aided = reader is not None
        self._explainer = explainer
        self._propose = Propose(
            catalog=catalog,
            policy=policy,
            store=store,
            limits=limits,
            clock=clock,
            new_handle=new_handle,
            price=price,
        )
        self._decide = Decide(catalog=catalog, policy=policy, store=store, limits=limits, clock=clock)
        self._ask = Ask(catalog=catalog, policy=policy, clock=clock)
        self._record = Record(catalog=catalog, policy=policy, clock=clock)
        self._break_glass = BreakGlass(
            catalog=catalog, policy=policy, store=store, limits=limits, rules=glass, decide=self._decide, clock=clock
        )
        self.breakable = glass is not None
        remind = Overdue(store=store, catalog=catalog, rules=glass, clock=clock)
        self.sweep = Sweep(store=store, clock=clock, remind=remind)

    async def request(
        self,
        actor: Actor,
        text: str,
        *,
        origin: Origin,
        key: str,
        skill: str | None = None,
        thread: Sequence[Turn] = (),
        channel_kind: ChannelKind = "direct",
        audience: Audience = Nobody(),  # noqa: B008 - it holds nothing
    ) -> Answer:
        """Whatever was typed. `skill` is given where a slash command already named it. The same `key` again proposes nothing new.

        `audience` is told how an answer of several reads comes about, and may stop what a model is asked about; a change never stops half-way.
        `thread` are the earlier turns, oldest first. `channel_kind` is "channel" or "thread" where it is not sure that the bot is meant:
        what is no request then comes back as `Ignored`.
        """
        understand = _Understanding(
            skill=skill, thread=tuple(thread), channel_kind=channel_kind, audience=audience, text=text
        )
        return await _answered(lambda: self._request(actor, text, understand, origin=origin, key=key), text=text)

    def kind_of(
        self, text: str, *, skill: str | None = None, thread: Sequence[Turn] = (), asker: str = ""
    ) -> Kind | None:
        """What kind of skill these words ask for, or None if they are not complete. For an edge that can vouch only for reading.

        Where a reader has a model to ask, words that lack a value may turn out to be complete, so they count as what they may become.
        """
        understood = self._interpreter.interpret(text, skill=skill, thread=thread, asker=asker)
        asked = understood.complete or (self._aided and understood.kind == "clarify")
        return self.skills[SkillName(understood.skill)].kind if asked and understood.skill else None

    async def decide(
        self, actor: Actor, which: ProposalId | str, choice: Choice, *, reason: str = "", origin: Origin, key: str
    ) -> Answer:
        """A decision, by the proposal's number or by the handle of a button. The same `key` again decides nothing new."""
        return await _answered(
            lambda: self._decided(actor, which, choice, reason=reason, origin=origin, key=key), text=origin.words
        )

    async def break_glass(
        self, actor: Actor, which: ProposalId | str, *, reason: str, incident: int | None, origin: Origin, key: str
    ) -> Answer:
        """A proposal let through in an emergency, by its number or by the handle of a button. The same `key` again does nothing new."""
        return await _answered(
            lambda: self._broken(actor, which, reason=reason, incident=incident, origin=origin, key=key),
            text=origin.words,
        )

    async def card(self, which: ProposalId | str) -> Card | None:
        """How a proposal looks now, or None if there is none of this number or handle."""
        found = await (self.store.proposal_by_handle(which) if isinstance(which, str) else self.store.proposal(which))
        return self.card_of(found) if found else None

    def card_of(self, proposal: Proposal) -> Card:
        return make_card(proposal, self.catalog)

    async def _request(
        self, actor: Actor, text: str, understand: "_Understanding", *, origin: Origin, key: str
    ) -> Answer:
        usable = [name for name in self.skills if name in ALWAYS or self.policy.may_use(actor, name)]
        reading = self._reader.read(
            text,
            skill=understand.skill,
            usable=usable,
            thread=understand.thread,
            asker=actor.subject,
            channel_kind=understand.channel_kind,
        )
        understood = await (unless_stopped(reading, understand.audience) if self._aided else reading)
        if understood is None:
            return Stopped()
        answer = await _answered(
            lambda: self._answer(actor, understood, understand, usable, origin=origin, key=key), text=text
        )
        if understood.corrects and isinstance(answer, Proposed):
            answer = await self._instead(actor, answer, understand.thread, origin=origin, key=key)
        return replace(answer, understood=understood_as(understood, self.skills, self.catalog))

    async def _answer(
        self,
        actor: Actor,
        understood: Interpretation,
        understand: "_Understanding",
        usable: Collection[str],
        *,
        origin: Origin,
        key: str,
    ) -> Answer:
        if understood.reads and self._explainer:
            told = await self._told(actor, understood, understand, usable, self._explainer)
            if told is None:
                return Stopped()
            if told.found:
                return _put_together(told)
            understood = replace(understood, note=f"{told.trouble}." if told.trouble else "")
        if understood.kind == "chat":
            return await self._explained(actor, understood)
        if understood.kind == "none":
            channel_kind = understand.channel_kind
            overheard = channel_kind == "thread" or not understood.question
            if overheard and channel_kind in ("channel", "thread"):
                return Ignored(text=understood.question)
        if understood.kind in ("clarify", "none") or understood.skill is None:
            return _question(understood)
        chosen = self.skills[SkillName(understood.skill)]
        natural = origin.natural or understood.interpreter != TYPED
        heard = replace(origin, natural=natural)
        answer = await self._carry_out(actor, chosen, understood, origin=heard, key=key)
        return _noted(answer, understood.note)

    async def _told(
        self,
        actor: Actor,
        understood: Interpretation,
        understand: "_Understanding",
        usable: Collection[str],
        explainer: Explainer,
    ) -> Explanation | None:
        """What several reads bring, each judged and made as if it had been asked for by itself; None if nobody wants to know any more."""
        inquiry = Inquiry(
            text=understand.text,
            asker=actor.subject,
            reads=understood.reads,
            usable=usable,
            look=partial(self._look, actor),
            listener=understand.audience,
            thread=understand.thread,
        )
        return await unless_stopped(explainer.explain(inquiry), understand.audience)

    async def _look(self, actor: Actor, skill: str, params: Mapping[str, Json]) -> Report:
        """One read on somebody's behalf. Raises `Anticipated` errors and nothing else."""
        chosen = self.skills.get(SkillName(skill))
        if not isinstance(chosen, Query):
            raise NotAllowed(f"{skill} is nothing that only reads.")
        query = chosen

        async def read() -> Answer:
            return Answered(report=await self._ask(actor, query, params))

        answer = await _answered(read, text="")
        if not isinstance(answer, Answered):
            raise NotAllowed(answer.text)
        return answer.report

    async def _explained(self, actor: Actor, understood: Interpretation) -> Answer:
        """An answer about a change that was spoken of and not asked for: its help."""
        guide = next((each for each in self.skills.values() if each.name in ALWAYS and isinstance(each, Query)), None)
        if guide is None:
            return _question(understood)
        report = await self._ask(actor, guide, {"skill": understood.skill})
        return Answered(report=replace(report, summary=f"{report.summary} {understood.question}".strip()))

    async def _carry_out(
        self, actor: Actor, skill: AnySkill, understood: Interpretation, *, origin: Origin, key: str
    ) -> Answer:
        if isinstance(skill, Query):
            return Answered(report=await self._ask(actor, skill, understood.params))
        if isinstance(skill, DecisionSkill):
            return await self._word(actor, skill, understood, origin=origin, key=key)
        if isinstance(skill, RecordSkill):
            asked = Asked(actor=actor, origin=origin, key=key, reason=understood.reason)
            report = await self._record(skill, understood.params, asked=asked)
            self.wake()
            return Answered(report=report)
        assert isinstance(skill, Change)
        proposal = await self._propose(
            actor, skill, understood.params, reason=understood.reason, origin=origin, key=key
        )
        self.wake()
        return Proposed(proposal=proposal, card=self.card_of(proposal))

    async def _instead(
        self, actor: Actor, answer: Proposed, thread: Sequence[Turn], *, origin: Origin, key: str
    ) -> Proposed:
        """The answer to a correction: what the asker had asked for by mistake is cancelled, if it still waits."""
        wrong = corrected(await self.store.open(), answer.proposal, thread)
        if wrong is None:
            return answer
        reason = f"Corrected to #{answer.proposal.id}."
        cancelled = await self.decide(
            actor, wrong.id, Choice.CANCEL, reason=reason, origin=replace(origin, words=reason), key=f"{key}:corrected"
        )
        done = isinstance(cancelled, Decided)
        said = (
            f"I cancelled #{wrong.id}, which this corrects." if done else f"#{wrong.id} still waits: {cancelled.text}"
        )
        return replace(answer, note=f"{answer.note} {said}".strip())

    async def _word(
        self, actor: Actor, skill: DecisionSkill[Any], understood: Interpretation, *, origin: Origin, key: str
    ) -> Answer:
        said = validated(skill, understood.params)
        if skill.choice is Choice.BREAK_GLASS:
            number, incident = ProposalId(said.proposal), said.incident
            return await self._broken(
                actor, number, reason=understood.reason, incident=incident, origin=origin, key=key
            )
        reason, code = (str(getattr(said, name, None) or "") for name in ("reason", "code"))
        return await self._decided(
            actor, ProposalId(said.proposal), skill.choice, reason=reason, origin=origin, key=key, code=code
        )

    async def _broken(
        self, actor: Actor, which: ProposalId | str, *, reason: str, incident: int | None, origin: Origin, key: str
    ) -> Answer:
        proposal = await self._break_glass(actor, which, reason=reason, incident=incident, origin=origin, key=key)
        self.wake()
        return Decided(choice=Choice.BREAK_GLASS, proposal=proposal, card=self.card_of(proposal))

    async def _decided(
        self,
        actor: Actor,
        which: ProposalId | str,
        choice: Choice,
        *,
        reason: str,
        origin: Origin,
        key: str,
        code: str = "",
    ) -> Answer:
        proposal = await self._decide(actor, which, choice, reason=reason, origin=origin, key=key, code=code)
        self.wake()
        return Decided(choice=choice, proposal=proposal, card=self.card_of(proposal))


@dataclass(frozen=True, kw_only=True)
class _Understanding:
    """What is known about a request besides its words."""

    skill: str | None
    text: str
    thread: tuple[Turn, ...]
    channel_kind: ChannelKind
    audience: Audience


async def _answered(  # noqa: PLR0911 - one return for each kind of failure: it is a table
    act: Callable[[], Awaitable[Answer]], *, text: str
) -> Answer:
    """The answer, or the failure as an answer."""
    try:
        return await act()
    except Denied as denied:
        return Refused(
            text=" ".join(denied.verdict.reasons), reasons=denied.verdict.reasons, rules=denied.verdict.rules
        )
    except NothingToDo as nothing:
        return Answered(report=Report(title="Nothing to do", summary=str(nothing)))
    except NotAllowed as refused:
        return Refused(text=str(refused), reasons=(refused.text,))
    except UnknownName as unknown:
        return Clarify(
            text=str(unknown),
            unresolved={unknown.kind: unknown.given},
            candidates={unknown.kind: unknown.candidates},
            completions=_with_each(text, unknown.given, unknown.candidates),
        )
    except Ambiguous as ambiguous:
        return Clarify(
            text=str(ambiguous), missing=(ambiguous.slot,), candidates={ambiguous.slot: ambiguous.candidates}
        )
    except Unavailable as down:
        return Failed(text=str(down), exit=Exit.UNAVAILABLE)
    except (BadInput, Anticipated) as bad:
        return Clarify(text=str(bad))
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("bug", reference=reference)
        return Failed(
            text=f"Something went wrong on my side; nothing was changed by this request. Quote {reference} to an administrator.",
            exit=Exit.BUG,
            reference=reference,
        )


def _put_together(told: Explanation) -> Explained:
    return Explained(
        prose=Prose(text=told.prose, model=told.model),
        sources=tuple(Source(skill=each.skill, asked=each.asked, report=each.report) for each in told.found),
        note=f"{told.trouble}; here is what was read." if told.trouble else "",
    )


def _noted(answer: Answer, note: str) -> Answer:
    """The answer with what the person should know about how they were understood."""
    if note and isinstance(answer, Answered):
        return Answered(report=replace(answer.report, parts=(Text(text=note), *answer.report.parts)))
    return replace(answer, note=note) if note and isinstance(answer, Proposed) else answer


def _question(understood: Interpretation) -> Clarify:
    question = (
        understood.question or "That is not a request, as far as I can tell. Say “help” to see what can be asked."
    )
    return Clarify(
        text=f"{question} {understood.note}".strip(),
        skill=understood.skill,
        missing=understood.missing,
        unresolved=understood.unresolved,
        candidates=understood.candidates,
        completions=understood.completions,
    )


def _with_each(text: str, given: str, candidates: tuple[str, ...]) -> tuple[str, ...]:
    """The request as typed, with each real name in place of the unknown one; nothing where that is not exactly one word of it."""
    words = text.split()
    if words.count(given) != 1:
        return ()
    return tuple(" ".join(candidate if word == given else word for word in words) for candidate in candidates)
