# ruff: noqa: E501  a pattern is easier to read whole
"""Personal details that are known by their shape: numbers, addresses, dates, handles, links.

Every pattern is anchored at a character few texts hold, or bounded in length, so that a nasty text cannot
make it slow. Where one is unsure it takes too much: a lost number costs a reader nothing, a kept one may
lead someone to a person's door.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import phonenumbers

Finding = tuple[int, int, str]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|sep?tiembre|octubre"
    r"|noviembre|diciembre)"
)
_YEAR = r"(?:19|20)\d\d"
_STREET = (
    r"(?:streets?|st|avenues?|ave|boulevard|blvd|roads?|rd|lane|ln|highway|hwy|parkway|pkwy|freeway|fwy)"
)
_STREET_MAYBE = (
    r"(?:[Dd]rives?|Dr|[Cc]ourts?|Ct|Places?|Pl|Way|Terrace|Circle|Cir|Alley|Squares?|Route|Trail|Crescent|Close|Crossing"
    r"|Harbors?|Mall|Cliffs?|Hills?|Plaza|Estates?|Islands?|Isle|Ridge|Valley|View|Walk|Run|Path|Loop|Strasse|Straße)"
)
_STREET_ALONE = (
    r"(?:[Ss]treets?|St|[Aa]venues?|[Aa]ve|[Bb]oulevard|[Bb]lvd|Road|Rd|Drive|Lane|Highway|Hwy|Parkway|Alley)"
)
_UNIT = r"(?:apt|apartment|apto|unit|suite|ste|piso|depto|departamento|space|spc)"
_NUMBER_WORD = (
    r"(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho"
    r"|nueve|double|triple|\d{1,4})"
)
_APP = r"(?:instagram|insta|ig|snapchat|snap|tiktok|tik tok|twitter|facebook|fb|discord|kik|telegram|whatsapp|gamertag)"
_LEAD = r"(?:number|numbers|num|no|nr|id|#|n[uú]mero|n[uú]m|n[ºo°])"
_CASE = (
    r"(?:case|docket|badge|inmate|medical record|mrn|ssn|social security|itin|a-number|passport|license|licence|plate|account"
    r"|acct|card|pin|nhc|ni[fe]|dni|nass|caso|expediente|placa|licencia|pasaporte|seguro social|cuenta|tarjeta|curp)"
)
_JOIN = r"(?:del?|la|el|los|las|san|santa|y|d['’])"
# A full stop after a short form belongs to it; after a whole word it ends the sentence ("con el camino. Ahora ...").
_VIA = (
    r"(?:(?:[Cc]/\.?|[Aa]vda\b|Av\b|Plza\b|Pº|Col\.)[ .]{0,2}|(?:[Cc]all[ea]|[Aa]venida|[Cc]allej[oó]n|[Pp]laza|Plaça|[Pp]aseo|[Rr]onda|[Cc]arretera"
    r"|[Cc]amino|[Bb]ulevar|Camí|Carrer|Glorieta|Traves[ií]a|Rua|Avinguda|Colonia)\b {0,2})"
)
_PROPER = r"[^\W\d_a-z][\w.'’-]{1,30}"
_PROPER_ES = r"(?:(?:[A-Z]|St[ao]|Sra?|Dra?|Ntr[ao]|Gral|Fco|Prof|M[ªa])\.|[^\W\d_a-z][\w'’ªº-]{0,30})"
_DOOR = r"(?:,? ?(?:n[ºo°]\.?|no|num\.?|No\.|s/n|piso|puerta|\d{1,5}(?:[ºª]|\.?o)?(?:-\d{1,2}º?)?)(?: ?[A-Za-z]{1}\b| izq| dcha| der)?){0,4}(?:,? [A-Z]\b)?"
_NOT_STREET = (
    r"(?!(?:the|a|my|on|in|of|at|to|from|and|or|down|off|for|with|by|is|was|minutes?|mins?|hours?|hrs?|miles?|days?|weeks?|months?"
    r"|years?|yrs?|people|times?|blocks?|girls?|boys?|kids?|different|more|other|wrong|per|dollars?|pm|am)\b)"
)
_PLACE_LINE = r"[\s,>.]{1,4}(?:[^\W\d_a-z][\w.'’-]{0,30}[\s,>()]{1,5}|(?:nan|de|nad|la|im|am)[\s,>]{1,4}){1,6}\d{4,6}(?:-\d{4})?\b"
_ROOM = r"[\s,>.]{1,4}(?:[Aa]pt|[Ss]uite|[Uu]nit|[Ss]te)\.? ?#?\d{1,5}"
_TAIL = rf"(?:{_ROOM})?(?:{_PLACE_LINE})?"
_TAIL_SURE = rf"(?:{_ROOM}(?:{_PLACE_LINE})?|\n{_PLACE_LINE})"
_CASE_MAYBE = r"(?:court|file|claim|booking|report|client|member|social|incident|reference|ref|room|historia|episodio|col|id|cs)"
_WORD = r"[^\W\d_][\w'’-]{0,30}"


class _Shape(NamedTuple):
    pattern: re.Pattern[str]
    group: str | int
    """Which part of what is found is a detail: all of it, or what has a name."""
    has_digit: bool
    """Whether nothing without a digit has this shape: most of what people write holds none."""


def _shape(pattern: str, *, flags: int = re.IGNORECASE, digit: bool = True) -> _Shape:
    compiled = re.compile(pattern, flags)
    return _Shape(compiled, "kept" if "kept" in compiled.groupindex else 0, digit)


# First come, first served: an address inside a link is a link.
_SHAPES: tuple[tuple[str, _Shape], ...] = (
    ("email", _shape(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", digit=False)),
    ("email", _shape(r"(?<![\w.+-])[\w.+-]{1,64} ?[(\[]?\b(?:at|arroba)\b[)\]]? ?[\w-]{1,40} ?[(\[]?\b(?:dot|punto)\b[)\]]? ?(?:com|org|net|edu|gov|mx)\b", digit=False)),
    ("email", _shape(r"(?<![\w.+-])(?:[\w.+-]{1,30} (?:dot|punto|underscore) ){0,3}[\w.+-]{1,64} ?(?:@|\b(?:at|arroba)\b) ?(?:gmail|yahoo|hotmail|outlook|icloud)(?:\.com)?\b", digit=False)),
    ("link", _shape(r"\b(?:https?|ftp)://[^\s<>\"]{1,2000}|\bwww\.[^\s<>\"]{1,2000}", digit=False)),
    ("link", _shape(r"(?<![\w.@-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,3}\.(?:com|org|net|edu|gov|info|mx|es|io|ly|gg|tv)\b(?:/[^\s<>\"]{0,2000})?", digit=False)),
    ("handle", _shape(r"(?<![\w@])@[a-z0-9_][\w.]{1,30}", digit=False)),
    ("handle", _shape(rf"\b{_APP}(?: (?:name|handle|account|user|username|usuario|cuenta))? ?(?:is|es|:|=|@|-) ?(?P<kept>[a-z0-9_.]{{3,30}})(?<!\.)", digit=False)),
    ("handle", _shape(rf"\b{_APP} (?P<kept>(?=[a-z.]{{0,29}}[\d_])[a-z0-9_.]{{3,30}})(?<!\.)", digit=False)),
    ("number", _shape(r"(?<![\w:])(?:\d{1,3}\.){3}\d{1,3}(?![\w:])|(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])", digit=False)),
    ("date", _shape(r"(?<![\w/-])\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)?\d\d(?![\w/-])(?: \d\d?:\d\d(?::\d\d)?)?")),
    ("date", _shape(rf"(?<![\w/-]){_YEAR}[/.-]\d{{1,2}}[/.-]\d{{1,2}}(?![\w/])(?:[ T]\d\d?:\d\d(?::\d\d)?)?")),
    ("date", _shape(rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?: of| de|-| )? ?{_MONTH}\b\.?(?:,? ?(?:of|de|del|-)? ?{_YEAR})?")),
    ("date", _shape(rf"\b{_MONTH}\b\.?,? (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?![\d:]|,\d{{3}})(?:,? ?{_YEAR})?")),
    ("date", _shape(rf"\b{_MONTH}\b\.?,? ?(?:of |de |del )?{_YEAR}\b")),
    ("date", _shape(r"\b(?:born|birthday|bday|b-day|dob|d\.o\.b|birth ?date|date of birth|cumpleaños|cumplo|nac[ií]|nacimiento)\b[^.\n\d]{0,20}(?P<kept>\d{1,4}(?:[/.-]\d{1,4}){0,2}(?:st|nd|rd|th)?)(?![\d/-])(?! ?(?:week|month|hour|day|minute|min|year|pm|am|people|año|mes|semana|día|hora))")),
    ("date", _shape(rf"\b(?:in|since|during|from|of|until|by|en|desde|hasta|del?|año|el) (?P<kept>{_YEAR})(?![\d.,/-]?\d)")),
    ("date", _shape(r"(?<![\d.,/$#-])(?<!room )(?:19[3-9]|20[0-3])\d(?= ?[.),;:-]|\s|$)(?! (?:people|dollars|times|calls|kids))")),
    ("number", _shape(r"(?<![\w-])\d{3}[- ]\d{2}[- ]\d{4}(?![\w-])")),
    ("address", _shape(r"\b(?:p\.? ?o\.? ?box|apartado postal|apartado|psc|unit|box) \d{1,6}(?: box \d{1,6})?(?:,?\s(?:dpo|apo|fpo) [a-z]{2} \d{5})?")),
    ("address", _shape(rf"\b\d{{1,6}}[a-z]?,?(?: [nsew]\.?)?(?: {_NOT_STREET}{_WORD}| \d{{1,3}}(?:st|nd|rd|th)){{1,4}}? {_STREET}\b\.?(?!['’]){_TAIL}")),
    ("address", _shape(rf"\b\d{{1,6}}[a-z]?(?: \d{{1,4}})?(?: {_PROPER}){{1,3}} {_STREET_MAYBE}\b\.?{_TAIL}", flags=0)),
    ("address", _shape(rf"(?<![\d.,/-])\d{{1,6}},?(?: (?:de|la|del|ul\.|r[uú]a))?(?: {_PROPER})(?: (?:de|la|del|y|{_PROPER})){{0,4}},? \d{{1,5}}\b{_TAIL}", flags=0)),
    ("address", _shape(rf"{_PROPER}(?: {_PROPER}){{0,2}} \d{{1,4}}{_TAIL_SURE}", flags=0)),
    ("address", _shape(r"\b\d{1,3}(?:st|nd|rd|th) (?:street|st|ave|avenue|blvd|place|pl)\b")),
    ("address", _shape(r"\b\d{1,3}(?:st|nd|rd|th) (?:and|&|y) (?:[A-Z][\w'’-]{2,30}|figueroa|western|vermont|hoover|main|broadway|central|crenshaw)\b", flags=0)),
    ("address", _shape(r"\b[A-Z][\w'’-]{2,30} (?:and|&|y) \d{1,3}(?:st|nd|rd|th)\b", flags=0)),
    ("address", _shape(rf"\b(?:[^\W\d_a-z][\w'’.-]{{1,30}} ){{1,3}}{_STREET_ALONE}\b\.?(?: \d{{1,5}}\b)?", flags=0, digit=False)),
    ("address", _shape(rf"\b{_VIA}(?:{_JOIN} ){{0,3}}{_PROPER_ES}(?:,? (?:{_JOIN} ){{0,3}}{_PROPER_ES}){{0,4}}{_DOOR}", flags=0, digit=False)),
    ("address", _shape(rf"\b(?:c/\.? ?|(?:calle|avenida|avda|bulevar|carretera)\b\.? )(?:{_WORD} ){{0,4}}{_WORD},? ?(?:n[ºo°]\.? ?|#)?\d{{1,5}}{_DOOR}")),
    ("address", _shape(rf"\b(?:[Cc]orner of|[Ee]squina de) (?P<kept>(?:{_PROPER}|\d{{1,5}})(?: (?:and|y|&|con|de|la|{_PROPER}|\d{{1,5}})){{1,7}})", flags=0, digit=False)),
    ("address", _shape(rf"\b{_UNIT}\.? ?#? ?\d{{1,5}}[a-z]?\b")),
    ("address", _shape(r"\b(?:ca|calif|california),? \d{5}(?:-\d{4})?\b|\b(?:zip|zip code|postcode|c[oó]digo postal|cp)\b ?(?:code|is|es)?[:.]? {0,2}(?P<kept>\d[\d -]{2,9})")),
    ("number", _shape(rf"\b{_CASE}\b\.? ?(?:{_LEAD}\.?)? ?(?:is|es|was|:|#)? ?#?:? ?(?P<kept>(?=[a-z-]{{0,6}}\d)[a-z0-9][a-z0-9-]{{2,24}}(?: \d{{1,8}}){{0,4}})\b")),
    ("number", _shape(rf"\b{_CASE_MAYBE}\b\.? ?(?:(?:number|num|no|#|n[uú]mero|n[ºo°])\b\.?|#|:)(?: ?(?:is|es|was|:))? ?#?(?P<kept>(?=[a-z-]{{0,6}}\d)[a-z0-9][a-z0-9-]{{2,24}}(?: \d{{1,8}}){{0,4}})\b")),
    ("number", _shape(r"n[ºo°] ?col:? ?(?P<kept>\d[\d ]{3,16}\d)")),
    ("number", _shape(r"(?<!\w)(?:#|n[ºo°]\.? ?)\d{3,20}\b")),
    ("number", _shape(r"(?<![\w-])(?=[a-z0-9-]{6,34}(?![\w-]))[a-z]{1,4}[0-9-]{4,}[a-z0-9-]*", digit=False)),
    ("number", _shape(r"(?<![\w-])[a-z]{2}\d{2}[a-z]{4}\d{6,24}(?!\w)|(?<![\w-])\d[a-z]{3}\d{3}(?!\w)|(?<![\w-])\d{7,8}-?[a-z](?!\w)")),
    ("phone", _shape(rf"\b(?:{_NUMBER_WORD}[ ,.-]{{1,3}}){{6,15}}{_NUMBER_WORD}\b", digit=False)),
)  # fmt: skip
_DIGIT = re.compile(r"\d")
# Seven digits or more, however they are broken up.
_DIGITS = re.compile(r"(?<![\w.,])[+(]{0,2}\d(?:[ ().\-–/x·]{0,3}\d){4,}(?!\w)(?![.,]\d)")
_AMOUNT = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_MONEY = re.compile(r"[$€£]\s?$")


def shapes_in(text: str) -> Iterator[Finding]:
    """Every detail with a shape; found spans may overlap, the earlier kind wins."""
    has_digit = _DIGIT.search(text) is not None
    for kind, shape in _SHAPES:
        if shape.has_digit and not has_digit:
            continue
        for match in shape.pattern.finditer(text):
            start, end = match.span(shape.group)
            if start < 0:
                start, end = match.span()
            yield start, end, kind
    yield from _digits(text)


def _digits(text: str) -> Iterator[Finding]:
    for match in _DIGITS.finditer(text):
        count = sum(character.isdigit() for character in match.group())
        if count < (7 if len(match.group()) > count else 5) or _AMOUNT.fullmatch(match.group()):
            continue
        if _MONEY.search(text, max(0, match.start() - 3), match.start()):
            continue
        yield match.start(), match.end(), "phone" if count > 6 and _is_phone(match.group()) else "number"  # noqa: PLR2004


def _is_phone(digits: str) -> bool:
    """A US number, or any of the world's with its plus; seven digits are a number without its area code."""
    try:
        number = phonenumbers.parse(digits, "US")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(number) or len(str(number.national_number)) == 7  # noqa: PLR2004
