"""How much a model may be used: per request, per person and by everybody together. Counted in this process.

What a call may cost at most is set aside before it goes out and corrected when it is over, so that calls at the same time cannot
overdraw. Money is in millionths of whatever unit the price is in, which makes a price per million tokens a price per token.
"""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.nl.model.chat import Trouble, Why

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
_MOST_PEOPLE = 10_000


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """What somebody, or everybody, may use. `money` is in the unit of the price."""

    calls_per_hour: int
    tokens_per_day: int
    money_per_day: float


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What one request may use: `calls` counts tries, `tokens` those of all of them, asked and answered, and `answer_tokens` of one answer.

    `money` is in the unit of the price.
    """

    calls: int
    tokens: int
    answer_tokens: int
    money: float


@dataclass(frozen=True, kw_only=True)
class Limits:
    """All of them. `reading` is for understanding a request, `answering` for answering one that needs several reads."""

    reading: Bounds = Bounds(calls=2, tokens=24_000, answer_tokens=400, money=0.25)
    answering: Bounds = Bounds(calls=6, tokens=30_000, answer_tokens=700, money=0.25)
    person: Allowance = Allowance(calls_per_hour=60, tokens_per_day=300_000, money_per_day=2.0)
    organization: Allowance = Allowance(calls_per_hour=1_000, tokens_per_day=5_000_000, money_per_day=25.0)


@dataclass(frozen=True, kw_only=True)
class Price:
    """What a million tokens cost, asked and answered; 0 where a model costs nothing, and money then limits nothing."""

    asked: float = 0.0
    answered: float = 0.0

    def micros(self, asked: int, answered: int) -> int:
        """Millionths, rounded up."""
        return math.ceil(asked * self.asked + answered * self.answered)


@dataclass(frozen=True, kw_only=True)
class Used:
    """What the organization has used and may use: calls within the hour, tokens and money (in units) within the day."""

    calls: int
    tokens: int
    money: float
    allowed: Allowance


@dataclass(kw_only=True)
class Held:
    """What one call has set aside, and then what it took."""

    at: datetime
    asked: int
    answered: int
    micros: int

    @property
    def tokens(self) -> int:
        return self.asked + self.answered


@dataclass(kw_only=True)
class Budget:
    """One request's share. Every try draws on it."""

    bounds: Bounds
    tries: list[Held] = field(default_factory=list)

    @property
    def calls_left(self) -> int:
        """How many more tries there may be."""
        return self.bounds.calls - len(self.tries)

    def short_of(self, held: Held) -> str:
        """What there would be too much of, or nothing."""
        if self.calls_left <= 0:
            return "calls in one request"
        if sum(each.tokens for each in self.tries) + held.tokens > self.bounds.tokens:
            return "tokens in one request"
        spent = sum(each.micros for each in self.tries) + held.micros
        return "money in one request" if spent > self.bounds.money * 1_000_000 else ""


@dataclass(kw_only=True)
class _Account:
    allowed: Allowance
    entries: deque[Held] = field(default_factory=deque)

    def prune(self, now: datetime) -> None:
        while self.entries and self.entries[0].at <= now - _DAY:
            self.entries.popleft()

    def calls(self, now: datetime) -> int:
        return sum(1 for each in self.entries if each.at > now - _HOUR)

    def short_of(self, held: Held) -> str:
        """What there would be too much of, or nothing."""
        if self.calls(held.at) >= self.allowed.calls_per_hour:
            return "calls in an hour"
        if sum(each.tokens for each in self.entries) + held.tokens > self.allowed.tokens_per_day:
            return "tokens in a day"
        spent = sum(each.micros for each in self.entries) + held.micros
        return "money in a day" if spent > self.allowed.money_per_day * 1_000_000 else ""


class Limiter:
    """Keeps the accounts. `clock` returns aware UTC."""

    def __init__(self, limits: Limits, price: Price, *, clock: Callable[[], datetime]) -> None:
        self.limits = limits
        self._price = price
        self._clock = clock
        self._everybody = _Account(allowed=limits.organization)
        self._people: dict[str, _Account] = {}

    def hold(self, person: str, size: int, budget: Budget) -> Held:
        """Set aside what a question of `size` characters may cost. Raises `Trouble` naming the limit that it would break."""
        now = self._clock()
        asked, answered = tokens_of(size), budget.bounds.answer_tokens
        held = Held(at=now, asked=asked, answered=answered, micros=self._price.micros(asked, answered))
        if short := budget.short_of(held):
            raise Trouble(Why.LIMIT, detail=short)
        mine = self._account(person, now)
        for account, whose in ((mine, "for you"), (self._everybody, "for everybody")):
            account.prune(now)
            if short := account.short_of(held):
                raise Trouble(Why.LIMIT, detail=f"{short}, {whose}")
        budget.tries.append(held)
        mine.entries.append(held)
        self._everybody.entries.append(held)
        return held

    def settle(self, held: Held, *, asked: int, answered: int) -> None:
        """Correct what was set aside. A model that reports nothing, or nonsense, is not believed to have used less than its text's length."""
        held.asked, held.answered = max(asked, 0), max(answered, 0)
        held.micros = self._price.micros(held.asked, held.answered)

    def used(self) -> Used:
        """What everybody has used."""
        now, account = self._clock(), self._everybody
        account.prune(now)
        return Used(
            calls=account.calls(now),
            tokens=sum(each.tokens for each in account.entries),
            money=sum(each.micros for each in account.entries) / 1_000_000,
            allowed=account.allowed,
        )

    def _account(self, person: str, now: datetime) -> _Account:
        if person not in self._people and len(self._people) >= _MOST_PEOPLE:
            for account in self._people.values():
                account.prune(now)
            self._people = {name: account for name, account in self._people.items() if account.entries}
        return self._people.setdefault(person, _Account(allowed=replace(self.limits.person)))


def tokens_of(size: int) -> int:
    """About how many tokens so many characters are: a token is seldom shorter than three."""
    return -(-size // 3)
