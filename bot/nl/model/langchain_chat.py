"""A `Chat` by way of LangChain, for OpenAI-compatible services and whatever else `init_chat_model` knows.

LangChain takes a second and 90 MB to import, so it is imported when it is first needed, in a thread. Its tracing is switched off: what
is sent goes to the model and to nobody else.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import structlog

from bot.nl.model.agent import Talk
from bot.nl.model.chat import Ask, Call, Reply, Trouble, Why

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_LONGEST_TOKEN = 6
"""Characters, on average. A service that goes on longer than it was told to is cut off, and not paid for more than was set aside."""

log = structlog.get_logger()


def connect(
    name: str,
    *,
    base_url: str,
    key: str,
    seconds: float,
    answer_tokens: int,
    temperature: float | None,
) -> Callable[[], "BaseChatModel"]:
    """How to make the model. `name` may begin with a provider of LangChain's and a colon; without, it is an OpenAI-compatible one."""

    def make() -> "BaseChatModel":
        from langchain.chat_models import init_chat_model  # noqa: PLC0415 - a second, and 90 MB

        provider, colon, model = name.partition(":")
        provider, model = (provider, model) if colon and provider.replace("_", "").isalpha() else ("openai", name)
        options: dict[str, Any] = {"timeout": seconds, "max_retries": 0, "max_tokens": answer_tokens}
        if provider == "openai":
            from openai import Timeout  # noqa: PLC0415 - comes with langchain-openai

            # With a plain number, LangChain would share one client between event loops and never close it.
            options |= {"stream_usage": True, "timeout": Timeout(seconds)}
        if temperature is not None:
            options["temperature"] = temperature
        if base_url:
            options["base_url"] = base_url
        # A service of one's own may want no key; the client insists on some.
        options["api_key"] = key or "none"
        made: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
        return made

    return make


class LangChainChat:
    """A model that is made on first use. `make` may take its time and may raise `ImportError`."""

    def __init__(self, make: Callable[[], "BaseChatModel"]) -> None:
        self._make = make
        self._model: BaseChatModel | None = None

    async def reply(self, ask: Ask, *, most_tokens: int) -> Reply:
        """The reply; see `Chat`."""
        said = [("system", ask.system), ("human", ask.user)]
        return await self.streamed(said, ask.tools, most_tokens=most_tokens)

    async def streamed(
        self,
        messages: Sequence[Any],
        tools: Sequence[Mapping[str, Any]],
        *,
        most_tokens: int,
        hear: Callable[[str], Awaitable[None]] | None = None,
    ) -> Reply:
        """The reply to messages of LangChain's. It is streamed, so that an endless one can be cut off, and `hear` gets words as they come.

        Raises `Trouble`, and what `hear` raises as one.
        """
        try:
            return await _streamed(await self.model(), messages, tools, most_tokens, hear)
        except Trouble:
            raise
        except ImportError:
            raise Trouble(Why.MISSING, detail="install countersign[model]") from None
        except Exception as error:  # noqa: BLE001 - a vendor's client lets anything through, a bare JSONDecodeError for one
            log.info("model failed", error=type(error).__name__)
            raise _trouble(error) from None

    async def model(self) -> "BaseChatModel":
        """LangChain's model, made on the first call. Raises whatever making it raises."""
        if self._model is None:
            self._model = await asyncio.to_thread(self._make)
        return self._model

    async def converse(self, talk: Talk) -> None:
        """Go on between calls and what came back for them; see `Talker`."""
        try:
            model = await self.model()
            converse = await asyncio.to_thread(_loop)
            await converse(talk, model, self.streamed)
        except Trouble:
            raise
        except ImportError:
            raise Trouble(Why.MISSING, detail="install countersign[model]") from None
        except Exception as error:  # noqa: BLE001 - as above, and a graph's own errors besides
            log.info("agent failed", error=type(error).__name__)
            raise _trouble(error) from None

    async def close(self) -> None:
        """Let go of connections, where the model has a client of OpenAI's."""
        client = getattr(self._model, "root_async_client", None)
        self._model = None
        if client is not None:
            await client.close()


def _loop() -> Callable[..., Awaitable[None]]:
    from bot.nl.model.langchain_agent import converse  # noqa: PLC0415 - imports LangChain's agents

    return converse


async def _streamed(
    model: "BaseChatModel",
    messages: Sequence[Any],
    tools: Sequence[Mapping[str, Any]],
    most_tokens: int,
    hear: Callable[[str], Awaitable[None]] | None,
) -> Reply:
    from langsmith.run_helpers import tracing_context  # noqa: PLC0415 - part of LangChain

    bound = model.bind_tools([dict(each) for each in tools]) if tools else model
    whole: Any = None
    size = count = 0
    with tracing_context(enabled=False):
        pieces = bound.astream(list(messages))
        async for chunk in pieces:
            size, count = size + _size(chunk), count + 1
            if size > most_tokens * _LONGEST_TOKEN or count > most_tokens * _LONGEST_TOKEN:
                await pieces.aclose()  # type: ignore[attr-defined]  # it is a generator
                raise Trouble(Why.GARBAGE, detail="far too long")
            whole = chunk if whole is None else whole + chunk
            if hear and (words := str(chunk.text)):
                await hear(words)
    if whole is None:
        raise Trouble(Why.GARBAGE)
    return _reply(whole, size)


def _size(chunk: Any) -> int:
    """Characters of one piece, arguments of calls included."""
    calls = getattr(chunk, "tool_call_chunks", None) or getattr(chunk, "tool_calls", None) or ()
    return len(str(chunk.content)) + sum(
        len(str(call.get("args") or "")) + len(str(call.get("name") or "")) for call in calls
    )


def _reply(whole: Any, size: int) -> Reply:
    usage: Mapping[str, Any] = whole.usage_metadata or {}
    # LangChain mends arguments that were cut off; a request that lost its second half is not the request.
    called = getattr(whole, "tool_call_chunks", None) or [*whole.tool_calls, *whole.invalid_tool_calls]
    return Reply(
        calls=tuple(Call(name=str(call.get("name") or ""), arguments=_arguments(call.get("args"))) for call in called),
        text=str(whole.text),
        size=size,
        tokens_in=_count(usage.get("input_tokens")),
        tokens_out=_count(usage.get("output_tokens")),
    )


def _arguments(args: Any) -> Mapping[str, Any] | None:
    """The arguments, if they are one whole JSON object; none given is an empty one."""
    if isinstance(args, str):
        try:
            args = json.loads(args or "{}")
        except (ValueError, RecursionError):
            return None
    return args if isinstance(args, Mapping) and all(isinstance(name, str) for name in args) else None


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _trouble(error: Exception) -> Trouble:
    """What went wrong, told by what the error is like: these clients have no common kind of error."""
    status = getattr(error, "status_code", None)
    if isinstance(error, TimeoutError) or "Timeout" in type(error).__name__:
        return Trouble(Why.SLOW)
    if status == 429:
        return Trouble(Why.BUSY, after=_after(error))
    if isinstance(status, int):
        return Trouble(Why.GONE if status >= 500 else Why.REFUSED, detail=f"HTTP {status}")
    if isinstance(error, OSError) or any(word in type(error).__name__ for word in ("Connect", "Protocol", "Network")):
        return Trouble(Why.GONE)
    return Trouble(Why.GARBAGE)


def _after(error: Exception) -> float:
    """Seconds that the service asked for; 0 where it did not say."""
    headers: Mapping[str, str] = getattr(getattr(error, "response", None), "headers", {})
    try:
        return max(float(headers.get("retry-after", 0)), 0.0)
    except ValueError:
        return 0.0
