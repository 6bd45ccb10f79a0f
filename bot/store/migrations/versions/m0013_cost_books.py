"""What was reserved and what it cost, hour by hour; what sources said; and how estimates compared with bills."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "priced_days",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "environment", "day", name="pk_priced_days"),
        comment="What ran in an environment on a day, hour by hour, at the prices of that hour",
    )
    op.create_table(
        "kept_statements",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("read_at", sa.String(27), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "source", "key", name="pk_kept_statements"),
        comment="What a source of costs answered that charges for each question",
    )
    op.create_table(
        "reconciliations",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("compared", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "source", "period", "scope", name="pk_reconciliations"),
        comment="What was estimated for a period and what was billed for it in the end",
    )


def downgrade() -> None:
    op.drop_table("reconciliations")
    op.drop_table("kept_statements")
    op.drop_table("priced_days")
