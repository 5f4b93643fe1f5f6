"""The commands, for every test of the service."""

from tests.commands import command, feedback

__all__ = ["command", "feedback"]
