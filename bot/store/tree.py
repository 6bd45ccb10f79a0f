"""Proofs from the Merkle tree as it is stored: a few look-ups each, however long the log is."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from bot.store.merkle import EMPTY_ROOT, Span, consistency, covering, inclusion, joined
from bot.store.tables import audit_nodes
from skills.core.errors import Anticipated
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

# Built once: it is most of what a proof costs.
_NODES = select(audit_nodes.c.position, audit_nodes.c.hash).where(
    audit_nodes.c.organization == bindparam("mine"), audit_nodes.c.position.in_(bindparam("places", expanding=True))
)


@dataclass(frozen=True, kw_only=True)
class Edges:
    """The perfect subtrees left and right of some consecutive entries, each left to right: what is missing to the root."""

    left: tuple[bytes, ...]
    right: tuple[bytes, ...]


class Tree:
    """The organization's tree. Sizes count entries; entries are numbered from 1.

    Everything here raises `Anticipated` where the stored tree has a hole: somebody removed a part of it.
    """

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def root(self, size: int) -> bytes:
        """The Merkle root over the first `size` entries, which have to be there."""
        return (await self._hashes([(0, size)]))[0] if size else EMPTY_ROOT

    async def inclusion(self, seq: int, size: int) -> list[bytes]:
        """That entry `seq` is among the first `size` (RFC 9162, section 2.1.3); 0 < seq <= size."""
        return await self._hashes(inclusion(seq - 1, size))

    async def consistency(self, old: int, size: int) -> list[bytes]:
        """That the first `size` entries begin with the first `old` (RFC 9162, section 2.1.4); 0 <= old <= size."""
        return await self._hashes(consistency(old, size)) if old else []

    async def edges(self, first: int, last: int, size: int) -> Edges:
        """What proves that entries `first` to `last` stand in the tree of `size` entries, with nothing left out between them."""
        left, right = covering(0, first - 1), covering(last, size)
        found = await self._nodes([*left, *right])
        return Edges(left=tuple(found[each] for each in left), right=tuple(found[each] for each in right))

    async def _hashes(self, spans: Sequence[Span]) -> list[bytes]:
        parts = [covering(*span) for span in spans]
        found = await self._nodes([position for part in parts for position in part])
        return [joined([found[position] for position in part]) for part in parts]

    async def _nodes(self, positions: Iterable[int]) -> dict[int, bytes]:
        wanted = set(positions)
        if not wanted:
            return {}
        async with self._database.reading() as connection:
            rows = (await connection.execute(_NODES, {"mine": self._organization, "places": sorted(wanted)})).all()
        try:
            found = {row.position: bytes.fromhex(row.hash) for row in rows}
        except ValueError:
            found = {}
        if found.keys() != wanted:
            raise Anticipated(
                "The Merkle tree of the audit log is not as it was written; a part of it is missing.",
                hint="Run `countersign audit verify` to see what can be trusted.",
            )
        return found
