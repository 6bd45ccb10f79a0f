"""Merkle tree hashes as in RFC 9162, section 2.1, grown one leaf at a time.

The right edge of the tree is its *frontier*: the roots of the largest perfect subtrees, left to right, one for each bit set in the size.
With it a leaf is appended and the root computed in O(log n), without reading earlier leaves.
"""

import hashlib
from collections.abc import Iterable

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

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash: each trailing one bit of the old size merges two subtrees of equal height."""
        subtrees = self.subtrees
        size = self.size
        while size & 1:
            leaf = _sha256(b"\x01" + subtrees.pop() + leaf).digest()
            size >>= 1
        subtrees.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The Merkle Tree Hash of all leaves so far."""
        if not self.subtrees:
            return EMPTY_ROOT
        *rest, root = self.subtrees
        for subtree in reversed(rest):
            root = _sha256(b"\x01" + subtree + root).digest()
        return root
