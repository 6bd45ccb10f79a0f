"""What skills need to know about what things cost: amounts by day or month, whose they are, and how far they can be trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from skills.core.money import Currency, Money
from skills.core.periods import Period


class Category(StrEnum):
    """What is paid for. What comes back, and tax, are kept apart from what was used."""

    COMPUTE = "compute"
    MEMORY = "memory"
    STORAGE = "storage"
    NETWORK = "network"  # load balancers, too
    SHARED = "shared"  # what everybody uses: control plane, monitoring, support
    IDLE = "idle"  # paid for, and reserved by nobody
    UNALLOCATED = "unallocated"  # used by something that belongs to nobody we know
    OTHER = "other"  # used, and none of these: databases, queues
    CREDIT = "credit"
    REFUND = "refund"
    TAX = "tax"

    @property
    def used(self) -> bool:
        """Is it the price of something used? Credits, refunds and tax are not, and no comparison of usage should hold them."""
        return self not in (Category.CREDIT, Category.REFUND, Category.TAX)


class Granularity(StrEnum):
    """What one amount covers."""

    DAY = "day"
    MONTH = "month"


class Basis(StrEnum):
    """How an amount came about."""

    ESTIMATE = "estimate"  # a price list times what was reserved or used
    ALLOCATION = "allocation"  # a share of nodes' prices, as OpenCost works it out
    BILL = "bill"  # what the vendor charges


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Who something is for, by names of the catalog; "" where that is not known. `labels` are pairs in their order, names only.

    A thing that changes hands in mid-month has two lines, each with nothing on the days of the other.
    """

    service: str = ""
    environment: str = ""
    team: str = ""
    project: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def known(self) -> bool:
        """Is there anybody at all to whom it belongs?"""
        return bool(self.service or self.team or self.project)


NOBODY = Whose()


@dataclass(frozen=True, kw_only=True)
class Line:
    """What one thing cost, once for each bucket of its statement, in their order. None: not known, which is not the same as nothing.

    `item` is what is paid for in the source's own words ("cpu", "gp3"), of name characters. Where the source says them, `quantities` are how
    much of it, in `unit` (“core-hours”), bucket by bucket, so that amount = price × quantity; else it is empty.
    """

    whose: Whose
    category: Category
    currency: Currency
    amounts: tuple[Decimal | None, ...]
    item: str = ""
    unit: str = ""
    quantities: tuple[Decimal | None, ...] = ()

    @property
    def known(self) -> Decimal:
        """The sum of what is known."""
        return sum((amount for amount in self.amounts if amount is not None), Decimal())

    @property
    def total(self) -> Money:
        return Money(amount=self.known, currency=self.currency)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where amounts come from. `zone` is the time zone that its days are in, by name; `read_at` when it was asked (UTC).

    `error` is how far its sums were from the bill before, as a share (0.15: ±15 %), None where nobody knows; `reconciled` says whether
    that, or the amounts themselves, come from the bill. `amortized` says that what was paid in advance is spread over the days it is for.
    """

    name: str
    basis: Basis
    zone: str
    read_at: datetime
    amortized: bool = False
    error: Decimal | None = None
    reconciled: bool = False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What a source says about a period. `buckets` are its days or months, the first and last of which may be cut by the period.

    What is from `final_until` on may still change (today and yesterday, as a rule). `partial` are sentences, fit to show, about what is
    missing or was left out.
    """

    source: Source
    period: Period
    granularity: Granularity
    buckets: tuple[Period, ...]
    lines: tuple[Line, ...]
    final_until: date
    partial: tuple[str, ...] = ()

    @property
    def currencies(self) -> tuple[Currency, ...]:
        return tuple(dict.fromkeys(line.currency for line in self.lines))

    def final(self, bucket: Period) -> bool:
        return bucket.end <= self.final_until


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is asked of a source: a period, in days or months, of these environments, or of all where none is named."""

    period: Period
    granularity: Granularity = Granularity.DAY
    environments: tuple[str, ...] = ()


SPREADABLE = (Category.SHARED, Category.IDLE)
"""What belongs to nobody by itself, and to everybody by a rule."""


@dataclass(frozen=True, kw_only=True)
class Reconciled:
    """One comparison that was made: what was estimated for a period and what was billed for it in the end; for everything, or a service."""

    period: Period
    estimated: Money
    billed: Money
    source: str
    scope: str = ""

    @property
    def off(self) -> Decimal | None:
        """By which share of the bill the estimate was wrong; None where nothing was billed."""
        share = (self.estimated - self.billed).share(self.billed)
        return None if share is None else abs(share)


@dataclass(frozen=True, kw_only=True)
class Accounts:
    """All that is known about a period: a statement of each source that answered, the best one first, and what the others said instead."""

    statements: tuple[Statement, ...]
    troubles: tuple[str, ...] = ()
    past: tuple[Reconciled, ...] = ()


class Costs(Protocol):
    """A source of amounts."""

    async def statement(self, wanted: Wanted) -> Statement:
        """What it knows about the period; days in the future have no amount. Raises `Unavailable` where it does not answer or throttles."""


class Books(Protocol):
    """Every source there is, kept for a while: `Source.read_at` says how old an answer is."""

    async def accounts(self, wanted: Wanted) -> Accounts:
        """What all sources say. One that is down is named in `troubles`, and what was kept of it serves. Raises `Unavailable` where there is
        nothing at all.
        """


class Reconciliations(Protocol):
    """How well estimates did before."""

    async def past(self, source: str) -> Sequence[Reconciled]:
        """Comparisons of this source with the bill, of every scope, newest first."""
