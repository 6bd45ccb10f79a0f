"""A small shop in two environments, on a clock that only sleeping moves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from skills.core.ports.workloads import Place


class Hours:
    """A clock for tests: `sleep` moves it at once."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def simulation() -> Simulation:
    release = {"created_at": "2026-10-01T00:00:00Z"}
    crash = {
        "created_at": "2026-11-01T00:00:00Z", "conduct": "crash", "exit_code": 3,
        "log": ["starting", "DB_PASSWORD=hunter2 was refused"],
    }  # fmt: skip
    return Simulation.model_validate(
        {
            "pod_seconds": 2,
            "environments": {"staging": {"namespace": "shop-staging"}, "production": {"namespace": "shop"}},
            "services": {
                "checkout": {
                    "image": "registry.example/checkout",
                    "replicas": {"staging": 1, "production": 3},
                    "history": ["v40", "v41"],
                    "releases": {
                        "v40": release,
                        "v41": {"created_at": "2026-10-15T00:00:00Z"},
                        "v42": {"created_at": "2026-10-30T00:00:00Z", "digest": "sha256:" + "4" * 64},
                        "v43": crash,
                        "v44": {"created_at": "2026-11-02T00:00:00Z", "conduct": "slow", "seconds": 900},
                    },
                }
            },
        }
    )


@pytest.fixture
def cluster(hours: Hours, simulation: Simulation) -> MemoryCluster:
    return MemoryCluster.open(None, simulation=simulation, clock=hours, sleep=hours.sleep)


@pytest.fixture
def checkout() -> Place:
    return Place(environment="production", namespace="shop", name="checkout")


@pytest.fixture
def manifest() -> Callable[..., dict[str, Any]]:
    """Makes ordinary Deployment manifests; keywords go into the spec."""

    def make(name: str = "web", image: str = "registry.example/web:1", **spec: Any) -> dict[str, Any]:
        template = {
            "metadata": {"labels": {"app": name}},
            "spec": {"containers": [{"name": "app", "image": image}]},
        }
        wanted = {"replicas": 2, "selector": {"matchLabels": {"app": name}}, "template": template, **spec}
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name}, "spec": wanted}

    return make
