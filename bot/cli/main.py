"""`countersign`: finds the command's module, runs it, and turns whatever happens into a sentence and an exit code.

Every command is one module here with `run(arguments, settings) -> int`; it is imported when it is asked for and not before, because a
command line that answers in a tenth of a second is used, and one that loads everything first is not.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs
from bot.cli.arguments import parser

if TYPE_CHECKING:
    from bot.settings import Settings

_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line. Returns the exit code; prints no traceback, whatever happens."""
    arguments = parser().parse_args(argv)
    if arguments.version:
        return _version()
    if not arguments.command:
        parser().print_help()
        return 0
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell. Without this, the interpreter's own flush would complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _run(arguments: argparse.Namespace) -> int:
    data = Path(arguments.data or os.environ.get("COUNTERSIGN_DATA") or ".countersign")
    try:
        settings = _settings(arguments)
        module = importlib.import_module(f"bot.cli.{arguments.command.replace('-', '_')}")
        logs.to_file(settings.data, logs.chosen_level(settings.environ, "warning"))
        return int(module.run(arguments, settings))
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence: a person gets a sentence, the log gets the rest
        from bot.cli.mishap import explain  # noqa: PLC0415 - only needed when something went wrong

        return explain(error, data=data, as_json=getattr(arguments, "json", False))


def _settings(arguments: argparse.Namespace) -> "Settings":
    from bot.settings import Settings  # noqa: PLC0415 - `--help` does without

    return Settings.from_environ(
        dict(os.environ),
        config=Path(arguments.config).expanduser() if arguments.config else None,
        data=Path(arguments.data).expanduser() if arguments.data else None,
    )


def _version() -> int:
    from importlib.metadata import version  # noqa: PLC0415 - 30 ms that only `--version` needs

    print(f"countersign {version('countersign')}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
