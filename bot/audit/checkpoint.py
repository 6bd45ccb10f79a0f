"""Heads of the audit log as signed notes: text, an empty line, signatures."""

import base64

from bot.audit.signing import Signer
from bot.audit.verify_audit import Key


def text_of(origin: str, size: int, root: bytes) -> str:
    """What is signed: the three lines of a tlog-checkpoint."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n"


async def signed(origin: str, size: int, root: bytes, signer: Signer) -> str:
    """The note. Raises `Unavailable` where the signer does."""
    text = text_of(origin, size, root)
    return f"{text}\n{signature_line(signer.key, await signer.sign(text.encode()))}"


def signature_line(key: Key, signature: bytes) -> str:
    """One line below a note, with its newline."""
    return f"— {key.name} {base64.b64encode(key.id + signature).decode()}\n"
