"""Being on call, put together: the rotations as configured, who stands in, and pages that go from one to the next."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.configuration import Configuration
from bot.store import Store
from bot.usecases.on_duty import OnDuty
from bot.usecases.paging import Paging
from skills.core.ports.pager import OnCall, Pager
from skills.core.ports.pages import Pages
from skills.core.ports.stand_ins import StandIns


@dataclass(frozen=True, kw_only=True)
class Standby:
    """Who is on call, and what calls them."""

    duty: OnDuty
    paging: Paging

    @property
    def ports(self) -> dict[Any, object]:
        """The ports of `skills/` that these satisfy."""
        return {OnCall: self.duty, StandIns: self.duty, Pager: self.paging, Pages: self.paging}


def make_standby(configuration: Configuration, store: Store, *, clock: Callable[[], datetime]) -> Standby:
    """As configured; without an oncall.yaml nobody is ever on call, and people can still be called by name."""
    catalog = configuration.catalog
    duty = OnDuty(store=store, catalog=catalog, duty=configuration.duty, clock=clock)
    return Standby(duty=duty, paging=Paging(store=store, catalog=catalog, duty=duty, clock=clock))
