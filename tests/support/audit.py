"""An audit log to keep, sign and spoil, and what keeps it."""

from collections.abc import Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.audit.keeper import Keeper
from bot.audit.keyring import Keyring
from bot.audit.remembered import Remembered
from bot.audit.verify_audit import Key
from bot.configuration import AuditKeySettings, AuditSettings
from bot.store import Database, Store
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
        origin=ORIGIN, keys=tuple(keys), signer=tuple(signer), key=None, key_file=key_file, remembered=folder / "head.json", acknowledge=("sre",), anchors=()
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


async def another_history(database: Database, count: int, organization: str = "acme") -> Store:
    """The organization's log as it would be in a copy of the database that went its own way."""
    async with database.writing() as connection:
        from sqlalchemy import text

        for table in ("audit_entries", "audit_heads", "audit_nodes"):
            await connection.execute(text(f"DELETE FROM {table}"))
    store = database.store(Organization(organization))
    await note(store, count, first=100)
    return store
