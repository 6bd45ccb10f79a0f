"""Evaluates one bundle in this process, on a thread of its own and within a limit of time.

The engine is C++ and cannot be interrupted. What does not come to an end in time is left behind on its thread, and until that ends every
further question is answered with the same refusal: one runaway evaluation costs one core, never the event loop, and never allows anything.
"""

import asyncio
import json
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from integrations.rego.check import Fault, check
from integrations.rego.complaints import message, of_compiler
from skills.core.canonical import Json
from skills.core.ports.rego import QUERY, Evaluation, Undecided

if TYPE_CHECKING:
    from regopy import Bundle, Interpreter

SECONDS = 2.0
"""For one evaluation. It takes a millisecond or two."""

_LOADING_SECONDS = 20.0
T = TypeVar("T")


class RegoEngine:
    """`modules` by file name, `data` as one JSON object. `shipped` are the files whose names nobody else may define."""

    def __init__(
        self,
        modules: Mapping[str, str],
        data: Mapping[str, Json],
        *,
        fingerprint: str,
        shipped: Collection[str] = (),
        fields: Collection[str] = (),
        seconds: float = SECONDS,
    ) -> None:
        self._modules = dict(modules)
        self._data = data
        self.fingerprint = fingerprint
        self._shipped = frozenset(shipped)
        self._fields = frozenset(fields)
        self._seconds = seconds
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._loaded: _Loaded | None = None

    async def faults(self) -> tuple[Fault, ...]:
        """Every mistake in the files; a bundle that has one decides nothing. Raises `Undecided` if looking takes too long."""
        return (await self._ready()).faults

    async def evaluate(self, facts: Mapping[str, Json]) -> Evaluation:
        """The decision on these facts. Raises `Undecided`."""
        loaded = await self._ready()
        if loaded.faults:
            more = f" There are {len(loaded.faults) - 1} more." if len(loaded.faults) > 1 else ""
            raise Undecided(f"The policies have a mistake: {loaded.faults[0]}{more}")
        text = json.dumps(facts)
        value = await self._call(lambda: loaded.value(QUERY, text), self._seconds)
        return Evaluation(value=value, bundle=self.fingerprint)

    def close(self) -> None:
        """Let the thread end once it has nothing left to do."""
        self._work.put(None)

    async def _ready(self) -> "_Loaded":
        if self._loaded is None:
            self._loaded = await self._call(self._load, _LOADING_SECONDS)
        return self._loaded

    def _load(self) -> "_Loaded":
        return self._loaded or load(self._modules, self._data, shipped=self._shipped, fields=self._fields)

    async def _call(self, call: Callable[[], T], seconds: float) -> T:
        if self._thread is None:
            self._thread = threading.Thread(target=self._serve, name="rego", daemon=True)
            self._thread.start()
        future: Future[T] = Future()
        self._work.put((call, future))
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), seconds)
        except TimeoutError:
            raise Undecided(f"The policies did not come to an end within {seconds:g} seconds.") from None

    def _serve(self) -> None:
        while work := self._work.get():
            call, future = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - whoever waits gets it; this thread only carries it over
                future.set_exception(error)


class _Loaded:
    """A bundle that was compiled, with what is wrong with it. Belongs to one thread."""

    def __init__(self, interpreter: "Interpreter", bundle: "Bundle | None", faults: tuple[Fault, ...]) -> None:
        self._interpreter = interpreter
        self._bundle = bundle
        self.faults = faults

    def value(self, entry: str, facts: str) -> object:
        """What the rule called `entry` is worth. Raises `Undecided`."""
        assert self._bundle is not None
        self._interpreter.set_input_term(facts)
        try:
            output = self._interpreter.query_bundle_entrypoint(self._bundle, entry)
        except ValueError:
            # regopy reads every answer as JSON, and a recursion or an unknown function is told in another notation.
            raise Undecided("The policies could not be evaluated: a rule refers to itself or to nothing.") from None
        if not output.ok():
            raise Undecided(f"The policies could not be evaluated: {message(output)}.")
        found = str(output)
        if found == "undefined":
            raise Undecided("The policies gave no answer.")
        return json.loads(found)["expressions"][0]


def load(
    modules: Mapping[str, str],
    data: Mapping[str, Json],
    *,
    entries: Collection[str] = (QUERY,),
    shipped: Collection[str] = (),
    fields: Collection[str] = (),
    checked: bool = False,
) -> _Loaded:
    """Compile; about 20 ms, and 60 ms more for the first in a process. `checked` says that the names have been looked up already."""
    from regopy import Interpreter, LogLevel, RegoError  # noqa: PLC0415 - 14 MB that a process without a question does without

    interpreter = Interpreter()
    interpreter.log_level = LogLevel.NONE
    # A builtin that fails is an error and not merely undefined, so that a rule that denies cannot be switched off by odd facts.
    interpreter.strict_built_in_errors = True
    faults = () if checked else check(modules, shipped=shipped, fields=fields, is_builtin=interpreter.is_builtin)
    if faults:
        return _Loaded(interpreter, None, faults)
    try:
        interpreter.add_data(data)
        for file, source in modules.items():
            interpreter.add_module(file, source)
        bundle = interpreter.build(None, list(entries))
    except RegoError as error:
        return _Loaded(interpreter, None, of_compiler(str(error), modules))
    return _Loaded(interpreter, bundle, ())
