"""One byte sequence for one value (RFC 8785), so that a fingerprint means something.

Every digest in Countersign is the SHA-256 of these bytes. Floats are refused on purpose: two
languages print them differently, and nothing that is approved should hinge on that.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import rfc8785

from skills.core.names import Digest
from skills.core.untrusted import Shown, Untrusted

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"


def canonical(value: Json) -> bytes:
    """Canonical UTF-8 JSON of `value`. Raises `ValueError` for a float, a surrogate, an integer beyond 2**53, or text from outside."""
    _refuse(value)
    return rfc8785.dumps(_plain(value))


def digest(value: Json) -> Digest:
    """Hexadecimal SHA-256 of the canonical JSON of `value`."""
    return Digest(hashlib.sha256(canonical(value)).hexdigest())


def _refuse(value: object) -> None:
    if isinstance(value, Shown | Untrusted):
        raise ValueError("text from outside cannot be part of something that is fingerprinted")  # noqa: TRY004 - as below
    if isinstance(value, float):
        raise ValueError(  # noqa: TRY004 - a value that has no canonical form, whatever its type
            f"a float ({value!r}) cannot be part of something that is fingerprinted"
        )
    if isinstance(value, Mapping):
        for item in value.values():
            _refuse(item)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for item in value:
            _refuse(item)


def _plain(value: Json) -> Any:
    """The same value in built-in containers, which is all that the encoder knows."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value
