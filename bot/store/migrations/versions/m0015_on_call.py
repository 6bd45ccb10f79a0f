"""Who stands in for whom, and who was called for what."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stand_ins",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("request_key", sa.Text(), nullable=False),
        sa.Column("rotation", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("start", sa.String(length=27), nullable=False),
        sa.Column("end", sa.String(length=27), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("ended_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_stand_ins"),
        comment="Who is on call instead of whom a rotation says",
    )
    op.create_index("ux_stand_ins_request_key", "stand_ins", ["organization", "request_key"], unique=True)
    op.create_index("ix_stand_ins_end", "stand_ins", ["organization", "end"], unique=False)
    op.create_table(
        "pages",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_pages"),
        comment="Who was called for what, how far that got, and when the next is called",
    )
    op.create_index("ux_pages_key", "pages", ["organization", "key"], unique=True)
    op.create_index("ix_pages_state", "pages", ["organization", "state", "number"], unique=False)
    op.create_index("ix_pages_due_at", "pages", ["organization", "due_at"], unique=False)


def downgrade() -> None:
    op.drop_table("pages")
    op.drop_table("stand_ins")
