"""From the people of one batch to its ledger row and its comments, in memory and nowhere else."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from analysis import items
from analysis.batches import Group
from analysis.ledger import MIXED, Batch
from analysis.noise import noised
from analysis.policy import RULE_VERSION, Policy
from analysis.redaction import redact
from analysis.themes import Codebook
from surveys.answers import DECLINED, NOT_SHOWN, Answers, Consent, Response
from surveys.instruments import Instrument, Question


class Comment(msgspec.Struct, frozen=True):
    """One text cut loose from the answers it came with: redacted, and nothing of its writer but consent."""

    question: str
    text: str
    language: str
    consent: Consent


class Tallied(msgspec.Struct, frozen=True):
    """A batch as the ledger stores it, and the comments its people wrote."""

    batch: Batch
    comments: tuple[Comment, ...]


def questions_asked(names: Iterable[str], instruments: Mapping[str, Instrument]) -> list[Question]:
    """Every question of these instruments once, in order; one that left the product asks nothing."""
    found: dict[str, Question] = {}
    for name in names:
        if name in instruments:
            for question in instruments[name].questions:
                found.setdefault(question.id, question)
    return list(found.values())


def counted_questions(asked: Iterable[Question], audience: str) -> list[Question]:
    """Keep what a batch may count: of several audiences, only what everyone was asked in the same words."""
    return [question for question in asked if question.is_core or question.is_text or audience != MIXED]


def tally(
    batch_id: str,
    group: Group,
    release: str,
    people: Sequence[Response],
    questions: Sequence[Question],
    codebook: Codebook,
    policy: Policy,
) -> Tallied:
    """Count every item over all people of the batch, noise each count once, cut the comments loose."""
    counts: Counter[str] = Counter()
    comments: list[Comment] = []
    for person in people:
        texts = dict(_texts(person.answers, questions))
        themes = {theme for text in texts.values() for theme in codebook.themes_in(text, person.language)}
        counts.update(items.items_true(questions, person.answers, themes))
        comments += [_comment(question, text, person) for question, text in texts.items()]
    n = len(group.members)
    batch = Batch(
        batch_id,
        group.kind,
        group.owner,
        group.audience,
        group.origin,
        str(group.first),
        str(group.last),
        release,
        n,
        _noised(
            items.items_counted(questions, [theme.id for theme in codebook.themes]),
            counts,
            n,
            policy.epsilon,
            policy.noise_bound,
        ),
        group.contract.partition("/")[0] if group.contract else None,
        RULE_VERSION,
    )
    return Tallied(batch, tuple(comments))


def _texts(answers: Answers, questions: Sequence[Question]) -> Iterable[tuple[str, str]]:
    for question in questions:
        given = answers.get(question.id)
        if question.is_text and isinstance(given, str) and given not in (DECLINED, NOT_SHOWN):
            yield question.id, given


def _comment(question: str, text: str, person: Response) -> Comment:
    return Comment(question, redact(text, person.language).text, person.language, person.consent)


def tally_language(
    batch: Batch, people: Sequence[Answers], questions: Sequence[Question], policy: Policy
) -> Batch:
    """Fill a language batch: the core questions over everyone in it, with the wider noise of its kind."""
    counts: Counter[str] = Counter()
    for answers in people:
        counts.update(items.items_true(questions, answers, ()))
    names = items.items_counted(questions, ())
    filled = _noised(names, counts, batch.n, policy.language_epsilon, policy.language_noise_bound)
    return msgspec.structs.replace(batch, items=filled)


def _noised(
    names: Iterable[str], counts: Counter[str], people: int, epsilon: float, bound: int
) -> dict[str, int]:
    return {name: noised(counts[name], people, epsilon, bound) for name in names}
