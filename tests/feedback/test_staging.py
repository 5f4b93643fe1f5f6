"""A demonstration replaces an earlier demonstration and nothing else."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from feedback.cli import feedback
from feedback.demo import staging
from feedback.deployment import NotReady
from feedback.settings import Settings


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "settings.toml").write_text("# a real deployment\n")
    with pytest.raises(NotReady, match="holds something that is not a demonstration"):
        staging.stage(tmp_path, "", 8001, 8002, print)
    assert (tmp_path / "settings.toml").exists()


def test_an_earlier_demonstration_makes_room(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text("made_up = true\n")

    async def staged(settings, _tell):
        assert not settings.home.exists()
        return staging.Staged(settings, ())

    monkeypatch.setattr(staging, "_stage", staged)
    assert staging.stage(tmp_path, "", 9001, 9002, print).settings.survey_url == "http://127.0.0.1:9001"


def test_a_database_in_use_is_left_alone(rehearsal, tmp_path):
    url = rehearsal.settings.url
    with pytest.raises(NotReady, match="needs one of its own"):
        staging.stage(tmp_path / "demo", url, 8001, 8002, print)


def test_the_command_tells_what_was_staged_and_opens_the_doors(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    served = []
    monkeypatch.setattr(staging, "stage", lambda *_told: staging.Staged(settings, ("Sign in with:",)))
    monkeypatch.setattr("feedback.serving.serve", lambda *told: served.append(told[:3]) or 0)
    told = CliRunner().invoke(feedback, ["demo", "--no-serve"])
    closed, *said = told.output.splitlines()
    opens = f"FEEDBACK_HOME={tmp_path} feedback serve --survey-port 8001 --staff-port 8002"
    assert closed == f"No door is open. To open both: {opens}"
    assert (said, told.exit_code, served) == (["Sign in with:"], 0, [])
    assert CliRunner().invoke(feedback, ["demo", "--survey-port", "9001"]).exit_code == 0
    assert served == [(settings, 9001, 8002)]


def test_the_command_makes_its_home_where_the_environment_says(tmp_path, monkeypatch):
    homes = []
    staged = staging.Staged(Settings(home=tmp_path), ())
    monkeypatch.setattr(staging, "stage", lambda home, *_: homes.append(home) or staged)
    for told in ({"FEEDBACK_HOME": str(tmp_path / "there")}, {"FEEDBACK_HOME": ""}):
        assert CliRunner().invoke(feedback, ["demo", "--no-serve"], env=told).exit_code == 0
    assert homes == [tmp_path / "there", Path("demo-home").absolute()]
