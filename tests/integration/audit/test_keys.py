"""Keys: where they come from, which are refused, and how one follows another."""

import sys
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.audit import signing
from bot.audit.checkpoint import signed
from bot.audit.keyring import Keyring, NotSigned
from bot.audit.verify_audit import Bad, read_checkpoint, read_key
from bot.configuration import AuditKeySettings
from skills.core.errors import BadInput, Unavailable
from tests.support.audit import ORIGIN, a_public_key, audit_settings, write_key
from tests.support.databases import Clock


def configured(seed: int, *, last: int | None = None, expires: date | None = None) -> AuditKeySettings:
    return AuditKeySettings(key=str(a_public_key(seed)), last=last, expires=expires)


def keyring(tmp_path: Path, *keys: AuditKeySettings, seed: int = 1) -> Keyring:
    settings = audit_settings(tmp_path, key_file=write_key(tmp_path / f"key-{seed}.pem", seed), keys=keys)
    return Keyring(settings, data=None, clock=Clock())


def test_a_key_that_everybody_may_read_is_refused(tmp_path: Path) -> None:
    path = write_key(tmp_path / "key.pem")
    path.chmod(0o644)
    with pytest.raises(BadInput) as told:
        signing.from_file(path, origin=ORIGIN)
    assert str(told.value) == (
        f"Everybody on this machine may read or write the audit key {path}."
        f" chmod 600 {path}, and make a new key: this one is no secret any more."
    )


def test_a_key_of_the_wrong_kind_is_refused(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    path = tmp_path / "key.pem"
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    path.chmod(0o600)
    with pytest.raises(BadInput, match=r"is of the wrong kind; it has to be an Ed25519 key"):
        signing.from_file(path, origin=ORIGIN)


@pytest.mark.parametrize(
    "content", [b"", b"not PEM", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"]
)
def test_what_is_no_key_is_refused_without_repeating_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadInput) as told:
        signing.from_file(path, origin=ORIGIN)
    assert "AAAA" not in str(told.value)
    assert str(told.value).startswith(f"The audit key in {path} is not a private key in PEM without a passphrase.")


def test_a_key_file_that_is_missing_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"The audit key .*/none.pem cannot be read: no such file or directory."):
        signing.from_file(tmp_path / "none.pem", origin=ORIGIN)


def test_an_own_key_is_made_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    one = signing.own_key(tmp_path / "own.pem", origin=ORIGIN)
    assert (tmp_path / "own.pem").stat().st_mode & 0o777 == 0o600
    assert signing.own_key(tmp_path / "own.pem", origin=ORIGIN).key == one.key


def test_without_a_key_on_a_shared_database_nothing_is_signed(tmp_path: Path) -> None:
    with pytest.raises(NotSigned, match=r"several processes share the database, and no key is configured"):
        Keyring(audit_settings(tmp_path), data=None, clock=Clock()).signer()


def test_an_expired_key_signs_nothing_but_is_trusted_for_what_it_signed(tmp_path: Path) -> None:
    ring = keyring(tmp_path, configured(1, expires=date(2026, 11, 23)))
    with pytest.raises(
        BadInput, match=r"The audit key example.com/audit\+\w{8} expired on 2026-11-23, so nothing is signed with it."
    ):
        ring.signer()
    assert ring.trusted() == [a_public_key(1)]
    assert keyring(tmp_path, configured(1, expires=date(2026, 11, 24))).signer().key == a_public_key(1)


def test_a_key_that_is_not_configured_signs_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"is not among audit.keys in organization.yaml, so nobody would trust what it signs"
    ):
        keyring(tmp_path, configured(2)).signer()


async def test_after_a_rotation_the_old_key_is_trusted_for_what_it_signed_and_no_more(tmp_path: Path) -> None:
    early = await signed(ORIGIN, 10, bytes(32), keyring(tmp_path, configured(1)).signer())
    rotated = keyring(tmp_path, configured(1, last=10), configured(2), seed=2)
    late = await signed(ORIGIN, 11, bytes(32), rotated.signer())
    forged = await signed(ORIGIN, 11, bytes(32), keyring(tmp_path, configured(1)).signer())
    assert read_checkpoint(early).signer(rotated.trusted()) == a_public_key(1, last=10)
    assert read_checkpoint(late).signer(rotated.trusted()) == a_public_key(2)
    with pytest.raises(Bad, match=r"example.com/audit was retired after 10 entries, but signed 11."):
        read_checkpoint(forged).signer(rotated.trusted())
    with pytest.raises(BadInput, match=r"is retired"):
        keyring(tmp_path, configured(1, last=10), configured(2)).signer()


def command(tmp_path: Path, seed: int, body: str = "") -> tuple[str, ...]:
    """An external signer: a script that has the key."""
    path = write_key(tmp_path / f"external-{seed}.pem", seed)
    script = tmp_path / "sign.py"
    script.write_text(
        "import base64, sys\nfrom cryptography.hazmat.primitives.serialization import load_pem_private_key\n"
        f"{body}\nkey = load_pem_private_key(open({str(path)!r}, 'rb').read(), None)\n"
        "print(base64.b64encode(key.sign(sys.stdin.buffer.read())).decode())\n"
    )
    return (sys.executable, str(script))


def external(tmp_path: Path, argv: tuple[str, ...]) -> Keyring:
    return Keyring(audit_settings(tmp_path, keys=[configured(1)], signer=argv), data=None, clock=Clock())


async def test_a_command_signs_without_giving_its_key_away(tmp_path: Path) -> None:
    signer = external(tmp_path, command(tmp_path, 1)).signer()
    note = await signed(ORIGIN, 3, bytes(32), signer)
    assert read_checkpoint(note).signer([a_public_key(1)]) == a_public_key(1)


async def test_a_command_that_signs_with_another_key_is_not_believed(tmp_path: Path) -> None:
    signer = external(tmp_path, command(tmp_path, 2)).signer()
    with pytest.raises(Unavailable, match=r"did not sign with the key example.com/audit\+"):
        await signer.sign(b"text")


async def test_a_command_that_fails_or_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"ended with code 3."):
        await external(tmp_path, command(tmp_path, 1, "sys.exit(3)")).signer().sign(b"text")
    with pytest.raises(Unavailable, match=r"The signer /nowhere could not be started: no such file or directory."):
        await external(tmp_path, ("/nowhere",)).signer().sign(b"text")


async def test_a_command_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "PATIENCE", 0.2)
    with pytest.raises(Unavailable, match=r"did not answer within 0.2 s."):
        await external(tmp_path, ("sleep", "60")).signer().sign(b"text")


def test_public_keys_are_spelled_as_signed_notes_do() -> None:
    # The example of the Go package golang.org/x/mod/sumdb/note.
    spelled = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert str(read_key(spelled)) == spelled


@pytest.mark.parametrize(
    "spelled",
    [
        "", "name", "name+00000000+AAAA", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW@x", "x+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
    ],
)  # fmt: skip
def test_a_misspelled_public_key_is_refused(spelled: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - what it says is tested where people read it
        read_key(spelled)


def test_a_note_of_the_go_package_verifies() -> None:
    key = read_key("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    import base64

    line = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    raw = base64.b64decode(line)
    assert raw[:4] == key.id
    assert key.signed(text.encode(), raw[4:])
