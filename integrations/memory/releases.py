"""What can be deployed in the embedded world: satisfies `Releases` from the simulation's table."""

from collections.abc import Sequence

from integrations.memory.simulation import SimulatedService, Simulation
from skills.core.catalog import Service, nearest, shown
from skills.core.errors import BadInput, UnknownName
from skills.core.images import ImageReference, reference_of
from skills.core.ports.releases import Release


class MemoryReleases:
    """The releases that the simulation lists, and no others."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    async def find(self, service: Service, wanted: str) -> Release:
        """The release that `wanted` names: a version, a digest, or a whole reference of this service's repository.

        Raises `UnknownName` with the nearest versions, or `BadInput` for what is malformed, mutable ("latest") or of another repository.
        """
        listed = self._listed(service, wanted)
        reference = reference_of(wanted.strip(), repository=listed.image, service=service.name)
        version = _version(listed, reference)
        if version is None:
            raise _unknown(service, reference, listed)
        if reference.tag and reference.tag != version:
            raise BadInput(
                f"“{shown(wanted)}” contradicts itself: that digest is {version}, not {reference.tag}.",
                hint="Leave out the tag or the digest.",
            )
        return _release(listed, version, image=str(reference))

    async def recent(self, service: Service) -> Sequence[Release]:
        """Releases of the service, newest first; empty for a service that the simulation does not know."""
        listed = self._simulation.services.get(service.name)
        if listed is None:
            return ()
        found = [_release(listed, version, image=f"{listed.image}:{version}") for version in listed.releases]
        return sorted(found, key=lambda release: (release.created_at, release.version), reverse=True)

    def _listed(self, service: Service, wanted: str) -> SimulatedService:
        listed = self._simulation.services.get(service.name)
        if listed is None:
            raise UnknownName(
                f"release of {service.name}",
                shown(wanted),
                hint=f"The embedded world has no releases of {service.name}.",
            )
        return listed


def _version(listed: SimulatedService, reference: ImageReference) -> str | None:
    if not reference.digest:
        return reference.tag if reference.tag in listed.releases else None
    return next((version for version in listed.releases if listed.digest_of(version) == reference.digest), None)


def _unknown(service: Service, reference: ImageReference, listed: SimulatedService) -> UnknownName:
    """Versions newest first, so that of equally near ones the newest is offered first."""
    newest_first = sorted(listed.releases, key=lambda version: listed.releases[version].created_at, reverse=True)
    near = nearest(reference.version, newest_first) or tuple(newest_first[:3])
    return UnknownName(f"release of {service.name}", shown(reference.version), near)


def _release(listed: SimulatedService, version: str, *, image: str) -> Release:
    return Release(version=version, image=image, created_at=listed.releases[version].created_at)
