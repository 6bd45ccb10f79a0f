"""Looking through who has which roles and teams."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_campaigns",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.String(length=27), nullable=False),
        sa.Column("due_at", sa.String(length=27), nullable=False),
        sa.Column("unanswered", sa.Text(), nullable=False),
        sa.Column("escalated_at", sa.String(length=27), nullable=True),
        sa.Column("closed_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_access_campaigns"),
        comment="When it was looked through who has which roles and teams",
    )
    op.create_table(
        "access_questions",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("campaign", sa.BigInteger(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("person_name", sa.Text(), nullable=False),
        sa.Column("membership", sa.Text(), nullable=False),
        sa.Column("gives", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("by_name", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization", "campaign"],
            ["access_campaigns.organization", "access_campaigns.number"],
            name="fk_access_questions_access_campaigns",
        ),
        sa.PrimaryKeyConstraint("organization", "number", name="pk_access_questions"),
        comment="May this person keep this role or team? What was revoked does not count until the configuration confirms it again",
    )
    op.create_index("ix_access_questions_campaign", "access_questions", ["organization", "campaign", "number"])
    op.create_index("ix_access_questions_word", "access_questions", ["organization", "word", "person"])


def downgrade() -> None:
    op.drop_table("access_questions")
    op.drop_table("access_campaigns")
