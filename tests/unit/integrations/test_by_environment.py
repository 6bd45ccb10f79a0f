"""Each look goes to the cluster of the environment that its scope names."""

import pytest

from integrations.by_environment import ByEnvironment
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import SimulatedEnvironment, Simulation
from skills.core.errors import UnknownName
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope

HERE = Scope(environment="staging", namespaces=("shop",))


@pytest.fixture
def routed() -> ByEnvironment:
    world = Simulation(environments={"staging": SimulatedEnvironment(namespace="shop")})
    return ByEnvironment({"staging": MemoryCluster.open(simulation=world)})


async def test_a_look_goes_to_the_cluster_of_its_environment(routed: ByEnvironment) -> None:
    named, log = Named(kind="Pod", namespace="shop", name="p"), LogWanted(namespace="shop", pod="p", container="app")

    assert (await routed.take(HERE, ["Pod"], budget=Budget())).objects == {"Pod": []}
    assert (await routed.find(HERE, [named], budget=Budget())).named == {named: None}
    assert (await routed.logs(HERE, [log], budget=Budget())).logs == {log: ""}


async def test_an_unknown_environment_is_answered_with_the_nearest(routed: ByEnvironment) -> None:
    with pytest.raises(UnknownName, match="Did you mean staging"):
        await routed.take(Scope(environment="stagin"), ["Pod"], budget=Budget())
