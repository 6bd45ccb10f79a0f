"""Each environment has its own source of amounts and of usage; this puts what they say together, as one statement of all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from skills.core.catalog import nearest
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.costs import Costs, Source, Statement, Wanted
from skills.core.ports.usage import Consumption, Footprint, Thing, Usage

S = TypeVar("S")


class CostsByEnvironment:
    """Satisfies `Costs`. All sources count by the same days and months."""

    def __init__(self, sources: Mapping[str, Costs]) -> None:
        self._sources = sources

    async def statement(self, wanted: Wanted) -> Statement:
        """What all of them say. One that does not answer is missing, and named; raises `Unavailable` where none does."""
        found: list[Statement] = []
        troubles: list[str] = []
        for source, environments in _grouped(self._sources, wanted):
            try:
                found.append(await source.statement(replace(wanted, environments=environments)))
            except Unavailable as problem:
                troubles.append(f"{_spoken(environments)} {_is(environments)} not in these sums: {problem}")
        if not found:
            raise Unavailable(" ".join(troubles) or "No environment has a source of costs.")
        if len(found) == 1 and not troubles:
            return found[0]
        return replace(
            found[0],
            source=_together([each.source for each in found]),
            lines=tuple(line for each in found for line in each.lines),
            final_until=min(each.final_until for each in found),
            partial=tuple(dict.fromkeys([*troubles, *(text for each in found for text in each.partial)])),
        )


class UsageByEnvironment:
    """Satisfies `Usage`."""

    def __init__(self, sources: Mapping[str, Usage]) -> None:
        self._sources = sources

    async def consumption(self, wanted: Wanted) -> Consumption:
        """What all of them measured. One that does not answer is missing, and named; raises `Unavailable` where none does."""
        found: list[Consumption] = []
        troubles: list[str] = []
        for source, environments in _grouped(self._sources, wanted):
            try:
                found.append(await source.consumption(replace(wanted, environments=environments)))
            except Unavailable as problem:
                troubles.append(f"{_spoken(environments)} {_is(environments)} not in these amounts: {problem}")
        if not found:
            raise Unavailable(" ".join(troubles) or "No environment says what it uses.")
        return replace(
            found[0],
            source=" and ".join(dict.fromkeys(each.source for each in found)),
            read_at=min(each.read_at for each in found),
            amounts=tuple(amounts for each in found for amounts in each.amounts),
            partial=tuple(dict.fromkeys([*troubles, *(text for each in found for text in each.partial)])),
        )

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        return await self._of(environment).footprints(environment)

    async def things(self, environment: str) -> Sequence[Thing]:
        return await self._of(environment).things(environment)

    def _of(self, environment: str) -> Usage:
        if environment not in self._sources:
            raise UnknownName("environment", environment, nearest(environment, self._sources))
        return self._sources[environment]


def _grouped(sources: Mapping[str, S], wanted: Wanted) -> list[tuple[S, tuple[str, ...]]]:
    """Each source once, with the environments that it is to be asked for."""
    found: dict[int, tuple[S, list[str]]] = {}
    for environment in wanted.environments or tuple(sources):
        if environment not in sources:
            raise UnknownName("environment", environment, nearest(environment, sources))
        source = sources[environment]
        found.setdefault(id(source), (source, []))[1].append(environment)
    return [(source, tuple(environments)) for source, environments in found.values()]


def _together(sources: Sequence[Source]) -> Source:
    """The weakest of what they are: the oldest, the least sure, and reconciled only where all are."""
    errors = [each.error for each in sources]
    return replace(
        sources[0],
        name=" and ".join(dict.fromkeys(each.name for each in sources)),
        read_at=min(each.read_at for each in sources),
        amortized=all(each.amortized for each in sources),
        error=None if None in errors else max(each for each in errors if each is not None),
        reconciled=all(each.reconciled for each in sources),
    )


def _spoken(names: Sequence[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} and {last}" if head else last


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
