"""What workloads reserve as they stand, where nobody measures what they use. Satisfies `Usage`, as far as that goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from skills.core.catalog import Catalog, Environment
from skills.core.errors import Unavailable
from skills.core.ports.costs import Wanted, Whose
from skills.core.ports.usage import Consumption, Footprint, Thing
from skills.core.ports.workloads import Place, Workloads
from skills.core.workload_change import place


@dataclass(frozen=True, kw_only=True)
class ReservedUsage:
    """One environment, of which the cluster alone is asked."""

    environment: Environment
    workloads: Workloads
    catalog: Catalog

    async def consumption(self, wanted: Wanted) -> Consumption:
        """Nobody knows: raises `Unavailable`, which says what would have to be there."""
        name = self.environment.name
        raise Unavailable(
            f"Nobody measures what {name} uses.", hint="Name a Prometheus server under metrics in environments.yaml."
        )

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        """The workloads as they stand, without what they need. Raises `Unavailable` where the cluster does not answer."""
        return [
            Footprint(whose=self._whose(each.place), size=each.size, replicas=each.replicas)
            for each in await self.workloads.list(environment)
        ]

    async def things(self, environment: str) -> Sequence[Thing]:
        """Nothing: nobody looks for what lies around."""
        return ()

    def _whose(self, where: Place) -> Whose:
        owner = next((each for each in self.catalog.services if place(each, self.environment) == where), None)
        if owner is None:
            return Whose(environment=where.environment)
        return Whose(service=owner.name, environment=where.environment, team=owner.owner, project=owner.system)
