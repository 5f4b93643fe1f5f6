"""Who reads what people write: no link asks for words where nobody has said that."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("programs", sa.Column("reading", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("programs", "reading")
