"""costs.yaml: the sources of costs, with their keys from the environment variables."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from pydantic import SecretStr

from bot.configuration.checking import check, unknown
from bot.configuration.cost_shapes import AwsCostsShape, CostsShape, OpenCostShape
from bot.configuration.documents import Document
from bot.configuration.problems import Problem
from bot.configuration.secrets import secret
from skills.core.money import Currency, currency

KEY = "COUNTERSIGN_OPENCOST_KEY"


@dataclass(frozen=True, kw_only=True)
class AwsCostsSettings:
    """AWS Cost Explorer: how costs are told apart there, and how often it may be asked."""

    service_tag: str
    environment_tag: str
    environments: Mapping[str, str]
    amortized: bool
    per_day: int
    region: str
    endpoint: str


@dataclass(frozen=True, kw_only=True)
class OpenCostSettings:
    """An OpenCost server. `clusters` are its names of environments' clusters; `error_percent` how far off it may be, None for unknown."""

    url: str
    currency: Currency
    auth: Literal["bearer", "basic", "api-key"]
    key: SecretStr | None
    clusters: Mapping[str, str] = field(default_factory=dict)
    error_percent: int | None = None


@dataclass(frozen=True, kw_only=True)
class PricesSource:
    """The price sheet."""


CostSource: TypeAlias = AwsCostsSettings | OpenCostSettings | PricesSource


@dataclass(frozen=True, kw_only=True)
class CostSettings:
    """Where costs are read, in the order in which they are believed. `bills` is a file of bills in the folder, "" for none."""

    sources: tuple[CostSource, ...] = (PricesSource(),)
    bills: str = ""


def costs(
    document: Document, environ: Mapping[str, str], *, environments: Collection[str] | None, problems: list[Problem]
) -> CostSettings:
    """What the file says. `environments` are None where they are not known."""
    shape = check(document, CostsShape, problems)
    if shape is None:
        return CostSettings()
    found: list[CostSource] = []
    for index, each in enumerate(shape.sources):
        if each.kind in {source.kind for source in shape.sources[:index]}:
            problems.append(
                document.problem(("sources", index, "kind"), f"“{each.kind}” is there twice; one of a kind is enough.")
            )
        named = (
            each.environments
            if isinstance(each, AwsCostsShape)
            else each.clusters
            if isinstance(each, OpenCostShape)
            else {}
        )
        where = "environments" if isinstance(each, AwsCostsShape) else "clusters"
        for name in named:
            if environments is not None and name not in environments:
                text = unknown("environment", name, sorted(environments))
                problems.append(document.problem(("sources", index, where, name), text))
        if isinstance(each, AwsCostsShape) and bool(each.environment_tag) != bool(each.environments):
            text = "environment_tag and environments need each other: the tag, and its value for each environment."
            problems.append(document.problem(("sources", index), text))
        found.append(_source(each, environ, problems))
    return CostSettings(sources=tuple(found), bills=shape.bills)


def _source(shape: object, environ: Mapping[str, str], problems: list[Problem]) -> CostSource:
    match shape:
        case AwsCostsShape():
            return AwsCostsSettings(
                service_tag=shape.service_tag,
                environment_tag=shape.environment_tag,
                environments=shape.environments,
                amortized=shape.amortized,
                per_day=shape.requests_a_day,
                region=shape.region,
                endpoint=shape.endpoint,
            )
        case OpenCostShape():
            return OpenCostSettings(
                url=shape.url.rstrip("/"),
                currency=currency(shape.currency),
                auth=shape.auth,
                key=secret(environ, KEY, problems),
                clusters=shape.clusters,
                error_percent=shape.error_percent,
            )
        case _:
            return PricesSource()
