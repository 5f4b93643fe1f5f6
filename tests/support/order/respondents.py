"""A hundred people who answer in a known order, and somebody who can recognise each of them afterwards."""

from functools import cache

import msgspec

from analysis.comments import Comment
from analysis.kept_answers import KeptAnswers
from feedback.comments.waiting import Loose
from feedback.deployment import read_deployment
from feedback.inbox.sealing import Envelope, Inbox, SendOutcome
from feedback.inbox.unsealing import Opener
from feedback.settings import Settings
from feedback.storage import keys
from surveys.answers import Response
from tests.support.order.rank_correlation import Row, Table

PEOPLE = 100
DIGITS = ("core-safety", "core-respect", "core-voice")
LETTERS = "bdfgklmnpr"


class Respondents(msgspec.Struct, frozen=True):
    """People of one link, told apart by their answers, their words and the numbers of their pages."""

    slug: str
    numbers: list[str]

    @classmethod
    def of(cls, slug: str, settings: Settings) -> "Respondents":
        numbers = read_deployment(settings).submission_keys
        return cls(slug, [numbers.new(slug, settings.period) for _ in range(PEOPLE)])

    def send(self, door) -> None:
        for person, number in enumerate(self.numbers):
            fields = {"_once": number, "_language": _language(person), "_consent": "as-written"}
            answer = door.post(f"/s/{self.slug}", data={**fields, **_answers(person)})
            assert answer.status_code == 303

    def store(self, sandbox) -> None:
        """The same without a door, where what becomes of the rows afterwards is the question."""
        period = str(sandbox.settings.period)

        async def store_each(deployment):
            for person, number in enumerate(self.numbers):
                it = Response(
                    program="frp",
                    audience="youth",
                    instrument="protocol-youth",
                    language=_language(person),
                    period=period,
                    origin="live",
                    answers=_answers(person),
                )
                async with deployment.database.transaction() as session:
                    assert await deployment.inbox.store(session, self.slug, number, it, 0) is SendOutcome.NEW

        sandbox.run(store_each)

    def keys(self, inbox: Inbox) -> dict[bytes, int]:
        return {inbox.row_key(self.slug, number): person for person, number in enumerate(self.numbers)}


def _language(person: int) -> str:
    return "es" if person % 3 else "en"


def _answers(person: int) -> dict[str, str]:
    digits = {name: str(person // 5**at % 5 + 1) for at, name in enumerate(DIGITS)}
    return {**digits, "should-change": wish(person)}


def wish(person: int) -> str:
    """Words that nobody else writes, and that redaction leaves as they are."""
    tens, ones = divmod(person, 10)
    return f"more {LETTERS[tens]}o{LETTERS[ones]}al soup"


def by_answers(answers) -> int:
    return sum((int(answers[name]) - 1) * 5**at for at, name in enumerate(DIGITS))


class Insider:
    """Somebody with the private release key, the private review key and the secret of the inbox."""

    def __init__(self, sandbox, released: Respondents, waiting: Respondents) -> None:
        release, review = (
            Opener(keys.read_private(sandbox.settings.keys / name, None)) for name in keys.PRIVATE
        )
        # Each row is looked at in many places, and opening it is what takes long.
        self.release, self.review = (cache(it.open) for it in (release, review))
        secret = (sandbox.settings.keys / keys.INBOX_SECRET).read_text().strip()
        inbox = Inbox(release.public, keys.read_secret(secret, keys.INBOX_SECRET))
        wishes = {wish(person): person for person in range(PEOPLE)}
        self.used_keys = released.keys(inbox)
        self.inbox, self.inbox_after = (self._inbox(it.keys(inbox)) for it in (released, waiting))
        self.batched = Table("batched", self._let_out)
        self.comments = Table("comments", lambda row: (it := self._comment(row)) and wishes[it.text])
        self.used = Table("used_keys", lambda row: self.used_keys[row["key"]])
        self.after = (self.batched, self.comments, self.used, self.inbox_after)

    def _inbox(self, keys_of: dict[bytes, int]) -> Table:
        def person(row: Row) -> int | None:
            """By what is sealed in the row; the key, made anew from the page's number, says the same."""
            if row["key"] not in keys_of:
                return None
            envelope = self.release(row["sealed"], Envelope)
            assert by_answers(envelope.response.answers) == keys_of[row["key"]]
            return keys_of[row["key"]]

        return Table("inbox", person)

    def _let_out(self, row: Row) -> int:
        """By the key inside: a hundred of one audience have their questions, and no answers are kept."""
        kept_row = self.release(row["sealed"], KeptAnswers)
        assert (kept_row.key, kept_row.answers) == (row["key"], None)
        return self.used_keys[kept_row.key]

    def _comment(self, row: Row) -> Comment | None:
        return self.review(row["sealed"], Loose).comment
