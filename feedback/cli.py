"""Operator commands. Each one is a sentence in --help, a sentence on failure, and never a traceback."""

import sys

import click

from feedback.commands import demo, deployment, measuring, people, releasing, reporting, surveying, texts
from feedback.commands.errors import REFUSALS, sentence


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="heard-feedback", prog_name="feedback")
def feedback() -> None:
    """Anonymous feedback for programs that work with young people."""


for _command in (
    *deployment.COMMANDS,
    *people.COMMANDS,
    *surveying.COMMANDS,
    *releasing.COMMANDS,
    *reporting.COMMANDS,
    *texts.COMMANDS,
    *measuring.COMMANDS,
    *demo.COMMANDS,
):
    feedback.add_command(_command)


@feedback.result_callback()
def _flush(*_: object, **__: object) -> None:
    """While click still listens: it ends a command quietly whose reader, such as `head`, has seen enough."""
    sys.stdout.flush()


def main() -> None:
    """Run one command; what it refuses is one sentence on standard error."""
    try:
        status = feedback.main(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("Stopped.")
    except (click.ClickException, *REFUSALS) as error:
        _fail(sentence(error))
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _fail(told: str) -> None:
    print(told, file=sys.stderr)
    sys.exit(1)
