"""The adapter and a test API server, each test with its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from integrations.kubernetes import KubernetesCluster, Limits
from tests.support.kubernetes_api import ApiServer, serving
from tests.support.labs import ApiGround, Lab, adapter


@pytest.fixture
async def server() -> AsyncIterator[ApiServer]:
    async with serving() as running:
        yield running


@pytest.fixture
async def cluster(server: ApiServer, tmp_path: Path) -> AsyncIterator[KubernetesCluster]:
    async with adapter(server, tmp_path, limits=Limits(connect=1.0, answer=0.5, watch=5.0, silence=8.0)) as connected:
        yield connected


@pytest.fixture
def lab(cluster: KubernetesCluster) -> Lab:
    return Lab(cluster=cluster, ground=ApiGround(cluster, "shop"), namespace="shop", deadline=30)
