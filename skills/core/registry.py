"""Skills are found, not listed: every class in a module directly under `skills` that derives from `Skill`."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_type_hints

import skills
from skills.core.names import SkillName
from skills.core.skill import Skill

AnySkill = Skill[Any]


def discover() -> tuple[type[AnySkill], ...]:
    """Every skill class, in the order of their names. Imports each module in `skills/` once."""
    found: dict[str, type[AnySkill]] = {}
    for module_info in pkgutil.iter_modules(skills.__path__):
        if module_info.ispkg:
            continue
        module = importlib.import_module(f"skills.{module_info.name}")
        for _, member in inspect.getmembers(module, inspect.isclass):
            if member.__module__ == module.__name__ and issubclass(member, Skill) and not inspect.isabstract(member):
                if member.name in found:
                    raise ValueError(
                        f"two skills are called {member.name}: {found[member.name].__module__} and {module.__name__}"
                    )
                found[member.name] = member
    return tuple(found[name] for name in sorted(found))


class Skills(Mapping[SkillName, AnySkill]):
    """The skills of one organization, each constructed with the ports it asks for."""

    def __init__(self, instances: Iterable[AnySkill]) -> None:
        self._by_name = {SkillName(skill.name): skill for skill in instances}
        self._by_word: dict[str, AnySkill] = {}
        for skill in self._by_name.values():
            for word in (skill.name, *skill.aliases):
                if word in self._by_word:
                    raise ValueError(f"“{word}” means both {self._by_word[word].name} and {skill.name}")
                self._by_word[word] = skill

    @classmethod
    def build(cls, types: Iterable[type[AnySkill]], ports: Mapping[Any, object]) -> "Skills":
        """Construct each type from `ports`, looked up by the annotations of its constructor."""
        return cls(_construct(skill_type, ports) for skill_type in types)

    @classmethod
    def described(cls, types: Iterable[type[AnySkill]]) -> "Skills":
        """Skills that can be named, described and spoken of, and not run: they have no ports."""
        return cls(object.__new__(skill_type) for skill_type in types)

    def __getitem__(self, name: SkillName) -> AnySkill:
        return self._by_name[name]

    def __iter__(self) -> Iterator[SkillName]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def words(self) -> tuple[str, ...]:
        """Every name and alias."""
        return tuple(self._by_word)

    def of_topic(self, topic: str) -> AnySkill | None:
        """What answers a topic by itself (“/incident” and nothing else): the one skill about it whose name does not begin with it."""
        about = (each for each in self._by_name.values() if each.topic and each.topic == topic)
        return next((each for each in about if not each.name.startswith(f"{topic}-")), None)

    def by_word(self, word: str) -> AnySkill | None:
        """The skill that is called by this name or alias."""
        return self._by_word.get(word)


def _construct(skill_type: type[AnySkill], ports: Mapping[Any, object]) -> AnySkill:
    if skill_type.__init__ is object.__init__:
        return skill_type()
    wanted = {name: hint for name, hint in get_type_hints(skill_type.__init__).items() if name != "return"}
    missing = [f"{name}: {hint}" for name, hint in wanted.items() if hint not in ports]
    if missing:
        raise LookupError(f"the skill {skill_type.name} needs ports that nobody provides: {', '.join(missing)}")
    return skill_type(**{name: ports[hint] for name, hint in wanted.items()})
