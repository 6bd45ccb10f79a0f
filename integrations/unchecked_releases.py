"""Releases where no registry is configured: the version is taken at its word, and said to be unverified."""

from collections.abc import Sequence

from skills.core.catalog import Service
from skills.core.images import reference_of
from skills.core.ports.releases import Release


class UncheckedReleases:
    """Satisfies `Releases` from the service's own image repository alone. Nobody checks that the image exists."""

    async def find(self, service: Service, wanted: str) -> Release:
        """The release that `wanted` would be, with `verified` false.

        Raises `BadInput` for what is malformed, mutable ("latest"), of another repository, or a bare version of a service whose
        repository is not known.
        """
        reference = reference_of(wanted.strip(), repository=service.image, service=service.name)
        return Release(version=reference.version, image=str(reference), verified=False)

    async def recent(self, service: Service) -> Sequence[Release]:
        """Nothing: without a registry there is no list."""
        return ()
