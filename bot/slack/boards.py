"""What is written in rooms: reports that stay current, with what they offer as buttons; pins; the room's canvas."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.slack.client import Slack
from bot.slack.errors import Gone
from bot.slack.offering import Offering
from bot.slack.outbox import Outbox, Spot
from bot.slack.rooms import refusal
from bot.slack.views.answers import Said
from bot.slack.views.report import report_blocks, report_text
from bot.slack.views.text import one_line
from bot.store import Message, Store
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed
from skills.core.names import Subject
from skills.core.ports.rooms import Posted, Room
from skills.core.report import Report

_CANVAS = 900_000
_NO_CANVAS = frozenset({
    "canvas_disabled_user_team", "canvas_disabled_file_team", "free_team_not_allowed", "free_teams_cannot_create_non_tabbed_canvases",
    "free_teams_cannot_edit_standalone_canvases", "missing_scope", "restricted_action", "unknown_method",
    "method_not_supported_for_channel_type",
})  # fmt: skip
_EXISTS = "channel_canvas_already_exists"


class SlackBoards:
    """Satisfies `Boards`."""

    def __init__(
        self, slack: Slack, outbox: Outbox, store: Store, catalog: Catalog, clock: Callable[[], datetime]
    ) -> None:
        self._slack = slack
        self._outbox = outbox
        self._catalog = catalog
        self._offering = Offering(store, clock)

    async def put(self, room_id: str, key: str, report: Report, *, pinned: bool = False) -> Posted:
        message = await self._put(Spot(channel=room_id), key, report)
        if pinned and message.state == "sent" and message.ts:
            noes = {
                "already_pinned",
                "missing_scope",
                "too_many_pins",
                "restricted_action",
                "message_not_found",
                "unknown_method",
            }
            await self._slack.asked("pins.add", noes=noes, channel=message.channel, timestamp=message.ts)
        return Posted(key=key, url=self._address(message))

    async def tell(self, subject: Subject, key: str, report: Report) -> Posted:
        person = self._catalog.by_subject(subject)
        if not person or not person.slack:
            raise NotAllowed(f"No Slack account is linked to {subject}.", hint="Link one in people.yaml.")
        return Posted(key=key, url=self._address(await self._put(Spot(channel=person.slack[0]), key, report)))

    async def write(self, room: Room, *, title: str, markdown: str) -> str:
        content = {"type": "markdown", "markdown": f"# {one_line(title)}\n\n{markdown}"[:_CANVAS]}
        made = await self._slack.asked(
            "conversations.canvases.create", noes=_NO_CANVAS | {_EXISTS}, channel_id=room.id, document_content=content
        )
        error = str(made.get("error") or "")
        if error in _NO_CANVAS:
            return ""
        canvas = await self._canvas(room) if error == _EXISTS else str(made.get("canvas_id") or "")
        if error == _EXISTS and canvas:
            changes = [{"operation": "replace", "document_content": content}]
            edited = await self._slack.asked("canvases.edit", noes=_NO_CANVAS, canvas_id=canvas, changes=changes)
            if not edited.get("ok", True):
                return ""
        return f"{self._slack.workspace_url}docs/{canvas}" if canvas and self._slack.workspace_url else ""

    async def _put(self, spot: Spot, key: str, report: Report) -> Message:
        said = Said(text=report_text(report), blocks=report_blocks(report, offers=await self._offering(key, report)))
        return await self._outbox.keep_current(key, spot, said)

    async def _canvas(self, room: Room) -> str:
        answer = await self._slack.asked("conversations.info", noes={"channel_not_found"}, channel=room.id)
        if not answer.get("ok", True):
            raise refusal("look at a channel", answer)
        properties: Mapping[str, Any] = (answer.get("channel") or {}).get("properties") or {}
        return str((properties.get("canvas") or {}).get("file_id") or "")

    def _address(self, message: Message) -> str:
        if message.state == "failed":
            raise Gone("Somebody deleted that message; it is not put back.")
        base = self._slack.workspace_url
        return f"{base}archives/{message.channel}/p{(message.ts or '').replace('.', '')}" if base and message.ts else ""
