"""One release, worked out in memory: what is let out, what goes back sealed, what is destroyed.

Pure: given the opened envelopes and what is known of programs, it returns what a single transaction has to
store. The operating system's randomness for the noise is the only thing it takes from outside.
"""

from collections.abc import Callable, Mapping, Sequence

import msgspec

from analysis.batches import Ended, Envelope, Group, Waiting, close_batches
from analysis.languages import Batched, close_languages
from analysis.ledger import MIXED, PARTNER, Batch
from analysis.policy import RULE_VERSION, Policy
from analysis.tallying import Comment, counted_questions, questions_asked, tally, tally_language
from analysis.themes import Codebook
from surveys.answers import Answers
from surveys.instruments import Instrument, Question
from surveys.periods import Period
from surveys.registry import Contract, Program

YEARLY = 4
"""The quarter whose release closes the language partition."""


class Kept(msgspec.Struct, frozen=True):
    """What the yearly language close needs of a response: sealed in the meantime, then destroyed."""

    batch: str
    language: str
    answers: Answers
    """Answers to core questions only; nothing else has a figure by language."""


class Known(msgspec.Struct, frozen=True):
    """What a release knows besides the sealed rows."""

    ledger: Sequence[Batch]
    programs: Sequence[Program]
    contracts: Sequence[Contract]
    asked: Mapping[tuple[str, str], Sequence[str]]
    instruments: Mapping[str, Instrument]
    codebook: Codebook
    policy: Policy

    def contract_of(self, program: str, period: Period) -> str | None:
        """Return the id of the contract that a response of that quarter falls under."""
        for contract in self.contracts:
            if contract.program == program and contract.first <= period <= (contract.last or period):
                return contract.id
        return None

    def ended(self, closing: Period) -> Ended:
        over = [c for c in self.contracts if c.last is not None and c.last <= closing]
        return Ended(
            {program.id: program.pool for program in self.programs},
            frozenset(p.id for p in self.programs if p.ends and Period.parse(p.ends) <= closing),
            frozenset((c.program, c.id) for c in over),
        )

    def questions(self, group: Group) -> list[Question]:
        """Return what a batch may count; decided by what was asked, never by what came back."""
        audiences = [
            names
            for (program, audience), names in sorted(self.asked.items())
            if (group.kind != "program" or program == group.owner) and (group.audience in (MIXED, audience))
        ]
        asked = questions_asked((name for names in audiences for name in names), self.instruments)
        # A pool joins programs that ask differently, also where all its people are professionals.
        return counted_questions(asked, group.audience if group.kind == "program" else MIXED)


class LetOut(msgspec.Struct, frozen=True):
    """What one release stores. Every row that was read is in exactly one of used, waiting and destroyed."""

    batches: tuple[Batch, ...]
    comments: tuple[tuple[str, Comment], ...]
    kept: tuple[tuple[bytes, Kept], ...]
    waiting: tuple[tuple[bytes, Envelope], ...]
    used: tuple[bytes, ...]
    destroyed: tuple[bytes, ...]
    language_close: bool


def let_out(
    opened: Mapping[bytes, Envelope],
    kept: Sequence[tuple[bytes, Kept]],
    closing: Period,
    known: Known,
    progress: Callable[[int], None],
) -> LetOut:
    """Close what `closing` lets close. `progress` is told how many people each batch took."""
    closed = close_batches(
        (_waiting(key, envelope, known) for key, envelope in opened.items()),
        closing,
        known.ended(closing),
        known.policy,
    )
    batches: list[Batch] = []
    comments: list[tuple[str, Comment]] = []
    now_kept = list(kept)
    for number, group in enumerate(closed.groups, start=len(known.ledger) + 1):
        people = [opened[member.key].response for member in group.members]
        questions = known.questions(group)
        tallied = tally(
            batch_id(number), group, str(closing), people, questions, known.codebook, known.policy
        )
        batches.append(tallied.batch)
        comments += [(tallied.batch.id, comment) for comment in tallied.comments]
        if group.audience != PARTNER:
            now_kept += [
                (member.key, _kept(tallied.batch.id, opened[member.key])) for member in group.members
            ]
        progress(len(people))
    yearly = closing.quarter == YEARLY
    if yearly:
        batches += _language_batches(now_kept, [*known.ledger, *batches], closing, known)
    return LetOut(
        tuple(batches),
        tuple(comments),
        () if yearly else tuple(now_kept[len(kept) :]),
        tuple((r.key, _back(opened[r.key], r)) for r in closed.waiting),
        tuple(member.key for group in closed.groups for member in group.members),
        tuple(r.key for r in closed.destroyed),
        yearly,
    )


def batch_id(number: int) -> str:
    return f"B{number:05d}"


def _waiting(key: bytes, envelope: Envelope, known: Known) -> Waiting:
    response = envelope.response
    collected = Period.parse(response.period)
    return Waiting(
        key,
        response.program,
        known.contract_of(response.program, collected),
        response.audience,
        response.origin,
        collected,
        Period.parse(response.entered or response.period),
        envelope.place,
        Period.parse(envelope.since) if envelope.since else None,
    )


def _back(envelope: Envelope, response: Waiting) -> Envelope:
    since = str(response.since) if response.since else None
    return Envelope(envelope.response, response.place, since)


def _kept(batch: str, envelope: Envelope) -> Kept:
    answers = envelope.response.answers
    core = {name: given for name, given in answers.items() if name.startswith("core-")}
    return Kept(batch, envelope.response.language, core)


def _language_batches(
    kept: Sequence[tuple[bytes, Kept]], ledger: Sequence[Batch], closing: Period, known: Known
) -> list[Batch]:
    """Close the language partition, per origin, over everyone batched since the last one."""
    by_id = {batch.id: batch for batch in ledger}
    held = dict(kept)
    core = [q for q in questions_asked(known.instruments, known.instruments) if q.is_core]
    closed: list[Batch] = []
    for origin in ("entered", "live"):
        members = [
            Batched(key, it.batch, it.language) for key, it in kept if by_id[it.batch].origin == origin
        ]
        for language, people in close_languages(members, known.policy).items():
            touched = [by_id[person.batch] for person in people]
            batch = Batch(
                batch_id(len(ledger) + len(closed) + 1),
                "language",
                language,
                MIXED,
                origin,
                min(batch.first for batch in touched),
                max(batch.last for batch in touched),
                str(closing),
                len(people),
                {},
                None,
                RULE_VERSION,
            )
            answers = [held[person.key].answers for person in people]
            closed.append(tally_language(batch, answers, core, known.policy))
    return closed
