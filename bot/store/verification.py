"""Proves that an audit log is as it was written, or names the first entry that is not."""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select, true

from bot.store.archiving import archived
from bot.store.failures import explained
from bot.store.hidden import Hidden
from bot.store.merkle import EMPTY_ROOT, FIRST_LINK, Frontier, completed_by, leaf_hash, link_hash
from bot.store.scan import CHUNK, Scan
from bot.store.sealing import Kept, Person
from bot.store.tables import audit_entries, audit_heads, audit_nodes
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Verification:
    """What was found. `size` and `root` are those of the entries that fit; `first_bad` is None where no single entry can be blamed."""

    ok: bool
    size: int
    root: str
    first_bad: int | None = None
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Head:
    """The head row as it stands, and the lowest and highest numbers among the entries and among the subtrees."""

    size: int
    root: str
    frontier: str
    link: str
    lowest: int | None
    highest: int | None
    first_node: int | None
    last_node: int | None

    @property
    def tree_ends_well(self) -> bool:
        """Are there as many subtrees as belong to the size?"""
        nodes = completed_by(self.size)
        return (self.first_node, self.last_node) == ((0, nodes - 1) if nodes else (None, None))


class Tampered(Exception):
    """The log is not as it was written."""

    def __init__(self, problem: str, *, first_bad: int | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.first_bad = first_bad


class Walk:
    """Goes over the entries from the first, keeping the tree's right edge, the chain and which remembered heads are still to come."""

    def __init__(self, organization: Organization, expect: Sequence[tuple[int, str]] = ()) -> None:
        self._organization = organization
        self._frontier = Frontier()
        self._link = FIRST_LINK
        self._expect: dict[int, set[str]] = {}
        for size, root in expect:
            self._expect.setdefault(size, set()).add(root.lower())
        self._agreed = 0
        self._tree_fits = True
        self._completed: list[bytes] = []
        self._hidden = Hidden({})

    @property
    def size(self) -> int:
        return self._frontier.size

    @property
    def root(self) -> str:
        return self._frontier.root().hex()

    def meet(self, people: Mapping[str, Person]) -> None:
        """Learn, before the first entry, whom the pseudonyms stand for."""
        self._hidden = Hidden(people)

    def skip(self, upto: int, nodes: Sequence[tuple[int, str]], erased: Mapping[int, Mapping[str, Kept]]) -> None:
        """Go on from the stored hashes of archived entries up to `upto`, given with the subtrees that they completed, and what of them was erased."""
        known = dict(nodes)
        while self.size < upto:
            place = completed_by(self.size)
            leaf = _hash(known.get(place, ""))
            completed = self._frontier.append(leaf)
            self._tree_fits &= [known.get(place + index) for index in range(len(completed))] == [
                node.hex() for node in completed
            ]
            self._link = link_hash(self._link, leaf)
            if self.size in self._expect:
                self._meet(self.size)
        for seq, texts in sorted(erased.items()):
            self._hidden.note(seq, texts)

    def over(self, entries: Iterable[Sequence[Any]], texts: Mapping[int, Mapping[str, Kept]]) -> None:
        """Take the next entries, as (seq, at, actor, verb, subject, body, link), and what they hide.

        Raises `Tampered` at the first that does not fit; clear text that does not is told at the end, since the entries may be sound.
        """
        for seq, at, actor, verb, subject, body, link in entries:
            due = self._frontier.size + 1
            if seq != due:
                raise Tampered(f"Entry {due} is missing.", first_bad=due)
            leaf = self._checked_leaf(due, (at, actor, verb, subject), body, link, texts.get(due, {}))
            self._completed.extend(self._frontier.append(leaf))
            if due in self._expect:
                self._meet(due)

    def compare(self, nodes: Sequence[tuple[int, str]]) -> None:
        """Compare stored subtrees, as (position, hash), with those that the entries since the last time completed."""
        first = completed_by(self.size) - len(self._completed)
        ours = [(place, node.hex()) for place, node in enumerate(self._completed, first)]
        self._tree_fits = self._tree_fits and ours == [tuple(node) for node in nodes]
        self._completed.clear()

    def finish(self, head: Head) -> None:
        """Compare with the head row and the remembered heads beyond it. Raises `Tampered`."""
        if self.size in self._expect and self.size == 0:
            self._meet(0)
        beyond = [size for size in self._expect if size > self.size]
        if beyond:
            raise Tampered(
                f"A remembered head counts {min(beyond)} entries, but only {self.size} are left.",
                first_bad=self.size + 1,
            )
        subtrees = " ".join(subtree.hex() for subtree in self._frontier.subtrees)
        if head.root != self.root or head.frontier != subtrees:
            raise Tampered(
                f"Every entry fits the one before it, but together they do not give the root in the head: the log was rewritten {self._since()},"
                " or the head was."
            )
        if head.link != self._link.hex():
            raise Tampered("The entries are as they were written, but the end of the chain in the head was changed.")
        if not (self._tree_fits and head.tree_ends_well):
            raise Tampered("The entries are as they were written, but the stored hashes of the tree were changed.")
        self._hidden.finish()
        if self._hidden.problem:
            problem, seq = self._hidden.problem
            raise Tampered(problem, first_bad=seq)

    def _checked_leaf(
        self, due: int, columns: tuple[Any, ...], body: Any, link: Any, texts: Mapping[str, Kept]
    ) -> bytes:
        try:
            leaf = leaf_hash(body.encode())
            self._link = link_hash(self._link, leaf)
            if self._link.hex() != link:
                raise Tampered(f"Entry {due} is not as it was written.", first_bad=due)
            entry = json.loads(body)
            said = (entry["at"], entry["actor"], entry["verb"], entry["subject"])
            if said != columns or entry["seq"] != due or entry["organization"] != self._organization:
                raise Tampered(f"The columns of entry {due} do not say what its body says.", first_bad=due)
            self._hidden.over(due, entry, texts)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise Tampered(f"Entry {due} cannot be read.", first_bad=due) from error
        return leaf

    def _meet(self, size: int) -> None:
        if self._expect[size] != {self.root}:
            raise Tampered(
                f"The first {size} entries are not those of a remembered head: the log was rewritten {self._since()}."
            )
        self._agreed = size

    def _since(self) -> str:
        return f"after entry {self._agreed}" if self._agreed else "somewhere"


def _hash(stored: str) -> bytes:
    """As it stands there; of what is none, one that fits nothing."""
    try:
        return bytes.fromhex(stored) if len(stored) == 64 else bytes(32)
    except ValueError:
        return bytes(32)


async def verify(
    database: "Database",
    organization: Organization,
    *,
    progress: Callable[[int, int], None] | None,
    expect: Sequence[tuple[int, str]],
) -> Verification:
    """See `AuditLog.verify`."""
    walk = Walk(organization, expect)
    try:
        await _walk_through(walk, await _head(database, organization), database, organization, progress)
    except Tampered as found:
        return Verification(ok=False, size=walk.size, root=walk.root, first_bad=found.first_bad, problem=found.problem)
    return Verification(ok=True, size=walk.size, root=walk.root)


async def _walk_through(
    walk: Walk,
    head: Head,
    database: "Database",
    organization: Organization,
    progress: Callable[[int, int], None] | None,
) -> None:
    if head.lowest is not None and head.lowest < 1:
        raise Tampered(f"Entry {head.lowest} was added; the first is 1.", first_bad=head.lowest)
    with explained(database.place), closing(await asyncio.to_thread(Scan, database.url, organization)) as scan:
        walk.meet(await asyncio.to_thread(scan.people))
        gone = await archived(database, organization)
        while head.lowest is not None and walk.size < gone == head.lowest - 1:
            upto = min(gone, walk.size + CHUNK)
            nodes = await asyncio.to_thread(scan.nodes, completed_by(walk.size), completed_by(upto))
            erased = await asyncio.to_thread(scan.texts, walk.size, upto)
            await asyncio.to_thread(walk.skip, upto, nodes, erased)
        while walk.size < head.size:
            entries = await asyncio.to_thread(scan.read, walk.size, head.size)
            if not entries:
                raise Tampered(f"Entry {walk.size + 1} is missing.", first_bad=walk.size + 1)
            known = completed_by(walk.size)
            texts = await asyncio.to_thread(scan.texts, walk.size, entries[-1][0])
            await asyncio.to_thread(walk.over, entries, texts)
            walk.compare(await asyncio.to_thread(scan.nodes, known, completed_by(walk.size)))
            if progress is not None:
                progress(walk.size, head.size)
        if head.highest is not None and head.highest > head.size:
            beyond = (await asyncio.to_thread(scan.read, head.size, head.highest))[0][0]
            raise Tampered(f"Entry {beyond} stands beyond the end of the log.", first_bad=beyond)
    walk.finish(head)


async def _head(database: "Database", organization: Organization) -> Head:
    """One statement, so that the head and the numbers are of the same moment. Raises `Tampered` for a head that cannot be read."""
    numbers, places = audit_entries.c.seq, audit_nodes.c.position
    span = (
        select(func.min(numbers).label("lowest"), func.max(numbers).label("highest"))
        .where(audit_entries.c.organization == organization)
        .subquery()
    )
    tree = (
        select(func.min(places).label("first_node"), func.max(places).label("last_node"))
        .where(audit_nodes.c.organization == organization)
        .subquery()
    )
    mine = audit_heads.c.organization == organization
    query = select(span, tree, audit_heads).select_from(span.join(tree, true()).join(audit_heads, mine, isouter=True))
    async with database.reading() as connection:
        row = (await connection.execute(query)).one()
    spans = {"lowest": row.lowest, "highest": row.highest, "first_node": row.first_node, "last_node": row.last_node}
    if row.size is None:
        return Head(size=0, root=EMPTY_ROOT.hex(), frontier="", link=FIRST_LINK.hex(), **spans)
    return Head(size=row.size, root=row.root, frontier=row.frontier, link=row.link, **spans)
