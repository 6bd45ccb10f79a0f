"""What incidents need, put together."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from bot.store import Store
from bot.usecases.ask import Ask
from bot.usecases.incident_book import Book
from bot.usecases.war_room import WarRoom
from skills.core.ports.incidents import IncidentBook, Incidents
from skills.core.ports.pager import Pager
from skills.core.ports.rooms import Boards, Rooms

if TYPE_CHECKING:
    from bot.bootstrap import World


def incident_ports(store: Store, *, clock: Callable[[], datetime]) -> dict[Any, object]:
    """The ports of `skills/` about incidents: one book, read or written."""
    book = Book(store, clock)
    return {Incidents: book, IncidentBook: book}


@runtime_checkable
class Chat(Protocol):
    """An edge that has rooms, and boards in them."""

    @property
    def rooms(self) -> Rooms: ...
    @property
    def boards(self) -> Boards: ...


def war_room_beside(world: "World", edge: object) -> WarRoom:
    """What looks after incidents, with the rooms of this edge if it has any."""
    if isinstance(edge, Chat):
        return make_war_room(world, rooms=edge.rooms, boards=edge.boards)
    return make_war_room(world)


def make_war_room(
    world: "World", *, rooms: Rooms | None = None, boards: Boards | None = None, pager: Pager | None = None
) -> WarRoom:
    """What looks after incidents: with a chat where there is one, and the world's own pager if no other is given."""
    return WarRoom(
        store=world.store,
        skills=world.skills,
        catalog=world.catalog,
        ask=Ask(catalog=world.catalog, policy=world.policy, clock=world.clock),
        clock=world.clock,
        executor=world.executor,
        zone=world.configuration.organization.timezone,
        rooms=rooms,
        boards=boards,
        pager=pager or world.standby.paging,
        quiet=world.configuration.duty.quiet,
    )
