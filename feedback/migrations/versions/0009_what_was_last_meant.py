"""A later version of a page takes the place of an earlier one."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("version", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("inbox", "version")
