"""What stands in while an answer is made: what is being done, and a button to stop it."""

from bot.slack.views.answers import Said
from bot.slack.views.blocks import actions, button, small_words
from bot.slack.views.text import plain

STOP = "stop"
PHRASES = ("Working on it…", "Still working on it…", "Looking changes nothing…")
"""What Slack shows by turns in a direct conversation; true of everything that takes a while."""


def waiting(what: str, *, stop: str = "") -> Said:
    """`what` is a phrase of ours, “asking status of checkout”, and `stop` the opaque name that the button carries, if there is one."""
    shown = plain(f"⏳ {what or 'thinking'}…", 300)
    buttons = [actions([button("Stop", STOP, stop)])] if stop else []
    return Said(text=shown, blocks=[small_words(shown), *buttons])
