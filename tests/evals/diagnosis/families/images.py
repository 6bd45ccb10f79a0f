"""Images that cannot be had."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import app, container, waiting

_SAYS = {
    "ImageNotFound": 'failed to pull and unpack image "registry.example/app:v1": not found',
    "ImagePullDenied": "failed to authorize: failed to fetch anonymous token: 401 Unauthorized",
    "ImagePullRateLimited": "toomanyrequests: You have reached your pull rate limit",
    "ImageWrongPlatform": "no match for platform in manifest: not found",
    "RegistryUnreachable": 'Get "https://registry.example/v2/": dial tcp: lookup registry.example: no such host',
    "ImagePullFailed": "the moon is in the wrong house",
}


def scenarios() -> Iterator[Scenario]:
    for code, message in _SAYS.items():
        yield fault(
            f"{code} while backing off",
            app("checkout", waiting("ImagePullBackOff", message)),
            code,
            "Deployment/checkout",
        )
    yield fault(
        "the name is not one", app("checkout", waiting("InvalidImageName"), containers=[container(image="Registry/App:")]),
        "ImageNameInvalid", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "never pulled", app("checkout", waiting("ErrImageNeverPull")), "ImageNeverPulled", "Deployment/checkout"
    )
    yield healthy("a pod whose image is being pulled", app("checkout", waiting("ContainerCreating"), age=15))
