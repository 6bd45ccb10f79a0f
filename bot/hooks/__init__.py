"""What other systems may tell the bot over HTTP. Each source has a secret of its own; without one there is no such address."""
