"""What a diagnosis may look at: where each kind is served, and what cannot be said without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

_PARTIAL = "application/json;as={};v=v1;g=meta.k8s.io,application/json"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`unsaid` ends the sentence “so I cannot say …”.

    An `addition` is not part of Kubernetes: a cluster that does not serve it has none. Of a kind with `metadata_only` nothing else is
    ever asked for. `page` is how many are listed at once.
    """

    name: str
    resource: str
    unsaid: str
    group: str = ""
    version: str = "v1"
    namespaced: bool = True
    addition: bool = False
    metadata_only: bool = False
    page: int = 500

    def path(self, namespace: str, name: str = "") -> str:
        """Of one object, or of all in a namespace, or (where it is "") in the cluster."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        where = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        whole = f"{root}{where}/{self.resource}"
        return f"{whole}/{quote(name, safe='')}" if name else whole

    def accept(self, *, one: bool) -> str:
        if not self.metadata_only:
            return "application/json"
        return _PARTIAL.format("PartialObjectMetadata" if one else "PartialObjectMetadataList")


_APPS, _BATCH, _NETWORK = "apps", "batch", "networking.k8s.io"
_GATEWAY, _ADMISSION = "gateway.networking.k8s.io", "admissionregistration.k8s.io"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(name="Pod", resource="pods", unsaid="how any container fares"),
        Kind(name="Event", resource="events", unsaid="what the cluster itself has said", page=2000),
        Kind(name="Deployment", group=_APPS, resource="deployments", unsaid="how rollouts fare"),
        Kind(name="ReplicaSet", group=_APPS, resource="replicasets", unsaid="which Deployment a pod belongs to and what it ran before"),
        Kind(name="StatefulSet", group=_APPS, resource="statefulsets", unsaid="how they fare"),
        Kind(name="DaemonSet", group=_APPS, resource="daemonsets", unsaid="how they fare"),
        Kind(name="Job", group=_BATCH, resource="jobs", unsaid="whether one failed"),
        Kind(name="CronJob", group=_BATCH, resource="cronjobs", unsaid="whether one missed its schedule"),
        Kind(name="Service", resource="services", unsaid="whether their names lead anywhere"),
        Kind(name="EndpointSlice", group="discovery.k8s.io", resource="endpointslices", unsaid="which addresses stand behind a Service"),
        Kind(name="Ingress", group=_NETWORK, resource="ingresses", unsaid="whether traffic from outside arrives"),
        Kind(name="IngressClass", group=_NETWORK, resource="ingressclasses", namespaced=False, unsaid="whether an Ingress has a controller"),
        Kind(name="NetworkPolicy", group=_NETWORK, resource="networkpolicies", unsaid="whether one keeps traffic away"),
        Kind(name="HorizontalPodAutoscaler", group="autoscaling", version="v2", resource="horizontalpodautoscalers", unsaid="whether one is at its limit"),
        Kind(name="PodDisruptionBudget", group="policy", resource="poddisruptionbudgets", unsaid="whether one stands in the way of a drain"),
        Kind(name="PersistentVolumeClaim", resource="persistentvolumeclaims", unsaid="whether a volume is missing"),
        Kind(name="PersistentVolume", resource="persistentvolumes", namespaced=False, unsaid="where a volume lives"),
        Kind(name="StorageClass", group="storage.k8s.io", resource="storageclasses", namespaced=False, unsaid="whether a claim names one that exists"),
        Kind(name="Node", resource="nodes", namespaced=False, unsaid="whether a node is to blame"),
        Kind(name="ResourceQuota", resource="resourcequotas", unsaid="whether one is used up"),
        Kind(name="LimitRange", resource="limitranges", unsaid="what containers are allowed"),
        Kind(name="ConfigMap", resource="configmaps", unsaid="whether one that is named exists"),
        Kind(name="Secret", resource="secrets", metadata_only=True, unsaid="whether one that is named exists"),
        Kind(name="ServiceAccount", resource="serviceaccounts", unsaid="whether one that is named exists"),
        Kind(name="Gateway", group=_GATEWAY, resource="gateways", addition=True, unsaid="whether traffic from outside arrives"),
        Kind(name="GatewayClass", group=_GATEWAY, resource="gatewayclasses", namespaced=False, addition=True, unsaid="whether a Gateway has a controller"),
        Kind(name="HTTPRoute", group=_GATEWAY, resource="httproutes", addition=True, unsaid="where traffic from outside goes"),
        Kind(name="ValidatingWebhookConfiguration", group=_ADMISSION, resource="validatingwebhookconfigurations", namespaced=False, unsaid="which webhook refuses"),
        Kind(name="MutatingWebhookConfiguration", group=_ADMISSION, resource="mutatingwebhookconfigurations", namespaced=False, unsaid="which webhook refuses"),
        Kind(name="PriorityClass", group="scheduling.k8s.io", resource="priorityclasses", namespaced=False, unsaid="whether a pod names one that exists"),
        Kind(name="Namespace", resource="namespaces", namespaced=False, unsaid="whether this one exists"),
    )
}  # fmt: skip
"""By Kubernetes' own word."""
