"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organization", "seq", name="pk_audit_entries"),
    )
    op.create_index("ix_audit_entries_subject", "audit_entries", ["organization", "subject", "seq"], unique=False)
    op.create_table(
        "audit_heads",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("frontier", sa.Text(), nullable=False),
        sa.Column("link", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organization", name="pk_audit_heads"),
    )
    op.create_table(
        "counters",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", name="pk_counters"),
        comment="Numbers handed out without gaps: a database sequence leaves some out and commits them out of order",
    )
    op.create_table(
        "cursors",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "name", name="pk_cursors"),
    )
    op.create_table(
        "deliveries",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("executor", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "key", name="pk_deliveries"),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["organization", "state", "due_at"], unique=False)
    op.create_table(
        "leases",
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("executor", name="pk_leases"),
        comment="Which processes are alive. A process serves every organization, so these rows belong to none",
    )
    op.create_table(
        "memories",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("organization", "key", name="pk_memories"),
    )
    op.create_index("ix_memories_until", "memories", ["organization", "until"], unique=False)
    op.create_table(
        "messages",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("ts", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("organization", "key", name="pk_messages"),
    )
    op.create_table(
        "proposals",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("requester_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=27), nullable=False),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.Column("start_by", sa.String(length=27), nullable=True),
        sa.Column("started_at", sa.String(length=27), nullable=True),
        sa.Column("settled_at", sa.String(length=27), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("change", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "id", name="pk_proposals"),
    )
    op.create_index("ix_proposals_change", "proposals", ["organization", "change"], unique=False)
    op.create_index("ix_proposals_requester", "proposals", ["organization", "requester", "id"], unique=False)
    op.create_index("ix_proposals_status", "proposals", ["organization", "status", "id"], unique=False)
    op.create_index("ux_proposals_handle", "proposals", ["organization", "handle"], unique=True)
    op.create_index("ux_proposals_request_key", "proposals", ["organization", "request_key"], unique=True)
    op.create_table(
        "decisions",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_decisions_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "proposal", "subject", "choice", name="pk_decisions"),
    )
    op.create_table(
        "effects",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("compensating", sa.Boolean(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("intent_at", sa.String(length=27), nullable=False),
        sa.Column("outcome_at", sa.String(length=27), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_effects_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "proposal", "ordinal", name="pk_effects"),
    )
    op.create_table(
        "runs",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("claimed_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_runs_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "proposal", name="pk_runs"),
    )
    op.create_table(
        "targets",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_targets_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "service", "environment", "proposal", name="pk_targets"),
        comment="Which services and environments a proposal touches, for looking it up by them",
    )


def downgrade() -> None:
    for table in (
        "targets",
        "runs",
        "effects",
        "decisions",
        "proposals",
        "messages",
        "memories",
        "leases",
        "deliveries",
        "cursors",
        "counters",
        "audit_heads",
        "audit_entries",
    ):
        op.drop_table(table)
