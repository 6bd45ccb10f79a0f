"""Approve, Reject…, Details, Cancel, Break glass…, and what is offered on a card or by a report; a completion of a question; the card once more; a vote."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from bot.slack.asked import Asked
from bot.slack.desk import Desk
from bot.slack.errors import Gone, NotInChannel, Stranger, TooLate
from bot.slack.views.answers import CONTINUE, FEEDBACK, POST_CARD, Said, continued
from bot.slack.views.blocks import Block
from bot.slack.views.card import APPROVE, BREAK_GLASS, CANCEL, DETAILS, REJECT, TAKE_BACK
from bot.slack.views.findings import OFFER
from bot.slack.views.modals import break_glass_view, details_view, reject_view
from bot.usecases.card import Card
from skills.core.errors import Unavailable
from skills.core.names import ProposalId
from skills.core.proposal import Choice


async def pressed(desk: Desk, key: str, body: Mapping[str, Any]) -> None:
    """Somebody pressed a button. The value is a handle that is looked up; whatever else the payload says is not believed."""
    action, value = str(body["action"]), str(body["value"])
    asked = Asked(
        key=key,
        user=body["user"],
        channel=body["channel"],
        thread=body["thread"],
        team=body["team"],
        text="",
        typed="",
        response_url=body["response_url"],
        private=True,
    )
    if action in (APPROVE, CANCEL):
        await desk.decide(asked, value, Choice(action))
    elif action in _WINDOWS:
        await _open(desk, asked, value, str(body["trigger"]), _WINDOWS[action])
    elif action == POST_CARD:
        await _post_card(desk, asked, value)
    elif action == TAKE_BACK:
        await _take_back(desk, asked, value)
    elif action == FEEDBACK:
        await _vote(desk, asked, value)
    elif action.startswith(CONTINUE):
        await _continue(desk, asked, body)
    elif action.startswith(OFFER):
        await _take_up(desk, asked, value)


async def _open(desk: Desk, asked: Asked, handle: str, trigger: str, view: Callable[[Card], Awaitable[Block]]) -> None:
    card = await desk.door.card(handle)
    if card is None:
        await desk.whisper(asked, "I do not know that proposal any more.")
        return
    try:
        desk.people.linked(asked.user)
        await desk.slack.open_view(trigger, await view(card))
    except (Stranger, TooLate) as refused:
        await desk.whisper(asked, str(refused))


async def _reject(card: Card) -> Block:
    return reject_view(card, card.handle)


async def _details(card: Card) -> Block:
    return details_view(card)


async def _break_glass(card: Card) -> Block:
    return break_glass_view(card, card.handle)


_WINDOWS: Mapping[str, Callable[[Card], Awaitable[Block]]] = {
    REJECT: _reject,
    DETAILS: _details,
    BREAK_GLASS: _break_glass,
}


async def _post_card(desk: Desk, asked: Asked, handle: str) -> None:
    card = await desk.door.card(handle)
    if card is None:
        await desk.whisper(asked, "I do not know that proposal any more.")
        return
    try:
        await desk.projector.show(ProposalId(card.id))
    except NotInChannel:
        await desk.whisper(asked, f"I am still not in this channel. Type /invite @{desk.bot_name} and press again.")
    else:
        await desk.whisper(asked, f"The card of #{card.id} is in the channel now.")


async def _take_back(desk: Desk, asked: Asked, handle: str) -> None:
    """What a card offers becomes a request of whoever pressed, and so a proposal like any other; however often it is pressed, one."""
    card = await desk.door.card(handle)
    if card is None or card.offer is None:
        await desk.whisper(asked, "I do not offer that any more. Type your request.")
        return
    await desk.ask(replace(asked, key=f"take-back:{handle}", text=card.offer.text, offered=f"Verdict on #{card.id}"))


async def _continue(desk: Desk, asked: Asked, body: Mapping[str, Any]) -> None:
    """One click answers the question, as the person who was asked and nobody else."""
    name, _, number = str(body["value"]).rpartition(".")
    question = await desk.recall(name)
    if question is None or not number.isdecimal() or int(number) >= len(question.completions):
        await desk.whisper(asked, "That question is too old. Type your request again.")
        return
    chosen = question.completions[int(number)]
    if question.user != asked.user:
        await desk.whisper(asked, f"That question was for somebody else. To ask for it yourself, type: {chosen}")
        return
    again = question.asked_again(asked, chosen, desk.door.skills, key=name)
    await desk.ask(again)
    await _mark_answered(desk, asked, body, continued(question.text, chosen, typed=question.typed))


async def _take_up(desk: Desk, asked: Asked, value: str) -> None:
    """Make the request that a report offered, as whoever pressed: a change becomes a proposal, and nothing is done."""
    request = await desk.offers.pressed(asked, value)
    if request is None:
        await desk.whisper(asked, "That offer is too old. Ask again, and look at what is the case now.")
    else:
        await desk.ask(request)


async def _vote(desk: Desk, asked: Asked, value: str) -> None:
    try:
        counted = await desk.feedback.vote(desk.people.linked(asked.user), value)
    except Stranger as stranger:
        await desk.whisper(asked, str(stranger))
        return
    await desk.whisper(asked, "Thank you; that is noted." if counted else "That answer is too old to be voted on.")


async def _mark_answered(desk: Desk, asked: Asked, body: Mapping[str, Any], said: Said) -> None:
    """Take the buttons away; a courtesy, so that failing at it changes nothing."""
    try:
        if body.get("ephemeral") or not body.get("ts"):
            await desk.slack.respond(asked.response_url, said, replace=True)
        else:
            await desk.slack.update(asked.channel, str(body["ts"]), said)
    except (Unavailable, NotInChannel, Gone):
        return
