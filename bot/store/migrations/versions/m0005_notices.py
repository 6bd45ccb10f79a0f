"""What is said unasked, and the requests that became records."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_notices"),
        comment="What is said unasked, to a person or in a place, once for each key",
    )
    op.create_index("ux_notices_key", "notices", ["organization", "key"], unique=True)
    op.create_table(
        "requests",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("organization", "key", name="pk_requests"),
        comment="Requests that were written down as records, so that one delivered twice is one",
    )


def downgrade() -> None:
    op.drop_table("requests")
    op.drop_table("notices")
