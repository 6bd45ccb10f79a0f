"""Where measurements and answers about costs lie. Like `tables`, private to the store."""

from sqlalchemy import Column, Table, Text

from bot.store.columns import Instant, JsonText
from bot.store.tables import metadata

priced_days = Table(
    "priced_days",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("environment", Text, primary_key=True),
    Column("day", Text, primary_key=True),
    Column("hours", JsonText, nullable=False),
    Column("lines", JsonText, nullable=False),
    comment="What ran in an environment on a day, hour by hour, at the prices of that hour",
)

kept_statements = Table(
    "kept_statements",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("read_at", Instant, nullable=False),
    Column("said", JsonText, nullable=False),
    comment="What a source of costs answered that charges for each question",
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("compared", JsonText, nullable=False),
    comment="What was estimated for a period and what was billed for it in the end",
)
