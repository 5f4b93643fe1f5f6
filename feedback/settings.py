"""Settings: one frozen object, read once, refusing nonsense by name."""

import datetime as dt
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from analysis.parameters import Parameters
from feedback import clock
from surveys.periods import Period

"""Quarters end when they end for the people who answer."""
FILE = "settings.toml"
LONGEST_WAIT = 89
_LEAST = {
    "answers_at_once": 40,  # a full room never has to wait
    "answers_a_minute": 1,
}
_PUBLIC_KEY = re.compile(r"[0-9A-Fa-f]{64}")


class SettingRefused(Exception):
    """A setting makes no sense; the message names it and says what was expected."""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one deployment is told. The environment comes first, then settings.toml in the home folder."""

    home: Path
    """Folder of the embedded database, the keys and settings.toml."""
    database_url: str = ""
    """Empty means SQLite in the home folder."""
    today_is: dt.date | None = None
    """Pretends the date, for rehearsals and tests."""
    survey_url: str = "http://127.0.0.1:8001"
    """Where respondents find the survey door; printed in links."""
    staff_url: str = "http://localhost:8002"
    release_public_key: str = ""
    """Empty means the file that `init` made."""
    leave_to: str = "https://forecast.weather.gov/"
    """An ordinary page that “Leave” opens."""
    release_after_days: int = 15
    """A quarter's release is due this many days after its end."""
    offer_draft_languages: bool = False
    """Offer languages that no person has reviewed yet, and say so on the page."""
    made_up: bool = False
    """Answers here are made up; every page says so."""
    answers_at_once: int = 240
    """How many answers one link takes in a burst."""
    answers_a_minute: int = 12
    """How many more it takes a minute once the burst is used up."""
    policy: Parameters = Parameters()

    def __post_init__(self) -> None:
        self._check_numbers()
        for name in ("survey_url", "staff_url", "leave_to"):
            if not _is_address(getattr(self, name)):
                raise ValueError(f"{name}: “{getattr(self, name)}” should be an http or https address.")
        for name in ("survey_url", "staff_url"):
            # Links add a path of their own; two slashes in a row would open nothing.
            msgspec.structs.force_setattr(self, name, getattr(self, name).rstrip("/"))
        if not self.url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
            raise ValueError("database_url: should start with sqlite+aiosqlite:// or postgresql+asyncpg://.")
        if self.release_public_key and not _PUBLIC_KEY.fullmatch(self.release_public_key):
            raise ValueError("release_public_key: should be 64 hexadecimal digits.")

    def _check_numbers(self) -> None:
        if not 1 <= self.release_after_days <= LONGEST_WAIT:
            raise ValueError(f"release_after_days: should be 1 to {LONGEST_WAIT} (the next quarter's end).")
        for name, least in _LEAST.items():
            if getattr(self, name) < least:
                raise ValueError(f"{name}: should be {least} or more.")

    @property
    def url(self) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{self.home / 'feedback.db'}"

    @property
    def keys(self) -> Path:
        return self.home / "keys"

    @property
    def today(self) -> dt.date:
        return self.today_is or clock.today()

    @property
    def period(self) -> Period:
        return Period.of(self.today)

    def open_from(self, period: Period) -> dt.date:
        """The day from which a quarter's release may be run: the first day after it."""
        return period.ends + dt.timedelta(days=1)

    def due_on(self, period: Period) -> dt.date:
        """The day on which a quarter's release is expected."""
        return period.ends + dt.timedelta(days=self.release_after_days)

    def survey_address(self, slug: str) -> str:
        """Where a link's survey opens on a page of its own."""
        return f"{self.survey_url}/s/{slug}"

    def one_time_address(self, token: str) -> str:
        """Where whoever was invited sets a password and a second factor."""
        return f"{self.staff_url}/welcome/{token}"


_FROM_ENVIRONMENT = {
    "FEEDBACK_DATABASE_URL": "database_url",
    "FEEDBACK_TODAY": "today_is",
    "FEEDBACK_SURVEY_URL": "survey_url",
    "FEEDBACK_STAFF_URL": "staff_url",
    "FEEDBACK_RELEASE_PUBLIC_KEY": "release_public_key",
    "FEEDBACK_LEAVE_TO": "leave_to",
    "FEEDBACK_OFFER_DRAFT_LANGUAGES": "offer_draft_languages",
}


def told_by_environment(settings: Settings) -> dict[str, str]:
    """Every variable and what it says now, without the database's address: that may hold a password."""
    variables = {name: str(getattr(settings, field)) for name, field in _FROM_ENVIRONMENT.items()}
    del variables["FEEDBACK_DATABASE_URL"]
    return {"FEEDBACK_HOME": str(settings.home), **variables}


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings. Raises SettingRefused with the setting's name and what was expected."""
    home = Path(environment.get("FEEDBACK_HOME") or "feedback-home").absolute()
    fields: dict[str, Any] = _read_file(home / FILE)
    fields |= {field: environment[name] for name, field in _FROM_ENVIRONMENT.items() if environment.get(name)}
    try:
        return msgspec.convert({**fields, "home": str(home)}, Settings, strict=False, dec_hook=_path)
    except msgspec.ValidationError as error:
        raise SettingRefused(f"A setting was refused: {error}") from error


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def _read_file(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingRefused(f"{path} cannot be read: {error}.") from error
