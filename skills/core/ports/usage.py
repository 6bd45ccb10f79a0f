"""What skills need to know about what is used: how much of what can be paid for was reserved and used, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from skills.core.periods import Period
from skills.core.ports.costs import Wanted, Whose
from skills.core.ports.workloads import Size


class Measure(StrEnum):
    """What is counted. Amounts over a day are hours of it: core-hours, GiB-hours; traffic is GiB."""

    CPU_RESERVED = "cpu_reserved"  # cores requested
    CPU_USED = "cpu_used"  # cores
    MEMORY_RESERVED = "memory_reserved"  # GiB requested
    MEMORY_USED = "memory_used"  # GiB
    STORAGE = "storage"  # GiB of volumes claimed; `item` is the storage class
    LOAD_BALANCERS = "load_balancers"  # how many
    TRAFFIC_OUT = "traffic_out"  # GiB that left
    NODES = "nodes"  # how many; `item` is the machine type
    NODE_CPU = "node_cpu"  # cores that nodes have
    NODE_MEMORY = "node_memory"  # GiB that nodes have


@dataclass(frozen=True, kw_only=True)
class Amounts:
    """How much of one thing was had, once for each bucket of its consumption. None: not measured. `shared` is what serves everybody."""

    whose: Whose
    measure: Measure
    amounts: tuple[Decimal | None, ...]
    item: str = ""
    shared: bool = False


@dataclass(frozen=True, kw_only=True)
class Consumption:
    """What was used in a period, by day. `source` names who measured; `partial` are sentences about what is missing."""

    source: str
    zone: str
    read_at: datetime
    period: Period
    buckets: tuple[Period, ...]
    amounts: tuple[Amounts, ...]
    partial: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Need:
    """How much of one measure (cores or GiB) a replica of a service used: percentiles over `window`, of `samples` measurements."""

    measure: Measure
    p50: Decimal
    p95: Decimal
    p99: Decimal
    most: Decimal
    samples: int
    window: timedelta


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """A workload as it stands: what it reserves, how many of it run, and what it needed lately."""

    whose: Whose
    size: Size
    replicas: int
    needs: tuple[Need, ...] = ()
    lowest: int | None = None
    highest: int | None = None

    def need(self, measure: Measure) -> Need | None:
        return next((each for each in self.needs if each.measure is measure), None)


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that is paid for whether it is used or not. `used` is None where nobody can tell; `name` is of name characters.

    `kind` is "volume", "load balancer", "image", "preview"; `size` in GiB where it has one; `item` its class or type.
    """

    kind: str
    name: str
    namespace: str
    whose: Whose
    used: bool | None
    size: Decimal | None = None
    item: str = ""
    since: datetime | None = None


class Usage(Protocol):
    """Where usage is known. All raise `Unavailable` where it does not answer, and `UnknownName` for an environment that is not there."""

    async def consumption(self, wanted: Wanted) -> Consumption:
        """What was had on each day of a period; nothing for days in the future."""

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        """The workloads of an environment as they stand, by service."""

    async def things(self, environment: str) -> Sequence[Thing]:
        """Volumes, load balancers and the like of an environment."""
