"""A release follows another one: what was under way goes on, and whoever still runs the older one beside it is not disturbed.

`tests/upgrades` has what earlier releases left: each archive is a data folder, with a dump beside it where the database was PostgreSQL, of a
process that was killed between applying a change and following it. One is added with each release, and none is ever changed.
"""

import json
import tarfile
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, inspect, text

from bot.store import schema
from bot.store.engines import make_engine, prepare_file, understood
from skills.core.proposal import Status
from tests.support.databases import PostgreSQL
from tests.support.shell import Shell
from tests.support.worlds import Office, open_office

LEFT = sorted((Path(__file__).parents[1] / "upgrades").glob("*.tar.gz"))
FIRST = "0001"

REPLACED: dict[str, str] = {}
"""Migrations that do more than add, and why whoever runs the release before is not hurt: nothing of what they take away was used by it."""


@pytest.mark.parametrize("left", LEFT, ids=lambda path: path.name.removesuffix(".tar.gz"))
def test_what_an_earlier_release_left_running_is_finished_by_this_one(
    tmp_path: Path, bytecode: Path, left: Path, request: pytest.FixtureRequest
) -> None:
    shell = Shell(tmp_path / "data", bytecode=bytecode, **_restored(left, tmp_path / "data", request))
    ended = shell("worker", "--until-idle")
    assert (ended.code, ended.err) == (0, "")
    entries = [json.loads(line) for line in shell("audit", "list", "--json").out.splitlines()]
    verbs = [entry["verb"] for entry in entries if entry["subject"] == "proposal/3"]
    assert [verb for verb in verbs if not verb.startswith("health:")][-1] == "run:succeeded"
    assert verbs.count("run:started") == verbs.count("effect:intended") == verbs.count("effect:applied") == 1
    assert len(json.loads((shell.data / "cluster.json").read_text())["effects"]) == 2
    assert shell("audit", "verify").code == 0
    answered = shell.ask("dev", "history web in production")
    assert answered.code == 0
    assert "v42" in answered.out
    assert shell.ask("dev", "deploy search v42 to production").json["id"] == 4


def _restored(left: Path, data: Path, request: pytest.FixtureRequest) -> dict[str, str]:
    """Puts the data folder in place; the variables that lead to its database."""
    data.mkdir(mode=0o700)
    with tarfile.open(left) as archive:
        archive.extractall(data, filter="data")
    for path in data.iterdir():
        path.chmod(0o600)
    dump = data / "dump.sql"
    if not dump.exists():
        return {}
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.fresh()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(dump.read_bytes())
    return {"COUNTERSIGN_DATABASE_URL": url}


async def test_a_process_that_runs_does_not_notice_what_a_newer_release_adds(tmp_path: Path, database_url: str) -> None:
    """Every table has a column more, there is a table more, and the revision is one that it does not know; its run goes on to the end."""
    async with open_office(tmp_path, environ={"COUNTERSIGN_DATABASE_URL": database_url}) as office:
        await office.say("dev", "deploy checkout v42 to production")
        await office.say("sre", "approve 1")
        runner = office.runner()
        await runner.advance((await office.proposal(1)).id)
        await _expand(office)
        assert (await office.run(1, runner)).status is Status.SUCCEEDED
        await office.say("dev", "deploy web v42 to production")
        await office.say("sre", "reject 2 not now")
        assert (await office.proposal(2)).status is Status.REJECTED
        office.time.pass_by(minutes=5)
        assert await office.check_up() == 1
        assert (await office.world.store.audit.verify()).ok


async def _expand(office: Office) -> None:
    async with office.world.database.writing() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        for table in tables:
            await connection.execute(text(f"ALTER TABLE {table} ADD COLUMN of_the_future TEXT"))
        await connection.execute(text("CREATE TABLE things_of_the_future (organization TEXT PRIMARY KEY)"))
        await connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))


async def test_migrations_only_add_so_that_the_release_before_goes_on_beside_this_one(database_url: str) -> None:
    url = understood(database_url)
    if url.get_backend_name() == "sqlite":
        prepare_file(url)
    engine = make_engine(url)
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: object) -> None:
        said.append(" ".join(statement.split()))

    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: schema.upgrade(sync, FIRST))
        event.listen(engine.sync_engine, "before_cursor_execute", hear)
        for revision in schema.REVISIONS[1:]:
            said.clear()
            await connection.run_sync(lambda sync, to=revision: schema.upgrade(sync, to))
            if revision not in REPLACED:
                assert [statement for statement in said if not _only_adds(statement, said)] == [], revision
    await engine.dispose()


def _only_adds(statement: str, said: list[str]) -> bool:
    """May the release before go on as if this had not happened? A column needs a default or may be empty; only a new table may be strict."""
    match statement.split():
        case ["SELECT" | "PRAGMA" | "INSERT" | "COMMENT", *_] | ["CREATE", "TABLE", *_] | ["CREATE", "INDEX", *_]:
            return True
        case ["CREATE", "UNIQUE", "INDEX", _, "ON", table, *_]:
            return any(each.startswith(f"CREATE TABLE {table} ") for each in said)
        case ["UPDATE", table, *_]:
            return table == schema.VERSION_TABLE
        case ["ALTER", "TABLE", _, "ADD", "COLUMN", *definition]:
            return "NOT NULL" not in " ".join(definition) or "DEFAULT" in definition
        case _:
            return False


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE votes",
        "ALTER TABLE votes DROP COLUMN at",
        "ALTER TABLE votes RENAME TO opinions",
        "ALTER TABLE votes ADD COLUMN weight INTEGER NOT NULL",
        "ALTER TABLE votes ALTER COLUMN at TYPE TEXT",
        "CREATE UNIQUE INDEX ux ON votes (key)",
        "UPDATE votes SET at = ''",
        "DELETE FROM votes",
    ],
)
def test_what_takes_away_is_told_from_what_adds(statement: str) -> None:
    assert not _only_adds(statement, [statement])
