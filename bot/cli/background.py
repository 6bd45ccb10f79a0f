"""Leaving a change running: another process takes over and outlives this one."""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from bot import logs

if TYPE_CHECKING:
    from bot.settings import Settings


def hand_over(settings: "Settings") -> None:
    """Start a detached `countersign worker --until-idle` on the same world. Does not wait for it.

    It belongs to a session of its own, so that neither Ctrl-C nor closing the terminal reaches it.
    """
    environ = {
        **settings.environ,
        "COUNTERSIGN_CONFIG": str(settings.config.resolve()),
        "COUNTERSIGN_DATA": str(settings.data.resolve()),
    }
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = os.open(settings.data / logs.FILE, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        subprocess.Popen(
            [sys.executable, "-m", "bot.cli.main", "worker", "--until-idle"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environ,
            start_new_session=True,
        )
    finally:
        os.close(log)
