"""The identifiers that travel through every room, told apart by type."""

from typing import NewType

Organization = NewType("Organization", str)
Subject = NewType("Subject", str)
"""A person's corporate identity, the same whichever edge they come through."""

ServiceName = NewType("ServiceName", str)
EnvironmentName = NewType("EnvironmentName", str)
SkillName = NewType("SkillName", str)
ProposalId = NewType("ProposalId", int)
"""Counts from 1 within an organization; short enough to say aloud."""

Digest = NewType("Digest", str)
"""Lower-case hexadecimal SHA-256 of canonical JSON."""
