"""Who signs heads of the audit log: a key in a file or in the environment, or a command that keeps the key to itself."""

import asyncio
import base64
import binascii
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from bot.audit.verify_audit import Key
from skills.core.errors import BadInput, Unavailable

PATIENCE = 10.0
"""Seconds that a command may take to sign."""

_HOW = "Make one with: openssl genpkey -algorithm ed25519 -out audit-key.pem"


class Signer(Protocol):
    """Signs with one key."""

    @property
    def key(self) -> Key: ...

    async def sign(self, text: bytes) -> bytes:
        """The signature, 64 bytes. Raises `Unavailable`."""


class KeySigner:
    """Has the private key in memory."""

    def __init__(self, private: Ed25519PrivateKey, *, origin: str) -> None:
        self._private = private
        self.key = Key(origin, private.public_key().public_bytes_raw())

    async def sign(self, text: bytes) -> bytes:
        """The signature."""
        return self._private.sign(text)


class CommandSigner:
    """Asks a command: the text goes in, the signature in base64 comes out. What it says is checked before it is believed."""

    def __init__(self, command: Sequence[str], key: Key) -> None:
        self._command = tuple(command)
        self.key = key

    async def sign(self, text: bytes) -> bytes:
        """The signature. Raises `Unavailable` for a command that fails, takes too long, or signs with another key."""
        name = self._command[0]
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
            )  # fmt: skip
        except OSError as error:
            raise Unavailable(f"The signer {name} could not be started: {(error.strerror or '').lower()}.") from error
        try:
            async with asyncio.timeout(PATIENCE):
                said, _ = await process.communicate(text)
        except TimeoutError:
            raise Unavailable(f"The signer {name} did not answer within {PATIENCE:g} s.") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        if process.returncode:
            raise Unavailable(f"The signer {name} ended with code {process.returncode}.")
        try:
            signature = base64.b64decode(said.strip(), validate=True)
        except binascii.Error:
            signature = b""
        if not self.key.signed(text, signature):
            raise Unavailable(f"The signer {name} did not sign with the key {self.key.name}+{self.key.id.hex()}.")
        return signature


def from_pem(pem: bytes, *, origin: str, where: str) -> KeySigner:
    """The key in PEM (PKCS #8, without a passphrase). Raises `BadInput`, without repeating any of it."""
    try:
        private = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput(
            f"The audit key in {where} is not a private key in PEM without a passphrase.", hint=_HOW
        ) from None
    if not isinstance(private, Ed25519PrivateKey):
        raise BadInput(f"The audit key in {where} is of the wrong kind; it has to be an Ed25519 key.", hint=_HOW)
    return KeySigner(private, origin=origin)


def from_file(path: Path, *, origin: str) -> KeySigner:
    """The key in a file that not everybody may read. Raises `BadInput`."""
    try:
        if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise BadInput(f"Everybody on this machine may read or write the audit key {path}.", hint=f"chmod 600 {path}, and make a new key: this one is no secret any more.")  # fmt: skip
        pem = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"The audit key {path} cannot be read: {(error.strerror or '').lower()}.",
            hint="Check the path and its owner.",
        ) from error
    return from_pem(pem, origin=origin, where=str(path))


def own_key(path: Path, *, origin: str) -> KeySigner:
    """The key in `path`, made there (0600) the first time. Of several processes at once, all get the same."""
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.unlink(missing_ok=True)
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return from_file(path, origin=origin)
