"""Proofs from the stored tree, in both databases."""

import hashlib

import pytest
from sqlalchemy import text

from bot.store import Database, Store
from skills.core.errors import Anticipated


async def grow(store: Store, count: int) -> list[tuple[int, str]]:
    """Heads, one after each of `count` entries."""
    heads = []
    for number in range(count):
        async with store.begin() as tx:
            tx.record("proposal:noted", f"proposal/{number}", {}, actor="dev")
        heads.append(await store.audit.head())
    return heads


def combined(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by(leaf: bytes, seq: int, size: int, proof: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2."""
    fn, sn, r = seq - 1, size - 1, leaf
    for p in proof:
        if fn & 1 or fn == sn:
            r = combined(p, r)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = combined(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    return r


async def test_every_entry_is_proven_in_every_tree_that_has_it(store: Store) -> None:
    heads = await grow(store, 9)
    entries = await store.audit.entries()
    for size, root in heads:
        assert (await store.tree.root(size)).hex() == root
        for entry in entries[:size]:
            proof = await store.tree.inclusion(entry.seq, size)
            assert root_by(bytes.fromhex(entry.leaf), entry.seq, size, proof).hex() == root


async def test_the_empty_tree_has_the_root_of_nothing(store: Store) -> None:
    assert await store.tree.root(0) == hashlib.sha256(b"").digest()
    assert await store.tree.consistency(0, 5) == []


async def test_a_tree_with_a_hole_proves_nothing(store: Store, database: Database) -> None:
    await grow(store, 3)
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_nodes WHERE position = 0"))
    with pytest.raises(Anticipated) as told:
        await store.tree.inclusion(2, 3)
    assert str(told.value) == (
        "The Merkle tree of the audit log is not as it was written; a part of it is missing."
        " Run `countersign audit verify` to see what can be trusted."
    )
