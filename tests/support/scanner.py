"""Looks at everything that any test sends to Slack, by whatever way: it has to keep Slack's rules and ours.

It stands around the one class through which Slack is called. What a model said in the course of a test is remembered, and may be found in
messages of its own only.
"""

import json
from collections.abc import Collection, Mapping
from typing import Any

import pytest

from bot.nl.model import agent
from bot.nl.model.prose import Cleanser
from bot.slack.client import Slack
from bot.slack.views.answers import Said
from tests.support.slack_rules import complaints, outgoing_complaints, quotes

_TELLING = 20
"""Characters: shorter words are anybody's."""


class Scanner:
    """What was found in one test."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.seen = 0
        self._models: set[str] = set()

    def heard(self, words: str) -> None:
        """A model said this."""
        self._models |= {line for line in words.splitlines() if len(line) >= _TELLING}

    def look(self, method: str, arguments: Mapping[str, Any]) -> None:
        """This is about to be sent."""
        self.seen += 1
        self.found += [
            f"{method}: {each}" for each in (*complaints(arguments), *outgoing_complaints(method, arguments))
        ]
        if not quotes(arguments):
            text = json.dumps(arguments, ensure_ascii=False)
            self.found += [f"{method}: a model's words among ours: {each}" for each in self._models if each in text]


def scanning(patch: pytest.MonkeyPatch) -> Scanner:
    """A scanner, in place until the patch is undone."""
    scanner = Scanner()
    once, respond = Slack._once, Slack.respond

    class Overheard(Cleanser):
        def end(self) -> str:
            rest = super().end()
            scanner.heard(self.said)
            return rest

    async def scanned(
        self: Slack, method: str, arguments: Mapping[str, Any], noes: Collection[str] = ()
    ) -> Mapping[str, Any]:
        scanner.look(method, arguments)
        return await once(self, method, arguments, noes)

    async def responded(self: Slack, url: str, said: Said, *, replace: bool = False) -> None:
        # Its unfurls are seen by the server that stands in for Slack.
        unfurls = {"unfurl_links": False, "unfurl_media": False}
        scanner.look("response_url", {"text": said.text, "blocks": list(said.blocks), **unfurls})
        await respond(self, url, said, replace=replace)

    patch.setattr(Slack, "_once", scanned)
    patch.setattr(Slack, "respond", responded)
    patch.setattr(agent, "Cleanser", Overheard)
    return scanner
