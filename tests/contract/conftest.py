"""Where the contract of the cluster ports is tried: always on the twin and on the test API server, and on a real cluster if one is named."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.labs import Images, Lab, real, test_server, twin

OPTIONS = (
    ("--kubeconfig", None, "run the cluster contract on a real cluster, too"),
    ("--namespace", "default", "the namespace for what the contract creates there"),
    ("--image-good", Images().good, "an image that runs there"),
    ("--image-better", Images().better, "another image that runs there"),
    ("--image-broken", Images().broken, "an image that crashes there"),
)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("cluster")
    for name, default, what in OPTIONS:
        group.addoption(name, default=default, help=what)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "lab" in metafunc.fixturenames:
        kubeconfig = metafunc.config.getoption("--kubeconfig", default=None)
        where = ["twin", "test-server", *(["cluster"] if kubeconfig else [])]
        metafunc.parametrize("lab", where, indirect=True)


@pytest.fixture
async def lab(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Lab]:
    """A cluster behind the ports, with nothing of ours in it."""
    option = request.config.getoption
    if request.param == "twin":
        context = twin()
    elif request.param == "test-server":
        context = test_server(tmp_path)
    else:
        images = Images(good=option("--image-good"), better=option("--image-better"), broken=option("--image-broken"))
        context = real(Path(option("--kubeconfig")), option("--namespace"), images)
    async with context as furnished:
        yield furnished
