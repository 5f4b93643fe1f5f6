"""Each release's fingerprint covers what it published and the release before it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("published_sha256", "chain_sha256"):
        op.add_column("releases", sa.Column(name, sa.String(length=64), nullable=False, server_default=""))


def downgrade() -> None:
    for name in ("published_sha256", "chain_sha256"):
        op.drop_column("releases", name)
