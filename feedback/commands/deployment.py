"""init, doctor, backup, restore."""

from pathlib import Path

import click

from feedback.commands.running import PATH, finish, operator, read_passphrase, settings, with_deployment
from feedback.deployment import make_deployment, make_missing_secret, migrate
from feedback.fieldwork.programs import name_for_results
from feedback.operations import backups, doctor
from feedback.staff.audit import record
from feedback.storage import keys
from feedback.storage.database import Database


@click.command()
@click.option(
    "--no-passphrase", is_flag=True, help="Leave the private keys unwrapped: rehearsals and tests only."
)
@click.option("--passphrase-file", type=PATH, help="Read the new passphrase from a file.")
@click.option("--upgrade", is_flag=True, help="Only bring the database to this version.")
def init(*, no_passphrase: bool, passphrase_file: Path | None, upgrade: bool) -> None:
    """Make a new deployment: folder, keys, database, the plan and its programs."""
    home_settings = settings()
    if upgrade:
        finish(_upgrade())
        print("The database is of this version.")
        return
    passphrase = None if no_passphrase else read_passphrase(passphrase_file, "New passphrase", new=True)
    new_keys = finish(make_deployment(home_settings, passphrase))
    print(f"A deployment was made in {home_settings.home}.")
    print("Print the paper copies of its private keys, lock them away, then clear this screen.")
    for pair in keys.PAIRS:
        private = home_settings.keys / pair.private
        print(f"\nThe private {pair.name} key, which opens {pair.opens}.")
        print(f"It is in {private}. In production move it to another machine.")
        print(f"Fingerprint, to write beside it: {_fingerprint(home_settings.keys / pair.public)}\n")
        print(new_keys.papers[pair.name])


def _fingerprint(public: Path) -> str:
    return keys.fingerprint(bytes(keys.read_public(public.read_text(encoding="ascii"))))


async def _upgrade() -> None:
    database = Database(settings().url)
    try:
        await migrate(database)
        make_missing_secret(settings())
        async with database.transaction() as session:
            await name_for_results(session)
            await record(session, operator(), "upgrade", "database")
    finally:
        await database.close()


@click.command(name="doctor")
def run_doctor() -> None:
    """Say what is well and what needs somebody: releases due, keys, settings, languages."""
    findings = with_deployment(doctor.examine)
    for finding in findings:
        print(f"{'ok ' if finding.well else 'TO DO '}{finding.sentence}")
    raise SystemExit(0 if all(finding.well for finding in findings) else 1)


@click.command()
@click.argument("file", type=PATH)
def backup(file: Path) -> None:
    """Write everything but the private keys to FILE."""
    fingerprint = with_deployment(lambda deployment: backups.write_backup(deployment, file, operator()))
    print(f"{file} holds a backup. No private key is in it; keep the paper copies.")
    print(f"Write its fingerprint down: {fingerprint}. A restore tells by it whether the backup was changed.")


@click.command()
@click.argument("file", type=PATH)
@click.option("--fingerprint", help="What `backup` printed; a backup that was changed since is refused.")
def restore(file: Path, fingerprint: str | None) -> None:
    """Make a deployment in an empty home folder from a backup FILE."""
    report = finish(backups.read_backup(settings(), file, operator(), fingerprint))
    print(f"The deployment was restored in {settings().home}.")
    if report.is_checked:
        print("The backup is as it was written.")
    else:
        print(
            "NOT CHECKED: whoever had the backup may have changed it. Before a door opens, compare its"
            f" fingerprint, {report.fingerprint}, with the one written down when it was made."
        )
    print(
        "The next `feedback release` asks for the newest ledger file that any release left: nobody is let out"
        " twice in two ways."
    )
    print(f"Answers are sealed with the release key {report.release_key}: compare with the paper copy.")
    print(
        "No backup holds a private key: bring keys/release.private to release, keys/review.private to review."
    )
    print(
        "No backup holds keys/staff.secret: if you have the old one, copy it over the new one. Else codes of"
        " phones are good no longer; passkeys are, and `feedback user invite EMAIL` begins anew."
    )


COMMANDS = (init, run_doctor, backup, restore)
