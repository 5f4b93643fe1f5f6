"""Names of people: from lists, after cues such as "my name is", and capitals that nothing else explains."""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from analysis.text.identifiers import Finding
from analysis.text.lexicons import explained, spanish_form, word_lists
from analysis.text.places import places_in

_TOKEN = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NAMERS = {
    "name": frozenset({"is", "was", "name's"}),
    "nombre": frozenset({"es", "era"}),
    "me": frozenset({"llamo", "llaman", "dicen"}),
    "se": frozenset({"llama", "llamaba", "llaman"}),
    "call": frozenset({"me", "her", "him"}),
    "goes": frozenset({"by"}),
}
_STOPS = re.compile(r"[.!?:;\n\"“”•*()…¡¿\[\]]|-\s|\s-")


class Token(NamedTuple):
    """A word where it stands; with a capital that says something, or opening a sentence."""

    start: int
    end: int
    word: str
    capital: bool
    upper: bool
    opens: bool


class _Folding(dict[int, str]):
    """Lower case without accents, one character for one, so that offsets stay."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = (unicodedata.normalize("NFD", chr(code))[0].lower() + " ")[0]
        return folded


_FOLDING = _Folding()


def names_in(text: str, language: str) -> Iterator[Finding]:
    """Names and places in a text, in any order."""
    folded = text.translate(_FOLDING)
    tag = language.partition("-")[0].lower()
    tokens = _tokens(text, folded)
    if tag == "en" and _in_spanish(tokens):
        tag = "es"
    yield from places_in(text, folded, tag)
    yield from _people(tokens, text, tag if tag in {"en", "es"} else "")


def _in_spanish(tokens: list[Token]) -> bool:
    """Whether a comment on an English form was written in Spanish: a quarter of its words are plainly so."""
    lists = word_lists()
    spanish = sum(
        token.word in lists.cues.spanish or (token.word in lists.spanish and token.word not in lists.ordinary)
        for token in tokens
    )
    return spanish > 1 and spanish * 4 >= len(tokens)


def _tokens(text: str, folded: str) -> list[Token]:
    tokens: list[Token] = []
    short_titles = word_lists().cues.short_titles
    shouting = sum(map(str.isupper, text)) > sum(map(str.islower, text))
    end = 0
    for match in _TOKEN.finditer(text):
        start, gap = match.start(), text[end : match.start()]
        opens = not tokens or (_STOPS.search(gap) is not None and tokens[-1].word not in short_titles)
        end = match.end()
        word = folded[start:end]
        if word.endswith(("'s", "’s")):
            end, word = end - 2, word[:-2]
        upper = end - start > 1 and text[start : end - (end - start > 2)].isupper()  # noqa: PLR2004
        tokens.append(Token(start, end, word, text[start].isupper() and not shouting, upper, opens))
    return tokens


def _people(tokens: list[Token], text: str, language: str) -> Iterator[Finding]:
    capitals = sum(token.capital for token in tokens if not token.opens)
    # In A Text Like This One a capital says nothing.
    titled = capitals > 4 and capitals * 2 > len(tokens)  # noqa: PLR2004
    reading = Passage(tokens, text, language, titled)
    index = 0
    while index < len(tokens):
        kind = reading.kind(index)
        if kind:
            last = reading.last(index)
            yield tokens[index].start, tokens[last].end, kind
            index = last
        index += 1


class Passage(NamedTuple):
    """One text, asked word by word whether a name begins here and where it ends."""

    tokens: list[Token]
    text: str
    language: str
    titled: bool

    def kind(self, index: int) -> str:
        token, before = self.tokens[index], self._word(index - 1)
        lists = word_lists()
        if token.capital and token.word in lists.double_places and before in word_lists().cues.before_places:
            return "place"
        if self._cued(index) or self._listed(index):
            return "name"
        if self.language and self._unexplained(index):
            return "place" if before in word_lists().cues.before_places else "name"
        return ""

    def last(self, index: int) -> int:
        """Where the name ends: initials, particles, and the surnames that follow."""
        last = step = index
        while step + 1 < len(self.tokens) and self._touching(step):
            step += 1
            if self._belongs(step):
                last = step
            elif self.tokens[step].word not in word_lists().cues.particles or step - last > 2:  # noqa: PLR2004
                break
        return last

    def _word(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def _touching(self, index: int) -> bool:
        gap = self.text[self.tokens[index].end : self.tokens[index + 1].start]
        initial = self.tokens[index].end - self.tokens[index].start == 1
        return gap in (" ", "  ", "-") or (initial and gap in (". ", "."))

    def _belongs(self, index: int) -> bool:
        token, lists = self.tokens[index], word_lists()
        if token.end - token.start == 1:
            return token.capital and token.word != "i"
        if token.capital:
            spanish = self.language == "es" and token.word in lists.spanish and not self._a_name(token.word)
            plainly = spanish or (self.titled and self._ordinary(token.word))
            return token.word not in lists.cues.never and not token.word.startswith("i'") and not plainly
        if token.word in lists.surnames:
            return True
        # Without capitals a surname is the unknown word after a name; our Spanish list is too short for that.
        lower = self.language == "en" and not self.tokens[index - 1].capital
        return lower and not self._known_anywhere(token.word)

    def _cued(self, index: int) -> bool:
        token, before = self.tokens[index], self._word(index - 1)
        if token.word in word_lists().cues.never or token.opens:
            return False
        cues = word_lists().cues
        unknown = not self._known_anywhere(token.word)
        namers = _NAMERS.get(self._word(index - 2), frozenset[str]())
        if before in namers and before not in {"me", "her", "him"}:
            return True
        if before in cues.naming or before in namers:
            return token.capital or unknown
        if before in cues.titles:
            # "la señora atendió": our Spanish list holds few verbs, so there the next word must help.
            sure = self.language == "en" or (self.language == "es" and self._word(index + 1) in cues.follows)
            return self._titled(token, unknown and sure, short=before in cues.short_titles)
        theirs = self._word(index - 2) in cues.theirs or self._word(index - 3) in cues.theirs
        likely = (self._a_name(token.word) and theirs) or (unknown and self._word(index + 1) in cues.follows)
        return before in cues.people and token.word not in cues.doubtful and likely

    def _titled(self, token: Token, unknown: bool, *, short: bool) -> bool:
        """`ms johnson`, `officer Brown`, `mr t`, and not `officer told`."""
        if token.capital or len(token.word) == 1:
            return short or not self._ordinary(token.word)
        listed = self._a_name(token.word) and token.word not in word_lists().cues.doubtful
        return listed or unknown

    def _listed(self, index: int) -> bool:
        token, lists = self.tokens[index], word_lists()
        either = token.word in lists.double or (self.language == "es" and token.word in lists.double_spanish)
        if not either and (token.word in lists.given_names or token.word in lists.surnames):
            # "Ella" is a name in English and "she" in Spanish.
            if self.language == "es" and token.word in lists.spanish:
                return False
            # "tim" may be a mistyped "time", and TED a machine.
            short = token.end - token.start < 4  # noqa: PLR2004
            return not (short and token.upper) if token.capital else bool(self.language) and not short
        if not token.capital or not either or self.titled:
            return False
        if token.upper:
            return False
        is_followed = self._word(index + 1) in lists.cues.follows and token.word not in lists.cues.doubtful
        return not token.opens or (is_followed and bool(self.language)) or self._full(index)

    def _full(self, index: int) -> bool:
        """Whether a capital follows that can be the surname."""
        if index + 1 == len(self.tokens) or not self._touching(index):
            return False
        return self.tokens[index + 1].capital and self._belongs(index + 1)

    def _unexplained(self, index: int) -> bool:
        """A capital in the middle of a sentence, on a word that no list of ordinary words explains."""
        token = self.tokens[index]
        if not token.capital or token.end - token.start < 3 or self._ordinary(token.word):  # noqa: PLR2004
            return False
        if token.upper:
            return token.end - token.start > 5 and self._word(index - 1) in word_lists().cues.before_places  # noqa: PLR2004
        if self._spanish(index):
            return False
        if not (token.opens or self.titled):
            return True
        if self.language == "en" and not self.text[token.start : token.end].isascii():
            return True
        return (not self.titled and self._is_subject(index)) or self._full_and_unknown(index)

    def _full_and_unknown(self, index: int) -> bool:
        following = self._word(index + 1)
        return self._full(index) and (len(following) == 1 or not self._ordinary(following))

    def _is_subject(self, index: int) -> bool:
        """What a sentence about a person goes on with; in Spanish `Yamila no me ayudó` too."""
        cues = word_lists().cues
        if self.language == "en":
            return self._word(index + 1) in cues.follows
        step = 2 if self._word(index + 1) in cues.between_spanish else 1
        return self._word(index + step) in cues.follows_spanish

    def _spanish(self, index: int) -> bool:
        """A capital that opens a sentence is no evidence: a Spanish word there, in a form of any language."""
        token = self.tokens[index]
        text = self.text[token.start : token.end]
        if self.language != "es":
            return token.opens and not text.isascii() and self._known_anywhere(token.word)
        if token.opens:
            return self._known_anywhere(token.word) or spanish_form(text, token.word)
        # After a comma many begin with a capital too: "gracias, Ayudaría mucho".
        comma = "," in self.text[max(0, token.start - 2) : token.start]
        return comma and spanish_form(text, token.word)

    def _a_name(self, word: str) -> bool:
        lists = word_lists()
        return any(word in names for names in (lists.given_names, lists.surnames, lists.double, lists.cued))

    def _known_anywhere(self, word: str) -> bool:
        lists = word_lists()
        return explained(word, lists.ordinary) or explained(word, lists.spanish)

    def _ordinary(self, word: str) -> bool:
        lists = word_lists()
        return explained(word, lists.ordinary) or (self.language == "es" and explained(word, lists.spanish))
