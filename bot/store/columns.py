"""How values lie in a column: the same text on SQLite and on PostgreSQL, so that both sort and compare alike."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

ABSENT = "\ufffd"
"""Stands where a character stood that a database cannot hold."""


class Instant(TypeDecorator[datetime]):
    """An aware moment as `2026-11-23T12:00:00.000000Z`: fixed width, so text order is order in time."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else instant(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class JsonText(TypeDecorator[Any]):
    """JSON in ASCII: a NUL or a lone surrogate in a payload is escaped and so can always be stored. What somebody made unreadable is None."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return json.dumps(value, default=_mapping, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        try:
            return None if value is None else json.loads(value)
        except ValueError:
            return None


class Words(TypeDecorator[str]):
    """What a person or another system wrote, minus the characters that no database takes."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def instant(moment: datetime) -> str:
    """`moment` in UTC with microseconds. Raises `ValueError` for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def storable(text: str) -> str:
    """`text` with NULs (refused by PostgreSQL) and lone surrogates (refused by UTF-8) replaced by “\ufffd”."""
    return text.replace("\0", ABSENT).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _mapping(value: object) -> dict[Any, Any]:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
