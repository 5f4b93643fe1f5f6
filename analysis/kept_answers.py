"""What is kept of a response after its pulse, until its details, themes and language are drawn.

Source: docs/disclosure.md, “Closing pulse batches”, last paragraph, and “Closing the others”. Never what
somebody wrote; and after the fourth quarter's release nothing, experts' closed answers apart.
"""

import msgspec

from analysis.batch_ledger import EXPERT, Batch
from analysis.parameters import Parameters
from surveys.answers import Answers
from surveys.periods import Period


class KeptAnswers(msgspec.Struct, frozen=True, kw_only=True):
    """One sealed row of a response that was let out."""

    key: bytes
    digest: bytes
    """SHA-256 of the response as first sealed, with its key and the random bytes drawn then."""
    batch: str
    """Its pulse batch."""
    answers: Answers | None = None
    """Codes of closed questions; None once its detail is drawn."""
    language: str = ""
    score: int | None = None
    """In 840ths."""
    themes: tuple[str, ...] = ()


class Retention(msgspec.Struct, frozen=True):
    """What one release leaves of the rows of one pulse batch."""

    closing: Period
    pulse: Batch
    detailed: bool
    """Whether its detail is drawn by now, in this release or before."""
    yearly: bool
    parameters: Parameters

    def of(self, row: KeptAnswers) -> KeptAnswers | None:
        """Return what is sealed anew, or None where nothing is."""
        if self.pulse.class_ == EXPERT and self._is_old:
            return None
        if self.yearly:
            waits = self.pulse.class_ == EXPERT and not self.detailed
            return (
                KeptAnswers(key=row.key, digest=row.digest, batch=row.batch, answers=row.answers)
                if waits
                else None
            )
        return msgspec.structs.replace(row, answers=None) if self.detailed else row

    @property
    def _is_old(self) -> bool:
        return self.closing - Period.parse(self.pulse.release) >= self.parameters.destroyed_quarters
