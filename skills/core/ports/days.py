"""What skills need to know about the present where an answer depends on it: which day it is where the organization is."""

from datetime import date, datetime, tzinfo
from typing import Protocol


class Days(Protocol):
    """The calendar of the organization."""

    @property
    def zone(self) -> tzinfo:
        """The time zone that its days are of."""

    def now(self) -> datetime:
        """The moment, in UTC."""

    def today(self) -> date:
        """The day that is not over."""
