"""What `doctor` says about the data folder."""

import os
from pathlib import Path

import pytest

from bot.cli.doctor import data_folder


def test_a_folder_that_does_not_exist_yet_will_be_created(tmp_path: Path) -> None:
    check = data_folder(tmp_path / "a" / "b")
    assert (check.ok, check.text) == (True, f"{tmp_path}/a/b will be created")


def test_a_folder_that_cannot_be_written_to_is_named_with_the_user_who_cannot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    check = data_folder(tmp_path)
    assert check.ok is False
    assert check.text == (
        f"{tmp_path} cannot be written to. Make it writable for user 1000, or choose another with COUNTERSIGN_DATA."
    )
