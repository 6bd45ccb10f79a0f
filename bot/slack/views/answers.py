"""Everything else that comes back through the door: questions, refusals, failures, decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.nl.interpretation import ChannelKind
from bot.slack.views.blocks import Block, actions, button, feedback, fitted, menu, section, small_words, words
from bot.slack.views.report import report_blocks, report_text, reports_blocks
from bot.slack.views.text import code, plain, safe
from bot.usecases.answers import Answered, Clarify, Decided, Explained, Failed, Refused
from bot.usecases.card import Card
from bot.usecases.understood import Understood
from skills.core.report import Chart

CONTINUE = "continue"
POST_CARD = "post_card"
FEEDBACK = "feedback"
HELPFUL, UNHELPFUL = "helpful", "unhelpful"
_BUTTONS = 5
_NO_PICTURE = (
    "To see the chart as a picture, mention me in a channel or write to me directly: what only you see can have none."
)


@dataclass(frozen=True, kw_only=True)
class Said:
    """A message: its blocks, and the text that stands in for them in notifications and for screen readers."""

    text: str
    blocks: Sequence[Block]


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A PNG with its title, and the words for those who do not see it."""

    png: bytes
    title: str
    alt: str


def simple(text: str, *, typed: str = "") -> Said:
    """A paragraph, and below it what the person had typed."""
    return Said(text=plain(text, 1000), blocks=[words(text), *_typed(typed)])


def _typed(typed: str) -> list[Block]:
    return [small_words(f"You typed: “{typed}”", 1500)] if typed else []


def answered(
    answer: Answered,
    *,
    vote: str = "",
    where: ChannelKind = "command",
    private: bool = False,
    offers: Mapping[str, str] | None = None,
) -> Said:
    """The report; for a sentence also how it was taken, and what is thought of that. `vote` is the opaque id that those buttons carry,
    and `offers` are the values of buttons that make the report's offers. What is `private` is not followed by pictures.
    """
    taken = [small_words(line, 500)] if (line := _taken(answer.understood, where)) else []
    unseen = [small_words(_NO_PICTURE)] if private and any(isinstance(p, Chart) for p in answer.report.parts) else []
    blocks = report_blocks(answer.report, then=[*unseen, *taken, *opinion(vote)], offers=offers)
    return Said(text=report_text(answer.report), blocks=blocks)


def explained(answer: Explained, *, vote: str = "", offers: Mapping[str, str] | None = None) -> Said:
    """What was read, every report of it, and what was asked for that. A model's words stand in a message of their own (see `prose`)."""
    said = " ".join(each for each in (answer.text, answer.note) if each)
    reports = [source.report for source in answer.sources]
    blocks = reports_blocks(reports, then=[small_words(said, 1500), *opinion(vote)], offers=offers)
    return Said(text=plain(said, 1000), blocks=blocks)


def _taken(understood: Understood, where: ChannelKind) -> str:
    """“Understood: status checkout in production. Not right? Say for example “no, search”.”"""
    if not (understood.natural and understood.sentence):
        return ""
    if not understood.instead or where == "command":
        how = "Say it in other words."
    elif where == "direct":
        how = f"Say, for example, “{understood.instead}”."
    else:
        how = f"Mention me here with, for example, “{understood.instead}”."
    return f"Understood: {understood.sentence}. Not right? {how}"


def opinion(vote: str) -> list[Block]:
    """The thumbs below an answer, if there is a vote to be taken."""
    return [feedback(FEEDBACK, f"{vote}.{HELPFUL}", f"{vote}.{UNHELPFUL}")] if vote else []


def decided(answer: Decided) -> Said:
    card = answer.card
    return simple(f"{card.mark} {card.sentence}")


def refused(answer: Refused, *, typed: str = "") -> Said:
    return simple(f"🚫 {answer.text}", typed=typed)


def failed(answer: Failed, *, typed: str = "") -> Said:
    return simple(f"⚠️ {answer.text}", typed=typed)


def clarify(answer: Clarify, *, typed: str, question: str = "", vote: str = "") -> Said:
    """The question, what was typed, and a button for each completion, or a menu where they are many.

    `question` and `vote` are the opaque ids that the buttons carry.
    """
    blocks = [words(answer.text), *_typed(typed)]
    if answer.completions and question:
        offered = [(text, f"{question}.{n}") for n, text in enumerate(answer.completions)]
        if len(offered) > _BUTTONS:
            blocks.append(actions([menu("Which one?", CONTINUE, offered)]))
        else:
            blocks.append(actions([button(text, f"{CONTINUE}_{n}", value) for n, (text, value) in enumerate(offered)]))
    return Said(text=plain(answer.text, 1000), blocks=fitted([*blocks, *opinion(vote)]))


def continued(question: str, chosen: str, *, typed: str = "") -> Said:
    """What a question becomes once it was answered: what was typed stays."""
    chose = section(f"→ {code(chosen)}")
    return Said(text=plain(f"→ {chosen}", 500), blocks=[words(question, 1500), *_typed(typed), chose])


def not_here(card: Card, *, bot: str, typed: str) -> Said:
    """The proposal stands, and its card cannot be shown where it was asked for."""
    lines = [
        f"#{card.id} {safe(card.title, 300)} is stored, but I cannot show its card here: I am not in this channel.",
        f"Invite me (type {code(f'/invite @{bot}')}) and press the button, or decide it elsewhere: {code(f'approve {card.id}')}.",
    ]
    return Said(
        text=plain(f"#{card.id} is stored, but I am not in this channel. Invite me to show its card.", 500),
        blocks=[
            section("\n".join(lines)),
            *_typed(typed),
            actions([button("Post the card now", POST_CARD, card.handle, style="primary")]),
        ],
    )
