"""What a list of choices becomes: a scale, yes and no, or options with codes of our own making."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import msgspec

from surveys.domains import DOMAINS
from surveys.instruments import LONGEST_CODE, SCALE_CODES, YES_NO_OPTIONS, Kind, Option
from surveys.xlsform.words import Label, Languages, slug, unlike

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
    wordings: tuple[Label, ...] = ()
    losses: tuple[str, ...] = ()
    favourable: Literal["first", "last"] | None = None


class _Choice(msgspec.Struct, frozen=True):
    name: str
    wording: Label


def read_choices(item: Mapping[str, Any], languages: Languages) -> Choices:
    """Make of a form's list what our question can hold."""
    losses = [] if item.get("choices") else ["its options are in another file"]
    choices = list(_readable_choices(item.get("choices") or [], languages, losses))
    ours = item.get("heard", {})
    several = item["type"] != "select one"
    if not several and ours.get("kind") in (None, "yes-no") and (yes_no := _yes_no(choices, losses)):
        return yes_no
    if not several and ours.get("kind") in (None, "scale") and (scale := _scale(choices, ours, losses)):
        return scale
    return _plain(choices, "multiple" if several else "single", losses)


def _readable_choices(items: Sequence[Any], languages: Languages, losses: list[str]) -> Iterator[_Choice]:
    for choice in items:
        wording = languages.read(choice.get("label"))
        name = str(choice["name"])
        if wording.quotes_an_answer:
            losses.append(f"its option “{name}” was left out; its words quote another answer")
            continue
        if choice.get("media"):
            losses.append(f"the picture or sound of its option “{name}” was left out")
        if _DECLINING.fullmatch(_bare(wording.english)):
            losses.append(f"its option “{wording.english}” was left out; every question has one of its own")
        elif wording.english:
            yield _Choice(name, wording)
        else:
            losses.append(f"its option “{name}” has no English words; its name stands for them")
            yield _Choice(name, Label(name))


def _yes_no(choices: Sequence[_Choice], losses: list[str]) -> Choices | None:
    codes = {choice.name: _YES_NO.get(_bare(choice.wording.english), "") for choice in choices}
    meanings = list(codes.values())
    if not {"yes", "no"} <= set(meanings) or len(set(meanings)) < len(meanings) or "" in meanings:
        return None
    if "not-sure" not in meanings:
        losses.append("it offers “Not sure” besides yes and no")
    return Choices("yes-no", YES_NO_OPTIONS, codes, losses=tuple(losses))


def _scale(choices: Sequence[_Choice], ours: Mapping[str, str], losses: list[str]) -> Choices | None:
    if len(choices) != len(SCALE_CODES):
        return None
    favourable: Literal["first", "last"] = "first" if ours.get("favourable") == "first" else "last"
    if ours.get("domain") not in DOMAINS or ours.get("favourable") not in ("first", "last"):
        losses.append(
            "it has five options: if they run from bad to good, write heard::domain and heard::favourable"
            " (first or last) beside it and import again, and it becomes a scale"
        )
        return None
    options = tuple(
        Option(code=code, text=it.wording.english) for code, it in zip(SCALE_CODES, choices, strict=True)
    )
    codes = {choice.name: code for choice, code in zip(choices, SCALE_CODES, strict=True)}
    wordings = tuple(choice.wording for choice in choices)
    return Choices("scale", options, codes, wordings, tuple(losses), favourable)


def _plain(choices: Sequence[_Choice], kind: Kind, losses: list[str]) -> Choices:
    codes: dict[str, str] = {}
    for number, choice in enumerate(choices, start=1):
        code = slug(choice.name, LONGEST_CODE - 4) or f"option-{number}"
        codes[choice.name] = unlike(code, codes.values())
        if codes[choice.name] != code:
            losses.append(f"its option “{choice.name}” got the code {codes[choice.name]}; {code} was taken")
    options = tuple(Option(code=codes[choice.name], text=choice.wording.english) for choice in choices)
    return Choices(kind, options, codes, tuple(choice.wording for choice in choices), tuple(losses))


def _bare(text: str) -> str:
    return text.replace("’", "'").rstrip(".!").strip().casefold()
