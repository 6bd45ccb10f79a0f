"""The Merkle tree against vectors worked out by hand from RFC 9162."""

import hashlib

import pytest

from bot.store.merkle import Frontier, leaf_hash, link_hash


def sha(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    assert Frontier().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_leaves_and_nodes_are_told_apart_by_their_first_byte() -> None:
    a, b, c = (leaf_hash(body) for body in (b"a", b"b", b"c"))
    assert a == sha(b"\x00a")
    frontier = Frontier()
    roots = []
    for leaf in (a, b, c):
        frontier.append(leaf)
        roots.append(frontier.root())
    assert roots == [a, sha(b"\x01" + a + b), sha(b"\x01" + sha(b"\x01" + a + b) + c)]


def test_links_form_a_chain() -> None:
    assert link_hash(bytes(32), b"leaf") == sha(bytes(32) + b"leaf")


@pytest.mark.parametrize(("size", "subtrees"), [(1, []), (2, [b"x", b"y"]), (0, [b"x"]), (-1, [])])
def test_a_frontier_that_does_not_belong_to_its_size_is_refused(size: int, subtrees: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r"perfect subtrees on its edge"):
        Frontier(size, subtrees)
