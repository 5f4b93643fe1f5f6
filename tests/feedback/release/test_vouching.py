"""Whoever changes the ledger, or what was published of it, is found, and no later release vouches for it."""

import re

import pytest
from sqlalchemy import insert, inspect, select, update

from feedback.operations import doctor
from feedback.release.runner import ReleaseRefused
from feedback.release.vouching import unfounded, vouch
from feedback.storage.staff_tables import AuditRow
from feedback.storage.tables import BatchRow, MeasureRow, PublishedRow, ReleaseRow, ValueRow


@pytest.fixture
def two_releases(sandbox):
    """Two releases, of which the first is changed by hand in each test."""
    for day in ("2026-10-15", "2027-01-15"):
        sandbox.answer(12)
        sandbox.answer(11, program="syz", language="es")
        sandbox.on(day).release()
    return sandbox.on("2027-04-15")


def embellished(row):
    """A published row with a figure that nobody gave."""
    figures = [{**figure, "value": 99} for figure in row["figures"]]
    return {**row, "figures": figures}


async def more_good_answers(session):
    better = update(ValueRow).where(ValueRow.item == "score", ValueRow.batch == "B00001")
    await session.execute(better.values(value=ValueRow.value + 1))


async def another_n(session):
    await session.execute(update(BatchRow).where(BatchRow.id == "B00001").values(n=13))


async def another_batch(session):
    row = (await session.execute(select(BatchRow).where(BatchRow.id == "B00001"))).scalar_one()
    columns = {it.key: getattr(row, it.key) for it in inspect(BatchRow).column_attrs}
    await session.execute(insert(BatchRow), [{**columns, "id": "B00099"}])


async def another_published_row(session):
    query = select(PublishedRow).where(PublishedRow.release == "2026Q3", PublishedRow.name == "T1")
    query = query.order_by(PublishedRow.position)
    row = (await session.execute(query)).scalars().first()
    row.row = embellished(row.row)


async def another_measure(session):
    await session.execute(
        update(MeasureRow).where(MeasureRow.release == "2026Q3").values(position=MeasureRow.position + 500)
    )


async def another_subject(session):
    """Pages would look for the rows of one program among those of another, and every digest would hold."""
    rows = update(PublishedRow).where(PublishedRow.release == "2026Q3", PublishedRow.name == "T1")
    await session.execute(rows.values(subject="frp"))


async def another_day(session):
    await session.execute(
        update(ReleaseRow).where(ReleaseRow.period == "2026Q3").values(operator="Rosa", entered=5)
    )


async def unfounded_rows(session):
    return [sentence async for sentence in unfounded(session)]


FROM_THE_LEDGER = ("T1", "T1d", "T2", "T3", "T6", "T7", "T8", "T9")
WRONG = r"Row \d+ published in 2026Q4 \((\w+)\) does not follow from the ledger\."
CHANGES = {
    more_good_answers: "The ledger is NOT as the release of 2026Q3 left it.",
    another_n: "The ledger is NOT as the release of 2026Q3 left it.",
    another_batch: "The ledger is NOT as the release of 2026Q3 left it.",
    another_published_row: "What was published in 2026Q3 is NOT as its release left it.",
    another_measure: "What was published in 2026Q3 is NOT as its release left it.",
    another_subject: "Rows published in 2026Q3 are filed under others than they are about.",
    another_day: "The fingerprint of the release of 2026Q3 is NOT the one of its day.",
}


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda it: it.__name__)
def test_no_release_vouches_for_what_was_changed_by_hand(two_releases, change):
    two_releases.in_transaction(change)
    two_releases.answer(11, period="2027Q1")
    with pytest.raises(ReleaseRefused, match=CHANGES[change]):
        two_releases.release()
    assert "2027Q1" not in {batch.release for batch in two_releases.ledger()}
    findings = two_releases.run(doctor.examine)
    assert CHANGES[change] in [it.sentence for it in findings if not it.well]


@pytest.mark.slow
def test_after_a_ledger_that_is_as_its_release_left_it_the_next_release_goes_on(two_releases):
    two_releases.answer(11, period="2027Q1")
    assert two_releases.release().batches == 1
    (finding,) = [it for it in two_releases.run(doctor.examine) if it.sentence.startswith("The ledger")]
    assert finding.well
    assert "follows from it" in finding.sentence


@pytest.mark.slow
def test_each_fingerprint_covers_the_release_before_and_stands_in_the_audit_log(two_releases):
    async def read(session):
        chain = select(ReleaseRow.period, ReleaseRow.chain_sha256).order_by(ReleaseRow.period)
        log = select(AuditRow.object).where(AuditRow.action == "release").order_by(AuditRow.id)
        return (await session.execute(chain)).all(), list((await session.execute(log)).scalars())

    chain, log = two_releases.in_transaction(read)
    assert log == [f"{period}, fingerprint {digest}" for period, digest in chain]
    assert len({digest for _, digest in chain}) == 2


@pytest.mark.slow
def test_a_chain_that_was_computed_anew_is_not_the_one_in_the_log(two_releases):
    """Whoever writes the database can compute; the log they cannot change."""

    async def rewrite(session):
        await another_day(session)
        for release in (await session.execute(select(ReleaseRow).order_by(ReleaseRow.period))).scalars():
            await vouch(session, release)

    two_releases.in_transaction(rewrite)
    with pytest.raises(
        ReleaseRefused, match="The fingerprint of the release of 2026Q3 is NOT the one of its day"
    ):
        two_releases.release()


@pytest.mark.slow
def test_published_rows_are_computed_anew_from_the_ledger(two_releases):
    assert two_releases.in_transaction(unfounded_rows) == []
    two_releases.in_transaction(another_published_row)
    (sentence,) = two_releases.in_transaction(unfounded_rows)
    assert "published in 2026Q3 (T1) does not follow from the ledger" in sentence


@pytest.mark.slow
def test_every_table_that_follows_from_the_ledger_alone_is_computed_anew(sandbox):
    """Others follow from what strategies and pools were then, and stand in the fingerprint alone."""
    sandbox.on("2026-12-15").answer(44, period="2026Q4", answers={"should-change": "the shelter"})
    sandbox.answer(40, language="es", period="2026Q4", answers={"should-change": "el refugio"})
    sandbox.on("2027-01-15").release("2026Q3")
    sandbox.release()
    kinds = {it.table for it in sandbox.tables() if it.release == "2026Q4" and it.figures}
    assert kinds == {*FROM_THE_LEDGER, "T4", "T5", "themes"}

    async def embellish(session):
        rows = (await session.execute(select(PublishedRow).where(PublishedRow.release == "2026Q4"))).scalars()
        first = {row.name: row for row in rows if row.row["figures"]}
        for row in first.values():
            row.row = embellished(row.row)

    sandbox.in_transaction(embellish)
    sentences = sandbox.in_transaction(unfounded_rows)
    assert [re.fullmatch(WRONG, sentence)[1] for sentence in sentences] == list(FROM_THE_LEDGER)


@pytest.mark.slow
def test_a_program_that_moved_since_does_not_make_old_rows_wrong(two_releases):
    two_releases.hand_over("advocacy-vista", "olive-crest")

    assert two_releases.in_transaction(unfounded_rows) == []
