"""The submission key (idempotency key) of a page, by which a later Send finds an earlier one of it.

The door makes and signs it for one link and one quarter: nobody can make one up, and a page so old that its
answers may have been let out and forgotten is known by it. Whoever reads the key in the page can still
send with it (docs/threat-model.md).
"""

import base64
import hashlib
import hmac
import re
import secrets

import msgspec

from feedback.inbox.sealing import USED_KEY_QUARTERS
from surveys.periods import Period

_SHAPE = re.compile(r"(\d{4}Q[1-4])\.[\w-]{22}\.([\w-]{22})", re.ASCII)


class SubmissionKeys(msgspec.Struct, frozen=True):
    """Makes the keys of pages with a secret of the deployment, and knows them again."""

    secret: bytes

    def new(self, slug: str, now: Period) -> str:
        signed = f"{now}.{secrets.token_urlsafe(16)}"
        return f"{signed}.{self._signature(slug, signed)}"

    def is_current(self, slug: str, submission_key: str, now: Period) -> bool:
        """Whether a page of this link came with the key, so lately that its first Send is still known."""
        shape = _SHAPE.fullmatch(submission_key)
        if shape is None:
            return False
        signed = submission_key.rpartition(".")[0]
        is_ours = hmac.compare_digest(shape[2], self._signature(slug, signed))
        return is_ours and 0 <= now - Period.parse(shape[1]) <= USED_KEY_QUARTERS

    def _signature(self, slug: str, signed: str) -> str:
        content = f"{slug}/{signed}".encode()
        signature = hashlib.blake2b(content, key=self.secret, person=b"page number", digest_size=16)
        return base64.urlsafe_b64encode(signature.digest()).rstrip(b"=").decode()


def is_shaped(submission_key: str) -> bool:
    """Whether it looks like a key of ours, whoever made it."""
    return bool(_SHAPE.fullmatch(submission_key))
