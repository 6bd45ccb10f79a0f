"""What people call the kinds of objects in a cluster."""

import re

_CORE = """
pod po pods | deployment deploy deployments | statefulset sts statefulsets | daemonset ds daemonsets | replicaset rs replicasets |
job jobs | cronjob cj cronjobs | service svc services | ingress ing ingresses | configmap cm configmaps | secret secrets | node no nodes |
namespace ns namespaces | persistentvolumeclaim pvc pvcs persistentvolumeclaims | persistentvolume pv pvs persistentvolumes |
horizontalpodautoscaler hpa hpas autoscaler autoscalers horizontalpodautoscalers | endpoints ep | event ev events |
serviceaccount sa serviceaccounts | networkpolicy netpol networkpolicies | storageclass sc storageclasses |
poddisruptionbudget pdb pdbs poddisruptionbudgets | resourcequota quota quotas resourcequotas | limitrange limitranges | role roles |
rolebinding rolebindings | clusterrole clusterroles | clusterrolebinding clusterrolebindings |
customresourcedefinition crd crds customresourcedefinitions | endpointslice endpointslices | ingressclass ingressclasses |
gatewayclass gatewayclasses
"""
_ADDED = """
gateway httproute virtualservice destinationrule serviceentry serviceentries peerauthentication authorizationpolicy authorizationpolicies certificate clusterissuer prometheusrule
servicemonitor podmonitor grpcroute tcproute tlsroute referencegrant ciliumnetworkpolicy ciliumnetworkpolicies pipelinerun taskrun virtualmachine waypoint
scaledobject verticalpodautoscaler nodepool helmrelease kustomization externalsecret sealedsecret
"""
"""Kinds that many clusters have besides, as they are typed without capitals. Few of them can be shown; whoever asks for another is told so."""
KINDS = {word: group.split()[0] for group in _CORE.split("|") for word in group.split()}
"""Every word for a kind that Kubernetes has of its own, with the singular."""
ADDED = {spelling: word for word in _ADDED.split() for spelling in (word, f"{word}s")}

_COINED = re.compile(r"(?:[A-Z]+[a-z0-9]+){2,8}[A-Z]*|[A-Z]{2,6}[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)*")
"""HTTPRoute, VirtualServices: a word with capitals inside is a kind that somebody added."""
_SHORT = frozenset({"no", "po", "ds", "ep", "ev", "sc", "sa", "ing", "rs", "cm", "deploy"})
"""Short forms that are words of English or of other things; they count only where a kind is what is expected."""


def kind_of(text: str, *, expected: bool = False) -> str | None:
    """The kind that a word names, or None. With `expected`, short forms count, too."""
    key = text.lower()
    if text.isascii() and key in KINDS and (expected or key not in _SHORT):
        return KINDS[key]
    if key in ADDED and text[1:] == key[1:]:
        return ADDED[key]
    if _COINED.fullmatch(text) and len(text) <= 63:
        return _singular(text)
    return None


def known_kind(text: str) -> str | None:
    """The kind that a word in lower case names in full, or None."""
    return (KINDS.get(text) if text not in _SHORT else None) or ADDED.get(text)


def several(text: str) -> bool:
    """Does a word name a kind in the plural?"""
    return text.lower().endswith("s") and not text.lower().endswith(("ss", "endpoints"))


def _singular(text: str) -> str:
    """“VirtualServices” as “VirtualService”, “Policies” as “Policy”."""
    if text.endswith("ies"):
        return f"{text[:-3]}y"
    if text.endswith(("sses", "xes", "ches")):
        return text[:-2]
    return text[:-1] if several(text) else text
