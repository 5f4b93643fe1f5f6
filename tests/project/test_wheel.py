"""Installed from a wheel everything works as from the checkout: what is not Python goes along too."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The unpacked wheel, in front of everything else that Python would import."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        str(ROOT),
    ]
    subprocess.run(build, check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_the_wheel_holds_instruments_catalogs_templates_plan_and_migrations(site):
    for path in (
        "surveys/instruments/youth-experience.toml",
        "surveys/county_plan/plan.json",
        "surveys/county_plan/programs.json",
        "surveys/help.toml",
        "surveys/wording.toml",
        "analysis/text/codebook.toml",
        "analysis/text/names.toml",
        "locales/es/messages.po",
        "feedback/templates/survey/survey.html",
        "feedback/web/survey/inline/survey.css",
        "feedback/web/staff/static/staff.css",
        "feedback/storage/migrations/versions/0001_first_tables.py",
        "feedback/demo/phrases.toml",
    ):
        assert (site / path).is_file(), path


def test_the_main_job_works_from_the_wheel(site, tmp_path):
    environment = {
        "PYTHONPATH": str(site),
        "PATH": os.environ["PATH"],
        "FEEDBACK_HOME": str(tmp_path / "home"),
        "FEEDBACK_TODAY": "2026-08-15",
    }

    def feedback(*words: str, **variables: str) -> str:
        process = subprocess.run(
            [sys.executable, "-m", "feedback", *words],
            env={**environment, **variables}, cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert process.returncode == 0, process.stderr
        return process.stdout

    package = subprocess.run(
        [sys.executable, "-c", "import feedback; print(feedback.__file__)"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert package.stdout.startswith(str(site))
    feedback("init", "--no-passphrase")
    assert len(json.loads(feedback("survey", "list", "--json"))) == 6
    rows = tmp_path / "rows.csv"
    head = "program,audience,language,period,core-safety,should-change\n"
    rows.write_text(head + "advocacy-vista,youth,es,2026Q3,5,Menos espera\n" * 12, "utf-8")
    feedback("responses", "import", str(rows), "--instrument", "youth-experience")
    assert feedback("release", FEEDBACK_TODAY="2026-10-15").startswith("2026Q3: 1 batch closed.\n")
    (batch,) = json.loads(feedback("ledger", "--json"))
    assert (batch["n"], batch["origin"], sorted(batch["values"])) == (12, "entered", ["score", "spread"])
