"""What a pod names has to be there, unless it says that it need not."""

from dataclasses import replace

from skills.core.ports.snapshots import Unseen
from skills.diagnosis.detectors.references import configuration_refused, something_named_is_missing
from skills.diagnosis.scene import Scene
from tests.support.diagnosing import causes, symptoms
from tests.support.manifests import Manifest, config_map, container, deployment, running, said_of, waiting, world
from tests.support.scenes import snapshot

_WAITS = "CreateContainerConfigError"


def _needs(name: str, **more: object) -> Manifest:
    return container(envFrom=[{"configMapRef": {"name": name, **more}}])


def test_the_kubelets_word_suffices() -> None:
    said = waiting(_WAITS, 'configmap "settings" not found')
    assert causes(something_named_is_missing, deployment("checkout", said)) == [
        ("ConfigMapMissing", "Deployment/checkout", "checkout cannot start: ConfigMap settings does not exist.")
    ]


def test_so_does_the_pod_spec() -> None:
    made = deployment("checkout", waiting("ContainerCreating"), containers=[_needs("settings")])
    assert causes(something_named_is_missing, made) == [
        ("ConfigMapMissing", "Deployment/checkout", "checkout cannot start: ConfigMap settings does not exist.")
    ]


def test_what_could_not_be_looked_at_is_not_missing() -> None:
    made = deployment("checkout", waiting("ContainerCreating"), containers=[_needs("settings")])
    seen = replace(snapshot(*world(*made)), unseen=(Unseen(kind="ConfigMap", namespace="shop", why="forbidden"),))
    assert list(something_named_is_missing(Scene(seen))) == []


def test_a_key_is_named_with_where_it_should_be() -> None:
    said = waiting(_WAITS, "couldn't find key LEVEL in ConfigMap shop/settings")
    assert causes(something_named_is_missing, [*deployment("checkout", said), config_map("settings")]) == [
        ("ConfigKeyMissing", "Deployment/checkout", "checkout cannot start: ConfigMap settings has no key LEVEL.")
    ]


def test_a_key_of_a_secret_is_named_too() -> None:
    said = waiting(_WAITS, "couldn't find key password in Secret shop/db")
    assert causes(something_named_is_missing, deployment("checkout", said))[0][0] == "SecretKeyMissing"


def test_the_item_of_a_volume_is_looked_up_in_the_pod_spec() -> None:
    volume = {"volumes": [{"name": "v", "configMap": {"name": "settings", "items": [{"key": "a.yaml", "path": "a"}]}}]}
    made = deployment("checkout", waiting("ContainerCreating"), spec=volume)
    said = said_of(
        made, "Pod", "FailedMount", "MountVolume.SetUp failed: configmap references non-existent config key: a.yaml"
    )
    (symptom,) = symptoms(something_named_is_missing, [*said, config_map("settings", b="x")])
    assert symptom.cause == "checkout cannot start: ConfigMap settings has no key a.yaml."


def test_what_two_workloads_lack_is_itself_what_has_to_be_mended() -> None:
    said = waiting(_WAITS, 'secret "db" not found')
    assert causes(something_named_is_missing, [*deployment("cart", said), *deployment("checkout", said)]) == [
        ("SecretMissing", "Secret/db", "cart, checkout cannot start: Secret db does not exist.")
    ]


def test_the_optional_and_the_running_lack_nothing() -> None:
    assert (
        causes(
            something_named_is_missing,
            deployment("checkout", waiting("ContainerCreating"), containers=[_needs("x", optional=True)]),
        )
        == []
    )
    assert causes(something_named_is_missing, deployment("checkout", running(), containers=[_needs("x")])) == []


def test_the_clusters_own_certificates_are_not_asked_for() -> None:
    volume = {
        "volumes": [{"name": "kube-api-access-x", "projected": {"sources": [{"configMap": {"name": "other-ca"}}]}}]
    }
    assert causes(something_named_is_missing, deployment("checkout", waiting("ContainerCreating"), spec=volume)) == []


def test_an_image_that_does_not_come_is_not_blamed_on_what_is_named() -> None:
    made = deployment("checkout", waiting("ImagePullBackOff"), containers=[_needs("settings")])
    assert causes(something_named_is_missing, made) == []


def test_other_refusals_are_told_apart() -> None:
    def told(message: str) -> tuple[str, str]:
        ((code, _, cause),) = causes(configuration_refused, deployment("checkout", waiting(_WAITS, message)))
        return code, cause

    assert told("container has runAsNonRoot and image will run as root")[0] == "RunsAsRoot"
    assert told('failed to prepare subPath for volumeMount "x"')[0] == "MountPathWrong"
    assert told("the moon is full") == (
        "ContainerConfigRefused", "checkout cannot start: the kubelet refuses its configuration: “the moon is full”.",
    )  # fmt: skip


def test_a_missing_name_is_no_other_refusal() -> None:
    said = waiting(_WAITS, 'configmap "settings" not found')
    assert causes(configuration_refused, deployment("checkout", said)) == []
