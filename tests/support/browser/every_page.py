"""Every page of the survey door, as its own host answers it: what one test checks, all of them check."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path

import httpx
import msgspec

from feedback.fieldwork.links import close_link
from feedback.settings import Settings
from surveys.instruments import shipped_instruments
from tests.support.browser.pseudo import pseudo_locales
from tests.support.forms.pages import Page
from tests.support.public_rows import publish_all_there_can_be
from tests.support.sandbox import Sandbox, flood
from tests.support.voices import PSEUDO

HOST = "http://door.test"
FULL = {"heard, all there can be": "/heard", "heard of one, all there can be": "/heard/county"}
_NEVER = "22222222"
"""A slug that no link has."""
_WRONG = {
    "core-access": ["1", "2"],
    "core-voice": "9",
    "going-well": "They listen.",
    "should-change": "x" * 1_001,
}


class ServedPage(msgspec.Struct, frozen=True):
    """A page in one language, with all that a browser has to be told."""

    name: str
    voice: str
    status: int
    headers: dict[str, str]
    body: str

    @property
    def address(self) -> str:
        return f"{HOST}/{self.name.replace(' ', '-')}/{self.voice}"

    @property
    def is_in_steps(self) -> bool:
        """Whether the optional script turns it into one question at a time."""
        return 'class="ask"' in self.body


Address = str | Callable[[httpx.Client, str], httpx.Response]


def all_addresses(sandbox: Sandbox) -> Mapping[str, Address]:
    """A name for every page of the door, and its address or how one comes to it. One line each."""
    kind = {"program": "ctu", "audience": "youth", "instrument": "youth-experience"}
    survey = f"/s/{sandbox.link(**kind)}"
    slug = survey.rpartition("/")[2]
    damped = f"/s/{sandbox.link(**kind)}"
    framed = f"/e/{sandbox.link(**kind, embed=('https://a.example',))}"
    return {
        "survey": survey,
        "survey refused": lambda door, tag: _send(door, survey, tag, _WRONG),
        "survey damped": lambda door, tag: _send_damped(door, damped, tag),
        "survey by Enter": lambda door, tag: _send(door, survey, tag, {"_enter": "1"}),
        "survey on a tablet": f"{survey}?kiosk=1",
        "survey in a frame": framed,
        "survey on paper": f"{survey}/print",
        "thanks": f"/thanks?link={slug}",
        "thanks in a frame": f"{framed}/thanks",
        "thanks on a tablet": f"/thanks?kiosk={slug}",
        "help": "/help",
        "heard": "/heard",
        "heard after thanks": "/heard?back=sent",
        "heard in a tab": "/heard?tab=1",
        "heard of one": "/heard/meeting-team",
        "heard of one, nothing yet": "/heard/support-inside",
        "nothing there": f"/s/{_NEVER}",
        "closed": f"/s/{_closed_link(sandbox)}",
        "unreadable": lambda door, tag: door.post(survey, params={"lang": tag}, content=b"x"),
    }


def each_survey(sandbox: Sandbox) -> Mapping[str, Address]:
    """The address of a link for every instrument."""
    every = shipped_instruments().values()
    return {it.id: f"/s/{sandbox.link('community', it.audiences[0], instrument=it.id)}" for it in every}


def in_every_language(folder: Path) -> Sandbox:
    """A deployment that offers the drafts too. What a page says is the same on every database."""
    fields = {"today_is": dt.date(2026, 8, 15), "offer_draft_languages": True}
    return Sandbox(Settings(home=folder / "home", **fields))


class Pages:
    """Each page is asked for once, when it is first looked at. What it says is the same on every database."""

    def __init__(self, folder: Path) -> None:
        self._before = in_every_language(folder / "before")
        self.sandbox = with_results(in_every_language(folder / "after"))
        self._full = with_all_there_can_be(in_every_language(folder / "full"))
        self.addresses = {**all_addresses(self.sandbox), **each_survey(self.sandbox)}
        self._pages: dict[str, list[ServedPage]] = {}

    def of(self, *voices: str) -> list[ServedPage]:
        """Every page, in each of these voices."""
        return [page for voice in voices for page in self._pages.get(voice) or self._ask(voice)]

    def one(self, voice: str, name: str) -> ServedPage:
        (page,) = (it for it in self.of(voice) if it.name == name)
        return page

    def _ask(self, voice: str) -> list[ServedPage]:
        tag = PSEUDO.get(voice, voice)
        with pseudo_locales() if voice in PSEUDO else nullcontext():
            pages = [
                *every_page(self._before, {"heard, nothing yet": "/heard"}, tag),
                *every_page(self.sandbox, self.addresses, tag),
                *every_page(self._full, FULL, tag),
            ]
        self._pages[voice] = [msgspec.structs.replace(it, voice=voice) for it in pages]
        return self._pages[voice]


def with_results(sandbox: Sandbox) -> Sandbox:
    """Let 30 people answer one program, and release what they said."""
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    return sandbox


def with_all_there_can_be(sandbox: Sandbox) -> Sandbox:
    """The same after three years and more, with the longest pages of results that there can be."""
    with_results(sandbox).on("2027-01-15").release()
    sandbox.in_transaction(lambda session: publish_all_there_can_be(session, "2026Q4"))
    return sandbox


def every_page(sandbox: Sandbox, addresses: Mapping[str, Address], tag: str) -> Iterator[ServedPage]:
    with sandbox.survey_door() as door:
        for name, line in addresses.items():
            yield _serve(name, tag, _answer(door, line, tag))


def _closed_link(sandbox: Sandbox) -> str:
    slug = sandbox.link()
    sandbox.in_transaction(lambda session: close_link(session, slug, sandbox.settings.today))
    return slug


def _send(door: httpx.Client, path: str, tag: str, answers: dict) -> httpx.Response:
    fields = Page(door.get(path, params={"lang": tag}).text).filled
    return door.post(path, data={**fields, **answers})


def _send_damped(door: httpx.Client, path: str, tag: str) -> httpx.Response:
    flood(door.app.state.deployment.rate_limit, path.rpartition("/")[2])
    return _send(door, path, tag, {"core-voice": "2", "going-well": "They listen."})


def _answer(door: httpx.Client, line: Address, tag: str) -> httpx.Response:
    if callable(line):
        return line(door, tag)
    return door.get(line, params={**httpx.URL(line).params, "lang": tag})


def _serve(name: str, tag: str, answer: httpx.Response) -> ServedPage:
    assert answer.headers["content-language"] == tag, name
    headers = {
        it: value for it, value in answer.headers.items() if it not in ("content-encoding", "content-length")
    }
    return ServedPage(name, tag, answer.status_code, headers, answer.text)
