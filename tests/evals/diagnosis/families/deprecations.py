"""API versions that are gone."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import Manifest, app, named


def scenarios() -> Iterator[Scenario]:
    yield fault(
        "a cron job from before 1.25", [*app(), _written("batch/v1beta1")], "ApiVersionRemoved", "CronJob/nightly"
    )
    yield healthy("a cron job of today", [*app(), _written("batch/v1")])


def _written(version: str) -> Manifest:
    made = named("CronJob", "nightly", spec={"schedule": "@yearly"}, age=60)
    made["metadata"]["managedFields"] = [{"manager": "helm", "operation": "Update", "apiVersion": version}]
    return made
