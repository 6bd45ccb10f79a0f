"""Durable execution: an approved proposal is run to its end, whatever crashes on the way. DBOS behind a few verbs of our own.

DBOS takes most of a second to import, so that `bot.engine.engine` is imported by those only who have the lock and something to run.
"""
