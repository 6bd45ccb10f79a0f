"""The main job over real HTTP against an API server: asked in words, countersigned, run by the adapter, seen in the cluster."""

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.bootstrap import Settings, World, open_world
from bot.usecases.answers import Answer, Clarify, Failed, Proposed, Refused
from skills.core.catalog import Service
from skills.core.names import ProposalId, ServiceName
from skills.core.proposal import Proposal, Status
from tests.support.kubernetes_api import ApiServer, serving
from tests.support.worlds import CLI, CONFIG

IMAGE = "registry.example/checkout"


def deployment(
    name: str = "checkout", *, image: str = f"{IMAGE}:v1", replicas: int = 3, **metadata: Any
) -> dict[str, Any]:
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop", **metadata},
        "spec": {
            "replicas": replicas, "progressDeadlineSeconds": 60, "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": image}]}},
        },
    }  # fmt: skip


class Shop:
    """A world whose production is a namespace of the API server."""

    def __init__(self, world: World, server: ApiServer) -> None:
        self.world = world
        self.server = server

    async def say(self, who: str, text: str) -> Answer:
        return await self.world.door.request(self.world.actor(who), text, origin=CLI, key=secrets.token_hex(8))

    async def run(self, number: int) -> Proposal:
        world = self.world
        runner = world.runner()
        while await runner.advance(ProposalId(number)):
            pass
        found = await world.store.proposal(ProposalId(number))
        assert found is not None
        return found

    def image(self) -> str:
        found = self.server.world.get("deployments", "shop", "checkout")
        assert found is not None
        image: str = found["spec"]["template"]["spec"]["containers"][0]["image"]
        return image


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with serving() as server:
        server.world.create("deployments", "shop", deployment(), manager="kubectl-client-side-apply")
        config = tmp_path / "config"
        shutil.copytree(CONFIG, config)
        cluster = {"kind": "kubernetes", "kubeconfig": str(server.kubeconfig(tmp_path))}
        production = {
            "name": "production", "aliases": ["prod"], "protected": True, "namespace": "shop", "cluster": cluster,
            "discover": True, "releases": {"kind": "unchecked"},
        }  # fmt: skip
        staging = {"name": "staging", "namespace": "stage", "cluster": dict(cluster), "releases": {"kind": "unchecked"}}
        (config / "environments.yaml").write_text(yaml.safe_dump([production, staging]))
        async with open_world(Settings.from_environ({}, config=config, data=tmp_path / "data")) as world:
            yield Shop(world, server)


async def test_a_deploy_is_countersigned_and_rolls_out_on_the_cluster(shop: Shop) -> None:
    asked = await shop.say("dev", "deploy checkout v2 to prod")
    assert isinstance(asked, Proposed), asked
    assert asked.proposal.plan.notes == (
        "Nobody could check that this image exists; if it does not, the rollout fails and goes back.",
    )
    await shop.say("sre", "approve 1")
    done = await shop.run(1)
    assert done.status is Status.SUCCEEDED, done.outcome
    assert shop.image() == f"{IMAGE}:v2"
    assert shop.server.calls["patch", "deployments"] == 3, "two dry runs (asked, run) and one change"


async def test_a_release_that_crashes_goes_back_with_its_cause_and_last_words(shop: Shop) -> None:
    shop.server.logs = lambda pod, container, previous: b"starting\nFATAL no such column\n"
    await shop.say("dev", "deploy checkout v3-crash to prod")
    await shop.say("sre", "approve 1")
    done = await shop.run(1)
    assert done.status is Status.FAILED
    assert "Went back by itself" in done.outcome
    assert "FATAL no such column" in str(done.effects[0].progress["log"])
    assert shop.image() == f"{IMAGE}:v1"


async def test_an_api_server_that_restarts_in_mid_rollout_is_waited_for(shop: Shop) -> None:
    shop.server.world.second = 0.15
    await shop.say("dev", "deploy checkout v2 to prod")
    await shop.say("sre", "approve 1")
    running = asyncio.create_task(shop.run(1))
    while shop.image() != f"{IMAGE}:v2":
        await asyncio.sleep(0.01)
    await shop.server.stop()
    await asyncio.sleep(0.3)
    await shop.server.start()
    done = await running
    assert done.status is Status.SUCCEEDED, done.outcome


async def test_a_rollback_goes_to_the_revision_before(shop: Shop) -> None:
    await shop.say("dev", "deploy checkout v2 to prod")
    await shop.say("sre", "approve 1")
    await shop.run(1)
    await shop.say("dev", "rollback checkout in production")
    await shop.say("sre", "approve 2")
    done = await shop.run(2)
    assert done.status is Status.SUCCEEDED, done.outcome
    assert shop.image() == f"{IMAGE}:v1"


async def test_what_argo_looks_after_is_refused_with_its_name(shop: Shop) -> None:
    tracked = {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}}
    web = deployment("web", image="registry.example/web:v1", **tracked)
    shop.server.world.create("deployments", "shop", web, manager="argocd-controller")
    answer = await shop.say("dev", "deploy web v2 to prod")
    assert isinstance(answer, Refused)
    assert answer.text.startswith("The pod template of web in production belongs to Argo CD")
    assert answer.text.endswith("Make the change in the source that Argo CD applies.")


async def test_a_service_that_is_nowhere_declared_is_discovered_by_its_labels(shop: Shop) -> None:
    cart = deployment("cart", image="registry.example/cart:v1", labels={"app.kubernetes.io/name": "cart"})
    shop.server.world.create("deployments", "shop", cart, manager="kubectl-client-side-apply")
    await shop.world.discover()
    answer = await shop.say("dev", "deploy cart v2 to prod")
    assert isinstance(answer, Proposed), answer


async def test_a_cluster_that_is_down_is_said_to_be_and_nothing_is_stored(shop: Shop) -> None:
    await shop.server.stop()
    answer = await shop.say("dev", "deploy checkout v2 to prod")
    assert isinstance(answer, Failed)
    assert answer.exit == 4
    assert await shop.world.store.open() == ()


async def test_a_service_without_a_deployment_is_said_to_be_absent(shop: Shop) -> None:
    answer = await shop.say("dev", "deploy search v2 to prod")
    assert isinstance(answer, Clarify)
    assert "search" in answer.text
    assert "production" in answer.text


async def test_a_service_may_live_in_a_namespace_of_its_own(shop: Shop) -> None:
    pay = deployment("pay", image="registry.example/pay:v1")
    pay["metadata"]["namespace"] = "payments"
    shop.server.world.create("deployments", "payments", pay, manager="kubectl-client-side-apply")
    shop.world.catalog.learn([Service(name=ServiceName("pay"), namespace="payments")])
    asked = await shop.say("dev", "deploy pay v2 to prod")
    assert isinstance(asked, Proposed), asked
    assert asked.proposal.plan.steps[0].target.namespace == "payments"
    while (seen := await shop.say("dev", "status pay in prod")).text == "Rolling out: pay in production.":
        await asyncio.sleep(0.05)
    assert seen.text == "pay runs v1 in production: healthy, 3 of 3 replicas ready."
