"""Rooms for incidents, as Slack channels. Slack's calls cannot be repeated; these can.

A channel is ours if the bot made it and its purpose ends with the room's key. The name says nothing: it may be taken by anybody. A channel of the
bot's own without any purpose is one that was being made when a process died, and is completed.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from bot.slack.client import Slack
from bot.slack.views.text import clip
from bot.store.messages import Messages
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed, Unavailable
from skills.core.names import Subject
from skills.core.ports.rooms import Bookmark, NotInvited, Room, RoomWanted

log = structlog.get_logger()

NAME, TOPIC, BOOKMARK = 80, 250, 255
_MOST_SUFFIXES = 20
_PAGE = 1000

_NO_RIGHT = frozenset({"restricted_action", "missing_scope", "no_permission", "not_allowed_token_type"})
_CLOSED = frozenset({"is_archived", "channel_not_found", "not_in_channel", "method_not_supported_for_channel_type"})
_NOES = _NO_RIGHT | _CLOSED | {"unknown_method"}
_IN_IT_ALREADY = frozenset({"already_in_channel", "cant_invite_self"})
_NOT_INVITED: Mapping[str, str] = {
    "user_not_found": "Slack does not know their account",
    "user_disabled": "their account is deactivated",
    "cant_invite": "Slack does not let me invite them",
    "ura_max_channels": "they are a guest who may be in one channel only",
    "user_is_restricted": "they are a guest, whom only an admin may invite",
    "user_is_ultra_restricted": "they are a guest, whom only an admin may invite",
    "user_team_not_in_channel": "their workspace is not in this channel",
    "org_user_not_in_team": "they are not in this workspace",
}


class SlackRooms:
    """Satisfies `Rooms`. `messages` remembers which channel a key came to have; without that memory the channel is found by what it bears."""

    def __init__(self, slack: Slack, messages: Messages, catalog: Catalog) -> None:
        self._slack = slack
        self._messages = messages
        self._catalog = catalog

    async def open(self, wanted: RoomWanted) -> Room:
        if not self._slack.introduced:
            # A channel that is ours would pass for somebody else's, and a second one would be made.
            raise Unavailable("Slack has not said yet who the bot is.")
        kept = await self._messages.reserve(f"room:{wanted.key}", {"name": wanted.name})
        channel = await self._known(kept.channel) if kept.channel else None
        if channel is None:
            channel = await self._made(wanted)
            await self._messages.sent(f"room:{wanted.key}", channel=str(channel["id"]), ts="", digest="")
        await self._mark(channel, wanted)
        id = str(channel["id"])
        url = await self._address(id)
        return Room(id=id, key=wanted.key, name=str(channel.get("name") or ""), private=wanted.private, url=url)

    async def invite(self, room: Room, subjects: Sequence[Subject]) -> Sequence[NotInvited]:
        accounts: dict[str, Subject] = {}
        refused: list[NotInvited] = []
        for subject in dict.fromkeys(subjects):
            person = self._catalog.by_subject(subject)
            if person and person.slack:
                accounts[person.slack[0]] = subject
            else:
                refused.append(NotInvited(subject=subject, why="no Slack account is linked to them in people.yaml"))
        if missing := [account for account in accounts if account not in await self._members(room)]:
            refused += [
                NotInvited(subject=accounts[account], why=why) for account, why in await self._invited(room, missing)
            ]
        return refused

    async def furnish(self, room: Room, *, topic: str, bookmarks: Sequence[Bookmark] = ()) -> Sequence[str]:
        return [
            *await self._set_topic(room, clip(" ".join(topic.split()), TOPIC)),
            *await self._set_bookmarks(room, bookmarks),
        ]

    async def archive(self, room: Room) -> None:
        done = {"already_archived", "is_archived", "channel_not_found"}
        answer = await self._slack.asked("conversations.archive", noes=_NOES | done, channel=room.id)
        if (code := _error(answer)) and code not in done:
            raise refusal("close a channel", answer)

    async def _known(self, id: str) -> Mapping[str, Any] | None:
        """The channel that is remembered; None if it was deleted meanwhile."""
        answer = await self._slack.asked("conversations.info", noes=_NOES, channel=id)
        if _error(answer) == "channel_not_found":
            return None
        if _error(answer):
            raise refusal("look at a channel", answer)
        found: Mapping[str, Any] = answer["channel"]
        return found

    async def _made(self, wanted: RoomWanted) -> Mapping[str, Any]:
        """A channel that the bot made now, or had begun to make under one of these names."""
        for name in names(wanted):
            private = {"is_private": "true"} if wanted.private else {}
            answer = await self._slack.asked("conversations.create", noes=_NOES | {"name_taken"}, name=name, **private)
            if not _error(answer):
                made: Mapping[str, Any] = answer["channel"]
                return made
            if _error(answer) != "name_taken":
                raise refusal("make a channel", answer)
            if (found := await self._named(name, wanted)) is not None:
                return found
        raise NotAllowed(
            f"Slack has channels of the name {names_base(wanted)} and of all that are like it already.",
            hint="Archive or rename some, or give the incident another title.",
        )

    async def _named(self, name: str, wanted: RoomWanted) -> Mapping[str, Any] | None:
        """The channel of this name, if it is ours and this room's, or nobody's yet."""
        types, cursor = "private_channel" if wanted.private else "public_channel", ""
        while True:
            page = await self._slack.asked(
                "conversations.list", noes=_NOES, types=types, limit=_PAGE, exclude_archived="false",
                **({"cursor": cursor} if cursor else {}),
            )  # fmt: skip
            if _error(page):
                raise refusal("look for a channel", page)
            for channel in page.get("channels") or ():
                if channel.get("name") == name:
                    return channel if await self._ours(channel, wanted) else None
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return None

    async def _ours(self, channel: Mapping[str, Any], wanted: RoomWanted) -> bool:
        if not self._slack.is_me(str(channel.get("creator") or "")):
            return False
        if purpose := _value(channel, "purpose"):
            return purpose.endswith(mark(wanted))
        # Being made when a process died, unless it is another room, in a workspace where it cannot be described.
        return not channel.get("is_archived") and not await self._messages.went_to(str(channel["id"]))

    async def _mark(self, channel: Mapping[str, Any], wanted: RoomWanted) -> None:
        """Write the room's key where another process finds it. Where the workspace forbids that, memory has to do."""
        if _value(channel, "purpose").endswith(mark(wanted)) or channel.get("is_archived"):
            return
        said = f"An incident's room, kept by Countersign. {mark(wanted)}"
        answer = await self._slack.asked(
            "conversations.setPurpose", noes=_NOES, channel=str(channel["id"]), purpose=said
        )
        if _error(answer):
            log.warning("slack would not describe a room", problem=refusal("describe a channel", answer).text)

    async def _address(self, id: str) -> str:
        return f"{self._slack.workspace_url}archives/{id}" if self._slack.workspace_url else ""

    async def _members(self, room: Room) -> frozenset[str]:
        found: set[str] = set()
        cursor = ""
        while True:
            page = await self._slack.asked(
                "conversations.members", noes=_NOES, channel=room.id, limit=_PAGE,
                **({"cursor": cursor} if cursor else {}),
            )  # fmt: skip
            if _error(page):
                raise refusal("see who is in a channel", page)
            found.update(str(member) for member in page.get("members") or ())
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return frozenset(found)

    async def _invited(self, room: Room, accounts: Sequence[str]) -> list[tuple[str, str]]:
        """Invite these; (account, why) for each who could not be."""
        noes = _NOES | _IN_IT_ALREADY | frozenset(_NOT_INVITED)
        answer = await self._slack.asked(
            "conversations.invite", noes=noes, channel=room.id, users=",".join(accounts), force="true"
        )
        code = _error(answer)
        each = {str(one.get("user")): str(one.get("error")) for one in answer.get("errors") or () if one.get("user")}
        if not each and code in _NOES:
            raise refusal("invite people", answer)
        if not each and code:
            each = dict.fromkeys(accounts, code)
        return [
            (account, _NOT_INVITED.get(why, "Slack does not let me invite them"))
            for account, why in each.items()
            if why not in _IN_IT_ALREADY
        ]

    async def _set_topic(self, room: Room, topic: str) -> list[str]:
        channel = await self._known(room.id)
        if channel is None or channel.get("is_archived"):
            raise NotAllowed("The room is archived, or gone.", hint="Unarchive it in Slack to go on in it.")
        if _value(channel, "topic") == topic:
            return []
        answer = await self._slack.asked("conversations.setTopic", noes=_NOES, channel=room.id, topic=topic)
        return [refusal("set the topic", answer).text] if _error(answer) else []

    async def _set_bookmarks(self, room: Room, bookmarks: Sequence[Bookmark]) -> list[str]:
        if not bookmarks:
            return []
        listed = await self._slack.asked("bookmarks.list", noes=_NOES, channel_id=room.id)
        if _error(listed):
            return [refusal("look at the bookmarks", listed).text]
        there = {(str(each.get("title")), str(each.get("link"))) for each in listed.get("bookmarks") or ()}
        for bookmark in bookmarks:
            title = clip(bookmark.title, BOOKMARK)
            if (title, bookmark.url) in there:
                continue
            noes = _NOES | {"too_many_bookmarks", "invalid_link"}
            answer = await self._slack.asked(
                "bookmarks.add", noes=noes, channel_id=room.id, title=title, type="link", link=bookmark.url
            )
            if _error(answer):
                return [refusal("add a bookmark", answer).text]
        return []


