"""The language model that is configured, put together. Nothing is imported of LangChain, and nobody is called, before it is asked."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from bot.configuration import AllowanceSettings, Configuration, ModelSettings
from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.model import Allowance, Breaker, Limiter, Limits, ModelInterpreter, Price, Prompts
from bot.nl.model.langchain_chat import LangChainChat, connect
from bot.nl.model.line import Line
from skills.core.registry import AnySkill, Skills

_FAILURES = 3
_PAUSE_SECONDS = 30.0


def utc_now() -> datetime:
    """The time, aware, in UTC."""
    return datetime.now(UTC)


def make_model(
    configuration: Configuration, types: Sequence[type[AnySkill]], *, clock: Callable[[], datetime] = utc_now
) -> ModelInterpreter | None:
    """The model that is configured, if one is. It gets skills of its own, which have no ports; nothing is connected before it is asked."""
    settings = configuration.model
    if settings is None:
        return None
    described, zone = Skills.described(types), configuration.organization.timezone
    return ModelInterpreter(
        embedded=EmbeddedInterpreter(described, configuration.catalog, clock=clock, zone=zone),
        line=_line(settings, clock),
        prompts=Prompts(),
        skills=described,
        catalog=configuration.catalog,
        clock=clock,
        zone=zone,
    )


def _line(settings: ModelSettings, clock: Callable[[], datetime]) -> Line:
    price = Price(asked=settings.price_asked, answered=settings.price_answered)
    limits = Limits(
        calls=settings.tries,
        tokens=settings.tokens,
        answer_tokens=settings.answer_tokens,
        person=_allowance(settings.person),
        organization=_allowance(settings.organization),
    )
    make = connect(
        settings.name,
        base_url=settings.base_url,
        key=settings.key.get_secret_value() if settings.key else "",
        seconds=settings.timeout_seconds,
        answer_tokens=settings.answer_tokens,
        temperature=settings.temperature,
    )
    return Line(
        LangChainChat(make),
        name=settings.name,
        limiter=Limiter(limits, price, clock=clock),
        breaker=Breaker(failures=_FAILURES, pause=_PAUSE_SECONDS, clock=time.monotonic),
        price=price,
        seconds=settings.timeout_seconds,
        clock=clock,
    )


def _allowance(settings: AllowanceSettings) -> Allowance:
    return Allowance(
        calls_per_hour=settings.calls_per_hour,
        tokens_per_day=settings.tokens_per_day,
        money_per_day=settings.money_per_day,
    )
