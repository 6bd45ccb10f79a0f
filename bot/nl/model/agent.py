"""Answering a question that needs several reads: a model chooses what to read next and puts what came back into words.

The model holds nothing. What it calls is checked like any request and read by a callable that was handed in, which judges it by policy.
There is no tool that changes anything, and a tool that does not exist is told so. Reports go to the model as data, redacted and bounded;
its words come back cleansed.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, Protocol

import structlog

from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.explaining import Explanation, Found, Inquiry
from bot.nl.fields import fields_of
from bot.nl.model.calls import understood
from bot.nl.model.chat import Call, Reply, Trouble, Why
from bot.nl.model.evidence import Evidence
from bot.nl.model.limits import Budget
from bot.nl.model.line import Line, Outgoing
from bot.nl.model.outgoing import clean, earlier, known, spoken, told, unmarked
from bot.nl.model.prompts import Prompts
from bot.nl.model.prose import Cleanser
from bot.nl.model.sent import ANSWERING
from bot.nl.model.tools import readable, tool
from bot.nl.questions import spelled
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated
from skills.core.registry import AnySkill, Skills
from skills.core.report import Report

READ_SECONDS = 10.0
"""What one read may take; the others are not lost for the sake of it."""

_NO_TOOL = "There is no such tool. You can only read, with the tools you were given."
_NO_SENSE = "The arguments make no sense for this tool."
_TWICE = "You asked for that already; the report is above."
_ENOUGH = "That is as much as may be read for one question. Answer with what you have."

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Talk:
    """One question for a loop of model and tools. `begun` are calls that were made already, with what came back.

    `use` carries out a call and says what to tell the model. `send` is how the model is called: the words worth keeping, the characters that
    leave, and what gets the reply. `hear` takes the model's words as they come. `last` is true when there may be one more call only.
    """

    system: str
    question: str
    tools: Sequence[Mapping[str, Any]]
    begun: Sequence[tuple[Call, str]]
    use: Callable[[Call], Awaitable[str]]
    send: Callable[[str, int, Callable[[], Awaitable[Reply]]], Awaitable[Reply]]
    hear: Callable[[str], Awaitable[None]]
    last: Callable[[], bool]
    answer_tokens: int


class Talker(Protocol):
    """A model that can go on by itself, between calls and what came back for them."""

    async def converse(self, talk: Talk) -> None:
        """Go on until the model has nothing more to call. Raises `Trouble` and nothing else; may be cancelled at any time."""


class Agent:
    """An `Explainer`. `skills` must be described ones; `seconds` bound a whole question, and `reads` how many there may be in it."""

    def __init__(
        self,
        *,
        embedded: EmbeddedInterpreter,
        talker: Talker,
        line: Line,
        prompts: Prompts,
        skills: Skills,
        catalog: Catalog,
        seconds: float,
        reads: int,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = UTC,
    ) -> None:
        self._embedded = embedded
        self._talker = talker
        self._line = line
        self._prompts = prompts
        self._catalog = catalog
        self._seconds = seconds
        self._reads = reads
        self._clock = clock
        self._zone = zone
        self._readable = readable(skills)

    async def explain(self, inquiry: Inquiry) -> Explanation:
        """The answer; see `Explainer`."""
        reading = self._reading(inquiry)
        cleanser = Cleanser()
        trouble = ""
        try:
            async with asyncio.timeout(self._seconds) as limit:
                await self._talk(inquiry, reading, cleanser, limit)
        except TimeoutError:
            trouble = Trouble(Why.SLOW).sentence
        except Trouble as caught:
            log.info("model of no help", why=str(caught.why), detail=caught.detail)
            trouble = caught.sentence
        prose = "" if trouble else cleanser.said
        return Explanation(model=self._line.name, prose=prose, found=reading.found, trouble=trouble)

    async def _talk(self, inquiry: Inquiry, reading: "_Reading", cleanser: Cleanser, limit: asyncio.Timeout) -> None:
        calls = [Call(name=each.skill, arguments=dict(each.params)) for each in inquiry.reads]
        texts = await asyncio.gather(*(reading.use(call) for call in calls))
        budget = self._line.answering()

        async def hear(words: str) -> None:
            if more := cleanser.more(words):
                await inquiry.listener.prose(more)

        async def send(user: str, size: int, act: Callable[[], Awaitable[Reply]]) -> Reply:
            await inquiry.listener.working("thinking about what was read" if reading.found else "thinking")
            outgoing = Outgoing(asker=inquiry.asker, user=user, size=size, purpose=ANSWERING)
            reply = await self._line.send(outgoing, act, budget=budget, limit=limit)
            await hear("\n\n")
            return reply

        begun = list(zip(calls, texts, strict=True))
        talk = self._talk_of(inquiry, reading, begun=begun, hear=hear, send=send, budget=budget)
        await self._talker.converse(talk)
        if rest := cleanser.end():
            await inquiry.listener.prose(rest)
        if not cleanser.said:
            raise Trouble(Why.GARBAGE)

    def _talk_of(
        self,
        inquiry: Inquiry,
        reading: "_Reading",
        *,
        begun: Sequence[tuple[Call, str]],
        hear: Callable[[str], Awaitable[None]],
        send: Callable[[str, int, Callable[[], Awaitable[Reply]]], Awaitable[Reply]],
        budget: Budget,
    ) -> Talk:
        lines = earlier(inquiry.thread, inquiry.asker)
        values = {"request": unmarked(clean(spoken(inquiry.text))), "earlier": lines}
        return Talk(
            system=self._prompts.render("answer", known(self._catalog, self._clock().astimezone(self._zone))),
            question=self._prompts.render("request_in_thread" if lines else "request", values),
            tools=[tool(skill) for skill in reading.tools.values()],
            begun=begun,
            use=reading.use,
            send=send,
            hear=hear,
            last=lambda: budget.calls_left <= 1,
            answer_tokens=budget.bounds.answer_tokens,
        )

    def _reading(self, inquiry: Inquiry) -> "_Reading":
        evidence = Evidence(
            inquiry.text,
            inquiry.thread,
            inquiry.asker,
            names=self._embedded.names(),
            now=self._clock(),
            zone=self._zone,
        )
        tools = {name: skill for name, skill in self._readable.items() if name in inquiry.usable}
        return _Reading(inquiry, tools, evidence, self._embedded, self._catalog, most=self._reads)


class _Reading:
    """What was read for one question so far."""

    def __init__(
        self,
        inquiry: Inquiry,
        tools: Mapping[str, AnySkill],
        evidence: Evidence,
        embedded: EmbeddedInterpreter,
        catalog: Catalog,
        *,
        most: int,
    ) -> None:
        self.tools = tools
        self._inquiry = inquiry
        self._evidence = evidence
        self._embedded = embedded
        self._catalog = catalog
        self._most = most
        self._asked: dict[str, Found | None] = {}

    @property
    def found(self) -> tuple[Found, ...]:
        """What came back so far, in the order in which it was asked for."""
        return tuple(each for each in self._asked.values() if each)

    async def use(self, call: Call) -> str:
        """Carry out a call; what to tell the model about it. Raises nothing."""
        skill = self.tools.get(call.name)
        if skill is None:
            return _NO_TOOL
        fields = fields_of(skill)
        try:
            meant = understood(
                skill,
                fields,
                call,
                evidence=self._evidence,
                names=self._embedded.names(),
                catalog=self._catalog,
                reason="",
            )
        except Trouble:
            return _NO_SENSE
        if not meant.complete:
            return unmarked(clean(meant.question)) or _NO_SENSE
        asked = spelled(skill, fields, meant.params)
        if asked in self._asked:
            return _TWICE
        if len(self._asked) >= self._most:
            return _ENOUGH
        self._asked[asked] = None
        await self._inquiry.listener.working(f"asking {asked}")
        report = await self._looked(skill.name, asked, meant.params)
        self._asked[asked] = Found(skill=skill.name, asked=asked, report=report)
        return told(report)

    async def _looked(self, skill: str, asked: str, params: Mapping[str, Any]) -> Report:
        """The report, or one that says why there is none."""
        try:
            async with asyncio.timeout(READ_SECONDS):
                return await self._inquiry.look(skill, params)
        except Anticipated as problem:
            return Report(title=asked, summary=str(problem))
        except TimeoutError:
            return Report(title=asked, summary=f"There was no answer within {READ_SECONDS:g} seconds.")
