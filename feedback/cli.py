"""Operator commands. Each one is a sentence in --help, a sentence on failure, and never a traceback."""

import sys

import click

from feedback.commands import demo, deployment, measuring, people, releasing, reporting, surveying, texts
from feedback.commands.errors import REFUSALS


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


def main() -> None:
    """Run one command; what it refuses is one sentence on standard error."""
    try:
        status = feedback.main(standalone_mode=False)
    except click.exceptions.Abort:
        _fail("Stopped.")
    except click.UsageError as error:
        _fail(error.format_message())
    except (click.ClickException, *REFUSALS) as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)
