"""The twin of a pager: levels of people, pages by key, and who answered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from skills.core.errors import NotAllowed, Unavailable, UnknownName
from skills.core.names import ServiceName, Subject
from skills.core.ports.pager import Called, Page, Paged, PageState, Responder, Rota, Shift


@dataclass(kw_only=True)
class MemoryPager:
    """Satisfies `OnCall` and `Pager`. `levels` are the people of each level, by service; `down` makes it not answer."""

    levels: Mapping[str, Sequence[Sequence[Subject]]]
    clock: Callable[[], datetime]
    down: bool = False
    pages: dict[str, Paged] = field(default_factory=dict)

    async def rota(self, service: ServiceName, *, at: datetime) -> Rota:
        self._check()
        levels = self.levels.get(service)
        if levels is None:
            raise NotAllowed(f"Nobody is on call for {service}.")
        now = tuple(
            Shift(responder=_responder(each), start=None, end=None, level=number)
            for number, people in enumerate(levels, 1)
            for each in people
        )
        return Rota(service=service, escalation=str(service), now=now)

    async def covered(self) -> Sequence[ServiceName]:
        self._check()
        return sorted(map(ServiceName, self.levels))

    async def page(self, page: Page) -> Paged:
        self._check()
        if page.key not in self.pages:
            self.pages[page.key] = Paged(
                key=page.key,
                state=PageState.TRIGGERED,
                number=len(self.pages) + 1,
                service=page.service,
                summary=page.summary,
                opened_at=self.clock(),
                called=self._called(page),
            )
        return self.pages[page.key]

    async def acknowledge(self, key: str, *, by: Subject) -> Paged:
        page = self._there(key)
        if page.state is PageState.TRIGGERED:
            page = replace(page, state=PageState.ACKNOWLEDGED, acknowledged_by=(_responder(by),))
            self.pages[key] = page
        return page

    async def resolve(self, key: str, *, by: Subject | None) -> Paged:
        self.pages[key] = replace(self._there(key), state=PageState.RESOLVED)
        return self.pages[key]

    async def look(self, key: str) -> Paged | None:
        self._check()
        return self.pages.get(key)

    def _called(self, page: Page) -> tuple[Called, ...]:
        people = page.subjects or tuple(next((each for each in self.levels.get(page.service, ()) if each), ()))
        if not people:
            raise NotAllowed(f"Nobody is on call for {page.service}.")
        return tuple(Called(responder=_responder(each), step=0, level=1, at=self.clock()) for each in people)

    def _there(self, key: str) -> Paged:
        self._check()
        if key not in self.pages:
            raise UnknownName("page", key)
        return self.pages[key]

    def _check(self) -> None:
        if self.down:
            raise Unavailable("The pager does not answer.")


def _responder(subject: Subject) -> Responder:
    return Responder(name=subject, subject=subject)
