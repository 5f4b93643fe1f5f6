"""Failed sign-ins of an account are told in the audit log, and no flood drives out its row."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of the moment: whoever has to wait waits again after a few tries.
    op.execute(sa.text("DELETE FROM tries"))
    op.add_column("tries", sa.Column("unnoted", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tries", sa.Column("noted_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("tries", "noted_on")
    op.drop_column("tries", "unnoted")
