"""What a diagnosis may look at: where each kind is served, and what cannot be said without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

GRANT = "config/kubernetes/role.yaml"
CLUSTER_GRANT = "config/kubernetes/cluster-role.yaml"
REFERENCES_GRANT = "config/kubernetes/role-references.yaml"
_PARTIAL = "application/json;as={};v=v1;g=meta.k8s.io"


@dataclass(frozen=True, kw_only=True)
class Kind:
    """`unsaid` ends the sentence “so I cannot say …”.

    An `addition` is not part of Kubernetes: a cluster that does not serve it has none. Of a kind with `metadata_only` nothing else is
    ever asked for. `page` is how many are listed at once. `verbs` are what a diagnosis needs to be allowed; none for what people ask to see.
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
    verbs: tuple[str, ...] = ("list",)

    def path(self, namespace: str, name: str = "") -> str:
        """Of one object, or of all in a namespace, or (where it is "") in the cluster."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        where = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        whole = f"{root}{where}/{self.resource}"
        return f"{whole}/{quote(name, safe='')}" if name else whole

    @property
    def grant(self) -> str:
        """The file that grants it."""
        if not self.namespaced:
            return CLUSTER_GRANT
        return REFERENCES_GRANT if self.name in ("ConfigMap", "Secret") else GRANT

    def accept(self, *, one: bool) -> str:
        if not self.metadata_only:
            return "application/json"
        return _PARTIAL.format("PartialObjectMetadata" if one else "PartialObjectMetadataList")


_APPS, _BATCH, _NETWORK = "apps", "batch", "networking.k8s.io"
_GATEWAY, _ADMISSION, _RBAC = "gateway.networking.k8s.io", "admissionregistration.k8s.io", "rbac.authorization.k8s.io"

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(name="Pod", resource="pods", unsaid="how any container fares"),
        Kind(name="Event", resource="events", unsaid="what the cluster itself has said", page=1000),
        Kind(name="Deployment", group=_APPS, resource="deployments", unsaid="how rollouts fare"),
        Kind(name="ReplicaSet", group=_APPS, resource="replicasets", unsaid="which Deployment a pod belongs to and what it ran before"),
        Kind(name="StatefulSet", group=_APPS, resource="statefulsets", unsaid="how they fare"),
        Kind(name="DaemonSet", group=_APPS, resource="daemonsets", unsaid="how they fare"),
        Kind(name="Job", group=_BATCH, resource="jobs", unsaid="whether one failed"),
        Kind(name="CronJob", group=_BATCH, resource="cronjobs", unsaid="whether one missed its schedule"),
        Kind(name="Service", resource="services", unsaid="whether their names lead anywhere"),
        Kind(name="EndpointSlice", group="discovery.k8s.io", resource="endpointslices", unsaid="which addresses stand behind a Service"),
        Kind(name="Ingress", group=_NETWORK, resource="ingresses", unsaid="whether traffic from outside arrives"),
        Kind(name="IngressClass", group=_NETWORK, resource="ingressclasses", namespaced=False, verbs=("get", "list"), unsaid="whether an Ingress has a controller"),
        Kind(name="NetworkPolicy", group=_NETWORK, resource="networkpolicies", unsaid="whether one keeps traffic away"),
        Kind(name="HorizontalPodAutoscaler", group="autoscaling", version="v2", resource="horizontalpodautoscalers", unsaid="whether one is at its limit"),
        Kind(name="PodDisruptionBudget", group="policy", resource="poddisruptionbudgets", unsaid="whether one stands in the way of a drain"),
        Kind(name="PersistentVolumeClaim", resource="persistentvolumeclaims", unsaid="whether a volume is missing"),
        Kind(name="PersistentVolume", resource="persistentvolumes", namespaced=False, verbs=("get", "list"), unsaid="where a volume lives"),
        Kind(name="StorageClass", group="storage.k8s.io", resource="storageclasses", namespaced=False, verbs=("get", "list"), unsaid="whether a claim names one that exists"),
        Kind(name="Node", resource="nodes", namespaced=False, unsaid="whether a node is to blame"),
        Kind(name="ResourceQuota", resource="resourcequotas", verbs=("get",), unsaid="whether one is used up"),
        Kind(name="ConfigMap", resource="configmaps", verbs=("get",), unsaid="whether one that is named exists"),
        Kind(name="Secret", resource="secrets", metadata_only=True, verbs=("get",), unsaid="whether one that is named exists"),
        Kind(name="ServiceAccount", resource="serviceaccounts", verbs=("get",), unsaid="whether one that is named exists"),
        Kind(name="Gateway", group=_GATEWAY, resource="gateways", addition=True, unsaid="whether traffic from outside arrives"),
        Kind(name="GatewayClass", group=_GATEWAY, resource="gatewayclasses", namespaced=False, addition=True, verbs=("get",), unsaid="whether a Gateway has a controller"),
        Kind(name="HTTPRoute", group=_GATEWAY, resource="httproutes", addition=True, unsaid="where traffic from outside goes"),
        Kind(name="Namespace", resource="namespaces", namespaced=False, verbs=("get", "list"), unsaid="whether this one exists"),
        Kind(name="VerticalPodAutoscaler", group="autoscaling.k8s.io", resource="verticalpodautoscalers", addition=True, verbs=(), unsaid="whether one sets what is requested"),
        Kind(name="LimitRange", resource="limitranges", verbs=(), unsaid="what a container gets that names no limits"),
        Kind(name="Role", group=_RBAC, resource="roles", verbs=(), unsaid="what may be done here"),
        Kind(name="RoleBinding", group=_RBAC, resource="rolebindings", verbs=(), unsaid="who may do it"),
        Kind(name="ClusterRole", group=_RBAC, resource="clusterroles", namespaced=False, verbs=(), unsaid="what may be done"),
        Kind(name="ClusterRoleBinding", group=_RBAC, resource="clusterrolebindings", namespaced=False, verbs=(), unsaid="who may do it"),
        Kind(name="CustomResourceDefinition", group="apiextensions.k8s.io", resource="customresourcedefinitions", namespaced=False, metadata_only=True, verbs=(), unsaid="which kinds were added"),
    )
}  # fmt: skip
"""By Kubernetes' own word."""
