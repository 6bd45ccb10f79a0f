"""Does Slack know this token? For `doctor`."""

from aiohttp import ClientError
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.bootstrap import Check

_TIMEOUT_SECONDS = 5
_MENDING = {
    "invalid_auth": "the bot token is not valid. Copy it again from “OAuth & Permissions” of the app.",
    "not_authed": "the bot token is empty. Copy it from “OAuth & Permissions” of the app.",
    "account_inactive": "the bot token belongs to an app or a user that was removed. Install the app again.",
    "token_revoked": "the bot token was revoked. Install the app again and copy the new one.",
    "token_expired": "the bot token has expired. Install the app again and copy the new one.",
}


async def try_token(token: SecretStr, *, api_url: str, team: str) -> Check:
    """Ask Slack who this token is. Never raises for anything that Slack or the network does; the token is in no text."""
    what = "slack"
    where = api_url or AsyncWebClient.BASE_URL
    client = AsyncWebClient(token=token.get_secret_value(), timeout=_TIMEOUT_SECONDS, base_url=where)
    try:
        answer = await client.auth_test()
    except SlackApiError as refused:
        error = str(refused.response.get("error", "unknown"))
        return Check(what=what, ok=False, text=_MENDING.get(error, f"Slack refuses the bot token ({error})."))
    except (TimeoutError, ClientError, OSError):
        there = api_url or "https://slack.com"
        return Check(
            what=what, ok=False, text=f"{there} cannot be reached. Look at the network, a proxy, or the firewall."
        )
    except ValueError:
        return Check(what=what, ok=False, text=f"What answers at {where} is not Slack.")
    if team and answer.get("team_id") != team:
        text = f"the token is for the team {answer.get('team_id')}, and organization.yaml says slack.team: {team}."
        return Check(what=what, ok=False, text=text)
    return Check(what=what, ok=True, text=f"connected to {answer.get('team')} as {answer.get('user')}")
