"""The database itself refuses to change or delete an entry of the audit log."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_REFUSED = "The audit log is append-only."
_ON_SQLITE = {
    "audit_never_changed": "BEFORE UPDATE ON audit",
    "audit_never_deleted": "BEFORE DELETE ON audit",
    # INSERT OR REPLACE deletes without asking the trigger above.
    "audit_never_replaced": "BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)",
}
_ON_POSTGRESQL = (
    f"""CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()""",
    # Otherwise a session that says it is a replica passes by.
    "ALTER TABLE audit ENABLE ALWAYS TRIGGER audit_append_only",
)


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for command in _ON_POSTGRESQL:
            op.execute(command)
        return
    for name, when in _ON_SQLITE.items():
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_append_only ON audit")
        op.execute("DROP FUNCTION audit_refuses")
        return
    for name in _ON_SQLITE:
        op.execute(f"DROP TRIGGER {name}")
