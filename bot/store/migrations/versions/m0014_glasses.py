"""Broken glass."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "glasses",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("confidential", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.Column("stands_for", sa.Text(), nullable=False),
        sa.Column("review_due", sa.String(length=27), nullable=False),
        sa.Column("reminded_at", sa.String(length=27), nullable=True),
        sa.Column("reviewed_at", sa.String(length=27), nullable=True),
        sa.Column("reviewer", sa.Text(), nullable=True),
        sa.Column("reviewer_name", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_glasses_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "proposal", name="pk_glasses"),
        comment="Who broke the glass for which proposal, and who looked at it afterwards",
    )
    op.create_index("ix_glasses_review", "glasses", ["organization", "reviewed_at", "review_due"], unique=False)


def downgrade() -> None:
    op.drop_table("glasses")
