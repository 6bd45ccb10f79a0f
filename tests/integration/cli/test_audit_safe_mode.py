"""`countersign audit acknowledge` and `keys`: what is seen of safe mode on the command line."""

import sqlite3
from contextlib import closing

import pytest

from tests.support.shell import Shell


@pytest.fixture
def restored(shell: Shell) -> Shell:
    """A world whose database was replaced by an older copy of itself, while the data folder's other files stayed."""
    shell.ask("dev", "deploy checkout v42 to production")
    database = shell.data / "countersign.sqlite3"
    copy = shell.data / "copy.sqlite3"
    with closing(sqlite3.connect(database)) as from_, closing(sqlite3.connect(copy)) as to:
        from_.backup(to)
    shell.ask("sre", "reject 1 not now")
    shell("audit", "list")  # the next process remembers what the last one wrote
    copy.replace(database)
    return shell


def test_changes_are_refused_and_questions_answered_until_somebody_acknowledges(restored: Shell) -> None:
    refused = restored.ask("dev", "deploy web v42 to production")
    assert refused.code == 4
    assert refused.json["text"].startswith(
        "I am in safe mode and only answer questions, because the audit log is not the one that I remember: it counts 1 entries, and 2 were there"
    )
    assert restored.ask("dev", "status").code == 0
    doctor = restored("doctor")
    assert doctor.code == 4
    assert "✗ audit checkpoints: I am in safe mode" in doctor.out
    ended = restored("audit", "acknowledge", "--as", "lead", "--reason", "restored the backup")
    assert (ended.code, ended.out) == (
        0,
        "Safe mode is over. From now on, the log of 2 entries is the one that counts.\n",
    )
    assert restored.ask("dev", "deploy web v42 to production").code == 0
    assert restored("audit", "verify").code == 0


def test_only_the_configured_role_may_and_only_with_a_reason(restored: Shell) -> None:
    ended = restored("audit", "acknowledge", "--as", "dev", "--reason", "I say so")
    assert (ended.code, ended.err) == (3, "Developer may not end safe mode. It takes the role platform-lead.\n")
    ended = restored("audit", "acknowledge", "--as", "lead", "--reason", " ")
    assert (ended.code, ended.err) == (
        2, "This needs a reason. For example: --reason “restored the backup of 09:00”\n"
    )  # fmt: skip


def test_the_public_key_is_printed_and_stays(shell: Shell) -> None:
    first = shell("audit", "keys")
    assert first.code == 0
    assert first.out.startswith("countersign/acme+")
    assert shell("audit", "keys").out == first.out


def test_a_key_file_that_everybody_may_read_signs_nothing_and_doctor_says_so(shell: Shell) -> None:
    shell("audit", "keys")
    key = shell.data / "audit-key.pem"
    key.chmod(0o644)
    ended = shell("doctor", COUNTERSIGN_AUDIT_KEY_FILE=str(key))
    assert ended.code == 4
    assert f"✗ audit checkpoints: Everybody on this machine may read or write the audit key {key}." in ended.out
