"""Put a release of a service into an environment."""

from dataclasses import replace

from pydantic import Field

from skills.core import skill
from skills.core.catalog import Catalog, Service
from skills.core.errors import Ambiguous, NothingToDo, UnknownName
from skills.core.images import MUTABLE_TAG, repository_of, version_of
from skills.core.plan import Plan, Risk
from skills.core.ports.releases import Release, Releases
from skills.core.ports.workloads import Container, Edits, ImageEdit, Rollouts, Workload, Workloads
from skills.core.workload_change import WorkloadChange, refuse_owned, refuse_paused, risk_of, step_of

_MOST_OFFERED = 3
"""Releases, newest first."""


class Params(skill.Params):
    """Which release of what, where."""

    service: skill.Service = Field(description="The service to deploy")
    environment: skill.Environment = Field(description="The environment to deploy it to")
    release: skill.Release = Field(description="A version such as v42, or a whole image reference")
    container: skill.Container | None = Field(default=None, description="The container that carries it, if several do")


class Deploy(WorkloadChange[Params]):
    """Deploy a release of a service to an environment."""

    name = "deploy"
    aliases = ("ship", "release")
    examples = ("deploy checkout v42 to production", "deploy checkout v42 to staging because the fix is urgent")
    phrases = (
        "push", "promote", "install", "upgrade", "update {release}", "ship … out", "roll out", "roll … out", "push … out",
        "put|get|bring|push|ship|have … new|newest|latest version|release|build", "put|get|bring|move|take|set|switch|bump|have|go {release}", "set|update|change|bump … image {release}", "a deploy|deployment|release|rollout",
    )  # fmt: skip

    def __init__(
        self, catalog: Catalog, workloads: Workloads, edits: Edits, rollouts: Rollouts, releases: Releases
    ) -> None:
        super().__init__(catalog, workloads, edits, rollouts)
        self._releases = releases

    async def plan(self, params: Params) -> Plan:
        service, environment, workload = await self._find(params.service, params.environment)
        notes = refuse_owned(workload, "template", service=service.name)
        refuse_paused(workload, service=service.name)
        container = _container(service, workload, params)
        # Where the catalog does not say where images come from, the next one comes from where the present one did.
        await self._refuse_moving(service, params.release)
        source = replace(service, image=service.image or repository_of(container.image))
        release = await self._releases.find(source, params.release)
        if container.image == release.image:
            raise _already(service, workload, release)
        edit = ImageEdit(container=container.name, before=container.image, after=release.image)
        step = step_of(workload, edit, action="set image", service=service, before=container.image, after=release.image)
        back = step_of(
            workload,
            edit.inverse(),
            action="set image back",
            service=service,
            before=release.image,
            after=container.image,
        )
        dependents = self._catalog.dependents(service.name)
        risk = risk_of(environment, dependents, base=Risk.MEDIUM, why="it replaces every pod with other code")
        return await self._planned(
            step,
            back,
            params={
                "service": service.name,
                "environment": environment.name,
                "release": params.release,
                "container": params.container,
            },
            summary=f"Deploy {service.name} {release.version} to {environment.name} (from {version_of(container.image)})",
            risk=risk,
            notes=(*notes, *_unverified(release)),
        )

    async def _refuse_moving(self, service: Service, wanted: str) -> None:
        """“The latest version” is a wish that can be granted only by naming it: the newest are offered."""
        recent = await self._releases.recent(service) if wanted.strip().lower() == MUTABLE_TAG else ()
        if recent:
            raise Ambiguous(
                f"“{MUTABLE_TAG}” does not name one image for good: what was approved might not be what runs.",
                slot="release",
                candidates=[each.version for each in recent[:_MOST_OFFERED]],
            )


def _container(service: Service, workload: Workload, params: Params) -> Container:
    """The container that is to carry the release: the one named, the only one, the only one of that repository, or the namesake."""
    names = [container.name for container in workload.containers]
    chosen = params.container or service.container
    if chosen:
        found = workload.container(chosen)
        if found is None:
            raise UnknownName("container", chosen, names)
        return found
    if len(workload.containers) == 1:
        return workload.containers[0]
    repository = repository_of(params.release) if "/" in params.release else service.image
    of_repository = [container for container in workload.containers if repository_of(container.image) == repository]
    if len(of_repository) == 1:
        return of_repository[0]
    namesake = workload.container(service.name) or workload.container(service.workload_name)
    if namesake is None or of_repository:
        raise Ambiguous(f"{service.name} has {len(names)} containers.", slot="container", candidates=names)
    return namesake


def _already(service: Service, workload: Workload, release: Release) -> NothingToDo:
    where = workload.place.environment
    if workload.settled:
        return NothingToDo(f"{service.name} already runs {release.version} in {where}; there is nothing to do.")
    state = workload.trouble or f"{workload.ready} of {workload.replicas} replicas are ready"
    return NothingToDo(
        f"{service.name} is already set to {release.version} in {where}, but is not there yet: {state.rstrip('.')}.",
        hint=f"To go back, say: rollback {service.name} in {where}.",
    )


def _unverified(release: Release) -> tuple[str, ...]:
    if release.verified:
        return ()
    return ("Nobody could check that this image exists; if it does not, the rollout fails and goes back.",)
