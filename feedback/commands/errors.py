"""What a command refuses with a sentence; anything else is a fault of ours."""

from sqlalchemy.exc import OperationalError

from analysis.themes import CodebookBroken
from feedback.accounts import AccountRefused
from feedback.backups import BackupRefused
from feedback.deployment import NotReady
from feedback.importing import ImportRefused
from feedback.keys import KeyRefused
from feedback.links import LinkRefused, LinkUnknown
from feedback.programs import NoSuchProgram
from feedback.releases import ReleaseRefused
from feedback.settings import SettingRefused
from surveys.instruments import InstrumentBroken
from surveys.registry import ProgramsBroken

REFUSALS = (
    AccountRefused,
    BackupRefused,
    CodebookBroken,
    ImportRefused,
    InstrumentBroken,
    KeyRefused,
    LinkRefused,
    LinkUnknown,
    NoSuchProgram,
    NotReady,
    OperationalError,
    OSError,
    ProgramsBroken,
    ReleaseRefused,
    SettingRefused,
    ValueError,
)
