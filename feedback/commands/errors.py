"""What a command refuses with a sentence; anything else is a fault of ours."""

import click
from asyncpg import PostgresError
from sqlalchemy.exc import ArgumentError, DBAPIError

from analysis.text.themes import CodebookBroken
from feedback.deployment import NotReady
from feedback.entering.importing import ImportRefused
from feedback.fieldwork.instruments import InstrumentRefused
from feedback.fieldwork.links import LinkRefused, LinkUnknown
from feedback.fieldwork.programs import NoSuchProgram
from feedback.fieldwork.reading_plans import PlanRefused
from feedback.operations.archives import BackupRefused
from feedback.release.ledgerfiles import LedgerFileRefused
from feedback.release.timing import ReleaseRefused
from feedback.settings import SettingRefused
from feedback.staff.accounts import AccountRefused
from feedback.staff.passwords import PasswordRefused
from feedback.storage.keys import KeyRefused
from feedback.translations.wordfiles import WordsRefused
from surveys.instruments import InstrumentBroken
from surveys.registry import ProgramsBroken
from surveys.xlsform import XlsFormRefused

REFUSALS = (
    AccountRefused,
    ArgumentError,
    BackupRefused,
    CodebookBroken,
    click.ClickException,
    DBAPIError,
    XlsFormRefused,
    ImportRefused,
    InstrumentBroken,
    InstrumentRefused,
    KeyRefused,
    LedgerFileRefused,
    LinkRefused,
    LinkUnknown,
    NoSuchProgram,
    NotReady,
    OSError,
    PasswordRefused,
    PostgresError,  # a refused connection reaches us as the driver raised it
    PlanRefused,
    ProgramsBroken,
    ReleaseRefused,
    SettingRefused,
    ValueError,
    WordsRefused,
)


def sentence(error: Exception) -> str:
    """What the operator is told: the error's own words where they are a sentence, else what happened."""
    if isinstance(error, click.ClickException):
        return _of_usage(error)
    if isinstance(error, DBAPIError):
        return f"The database refused: {str(error.orig).splitlines()[0]}."
    if isinstance(error, PostgresError):
        return f"The database refused: {error}."
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error) or (error.__doc__ or "").splitlines()[0]


def _of_usage(error: click.ClickException) -> str:
    message = error.format_message()
    return message if isinstance(error, click.exceptions.NoArgsIsHelpError) else " ".join(message.split())
