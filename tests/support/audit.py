"""An audit log to keep, sign and spoil, and what keeps it."""

import json
from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from sqlalchemy import delete, insert, update

from bot.audit.keeper import Keeper
from bot.audit.keyring import Keyring
from bot.audit.remembered import Remembered
from bot.audit.verify_audit import Key
from bot.configuration import AuditKeySettings, AuditSettings
from bot.store import Database, Store
from bot.store.merkle import FIRST_LINK, Frontier, leaf_hash, link_hash
from bot.store.sealing import opened
from bot.store.tables import audit_entries, audit_heads, audit_nodes, audit_people, audit_texts
from skills.core.canonical import canonical
from skills.core.names import Organization
from tests.support.databases import Clock

ORIGIN = "example.com/audit"
NOBODY: tuple[AuditKeySettings, ...] = ()


class Elapsed:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def a_private_key(seed: int = 1) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32)


def a_public_key(seed: int = 1, *, name: str = ORIGIN, last: int | None = None) -> Key:
    return Key(name, a_private_key(seed).public_key().public_bytes_raw(), last)


def write_key(path: Path, seed: int = 1) -> Path:
    """A key file (0600)."""
    path.write_bytes(a_private_key(seed).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    return path


def audit_settings(
    folder: Path, *, key_file: Path | None = None, keys: Sequence[AuditKeySettings] = NOBODY, signer: Sequence[str] = ()
) -> AuditSettings:
    return AuditSettings(
        origin=ORIGIN, keys=tuple(keys), signer=tuple(signer), key=None, key_file=key_file, remembered=folder / "head.json", acknowledge=("sre",), erase=("sre",), archive=("sre",), keep=None, erase_after=None, anchors=()
    )  # fmt: skip


def a_keeper(
    store: Store,
    folder: Path,
    *,
    settings: AuditSettings | None = None,
    elapsed: Elapsed | None = None,
    clock: Clock | None = None,
) -> Keeper:
    """A process, as far as keeping the log is concerned; the same folder means the same machine."""
    settings = settings or audit_settings(folder, key_file=write_key(folder / "key.pem"))
    return Keeper(
        store=store,
        origin=ORIGIN,
        keyring=Keyring(settings, data=None, clock=clock or Clock()),
        remembered=Remembered(settings.remembered, origin=ORIGIN),
        elapsed=elapsed or Elapsed(),
    )


async def note(store: Store, count: int = 1, *, verb: str = "proposal:noted", first: int = 1) -> None:
    """Entries, one a commit."""
    for number in range(first, first + count):
        async with store.begin() as tx:
            tx.record(verb, f"proposal/{number}", {"number": number}, actor="dev")


async def as_before(database: Database, organization: str = "acme") -> None:
    """Write the log anew as releases wrote it that knew no salted hashes: everything in clear text."""
    log = database.store(Organization(organization)).audit
    rows = [(seq, json.loads(body)) for seq, body in await log.written()]
    clear = await log.clear_text(rows)
    link, frontier, completed = FIRST_LINK, Frontier(), list[bytes]()
    async with database.writing() as connection:
        await connection.execute(delete(audit_nodes))
        for seq, sealed in rows:
            body = opened(sealed, clear.people, clear.of(seq))
            plain = canonical({key: value for key, value in body.items() if key not in ("people", "texts")})
            leaf = leaf_hash(plain)
            link = link_hash(link, leaf)
            completed.extend(frontier.append(leaf))
            values = {"body": plain.decode(), "link": link.hex(), "actor": body["actor"], "subject": body["subject"]}
            await connection.execute(update(audit_entries).where(audit_entries.c.seq == seq).values(values))
        nodes = [
            {"organization": organization, "position": place, "hash": each.hex()}
            for place, each in enumerate(completed)
        ]
        await connection.execute(insert(audit_nodes), nodes)
        subtrees = " ".join(subtree.hex() for subtree in frontier.subtrees)
        head = {"root": frontier.root().hex(), "frontier": subtrees, "link": link.hex()}
        await connection.execute(update(audit_heads).values(head))
        for table in (audit_people, audit_texts):
            await connection.execute(delete(table))


async def another_history(database: Database, count: int, organization: str = "acme") -> Store:
    """The organization's log as it would be in a copy of the database that went its own way."""
    async with database.writing() as connection:
        from sqlalchemy import text

        for table in ("audit_entries", "audit_heads", "audit_nodes", "audit_people", "audit_texts"):
            await connection.execute(text(f"DELETE FROM {table}"))
    store = database.store(Organization(organization))
    await note(store, count, first=100)
    return store
