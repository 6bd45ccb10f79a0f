"""Configuration: YAML files and environment variables in, one frozen `Configuration` out, or every mistake at once."""

from bot.configuration.loading import load
from bot.configuration.problems import ConfigurationError, Problem
from bot.configuration.settings import (
    AllowanceSettings,
    ClusterSettings,
    Configuration,
    EnvironmentSettings,
    KubernetesCluster,
    Limits,
    LogSettings,
    LokiSettings,
    ModelSettings,
    OpenSearchSettings,
    OrganizationSettings,
    SimulatedCluster,
    SlackSettings,
    StoreSettings,
    TracesSettings,
)

__all__ = [
    "AllowanceSettings",
    "ClusterSettings",
    "Configuration",
    "ConfigurationError",
    "EnvironmentSettings",
    "KubernetesCluster",
    "Limits",
    "LogSettings",
    "LokiSettings",
    "ModelSettings",
    "OpenSearchSettings",
    "OrganizationSettings",
    "Problem",
    "SimulatedCluster",
    "SlackSettings",
    "StoreSettings",
    "TracesSettings",
    "load",
]
