"""Slack as an edge: payloads in, the door's answers out as blocks. Nothing here decides."""
