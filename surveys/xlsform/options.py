"""What a list of choices becomes: a scale, yes and no, or options with codes of our own making."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from surveys.domains import DOMAINS
from surveys.instruments import LONGEST_CODE, SCALE_CODES, YES_NO_OPTIONS, Kind, Option
from surveys.xlsform.words import Languages, Said, slug, unlike

_DECLINING = re.compile(
    r"(?=.*\b(not|don't)\b).{0,12}\b(prefer|rather|choose|wish|want)\b.{0,10}\b(say|answer|share|tell)\b.{0,6}"
    r"|declined?( to (answer|say))?|no answer|refused?( to answer)?"
)
_NOT_SURE = ("not sure", "unsure", "i'm not sure", "don't know", "i don't know", "do not know")
_YES_NO = {"yes": "yes", "no": "no", **dict.fromkeys(_NOT_SURE, "not-sure")}


class Choices(msgspec.Struct, frozen=True):
    """The options of one question, the kind they make of it, and what became of each name in the form."""

    kind: Kind
    options: tuple[Option, ...]
    codes: Mapping[str, str]
    said: tuple[Said, ...] = ()
    lost: tuple[str, ...] = ()
    favourable: Literal["first", "last"] | None = None


class _Choice(msgspec.Struct, frozen=True):
    name: str
    said: Said


def read_choices(item: Mapping[str, Any], languages: Languages) -> Choices:
    """Make of a form's list what our question can hold."""
    lost = [] if item.get("choices") else ["its options are in another file"]
    offered = list(_offered(item.get("choices") or [], languages, lost))
    ours = item.get("heard", {})
    several = item["type"] != "select one"
    if not several and ours.get("kind") in (None, "yes-no") and (found := _yes_no(offered, lost)):
        return found
    if not several and ours.get("kind") in (None, "scale") and (found := _scale(offered, ours, lost)):
        return found
    return _plain(offered, "multiple" if several else "single", lost)


def _offered(listed: Sequence[Any], languages: Languages, lost: list[str]) -> Iterator[_Choice]:
    for choice in listed:
        said = languages.read(choice.get("label"))
        name = str(choice["name"])
        if said.quotes_an_answer:
            lost.append(f"its option “{name}” was left out; its words quote another answer")
            continue
        if choice.get("media"):
            lost.append(f"the picture or sound of its option “{name}” was left out")
        if _DECLINING.fullmatch(_bare(said.english)):
            lost.append(f"its option “{said.english}” was left out; every question has one of its own")
        elif said.english:
            yield _Choice(name, said)
        else:
            lost.append(f"its option “{name}” has no English words; its name stands for them")
            yield _Choice(name, Said(name))


def _yes_no(offered: Sequence[_Choice], lost: list[str]) -> Choices | None:
    codes = {choice.name: _YES_NO.get(_bare(choice.said.english), "") for choice in offered}
    found = list(codes.values())
    if not {"yes", "no"} <= set(found) or len(set(found)) < len(found) or "" in found:
        return None
    if "not-sure" not in found:
        lost.append("it offers “Not sure” besides yes and no")
    return Choices("yes-no", YES_NO_OPTIONS, codes, lost=tuple(lost))


def _scale(offered: Sequence[_Choice], ours: Mapping[str, str], lost: list[str]) -> Choices | None:
    if len(offered) != len(SCALE_CODES):
        return None
    favourable: Literal["first", "last"] = "first" if ours.get("favourable") == "first" else "last"
    if ours.get("domain") not in DOMAINS or ours.get("favourable") not in ("first", "last"):
        lost.append(
            "it has five options: if they run from bad to good, write heard::domain and heard::favourable"
            " (first or last) beside it and import again, and it becomes a scale"
        )
        return None
    options = tuple(
        Option(code=code, text=it.said.english) for code, it in zip(SCALE_CODES, offered, strict=True)
    )
    codes = {choice.name: code for choice, code in zip(offered, SCALE_CODES, strict=True)}
    said = tuple(choice.said for choice in offered)
    return Choices("scale", options, codes, said, tuple(lost), favourable)


def _plain(offered: Sequence[_Choice], kind: Kind, lost: list[str]) -> Choices:
    codes: dict[str, str] = {}
    for number, choice in enumerate(offered, start=1):
        wanted = slug(choice.name, LONGEST_CODE - 4) or f"option-{number}"
        codes[choice.name] = unlike(wanted, codes.values())
        if codes[choice.name] != wanted:
            lost.append(f"its option “{choice.name}” got the code {codes[choice.name]}; {wanted} was taken")
    options = tuple(Option(code=codes[choice.name], text=choice.said.english) for choice in offered)
    return Choices(kind, options, codes, tuple(choice.said for choice in offered), tuple(lost))


def _bare(text: str) -> str:
    return text.replace("’", "'").rstrip(".!").strip().casefold()
