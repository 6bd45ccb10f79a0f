"""What was approved in advance."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "grants",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("grantee", sa.Text(), nullable=False),
        sa.Column("granter", sa.Text(), nullable=False),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("until", sa.String(length=27), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("revoked_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_grants"),
        comment="What was approved in advance, and how often that was used",
    )
    op.create_index("ix_grants_until", "grants", ["organization", "until"], unique=False)


def downgrade() -> None:
    op.drop_table("grants")
