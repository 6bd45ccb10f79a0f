"""What audit entries hide behind salted hashes, and up to where they were archived. Entries from before stay as they are."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_people",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.String(length=71), nullable=False),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("erasure", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("organization", "pseudonym", name="pk_audit_people"),
        comment="Whom the pseudonyms in audit entries stand for; erasing is emptying the row",
    )
    op.create_index("ix_audit_people_name", "audit_people", ["organization", "name"], unique=False)
    op.create_table(
        "audit_texts",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("person", sa.String(length=71), nullable=True),
        sa.Column("salt", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("erasure", sa.String(length=32), nullable=True),
        sa.PrimaryKeyConstraint("organization", "seq", "field", name="pk_audit_texts"),
        comment="What people typed, of which audit entries hold salted hashes; erasing is emptying the row",
    )
    op.create_index("ix_audit_texts_person", "audit_texts", ["organization", "person"], unique=False)
    op.create_index("ix_audit_entries_actor", "audit_entries", ["organization", "actor", "seq"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_audit_entries_actor", table_name="audit_entries")
    for table in ("audit_texts", "audit_people"):
        op.drop_table(table)
