"""Agents for tests: over the demo's names, with reads that are made up, and somebody who listens."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import PrivateAttr

from bot.nl.explaining import Explanation, Inquiry, Look
from bot.nl.interpretation import Read
from bot.nl.model import Agent, Breaker, Limiter, Limits, Price, Prompts
from bot.nl.model.agent import Talker
from bot.nl.model.langchain_chat import LangChainChat
from bot.nl.model.line import Line
from skills.core.canonical import Json
from skills.core.report import Report, Table
from tests.support import words
from tests.support.models import Scripted, Seconds, calling
from tests.support.words import catalog

COMPARED = "compare checkout in staging and production"
BOTH = (
    Read(skill="status", params={"service": "checkout", "environment": "staging"}),
    Read(skill="status", params={"service": "checkout", "environment": "production"}),
)
USABLE = ("status", "history", "pending", "help", "deploy", "rollback", "restart", "scale", "approve")


class Looks:
    """Reads that bring what they are told to: `text` in every part of a report. Remembers what was read."""

    def __init__(
        self, text: str = "v41", *, failing: Exception | None = None, wait: Callable[[], Awaitable[Any]] | None = None
    ) -> None:
        self.text = text
        self.failing = failing
        self.wait = wait
        self.made: list[tuple[str, dict[str, Json]]] = []

    async def __call__(self, skill: str, params: Mapping[str, Json]) -> Report:
        self.made.append((skill, dict(params)))
        if self.wait:
            await self.wait()
        if self.failing:
            raise self.failing
        table = Table(columns=("service", "runs"), rows=(("checkout", self.text),))
        return Report(
            title=f"{skill} of {params.get('service', 'everything')}", summary=f"It runs {self.text}.", parts=(table,)
        )


class Listening:
    """An audience that remembers. `stop` makes it lose interest."""

    def __init__(self) -> None:
        self.phrases: list[str] = []
        self.pieces: list[str] = []
        self.stop = asyncio.Event()

    async def working(self, what: str) -> None:
        self.phrases.append(what)

    async def prose(self, more: str) -> None:
        self.pieces.append(more)

    async def stopped(self) -> None:
        await self.stop.wait()

    @property
    def told(self) -> str:
        return "".join(self.pieces)


class Saying(BaseChatModel):
    """A model of LangChain's that gives these answers in turn, the last one for ever, and remembers what it was sent."""

    _answers: list[AIMessage | Exception] = PrivateAttr()
    _sent: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _offered: list[list[str]] = PrivateAttr(default_factory=list)

    def __init__(self, *answers: AIMessage | Exception) -> None:
        super().__init__()
        self._answers = list(answers)

    @property
    def sent(self) -> list[list[BaseMessage]]:
        return self._sent

    @property
    def offered(self) -> list[list[str]]:
        """The names of the tools, call by call."""
        return self._offered

    @property
    def _llm_type(self) -> str:
        return "saying"

    def bind_tools(self, tools: Any, *, tool_choice: Any = None, **kwargs: Any) -> Any:
        return self.bind(tools=tools)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self._sent.append(messages)
        self._offered.append([tool["function"]["name"] for tool in kwargs.get("tools", ())])
        answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, Exception):
            raise answer
        return ChatResult(generations=[ChatGeneration(message=answer)])


def says(words: str) -> AIMessage:
    return AIMessage(content=words)


def calls(*called: tuple[str, dict[str, Any]], words: str = "") -> AIMessage:
    return AIMessage(
        content=words, tool_calls=[{"name": name, "args": args, "id": str(n)} for n, (name, args) in enumerate(called)]
    )


def agent(
    talker: Talker | BaseChatModel,
    *,
    limits: Limits | None = None,
    price: Price | None = None,
    time: Seconds | None = None,
    seconds: float = 30.0,
    reads: int = 8,
) -> Agent:
    """An agent over the demo's names and the real skills, described. Its line is at `line_of`."""
    from bot.nl.embedded import EmbeddedInterpreter

    time = time or Seconds()
    skills, known = words.skills(), catalog()
    line = Line(
        Scripted(calling()),
        name="a model",
        limiter=Limiter(limits or Limits(), price or Price(), clock=time.date),
        breaker=Breaker(failures=3, pause=30, clock=time),
        seconds=4.5,
        clock=time.date,
        sleep=time.sleep,
        chance=lambda: 0.5,
    )
    chat = LangChainChat(lambda: talker) if isinstance(talker, BaseChatModel) else talker
    return Agent(
        embedded=EmbeddedInterpreter(skills, known, clock=time.date),
        talker=chat,
        line=line,
        prompts=Prompts(),
        skills=skills,
        catalog=known,
        seconds=seconds,
        reads=reads,
        clock=time.date,
    )


def line_of(one: Agent) -> Line:
    return one._line


async def explained(
    one: Agent,
    look: Look | None = None,
    *,
    text: str = COMPARED,
    reads: Sequence[Read] = BOTH,
    listener: Listening | None = None,
    usable: Sequence[str] = USABLE,
) -> Explanation:
    inquiry = Inquiry(
        text=text, asker="dev", reads=reads, usable=usable, look=look or Looks(), listener=listener or Listening()
    )
    return await one.explain(inquiry)
