"""Rego in process, by rego-cpp."""

from integrations.rego.check import Fault, mentioned
from integrations.rego.engine import RegoEngine
from integrations.rego.testing import Tested, run_tests

__all__ = ["Fault", "RegoEngine", "Tested", "mentioned", "run_tests"]
