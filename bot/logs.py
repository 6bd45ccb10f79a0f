"""Logs: one JSON object a line, secrets out, and the facts of the request that was being served.

Everything logs with the standard library; only here is decided where it goes and how it looks. `serve` writes to standard error for
whoever collects it. The other commands keep standard error for people and write to `countersign.log` in the data folder, which is not
even created, and structlog not even imported, before there is something to write.
"""

import logging
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from contextvars import ContextVar
from io import TextIOWrapper
from pathlib import Path
from types import MappingProxyType
from typing import Any, TextIO

from skills.core.redaction import HIDDEN, names_a_secret, redact

FILE = "countersign.log"
QUIET = ("aiosqlite", "alembic", "apscheduler", "asyncio", "dbos", "sqlalchemy", "slack_bolt", "slack_sdk", "uvicorn")
_facts: ContextVar[Mapping[str, object]] = ContextVar("facts", default=MappingProxyType({}))


@contextmanager
def bound(**facts: object) -> Iterator[None]:
    """Every log line written inside, tasks started here included, carries these: organization, actor, proposal, delivery."""
    token = _facts.set({**_facts.get(), **facts})
    try:
        yield
    finally:
        _facts.reset(token)


def to_stream(level: str, *, stream: TextIO = sys.stderr, as_json: bool = True) -> None:
    """Send all logs to `stream` from now on. May be repeated; the last call counts."""
    _install(logging.StreamHandler(stream), level, as_json=as_json)


def to_file(folder: Path, level: str) -> None:
    """Send all logs to the log file in `folder` from now on. Nothing is created before the first line."""
    _install(_PrivateFile(folder / FILE), level, as_json=True)


def chosen_level(environ: Mapping[str, str], configured: str) -> str:
    """COUNTERSIGN_LOG where it names a level, else what the configuration says."""
    wanted = environ.get("COUNTERSIGN_LOG", "").strip().lower()
    return wanted if wanted in ("debug", "info", "warning", "error") else configured


def scrubbed(value: object) -> object:
    """`value` with secrets out of every text in it, and whole values under a name that promises a secret."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return _scrubbed_fields(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [scrubbed(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float) else redact(str(value))


class _Structured(logging.Formatter):
    """Renders with structlog, which is imported with the first line."""

    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json
        self._inner: logging.Formatter | None = None

    def format(self, record: logging.LogRecord) -> str:
        if self._inner is None:
            self._inner = _structlog_formatter(as_json=self._as_json)
        return self._inner.format(record)


class _PrivateFile(logging.FileHandler):
    """A log file that only its owner can read, opened with the first line."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="a", encoding="utf-8", delay=True, errors="backslashreplace")

    def emit(self, record: logging.LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:  # a folder that cannot be written to must not stop the work that is being logged
            self.handleError(record)

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding=self.encoding, errors=self.errors)


def _install(handler: logging.Handler, level: str, *, as_json: bool) -> None:
    handler.setFormatter(_Structured(as_json=as_json))
    root = logging.getLogger()
    for old in root.handlers[:]:
        if isinstance(old.formatter, _Structured):
            root.removeHandler(old)
            old.close()
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.raiseExceptions = False  # a full disk must not put tracebacks of the logger on a person's terminal
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.DEBUG if level == "debug" else logging.WARNING)
    # DBOS adds a console handler of its own unless it finds one.
    dbos = logging.getLogger("dbos")
    if not dbos.handlers:
        dbos.addHandler(logging.NullHandler())
    if "structlog" in sys.modules:
        _through_the_standard_library()


def _through_the_standard_library() -> None:
    """Make loggers of structlog's own kind write to where everything else goes, instead of to standard output."""
    import structlog  # noqa: PLC0415 - imported by somebody else already

    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_facts,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _structlog_formatter(*, as_json: bool) -> logging.Formatter:
    import structlog  # noqa: PLC0415 - a fifth of a second, for commands that mostly log nothing

    renderer: Any = (
        structlog.processors.JSONRenderer(default=str) if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _with_facts,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _scrub,
            renderer,
        ],
    )


def _with_facts(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    # Another handler may have left its rendered message on the record; ours is the event.
    return {**_facts.get(), **{name: fact for name, fact in event.items() if name != "message"}}


def _scrub(_logger: object, _name: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return _scrubbed_fields(event)


def _scrubbed_fields(fields: Mapping[Any, Any]) -> dict[str, object]:
    return {str(key): HIDDEN if item and names_a_secret(str(key)) else scrubbed(item) for key, item in fields.items()}
