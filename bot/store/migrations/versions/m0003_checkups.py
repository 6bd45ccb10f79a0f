"""Looks at services some time after a run."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkups",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("proposal", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("done_at", sa.String(length=27), nullable=True),
        sa.Column("found", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization", "proposal"], ["proposals.organization", "proposals.id"], name="fk_checkups_proposals"
        ),
        sa.PrimaryKeyConstraint("organization", "proposal", name="pk_checkups"),
        comment="Looks at services some time after a run",
    )
    op.create_index("ix_checkups_due", "checkups", ["organization", "done_at", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("checkups")
