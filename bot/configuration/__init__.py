"""Configuration: YAML files and environment variables in, one frozen `Configuration` out, or every mistake at once."""

from bot.configuration.loading import load
from bot.configuration.problems import ConfigurationError, Problem
from bot.configuration.settings import (
    AllowanceSettings,
    AuditKeySettings,
    AuditSettings,
    ClusterSettings,
    Configuration,
    EnvironmentSettings,
    FileAnchorSettings,
    KubernetesCluster,
    Limits,
    LogSettings,
    ModelSettings,
    OrganizationSettings,
    SimulatedCluster,
    SlackSettings,
    StoreSettings,
    WitnessSettings,
)

__all__ = [
    "AllowanceSettings",
    "AuditKeySettings",
    "AuditSettings",
    "ClusterSettings",
    "Configuration",
    "ConfigurationError",
    "EnvironmentSettings",
    "FileAnchorSettings",
    "KubernetesCluster",
    "Limits",
    "LogSettings",
    "ModelSettings",
    "OrganizationSettings",
    "Problem",
    "SimulatedCluster",
    "SlackSettings",
    "StoreSettings",
    "WitnessSettings",
    "load",
]
