"""Incidents: what happened in them, and what has to happen outside because of them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _incidents()
    op.create_table(
        "incident_entries",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "incident"],
            ["incidents.organization", "incidents.id"],
            name="fk_incident_entries_incidents",
        ),
        sa.PrimaryKeyConstraint("organization", "incident", "seq", name="pk_incident_entries"),
        comment="What happened in incidents; only ever added to",
    )
    op.create_index("ux_incident_entries_key", "incident_entries", ["organization", "incident", "key"], unique=True)
    op.create_index(
        "ix_incident_entries_verb", "incident_entries", ["organization", "incident", "verb", "seq"], unique=False
    )
    op.create_table(
        "incident_effects",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("intent_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "incident"],
            ["incidents.organization", "incidents.id"],
            name="fk_incident_effects_incidents",
        ),
        sa.PrimaryKeyConstraint("organization", "incident", "name", name="pk_incident_effects"),
        comment="What has to happen outside because of an incident: meant, done, or refused",
    )


def downgrade() -> None:
    op.drop_table("incident_effects")
    op.drop_table("incident_entries")
    op.drop_table("incidents")


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("open_of", sa.Text(), nullable=True),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("declared_at", sa.String(length=27), nullable=False),
        sa.Column("over", sa.Boolean(), nullable=False),
        sa.Column("room", sa.Text(), nullable=True),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("followed", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("executor", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("organization", "id", name="pk_incidents"),
        comment="Which incidents there are. What happened in them stands in their entries; the rest is for finding them",
    )
    op.create_index("ux_incidents_request_key", "incidents", ["organization", "request_key"], unique=True)
    op.create_index("ux_incidents_open_of", "incidents", ["organization", "open_of"], unique=True)
    op.create_index("ix_incidents_over", "incidents", ["organization", "over", "id"], unique=False)
    op.create_index("ix_incidents_declared_at", "incidents", ["organization", "declared_at"], unique=False)
    op.create_index("ix_incidents_room", "incidents", ["organization", "room"], unique=False)
