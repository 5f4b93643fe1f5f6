"""A release: closes batches, writes the ledger, publishes. The only module that can open the inbox.

Rule: docs/disclosure.md. What is let out becomes sums with noise, comments cut loose and published rows;
everything else goes back sealed. All of it is stored in one transaction, so a crash at any point leaves none
or all of it; and the same rows give the same noise, so running it again leaves nothing to average.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
from nacl.public import PublicKey
from sqlalchemy import select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from analysis.batch_ledger import Batch, fingerprint
from analysis.counting import Asking
from analysis.draw import ReleasePlan
from analysis.parameters import RULE_VERSION
from analysis.reading import ReadingRegistry
from analysis.text.themes import shipped_codebook
from feedback import clock
from feedback.fieldwork.instruments import known_instruments
from feedback.fieldwork.programs import all_contracts, all_programs, asked_instruments
from feedback.inbox.sealing import change_noted, hold_changes
from feedback.release.ledgerfiles import LedgerFile, leave_ledger
from feedback.release.ledgers import add_to_ledger, read_ledger
from feedback.release.lost_releases import LostReleases, forget_restore, lost_releases
from feedback.release.passes import FirstPass, Passes, ReleaseInputs
from feedback.release.publishing import publish
from feedback.release.resealing import NewRows
from feedback.release.timing import ReleaseRefused, check_date, period_to_close
from feedback.release.turnover import forget_all_until, insert_rows, keep, put_back
from feedback.release.vouching import RELEASED, problems, vouch
from feedback.results.schedule import schedule
from feedback.settings import Settings
from feedback.staff.audit import record
from feedback.storage.compaction import finish_compaction
from feedback.storage.database import Database
from feedback.storage.facts import Fact, note
from feedback.storage.keys import ReleaseKey
from feedback.storage.tables import BatchedRow, CommentRow, ReleaseRow, UsedKeyRow
from surveys.periods import Period

TRIES = 5
"""How often a release begins anew because somebody changed what they had sent."""


class ChangedMeanwhile(Exception):
    """Somebody changed a row that the release had read; nothing was stored."""


class ReleaseOutcome(msgspec.Struct, frozen=True):
    """What a release may say of itself: never answers, never how many still wait."""

    period: str
    batches: int
    """Pulse batches: everybody let out is in exactly one."""
    joined: int
    """Batches that join them: fields, questions, themes, languages."""
    unreadable: int
    """Rows that do not open or make no sense, in whichever table."""
    languages_lost: bool = False
    """Whether the year has no tables by language, because what was kept for them is not whole."""
    restamped: bool = False
    """Whether answers bore a quarter that cannot be, and count as this one."""
    overwritten: bool = True
    """Whether what the release deleted is overwritten on disk already."""
    ledger_file: Path | None = None
    again: tuple[str, ...] = ()
    """Releases lost with a database that are there again, as they were."""
    taken_over: tuple[str, ...] = ()
    """Lost releases that did not come out as they were: what they let out is in the ledger again."""


class ReleaseRunner(msgspec.Struct, frozen=True):
    """A release about to run: where, with whose keys, and who runs it."""

    database: Database
    settings: Settings
    release_public: PublicKey
    review_public: PublicKey
    operator: str

    async def run(
        self,
        key: ReleaseKey,
        quarter: Period | None = None,
        *,
        dry: bool = False,
        pretended: bool = False,
        newest: LedgerFile | None = None,
        progress: Callable[[int], None] = lambda _batches: None,
    ) -> ReleaseOutcome:
        """Run the next release; or again those that the newest ledger knows of and the database does not.

        Raises ReleaseRefused, and then nothing was changed. `progress` is told how many batches are done, and
        never of what waits; `pretended` says that a pretended date is meant.
        """
        if bytes(key.private.public_key) != bytes(self.release_public):
            raise ReleaseRefused("This is not the release key of this deployment; nothing was opened.")
        await self._overwrite()
        lost = await self._lost(newest, pretended=pretended)
        await self._leave_ledger()
        quarters = lost.quarters or (quarter,)
        outcomes: list[ReleaseOutcome] = []
        for closing in quarters[:1] if dry else quarters:
            outcomes.append(await self._run_until_still(key, closing, lost, dry=dry, progress=progress))
            if outcomes[-1].taken_over:
                break
        if dry:
            return outcomes[0]
        ledger_file = await self._leave_ledger()
        return msgspec.structs.replace(
            outcomes[-1],
            overwritten=await self._overwrite(),
            ledger_file=ledger_file,
            again=tuple(name for it in outcomes for name in it.again),
        )

    async def _run_until_still(
        self,
        key: ReleaseKey,
        quarter: Period | None,
        lost: LostReleases,
        *,
        dry: bool,
        progress: Callable[[int], None],
    ) -> ReleaseOutcome:
        """Begin anew when somebody changed what was being added up, and was thanked for it."""
        for _ in range(TRIES):
            with suppress(ChangedMeanwhile):
                return await self._run_one(key, quarter, lost, dry=dry, progress=progress)
        raise ReleaseRefused(
            f"Nothing was released: {TRIES} times somebody changed what they had sent while it was added up."
            " Run it again; if it goes on, stop the survey door for as long as it takes."
        )

    async def _run_one(
        self,
        key: ReleaseKey,
        quarter: Period | None,
        lost: LostReleases,
        *,
        dry: bool,
        progress: Callable[[int], None],
    ) -> ReleaseOutcome:
        # A snapshot: whoever answers in the meantime is not kept waiting, and is in the next release.
        async with self.database.snapshot() as session:
            now = await schedule(session, self.settings)
            closing = period_to_close(now, quarter)
            last_change = await change_noted(session)
            inputs = await self._inputs(session, closing, min(now.first, closing))
            passes = Passes(session, key, inputs)
            first_pass = await passes.first()
            if dry:
                await self._note_dry_run(closing)
                return _outcome(closing, first_pass)
            new_rows = await passes.second(
                first_pass.plan, self.release_public, self.review_public, self.settings.home, progress
            )
        outcome = _outcome(closing, first_pass)
        try:
            async with self.database.transaction() as session:
                if await hold_changes(session) != last_change:
                    raise ChangedMeanwhile
                if lost.quarters and new_rows.batches != lost.of(closing):
                    quarters = [quarter for quarter in lost.quarters if quarter >= closing]
                    await self._take_over(session, quarters, inputs, first_pass.plan, lost)
                    return msgspec.structs.replace(outcome, taken_over=tuple(map(str, quarters)))
                await self._store(session, closing, inputs, first_pass.plan, new_rows, lost)
        finally:
            new_rows.close()
        return msgspec.structs.replace(outcome, again=(str(closing),) if lost.quarters else ())

    async def _lost(self, newest: LedgerFile | None, *, pretended: bool) -> LostReleases:
        """Check that a release may run at all, and what comes before the next. Raises ReleaseRefused."""
        async with self.database.snapshot() as session:
            if not pretended:
                await check_date(session, self.settings)
            async for problem in problems(session):
                raise ReleaseRefused(f"{problem} Nothing was opened: docs/operating.md says what to do.")
            return await lost_releases(session, self.settings, await schedule(session, self.settings), newest)

    async def _inputs(self, session: AsyncSession, closing: Period, first: Period) -> ReleaseInputs:
        programs = {program.id: program for program in await all_programs(session)}
        instruments = await known_instruments(session)
        contracts = await all_contracts(session)
        released_keys = await session.execute(union(select(UsedKeyRow.key), select(BatchedRow.key)))
        return ReleaseInputs(
            await read_ledger(session),
            ReadingRegistry(programs, contracts, instruments, first, self.settings.period, closing),
            Asking(
                await asked_instruments(session),
                {program.id: program.pool for program in programs.values()},
                instruments,
                shipped_codebook(),
                self.settings.policy,
            ),
            set(released_keys.scalars()),
        )

    async def _note_dry_run(self, closing: Period) -> None:
        async with self.database.transaction() as session:
            await record(session, self.operator, "release.dry-run", str(closing))

    async def _store(
        self,
        session: AsyncSession,
        closing: Period,
        inputs: ReleaseInputs,
        plan: ReleasePlan,
        new_rows: NewRows,
        lost: LostReleases,
    ) -> None:
        release = await self._log(session, closing, inputs.ledger, new_rows.batches)
        await put_back(session, closing, plan, new_rows.waiting_rows)
        await keep(session, plan, new_rows)
        await add_to_ledger(session, new_rows.batches)
        await insert_rows(session, CommentRow, "id", new_rows.comments)
        await self._publish(session, release)
        if closing == lost.last(closing):
            await forget_restore(session)
        await note(session, Fact.COMPACTION_DUE, str(closing))

    async def _publish(self, session: AsyncSession, release: ReleaseRow) -> None:
        await publish(session, self.settings, release.period)
        await record(session, self.operator, RELEASED, await vouch(session, release))

    async def _take_over(
        self,
        session: AsyncSession,
        quarters: Sequence[Period],
        inputs: ReleaseInputs,
        plan: ReleasePlan,
        lost: LostReleases,
    ) -> None:
        """Take in what was let out before. Whose rows those were nobody can tell: all of the quarters go."""
        ledger = list(inputs.ledger)
        for quarter in quarters:
            release = await self._log(session, quarter, ledger, lost.of(quarter))
            ledger += lost.of(quarter)
            await add_to_ledger(session, lost.of(quarter))
            await self._publish(session, release)
        await forget_restore(session)
        await forget_all_until(session, plan, quarters[-1])
        await record(session, self.operator, "release.taken-over", ", ".join(map(str, quarters)))
        await note(session, Fact.COMPACTION_DUE, str(quarters[-1]))

    async def _log(
        self, session: AsyncSession, closing: Period, before: Sequence[Batch], batches: Sequence[Batch]
    ) -> ReleaseRow:
        """Write the log first: its primary key makes a second release of this quarter fail at once."""
        release = ReleaseRow(
            period=str(closing),
            released_at=clock.now(),
            released_on=self.settings.today,
            operator=self.operator,
            rule=RULE_VERSION,
            policy=msgspec.to_builtins(self.settings.policy),
            batches=[_summary(batch) for batch in batches],
            entered=sum(b.n for b in batches if b.origin == "entered" and b.kind == "pulse"),
            ledger_sha256=fingerprint([*before, *batches]),
        )
        session.add(release)
        try:
            await session.flush()
        except IntegrityError as error:
            raise ReleaseRefused(
                f"{closing} was released by someone else a moment ago; nothing was changed."
            ) from error
        return release

    async def _leave_ledger(self) -> Path | None:
        async with self.database.snapshot() as session:
            return await leave_ledger(session, self.settings)

    async def _overwrite(self) -> bool:
        """Overwrite what was deleted. Returns whether nothing is left; a reader who stays may prevent it."""
        try:
            await finish_compaction(self.database)
        except TimeoutError:
            return False
        return True


def _outcome(closing: Period, first: FirstPass) -> ReleaseOutcome:
    plan = first.plan
    lost = plan.yearly and not first.is_whole
    return ReleaseOutcome(
        str(closing), len(plan.pulses), len(plan.unions), first.unreadable, lost, first.restamped
    )


def _summary(batch: Batch) -> dict[str, Any]:
    return {name: getattr(batch, name) for name in ("id", "kind", "owner", "audience", "origin", "n")}
