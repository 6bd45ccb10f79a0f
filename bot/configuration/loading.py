"""From a folder of files and the environment to a `Configuration`, or to the list of everything that is wrong."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, timedelta, tzinfo
from pathlib import Path

from pydantic import SecretStr

from bot.configuration import documents
from bot.configuration.audit import audit
from bot.configuration.backstage import Descriptors, Known
from bot.configuration.budgets import budgets
from bot.configuration.checking import check
from bot.configuration.costs import CostSettings, costs
from bot.configuration.documents import Document, Plain
from bot.configuration.emergencies import break_glass
from bot.configuration.environments import environments
from bot.configuration.model import model
from bot.configuration.oncall import on_call
from bot.configuration.people import people
from bot.configuration.policies import Vocabulary, policies, time_zone
from bot.configuration.prices import prices
from bot.configuration.problems import ConfigurationError, Problem
from bot.configuration.reviews import reviews
from bot.configuration.secrets import holds_a_secret, secret
from bot.configuration.settings import (
    CheckupSettings,
    Configuration,
    EnvironmentSettings,
    Limits,
    LogSettings,
    OpaSettings,
    OrganizationSettings,
    PagerDutySettings,
    PolicySettings,
    SlackSettings,
    StoreSettings,
)
from bot.configuration.shapes import OpaShape, OrganizationShape, address
from skills.core.budget import Budget
from skills.core.calendar import Times
from skills.core.canonical import Json, digest
from skills.core.catalog import Catalog, Person, Service, shown
from skills.core.names import Digest, Organization
from skills.core.rotation import Duty
from skills.costing.prices import PriceSheet

_MOST_FILES = 2000
_TEST = "_test.rego"
_FALLBACK = OrganizationShape(name="unnamed")


def load(folder: Path, environ: Mapping[str, str], *, skills: Iterable[str] | None = None) -> Configuration:
    """Read `folder` and the variables in `environ`; nothing else is looked at and nothing is written.

    `skills` are the names that policies may use; without it, they are not checked. Raises `ConfigurationError` with every
    mistake found. Takes about 20 ms for a small organization.
    """
    loading = _Loading(folder, environ)
    configuration = loading.configuration(None if skills is None else frozenset(skills))
    if loading.problems:
        raise ConfigurationError(str(folder), loading.problems)
    return configuration


class _Loading:
    """One reading of one folder, collecting problems on the way."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ
        self._read: dict[str, list[Plain]] = {}
        self.problems: list[Problem] = []

    def configuration(self, skills: frozenset[str] | None) -> Configuration:
        organization, shape = self._organization()
        worlds = self._environments()
        persons = self._people(organization, shape)
        services, groups = self._services(worlds, shape)
        self._check_separate(worlds, services)
        vocabulary = Vocabulary(
            roles=self._if_sound(_roles(shape, persons), "organization.yaml", "people.yaml"),
            teams=self._if_sound(groups | _teams(services, persons), "people.yaml", "catalog"),
            environments=self._if_sound({world.environment.name for world in worlds}, "environments.yaml"),
            services=self._if_sound({service.name for service in services}, "catalog"),
            skills=skills,
            timezone=organization.timezone,
        )
        rules = self._policies(vocabulary, organization, shape.opa)
        data = Path(self._environ.get("COUNTERSIGN_DATA") or ".countersign").expanduser()
        limits = Limits(**shape.limits.model_dump())
        duty, pagerduty = self._on_call(organization, persons, services)
        return Configuration(
            folder=self._folder,
            data=data,
            organization=organization,
            limits=limits,
            checkup=CheckupSettings(
                before=timedelta(seconds=shape.checkup.before_seconds),
                after=timedelta(seconds=shape.checkup.after_seconds),
            ),
            break_glass=break_glass(shape.break_glass, _roles(shape, persons), self.problems),
            catalog=Catalog(
                declared=services,
                environments=tuple(world.environment for world in worlds),
                people=persons,
                membership=limits.membership,
            ),
            policy=rules,
            environments=worlds,
            store=StoreSettings(url=self._store_url(shape, data)),
            slack=self._slack(shape),
            log=LogSettings(level=shape.log.level, format=shape.log.format),
            model=model(shape.model, self._environ, self.problems) if shape.model else None,
            audit=audit(
                shape.audit,
                self._environ,
                organization=organization.name,
                data=data,
                roles=_roles(shape, persons),
                problems=self.problems,
            ),
            reviews=reviews(
                shape.access_review,
                people=persons,
                roles=_roles(shape, persons),
                teams=groups | _teams(services, persons),
                problems=self.problems,
            ),
            prices=self._prices(worlds),
            costs=self._costs(worlds),
            budgets=self._budgets(vocabulary),
            duty=duty,
            pagerduty=pagerduty,
            alertmanager_secret=secret(self._environ, "COUNTERSIGN_ALERTMANAGER_SECRET", self.problems),
            fingerprint=digest(_without_floats(self._read)),
        )

    def _organization(self) -> tuple[OrganizationSettings, OrganizationShape]:
        document = self._one("organization.yaml")
        shape = (check(document, OrganizationShape, self.problems) if document else None) or _FALLBACK
        zone = time_zone(shape.timezone)
        if zone is None and document:
            text = f"there is no time zone “{shown(shape.timezone)}”; write it like Europe/Berlin or UTC."
            self.problems.append(document.problem(("timezone",), text))
        settings = OrganizationSettings(
            name=Organization(shape.name),
            title=shape.title or shape.name,
            timezone=zone or UTC,
            timezone_name=shape.timezone,
        )
        return settings, shape

    def _environments(self) -> tuple[EnvironmentSettings, ...]:
        document = self._one("environments.yaml")
        return environments(document, environ=self._environ, problems=self.problems) if document else ()

    def _prices(self, worlds: Sequence[EnvironmentSettings]) -> PriceSheet | None:
        """The price sheet, where there is one."""
        if not (self._folder / "prices.yaml").is_file():
            return None
        document = self._one("prices.yaml")
        names = self._if_sound({world.environment.name for world in worlds}, "environments.yaml")
        return prices(document, environments=names, problems=self.problems) if document else None

    def _costs(self, worlds: Sequence[EnvironmentSettings]) -> CostSettings:
        """Where costs are read, which is the price sheet where nothing else is told."""
        if not (self._folder / "costs.yaml").is_file():
            return CostSettings()
        document = self._one("costs.yaml")
        names = self._if_sound({world.environment.name for world in worlds}, "environments.yaml")
        if document is None:
            return CostSettings()
        return costs(document, self._environ, environments=names, problems=self.problems)

    def _budgets(self, vocabulary: Vocabulary) -> tuple[Budget, ...]:
        """What is meant to be spent, where that is written down."""
        if not (self._folder / "budgets.yaml").is_file():
            return ()
        document = self._one("budgets.yaml")
        return budgets(document, vocabulary, problems=self.problems) if document else ()

    def _on_call(
        self, organization: OrganizationSettings, persons: Sequence[Person], services: Sequence[Service]
    ) -> tuple[Duty, PagerDutySettings | None]:
        """Who is on call, where that is written here."""
        there = (self._folder / "oncall.yaml").is_file()
        document = self._one("oncall.yaml") if there else None
        if document is None:
            return Duty(), None
        return on_call(
            document,
            organization=organization,
            people=persons,
            services=services,
            environ=self._environ,
            problems=self.problems,
        )

    def _people(self, organization: OrganizationSettings, shape: OrganizationShape) -> tuple[Person, ...]:
        document = self._one("people.yaml")
        if document is None:
            return ()
        return people(
            document,
            organization=organization.name,
            roles=shape.roles,
            timezone=organization.timezone,
            problems=self.problems,
        )

    def _services(
        self, worlds: Sequence[EnvironmentSettings], shape: OrganizationShape
    ) -> tuple[tuple[Service, ...], set[str]]:
        known = Known(environments={world.environment.name for world in worlds}, max_replicas=shape.limits.max_replicas)
        descriptors = Descriptors(known=known, problems=self.problems)
        for document in self._all("catalog"):
            descriptors.add(document)
        return descriptors.services(), descriptors.teams

    def _policies(
        self, vocabulary: Vocabulary, organization: OrganizationSettings, opa: OpaShape | None
    ) -> PolicySettings:
        files, sources = self._all("policies"), self._rego()
        if not opa and not files and not any("allow contains" in source for source in sources.values()):
            text = "There is no policy here, so nobody could do anything; add a file with rules."
            self.problems.append(Problem(file="policies", line=0, field="", text=text))
        found = policies(files, vocabulary, self._calendar, self.problems)
        return PolicySettings(
            rules=found.rules,
            calendar=found.calendar,
            modules={file: source for file, source in sources.items() if not file.endswith(_TEST)},
            tests={file: source for file, source in sources.items() if file.endswith(_TEST)},
            server=self._opa(opa) if opa else None,
            fingerprint=self._policy_fingerprint(organization),
        )

    def _opa(self, shape: OpaShape) -> OpaSettings:
        token = secret(self._environ, "COUNTERSIGN_OPA_TOKEN", self.problems)
        return OpaSettings(url=shape.url, timeout_seconds=shape.timeout_seconds, token=token)

    def _calendar(self, name: str, zone: tzinfo) -> Times:
        """The times in an iCalendar file of policies/. Raises `ValueError` with a sentence."""
        file = f"policies/{name}"
        content, problems = documents.text(self._folder, file)
        if content is None:
            raise ValueError(f"{shown(name)} cannot be used. {problems[0].text}")
        self._read[file] = [content]
        from bot.configuration.ics import events  # noqa: PLC0415 - only who has such a file pays for the library

        try:
            return events(content, zone)
        except ValueError as error:
            raise ValueError(f"{shown(name)} {error}") from None

    def _rego(self) -> dict[str, str]:
        """Every `.rego` file of policies/. What they say is looked at where they are evaluated."""
        found: dict[str, str] = {}
        for file in self._files("policies", ".rego"):
            content, problems = documents.text(self._folder, file)
            self.problems.extend(problems)
            for number, line in enumerate((content or "").splitlines(), start=1):
                if holds_a_secret(line):
                    text = "looks like a secret. Take it out of the file and renew it; secrets come from environment variables only."
                    self.problems.append(Problem(file=file, line=number, field="", text=text))
            if content is not None:
                found[file] = content
        self._read.update({file: [content] for file, content in found.items() if not file.endswith(_TEST)})
        return found

    def _if_sound(self, names: Iterable[str], *files: str) -> frozenset[str] | None:
        """`names`, unless the files that they come from have mistakes: what is unknown then may be missing because of those."""
        unsound = any(problem.file.startswith(file) for problem in self.problems for file in files)
        return None if unsound else frozenset(names)

    def _check_separate(self, worlds: Sequence[EnvironmentSettings], services: Sequence[Service]) -> None:
        """A word that means a service and an environment would make every request that has it ambiguous."""
        places = {word for world in worlds for word in (world.environment.name, *world.environment.aliases)}
        for service in services:
            for word in sorted(places & {service.name, *service.aliases}):
                text = f"“{word}” is the name or alias of the service {service.name} and of an environment; rename one."
                self.problems.append(Problem(file="catalog", line=0, field=service.name, text=text))

    def _slack(self, shape: OrganizationShape) -> SlackSettings:
        host, _, port = self._listen(shape).rpartition(":")
        return SlackSettings(
            mode=shape.slack.mode,
            team=shape.slack.team,
            host=host.strip("[]"),
            port=int(port),
            channels=dict(shape.slack.channels),
            api_url=self._environ.get("SLACK_API_URL", "").strip(),
            bot_token=secret(self._environ, "SLACK_BOT_TOKEN", self.problems),
            app_token=secret(self._environ, "SLACK_APP_TOKEN", self.problems),
            signing_secret=secret(self._environ, "SLACK_SIGNING_SECRET", self.problems),
        )

    def _listen(self, shape: OrganizationShape) -> str:
        """Where to listen: COUNTERSIGN_LISTEN, because an image cannot know the address in the file, or else the file's word."""
        given = self._environ.get("COUNTERSIGN_LISTEN", "").strip()
        try:
            return address(given) if given else shape.slack.listen
        except ValueError as error:
            self.problems.append(Problem(file="COUNTERSIGN_LISTEN", line=0, field="", text=str(error)))
            return shape.slack.listen

    def _store_url(self, shape: OrganizationShape, data: Path) -> SecretStr:
        given = secret(self._environ, "COUNTERSIGN_DATABASE_URL", self.problems)
        url = given.get_secret_value() if given else shape.store.url
        if not url:
            return SecretStr(f"sqlite+aiosqlite:///{data / 'countersign.sqlite3'}")
        scheme, separator, rest = url.partition("://")
        driver = _DRIVERS.get(scheme)
        if driver is None or not separator:
            where = ("environment", 0, "COUNTERSIGN_DATABASE_URL") if given else ("organization.yaml", 0, "store.url")
            text = "is not the URL of a database that can be used here; it begins with postgresql:// or sqlite:///."
            self.problems.append(Problem(file=where[0], line=where[1], field=where[2], text=text))
        return SecretStr(f"{driver or scheme}://{rest}")

    def _policy_fingerprint(self, organization: OrganizationSettings) -> Digest:
        """The time zone counts: it decides when a freeze begins."""
        files = {file: values for file, values in self._read.items() if file.startswith("policies/")}
        return digest({"files": _without_floats(files), "timezone": organization.timezone_name})

    def _one(self, file: str) -> Document | None:
        """The only document of a file that has to be there."""
        if not (self._folder / file).is_file():
            present = [path.name for path in self._folder.iterdir()] if self._folder.is_dir() else []
            close = file.replace(".yaml", ".yml")
            hint = f" Rename {close} to it." if close in present else ""
            self.problems.append(Problem(file=file, line=0, field="", text=f"The file is missing.{hint}"))
            return None
        found, problems = self._documents(file)
        if len(found) > 1:
            self.problems.append(found[1].problem((), "The file should hold one document; take out the “---”."))
        if not found and not problems:
            self.problems.append(Problem(file=file, line=0, field="", text="The file is empty."))
        return found[0] if found else None

    def _all(self, name: str) -> list[Document]:
        """Every document in a folder, its subfolders included."""
        files = self._files(name, ".yaml", ".yml")
        return [document for file in files for document in self._documents(file)[0]]

    def _files(self, name: str, *suffixes: str) -> list[str]:
        """The files of these kinds in a folder and below; hidden ones, where mounted volumes keep doubles, are not."""
        files = sorted(
            path.relative_to(self._folder)
            for path in (self._folder / name).rglob("*")
            if path.suffix in suffixes and path.is_file()
        )
        seen = [file.as_posix() for file in files if not any(part.startswith(".") for part in file.parts)]
        if len(seen) > _MOST_FILES:
            text = f"The folder holds more than {_MOST_FILES} files; put several into one."
            self.problems.append(Problem(file=name, line=0, field="", text=text))
        return seen[:_MOST_FILES]

    def _documents(self, file: str) -> tuple[list[Document], list[Problem]]:
        found, problems = documents.read(self._folder, file)
        self.problems.extend(problems)
        self._read[file] = [document.value for document in found]
        return found, problems


_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
}


def _roles(shape: OrganizationShape, persons: Sequence[Person]) -> set[str]:
    """Every role there is: as declared, or, where none is, as borne."""
    return set(shape.roles) or {role for person in persons for role in person.actor.roles}


def _teams(services: Sequence[Service], persons: Sequence[Person]) -> set[str]:
    """Teams that own something or that somebody belongs to. An owner with a colon is a person."""
    owners = {service.owner for service in services if service.owner and ":" not in service.owner}
    return owners | {team for person in persons for team in person.actor.teams}


def _without_floats(value: object) -> Json:
    """Canonical JSON has no floats; a number with a point or an exponent counts as its spelling in Python."""
    if isinstance(value, Mapping):
        return {str(key): _without_floats(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_floats(item) for item in value]
    return repr(value) if isinstance(value, float) else value  # type: ignore[return-value]  # a YAML scalar
