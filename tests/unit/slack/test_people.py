"""Who is behind an account."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.slack.errors import Stranger
from bot.slack.people import People
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Person
from skills.core.errors import Unavailable
from skills.core.names import Organization, Subject

DEV = Actor(subject=Subject("dev"), name="Developer", organization=Organization("acme"))
CATALOG = Catalog(declared=(), environments=(), people=(Person(actor=DEV, slack=("U01DEV", "W02DEV")),))
FINE = {"id": "U01DEV", "team_id": "T1", "deleted": False, "is_bot": False}


class Accounts:
    """What Slack says, and how often it was asked."""

    def __init__(self, account: Mapping[str, Any] | Exception) -> None:
        self.account = account
        self.asked = 0

    async def user(self, _user_id: str) -> Mapping[str, Any]:
        self.asked += 1
        if isinstance(self.account, Exception):
            raise self.account
        return self.account


def people(accounts: Accounts, now: list[float]) -> People:
    return People(CATALOG, accounts, lambda: "T1", now=lambda: now[0])  # type: ignore[arg-type]  # the one method that is used


async def test_an_account_that_nobody_linked_is_a_stranger() -> None:
    with pytest.raises(Stranger) as raised:
        await people(Accounts(FINE), [0.0]).vouched("U0NOBODY")
    assert str(raised.value) == (
        "I do not know you here. Ask an administrator to link Slack account U0NOBODY to your name in people.yaml."
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        ({"deleted": True}, "is deactivated"),
        ({"is_bot": True}, "is a bot's"),
        ({"is_workflow_bot": True}, "is a workflow's"),
        ({"is_connector_bot": True}, "is a bot's"),
        ({"is_restricted": True}, "is a guest's"),
        ({"is_ultra_restricted": True}, "is a guest's"),
        ({"is_stranger": True}, "belongs to another organization"),
        ({"is_invited_user": True}, "has not accepted its invitation"),
        ({"is_email_confirmed": False}, "has an address that was never confirmed"),
        ({"team_id": "T2"}, "belongs to another workspace"),
        ({"team_id": None}, "belongs to another workspace"),
    ],
)
async def test_an_account_that_slack_does_not_vouch_for_is_refused(flags: dict[str, Any], said: str) -> None:
    with pytest.raises(Stranger) as raised:
        await people(Accounts({**FINE, **flags}), [0.0]).vouched("U01DEV")
    assert str(raised.value) == f"Developer's Slack account U01DEV {said}, so it cannot ask for anything here."


async def test_what_slack_said_is_believed_for_five_minutes() -> None:
    accounts, now = Accounts(FINE), [0.0]
    known = people(accounts, now)
    for now[0] in (0.0, 299.0):
        assert await known.vouched("U01DEV") == DEV
    assert accounts.asked == 1
    now[0] = 301.0
    accounts.account = {**FINE, "deleted": True}
    with pytest.raises(Stranger):
        await known.vouched("U01DEV")


async def test_without_word_from_slack_nobody_is_vouched_for() -> None:
    with pytest.raises(Unavailable):
        await people(Accounts(Unavailable("Slack cannot be reached.")), [0.0]).vouched("U01DEV")
    with pytest.raises(Unavailable):
        await people(Accounts({}), [0.0]).vouched("U01DEV")


async def test_an_account_of_a_whole_organization_belongs_to_each_of_its_workspaces() -> None:
    account = {**FINE, "id": "W02DEV", "team_id": "T9", "enterprise_user": {"teams": ["T9", "T1"]}}
    assert await people(Accounts(account), [0.0]).vouched("W02DEV") == DEV
