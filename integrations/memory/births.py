"""What becomes of a new pod, by the images it is to run."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from integrations.memory.simulation import Conduct, SimulatedRelease, Simulation
from integrations.memory.state import Deployment, Fault, Pod, TemplateRevision, containers_of
from skills.core.errors import BadInput
from skills.core.images import ImageReference
from skills.core.ports.workloads import Container

_UNLISTED = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
_TELLING_TAGS = {"crash": Conduct.CRASH, "absent": Conduct.ABSENT, "badimage": Conduct.ABSENT, "slow": Conduct.SLOW}


class Births:
    """Settles the fate of pods by the simulation's table of releases.

    An image that the table does not know behaves as its tag says ("crash", "absent", "badimage" or "slow" within it), else it is healthy.
    """

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def __call__(self, deployment: Deployment, template: TemplateRevision, at: datetime) -> Pod:
        """A pod of `template`, born at `at` (UTC)."""
        conducts = [(container, self._release(container)) for container in containers_of(template.template)]
        fault = self._fault(conducts, at)
        if fault:
            return Pod(template=template.digest, born_at=at, fault=fault)
        ready_at = at + timedelta(seconds=self._seconds(release for _, release in conducts))
        settles = timedelta(seconds=int(deployment.spec.get("minReadySeconds", 0)))
        return Pod(template=template.digest, born_at=at, ready_at=ready_at, available_at=ready_at + settles)

    def _release(self, container: Container) -> SimulatedRelease:
        known = self._simulation.release_of(container.image)
        return known or SimulatedRelease(created_at=_UNLISTED, conduct=_conduct_by_tag(container.image))

    def _fault(self, conducts: Iterable[tuple[Container, SimulatedRelease]], at: datetime) -> Fault | None:
        """The first container's fault; it shows after one pod's time and is certain after two."""
        for container, release in conducts:
            if release.conduct in {Conduct.CRASH, Conduct.ABSENT}:
                crashes = release.conduct is Conduct.CRASH
                return Fault(
                    container=container.name,
                    image=container.image,
                    shows_at=at + timedelta(seconds=self._simulation.pod_seconds),
                    certain_at=at + timedelta(seconds=2 * self._simulation.pod_seconds),
                    exit_code=release.exit_code if crashes else None,
                    log=release.log if crashes else (),
                )
        return None

    def _seconds(self, releases: Iterable[SimulatedRelease]) -> float:
        usual = self._simulation.pod_seconds
        return max(release.seconds if release.conduct is Conduct.SLOW else usual for release in releases)


def _conduct_by_tag(image: str) -> Conduct:
    try:
        tag = ImageReference.parse(image).tag.lower()
    except BadInput:
        return Conduct.ABSENT
    return next((conduct for word, conduct in _TELLING_TAGS.items() if word in tag), Conduct.HEALTHY)
