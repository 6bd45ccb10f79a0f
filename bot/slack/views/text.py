"""Words made fit for Slack: harmless, and short enough.

Slack reads control sequences out of text (`<!channel>`, `<@U…>`), so everything that did not come from this package passes through
`safe`, `code` or `plain` first.
"""

import re
from datetime import UTC, datetime, timedelta

MORE = "… (see Details)"
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C])
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_FORMATTING = str.maketrans({"*": "∗", "~": "∼", "`": "ˋ"})


def clean(text: str) -> str:
    """Without control characters, and without those that turn the direction of what follows."""
    return _CONTROL.sub(" ", text.translate(_BIDI))


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def clip(text: str, limit: int, *, more: str = "…") -> str:
    """At most `limit` characters, ending in `more` if some were cut."""
    return text if len(text) <= limit else text[: limit - len(more)].rstrip() + more


def escape(text: str) -> str:
    """The three characters that Slack wants escaped in mrkdwn."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe(text: str, limit: int = 1000) -> str:
    """Foreign words on one line of mrkdwn, without formatting of their own, `limit` characters when escaped."""
    return _escaped(one_line(text).translate(_FORMATTING), limit, more="…")


def code(text: str, limit: int = 300) -> str:
    """Foreign words as a code span."""
    return f"`{safe(text, limit) or ' '}`"


def code_lines(text: str, limit: int = 1200) -> str:
    """Foreign lines, each as a code span: unlike a code block, they wrap well on a phone. `limit` characters in all when escaped."""
    spans: list[str] = []
    for line in text.split("\n"):
        span = f"`{_escaped(clean(line).rstrip().replace('`', 'ˋ'), limit, more='…') or ' '}`"
        limit -= len(span) + 1
        if limit < len(MORE) + 2:
            return "\n".join([*spans, MORE])
        spans.append(span)
    return "\n".join(spans)


def _escaped(text: str, limit: int, *, more: str) -> str:
    """Escaped and then clipped, never in the middle of an entity."""
    escaped = escape(text[: limit + 1])
    if len(escaped) <= limit:
        return escaped
    return re.sub(r"&[a-z]{0,3}$", "", escaped[: limit - len(more)]).rstrip() + more


def plain(text: str, limit: int) -> str:
    """Foreign words for a `plain_text` object, where nothing is read as markup and nothing is escaped."""
    return clip(one_line(text).replace("<", "‹").replace(">", "›"), limit) or "…"


def mention(user_id: str) -> str:
    """A mention of an account; anything that is not the id of one stays words."""
    return f"<@{user_id}>" if re.fullmatch(r"[UW][A-Z0-9]{2,20}", user_id) else safe(user_id, 40)


def at(moment: datetime) -> str:
    """A moment in each reader's own time zone, with UTC for those who cannot be told theirs."""
    return f"<!date^{int(moment.timestamp())}^{{time}}|{moment.astimezone(UTC):%H:%M} UTC>"


def since(moment: datetime) -> str:
    """A moment of the past in each reader's own words, “today at 14:05 (3 hours ago)”; in UTC for those who cannot be told so."""
    stamp = int(moment.timestamp())
    return f"<!date^{stamp}^{{date_short_pretty}} at {{time}} ({{ago}})|{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC>"


def lasted(span: timedelta) -> str:
    """“42 s”, “3 min 5 s”, “2 h 1 min”."""
    seconds = round(span.total_seconds())
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def unslacked(text: str) -> str:
    """What a person typed, out of what Slack made of it: links and entities back to words, mentions of the bot's kind kept."""
    words = re.sub(r"<(?:https?|mailto|tel):[^|>]*\|([^>]*)>", r"\1", text)
    words = re.sub(r"<((?:https?|mailto|tel):[^>]*)>", r"\1", words)
    words = re.sub(r"<#[A-Z0-9]+\|([^>]*)>", r"#\1", words)
    words = words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return words.replace("\u00a0", " ").strip()
