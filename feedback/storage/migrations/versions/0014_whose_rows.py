"""A published row says beside its content whose it is: a page reads the rows of one program alone."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_ON_SQLITE = (
    "coalesce(json_extract(row, '$.filters.program'), json_extract(row, '$.filters.strategy_id'), '')"
)
_ON_POSTGRESQL = "coalesce(row #>> '{filters,program}', row #>> '{filters,strategy_id}', '')"


def upgrade() -> None:
    op.add_column("published", sa.Column("subject", sa.String(length=80), nullable=False, server_default=""))
    subject = _ON_POSTGRESQL if op.get_context().dialect.name == "postgresql" else _ON_SQLITE
    op.execute(f"UPDATE published SET subject = {subject}")  # noqa: S608 - one of the two above
    op.create_index("published_by_subject", "published", ["name", "subject", "release"])


def downgrade() -> None:
    op.drop_index("published_by_subject", "published")
    op.drop_column("published", "subject")
