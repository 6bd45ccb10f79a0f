"""Rego in process, by rego-cpp."""

from integrations.rego.engine import RegoEngine

__all__ = ["RegoEngine"]
