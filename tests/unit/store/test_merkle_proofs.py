"""Where the subtrees of the Merkle tree stand, and which of them a proof is made of."""

import hashlib

import pytest

from bot.store.merkle import Frontier, completed_by, consistency, covering, inclusion, joined, leaf_hash, position

LEAVES = [leaf_hash(str(number).encode()) for number in range(70)]


def mth(start: int, end: int) -> bytes:
    """The recursive definition of RFC 9162, section 2.1.1."""
    if end - start == 1:
        return LEAVES[start]
    split = start + (1 << ((end - start - 1).bit_length() - 1))
    return hashlib.sha256(b"\x01" + mth(start, split) + mth(split, end)).digest()


@pytest.fixture(scope="module")
def nodes() -> list[bytes]:
    frontier = Frontier()
    return [node for leaf in LEAVES for node in frontier.append(leaf)]


def test_subtrees_stand_in_the_order_in_which_they_were_completed(nodes: list[bytes]) -> None:
    assert len(nodes) == completed_by(len(LEAVES))
    for level in range(7):
        for index in range(len(LEAVES) >> level):
            assert nodes[position(level, index)] == mth(index << level, (index + 1) << level), (level, index)


def test_any_span_of_leaves_is_covered_by_the_fewest_subtrees(nodes: list[bytes]) -> None:
    assert covering(5, 5) == []
    assert covering(0, 6) == [position(2, 0), position(1, 2)]
    assert covering(3, 9) == [position(0, 3), position(2, 1), position(0, 8)]
    for end in range(1, len(LEAVES) + 1):
        assert joined([nodes[each] for each in covering(0, end)]) == mth(0, end)


def test_inclusion_and_consistency_paths_are_those_of_the_examples_in_the_rfc() -> None:
    # RFC 9162, section 2.1.5: seven leaves; b to k are the subtrees of its picture.
    b, c, d, g, h = (1, 2), (2, 3), (3, 4), (0, 2), (2, 4)
    i, j, k, right = (4, 6), (6, 7), (0, 4), (4, 7)
    assert inclusion(0, 7) == [b, h, right]
    assert inclusion(3, 7) == [c, g, right]
    assert inclusion(4, 7) == [(5, 6), j, k]
    assert inclusion(6, 7) == [i, k]
    assert consistency(3, 7) == [c, d, g, right]
    assert consistency(4, 7) == [right]
    assert consistency(6, 7) == [i, j, k]
    assert consistency(7, 7) == []
    assert inclusion(0, 1) == []
