"""The bot and the reference model, playing the same moves. Each step ends with both compared."""

import asyncio
import copy
import shutil
import tempfile
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot import bootstrap
from bot.configuration import Configuration, load
from bot.usecases.run import Runner
from integrations.memory.simulation import Simulation
from skills.core import registry
from skills.core.ports.workloads import Place, ReplicasEdit
from skills.core.proposal import Choice
from tests.support.boundaries import Boundaries
from tests.support.edited_policy import edit_policy
from tests.support.reference import PEOPLE, Asked, Model
from tests.support.worlds import CONFIG, Office, SlowTime, open_office

SERVICES = ("checkout", "web")
WATCH = "watch"
T = TypeVar("T")
people, services, picks = st.sampled_from(PEOPLE), st.sampled_from(SERVICES), st.integers(0, 99)
_WORDS = {Choice.APPROVE: "approve {}", Choice.REJECT: "reject {} not now", Choice.CANCEL: "cancel {}"}


class Killed(BaseException):
    """The process is gone."""


class Machine(RuleBasedStateMachine):
    """One world. `steps` counts the moves of all of them."""

    steps = 0

    @initialize()
    def begin(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="countersign-machine-"))
        self._config = emergencies_allowed(self._folder / "config")
        self._loop = asyncio.new_event_loop()
        self._time = SlowTime()
        self._requests: list[tuple[str, str, str]] = []
        self._counted: set[str] = set()
        self._open()
        replicas = {name: self._do(self._office.world.workloads.get(_place(name))).replicas for name in SERVICES}
        self._model = Model(replicas=replicas)
        self._effects = len(self._office.cluster.effects)

    @rule(
        who=people,
        service=services,
        replicas=st.integers(1, 4),
        then=st.sampled_from(["run", "wait", "die"]),
        at=st.integers(0, 30),
    )
    def ask_and_approve(self, who: str, service: str, replicas: int, then: str, at: int) -> None:
        """How most stories go."""
        before = len(self._model.asked)
        self.propose(who, service, replicas)
        if len(self._model.asked) > before:
            self.decide("lead" if who == "sre" else "sre", 0, Choice.APPROVE)
        if then == "run":
            self.run()
        elif then == "die":
            self.run_and_die(at)

    @rule(who=people, service=services, replicas=st.integers(1, 4))
    def propose(self, who: str, service: str, replicas: int) -> None:
        words = f"scale {service} to {replicas} in production"
        self._model.propose(who, service, replicas, self._time.now)
        self._say(who, words, key=f"request-{len(self._requests)}")

    @precondition(lambda self: self._model.asked)
    @rule(
        who=people, pick=picks, choice=st.sampled_from([Choice.APPROVE, Choice.APPROVE, Choice.REJECT, Choice.CANCEL])
    )
    def decide(self, who: str, pick: int, choice: Choice) -> None:
        number, asked = self._picked(pick)
        key = f"request-{len(self._requests)}"
        if self._model.decide(who, asked, choice, self._time.now):
            self._counted.add(key)
        self._say(who, _WORDS[choice].format(number), key=key)

    @precondition(lambda self: self._model.asked)
    @rule(who=st.sampled_from(["sre", "lead"]), pick=picks)
    def approve(self, who: str, pick: int) -> None:
        """What most words are."""
        self.decide(who, pick, Choice.APPROVE)

    @precondition(lambda self: self._requests)
    @rule(pick=picks)
    def deliver_again(self, pick: int) -> None:
        """Whatever was said is delivered again: what it did then, it does not do now; a word that did not count may count now."""
        who, words, key = self._requests[pick % len(self._requests)]
        if words.startswith("scale"):
            if self._do(self._office.world.store.proposal_by_request(key)):
                self._answer(who, words, key)
            return
        word, number = words.split()[:2]
        asked = self._model.asked[int(number) - 1]
        # A word that counted says nothing the second time: not even that it is too late by now.
        if key not in self._counted and self._model.says(who, asked, Choice(word), self._time.now, incident(words)):
            self._counted.add(key)
        self._answer(who, words, key)

    @rule(who=people, service=services)
    def lock(self, who: str, service: str) -> None:
        self._model.lock(who, service, self._time.now)
        self._do(self._office.say(who, f"lock {service} in production because of something"))

    @rule(who=people, service=services)
    def unlock(self, who: str, service: str) -> None:
        self._model.unlock(who, service, self._time.now)
        self._do(self._office.say(who, f"unlock {service} in production"))

    @precondition(lambda self: self._model.asked)
    @rule(who=people, pick=picks)
    def break_glass(self, who: str, pick: int) -> None:
        number, asked = self._picked(pick)
        key = f"request-{len(self._requests)}"
        if self._model.break_glass(who, asked, self._time.now, self._model.incidents):
            self._counted.add(key)
        self._say(who, f"break-glass {number} incident {self._model.incidents} because it is down", key=key)

    @rule(begins=st.booleans())
    def emergency(self, begins: bool) -> None:
        """An incident of nothing in particular begins, or is over. Whoever runs it takes no part in anything else."""
        if begins is self._model.emergency:
            return
        self._model.emergency = begins
        self._model.incidents += begins
        number = self._model.incidents
        words = f"incident declare trouble {number} sev3" if begins else f"incident resolve #{number} it went away"
        answer = self._do(self._office.say(WATCH, words))
        assert answer.text.startswith(f"Incident #{number} is declared" if begins else "Watch resolved it."), (
            answer.text
        )

    @rule(minutes=st.sampled_from([1, 1, 1, 2, 4, 6, 14]))
    def time_passes(self, minutes: int) -> None:
        self._time.pass_by(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        self._model.sweep(self._time.now)
        self._do(self._office.world.door.sweep())

    @rule()
    def run(self) -> None:
        self._run_all(self._office.runner())

    @rule(at=st.integers(0, 30))
    def run_and_die(self, at: int) -> None:
        """The process dies in the middle of whatever it runs, and another one goes on."""
        for number, asked in enumerate(self._model.asked, 1):
            self._model_runs(number, asked, at)

    @rule()
    def restart(self) -> None:
        self._do(self._stack.aclose())
        self._open()

    @rule(gone=st.sampled_from([(), (), (), ("dev",), ("sre",), ("lead",)]))
    def deactivate_or_bring_back(self, gone: tuple[str, ...]) -> None:
        self._model.inactive = set(gone)
        self._apply_organization()

    @rule(rules=st.sampled_from([(1, False), (1, False), (1, False), (2, False), (1, True)]))
    def edit_policy(self, rules: tuple[int, bool]) -> None:
        self._model.needs, self._model.frozen = rules

    @rule(service=services, replicas=st.integers(1, 4))
    def drift(self, service: str, replicas: int) -> None:
        if self._model.replicas[service] != replicas:
            edit = ReplicasEdit(before=self._model.replicas[service], after=replicas)
            workload = self._do(self._office.world.workloads.get(_place(service)))
            self._do(self._office.cluster.apply(_place(service), edit, uid=workload.uid))
            self._model.drift(service, replicas)
            self._do(self._time.sleep(30.0))

    @invariant()
    def both_agree(self) -> None:
        type(self).steps += 1
        found = sorted(self._do(self._office.world.store.proposals(limit=1000)), key=lambda each: each.id)
        assert [each.status for each in found] == [each.status for each in self._model.asked]
        assert len(self._office.cluster.effects) == self._model.effects

    def teardown(self) -> None:
        if hasattr(self, "_stack"):
            verified = self._do(self._office.world.store.audit.verify())
            self._do(self._stack.aclose())
            self._loop.close()
            shutil.rmtree(self._folder)
            assert verified.ok, verified.problem

    def _open(self) -> None:
        self._stack = AsyncExitStack()
        with hasty_restarts():
            opening = open_office(self._folder / "data", config=self._config, time=self._time)
            self._office: Office = self._do(self._stack.enter_async_context(opening))
        self._people = self._office.world.catalog.people
        edit_policy(self._office.world.policy, needs=lambda: self._model.needs, frozen=lambda: self._model.frozen)
        if hasattr(self, "_model"):
            self._apply_organization()

    def _apply_organization(self) -> None:
        """People as the model has them, as after reading an edited configuration; policy looks at the model by itself."""
        world, model = self._office.world, self._model
        world.catalog.people = tuple(
            replace(each, actor=replace(each.actor, active=each.actor.subject not in model.inactive))
            for each in self._people
        )

    def _run_all(self, runner: Runner) -> None:
        for number, asked in enumerate(self._model.asked, 1):
            self._model.run(asked, self._time.now)
            self._do(self._office.run(number, runner))

    def _model_runs(self, number: int, asked: Asked, at: int) -> None:
        def crossing(crossed: int, _name: str) -> None:
            if crossed >= at:
                raise Killed

        self._model.run(asked, self._time.now)
        boundaries = Boundaries(crossing)
        with pytest.MonkeyPatch.context() as patch:
            boundaries.watch(patch)
            try:
                self._do(self._office.run(number, self._office.runner(executor="doomed")))
            except Killed:
                patch.undo()
                self.restart()
                self._do(self._office.run(number, self._office.runner(executor="heir")))

    def _picked(self, pick: int) -> tuple[int, Asked]:
        """One of the latest, which are the ones that still wait."""
        number = max(1, len(self._model.asked) - pick % 4)
        return number, self._model.asked[number - 1]

    def _say(self, who: str, words: str, key: str) -> None:
        self._requests.append((who, words, key))
        self._answer(who, words, key)

    def _answer(self, who: str, words: str, key: str) -> None:
        self._do(self._office.say(who, words, key=key))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)


