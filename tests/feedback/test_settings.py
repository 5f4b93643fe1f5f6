"""Settings are read once; what makes no sense is refused by name, with what was expected."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from feedback import clock
from feedback.settings import SettingRefused, Settings, read_settings, told_by_environment
from surveys.periods import Period


@pytest.fixture
def home(tmp_path):
    return tmp_path


def read(home, text="", **environment):
    (home / "settings.toml").write_text(text, encoding="utf-8")
    return read_settings({"FEEDBACK_HOME": str(home), **environment})


def at(monkeypatch, moment):
    """Stop the clock at a moment in UTC."""

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC).astimezone(tz)

    monkeypatch.setattr(clock, "dt", SimpleNamespace(datetime=Clock, UTC=dt.UTC))


def test_without_any_setting_a_deployment_lives_in_a_folder_beside_us(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    settings = read_settings({})
    assert settings == Settings(home=tmp_path / "feedback-home")
    assert settings.url == f"sqlite+aiosqlite:///{tmp_path}/feedback-home/feedback.db"
    assert settings.keys == tmp_path / "feedback-home" / "keys"


def test_an_empty_variable_is_no_setting(home):
    settings = read(home, FEEDBACK_DATABASE_URL="", FEEDBACK_TODAY="", FEEDBACK_OFFER_DRAFT_LANGUAGES="")
    assert settings == Settings(home=home)


def test_every_variable_reaches_its_setting(home):
    settings = read(
        home,
        FEEDBACK_DATABASE_URL="postgresql+asyncpg://heard@db.example/heard",
        FEEDBACK_TODAY="2026-08-15",
        FEEDBACK_SURVEY_URL="https://answers.example",
        FEEDBACK_STAFF_URL="https://staff.example:8443",
        FEEDBACK_RELEASE_PUBLIC_KEY="ab" * 32,
        FEEDBACK_LEAVE_TO="https://weather.example/today",
        FEEDBACK_OFFER_DRAFT_LANGUAGES="true",
    )
    assert settings == Settings(
        home=home,
        database_url="postgresql+asyncpg://heard@db.example/heard",
        today_is=dt.date(2026, 8, 15),
        survey_url="https://answers.example",
        staff_url="https://staff.example:8443",
        release_public_key="ab" * 32,
        leave_to="https://weather.example/today",
        offer_draft_languages=True,
    )
    assert settings.url == "postgresql+asyncpg://heard@db.example/heard"


def test_a_variable_of_the_environment_comes_before_the_settings_file(home):
    text = 'survey_url = "https://file.example"\nstaff_url = "https://file.example"'
    settings = read(home, text, FEEDBACK_SURVEY_URL="https://environment.example")
    assert settings.survey_url == "https://environment.example"
    assert settings.staff_url == "https://file.example"


def test_the_settings_file_may_be_stricter_about_batches(home):
    settings = read(home, "today_is = 2026-08-15\nmade_up = true\n[policy]\nk = 20")
    assert (settings.today, settings.made_up, settings.policy.k) == (dt.date(2026, 8, 15), True, 20)


def test_a_link_takes_a_burst_and_then_a_few_answers_a_minute_unless_the_file_says_more(home):
    assert (read(home).answers_at_once, read(home).answers_a_minute) == (240, 12)
    settings = read(home, "answers_at_once = 40\nanswers_a_minute = 1")
    assert (settings.answers_at_once, settings.answers_a_minute) == (40, 1)


def test_the_settings_file_cannot_move_the_home_it_lies_in(home):
    assert read(home, 'home = "/elsewhere"').home == home


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[policy]\nk = 10", "policy.k: may not be under 11"),
        ("colour = 1", "unknown field `colour`"),
        ("release_after_days = 0", "release_after_days: should be 1 to 89"),
        ("release_after_days = 90", "release_after_days: should be 1 to 89"),
        ("release_after_days = 1000000000", "release_after_days: should be 1 to 89"),
        ('release_after_days = "soon"', "release_after_days"),
        ("today_is = 2026-08-15T10:00:00", "today_is"),
        ('survey_url = "ftp://answers.example"', "survey_url: “ftp://answers.example” should be an http"),
        ('survey_url = "answers.example"', "survey_url: “answers.example” should be an http"),
        ('staff_url = "https://"', "staff_url: “https://” should be an http"),
        ('staff_url = "http://["', "staff_url: “http://.” should be an http"),
        ('staff_url = "http://localhost:door"', "staff_url: “http://localhost:door” should be an http"),
        ('leave_to = "javascript:alert(1)"', "leave_to: “javascript:alert.1.” should be an http"),
        ('database_url = "mysql://db.example/heard"', "database_url: should start with sqlite"),
        ('database_url = "postgresql://db.example"', "database_url: should start with sqlite"),
        ("answers_at_once = 39", "answers_at_once: should be 40 or more"),
        ("answers_a_minute = 0", "answers_a_minute: should be 1 or more"),
        ("answers_a_minute = 0.5", "answers_a_minute"),
        ('release_public_key = "abc"', "release_public_key: should be 64 hexadecimal digits"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(home, text, sentence):
    with pytest.raises(SettingRefused, match=f"^A setting was refused: .*{sentence}"):
        read(home, text)


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("FEEDBACK_TODAY", "soon", "today_is"),
        ("FEEDBACK_TODAY", "2026-02-30", "today_is"),
        ("FEEDBACK_OFFER_DRAFT_LANGUAGES", "perhaps", "offer_draft_languages"),
    ],
)
def test_a_variable_that_makes_no_sense_is_refused_by_name(home, name, value, field):
    with pytest.raises(SettingRefused, match=field):
        read(home, **{name: value})


def test_a_refused_database_address_is_not_repeated_because_it_may_hold_a_password(home):
    with pytest.raises(SettingRefused) as refused:
        read(home, FEEDBACK_DATABASE_URL="mysql://heard:horse-battery@db.example/heard")
    assert "horse-battery" not in str(refused.value)


@pytest.mark.parametrize("content", [b"survey_url = ", b"# caf\xe9"])
def test_a_broken_settings_file_is_refused_with_its_name(home, content):
    (home / "settings.toml").write_bytes(content)
    with pytest.raises(SettingRefused, match=r"settings\.toml cannot be read: "):
        read_settings({"FEEDBACK_HOME": str(home)})


def test_a_last_slash_does_not_double_in_links(home):
    settings = read(
        home, FEEDBACK_SURVEY_URL="https://answers.example/", FEEDBACK_STAFF_URL="http://staff.example//"
    )
    assert (settings.survey_url, settings.staff_url) == ("https://answers.example", "http://staff.example")


def test_nobody_changes_a_setting_later():
    settings = Settings(home=Path("/srv/heard"))
    with pytest.raises(AttributeError):
        settings.made_up = True


@pytest.mark.parametrize(
    ("moment", "day", "quarter"),
    [
        ("2026-10-01T06:59:59", "2026-09-30", "2026Q3"),  # summer time: seven hours behind
        ("2026-10-01T07:00:00", "2026-10-01", "2026Q4"),
        ("2027-01-01T07:59:59", "2026-12-31", "2026Q4"),  # winter time: eight
        ("2027-01-01T08:00:00", "2027-01-01", "2027Q1"),
    ],
)
def test_a_quarter_ends_at_midnight_in_los_angeles(monkeypatch, moment, day, quarter):
    at(monkeypatch, moment)
    settings = Settings(home=Path("/srv/heard"))
    assert (str(settings.today), str(settings.period)) == (day, quarter)


def test_a_pretended_date_holds_whatever_the_clock_says(monkeypatch):
    at(monkeypatch, "2031-01-01T12:00:00")
    settings = Settings(home=Path("/srv/heard"), today_is=dt.date(2026, 8, 15))
    assert (settings.today, settings.period) == (dt.date(2026, 8, 15), Period(2026, 3))


def test_a_release_may_run_the_day_after_the_quarter_and_is_due_on_the_fifteenth():
    settings = Settings(home=Path("/srv/heard"))
    assert settings.open_from(Period(2026, 3)) == dt.date(2026, 10, 1)
    assert settings.due_on(Period(2026, 3)) == dt.date(2026, 10, 15)
    assert settings.due_on(Period(2026, 4)) == dt.date(2027, 1, 15)


def test_doctor_hears_of_every_variable_but_never_of_the_databases_password():
    settings = Settings(
        home=Path("/srv/heard"), database_url="postgresql+asyncpg://heard:horse-battery@db.example/heard"
    )
    assert told_by_environment(settings) == {
        "FEEDBACK_HOME": "/srv/heard",
        "FEEDBACK_TODAY": "None",
        "FEEDBACK_SURVEY_URL": "http://127.0.0.1:8001",
        "FEEDBACK_STAFF_URL": "http://localhost:8002",
        "FEEDBACK_RELEASE_PUBLIC_KEY": "",
        "FEEDBACK_LEAVE_TO": "https://forecast.weather.gov/",
        "FEEDBACK_OFFER_DRAFT_LANGUAGES": "False",
    }
