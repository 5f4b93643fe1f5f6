"""What a batch counts and how each value is drawn: decided by what was asked, never by what came back."""

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

import msgspec

from analysis import values
from analysis.batch_ledger import MIXED, Sort, class_of, family, survey_class
from analysis.parameters import Parameters
from analysis.stream import Definition, meaning_digest
from analysis.text.themes import Codebook
from analysis.unions import Union
from surveys.instruments import Instrument, Question


class Asking(msgspec.Struct, frozen=True, dict=True):
    """What the deployment asks of whom, and by which codebook it reads."""

    surveys_of: Mapping[tuple[str, str], Sequence[str]]
    """Which instruments each program's audience was ever asked with."""
    pools: Mapping[str, str]
    instruments: Mapping[str, Instrument]
    codebook: Codebook
    parameters: Parameters
    rotating: Collection[str] = ()
    """Questions that take turns: counted in a mixed batch where everyone was asked them alike."""

    def pulse(self, sort: Sort) -> tuple[Definition, ...]:
        """Define the score and the spread; nothing where a survey asks no scale."""
        scored = self._scored(sort)
        if not scored:
            return ()
        meaning = meaning_digest([_basis(question) for question in scored])
        variance_of = {
            values.SCORE: self.parameters.score_variance,
            values.SPREAD: self.parameters.spread_variance,
        }
        return tuple(
            Definition(kind="pulse", name=name, meaning=meaning, variance=variance)
            for name, variance in variance_of.items()
        )

    def union(self, union: Union) -> tuple[Definition, ...]:
        """Define every value of a union."""
        if union.kind == "language":
            meaning = meaning_digest([_basis(question) for question in self._scored(union.sort)])
            return (
                Definition(
                    kind="language",
                    name=values.SCORE,
                    meaning=meaning,
                    variance=self.parameters.language_variance,
                ),
            )
        if union.kind == "themes":
            return self._themes(county=union.scope == "county")
        if union.kind == "fields":
            return tuple(
                _of_questions("fields", self.questions(union), self.parameters.fields_variance, None)
            )
        return self._details(self.questions(union))

    def questions(self, union: Union) -> list[Question]:
        """Return the questions that a fields or detail batch counts."""
        if union.kind == "fields":
            return list(self._scored(union.sort))
        instruments = self._instruments_of(union)
        questions: dict[str, Question] = {}
        for instrument in instruments:
            for question in instrument.questions:
                questions.setdefault(question.id, question)
        return [
            q
            for q in questions.values()
            if not union.shared or q.is_core or self._is_everyones(q, instruments)
        ]

    def _is_everyones(self, question: Question, instruments: Iterable[Instrument]) -> bool:
        """Whether a question that takes turns was asked of all in the same words."""
        if question.id not in self.rotating:
            return False
        worded = [{q.id: q for q in instrument.questions}.get(question.id) for instrument in instruments]
        return all(it is not None and it.is_one_with(question) for it in worded)

    def _instruments_of(self, union: Union) -> list[Instrument]:
        names = {
            name: None
            for (program, audience), surveys in sorted(self.surveys_of.items())
            if self._is_of(union, program) and union.audience in (MIXED, audience)
            for name in surveys
            if name in self.instruments and class_of(self.instruments[name], audience) == union.sort.class_
        }
        return [self.instruments[name] for name in names]

    def _is_of(self, union: Union, program: str) -> bool:
        if union.scope == "county":
            return True
        return union.owner == (program if union.scope == "program" else self.pools.get(program))

    def _scored(self, sort: Sort) -> tuple[Question, ...]:
        """The scales of the score: the core questions have one meaning in every instrument."""
        for name, instrument in sorted(self.instruments.items()):
            if survey_class(name) == sort.class_ or (values.is_core(instrument) and not sort.is_survey):
                return values.scored_questions(instrument)
        return ()

    def _details(self, questions: Sequence[Question]) -> tuple[Definition, ...]:
        most = values.sensitivity(questions, self.instruments.values())
        scales = self.parameters.scales_variance(most.scales, with_options=most.options > 0)
        options = self.parameters.options_variance(most.options) if most.options else None
        return tuple(_of_questions("detail", questions, scales, options))

    def _themes(self, *, county: bool) -> tuple[Definition, ...]:
        variance = self.parameters.themes_variance(county=county)
        return tuple(
            Definition(
                kind="themes",
                name=values.theme(it.id),
                meaning=meaning_digest(it.id, self._codebook_digest),
                variance=variance,
            )
            for it in self.codebook.themes
        )

    @functools.cached_property
    def _codebook_digest(self) -> str:
        return meaning_digest(list(self.codebook.themes)).hex()


def variances(definitions: Iterable[Definition]) -> dict[str, str]:
    """Return the variance of each family of values, as the ledger keeps it."""
    return {family(it.name): str(it.variance) for it in definitions}


def _of_questions(
    kind: str, questions: Iterable[Question], scales: Fraction, options: Fraction | None
) -> Iterable[Definition]:
    for question in questions:
        variance = scales if question.kind == "scale" else options
        if variance is not None:
            meaning = meaning_digest(_basis(question))
            yield from (
                Definition(kind=kind, name=name, meaning=meaning, variance=variance)
                for name in values.value_names(question)
            )


def _basis(question: Question) -> tuple[object, ...]:
    """What a count of the question rests on. Words may be mended: they change no sum, and no noise."""
    return question.id, question.kind, question.favourable_codes, question.codes
