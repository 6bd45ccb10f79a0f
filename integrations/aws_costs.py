"""AWS Cost Explorer: what is billed, by day. Each question costs a cent, so months are asked for once, kept, counted and limited.

Credentials are found as boto3 finds them; they need `ce:GetCostAndUsage` and nothing else.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol

from integrations.aws_bill import APART, Reading
from integrations.aws_months import Month
from integrations.aws_months import lines as joined
from skills.core.canonical import Json
from skills.core.errors import Unavailable
from skills.core.periods import Period, Unit, around
from skills.core.ports.costs import Basis, Granularity, Source, Statement, Wanted
from skills.costing.monthly import by_month

NAME = "AWS Cost Explorer"
PATIENCE = 8
_HELD_BACK = timedelta(days=62)
"""A month that ended so long ago is not corrected any more."""
_AGAIN = timedelta(hours=12)
_FARTHEST = 14
"""Months that Cost Explorer knows by day."""
_MOST_PAGES = 50
_HINTS = {
    "AccessDeniedException": "Its credentials need ce:GetCostAndUsage, and Cost Explorer has to be switched on.",
    "DataUnavailableException": "AWS prepares the data for up to a day after Cost Explorer was switched on.",
    "ThrottlingException": "Try again in some minutes; what was kept serves meanwhile.",
    "LimitExceededException": "Try again in some minutes; what was kept serves meanwhile.",
    "UnrecognizedClientException": "Check the credentials.",
    "ExpiredTokenException": "The credentials have expired.",
}


class Keep(Protocol):
    """What answers are kept in."""

    async def recall(self, source: str, key: str) -> tuple[datetime, Json] | None: ...

    async def keep(self, source: str, key: str, said: Json, read_at: datetime) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Account:
    """How costs are told apart there: the key of the cost allocation tag that names a service, and that of environments with the value of
    each; without the latter, nothing is of any environment. `per_day` is how many questions a day may have.
    """

    service_tag: str = "service"
    environment_tag: str = ""
    environments: Mapping[str, str] = field(default_factory=dict)
    amortized: bool = True
    per_day: int = 100
    region: str = "us-east-1"
    endpoint: str = ""

    @property
    def metric(self) -> str:
        return "AmortizedCost" if self.amortized else "UnblendedCost"


class CostExplorer:
    """Satisfies `Costs`. `team_of` says which team a service belongs to. Blocking calls run in threads."""

    def __init__(
        self, account: Account, *, keep: Keep, team_of: Callable[[str], str], clock: Callable[[], datetime]
    ) -> None:
        self._account = account
        self._keep = keep
        self._team_of = team_of
        self._clock = clock
        self._turn = asyncio.Lock()
        self._connected: Any = None

    async def statement(self, wanted: Wanted) -> Statement:
        """What was billed in a period, month by month. Raises `Unavailable` where AWS does not answer, throttles, or was asked too often."""
        today = self._clock().date()
        months = [each for each in _months(wanted.period) if _begun(each, today) and _reaches(each, today)]
        if not months:
            raise Unavailable(f"AWS knows nothing by day of {wanted.period}: it keeps {_FARTHEST} months.")
        found = [await self._month(each, today) for each in months]
        days = tuple(Period(start=day, end=day + timedelta(days=1)) for day in wanted.period.days())
        lines = tuple(joined(found, days, wanted.environments, self._team_of))
        buckets: tuple[Period, ...] = days
        if wanted.granularity is Granularity.MONTH:
            buckets, lines = by_month(days, lines)
        return Statement(
            source=Source(
                name=NAME, basis=Basis.BILL, zone="UTC", read_at=min(each.read_at for each in found), amortized=self._account.amortized,
                error=Decimal(), reconciled=True,
            ),
            period=wanted.period, granularity=wanted.granularity, buckets=buckets, lines=lines,
            final_until=min([today - timedelta(days=2), *(each.estimated for each in found if each.estimated)]),
            partial=tuple(dict.fromkeys(text for each in found for text in each.partial)),
        )  # fmt: skip

    async def asked_today(self) -> int:
        """How many questions were paid for on this day (UTC)."""
        kept = await self._keep.recall(NAME, self._counter())
        return int(kept[1]) if kept and isinstance(kept[1], int) else 0

    async def check(self) -> str:
        """A sentence for `doctor`: asks for one day, which costs a cent, unless that was asked lately."""
        today = self._clock().date()
        yesterday = Period(start=today - timedelta(days=1), end=today)
        await self.statement(Wanted(period=yesterday))
        return f"answers; {await self.asked_today()} of {self._account.per_day} questions were asked today"

    async def _month(self, month: Period, today: date) -> Month:
        async with self._turn:
            kept = await self._keep.recall(NAME, self._key(month))
            if kept and self._fresh(month, kept[0]):
                return Month.from_json(month, kept[0], kept[1])
            try:
                found = await self._asked(month, today)
            except Unavailable as problem:
                if kept is None:
                    raise
                old = Month.from_json(month, kept[0], kept[1])
                return Month(
                    **{
                        **vars(old),
                        "partial": (
                            *old.partial,
                            f"{problem.text} What is told of {month} was read on {kept[0]:%d %B}.",
                        ),
                    }
                )
            await self._keep.keep(NAME, self._key(month), found.to_json(), found.read_at)
            return found

    def _fresh(self, month: Period, read_at: datetime) -> bool:
        closed = read_at.date() >= month.end + _HELD_BACK
        return closed or self._clock() - read_at < _AGAIN

    def _key(self, month: Period) -> str:
        account = self._account
        tags = ",".join(f"{name}={value}" for name, value in sorted(account.environments.items()))
        return f"{month.spelled()} {account.metric} {account.service_tag} {account.environment_tag} {tags}"

    def _counter(self) -> str:
        return f"asked {self._clock().date().isoformat()}"

    async def _asked(self, month: Period, today: date) -> Month:
        period = {"Start": month.start.isoformat(), "End": min(month.end, today + timedelta(days=1)).isoformat()}
        reading = Reading(days={day.isoformat(): index for index, day in enumerate(month.days())})
        for environment, question in self._questions():
            pages = 0
            token: dict[str, str] = {}
            while True:
                await self._count()
                page = await asyncio.to_thread(self._ask, {"TimePeriod": period, **question, **token})
                reading.take(
                    page,
                    metric=self._account.metric,
                    environment=environment,
                    apart="UsageQuantity" not in question["Metrics"],
                )
                pages += 1
                if not page.get("NextPageToken"):
                    break
                if pages >= _MOST_PAGES:
                    raise Unavailable(
                        f"AWS has more than {_MOST_PAGES} pages on {month}.", hint="Use fewer values of the tag."
                    )
                token = {"NextPageToken": page["NextPageToken"]}
        odd = tuple(f"AWS gave no amount for {name}, so it is in no sum." for name in sorted(reading.odd)[:3])
        return Month(
            month=month, read_at=self._clock(), rows=tuple(reading.rows()), estimated=reading.estimated, partial=odd
        )

    def _questions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """One for each environment, one for what is in none of them, and one for credits, refunds and tax."""
        account = self._account
        apart = {"Dimensions": {"Key": "RECORD_TYPE", "Values": list(APART)}}
        groups = [{"Type": "TAG", "Key": account.service_tag}, {"Type": "DIMENSION", "Key": "SERVICE"}]
        common = {"Granularity": "DAILY", "Metrics": [account.metric, "UsageQuantity"], "GroupBy": groups}
        of = {
            name: {"Tags": {"Key": account.environment_tag, "Values": [value]}}
            for name, value in account.environments.items()
        }
        if not account.environment_tag:
            of = {}
        for name, tagged in of.items():
            yield name, {**common, "Filter": {"And": [{"Not": apart}, tagged]}}
        others = [{"Not": each} for each in of.values()]
        rest = {"And": [{"Not": apart}, *others]} if others else {"Not": apart}
        yield "", {**common, "Filter": rest}
        by_type = [{"Type": "DIMENSION", "Key": "RECORD_TYPE"}]
        yield "", {"Granularity": "DAILY", "Metrics": [account.metric], "GroupBy": by_type, "Filter": apart}

    async def _count(self) -> None:
        """Note one more question. Raises `Unavailable` where that would be one too many."""
        asked = await self.asked_today()
        if asked >= self._account.per_day:
            raise Unavailable(
                f"AWS was asked {asked} times today, and each question costs a cent.",
                hint="It is asked again tomorrow (UTC); requests_a_day in costs.yaml is the limit.",
            )
        await self._keep.keep(NAME, self._counter(), asked + 1, self._clock())

    def _ask(self, question: Mapping[str, Any]) -> Mapping[str, Any]:
        client, botocore = self._client()
        try:
            return dict(client.get_cost_and_usage(**question))
        except botocore.ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            what = "throttles" if code in ("ThrottlingException", "LimitExceededException") else f"refuses ({code})"
            raise Unavailable(f"{NAME} {what}.", hint=_HINTS.get(code, "")) from error
        except botocore.BotoCoreError as error:
            raise Unavailable(
                f"{NAME} did not answer.", hint="Check the credentials, the region and the network."
            ) from error

    def _client(self) -> tuple[Any, Any]:
        try:
            import boto3  # noqa: PLC0415 - an extra, and a fifth of a second that only who reads a bill pays
            from botocore import config, exceptions  # noqa: PLC0415
        except ImportError:
            raise Unavailable(f"{NAME} needs boto3.", hint="pip install countersign[aws]") from None
        if self._connected is None:
            # A question that is asked again by itself is paid for again, and not counted.
            patience = config.Config(
                connect_timeout=PATIENCE, read_timeout=4 * PATIENCE, retries={"total_max_attempts": 1}
            )
            self._connected = boto3.client(
                "ce", config=patience, region_name=self._account.region, endpoint_url=self._account.endpoint or None
            )
        return self._connected, exceptions


def _months(period: Period) -> Iterator[Period]:
    """Whole months, so that different questions about one month are one question to AWS."""
    return (around(part.start, Unit.MONTH) for part in period.months())


def _begun(month: Period, today: date) -> bool:
    return month.start <= today


def _reaches(month: Period, today: date) -> bool:
    months = (today.year - month.start.year) * 12 + today.month - month.start.month
    return months < _FARTHEST