def names(wanted: RoomWanted) -> Iterator[str]:
    """What the channel may be called, in the order in which that is tried."""
    base = names_base(wanted)
    yield base
    for number in range(2, _MOST_SUFFIXES + 1):
        yield f"{base[: NAME - 4]}-{number}"


def names_base(wanted: RoomWanted) -> str:
    """Of what people wrote, what Slack takes: lower-case ASCII letters, digits and hyphens, 80 at most."""
    plain = unicodedata.normalize("NFKD", wanted.name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:NAME].strip("-")
    return slug or re.sub(r"[^a-z0-9]+", "-", wanted.key.lower()).strip("-")[:NAME]


def mark(wanted: RoomWanted) -> str:
    """How the purpose of a room's channel ends."""
    return f"[{wanted.key}]"


def refusal(what: str, answer: Mapping[str, Any]) -> NotAllowed:
    """What Slack's no means, and who can do something about it."""
    code = _error(answer)
    match code:
        case "missing_scope":
            needed = str(answer.get("needed") or "").split(",")[0]
            hint = "Update the app from config/slack_manifest.json and install it once more."
            return NotAllowed(f"The Slack app has no right to {what}{f' ({needed})' if needed else ''}.", hint=hint)
        case "unknown_method":
            return NotAllowed(f"This Slack has no way to {what}.", hint="It is done by hand, or left.")
        case "restricted_action" | "no_permission" | "not_allowed_token_type":
            hint = "An admin of the workspace has to allow it, or does it by hand."
            return NotAllowed(f"This workspace does not let the bot {what}.", hint=hint)
        case "is_archived":
            return NotAllowed("The room is archived.", hint="Unarchive it in Slack to go on in it.")
        case "channel_not_found" | "not_in_channel":
            return NotAllowed("The bot is not in that channel, or it is gone.", hint="Invite it with /invite.")
    log.warning("slack said no", what=what, error=code)
    return NotAllowed(f"Slack would not {what}.")


def _error(answer: Mapping[str, Any]) -> str:
    return "" if answer.get("ok", True) else str(answer.get("error") or "unknown")


def _value(channel: Mapping[str, Any], field: str) -> str:
    return str((channel.get(field) or {}).get("value") or "")
