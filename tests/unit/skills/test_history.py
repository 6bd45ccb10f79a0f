"""What was changed, and from when on."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.ports.workloads import ImageEdit, Place
from skills.core.proposal import Origin, Proposal, Status
from skills.core.report import Report, Table
from skills.history import History, Params
from tests.support.proposals import ALLOWED, a_plan
from tests.unit.skills.conftest import NOW, NoPast, a_deployment

HERE = Place(environment="production", namespace="shop", name="checkout")
IMAGE = "registry.example/checkout"
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))


class Past(NoPast):
    """Two changes, two days and two hours ago."""

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> list[Proposal]:
        return [a_change(2, NOW - timedelta(hours=2)), a_change(1, NOW - timedelta(days=2))]


def a_change(number: int, at: datetime) -> Proposal:
    return Proposal(
        id=ProposalId(number), organization=Organization("acme"), handle=f"h{number}", requester=Subject("dev"), requester_name="Dev",
        reason="", origin=Origin(edge="cli"), plan=a_plan(version=f"v{number}"), digest=Digest("00"), verdict=ALLOWED,
        status=Status.SUCCEEDED, created_at=at, expires_at=at, started_at=at,
    )  # fmt: skip


@pytest.fixture
async def told(catalog_of: Callable[..., Catalog]) -> Callable[[datetime | None], object]:
    """The history of checkout, whose revisions 1, 2 and 3 are three days, two days and two hours old."""
    now = [NOW - timedelta(days=3)]
    cluster = MemoryCluster.open(None, clock=lambda: now[0])
    await cluster.create(a_deployment(app=f"{IMAGE}:v0"), environment="production")
    for at, before, after in ((timedelta(days=2), "v0", "v1"), (timedelta(hours=2), "v1", "v2")):
        now[0] = NOW - at
        edit = ImageEdit(container="app", before=f"{IMAGE}:{before}", after=f"{IMAGE}:{after}")
        await cluster.apply(HERE, edit, uid=(await cluster.get(HERE)).uid)
    now[0] = NOW

    async def tell(since: datetime | None) -> Report:
        params = Params(service="checkout", environment="production", since=since)
        return await History(catalog_of(), cluster, Past()).answer(params, asker=ASKER)

    return tell


def first_column(report: Report) -> dict[str, Sequence[str]]:
    return {part.title: [row[0] for row in part.rows] for part in report.parts if isinstance(part, Table)}


async def test_without_a_time_everything_is_told(told) -> None:
    report = await told(None)
    assert report.summary == "checkout in production: 2 changes by proposals of mine."
    assert first_column(report) == {"Changes": ["#2", "#1"], "Revisions in production": ["3", "2", "1"]}


async def test_with_a_time_only_what_came_after_it(told) -> None:
    report = await told(datetime(2026, 11, 22, tzinfo=UTC))
    assert report.title == "History of checkout in production since 2026-11-22 00:00 UTC"
    assert report.summary == "checkout in production: 1 change by proposals of mine since 2026-11-22 00:00 UTC."
    assert first_column(report) == {"Changes": ["#2"], "Revisions in production": ["3"]}


async def test_what_runs_now_is_told_however_old_it_is(told) -> None:
    report = await told(NOW - timedelta(minutes=5))
    assert report.summary == "checkout in production: no changes by proposals of mine since 2026-11-23 08:55 UTC."
    assert first_column(report) == {"Revisions in production": ["3"]}
