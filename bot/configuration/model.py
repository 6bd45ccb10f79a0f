"""The language model's part of organization.yaml, with its key from the environment."""

from collections.abc import Mapping

from pydantic import SecretStr

from bot.configuration.problems import Problem
from bot.configuration.secrets import secret
from bot.configuration.settings import AllowanceSettings, AnsweringSettings, ModelSettings
from bot.configuration.shapes import ModelShape

KEYS = ("COUNTERSIGN_MODEL_KEY", "OPENAI_API_KEY")


def model(shape: ModelShape, environ: Mapping[str, str], problems: list[Problem]) -> ModelSettings:
    """The settings. A key is not needed everywhere: a service of one's own may do without."""
    limits, price = shape.limits, shape.price_per_million_tokens
    return ModelSettings(
        name=shape.name,
        base_url=shape.base_url,
        timeout_seconds=shape.timeout_seconds,
        temperature=shape.temperature,
        key=_key(environ, problems),
        tries=limits.tries,
        tokens=limits.tokens,
        answer_tokens=limits.answer_tokens,
        money=limits.money,
        answering=AnsweringSettings(**limits.answering.model_dump()),
        person=AllowanceSettings(**limits.person.model_dump()),
        organization=AllowanceSettings(**limits.organization.model_dump()),
        price_asked=price.asked,
        price_answered=price.answered,
    )


def _key(environ: Mapping[str, str], problems: list[Problem]) -> SecretStr | None:
    """The first that is set: our own, which is meant for nothing else, before the one that others share."""
    found = (secret(environ, name, problems) for name in KEYS)
    return next((each for each in found if each), None)
