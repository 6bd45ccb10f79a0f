"""What costs.yaml looks like: where costs are read, in the order in which they are believed."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from bot.configuration.price_shapes import CurrencyCode
from bot.configuration.shapes import Name, Shape

TagKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 _.:/=+@-]{0,127}$")]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s@]+$")]


class AwsCostsShape(Shape):
    """AWS Cost Explorer. Credentials are found as AWS's own tools find them."""

    kind: Literal["aws"]
    service_tag: TagKey = "service"
    environment_tag: TagKey | Literal[""] = ""
    environments: dict[Name, TagKey] = Field(default={})
    amortized: bool = True
    requests_a_day: Annotated[int, Field(ge=1, le=10_000)] = 100
    region: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,40}$")] = "us-east-1"
    endpoint: Url | Literal[""] = ""


class OpenCostShape(Shape):
    """OpenCost. It counts in the currency of its own configuration, which it does not tell; `clusters` are its names for environments."""

    kind: Literal["opencost"]
    url: Url
    currency: CurrencyCode = "USD"
    auth: Literal["bearer", "basic", "api-key"] = "bearer"
    clusters: dict[Name, Annotated[str, StringConstraints(min_length=1, max_length=200)]] = Field(default={})
    error_percent: Annotated[int, Field(ge=0, le=100)] | None = None


class PricesShapeSource(Shape):
    """The price sheet over what is known to be reserved and used."""

    kind: Literal["prices"]


class CostsShape(Shape):
    """costs.yaml."""

    sources: list[Annotated[AwsCostsShape | OpenCostShape | PricesShapeSource, Field(discriminator="kind")]] = Field(
        min_length=1, max_length=6
    )
    bills: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._/-]{1,200}$")] | Literal[""] = ""
