"""Partners stand apart in what is reported of work, and an account knows which release it saw last."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # What was reported before stays one number: nobody can tell by now who in it was a partner.
    op.add_column("work_totals", sa.Column("partners_served", sa.Integer(), nullable=True))
    op.add_column("work_totals", sa.Column("partners_offered", sa.Integer(), nullable=True))
    op.add_column("users", sa.Column("seen_release", sa.String(length=6), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "seen_release")
    op.drop_column("work_totals", "partners_offered")
    op.drop_column("work_totals", "partners_served")
