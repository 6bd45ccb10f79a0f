"""Which keys are trusted, and which one signs."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.audit.verify_audit import Key, read_key
from bot.configuration import AuditSettings
from skills.core.errors import Anticipated, BadInput

if TYPE_CHECKING:
    from bot.audit.signing import Signer

OWN_KEY = "audit-key.pem"


class NotSigned(Anticipated):
    """There is no key to sign with."""


class Keyring:
    """Reads keys when they are first needed. `data` is the folder for a key of our own, None where others share the database."""

    def __init__(self, settings: AuditSettings, *, data: Path | None, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._data = data
        self._clock = clock
        self._signer: Signer | None = None

    def trusted(self) -> list[Key]:
        """The configured public keys or, where there are none, the one that signs. Raises `BadInput` and `NotSigned`."""
        if not self._settings.keys:
            return [self._found().key]
        return [_configured(each.key, each.last) for each in self._settings.keys]

    def signer(self) -> "Signer":
        """Who signs now. Raises `NotSigned`, and `BadInput` for a key that is not to be used."""
        signer = self._found()
        if not self._settings.keys:
            return signer
        name = f"{signer.key.name}+{signer.key.id.hex()}"
        for each in self._settings.keys:
            if _configured(each.key, None) != signer.key:
                continue
            if each.expires and self._clock().date() >= each.expires:
                raise BadInput(
                    f"The audit key {name} expired on {each.expires}, so nothing is signed with it.",
                    hint="Make a new key, add its public key to audit.keys in organization.yaml, and give the old one a `last`.",
                )
            if each.last is not None:
                raise BadInput(
                    f"The audit key {name} is retired (audit.keys has a `last` for it), so nothing is signed with it.",
                    hint="Set COUNTERSIGN_AUDIT_KEY_FILE to the new key.",
                )
            return signer
        raise BadInput(
            f"The audit key {name} is not among audit.keys in organization.yaml, so nobody would trust what it signs.",
            hint=f"Add it there: {signer.key}",
        )

    def _found(self) -> "Signer":
        self._signer = self._signer or self._read()
        return self._signer

    def _read(self) -> "Signer":
        from bot.audit import signing  # noqa: PLC0415 - loads cryptography, which only signing and trusting need

        settings, origin = self._settings, self._settings.origin
        if settings.signer:
            current = [each for each in settings.keys if each.last is None]
            if not current:
                raise BadInput("audit.signer needs the public key of what it signs with.", hint="Add it to audit.keys.")
            return signing.CommandSigner(settings.signer, _configured(current[-1].key, None))
        if settings.key:
            pem = settings.key.get_secret_value().encode()
            return signing.from_pem(pem, origin=origin, where="COUNTERSIGN_AUDIT_KEY")
        if settings.key_file:
            return signing.from_file(settings.key_file, origin=origin)
        if self._data:
            self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
            return signing.own_key(self._data / OWN_KEY, origin=origin)
        raise NotSigned(
            "The audit log is not signed: several processes share the database, and no key is configured.",
            hint="Set COUNTERSIGN_AUDIT_KEY_FILE, and put the public key (“countersign audit keys”) into audit.keys in organization.yaml.",
        )


def public_key(spelled: str) -> Key:
    """A key as configured. Raises `BadInput`."""
    return _configured(spelled, None)


def _configured(spelled: str, last: int | None) -> Key:
    try:
        return read_key(spelled if last is None else f"{spelled}@{last}")
    except ValueError as problem:
        raise BadInput(f"A key in the audit section of organization.yaml {problem}: {spelled}") from None
