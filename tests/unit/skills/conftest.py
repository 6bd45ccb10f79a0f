"""Skills on a simulated cluster, without a store, a policy or an edge."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.catalog import Catalog, Environment, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.core.ports.ledger import Ledger
from skills.core.proposal import Proposal

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class NoPast(Ledger):
    """An organization in which nothing was ever proposed."""

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> list[Proposal]:
        return []

    async def open(self) -> list[Proposal]:
        return []


def a_deployment(**containers: str) -> dict[str, Any]:
    """A Deployment called checkout with these containers: name to image."""
    labels = {"app": "checkout"}
    template = {"spec": {"containers": [{"name": name, "image": image} for name, image in containers.items()]}}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "checkout", "namespace": "shop"},
        "spec": {
            "replicas": 3, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, **template},
        },
    }  # fmt: skip


@pytest.fixture
def cluster() -> MemoryCluster:
    return MemoryCluster.open(None, clock=lambda: NOW)


@pytest.fixture
def catalog_of() -> Callable[..., Catalog]:
    """A catalog of the service checkout, with these facts, and the protected environment production."""

    def of(**facts: Any) -> Catalog:
        production = Environment(name=EnvironmentName("production"), namespace="shop", protected=True)
        return Catalog(
            declared=(Service(name=ServiceName("checkout"), **facts),), environments=(production,), people=()
        )

    return of
