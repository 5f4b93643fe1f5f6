"""The word lists behind redaction: names, places, facilities, and the ordinary words that are none of these.

The lists are in names.toml. What is an ordinary English word comes from the word list that ships with
TextBlob (public domain); it is read as a file, because importing TextBlob costs every process 30 MB.
"""

import functools
import importlib.util
import re
import tomllib
from importlib import resources
from pathlib import Path
from typing import NamedTuple

_ENDINGS = (
    "s",
    "es",
    "ed",
    "d",
    "ing",
    "ly",
    "er",
    "y",
    "mente",
    "ndo",
    "ba",
    "ron",
    "ado",
    "ada",
    "dos",
    "das",
    "ar",
    "cion",
    "ciones",
)


# How Spanish verbs and abstract nouns end, without accents: few names do, and those are listed.
_SPANISH_ENDING = re.compile(
    r".{2,}(?:[aei]r(?:me|te|se|nos|l[aeo]s?)?|(?:a|ie|ye)ndo(?:me|te|se|nos|l[aeo]s?)?|[aei]ria(?:n|s|mos)?|ab(?:a|an|as|amos)"
    r"|i(?:an|as|amos)|a?ron|ieron|aste|iste|[aei]mos|[cs]ion(?:es)?|dad(?:es)?|mente|ismo|ncia"
    r"|[ae]n(?:me|se|nos|l[aeo]s?)|eran?)"
)
_SPANISH_PAST = re.compile(r".{2,}[áéíóú]s?")


class Cues(NamedTuple):
    """Words around a name; names.toml says what each is for."""

    titles: frozenset[str]
    short_titles: frozenset[str]
    people: frozenset[str]
    naming: frozenset[str]
    never: frozenset[str]
    follows: frozenset[str]
    spanish: frozenset[str]
    follows_spanish: frozenset[str]
    between_spanish: frozenset[str]
    theirs: frozenset[str]
    before_places: frozenset[str]
    doubtful: frozenset[str]
    particles: frozenset[str]
    not_a_school: frozenset[str]


class Lists(NamedTuple):
    """names.toml and the ordinary words, ready to be asked."""

    given_names: frozenset[str]
    surnames: frozenset[str]
    double: frozenset[str]
    cued: frozenset[str]
    ordinary: frozenset[str]
    spanish: frozenset[str]
    double_spanish: frozenset[str]
    places: re.Pattern[str]
    spanish_places: frozenset[str]
    double_places: frozenset[str]
    cues: Cues
    marks: tuple[tuple[str, re.Pattern[str]], ...]


def explained(word: str, words: frozenset[str]) -> bool:
    """An ordinary word, one of its forms, or joined from ordinary words (`non-profit`, `don't`)."""
    if word in words or any(
        word.endswith(end) and len(word) > len(end) + 2 and word[: -len(end)] in words for end in _ENDINGS
    ):
        return True
    parts = re.split(r"['’-]", word)
    return len(parts) > 1 and (parts[0] in words or all(len(part) < 3 or part in words for part in parts))  # noqa: PLR2004


def spanish_form(word: str, folded: str) -> bool:
    """Built like a Spanish verb or abstract noun: `Ayudaría`, `Esperé`, `Díganme`, `Atención`."""
    return bool(_SPANISH_ENDING.fullmatch(folded) or _SPANISH_PAST.fullmatch(word.lower()))


@functools.cache
def word_lists() -> Lists:
    lists = tomllib.loads((resources.files("analysis.text") / "names.toml").read_text("utf-8"))
    double = frozenset(lists["given"]["double"].split()) | frozenset(lists["surname"]["double"].split())
    given_names = frozenset(lists["given"]["plain"].split()) - double
    surnames = frozenset(lists["surname"]["plain"].split()) - double
    spelling = Path(_textblob()) / "en" / "en-spelling.txt"
    english = {
        line.split(" ", 1)[0] for line in spelling.read_text("utf-8").splitlines() if line[:1].isalpha()
    }
    ordinary = frozenset(english | set(lists["ordinary"]["words"].split())) - given_names - surnames
    return Lists(
        given_names=given_names,
        surnames=surnames,
        double=double,
        cued=frozenset(lists["surname"]["cued"].split()),
        ordinary=ordinary,
        spanish=frozenset(lists["ordinary"]["spanish"].split()),
        double_spanish=frozenset(lists["given"]["double_spanish"].split()),
        # "Los Angeles County" is where everyone is.
        places=_any_of(lists["place"]["plain"], unless=" county"),
        spanish_places=frozenset(phrase.strip() for phrase in lists["place"]["double_spanish"].split(",")),
        double_places=frozenset(lists["place"]["double"].replace(",", " ").split()),
        cues=Cues(**{name: frozenset(words.split()) for name, words in lists["cue"].items()}),
        marks=(("place", _any_of(lists["facility"]["plain"])), ("name", _any_of(lists["group"]["plain"]))),
    )


def _textblob() -> str:
    spec = importlib.util.find_spec("textblob")
    return str(Path(spec.origin).parent) if spec and spec.origin else ""


def _any_of(phrases: str, unless: str = "") -> re.Pattern[str]:
    """One pattern for all of them, longest first, sorted by first letter so that most are never tried."""
    listed = sorted(
        {phrase.strip() for phrase in phrases.replace("\n", " ").split(",") if phrase.strip()},
        key=len,
        reverse=True,
    )
    rest: dict[str, list[str]] = {}
    for phrase in listed:
        rest.setdefault(phrase[0], []).append(re.escape(phrase[1:]).replace(r"\ ", r"\s"))
    branches = "|".join(first + "(?:" + "|".join(tails) + ")" for first, tails in sorted(rest.items()))
    ending = rf"(?!\w|{re.escape(unless)})" if unless else r"(?!\w)"
    return re.compile(rf"(?<![\w@])(?:{branches}){ending}")
