"""Kubernetes: the adapter for one cluster and namespace. The official client is imported with the first call, not with this package."""

from integrations.kubernetes.checks import Check
from integrations.kubernetes.cluster import KubernetesCluster
from integrations.kubernetes.connection import Limits
from integrations.kubernetes.verdict import Patience

__all__ = ["Check", "KubernetesCluster", "Limits", "Patience"]
