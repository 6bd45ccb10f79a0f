"""One module a kind of delivery; each turns a payload into a call of the door and its answer into a message."""

import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

import structlog

from bot.slack.deliveries import BUTTON, COMMAND, DIRECT_MESSAGE, MENTION, MODAL, STOPPED
from bot.slack.desk import Desk
from bot.slack.listeners import buttons, commands, direct_messages, mentions, modals, stops
from bot.store import Delivery
from skills.core.errors import Anticipated

log = structlog.get_logger()

Listener: TypeAlias = Callable[[Desk, str, Mapping[str, Any]], Awaitable[None]]

LISTENERS: Mapping[str, Listener] = {
    BUTTON: buttons.pressed,
    COMMAND: commands.typed,
    DIRECT_MESSAGE: direct_messages.said,
    MENTION: mentions.said,
    MODAL: modals.submitted,
    STOPPED: stops.pressed,
}


async def deal(desk: Desk, delivery: Delivery) -> None:
    """Hand a delivery to its listener. Raises `Anticipated` errors only: `Unavailable` if it has to be dealt with again.

    A bug is logged once, and whoever asked gets a reference to quote instead of silence.
    """
    try:
        await LISTENERS[delivery.kind](desk, delivery.key, delivery.body)
    except (Anticipated, TimeoutError):
        raise
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("bug", delivery=delivery.key, kind=delivery.kind, reference=reference)
        await desk.apologise(delivery.key, delivery.body, reference)
