"""On SQLite one bot serves a data folder: a second one is told so, instead of waiting unready for what it will not get."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bot.engine.lock import ServingLock
from skills.core.errors import BadInput

if TYPE_CHECKING:
    from bot.bootstrap import World


@contextmanager
def sole(world: "World") -> Iterator[None]:
    """Meanwhile no other process serves this data folder; on PostgreSQL as many may as there are. Raises `BadInput` if one does already."""
    if world.database.url_kind != "sqlite":
        yield
        return
    folder = world.settings.data.resolve()
    lock = ServingLock(folder)
    if not lock.acquire():
        raise BadInput(
            f"Process {lock.holder()} serves {folder} already, and with SQLite there is one bot.",
            hint="Stop it, give this one another data folder, or use PostgreSQL for several.",
        )
    try:
        yield
    finally:
        lock.release()
