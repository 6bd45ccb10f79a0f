"""The line editor of a conversation in a terminal: history, completion, and room above for what happens meanwhile."""

from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout

Completions = Callable[[str], Iterable[str]]
"""From the line so far to the words that could stand in place of its last one."""


async def typed(prompt: Callable[[], str], completions: Completions, history: Path) -> AsyncIterator[str]:
    """Lines from a terminal. Whatever is printed while one is typed appears above the prompt.

    Ctrl-C empties the line; on an empty line, like Ctrl-D, it ends the conversation.
    """
    session: PromptSession[str] = PromptSession(history=_private(history), completer=_Words(completions))
    with patch_stdout(raw=True):
        while True:
            try:
                yield (await session.prompt_async([("ansicyan bold", prompt()), ("", " › ")])).strip()
            except KeyboardInterrupt:
                if not session.default_buffer.text:
                    return
            except EOFError:
                return


def _private(path: Path) -> FileHistory:
    """What was typed, in a file that only its owner can read."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    return FileHistory(str(path))


class _Words(Completer):
    """Completes the last word of the line."""

    def __init__(self, completions: Completions) -> None:
        self._completions = completions

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        line = document.text_before_cursor
        word = line.rsplit(" ", 1)[-1]
        for candidate in self._completions(line):
            yield Completion(candidate, start_position=-len(word))
