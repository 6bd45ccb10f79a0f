"""Being on call, put together: the rotations as configured, who stands in, pages that go from one to the next, and PagerDuty where there is one."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.configuration import Configuration, PagerDutySettings
from bot.store import Store
from bot.usecases.on_duty import Either, OnDuty
from bot.usecases.paging import Paging
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated
from skills.core.ports.pager import OnCall, Pager
from skills.core.ports.pages import Pages
from skills.core.ports.stand_ins import StandIns

if TYPE_CHECKING:
    from integrations.pagerduty import PagerDuty


@dataclass(frozen=True, kw_only=True)
class Standby:
    """Who is on call, and what calls them."""

    duty: OnDuty
    paging: Paging
    pagerduty: "PagerDuty | None" = None

    @property
    def ports(self) -> dict[Any, object]:
        """The ports of `skills/` that these satisfy."""
        oncall = Either(self.pagerduty, self.duty) if self.pagerduty else self.duty
        return {OnCall: oncall, StandIns: self.duty, Pager: self.paging, Pages: self.paging}

    async def check(self) -> tuple[bool, str] | None:
        """Does PagerDuty answer, and what does it say? None where there is none."""
        if self.pagerduty is None:
            return None
        try:
            return True, await self.pagerduty.check()
        except Anticipated as problem:
            return False, str(problem)


def make_standby(
    stack: AsyncExitStack, configuration: Configuration, store: Store, *, clock: Callable[[], datetime]
) -> Standby:
    """As configured; without an oncall.yaml nobody is ever on call, and people can still be called by name."""
    catalog = configuration.catalog
    duty = OnDuty(store=store, catalog=catalog, duty=configuration.duty, clock=clock)
    outside = _pagerduty(stack, configuration.pagerduty, catalog, clock) if configuration.pagerduty else None
    paging = Paging(store=store, catalog=catalog, duty=duty, clock=clock, outside=outside)
    return Standby(duty=duty, paging=paging, pagerduty=outside)


def _pagerduty(
    stack: AsyncExitStack, settings: PagerDutySettings, catalog: Catalog, clock: Callable[[], datetime]
) -> "PagerDuty":
    from integrations.pagerduty import PagerDuty, PagerDutyAccount, PagerDutyService  # noqa: PLC0415 - only the world that needs it pays for it

    keys = {name: key.get_secret_value() for name, key in settings.routing_keys.items() if key}
    account = PagerDutyAccount(
        token=settings.token.get_secret_value(),
        sender=settings.sender,
        services={
            name: PagerDutyService(id=id, routing_key=keys.get(name, "")) for name, id in settings.services.items()
        },
        people=settings.people,
        api_url=settings.api_url,
        events_url=settings.events_url,
    )
    names = {str(each.actor.subject): each.actor.name for each in catalog.people}
    adapter = PagerDuty(account, names=names, clock=clock)
    stack.push_async_callback(adapter.close)
    return adapter
