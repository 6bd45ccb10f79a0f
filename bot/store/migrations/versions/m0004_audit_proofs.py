"""Signed heads of the audit log, alarms about it, and the subtrees of its Merkle tree, computed from the entries that are there."""

import sqlalchemy as sa
from alembic import op

from bot.store.merkle import Frontier, leaf_hash

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHUNK = 1_000


def upgrade() -> None:
    nodes = op.create_table(
        "audit_nodes",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("organization", "position", name="pk_audit_nodes"),
        comment="The perfect subtrees of the Merkle tree in the order in which they were completed, for quick proofs",
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization", "size", name="pk_audit_checkpoints"),
        comment="Signed heads of the audit log",
    )
    op.create_table(
        "audit_alarms",
        sa.Column("organization", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("acknowledged_at", sa.String(length=27), nullable=True),
        sa.PrimaryKeyConstraint("organization", "size", "root", name="pk_audit_alarms"),
        comment="Remembered heads that the audit log does not continue; safe mode until each is acknowledged",
    )
    for (organization,) in op.get_bind().execute(sa.text("SELECT DISTINCT organization FROM audit_entries")).all():
        _grow(nodes, organization)


def downgrade() -> None:
    for table in ("audit_alarms", "audit_checkpoints", "audit_nodes"):
        op.drop_table(table)


def _grow(nodes: sa.Table, organization: str) -> None:
    """The tree of the log as it is; where an entry was edited, `audit verify` says so as before."""
    query = sa.text(
        "SELECT seq, body FROM audit_entries WHERE organization = :mine AND seq > :after ORDER BY seq LIMIT :most"
    )
    frontier, position, after = Frontier(), 0, 0
    while rows := op.get_bind().execute(query, {"mine": organization, "after": after, "most": _CHUNK}).all():
        completed = [each for row in rows for each in frontier.append(leaf_hash(row.body.encode()))]
        op.bulk_insert(
            nodes,
            [
                {"organization": organization, "position": position + number, "hash": each.hex()}
                for number, each in enumerate(completed)
            ],
        )
        position, after = position + len(completed), rows[-1].seq
