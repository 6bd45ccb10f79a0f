"""What the embedded world had in the year before it was made, as `config/simulation.yaml` describes it: scalings, volumes, nodes, surges.

Days are counted back from the moment at which the world was made, so that there is always something in the last week to ask about.
"""

from collections.abc import Mapping
from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

DAYS = 400
"""So far back anything is known: a year, and the month before it to compare with."""

Days: TypeAlias = Annotated[int, Field(ge=1, le=DAYS)]
Much: TypeAlias = Annotated[float, Field(ge=0, le=1_000_000)]


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Scaled(_Described):
    """So many replicas there were in an environment until so many days ago."""

    days: Days
    environment: str
    replicas: Annotated[int, Field(ge=0, le=100)]


class Resized(_Described):
    """So much each replica requested until so many days ago: cores, and GiB."""

    days: Days
    cpu: Much
    memory: Much


class Surge(_Described):
    """So many times the usual traffic, for some days that began so many days ago."""

    days: Days
    length: Annotated[int, Field(ge=1, le=60)] = 1
    times: Annotated[float, Field(gt=0, le=100)]


class Volume(_Described):
    """GiB that every environment of a service keeps; `growth` is by how much that grew in a year, as a share of the present."""

    gib: Much
    item: str = Field(default="ssd", pattern=r"^[a-z0-9-]{1,40}$")
    growth: Annotated[float, Field(ge=0, le=1)] = 0.0


class ServicePast(_Described):
    """How a service became what it is. It is as old as the world, unless it is `born` so many days ago; `growth` is that of its traffic."""

    born: Days | None = None
    scaled: tuple[Scaled, ...] = ()
    resized: tuple[Resized, ...] = ()
    surges: tuple[Surge, ...] = ()
    storage: Volume | None = None
    load_balancers: tuple[str, ...] = ()
    kib_per_request: Much = 1.0
    growth: Annotated[float, Field(ge=0, le=1)] = 0.2


class Stray(_Described):
    """Something that runs and belongs to nobody, for so many days now."""

    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    days: Days
    cpu: Much = 0.0
    memory: Much = 0.0


class Shared(_Described):
    """What a namespace that serves everybody requests, in cores and GiB."""

    cpu: Much
    memory: Much


class Leftover(_Described):
    """Something that is paid for and that nobody uses, for so many days now."""

    kind: str
    name: str = Field(pattern=r"^[a-z0-9-]{1,60}$")
    days: Days
    gib: Much = 0.0
    item: str = Field(default="ssd", pattern=r"^[a-z0-9-]{1,40}$")


class Economy(_Described):
    """What an environment has besides its services: nodes of one type with so many cores and GiB for pods each, what serves everybody, what nobody needs."""

    node: str = Field(default="standard-4", pattern=r"^[a-z0-9-]{1,40}$")
    node_cpu: Annotated[float, Field(gt=0)] = 3.5
    node_memory: Annotated[float, Field(gt=0)] = 14.0
    nodes: Annotated[int, Field(ge=0, le=1000)] = 1
    shared: Mapping[str, Shared] = Field(default_factory=dict)
    strays: tuple[Stray, ...] = ()
    leftovers: tuple[Leftover, ...] = ()
