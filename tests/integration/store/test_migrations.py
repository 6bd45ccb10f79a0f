"""The migrations make exactly the tables that the code uses, on both databases."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

import bot.store
from bot.store import Database, schema
from bot.store.engines import make_engine, prepare_file, understood
from bot.store.tables import metadata
from skills.core.names import Organization
from tests.support.audit import as_before
from tests.support.databases import Clock
from tests.support.proposals import propose


def described(connection: Connection) -> dict[str, object]:
    """Every table with its columns, keys and indexes, as the database itself tells it."""
    inspector = inspect(connection)
    return {
        table: (
            [(column["name"], str(column["type"]), column["nullable"]) for column in inspector.get_columns(table)],
            inspector.get_pk_constraint(table)["constrained_columns"],
            sorted(str(sorted(key.items(), key=str)) for key in inspector.get_foreign_keys(table)),
            sorted(
                str((index["name"], index["column_names"], index["unique"])) for index in inspector.get_indexes(table)
            ),
        )
        for table in sorted(inspector.get_table_names())
    }


async def test_migrations_and_tables_are_the_same(database_url: str, clock: Clock) -> None:
    url = understood(database_url)
    if url.get_backend_name() == "sqlite":
        prepare_file(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(schema.upgrade)
    async with engine.begin() as connection:
        migrated = await connection.run_sync(described)
        differences = await connection.run_sync(
            lambda sync: compare_metadata(
                MigrationContext.configure(sync, opts={"version_table": schema.VERSION_TABLE}), metadata
            )
        )
        assert await connection.run_sync(schema.recorded) == schema.HEAD
        await connection.run_sync(_drop_everything)
        await connection.run_sync(lambda sync: schema.bring_up_to_date(sync, "The database"))
        created = await connection.run_sync(described)
    await engine.dispose()
    assert differences == []
    assert migrated == created


async def test_a_migrated_database_works(database_url: str, clock: Clock) -> None:
    url = understood(database_url)
    if url.get_backend_name() == "sqlite":
        prepare_file(url)
    engine = make_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(schema.upgrade)
    await engine.dispose()
    database = await Database.open(database_url, clock=clock)
    assert (await propose(database.store(Organization("acme")))).id == 1
    await database.close()


async def test_an_older_database_is_migrated_when_it_is_opened(database_url: str, clock: Clock) -> None:
    database = await Database.open(database_url, clock=clock)
    await propose(database.store(Organization("acme")))
    await as_before(database)
    async with database.writing() as connection:
        await connection.run_sync(lambda sync: command.downgrade(schema.scripts(sync), "0001"))
    await database.close()

    database = await Database.open(database_url, clock=clock)
    async with database.reading() as connection:
        assert await connection.run_sync(schema.recorded) == schema.HEAD
    store = database.store(Organization("acme"))
    assert [proposal.id for proposal in await store.proposals()] == [1]
    assert await store.votes.latest() == []
    assert (await store.audit.verify()).ok
    assert [entry.actor for entry in await store.audit.entries(actor="dev@example.com")] == ["dev@example.com"]
    size, root = await store.audit.head()
    assert (await store.tree.root(size)).hex() == root
    await database.close()


def test_the_known_revisions_are_those_of_the_scripts() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(bot.store.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [schema.HEAD]
    assert tuple(reversed([revision.revision for revision in script.walk_revisions()])) == schema.REVISIONS


def test_every_table_but_the_leases_belongs_to_an_organization() -> None:
    first = {table.name: table.primary_key.columns[0].name for table in metadata.sorted_tables}
    assert {name for name, column in first.items() if column != "organization"} == {"leases"}


def _drop_everything(connection: Connection) -> None:
    metadata.drop_all(connection)
    connection.execute(text(f"DROP TABLE {schema.VERSION_TABLE}"))
