"""Policy: facts in, Rego decides, a verdict out."""

from bot.policy.judge import Judge

__all__ = ["Judge"]
