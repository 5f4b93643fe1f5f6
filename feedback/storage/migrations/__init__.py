"""One set of migrations for SQLite and PostgreSQL, shipped inside the package."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from feedback.storage.staff_tables import EVERY_TABLE


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config


def upgrade(connection: Connection) -> None:
    """Bring the database to today's tables, in the caller's transaction."""
    command.upgrade(_config(connection), "head")


def is_current(connection: Connection) -> bool:
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head


def differences(connection: Connection) -> list[object]:
    """What the tables in the code have that the migrated database has not, or the other way round."""
    return list(compare_metadata(MigrationContext.configure(connection), EVERY_TABLE))
