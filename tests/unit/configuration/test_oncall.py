"""oncall.yaml: what it says, and every mistake with its line."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.configuration import load
from tests.unit.configuration.conftest import Mistakes

ROTATION = 'rotations: [{name: shop, timezone: Europe/Berlin, layers: [{people: [dev, sre], start: "2026-11-02"}]}]\n'


def test_without_the_file_nobody_is_on_call(folder: Path) -> None:
    (folder / "oncall.yaml").unlink(missing_ok=True)
    assert load(folder, {}).duty.escalations == ()


def test_an_escalation_covers_what_its_teams_own_but_not_what_another_names(folder: Path) -> None:
    (folder / "oncall.yaml").write_text(
        f"{ROTATION}escalations:\n"
        "  - {name: shop, teams: [shop], levels: [{rotations: [shop], minutes: 3}]}\n"
        "  - {name: search, services: [search], levels: [{people: [sre]}]}\n"
    )
    duty = load(folder, {}).duty
    assert [(each.name, each.services) for each in duty.escalations] == [
        ("shop", ("checkout", "web")), ("search", ("search",)),
    ]  # fmt: skip
    assert duty.escalations[0].levels[0].within == timedelta(minutes=3)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("quiet: {from: '25:00', until: '07:00'}", "oncall.yaml, line 1: quiet.from: “25:00” is not a time of the day; write it like 09:00."),
        ("rotations: [{name: a, timezone: Berlin, layers: [{people: [dev], start: '2026-11-02'}]}]", "oncall.yaml, line 1: rotations[0].timezone: there is no time zone “Berlin”; write it like Europe/Berlin or UTC."),
        ("rotations: [{name: a, layers: [{people: [dvv], start: '2026-11-02'}]}]", "oncall.yaml, line 1: rotations[0].layers[0].people[0]: there is no person “dvv”. Did you mean dev?"),
        ("escalations: [{name: a, services: [chekout], levels: [{people: [dev]}]}]", "oncall.yaml, line 1: escalations[0].services[0]: there is no service “chekout”. Did you mean checkout?"),
        ("escalations: [{name: a, services: [web], levels: [{rotations: [shop]}]}]", "oncall.yaml, line 1: escalations[0].levels[0].rotations[0]: there is no rotation “shop”. No rotation is configured."),
        ("escalations: [{name: a, levels: [{minutes: 5}]}]", "oncall.yaml, line 1: escalations[0].levels[0]: calls nobody; name rotations or people."),
        ("pagerduty: {sender: b@x, services: [{service: web, id: P1}]}", "oncall.yaml, line 1: pagerduty: the environment variable PAGERDUTY_TOKEN is not set, nor is PAGERDUTY_TOKEN_FILE."),
        ("escalation: []", "oncall.yaml, line 1: escalation: is not a known key. Did you mean escalations?"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_line(mistakes: Mistakes, text: str, mistake: str) -> None:
    assert mistakes("oncall.yaml", text) == [mistake]
