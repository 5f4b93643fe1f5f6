"""Alembic's entry: runs on the connection that feedback.migrations hands over."""

from alembic import context

from feedback.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
