"""The language model that is configured, put together. Nothing is imported of LangChain, and nobody is called, before it is asked."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from bot.configuration import AllowanceSettings, Configuration, ModelSettings
from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.model import Agent, Allowance, Bounds, Breaker, Limiter, Limits, ModelInterpreter, Price, Prompts
from bot.nl.model.langchain_chat import LangChainChat, connect
from bot.nl.model.line import Line
from bot.nl.model.sent import ANSWERING, READING
from skills.core.catalog import Catalog
from skills.core.registry import AnySkill, Skills

_FAILURES = 3
_PAUSE_SECONDS = 30.0


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class LanguageModel:
    """One model in its two parts: it reads requests, and it puts several reads into words. Both draw on the same accounts.

    `seconds` are what a request may take, by what is done with it.
    """

    interpreter: ModelInterpreter
    agent: Agent
    line: Line
    limits: Limits
    seconds: Mapping[str, float]
    answering: LangChainChat

    async def close(self) -> None:
        """Let go of connections."""
        await self.line.close()
        await self.answering.close()


def make_model(
    configuration: Configuration, types: Sequence[type[AnySkill]], *, clock: Callable[[], datetime] = utc_now
) -> LanguageModel | None:
    """The model that is configured, if one is. It gets skills of its own, which have no ports; nothing is connected before it is asked."""
    if configuration.model is None:
        return None
    described, zone = Skills.described(types), configuration.organization.timezone
    return put_together(
        configuration.model,
        described,
        configuration.catalog,
        limits=limits_of(configuration.model),
        clock=clock,
        zone=zone,
    )


def put_together(
    settings: ModelSettings,
    described: Skills,
    catalog: Catalog,
    *,
    limits: Limits,
    clock: Callable[[], datetime] = utc_now,
    zone: tzinfo = UTC,
) -> LanguageModel:
    """The model of these settings, for these skills, names and limits."""
    embedded, prompts = EmbeddedInterpreter(described, catalog, clock=clock, zone=zone), Prompts()
    reading = _chat(settings, seconds=settings.timeout_seconds, answer_tokens=limits.reading.answer_tokens)
    answering = _chat(settings, seconds=settings.answering.seconds, answer_tokens=limits.answering.answer_tokens)
    line = Line(
        reading,
        name=settings.name,
        limiter=Limiter(limits, Price(asked=settings.price_asked, answered=settings.price_answered), clock=clock),
        breaker=Breaker(failures=_FAILURES, pause=_PAUSE_SECONDS, clock=time.monotonic),
        seconds=settings.timeout_seconds,
        clock=clock,
    )
    interpreter = ModelInterpreter(
        embedded=embedded, line=line, prompts=prompts, skills=described, catalog=catalog, clock=clock, zone=zone
    )
    agent = Agent(
        embedded=embedded,
        talker=answering,
        line=line,
        prompts=prompts,
        skills=described,
        catalog=catalog,
        seconds=settings.answering.seconds,
        reads=settings.answering.reads,
        clock=clock,
        zone=zone,
    )
    return LanguageModel(
        interpreter=interpreter,
        agent=agent,
        line=line,
        limits=limits,
        seconds={READING: settings.timeout_seconds, ANSWERING: settings.answering.seconds},
        answering=answering,
    )


def limits_of(settings: ModelSettings) -> Limits:
    """How much it may be used."""
    answering = settings.answering
    return Limits(
        reading=Bounds(
            calls=settings.tries, tokens=settings.tokens, answer_tokens=settings.answer_tokens, money=settings.money
        ),
        answering=Bounds(
            calls=answering.calls,
            tokens=answering.tokens,
            answer_tokens=answering.answer_tokens,
            money=answering.money,
        ),
        person=_allowance(settings.person),
        organization=_allowance(settings.organization),
    )


def _chat(settings: ModelSettings, *, seconds: float, answer_tokens: int) -> LangChainChat:
    return LangChainChat(
        connect(
            settings.name,
            base_url=settings.base_url,
            key=settings.key.get_secret_value() if settings.key else "",
            seconds=seconds,
            answer_tokens=answer_tokens,
            temperature=settings.temperature,
        )
    )


def _allowance(settings: AllowanceSettings) -> Allowance:
    return Allowance(
        calls_per_hour=settings.calls_per_hour,
        tokens_per_day=settings.tokens_per_day,
        money_per_day=settings.money_per_day,
    )
