"""First tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "batched",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contractors",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "deployment",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "inbox",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "releases",
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("released_at", sa.DateTime(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("policy", sa.JSON(), nullable=False),
        sa.Column("batches", sa.JSON(), nullable=False),
        sa.Column("entered", sa.Integer(), nullable=False),
        sa.Column("ledger_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("period"),
    )
    op.create_table(
        "used_keys",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until", sa.String(length=6), nullable=False),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asked",
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["program"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("program", "audience", "instrument"),
    )
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
        sa.ForeignKeyConstraint(
            ["contractor"],
            ["contractors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["release"],
            ["releases.period"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "contracts",
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("first", sa.String(length=6), nullable=False),
        sa.Column("contractor", sa.String(length=80), nullable=False),
        sa.Column("last", sa.String(length=6), nullable=True),
        sa.ForeignKeyConstraint(
            ["contractor"],
            ["contractors.id"],
        ),
        sa.ForeignKeyConstraint(
            ["program"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("program", "first"),
    )
    op.create_table(
        "links",
        sa.Column("slug", sa.String(length=24), nullable=False),
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("audience", sa.String(length=16), nullable=False),
        sa.Column("instrument", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("embed", sa.JSON(), nullable=False),
        sa.Column("comments", sa.Boolean(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["program"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("slug"),
    )
    op.create_table(
        "measures",
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("viewer", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"],
            ["releases.period"],
        ),
        sa.PrimaryKeyConstraint("release", "viewer", "position"),
    )
    op.create_table(
        "published",
        sa.Column("release", sa.String(length=6), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=4), nullable=False),
        sa.Column("contractor", sa.String(length=80), nullable=True),
        sa.Column("row", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["release"],
            ["releases.period"],
        ),
        sa.PrimaryKeyConstraint("release", "position"),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("contractor", sa.String(length=80), nullable=True),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contractor"],
            ["contractors.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
    )
    op.create_table(
        "work_totals",
        sa.Column("program", sa.String(length=80), nullable=False),
        sa.Column("period", sa.String(length=6), nullable=False),
        sa.Column("served", sa.Integer(), nullable=False),
        sa.Column("offered", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["program"],
            ["programs.id"],
        ),
        sa.PrimaryKeyConstraint("program", "period"),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch", sa.String(length=12), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "invitations",
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "sessions",
        sa.Column("token", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("seen_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"],
            ["users.id"],
        ),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_table(
        "tallies",
        sa.Column("batch", sa.String(length=12), nullable=False),
        sa.Column("item", sa.String(length=120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch"],
            ["batches.id"],
        ),
        sa.PrimaryKeyConstraint("batch", "item"),
    )


def downgrade() -> None:
    op.drop_table("tallies")
    op.drop_table("sessions")
    op.drop_table("invitations")
    op.drop_table("comments")
    op.drop_table("work_totals")
    op.drop_table("users")
    op.drop_table("published")
    op.drop_table("measures")
    op.drop_table("links")
    op.drop_table("contracts")
    op.drop_table("batches")
    op.drop_table("asked")
    op.drop_table("used_keys")
    op.drop_table("releases")
    op.drop_table("programs")
    op.drop_table("inbox")
    op.drop_table("deployment")
    op.drop_table("contractors")
    op.drop_table("batched")
    op.drop_table("audit")
