"""serve. It imports next to nothing: what a door needs, the door's own process loads."""

import os

import click

from feedback import serving
from feedback.settings import read_settings


@click.command()
@click.option("--survey-port", default=8001, show_default=True, help="Survey door, on 127.0.0.1.")
@click.option("--staff-port", default=8002, show_default=True, help="Staff door, on localhost.")
def serve(*, survey_port: int, staff_port: int) -> None:
    """Open both doors, one process each."""
    raise SystemExit(serving.serve(read_settings(os.environ), survey_port, staff_port, click.echo))


COMMANDS = (serve,)