@contextmanager
def hasty_restarts() -> Iterator[None]:
    """Nothing on disk changes between the restarts of one machine, so what is read of files is read once; who is who is a copy for each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Simulation, "load", staticmethod(_simulation))
        patch.setattr(bootstrap, "load", _configuration)
        patch.setattr(bootstrap, "discover", _types)
        yield


_simulation = cache(Simulation.load)
_types = cache(registry.discover)


def _configuration(folder: Path, environ: Mapping[str, str], *, skills: Sequence[str]) -> Configuration:
    found = _read(folder, tuple(sorted(environ.items())), tuple(skills))
    return replace(found, catalog=copy.copy(found.catalog))


@lru_cache(maxsize=2)
def _read(folder: Path, environ: tuple[tuple[str, str], ...], skills: tuple[str, ...]) -> Configuration:
    return load(folder, dict(environ), skills=skills)


def emergencies_allowed(folder: Path) -> Path:
    """The shipped configuration with break-glass, and with somebody who runs incidents."""
    shutil.copytree(CONFIG, folder)
    with (folder / "organization.yaml").open("a") as organization:
        organization.write("\nbreak_glass: {roles: [sre, platform-lead]}\n")
    with (folder / "people.yaml").open("a") as people:
        people.write(f"\n- subject: {WATCH}\n  name: Watch\n  roles: [developer]\n")
    return folder


def incident(words: str) -> int:
    """The incident that glass was broken in, or 0."""
    found = words.split()
    return int(found[3]) if found[0] == Choice.BREAK_GLASS else 0


def _place(service: str) -> Place:
    return Place(environment="production", namespace="production", name=service)
