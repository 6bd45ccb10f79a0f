"""Merkle tree hashes as in RFC 9162, section 2.1, grown one leaf at a time.

The right edge of the tree is its *frontier*: the roots of the largest perfect subtrees, left to right, one for each bit set in the size.
With it a leaf is appended and the root computed in O(log n), without reading earlier leaves.

Perfect subtrees never change once they are complete. Each has a *position*: they are numbered in the order in which they come about, so
that keeping them all is appending to a list, and every proof is a few look-ups.
"""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY_ROOT = hashlib.sha256(b"").digest()
FIRST_LINK = bytes(32)
"""What the first entry's link is chained to."""

_sha256 = hashlib.sha256


def leaf_hash(body: bytes) -> bytes:
    """SHA-256(0x00 || body)."""
    return _sha256(b"\x00" + body).digest()


def link_hash(previous: bytes, leaf: bytes) -> bytes:
    """SHA-256(previous link || leaf hash): a plain chain beside the tree, which names the first entry that does not fit."""
    return _sha256(previous + leaf).digest()


class Frontier:
    """The right edge of a tree of `size` leaves."""

    def __init__(self, size: int = 0, subtrees: Iterable[bytes] = ()) -> None:
        """Raises `ValueError` if the number of subtrees does not belong to the size."""
        self.size = size
        self.subtrees = list(subtrees)
        if size < 0 or len(self.subtrees) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves does not have {len(self.subtrees)} perfect subtrees on its edge")

    def append(self, leaf: bytes) -> list[bytes]:
        """Add one leaf hash: each trailing one bit of the old size merges two subtrees of equal height.

        Returns the perfect subtrees that this completed, smallest first; the first is the leaf itself.
        """
        subtrees = self.subtrees
        size = self.size
        completed = [leaf]
        while size & 1:
            leaf = _sha256(b"\x01" + subtrees.pop() + leaf).digest()
            completed.append(leaf)
            size >>= 1
        subtrees.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The Merkle Tree Hash of all leaves so far."""
        return joined(self.subtrees) if self.subtrees else EMPTY_ROOT


def joined(subtrees: Sequence[bytes]) -> bytes:
    """The root over neighbouring perfect subtrees, given left to right from a common start. There is at least one."""
    *rest, root = subtrees
    for subtree in reversed(rest):
        root = _sha256(b"\x01" + subtree + root).digest()
    return root


def completed_by(size: int) -> int:
    """How many perfect subtrees a tree of `size` leaves has: the position of the next one."""
    return 2 * size - size.bit_count()


def position(level: int, index: int) -> int:
    """Where the perfect subtree over the leaves `index` * 2**level and so on stands among all of them, from 0."""
    return completed_by(((index + 1) << level) - 1) + level


def covering(start: int, end: int) -> list[int]:
    """The positions of the largest perfect subtrees that together are the leaves start <= leaf < end, left to right."""
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        found.append(position(level, start >> level))
        start += 1 << level
    return found


Span = tuple[int, int]
"""Some leaves: start <= leaf < end, from 0."""


def inclusion(leaf: int, size: int) -> list[Span]:
    """The leaves under each hash of the inclusion proof of RFC 9162, section 2.1.3."""
    path, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if leaf < middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start = middle
    return path[::-1]


def consistency(old: int, size: int) -> list[Span]:
    """The leaves under each hash of the consistency proof of RFC 9162, section 2.1.4; 0 < old <= size."""
    path, start, end, whole = [], 0, size, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            path.append((middle, end))
            end = middle
        else:
            path.append((start, middle))
            start, whole = middle, False
    return [*([] if whole else [(start, end)]), *path[::-1]]


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
