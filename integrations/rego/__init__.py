"""Rego in process, by rego-cpp."""

from integrations.rego.check import Fault, mentioned, takes_all
from integrations.rego.engine import RegoEngine
from integrations.rego.testing import Outcome, run_tests

__all__ = ["Fault", "Outcome", "RegoEngine", "mentioned", "run_tests", "takes_all"]
