"""The audit section of organization.yaml."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.configuration import AuditSettings, FileAnchorSettings, SlackAnchorSettings, WitnessSettings, load
from tests.support.audit import a_public_key

Mistakes = Callable[..., list[str]]
KEY = str(a_public_key())


def loaded(folder: Path, text: str, **environ: str) -> AuditSettings:
    (folder / "organization.yaml").write_text(f"name: acme\n{text}")
    return load(folder, {"COUNTERSIGN_DATA": "/data", **environ}).audit


def test_without_it_there_are_defaults_and_nobody_may_end_safe_mode(folder: Path) -> None:
    audit = loaded(folder, "")
    assert (audit.origin, audit.keys, audit.signer, audit.acknowledge) == ("countersign/acme", (), (), ())
    assert audit.remembered == Path("/data/audit-head.json")


def test_everything_can_be_said(folder: Path) -> None:
    text = (
        f"audit:\n  origin: example.com/audit\n  acknowledge: [sre]\n  remembered: /elsewhere/head.json\n  signer: [sign, it]\n"
        f"  anchors: [{{kind: file, path: /mnt/anchor}}, {{kind: witness, url: 'https://w.example', key: {KEY}}}]\n"
        f"  keys:\n    - {{key: {KEY}, expires: 2027-06-30}}\n    - {{key: {KEY}, last: 17}}\n"
    )
    audit = loaded(folder, text)
    assert (audit.origin, audit.acknowledge, audit.signer) == ("example.com/audit", ("sre",), ("sign", "it"))
    assert audit.anchors == (
        FileAnchorSettings(path=Path("/mnt/anchor")),
        WitnessSettings(url="https://w.example", key=KEY),
    )
    assert audit.remembered == Path("/elsewhere/head.json")
    assert [(key.key, key.last, key.expires) for key in audit.keys] == [(KEY, None, date(2027, 6, 30)), (KEY, 17, None)]


def test_retention_and_a_channel_can_be_said(folder: Path) -> None:
    audit = loaded(
        folder,
        "audit:\n  archive: [sre]\n  retention: {keep_days: 400, erase_days: 90}\n  anchors: [{kind: slack, channel: C012AB, every_minutes: 30}]\n",
    )
    assert (audit.archive, audit.keep, audit.erase_after) == (("sre",), timedelta(days=400), timedelta(days=90))
    assert audit.anchors == (SlackAnchorSettings(channel="C012AB", every=timedelta(minutes=30)),)
    assert (loaded(folder, "").keep, loaded(folder, "").erase_after) == (None, None)


def test_the_private_key_comes_from_the_environment_and_is_not_shown(folder: Path) -> None:
    audit = loaded(folder, "", COUNTERSIGN_AUDIT_KEY="hunter2")
    assert audit.key is not None
    assert audit.key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(audit)
    assert loaded(folder, "", COUNTERSIGN_AUDIT_KEY_FILE="/run/key.pem").key_file == Path("/run/key.pem")


@pytest.mark.parametrize(
    ("line", "environ", "expected"),
    [
        ("key: x", {}, "organization.yaml, line 3: audit.key: is not a known key. Did you mean keys?"),
        ("keys: [{key: x}]", {}, "organization.yaml, line 3: audit.keys[0].key: “x” is not a public key; “countersign audit keys” prints them as name+id+base64."),
        (f"keys: [{{key: {KEY}, expires: soon}}]", {}, "organization.yaml, line 3: audit.keys[0].expires: “soon” is not a day; write it like 2027-06-30."),
        ("retention: {keep_days: 0}", {}, "organization.yaml, line 3: audit.retention.keep_days: should be greater than or equal to 1."),
        ("archive: [boss]", {}, "organization.yaml: audit.archive: there is no role “boss”. Known: developer, platform-lead, sre."),
        ("anchors: [{kind: slack, channel: general}]", {}, "organization.yaml, line 3: audit.anchors[0].channel: should match pattern '^[CG][A-Z0-9]{2,20}$'."),
        ("acknowledge: [boss]", {}, "organization.yaml: audit.acknowledge: there is no role “boss”. Known: developer, platform-lead, sre."),
        ("signer: [sign]", {"COUNTERSIGN_AUDIT_KEY": "x"},
         "organization.yaml: audit: more than one of COUNTERSIGN_AUDIT_KEY, COUNTERSIGN_AUDIT_KEY_FILE and audit.signer is set; keep one of them."),
    ],
)  # fmt: skip
def test_a_mistake_is_a_sentence(mistakes: Mistakes, line: str, environ: dict[str, str], expected: str) -> None:
    assert mistakes("organization.yaml", f"name: acme\naudit:\n  {line}\n", **environ) == [expected]
