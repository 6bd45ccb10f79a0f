"""The command line: an edge like Slack. It translates words typed in a terminal and shows what comes back through the door."""
