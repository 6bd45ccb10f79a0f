"""LangChain's agent: model, tools, model, tools, until the model has nothing more to call.

Imported when the first question comes, because LangChain is a second and 90 MB. The loop is LangChain's; what leaves and what is carried out is
ours: every call of the model passes `talk.send`, and every call of a tool passes `talk.use`, which alone decides what it means.
"""

import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.prebuilt.tool_node import ToolCallRequest
from langsmith.run_helpers import tracing_context

from bot.nl.model.agent import Talk
from bot.nl.model.chat import Call, Reply, Trouble

_MOST_CALLS = 8
"""Of one answer; a model that wants more at once is told about these first."""

Streamed = Callable[..., Awaitable[Reply]]


async def converse(talk: Talk, model: BaseChatModel, streamed: Streamed) -> None:
    """Go on until the model has nothing more to call. `streamed` asks the model, as `LangChainChat.streamed` does."""
    gate = _Gate(talk, streamed)
    agent = create_agent(model, tools=[dict(each) for each in talk.tools], system_prompt=talk.system, middleware=[gate])
    begun: list[Any] = [HumanMessage(talk.question)]
    if talk.begun:
        message = gate.calling([call for call, _ in talk.begun])
        begun += [message, *_results(message, [text for _, text in talk.begun])]
    with tracing_context(enabled=False):
        await agent.ainvoke({"messages": begun})


class _Gate(AgentMiddleware[Any, Any, Any]):
    """Stands between the loop and everything that it would do."""

    def __init__(self, talk: Talk, streamed: Streamed) -> None:
        super().__init__()
        self._talk = talk
        self._streamed = streamed
        self._calls: dict[str, Call] = {}
        self._numbers = itertools.count(1)
        self._sent = 0

    def calling(self, calls: Sequence[Call], words: str = "") -> AIMessage:
        """What the model said, with ids of our own: those of a model may be missing, or the same twice."""
        named = {f"call_{next(self._numbers)}": call for call in calls[:_MOST_CALLS]}
        self._calls |= named
        made = [{"name": call.name, "args": dict(call.arguments or {}), "id": id} for id, call in named.items()]
        return AIMessage(content=words, tool_calls=made)

    async def awrap_model_call(self, request: ModelRequest[Any], handler: Any) -> ModelResponse[Any]:
        """Ask the model, and offer it no tools if it may not be asked again. LangChain's own way of asking is not taken."""
        tools = [] if self._talk.last() else list(self._talk.tools)
        messages = [request.system_message, *request.messages]
        fresh, self._sent = request.messages[self._sent :], len(request.messages)
        size = sum(len(str(each.content)) for each in messages if each) + sum(len(str(each)) for each in tools)
        reply = await self._talk.send(_worth_keeping(fresh), size, lambda: self._asked(messages, tools))
        return ModelResponse(result=[self.calling(reply.calls, reply.text)])

    async def awrap_tool_call(self, request: ToolCallRequest, handler: Any) -> ToolMessage:
        """Have a call carried out by whoever knows what it may do; LangChain's tools are descriptions only."""
        id = str(request.tool_call["id"])
        text = await self._talk.use(self._calls[id])
        return ToolMessage(content=text, tool_call_id=id, name=request.tool_call["name"])

    async def _asked(self, messages: Sequence[Any], tools: Sequence[Any]) -> Reply:
        heard = False

        async def hear(words: str) -> None:
            nonlocal heard
            heard = True
            await self._talk.hear(words)

        try:
            return await self._streamed(messages, tools, most_tokens=self._talk.answer_tokens, hear=hear)
        except Trouble as trouble:
            trouble.heard = heard
            raise


def _results(message: AIMessage, texts: Sequence[str]) -> list[AnyMessage]:
    return [
        ToolMessage(content=text, tool_call_id=str(call["id"]), name=call["name"])
        for call, text in zip(message.tool_calls, texts, strict=False)
    ]


def _worth_keeping(messages: Sequence[AnyMessage]) -> str:
    """What leaves for the first time with this call, for `countersign model last`: the question, and what was read."""
    return "\n".join(
        f"{each.name}: {each.content}" if isinstance(each, ToolMessage) else str(each.content)
        for each in messages
        if not isinstance(each, AIMessage)
    )
