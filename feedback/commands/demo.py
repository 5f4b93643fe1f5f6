"""demo: both doors open on made-up answers."""

import os
from pathlib import Path

import click

from feedback.commands.running import PATH


@click.command()
@click.option(
    "--home",
    type=PATH,
    default=Path("demo-home"),
    show_default=True,
    envvar="FEEDBACK_HOME",
    show_envvar=True,
    help="Replaced if it is a demo's.",
)
@click.option("--survey-port", default=8001, show_default=True)
@click.option("--staff-port", default=8002, show_default=True)
@click.option("--no-serve", is_flag=True, help="Only make the answers and release them.")
def demo(*, home: Path, survey_port: int, staff_port: int, no_serve: bool) -> None:
    """Make three years of made-up answers, release them quarter by quarter, open both doors."""
    from feedback import serving
    from feedback.demo import staging

    database = os.environ.get("FEEDBACK_DATABASE_URL", "")
    demonstration = staging.stage(home.absolute(), database, survey_port, staff_port, click.echo)
    if no_serve:
        command = f"feedback serve --survey-port {survey_port} --staff-port {staff_port}"
        click.echo(f"No door is open. To open both: FEEDBACK_HOME={demonstration.settings.home} {command}")
    for line in demonstration.lines:
        click.echo(line)
    if not no_serve:
        raise SystemExit(serving.serve(demonstration.settings, survey_port, staff_port, click.echo))


COMMANDS = (demo,)
