"""Who is behind a Slack account: by explicit link only, and only while Slack itself still vouches for the account."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.slack.client import Slack
from bot.slack.errors import Stranger
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable

_FRESH_SECONDS = 300.0
_MANY = 5000


class People:
    """Accounts to actors. What Slack says of an account is believed for five minutes. `now` is a monotonic clock in seconds."""

    def __init__(
        self, catalog: Catalog, slack: Slack, team: Callable[[], str], *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._catalog = catalog
        self._slack = slack
        self._team = team
        self._now = now
        self._known: dict[str, tuple[float, Mapping[str, Any]]] = {}

    def linked(self, user_id: str) -> Actor:
        """The person whose account this is. Raises `Stranger`."""
        person = self._catalog.by_slack(user_id)
        if person is None:
            raise Stranger(
                f"I do not know you here. Ask an administrator to link Slack account {user_id} to your name in people.yaml."
            )
        return person.actor

    async def vouched(self, user_id: str) -> Actor:
        """The person, once Slack has confirmed the account. Raises `Stranger`, and `Unavailable` if Slack cannot be asked."""
        actor = self.linked(user_id)
        objection = _objection(await self._account(user_id), self._team())
        if objection:
            raise Stranger(f"{actor.name}'s Slack account {user_id} {objection}, so it cannot ask for anything here.")
        return actor

    async def _account(self, user_id: str) -> Mapping[str, Any]:
        asked_at, account = self._known.get(user_id, (float("-inf"), {}))
        if self._now() - asked_at < _FRESH_SECONDS:
            return account
        account = await self._slack.user(user_id)
        if account.get("id") != user_id:
            raise Unavailable("Slack did not say whose account that is.")
        if len(self._known) > _MANY:
            self._known.clear()
        self._known[user_id] = (self._now(), account)
        return account


def _objection(account: Mapping[str, Any], team: str) -> str:
    """Why this account may not act, or ""."""
    objections = {
        "deleted": "is deactivated",
        "is_bot": "is a bot's",
        "is_workflow_bot": "is a workflow's",
        "is_connector_bot": "is a bot's",
        "is_ultra_restricted": "is a guest's",
        "is_restricted": "is a guest's",
        "is_stranger": "belongs to another organization",
        "is_invited_user": "has not accepted its invitation",
    }
    said = next((text for flag, text in objections.items() if account.get(flag)), "")
    if account.get("is_email_confirmed") is False:
        said = said or "has an address that was never confirmed"
    if said or not team:
        return said
    teams = {account.get("team_id"), *((account.get("enterprise_user") or {}).get("teams") or ())}
    return "" if team in teams else "belongs to another workspace"
