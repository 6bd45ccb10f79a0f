"""Verifies what Countersign exported of its audit log. Needs Python and `cryptography`, and no database.

    python DIR/verify_audit.py DIR [--key KEY ...]            the whole log
    python DIR/verify_audit.py DIR --proof FILE [--key KEY]   one evidence pack or report

KEY is a public key as `countersign audit keys` prints it. Without one, the keys that came with the export are taken, which proves that
nothing was changed since it was made, and not who made it. Exit code 0: good. 1: not, and the first bad entry is named. 2: cannot tell.

Names and what people typed stand in entries as salted hashes, so that they can be erased. `people` and `texts` beside the tiles say what
the hashes hide, or that it was erased; without these files it stays hidden, and everything else is verified all the same.

Formats: signed notes, checkpoints and tiles as in C2SP (c2sp.org/signed-note, tlog-checkpoint, tlog-tiles), hashes as in RFC 9162. A salted
hash is SHA-256(0x02 || salt || text).
"""

import argparse
import base64
import binascii
import gc
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

TILE = 256
_LINES = 1_000
_SALTED = b"\x02"
_scan: Any = json.JSONDecoder().scan_once  # type: ignore[attr-defined]  # what raw_decode calls, without a frame around it
_sha256 = hashlib.sha256


class Bad(Exception):
    """What was exported is not what was signed. `entry` is the first that does not fit, where one can be named."""

    def __init__(self, problem: str, entry: int | None = None) -> None:
        super().__init__(problem if entry is None else f"{problem} The first bad entry is number {entry}.")
        self.entry = entry


class CannotTell(Exception):
    """There is nothing here to verify, or no key to verify it with."""


# Keys and signed notes.


@dataclass(frozen=True)
class Key:
    """A public key: `name+id+base64`, and `@SIZE` behind it if it is retired and trusted for trees up to that size only."""

    name: str
    public: bytes
    last: int | None = None
    algorithm: int = 1

    @property
    def id(self) -> bytes:
        return _sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.public).digest()[:4]

    def __str__(self) -> str:
        encoded = base64.b64encode(bytes([self.algorithm]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}" + ("" if self.last is None else f"@{self.last}")

    def signed(self, text: bytes, signature: bytes) -> bool:
        # Imported here, because Countersign uses the rest of this module where a tenth of a second counts.
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text)
        except (InvalidSignature, ValueError):
            return False
        return True


def read_key(text: str) -> Key:
    """The key that `text` spells. Raises `ValueError` for what is none, or none of Ed25519."""
    spelled, _, last = text.strip().partition("@")
    name, _, rest = spelled.partition("+")
    id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raw = b""
    if not name or any(character.isspace() for character in name) or len(raw) != 33 or raw[0] not in (1, 4):
        raise ValueError("is not a public key of Ed25519 as a signed note names it (name+id+base64)")
    if last and not last.isdecimal():
        raise ValueError("names no size behind the @")
    key = Key(name, raw[1:], int(last) if last else None, raw[0])
    if key.id.hex() != id:
        raise ValueError("is misspelled: its id does not belong to its name and its bytes")
    return key


@dataclass(frozen=True)
class Checkpoint:
    """A head of a log, and the signatures below it as (name, key id, signature)."""

    origin: str
    size: int
    root: bytes
    text: str
    signatures: Sequence[tuple[str, bytes, bytes]] = field(default_factory=tuple)

    def signer(self, keys: Sequence[Key]) -> Key:
        """The key that signed it. Raises `Bad`."""
        for key in keys:
            for name, id, signature in self.signatures:
                if (name, id) != (key.name, key.id) or key.algorithm != 1:
                    continue
                if not key.signed(self.text.encode(), signature):
                    raise Bad(f"The signature of the checkpoint over {self.size} entries is not that of {key.name}.")
                if key.last is not None and self.size > key.last:
                    raise Bad(f"{key.name} was retired after {key.last} entries, but signed {self.size}.")
                return key
        raise Bad(f"The checkpoint over {self.size} entries is signed by none of the keys that are trusted.")

    def cosigned(self, keys: Sequence[Key]) -> list[str]:
        """Which witnesses among `keys` signed, too (c2sp.org/tlog-cosignature)."""
        return [
            key.name for key in keys for line in self.signatures if key.algorithm == 4 and self._cosigned(key, line)
        ]

    def _cosigned(self, key: Key, line: tuple[str, bytes, bytes]) -> bool:
        name, id, signature = line
        time = int.from_bytes(signature[:8], "big")
        text = f"cosignature/v1\ntime {time}\n{self.text}".encode()
        return (name, id, len(signature)) == (key.name, key.id, 72) and key.signed(text, signature[8:])


