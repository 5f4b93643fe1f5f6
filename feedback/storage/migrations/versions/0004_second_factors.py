"""Second factors, passkeys and tries of the staff; sessions begun before end, because they had none."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM sessions")
    op.add_column("users", sa.Column("second_factor", sa.LargeBinary(), nullable=True))
    op.add_column("users", sa.Column("last_step", sa.BigInteger(), nullable=True))
    op.add_column("sessions", sa.Column("half", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "recovery_codes",
        sa.Column("code", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"]),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.LargeBinary(length=1_024), nullable=False),
        sa.Column("user", sa.Integer(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("added_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "used_challenges",
        sa.Column("challenge", sa.LargeBinary(length=32), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("challenge"),
    )
    op.create_table(
        "tries",
        sa.Column("address", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )


def downgrade() -> None:
    for table in ("tries", "used_challenges", "passkeys", "recovery_codes"):
        op.drop_table(table)
    op.drop_column("sessions", "half")
    op.drop_column("users", "last_step")
    op.drop_column("users", "second_factor")
