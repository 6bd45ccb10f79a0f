"""What people thought of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "votes",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("vote", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("skill", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("organization", "key", "subject", name="pk_votes"),
        comment="What people thought of answers",
    )
    op.create_index("ix_votes_at", "votes", ["organization", "at"], unique=False)


def downgrade() -> None:
    op.drop_table("votes")
