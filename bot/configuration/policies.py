"""policies/: rules and freezes, with every name in them checked against what exists."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from bot.configuration.checking import check, unknown
from bot.configuration.documents import Document
from bot.configuration.names import Claims
from bot.configuration.problems import Path, Problem
from bot.configuration.shapes import FreezeShape, PolicyShape, RuleShape, WhoShape
from skills.core.catalog import shown
from skills.core.names import Digest
from skills.core.plan import Risk
from skills.core.policy import Freeze, Rule, RulePolicy, Who


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """Every name that a policy may use. None means that such names are not known here and pass unchecked."""

    roles: Collection[str] | None
    teams: Collection[str] | None
    environments: Collection[str] | None
    services: Collection[str] | None
    skills: Collection[str] | None
    timezone: tzinfo


def policy(
    documents: Sequence[Document], vocabulary: Vocabulary, fingerprint: Digest, problems: list[Problem]
) -> RulePolicy:
    """All files together: every rule and freeze, in the order of file names."""
    rules: list[Rule] = []
    freezes: list[Freeze] = []
    names = Claims(kind="name", problems=problems)
    for document in documents:
        shape = check(document, PolicyShape, problems)
        if shape is None:
            continue
        for index, rule in enumerate(shape.rules):
            names.claim(rule.name, "another rule", document, ("rules", index, "name"))
            _Checked(document, ("rules", index), vocabulary, problems).rule(rule)
            rules.append(_rule(rule))
        for index, freeze in enumerate(shape.freezes):
            names.claim(freeze.name, "another rule or freeze", document, ("freezes", index, "name"))
            checked = _Checked(document, ("freezes", index), vocabulary, problems).freeze(freeze)
            freezes.extend([checked] if checked else [])
    return RulePolicy(rules=tuple(rules), freezes=tuple(freezes), fingerprint=fingerprint)


def time_zone(name: str) -> tzinfo | None:
    """The time zone of this IANA name, or None."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, LookupError):
        return None


@dataclass(frozen=True)
class _Checked:
    """One rule or freeze, and where it stands."""

    document: Document
    path: Path
    vocabulary: Vocabulary
    problems: list[Problem]

    def rule(self, rule: RuleShape) -> None:
        self._who("who", rule.who)
        self._who("approvers", rule.approvers)
        self._names("skill", rule.skills, self.vocabulary.skills, "skills")
        self._names("environment", rule.environments, self.vocabulary.environments, "environments")
        self._names("service", rule.services, self.vocabulary.services, "services")

    def freeze(self, freeze: FreezeShape) -> Freeze | None:
        self._names("environment", freeze.environments, self.vocabulary.environments, "environments")
        self._names("skill", freeze.except_skills, self.vocabulary.skills, "except")
        zone = time_zone(freeze.timezone) if freeze.timezone else self.vocabulary.timezone
        if zone is None:
            self._wrong(("timezone",), f"there is no time zone “{shown(freeze.timezone or '')}”.")
            return None
        start, end = self._time("from", freeze.start, zone), self._time("until", freeze.end, zone)
        if start is None or end is None:
            return None
        if end <= start:
            self._wrong(("until",), "should be later than from.")
            return None
        return Freeze(
            name=freeze.name,
            because=freeze.because,
            start=start,
            end=end,
            environments=tuple(freeze.environments),
            except_skills=tuple(freeze.except_skills),
        )

    def _who(self, key: str, who: WhoShape) -> None:
        self._names("role", who.roles, self.vocabulary.roles, key, "roles")
        self._names("team", who.teams, self.vocabulary.teams, key, "teams")

    def _names(self, kind: str, words: Sequence[str], known: Collection[str] | None, *path: str) -> None:
        for index, word in enumerate(words):
            if known is not None and word not in known:
                self._wrong((*path, index), unknown(kind, word, sorted(known)))

    def _time(self, key: str, text: str, zone: tzinfo) -> datetime | None:
        """UTC. A time that the clock shows twice is its first occurrence."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self._wrong((key,), f"“{shown(text)}” is not a time; write it like 2026-12-24 18:00.")
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)

    def _wrong(self, path: Path, text: str) -> None:
        self.problems.append(self.document.problem((*self.path, *path), text))


def _rule(shape: RuleShape) -> Rule:
    return Rule(
        name=shape.name,
        because=shape.because,
        who=_people(shape.who),
        skills=tuple(shape.skills),
        environments=tuple(shape.environments),
        services=tuple(shape.services),
        risks=tuple(Risk(risk) for risk in shape.risks),
        deny=shape.deny,
        approvals=shape.approvals,
        approvers=_people(shape.approvers),
    )


def _people(shape: WhoShape) -> Who:
    return Who(roles=frozenset(shape.roles), teams=frozenset(shape.teams), owner=shape.owner)
