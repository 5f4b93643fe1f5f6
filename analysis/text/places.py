# ruff: noqa: E501  a pattern is easier to read whole
"""Places, schools and facilities: listed ones, and ones known by how such names are built."""

import re
from collections.abc import Iterator

from analysis.text.identifiers import Finding
from analysis.text.lexicons import word_lists

_KIND = (
    r"(?:High School|Middle School|High|Elementary(?: School)?|Academy|Charter(?: School)?|College|University|School|Preparatory|Continuation"
    r"|Church|Hospital|Clinic|Shelter|Juvenile Hall|Probation Camp|Group Home|Youth Center|Community Center|Medical Center|Courthouse|Station"
    r"|Motel|Inn|Hotel|Park|Apartments|Center|Foundation|Ministries|Library|Mission|House|Residence)"
)
_LEADING = r"(?!(?:The|My|At|In|A|An|To|From|This|And|Of|Our|Your|High|Middle|Group|Youth|Community|Medical|Juvenile|Probation|For|When|It)\b)"
_FACILITY = re.compile(rf"\b(?:{_LEADING}[^\W\d_a-z][\w.'’-]{{1,25}} ){{1,4}}{_KIND}\b")
_CAMP = re.compile(r"\b(?:[Cc]amp|Campus|Casa|Hogar|Motel)(?: [^\W\d_a-z][\w.'’-]{1,25}){1,3}")
_FACILITY_ES = re.compile(
    r"\b(?:[Ee]scuela|[Ss]ecundaria|[Pp]reparatoria|[Pp]repa|[Pp]rimaria|[Cc]olegio|[Hh]ospital|[Cc]l[ií]nica|[Cc]entro|[Cc]omplejo|[Aa]lbergue"
    r"|[Ii]glesia|[Ii]nstituto|[Uu]niversidad|[Hh]ogar|[Cc]asa|[Mm]otel|[Pp]arque|[Cc]orte|[Cc]amp|[Cc]ampus|[Mm]otel|[Ss]helter)"
    r"(?: (?:del?|la|las|los|el|y|en)){0,3}(?: (?:[^\W\d_a-z][\w'’-]{1,25}|(?:St[ao]?|Dra?|Mt)\.)(?: (?:del?|la|las|los|y)(?= [^\W\d_a-z])){0,2}){1,6}"
)
_SCHOOL_LOWER = re.compile(
    r"\b(?P<kept>(?P<word>[^\W\d_]{3,20}) (?:high school|middle school|elementary|juvenile hall|continuation|charter school))\b"
    r"|\b(?:at|to|from|attend) (?P<kept2>(?P<word2>[^\W\d_]{3,20}) (?:high|middle)(?=[.,!?]| and|$))"
)
_LABEL = re.compile(
    r"\b(?:(?P<name>name|nombre|apellidos?|m[eé]dico|remitido por|first name|last name|full name|surname)"
    r"|(?P<place>city|town|localidad ?/ ?provincia|localidad|provincia|pa[ií]s|country|ciudad))"
    r" ?: {0,3}(?:dra?\. )?(?:d[.ª]{1,2} )?(?P<kept>[^\W\d_][^\n.:;\d]{1,60}?)(?=\s{1,2}n[ºo°]|$|[\n.:;\d]| {2}| correo| e-mail)",
    re.IGNORECASE,
)


def places_in(text: str, folded: str, language: str) -> Iterator[Finding]:
    """Places, and the groups that place a person on a street; `folded` is the text without capitals and accents."""
    lists = word_lists()
    for kind, pattern in (("place", lists.places), *lists.marks):
        for match in pattern.finditer(folded):
            # "La Mirada" is a city, "la mirada de la gente" is a look.
            if language != "es" or match.group() not in lists.spanish_places or _meant(text, folded, match):
                yield *match.span(), kind
    yield from _facilities(text, language)
    yield from _labelled(text)


def _meant(text: str, folded: str, match: re.Match[str]) -> bool:
    capital = text[match.start() + match.group().rfind(" ") + 1].isupper()
    return capital or folded.endswith(("vivo en ", "vive en ", "soy de ", "naci en "), 0, match.start())


def _facilities(text: str, language: str) -> Iterator[Finding]:
    for pattern in (_FACILITY, _CAMP) if language == "en" else (_FACILITY, _FACILITY_ES):
        yield from ((*match.span(), "place") for match in pattern.finditer(text))
    for match in _SCHOOL_LOWER.finditer(text):
        word, place = ("word", "kept") if match["word"] else ("word2", "kept2")
        if match[word].lower() not in word_lists().cues.not_a_school:
            yield (*match.span(place), "place")


def _labelled(text: str) -> Iterator[Finding]:
    """`Nombre: ...` and `City: ...`, as on a form someone copied."""
    for match in _LABEL.finditer(text) if ":" in text else ():
        yield (*match.span("kept"), "name" if match["name"] else "place")
