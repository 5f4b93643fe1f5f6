"""A later version of a page takes the place of an earlier one, and what was taken back is gone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("version", sa.Integer(), nullable=True))
    op.add_column("used_keys", sa.Column("thrown_away", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("used_keys", "thrown_away")
    op.drop_column("inbox", "version")