def read_checkpoint(note: str) -> Checkpoint:
    """Raises `Bad` for what is no signed checkpoint."""
    text, found, below = note.rpartition("\n\n")
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
        signatures = tuple(_signature(line) for line in below.removesuffix("\n").split("\n"))
    except (ValueError, IndexError):
        raise Bad("The checkpoint is not readable.") from None
    if not found or len(root) != 32 or not origin or str(size) != lines[1] or not below.endswith("\n"):
        raise Bad("The checkpoint is not readable.")
    return Checkpoint(origin, size, root, text + "\n", signatures)


def _signature(line: str) -> tuple[str, bytes, bytes]:
    dash, name, encoded = line.split(" ")
    raw = base64.b64decode(encoded, validate=True)
    if dash != "—" or len(raw) < 5:
        raise ValueError
    return name, raw[:4], raw[4:]


# The tree.


def leaf_hash(entry: bytes) -> bytes:
    return _sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01" + left + right).digest()


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, left to right."""

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []

    def append(self, node: bytes) -> list[bytes]:
        """Add a leaf; returns the perfect subtrees that this completed, the leaf first."""
        completed, size = [node], self.size
        while size & 1:
            node = _sha256(b"\x01" + self._subtrees.pop() + node).digest()
            completed.append(node)
            size >>= 1
        self._subtrees.append(node)
        self.size += 1
        return completed

    def append_tile(self, leaves: Sequence[bytes]) -> list[bytes]:
        """Add a whole tile, at a size that is made of whole tiles; returns the perfect subtrees that this completed, from that over it on."""
        sha256, nodes = _sha256, list(leaves)
        while len(nodes) > 1:
            pairs = iter(nodes)
            nodes = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=True)]
        completed, size = nodes, self.size // TILE
        while size & 1:
            completed = [*completed, node_hash(self._subtrees.pop(), completed[-1])]
            size >>= 1
        self._subtrees.append(completed[-1])
        self.size += TILE
        return completed

    def root(self) -> bytes:
        if not self._subtrees:
            return _sha256(b"").digest()
        root = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            root = node_hash(subtree, root)
        return root


def root_by_inclusion(leaf: bytes, seq: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root that follows from an inclusion proof (RFC 9162, section 2.1.3.2), or None if its length is wrong."""
    place, last, node = seq - 1, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return node if last == 0 else None


