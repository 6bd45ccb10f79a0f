"""Records as configured: what keeps what people write down through the bot itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.configuration import Configuration
from bot.store import Store
from bot.usecases.locking import Locking, LockLimits


def make_locks(configuration: Configuration, store: Store, clock: Callable[[], datetime]) -> Locking:
    """Locks that hold as long as the organization wants."""
    limits = configuration.limits
    lengths = LockLimits(
        usual=timedelta(minutes=limits.lock_minutes), longest=timedelta(minutes=limits.max_lock_minutes)
    )
    return Locking(store=store, clock=clock, limits=lengths)
