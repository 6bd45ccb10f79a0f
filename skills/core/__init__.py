"""The centre: plans, verdicts, proposals and the ports that skills need. No I/O and no clock."""
