"""What Slack can say no with, in our words. Slack's own error codes stay in the log."""

from skills.core.errors import Anticipated, NotAllowed, Unavailable


class NotInChannel(NotAllowed):
    """The bot is not a member of the channel, or the channel is not one that it can see."""


class TooLate(NotAllowed):
    """Slack gives three seconds to open a window after a click; they were over."""


class Gone(NotAllowed):
    """The message is not there any more."""


class StreamOver(NotAllowed):
    """The message takes no more: its stream was ended, by us, by the person, or by Slack after some minutes."""


class Unsendable(Anticipated):
    """Slack would not take this message as it is built: a bug here, which sending it again does not mend."""


class Limited(Unavailable):
    """Slack asks for fewer calls; `retry_after` is in seconds."""

    def __init__(self, text: str, *, retry_after: float) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class Stranger(NotAllowed):
    """A Slack account that nobody here is linked to, or whose owner may not ask for anything."""
