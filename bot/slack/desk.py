"""What the listeners have in common: a request goes to the door as a person, and its answer goes back to where it came from."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.nl.turns import Turn
from bot.slack.asked import Asked, Question
from bot.slack.client import Slack
from bot.slack.errors import NotInChannel, Stranger
from bot.slack.feedback import Feedback
from bot.slack.illustrations import Illustrations
from bot.slack.offers import Offers
from bot.slack.outbox import Outbox, Spot
from bot.slack.people import People
from bot.slack.projector import Projector
from bot.slack.streaming import prose_key
from bot.slack.thinking import Thinking, answer_key
from bot.slack.threads import Threads
from bot.slack.views import answers, prose
from bot.slack.views.answers import Said
from bot.store import Store
from bot.usecases.answers import (
    Answer,
    Answered,
    Clarify,
    Decided,
    Explained,
    Failed,
    Ignored,
    Proposed,
    Refused,
    Stopped,
)
from bot.usecases.door import Door
from bot.usecases.offers import reports_in
from skills.core.actor import Actor
from skills.core.errors import Unavailable
from skills.core.proposal import Choice
from skills.core.skill import Kind

log = structlog.get_logger()

_QUESTIONS_LAST = timedelta(minutes=15)


@dataclass(kw_only=True)
class Desk:
    """Everything a listener works with."""

    door: Door
    store: Store
    slack: Slack
    outbox: Outbox
    people: People
    projector: Projector
    threads: Threads
    feedback: Feedback
    offers: Offers
    illustrations: Illustrations
    thinking: Thinking
    clock: Callable[[], datetime]
    bot_name: str = "countersign"
    new_question: Callable[[], str] = field(default=lambda: secrets.token_urlsafe(12))

    async def ask(self, asked: Asked) -> None:
        """A request in words: ask the door, deliver the answer. Raises `Unavailable` if it has to be tried again."""
        earlier = await self.threads.earlier(asked)
        try:
            actor = await self._actor(asked, earlier)
        except Stranger as stranger:
            await self.reply(asked, answers.simple(f"🚫 {stranger}", typed=asked.typed))
            return
        except Unavailable as down:
            said = f"⚠️ I cannot ask Slack about your account right now, so nothing is changed. {down} Try again in a moment."
            await self.reply(asked, answers.simple(said, typed=asked.typed))
            return
        async with self.thinking.about(asked) as audience:
            answer = await self.door.request(
                actor,
                asked.text,
                origin=asked.origin,
                key=f"slack:{asked.key}",
                skill=asked.skill,
                thread=earlier,
                channel_kind=asked.kind,
                audience=audience,
            )
            await audience.hush()
            await self._keep(asked, actor, answer)
            await self._deliver(asked, actor, answer)

    async def decide(self, asked: Asked, handle: str, choice: Choice, *, reason: str = "") -> None:
        """A decision by button. Its success shows on the card; a refusal is told to whoever pressed."""
        origin = replace(asked.origin, words=reason)
        await self._decide(
            asked, lambda actor: self.door.decide(actor, handle, choice, reason=reason, origin=origin, key=asked.key)
        )

    async def break_glass(self, asked: Asked, handle: str, *, reason: str, incident: int | None) -> None:
        """The same for glass that is broken by a window."""
        origin, key = replace(asked.origin, words=reason), asked.key
        await self._decide(
            asked,
            lambda actor: self.door.break_glass(
                actor, handle, reason=reason, incident=incident, origin=origin, key=key
            ),
        )

    async def _decide(self, asked: Asked, decide: Callable[[Actor], Awaitable[Answer]]) -> None:
        try:
            actor = await self.people.vouched(asked.user)
        except (Stranger, Unavailable) as refused:
            await self.whisper(asked, f"🚫 {refused} Nothing was decided.")
            return
        answer = await decide(actor)
        if isinstance(answer, Decided):
            self.projector.wake()
        else:
            await self.reply(asked, answers.simple(f"🚫 {answer.text}", typed=asked.typed))

    async def whisper(self, asked: Asked, text: str) -> None:
        """Tell one person something about what they just did."""
        await self.reply(replace(asked, private=True), answers.simple(text))

    async def reply(self, asked: Asked, said: Said) -> None:
        """Answer: in the thread, once; or to the asker alone, by whichever way is still open."""
        if not asked.private:
            await self.outbox.post(answer_key(asked), Spot(channel=asked.channel, thread=asked.thread), said)
            return
        if asked.response_url:
            try:
                await self.slack.respond(asked.response_url, said)
            except NotInChannel:
                log.debug("a response address was used up")
            else:
                return
        try:
            await self.slack.whisper(asked.channel, asked.user, said, thread=asked.thread)
        except NotInChannel:
            await self.outbox.post(answer_key(asked), Spot(channel=asked.user), said)

    async def apologise(self, key: str, body: Mapping[str, Any], reference: str) -> None:
        """Tell whoever asked that something went wrong here. Nothing to tell where the delivery names no channel."""
        user, channel = str(body.get("user") or ""), str(body.get("channel") or "")
        if user and channel:
            typed = str(body.get("text") or "")
            asked = Asked(key=key, user=user, channel=channel, team="", text=typed, typed=typed, private=True)
            said = f"⚠️ Something went wrong on my side. Quote {reference} to an administrator."
            await self.reply(asked, answers.simple(said, typed=typed))

    async def recall(self, name: str) -> Question | None:
        """The question of this opaque name, while it is good."""
        kept = await self.store.recall(f"slack-question:{name}") if name else None
        return Question.from_json(kept) if isinstance(kept, Mapping) else None

    async def _actor(self, asked: Asked, earlier: Sequence[Turn]) -> Actor:
        """Who asks. While Slack cannot vouch for the account, reading goes on and nothing else does."""
        try:
            return await self.people.vouched(asked.user)
        except Unavailable:
            actor = self.people.linked(asked.user)
            kind = self.door.kind_of(asked.text, skill=asked.skill, thread=earlier, asker=actor.subject)
            if kind not in (None, Kind.QUERY):
                raise
            return actor

    async def _keep(self, asked: Asked, actor: Actor, answer: Answer) -> None:
        """Remember the turn, for those that follow in its thread."""
        if isinstance(answer, Ignored):
            return
        try:
            await self.threads.keep(asked, actor, answer.turn)
        except Unavailable as problem:
            # Whatever was asked for has been done or recorded; it is not done again for the sake of a memory.
            log.warning("a turn is not remembered", delivery=asked.key, problem=str(problem))

    async def _deliver(self, asked: Asked, actor: Actor, answer: Answer) -> None:
        match answer:
            case Proposed():
                await self._show(asked, actor, answer)
            case Decided():
                self.projector.wake()
                await self._tell_decision(asked, answer)
            case Answered():
                vote = await self.feedback.name(asked, answer.understood)
                offers = await self.offers.names(asked, actor, (answer.report,))
                await self.reply(
                    asked, answers.answered(answer, vote=vote, where=asked.kind, private=asked.private, offers=offers)
                )
                await self.illustrations.post(asked, (answer.report,))
            case Explained() | Stopped():
                await self._explain(asked, actor, answer)
            case Clarify():
                question = await self._remember(asked, answer) if answer.completions else ""
                vote = await self.feedback.name(asked, answer.understood)
                await self.reply(asked, answers.clarify(answer, typed=asked.typed, question=question, vote=vote))
            case Ignored() if answer.text:
                # Somebody named the bot and wants something that it cannot do: one honest sentence. Mere talk has no reaction.
                await self.reply(asked, answers.simple(answer.text))
            case Ignored():
                log.debug("talk that is no request", delivery=asked.key)
            case Refused():
                await self.reply(asked, answers.refused(answer, typed=asked.typed))
            case Failed():
                await self.reply(asked, answers.failed(answer, typed=asked.typed))

    async def _explain(self, asked: Asked, actor: Actor, answer: Explained | Stopped) -> None:
        if isinstance(answer, Stopped):
            await self.reply(asked, answers.simple(f"⏹ {answer.text}"))
            return
        vote = await self.feedback.name(asked, answer.understood)
        words, reports = answer.prose.text, reports_in(answer)
        offers = await self.offers.names(asked, actor, reports)
        await self.reply(asked, answers.explained(answer, vote="" if words else vote, offers=offers))
        if words:
            await self._quote(asked, prose.written(words, answer.prose.model, vote=vote))
        await self.illustrations.post(asked, reports)

    async def _quote(self, asked: Asked, said: Said) -> None:
        """A model's words, in a message of their own: the one in which they were shown as they came, if they were."""
        if asked.private:
            await self.reply(asked, said)
        else:
            await self.outbox.post(prose_key(asked), Spot(channel=asked.channel, thread=asked.thread), said)

    async def _show(self, asked: Asked, actor: Actor, answer: Proposed) -> None:
        try:
            await self.projector.show(answer.proposal.id)
            await self._begin_thread(asked, actor, answer)
            if answer.note:
                await self.reply(asked, answers.simple(answer.note))
        except NotInChannel:
            said = answers.not_here(answer.card, bot=self.bot_name, typed=asked.typed)
            await self.reply(replace(asked, private=True), said)

    async def _begin_thread(self, asked: Asked, actor: Actor, answer: Proposed) -> None:
        """The card of a slash command begins a thread of its own, in which the talk may go on."""
        card = await self.store.messages.get(f"card:{answer.proposal.id}") if not asked.thread else None
        if card and card.channel and card.ts:
            begun = replace(asked, channel=card.channel, thread=card.ts, kind="thread")
            await self.threads.keep(begun, actor, answer.turn)

    async def _tell_decision(self, asked: Asked, answer: Decided) -> None:
        try:
            await self.reply(asked, answers.decided(answer))
        except Unavailable as problem:
            # Asking the door once more would be told that it is decided already; the card says it anyway.
            log.warning("a decision was recorded and its answer not delivered", problem=str(problem))

    async def _remember(self, asked: Asked, answer: Clarify) -> str:
        name = self.new_question()
        question = Question(
            user=asked.user,
            text=answer.text,
            typed=asked.typed,
            thread=asked.thread,
            private=asked.private,
            kind=asked.kind,
            natural=asked.natural or answer.understood.natural,
            skill=asked.skill,
            completions=answer.completions,
        )
        await self.store.remember(f"slack-question:{name}", question.to_json(), self.clock() + _QUESTIONS_LAST)
        return name
