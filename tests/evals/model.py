"""How well a configured model reads requests, several times each: `make eval-model`, or `python -m tests.evals.model [TIMES]`.

One line of JSON for each request that was sent to the model, then one for each set: pass@1 (right in a run), pass^k (right in all of them),
tokens, cost and time. The names are the demo's, whatever the configuration says; its limits for one request count, those for people do not.
"""

import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import structlog

from bot.bootstrap import Settings
from bot.configuration import ConfigurationError, load
from bot.language_model import LanguageModel, limits_of, put_together
from bot.nl import Interpretation, Turn
from bot.nl.explaining import Inquiry
from bot.nl.model import Allowance, Sent
from tests.bench.figures import percentile
from tests.evals.routing import INTENTS, NOW, Judged, outside, own_rows
from tests.support.agents import USABLE, Listening, Looks
from tests.support.prose_rules import prose_complaints
from tests.support.words import catalog, skills

NO_MODEL = (
    "No model is configured: name one under model in organization.yaml of the folder that COUNTERSIGN_CONFIG names (config/ without it), and"
    " set COUNTERSIGN_MODEL_KEY."
)
SEVERAL = Path(__file__).parent / "several.jsonl"
_AT_ONCE = 4
_PLENTY = Allowance(calls_per_hour=10**9, tokens_per_day=10**15, money_per_day=10.0**9)
Answer = Callable[[LanguageModel, Mapping[str, Any], str], Awaitable[bool]]


@dataclass(kw_only=True)
class Tried:
    """One request and what came of each run of it."""

    text: str
    right: list[bool] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    tokens: int = 0
    money: float = 0.0
    calls: int = 0

    def to_json(self) -> dict[str, Any]:
        ms = [round(each * 1000) for each in self.seconds]
        return {"text": self.text, "right": self.right, "calls": self.calls, "tokens": self.tokens, "money": round(self.money, 6), "ms": ms}  # fmt: skip


async def own(model: LanguageModel, row: Mapping[str, Any], asker: str) -> bool:
    """Is one of our sentences read as its row says?"""
    thread = [Turn(**turn) for turn in row.get("thread", ())]
    thread = [replace(turn, who=asker) if turn.who == row.get("as", "") else turn for turn in thread]
    return Judged(row=row, found=await _read(model, row["text"], asker, thread), milliseconds=0).right


async def foreign(model: LanguageModel, row: Mapping[str, Any], asker: str) -> bool:
    """Is the skill what somebody guessed it to be, and nothing changed that was not asked for? Names there are not the demo's."""
    found = await _read(model, row["text"], asker, [])
    known = row["intent_guess"] in INTENTS
    if found.kind in ("change", "decision") and not (row["write"] and known):
        return False
    wanted = {"changes": "history"}.get(row["intent_guess"], row["intent_guess"])
    return found.skill == wanted if known and row["style"] == "natural" else True


async def several(model: LanguageModel, row: Mapping[str, Any], asker: str) -> bool:
    """Was everything read that the answer needs, and hardly more, and put into clean words?"""
    found, looks = await _read(model, row["text"], asker, []), Looks()
    if not found.reads:
        return False
    inquiry = Inquiry(text=row["text"], asker=asker, reads=found.reads, usable=USABLE, look=looks, listener=Listening())
    told = await model.agent.explain(inquiry)
    wanted = [(skill, params) for skill, params in row["reads"]]
    enough = all(
        any(skill == name and params.items() <= made.items() for name, made in looks.made) for skill, params in wanted
    )
    return enough and len(looks.made) <= len(wanted) + 2 and bool(told.prose) and not list(prose_complaints(told.prose))


async def _read(model: LanguageModel, text: str, asker: str, thread: Sequence[Turn]) -> Interpretation:
    return await model.interpreter.read(text, thread=thread, asker=asker, now=NOW)


async def judge(model: LanguageModel, rows: Sequence[Mapping[str, Any]], answer: Answer, times: int) -> list[Tried]:
    """Every row, `times` times. What does not leave the house comes out the same each time, and is tried once."""
    accounts: dict[str, Tried] = {}
    turn = asyncio.Semaphore(_AT_ONCE)

    def note(sent: Sent) -> None:
        if account := accounts.get(sent.asker):
            account.calls += 1
            account.tokens += sent.tokens_in + sent.tokens_out
            account.money += sent.money

    async def tried(number: int, row: Mapping[str, Any]) -> Tried:
        asker = f"asker-{number}"
        account = accounts[asker] = Tried(text=row["text"])
        async with turn:
            for _ in range(times):
                begun = time.perf_counter()
                account.right.append(await answer(model, row, asker))
                account.seconds.append(time.perf_counter() - begun)
                if not account.calls:
                    account.right *= times
                    break
        return account

    model.line.hears.append(note)
    try:
        return await asyncio.gather(*(tried(number, row) for number, row in enumerate(rows)))
    finally:
        model.line.hears.remove(note)


def figures(name: str, tried: Sequence[Tried], times: int) -> dict[str, Any]:
    """One set in numbers; tokens, money and time are of the requests that were sent to the model."""
    sent = [each for each in tried if each.calls]
    runs, ms = max(len(sent) * times, 1), [second * 1000 for each in sent for second in each.seconds]
    return {
        "set": name, "requests": len(tried), "sent": len(sent), "k": times,
        "pass@1": _share([right for each in tried for right in each.right]), "pass^k": _share([all(each.right) for each in tried]),
        "pass@1 of those sent": _share([right for each in sent for right in each.right]), "pass^k of those sent": _share([all(each.right) for each in sent]),
        "tokens per request": round(sum(each.tokens for each in sent) / runs), "money per request": round(sum(each.money for each in sent) / runs, 6),
        "p50 ms": round(percentile(ms, 0.5)) if ms else 0, "p99 ms": round(percentile(ms, 0.99)) if ms else 0,
    }  # fmt: skip


async def evaluate(model: LanguageModel, times: int) -> None:
    """Print everything."""
    several_rows = [json.loads(line) for line in SEVERAL.read_text(encoding="utf-8").splitlines()]
    sets: list[tuple[str, Sequence[Mapping[str, Any]], Answer]] = [
        ("own sentences", own_rows(), own),
        ("several reads", several_rows, several),
    ]
    if (requests := outside("requests.jsonl")) is not None:
        sets.append(("requests.jsonl", requests, foreign))
    summaries = []
    for name, rows, answer in sets:
        tried = await judge(model, rows, answer, times)
        for each in tried:
            if each.calls:
                print(json.dumps(each.to_json(), ensure_ascii=False), flush=True)
        summaries.append(figures(name, tried, times))
    for summary in summaries:
        print(json.dumps(summary), flush=True)
    await model.close()


def _share(right: Sequence[bool]) -> float:
    return round(sum(right) / len(right), 4) if right else 1.0


def main(arguments: Sequence[str]) -> int:
    """0, or 2 where there is nothing to evaluate."""
    times = int(arguments[0]) if arguments and arguments[0].isdecimal() and int(arguments[0]) else 3
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        settings = load(Settings.from_environ(os.environ).config, dict(os.environ)).model
    except ConfigurationError as mistakes:
        print(mistakes, file=sys.stderr)
        return 2
    if settings is None:
        print(NO_MODEL, file=sys.stderr)
        return 2
    limits = replace(limits_of(settings), person=_PLENTY, organization=_PLENTY)
    asyncio.run(evaluate(put_together(settings, skills(), catalog(), limits=limits), times))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
