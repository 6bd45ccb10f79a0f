"""What chat edges send, intent before effect: a message of which nobody knows whether it left is looked for, not sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import ColumnElement, Row, delete, select, update

from bot.store.statements import insert_once
from bot.store.tables import messages
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

LAST_CHARACTER = "\U0010ffff"

State = Literal["new", "sending", "sent", "failed"]


@dataclass(frozen=True, kw_only=True)
class Message:
    """One outgoing message. `new` is seen only by the caller that reserved it and so may send it.

    `place` is where it was meant to go; `channel` and `ts` are where it went; `digest` fingerprints the content last sent.
    """

    key: str
    state: State
    place: Mapping[str, str]
    channel: str | None = None
    ts: str | None = None
    digest: str | None = None
    error: str = ""


class Messages:
    """The organization's outgoing messages, each under a key that its sender can work out again after a crash."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def reserve(self, key: str, place: Mapping[str, str]) -> Message:
        """State `new` for the one caller that may send; anyone else gets the message as it stands."""
        async with self._database.writing() as connection:
            new = await insert_once(
                connection, messages, organization=self._organization, key=key, state="sending", place=dict(place),
                error="", at=self._database.clock(),
            )  # fmt: skip
            if new:
                return Message(key=key, state="new", place=place)
            return _message((await connection.execute(select(messages).where(self._at(key)))).one())

    async def sent(self, key: str, *, channel: str, ts: str, digest: str) -> None:
        """It arrived there (again, after an update)."""
        await self._change(key, state="sent", channel=channel, ts=ts, digest=digest, error="")

    async def failed(self, key: str, error: str) -> None:
        """It certainly did not arrive, and will not be tried again."""
        await self._change(key, state="failed", error=error)

    async def release(self, key: str) -> None:
        """It certainly was not sent: the next caller may reserve it. A message that arrived is never released."""
        async with self._database.writing() as connection:
            await connection.execute(delete(messages).where(self._at(key), messages.c.state != "sent"))

    async def withdrawn(self, key: str) -> None:
        """It was taken away again: the next caller may reserve the key."""
        async with self._database.writing() as connection:
            await connection.execute(delete(messages).where(self._at(key)))

    async def get(self, key: str) -> Message | None:
        found = await self._select(self._at(key))
        return found[0] if found else None

    async def went_to(self, channel: str) -> bool:
        """Did anything of ours arrive in this channel, or is one of our rooms this channel?"""
        return bool(
            await self._select((messages.c.organization == self._organization) & (messages.c.channel == channel))
        )

    async def _select(self, condition: ColumnElement[bool]) -> list[Message]:
        async with self._database.reading() as connection:
            found = await connection.execute(select(messages).where(condition).order_by(messages.c.key))
            return [_message(row) for row in found]

    async def _change(self, key: str, **values: Any) -> None:
        async with self._database.writing() as connection:
            await connection.execute(update(messages).where(self._at(key)).values(at=self._database.clock(), **values))

    def _at(self, key: str) -> ColumnElement[bool]:
        return (messages.c.organization == self._organization) & (messages.c.key == key)


def _message(row: Row[Any]) -> Message:
    return Message(
        key=row.key,
        state=row.state,
        place=row.place,
        channel=row.channel,
        ts=row.ts,
        digest=row.digest,
        error=row.error,
    )
