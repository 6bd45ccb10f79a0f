"""Releases without a registry: taken at their word, never verified."""

import pytest

from integrations.unchecked_releases import UncheckedReleases
from skills.core.catalog import Service
from skills.core.errors import BadInput
from skills.core.names import ServiceName

CHECKOUT = Service(name=ServiceName("checkout"), image="registry.example/checkout")
HOMELESS = Service(name=ServiceName("web"))


@pytest.mark.parametrize(
    ("service", "wanted", "version", "image"),
    [
        (CHECKOUT, "v42", "v42", "registry.example/checkout:v42"),
        (CHECKOUT, "registry.example/checkout:v42", "v42", "registry.example/checkout:v42"),
        (CHECKOUT, "sha256:" + "a" * 64, "sha256:aaaaaaaaaaaa", "registry.example/checkout@sha256:" + "a" * 64),
        (HOMELESS, "other.example:5000/a/web:1", "1", "other.example:5000/a/web:1"),
    ],
)
async def test_a_valid_version_is_accepted_but_not_verified(service, wanted, version, image):
    found = await UncheckedReleases().find(service, wanted)
    assert (found.version, found.image, found.verified, found.created_at) == (version, image, False, None)


@pytest.mark.parametrize(
    ("service", "wanted", "said"),
    [
        (CHECKOUT, "latest", "does not name one image for good"),
        (CHECKOUT, "evil.example/checkout:v42", "Its images are in registry.example/checkout."),
        (HOMELESS, "v42", "set the annotation countersign.dev/image on the service"),
        (HOMELESS, "registry.example/web", "does not name one image for good"),
    ],
)
async def test_what_says_too_little_is_refused(service, wanted, said):
    with pytest.raises(BadInput) as refused:
        await UncheckedReleases().find(service, wanted)
    assert said in str(refused.value)


async def test_there_is_no_list():
    assert await UncheckedReleases().recent(CHECKOUT) == ()
