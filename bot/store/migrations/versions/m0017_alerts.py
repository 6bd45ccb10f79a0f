"""Alerts that were sent here."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "received_alerts",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("started_at", sa.String(length=27), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("news", sa.Boolean(), nullable=False),
        sa.Column("unwritten", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "source", "fingerprint", name="pk_received_alerts"),
        comment="Alerts as their senders last told of them; news is what no card says yet, unwritten what no time line does",
    )
    op.create_index("ix_received_alerts_news", "received_alerts", ["organization", "news"], unique=False)
    op.create_index("ix_received_alerts_unwritten", "received_alerts", ["organization", "unwritten"], unique=False)
    op.create_index("ix_received_alerts_ended_at", "received_alerts", ["organization", "ended_at"], unique=False)
    op.create_table(
        "alert_episodes",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("began_at", sa.String(length=27), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "about", name="pk_alert_episodes"),
        comment="Which time in a row alerts fire about something: each time has a card of its own",
    )


def downgrade() -> None:
    op.drop_table("alert_episodes")
    op.drop_table("received_alerts")
