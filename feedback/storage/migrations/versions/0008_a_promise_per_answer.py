"""The ledger of version 2 of the release rule. One of version 1 made no promise, and nothing converts it."""

import sqlalchemy as sa
from alembic import op

from feedback.storage.migrations.refusals import UpgradeRefused

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    if op.get_bind().execute(sa.text("SELECT count(*) FROM releases")).scalar_one():
        raise UpgradeRefused(
            "This deployment released answers under version 1 of the release rule, and no ledger of version 1"
            " can be brought to version 2: it was drawn with less noise than is promised now. Nothing was"
            " changed. Make a new deployment with `feedback init` in an empty folder."
        )
    for name in ("tallies", "batches", "published"):
        op.drop_table(name)
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=100), nullable=False),
        sa.Column("class", sa.String(length=100), nullable=False),
        sa.Column("wave", sa.String(length=8), nullable=True),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("first", sa.String(length=6), nullable=False),
        sa.Column("last", sa.String(length=6), nullable=False),
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("joined", sa.JSON(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("variances", sa.JSON(), nullable=False),
        sa.Column("contract", sa.String(length=100), nullable=True),
        sa.ForeignKeyConstraint(["release"], ["releases.period"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "batch_values",
        sa.Column("batch", sa.String(length=12), nullable=False),
        sa.Column("item", sa.String(length=120), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"]),
        sa.PrimaryKeyConstraint("batch", "item"),
    )
    op.create_table(
        "published",
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=8), nullable=False),
        sa.Column("readers", sa.JSON(), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.period"]),
        sa.PrimaryKeyConstraint("release", "position"),
    )


def downgrade() -> None:
    for name in ("published", "batch_values", "batches"):
        op.drop_table(name)
    op.create_table(
        "batches",
        sa.Column("id", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=8), nullable=False),
        sa.Column("first", sa.String(length=6), nullable=False),
        sa.Column("last", sa.String(length=6), nullable=False),
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("contractor", sa.String(length=80), nullable=True),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["contractor"], ["contractors.id"]),
        sa.ForeignKeyConstraint(["release"], ["releases.period"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tallies",
        sa.Column("batch", sa.String(length=12), nullable=False),
        sa.Column("item", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batches.id"]),
        sa.PrimaryKeyConstraint("batch", "item"),
    )
    op.create_table(
        "published",
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=4), nullable=False),
        sa.Column("contractor", sa.String(length=80), nullable=True),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.period"]),
        sa.PrimaryKeyConstraint("release", "position"),
    )
