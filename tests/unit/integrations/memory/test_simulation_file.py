"""The description of the embedded world is checked when it is read."""

from pathlib import Path

import pytest

from integrations.memory.simulation import Conduct, Simulation
from skills.core.errors import BadInput

SHIPPED = Path(__file__).parents[4] / "config" / "simulation.yaml"
GOOD = """\
pod_seconds: 1
environments:
  staging: {namespace: shop}
services:
  web:
    image: registry.example/web
    replicas: {staging: 2}
    history: [v1]
    releases:
      v1: {created_at: 2026-11-01T10:00:00Z}
"""


def test_the_shipped_world_is_the_demonstration():
    world = Simulation.load(SHIPPED)
    assert {name: service.replicas["production"] for name, service in world.services.items()} == {
        "checkout": 3,
        "payments-api": 2,
        "search": 2,
        "web": 4,
    }
    assert {name: environment.namespace for name, environment in world.environments.items()} == {
        "staging": "staging",
        "production": "production",
    }
    for name, service in world.services.items():
        assert service.history == ("v40", "v41")
        listed = {version: release.conduct for version, release in service.releases.items()}
        if name == "checkout":
            assert listed.pop("v50") is Conduct.HEALTHY
            assert service.releases["v50"].failing > 0
        assert listed == {
            "v40": Conduct.HEALTHY,
            "v41": Conduct.HEALTHY,
            "v42": Conduct.HEALTHY,
            "v43": Conduct.CRASH,
        }
        assert service.releases["v43"].log


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("pod_seconds: 1", "pod_seconds: 0", "line 1: pod_seconds: input should be greater than 0."),
        ("namespace: shop", "nmespace: shop", "line 3: environments.staging.namespace: field required."),
        ("    history: [v1]", "    histori: [v1]", "line 5: services.web.history: field required."),
        (
            "    history: [v1]",
            "    history: [v1]\n    extra: 1",
            "line 9: services.web.extra: extra inputs are not permitted.",
        ),
        ("[v1]", "[v9]", "line 5: services.web: history names releases that are not listed: v9."),
        (
            "registry.example/web",
            "registry.example/web:v1",
            "services.web: image is a repository, without a tag or digest.",
        ),
        ("{staging: 2}", "{moon: 2}", "web has replicas in environments that are not listed: moon."),
        ("{staging: 2}", "{staging: many}", "line 7: services.web.replicas.staging: input should be a valid integer"),
        ("services:", "services: [", "is not YAML"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_field(tmp_path, old, new, said):
    file = tmp_path / "simulation.yaml"
    file.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(BadInput) as refused:
        Simulation.load(file)
    assert str(file) in refused.value.text
    assert said in refused.value.text


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"none.yaml cannot be read: No such file or directory\."):
        Simulation.load(tmp_path / "none.yaml")


def test_a_time_without_a_zone_is_utc(tmp_path):
    file = tmp_path / "simulation.yaml"
    file.write_text(GOOD.replace("10:00:00Z", "10:00:00"))
    created_at = Simulation.load(file).services["web"].releases["v1"].created_at
    assert created_at.isoformat() == "2026-11-01T10:00:00+00:00"


def test_a_release_is_known_by_tag_and_by_digest_of_its_own_repository(simulation):
    checkout = simulation.services["checkout"]
    assert simulation.release_of("registry.example/checkout:v43") is checkout.releases["v43"]
    assert simulation.release_of(f"registry.example/checkout@{checkout.digest_of('v43')}") is checkout.releases["v43"]
    assert simulation.release_of("registry.example/other:v43") is None
    assert simulation.release_of("not an image") is None


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("[shop]", "web calls what is not listed: shop"),
        ("[web]", "web calls itself in the end; a request would never be answered"),
    ],
)
def test_a_service_calls_others_that_are_there_and_never_itself(tmp_path: Path, calls: str, said: str) -> None:
    path = tmp_path / "simulation.yaml"
    path.write_text(GOOD.replace("    history:", f"    calls: {calls}\n    history:"))

    with pytest.raises(BadInput, match=said):
        Simulation.load(path)


def test_every_service_of_the_shipped_world_writes_logs_and_leaves_traces() -> None:
    for service in Simulation.load(SHIPPED).services.values():
        assert service.log
        assert service.operation
