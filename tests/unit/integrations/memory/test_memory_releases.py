"""Releases of the embedded world."""

import pytest

from integrations.memory.releases import MemoryReleases
from skills.core.catalog import Service
from skills.core.errors import BadInput, UnknownName
from skills.core.names import ServiceName

CHECKOUT = Service(name=ServiceName("checkout"))
V42_DIGEST = "sha256:" + "4" * 64


@pytest.fixture
def releases(simulation):
    return MemoryReleases(simulation)


@pytest.mark.parametrize(
    ("wanted", "image"),
    [
        ("v42", "registry.example/checkout:v42"),
        (" v42 ", "registry.example/checkout:v42"),
        ("registry.example/checkout:v42", "registry.example/checkout:v42"),
        (V42_DIGEST, f"registry.example/checkout@{V42_DIGEST}"),
        (f"registry.example/checkout@{V42_DIGEST}", f"registry.example/checkout@{V42_DIGEST}"),
        (f"registry.example/checkout:v42@{V42_DIGEST}", f"registry.example/checkout:v42@{V42_DIGEST}"),
    ],
)
async def test_a_release_is_found_by_version_digest_or_whole_reference(releases, wanted, image):
    found = await releases.find(CHECKOUT, wanted)
    assert (found.version, found.image, found.verified) == ("v42", image, True)
    assert found.created_at.isoformat() == "2026-10-30T00:00:00+00:00"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("42", "I know no release of checkout called “42”. Did you mean v42"),
        ("v4242", "I know no release of checkout called “v4242”. Did you mean v42"),
        ("zzz", "I know no release of checkout called “zzz”. Did you mean v44, v43 or v42?"),
        (
            "registry.example/checkout@sha256:" + "0" * 64,
            "I know no release of checkout called “sha256:000000000000”. Did you mean v44, v43 or v42?",
        ),
    ],
)
async def test_an_unknown_release_is_never_guessed(releases, wanted, said):
    with pytest.raises(UnknownName) as unknown:
        await releases.find(CHECKOUT, wanted)
    assert str(unknown.value).startswith(said)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("latest", "“latest” does not name one image for good"),
        ("registry.example/checkout:latest", "does not name one image for good"),
        ("registry.example/checkout", "does not name one image for good"),
        ("registry.example/search:v42", "Its images are in registry.example/checkout."),
        ("registry.example/checkout:", "is not an image reference: a tag is"),
        ("registry.example/checkout@sha256:12", "its digest is not sha256: and 64 hexadecimal digits"),
        ("v42;rm", "“v42;rm” is not a valid version."),
        ("", "“” is not a valid version."),
        ("v42" * 4000, "is not a valid version."),
        ("ѵ42", "“\\u{475}42” is not a valid version."),
        (f"registry.example/checkout:v41@{V42_DIGEST}", "contradicts itself: that digest is v42, not v41."),
    ],
)
async def test_what_cannot_be_deployed_for_good_is_refused(releases, wanted, said):
    with pytest.raises(BadInput) as refused:
        await releases.find(CHECKOUT, wanted)
    assert said in str(refused.value)
    assert len(str(refused.value)) < 400


async def test_recent_releases_come_newest_first(releases):
    assert [release.version for release in await releases.recent(CHECKOUT)] == ["v44", "v43", "v42", "v41", "v40"]


async def test_a_service_outside_of_the_world_has_no_releases(releases):
    ghost = Service(name=ServiceName("ghost"))
    assert await releases.recent(ghost) == ()
    with pytest.raises(UnknownName, match="The embedded world has no releases of ghost"):
        await releases.find(ghost, "v1")
