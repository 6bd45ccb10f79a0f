"""Configuration: YAML files and environment variables in, one frozen `Configuration` out, or every mistake at once."""

from bot.configuration.loading import load
from bot.configuration.problems import ConfigurationError, Problem
from bot.configuration.settings import (
    AllowanceSettings,
    CheckupSettings,
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
    PrometheusSettings,
    SimulatedCluster,
    SlackSettings,
    StoreSettings,
    TracesSettings,
)

__all__ = [
    "AllowanceSettings",
    "CheckupSettings",
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
    "PrometheusSettings",
    "SimulatedCluster",
    "SlackSettings",
    "StoreSettings",
    "TracesSettings",
    "load",
]
