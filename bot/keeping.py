"""Records as configured: what keeps what people write down through the bot itself."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from bot.configuration import Configuration
from bot.store import Store
from bot.usecases.granting import Granting, GrantLimits
from bot.usecases.locking import Locking, LockLimits
from skills.core.policy import Policy
from skills.core.registry import AnySkill
from skills.core.skill import Kind


def make_grants(
    configuration: Configuration,
    store: Store,
    policy: Policy,
    types: Iterable[type[AnySkill]],
    clock: Callable[[], datetime],
) -> Granting:
    """Standing approvals, of whatever changes something here."""
    changes = {word: each.name for each in types if each.kind is Kind.CHANGE for word in (each.name, *each.aliases)}
    return Granting(
        store=store,
        catalog=configuration.catalog,
        policy=policy,
        clock=clock,
        limits=GrantLimits(),
        changes=changes.get,
    )


def make_locks(configuration: Configuration, store: Store, clock: Callable[[], datetime]) -> Locking:
    """Locks that hold as long as the organization wants."""
    limits = configuration.limits
    lengths = LockLimits(
        usual=timedelta(minutes=limits.lock_minutes), longest=timedelta(minutes=limits.max_lock_minutes)
    )
    return Locking(store=store, clock=clock, limits=lengths)
