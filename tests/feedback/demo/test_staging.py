"""A demonstration replaces an earlier demonstration and nothing else."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedback.cli import feedback
from feedback.demo import staging
from feedback.deployment import NotReady, open_deployment
from feedback.fieldwork import links
from feedback.release.ledgers import read_ledger
from feedback.settings import Settings
from feedback.storage import keys
from tests.support.loops import finish


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "settings.toml").write_text("# a real deployment\n")
    with pytest.raises(NotReady, match="holds something that is not a demonstration"):
        staging.stage(tmp_path, "", 8001, 8002, print)
    assert (tmp_path / "settings.toml").exists()


def test_an_earlier_demonstration_makes_room(tmp_path, monkeypatch):
    (tmp_path / "settings.toml").write_text("made_up = true\n")

    async def stage(settings, _tell):
        assert not settings.home.exists()
        return staging.Demonstration(settings, ())

    monkeypatch.setattr(staging, "_stage", stage)
    assert staging.stage(tmp_path, "", 9001, 9002, print).settings.survey_url == "http://127.0.0.1:9001"


def test_a_database_in_use_is_left_alone(sandbox, tmp_path):
    url = sandbox.settings.url
    with pytest.raises(NotReady, match="needs one of its own"):
        staging.stage(tmp_path / "demo", url, 8001, 8002, print)


def test_the_command_tells_what_was_staged_and_opens_the_doors(tmp_path, monkeypatch):
    settings = Settings(home=tmp_path)
    calls = []
    monkeypatch.setattr(staging, "stage", lambda *_: staging.Demonstration(settings, ("Sign in with:",)))
    monkeypatch.setattr("feedback.serving.serve", lambda *doors: calls.append(doors[:3]) or 0)
    command = CliRunner().invoke(feedback, ["demo", "--no-serve"])
    closed, *lines = command.output.splitlines()
    opens = f"FEEDBACK_HOME={tmp_path} feedback serve --survey-port 8001 --staff-port 8002"
    assert closed == f"No door is open. To open both: {opens}"
    assert (lines, command.exit_code, calls) == (["Sign in with:"], 0, [])
    assert CliRunner().invoke(feedback, ["demo", "--survey-port", "9001"]).exit_code == 0
    assert calls == [(settings, 9001, 8002)]


def test_the_command_makes_its_home_where_the_environment_says(tmp_path, monkeypatch):
    homes = []
    demonstration = staging.Demonstration(Settings(home=tmp_path), ())
    monkeypatch.setattr(staging, "stage", lambda home, *_: homes.append(home) or demonstration)
    for environment in ({"FEEDBACK_HOME": str(tmp_path / "there")}, {"FEEDBACK_HOME": ""}):
        assert CliRunner().invoke(feedback, ["demo", "--no-serve"], env=environment).exit_code == 0
    assert homes == [tmp_path / "there", Path("demo-home").absolute()]


@pytest.mark.slow
def test_two_demonstrations_of_one_day_have_one_ledger_and_two_release_keys(tmp_path, monkeypatch):
    """Two quarters, of which the second is the last of a year, so that every kind of batch is drawn."""
    monkeypatch.setattr(staging, "QUARTERS", 2)
    demonstrations = [stage(tmp_path / name, seed=staging.SEED) for name in ("one", "two")]
    first, second = (ledger_of(it) for it in demonstrations)
    assert first == second
    assert {it.kind for it in first} == {"pulse", "fields", "detail", "themes", "language"}
    assert {it.release for it in first} == {"2025Q3", "2025Q4"}
    one, two = (keys.read_release(it.keys / keys.RELEASE_PRIVATE, None) for it in demonstrations)
    assert one.noise == two.noise
    secrets = [(it.keys / keys.INBOX_SECRET).read_text() for it in demonstrations]
    assert secrets[0] == secrets[1]
    # What opens a sealed row or a door is the demonstration's own.
    assert one.private != two.private
    for name in (keys.REVIEW_PRIVATE, keys.STAFF_SECRET):
        assert len({(it.keys / name).read_text() for it in demonstrations}) == 2


@pytest.mark.slow
@pytest.mark.thorough
def test_another_seed_makes_another_demonstration(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "QUARTERS", 1)
    demonstrations = [stage(tmp_path / name, seed=seed) for name, seed in (("one", staging.SEED), ("two", 7))]
    first, second = (ledger_of(it) for it in demonstrations)
    assert not {values_of(it) for it in first} & {values_of(it) for it in second}
    slugs = [{it.slug for it in run(it, links.all_links)} for it in demonstrations]
    assert len(slugs[0]) == len(slugs[1]) > 20
    assert not slugs[0] & slugs[1]


def stage(home, seed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(staging, "SEED", seed)
        settings = Settings(home=home, made_up=True, today_is=dt.date(2026, 2, 15))
        return finish(staging._stage(settings, lambda _line: None)).settings


def run(settings, work):
    async def work_in_session():
        async with open_deployment(settings) as deployment, deployment.database.snapshot() as session:
            return await work(session)

    return finish(work_in_session())


def ledger_of(settings):
    return run(settings, read_ledger)


def values_of(batch):
    return (batch.owner, batch.audience, batch.origin, *batch.values.values())
