"""Alembic's entry: runs on the connection that feedback.storage.migrations hands over."""

from alembic import context

from feedback.storage.staff_tables import EVERY_TABLE

context.configure(connection=context.config.attributes["connection"], target_metadata=EVERY_TABLE)
context.run_migrations()
