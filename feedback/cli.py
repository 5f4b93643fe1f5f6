"""Operator commands. Each one is a sentence in --help, a sentence on failure, and never a traceback.

A command's file is imported when the command is called: a door must open in two seconds and weigh little, and
what a release needs is neither small nor quick to load.
"""

import importlib
import sys

import click

_FAMILIES = {
    "deployment": ("init", "doctor", "backup", "restore"),
    "serving": ("serve",),
    "people": ("programs", "user", "link", "reading"),
    "surveying": ("survey", "responses"),
    "releasing": ("release", "ledger"),
    "reporting": ("tables", "measures", "export"),
    "translating": ("languages",),
    "texts": ("redact", "themes"),
    "measuring": ("bench",),
    "demo": ("demo",),
}
_FILES = {command: family for family, commands in _FAMILIES.items() for command in commands}


class _Commands(click.Group):
    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(_FILES)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _FILES:
            return None
        family = importlib.import_module(f"feedback.commands.{_FILES[name]}")
        command: click.Command = next(it for it in family.COMMANDS if it.name == name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="heard-feedback", prog_name="feedback")
def feedback() -> None:
    """Anonymous feedback for programs that work with young people."""


@feedback.result_callback()
def _flush(*_: object, **__: object) -> None:
    """While click still listens: it ends a command quietly whose reader, such as `head`, has seen enough."""
    sys.stdout.flush()


def main() -> None:
    """Run one command; what it refuses is one sentence on standard error."""
    try:
        status = feedback.main(prog_name="feedback", standalone_mode=False)
    except click.exceptions.Abort:
        _fail("Stopped.")
    except Exception as error:
        from feedback.commands.errors import REFUSALS, sentence

        if not isinstance(error, REFUSALS):
            raise
        _fail(sentence(error))
    else:
        sys.exit(status if isinstance(status, int) else 0)


def _fail(sentence: str) -> None:
    print(sentence, file=sys.stderr)
    sys.exit(1)
