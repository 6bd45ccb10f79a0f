"""Where alerts lie that were sent here. Like `tables`, private to the store."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from bot.store.columns import Instant, Words
from bot.store.tables import metadata

received_alerts = Table(
    "received_alerts",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("name", Words, nullable=False),
    Column("summary", Words, nullable=False),
    Column("service", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("link", Words, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("received_at", Instant, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Column("news", Boolean, nullable=False),
    Column("unwritten", Boolean, nullable=False),
    Index("ix_received_alerts_news", "organization", "news"),
    Index("ix_received_alerts_unwritten", "organization", "unwritten"),
    Index("ix_received_alerts_ended_at", "organization", "ended_at"),
    comment="Alerts as their senders last told of them; news is what no card says yet, unwritten what no time line does",
)

alert_episodes = Table(
    "alert_episodes",
    metadata,
    Column("organization", Text, primary_key=True),
    Column("about", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("over", Boolean, nullable=False),
    comment="Which time in a row alerts fire about something: each time has a card of its own",
)
