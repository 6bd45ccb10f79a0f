"""Who is asking: a person with a corporate subject, whichever door they came through."""

from dataclasses import dataclass, field

from skills.core.names import Organization, Subject


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person known to the organization.

    `active` is false for people who left; `guest` is true for people from outside. Neither may ask for
    or decide anything, whatever the policy files say.
    """

    subject: Subject
    name: str
    organization: Organization
    roles: frozenset[str] = field(default_factory=frozenset)
    teams: frozenset[str] = field(default_factory=frozenset)
    active: bool = True
    guest: bool = False

    def __str__(self) -> str:
        return self.name
