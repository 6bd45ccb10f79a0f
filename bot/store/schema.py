"""Brings a database to the tables this release expects, or says why it will not.

Alembic takes a third of a second to import, which a command that answers one question cannot spare. It is needed only when tables of an
earlier release have to change: an empty database gets today's tables at once, and a test holds them equal to what the migrations make.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.store.tables import metadata
from skills.core.errors import Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS: tuple[str, ...] = (
    "0001",
    "0002",
    "0003",
    "0004",
    "0005",
    "0006",
    "0007",
    "0008",
    "0009",
    "0010",
    "0011",
    "0012",
    "0013",
    "0014",
    "0015",
    "0016",
)
"""Every revision this release knows, oldest first: those in `migrations/versions`."""

HEAD = REVISIONS[-1]
"""What a database is brought to."""

VERSION_TABLE = "countersign_revision"
_LOCK = 0x436F756E746572  # "Counter"; any number, the same in every process


def bring_up_to_date(connection: Connection, place: str) -> None:
    """Inside the connection's transaction; repeating it does nothing. Raises `Unavailable` for a database of a newer release."""
    if recorded(connection) == HEAD:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    revision = recorded(connection)
    if revision is None:
        _create(connection)
    elif revision not in REVISIONS:
        raise Unavailable(
            f"{place} was written by a newer version of Countersign (its revision is {revision}, this version knows {HEAD}).",
            hint="Upgrade Countersign, or point it to another database.",
        )
    elif revision != HEAD:
        upgrade(connection)


def recorded(connection: Connection) -> str | None:
    """The revision that the database says it is at, or None if it has none."""
    if not inspect(connection).has_table(VERSION_TABLE):
        return None
    revision: str | None = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a constant
    return revision


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision`."""
    from alembic import command  # noqa: PLC0415 - costs a third of a second and is rarely needed

    command.upgrade(scripts(connection), revision)


def scripts(connection: Connection) -> "Config":
    """The migrations, to be run on this connection by Alembic."""
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _create(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(text(f"CREATE TABLE {VERSION_TABLE} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text(f"INSERT INTO {VERSION_TABLE} VALUES (:head)"), {"head": HEAD})  # noqa: S608 - a constant