def consistent(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Does the proof (RFC 9162, section 2.1.4.2) show that the first `old` of `size` entries are those under `old_root`?"""
    if old in (0, size):
        return not proof and (old == 0 or old_root == root)
    if not 0 < old < size:
        return False
    nodes = list(proof) if old & (old - 1) else [old_root, *proof]
    if not nodes:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(node, first), node_hash(node, second)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, node)
        place, last = place >> 1, last >> 1
    return last == 0 and (first, second) == (old_root, root)


def root_by_edges(
    leaves: Sequence[bytes], first: int, size: int, left: Sequence[bytes], right: Sequence[bytes]
) -> bytes | None:
    """The root over a tree of which the leaves from entry `first` on are given, and the perfect subtrees on both sides of them."""
    given, sides = iter(leaves), (iter(left), iter(right))
    start, end = first - 1, first - 1 + len(leaves)

    def root(low: int, high: int) -> bytes:
        outside = high <= start or low >= end
        if outside and (high - low) & (high - low - 1) == 0:
            return next(sides[low >= end])
        if high - low == 1:
            return next(given)
        middle = low + (1 << ((high - low - 1).bit_length() - 1))
        return node_hash(root(low, middle), root(middle, high))

    try:
        found = root(0, size)
    except (StopIteration, RuntimeError):
        return None
    return found if not any(True for each in (given, *sides) for _ in each) else None


# What is hidden behind salted hashes.


class Clear:
    """Goes along with the entries and compares what is disclosed with the hashes in them.

    `people` and `texts` are lines of the files of these names, the latter in the order of the entries; None where nothing was disclosed.
    """

    def __init__(self, people: Iterable[Mapping[str, Any]] | None, texts: Iterable[Mapping[str, Any]]) -> None:
        """Raises `Bad`."""
        self.names: dict[str, str] = {}
        self._hidden = people is None
        self._texts = iter(() if people is None else texts)
        self._next = next(self._texts, None)
        self._count = self._gone = 0
        self._erased: dict[str, Any] = {}
        self._said: dict[str, tuple[int, str]] = {}
        for each in people or ():
            pseudonym = each["pseudonym"]
            if "erasure" in each:
                self.names[pseudonym] = f"(erased {pseudonym[7:13]})"
                self._erase(each["erasure"], pseudonym)
            elif salted(each["salt"], each["name"]) == pseudonym:
                self.names[pseudonym] = each["name"]
            else:
                raise Bad(f"Who {pseudonym} is, is not what was written.")

    def check(self, entry: Mapping[str, Any]) -> dict[str, str]:
        """What the texts of this entry are, by place; each entry once, in order. Raises `Bad`."""
        if self._hidden or "people" not in entry:
            return {}
        seq, names, clear = entry["seq"], self.names, {}
        for place in entry["people"]:
            if (entry["actor"] if place == "actor" else hash_at(entry, place)) not in names:
                raise Bad(f"Whom entry {seq} names ({place}) is not disclosed.", seq)
        line = self._next
        if line and line["entry"] == seq:
            clear = self._texts_of(entry, seq)
        if (clear or "texts" in entry) and clear.keys() != set(entry.get("texts", ())):
            raise Bad(f"Not all that entry {seq} hides is disclosed, or more than that.", seq)
        if entry["verb"] == "audit:erased":
            self._said[entry["facts"]["erasure"]] = (seq, entry["facts"]["fingerprint"])
        return clear

    def _texts_of(self, entry: Mapping[str, Any], seq: int) -> dict[str, str]:
        """Every line about this entry, which is the next. Raises `Bad`."""
        clear, line, sha256 = dict[str, str](), self._next, _sha256
        while line and line["entry"] == seq:
            place = line["field"]
            if "erasure" in line:
                clear[place] = "(erased)"
                self._erase(line["erasure"], f"{seq} {place}")
            else:
                clear[place] = text = line["text"]
                found = sha256(_SALTED + bytes.fromhex(line["salt"]) + text.encode()).hexdigest()
                first, _, last = place.partition("/")
                hashed = entry[first][last] if last and "/" not in last else hash_at(entry, place)
                if hashed != f"sha256:{found}":
                    raise Bad(f"The text of entry {seq} ({place}) is not what was written.", seq)
            line = self._next = next(self._texts, None)
        self._count += len(clear)
        return clear

    def open(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """The entry with clear text in place of the hashes. Raises `Bad`."""
        clear: dict[str, Any] = json.loads(json.dumps(entry))
        texts = self.check(entry)
        for place in () if self._hidden else entry.get("people", ()):
            put = "person/" if place == "subject" else ""
            _replace(clear, place, put + self.names[hash_at(entry, place)])
        for place, text in texts.items():
            _replace(clear, place, text)
        return clear

    def finish(self) -> str:
        """What can be said about it, in a sentence. Raises `Bad` where more is gone, or less, than an entry here says was erased."""
        if self._next:
            raise Bad(f"There is a text for entry {self._next['entry']} that belongs to no entry.")
        for erasure, (seq, fingerprint) in self._said.items():
            found = self._erased.pop(erasure, None)
            if found is None or found.hexdigest() != fingerprint:
                raise Bad(f"What is gone is not what entry {seq} says was erased.", seq)
        if self._hidden:
            return " Names and what people typed are hidden."
        if not self.names:
            return ""
        gone = f", of which {self._gone} were erased" if self._gone else ""
        later = " Some of that by entries that are not among these." if self._erased else ""
        return f" {_many(len(self.names), 'name')} and {_many(self._count, 'text')} fit their hashes{gone}.{later}"

    def _erase(self, erasure: str, what: str) -> None:
        self._gone += 1
        self._erased.setdefault(erasure, _sha256()).update(f"{what}\n".encode())


def _many(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def salted(salt: str, text: str) -> str:
    return f"sha256:{_sha256(_SALTED + bytes.fromhex(salt) + text.encode()).hexdigest()}"


def parsed(text: str) -> Any:
    """JSON without anything around it; in less time than json.loads takes. Raises `ValueError`."""
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError from None
    if end != len(text):
        raise ValueError
    return value


def hash_at(entry: Any, place: str) -> str:
    """The hash at a place like facts/by/0. Raises what a wrong place raises."""
    for step in place.split("/"):
        entry = entry[int(step)] if isinstance(entry, list) else entry[step]
    found: str = entry[7:] if place == "subject" else entry
    return found


def _replace(entry: Any, place: str, clear: str) -> None:
    *way, last = place.split("/")
    for step in way:
        entry = entry[int(step)] if isinstance(entry, list) else entry[step]
    entry[int(last) if isinstance(entry, list) else last] = clear


# An export.


def tile_path(level: int | str, index: int, width: int) -> str:
    """Where a tile lies: tile/0/x001/234, and tile/0/x001/234.p/17 while only 17 wide."""
    parts = [f"{index % 1000:03d}"]
    while index := index // 1000:
        parts.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(parts)}" + ("" if width == TILE else f".p/{width}")


class Export:
    """A directory of tiles. Reads it from the first entry to the last, a tile at a time."""

    def __init__(self, folder: Path, checkpoint: Checkpoint, clear: Clear) -> None:
        self._folder = folder
        self._checkpoint = checkpoint
        self._clear = clear
        self._organization: str | None = None

    def verify(self, earlier: Mapping[int, bytes]) -> None:
        """Raises `Bad`. `earlier` are the roots of earlier checkpoints, by size."""
        frontier, upper, agreed = Frontier(), dict[int, list[bytes]](), 0
        for index in range(-(-self._checkpoint.size // TILE)):
            leaves = self._leaves(index)
            heads = [size for size in earlier if frontier.size < size <= frontier.size + len(leaves)] if earlier else []
            if len(leaves) == TILE and not heads:
                completed = frontier.append_tile(leaves)
                for level in range(1, (len(completed) + 7) // 8 + 1):
                    self._grow(upper, level, completed[8 * level - 8], frontier.size)
                continue
            for leaf in leaves:
                completed = frontier.append(leaf)
                for level in range(1, (len(completed) + 7) // 8):
                    self._grow(upper, level, completed[8 * level], frontier.size)
                if frontier.size in earlier:
                    if frontier.root() != earlier[frontier.size]:
                        raise Bad(
                            f"The first {frontier.size} entries are not those of an earlier checkpoint.", agreed + 1
                        )
                    agreed = frontier.size
        for level, nodes in upper.items():
            self._compare(level, nodes, frontier.size)
        if frontier.root() != self._checkpoint.root:
            raise Bad("The entries fit the tiles, but not the signed root.", agreed + 1 if earlier else None)

    def _leaves(self, index: int) -> list[bytes]:
        """The hashes of the entries of a bundle, which the tile has too; what the entries say was looked at."""
        width = min(TILE, self._checkpoint.size - index * TILE)
        first = index * TILE + 1
        bundle = self._bytes(tile_path("entries", index, width), first)
        tile = self._bytes(tile_path(0, index, width), first)
        if len(tile) != 32 * width:
            raise Bad(f"{tile_path(0, index, width)} is {len(tile)} bytes long and should be {32 * width}.", first)
        at, end, leaves, sha256, read = 0, len(bundle), list[bytes](), _sha256, self._read
        for number in range(width):
            start = at + 2
            at = start + int.from_bytes(bundle[at:start], "big")
            entry = bundle[start:at]
            leaf = sha256(b"\x00" + entry).digest()
            if leaf != tile[32 * number : 32 * number + 32] or at > end:
                raise Bad(f"Entry {first + number} does not have the hash in the tile.", first + number)
            leaves.append(leaf)
            read(entry, first + number)
        if at != end:
            raise Bad(
                f"There is more in the bundle of entry {first + width - 1} than belongs there.", first + width - 1
            )
        return leaves

    def _read(self, entry: bytes, due: int) -> None:
        try:
            said = parsed(entry.decode())
            number, organization = said["seq"], said["organization"]
        except (ValueError, KeyError, TypeError):
            raise Bad(f"Entry {due} is not readable.", due) from None
        self._organization = self._organization or organization
        if number != due or organization != self._organization:
            raise Bad(f"Entry {due} says that it is number {number} of {organization}.", due)
        try:
            self._clear.check(said)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise Bad(f"What entry {due} hides is not readable.", due) from None

    def _grow(self, upper: dict[int, list[bytes]], level: int, node: bytes, size: int) -> None:
        nodes = upper.setdefault(level, [])
        nodes.append(node)
        if len(nodes) == TILE:
            self._compare(level, nodes, size)
            nodes.clear()

    def _compare(self, level: int, nodes: list[bytes], size: int) -> None:
        """The tile of this level that ends the tree of this size holds these nodes."""
        if not nodes:
            return
        span = TILE**level
        index = (size // span - 1) // TILE
        first = index * TILE * span + 1
        path = tile_path(level, index, len(nodes))
        tile = self._bytes(path, first)
        for number, node in enumerate(nodes):
            if tile[32 * number : 32 * number + 32] != node:
                bad = first + number * span
                raise Bad(f"{path} does not fit entries {bad} to {bad + span - 1}.", bad)
        if len(tile) != 32 * len(nodes):
            raise Bad(f"{path} is {len(tile)} bytes long and should be {32 * len(nodes)}.", first)

    def _bytes(self, path: str, first: int) -> bytes:
        try:
            return (self._folder / path).read_bytes()
        except OSError:
            raise Bad(f"{path} is missing.", first) from None


def verify_export(folder: Path, keys: Sequence[Key]) -> str:
    """What is good about it, in a sentence. Raises `Bad` and `CannotTell`."""
    if not (folder / "checkpoint").is_file():
        raise CannotTell(f"{folder} is no exported audit log: there is no checkpoint in it.")
    checkpoint = read_checkpoint(_text(folder / "checkpoint"))
    key = checkpoint.signer(keys)
    earlier = {}
    if (folder / "checkpoints").is_file():
        for line in _text(folder / "checkpoints").splitlines():
            each = _note(line)
            each.signer(keys)
            if each.origin != checkpoint.origin or each.size > checkpoint.size:
                raise Bad(f"The checkpoint over {each.size} entries is of another log, or later than the last.")
            earlier[each.size] = each.root
    try:
        clear = Clear(_lines(folder / "people") if (folder / "people").is_file() else None, _lines(folder / "texts"))
    except (ValueError, LookupError, TypeError):
        raise Bad("What is disclosed is not readable.") from None
    Export(folder, checkpoint, clear).verify(earlier)
    disclosed = clear.finish()
    return f"{checkpoint.size} entries of {checkpoint.origin}, signed by {_names(checkpoint, key, keys)}, are as they were written.{disclosed}"


def _lines(path: Path) -> Iterator[Any]:
    """The JSON lines of a file, one at a time; none where it is not there."""
    if path.is_file():
        with path.open(encoding="utf-8") as file:
            while some := list(islice(file, _LINES)):
                # Together in less time than one by one. They are claims, whatever they are made of: each is compared with a hash.
                yield from parsed(f"[{','.join(some)}]")


def _names(checkpoint: Checkpoint, key: Key, keys: Sequence[Key]) -> str:
    return " and ".join([key.name, *(f"the witness {name}" for name in checkpoint.cosigned(keys))])


def _note(line: str) -> Checkpoint:
    try:
        note = json.loads(line)["note"]
        return read_checkpoint(note)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Bad("An earlier checkpoint is not readable.") from None


# Evidence: a file of its own, with what it takes to get from some entries to a signed root.


def verify_evidence(pack: Mapping[str, Any], keys: Sequence[Key]) -> str:
    """What an evidence pack or a report proves, in a sentence. Raises `Bad`."""
    checkpoint = read_checkpoint(pack["checkpoint"])
    key = checkpoint.signer(keys)
    bodies = [entry["body"] for entry in pack["entries"]]
    entries = [json.loads(body) for body in bodies]
    clear = Clear(pack.get("people", ()), pack.get("texts", ()))
    opened = [clear.open(entry) for entry in entries]
    disclosed = clear.finish()
    signed = f"in the log {checkpoint.origin} of {checkpoint.size} entries, signed by {_names(checkpoint, key, keys)}"
    if pack["kind"] == "countersign-report/1":
        _verify_span(pack, bodies, entries, checkpoint)
        return f"Entries {pack['first']} to {pack['last']}, none left out, stand {signed}.{disclosed}"
    for entry, read in zip(pack["entries"], entries, strict=True):
        proof = [bytes.fromhex(each) for each in entry["proof"]]
        root = root_by_inclusion(leaf_hash(entry["body"].encode()), entry["seq"], checkpoint.size, proof)
        if root != checkpoint.root or read["seq"] != entry["seq"] or read["subject"] != pack["subject"]:
            raise Bad(f"Entry {entry['seq']} is not proven by the signed root.", entry["seq"])
    _verify_story(pack, opened)
    return f"{len(entries)} entries about {pack['subject']} stand {signed}, and the plan is the one that was approved.{disclosed}"


def _verify_span(
    pack: Mapping[str, Any], bodies: Sequence[str], entries: Sequence[Any], checkpoint: Checkpoint
) -> None:
    first, last = pack["first"], pack["last"]
    for due, entry in enumerate(entries, first):
        if entry["seq"] != due:
            raise Bad(f"Entry {due} is missing.", due)
    if last != first + len(entries) - 1:
        raise Bad(f"Entry {first + len(entries)} is missing.", first + len(entries))
    inside = [pack["from"] <= entry["at"] < pack["to"] for entry in entries]
    if (first > 1 and inside[0]) or (last < checkpoint.size and inside[-1]):
        raise Bad("The report does not go to the ends of its period.")
    left, right = ([bytes.fromhex(each) for each in pack[side]] for side in ("left", "right"))
    leaves = [leaf_hash(body.encode()) for body in bodies]
    if root_by_edges(leaves, first, checkpoint.size, left, right) != checkpoint.root:
        raise Bad(f"Entries {first} to {last} together do not lead to the signed root.")


_WORDS = ("proposal:approve", "proposal:reject", "proposal:cancel", "proposal:glass-broken")


def _verify_story(pack: Mapping[str, Any], entries: Sequence[Any]) -> None:
    """Plan, verdict and decisions say what the proven entries say."""
    created = next((entry for entry in entries if entry["verb"] == "proposal:created"), None)
    if created is None:
        raise Bad("There is no entry of how it was asked for.")
    facts = created["facts"]
    if pack["plan"] != facts["plan"] or pack["verdict"] != facts["verdict"]:
        raise Bad("The plan or the verdict is not the one in the log.", created["seq"])
    if _sha256(canonical(pack["plan"])).hexdigest() != facts["digest"]:
        raise Bad("The plan does not have the digest that was approved.", created["seq"])
    said = [entry for entry in entries if entry["verb"] in _WORDS]
    told = [tuple(each[name] for name in ("subject", "choice", "digest", "reason", "at")) for each in pack["decisions"]]
    if told != [
        (each["actor"], each["verb"][9:], each["facts"]["digest"], each["facts"]["reason"], each["at"]) for each in said
    ]:
        raise Bad("The decisions are not those in the log.")


def canonical(value: Any) -> bytes:
    """RFC 8785, for values without floats."""
    return json.dumps(_sorted(value), ensure_ascii=False, separators=(",", ":")).encode()


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise Bad(f"{path.name} is not readable.") from None


def _keys(folder: Path, given: Sequence[str], pack: Mapping[str, Any] | None) -> list[Key]:
    """As given, or as they came with the export, or else with the evidence."""
    file = folder / "keys"
    lines = given or (_text(file).splitlines() if file.is_file() else list(pack["keys"]) if pack else [])
    try:
        keys = [read_key(line) for line in lines if line.strip()]
    except ValueError as problem:
        raise CannotTell(f"A key {problem}.") from None
    if not keys:
        raise CannotTell(f"There is no key: give one with --key, for {file} is not there or is empty.")
    return keys


def main(argv: Sequence[str] | None = None) -> int:
    """See above."""
    parser = argparse.ArgumentParser(description="Verifies what Countersign exported of its audit log.")
    parser.add_argument("directory", type=Path, nargs="?", default=Path(__file__).resolve().parent)
    parser.add_argument("--key", action="append", default=[], help="a public key that is trusted; may be repeated")
    parser.add_argument("--proof", type=Path, help="an evidence pack or a report, instead of the whole log")
    arguments = parser.parse_args(argv)
    # Nothing here makes cycles, and looking for them among millions of small objects takes a tenth of the time.
    gc.disable()
    try:
        print(f"good: {_verified(arguments.directory, arguments.proof, arguments.key)}")
    except Bad as bad:
        print(f"BAD: {bad}")
        return 1
    except CannotTell as problem:
        print(problem, file=sys.stderr)
        return 2
    if not arguments.key:
        print("The keys are those that came with it; compare them with what the organization published, or give --key.")
    return 0


def _verified(folder: Path, proof: Path | None, given: Sequence[str]) -> str:
    if proof is None:
        return verify_export(folder, _keys(folder, given, None))
    try:
        pack = json.loads(proof.read_text(encoding="utf-8"))
        return verify_evidence(pack, _keys(folder, given, pack))
    except OSError:
        raise CannotTell(f"{proof} cannot be read.") from None
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise Bad("The evidence is not readable.") from None


if __name__ == "__main__":
    sys.exit(main())
