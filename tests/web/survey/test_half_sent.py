"""Bodies of which half arrives: they wait alone, and not for ever."""

import socket
from contextlib import ExitStack

import httpx
import pytest

from feedback.app import create_survey_app
from feedback.web.survey import survey_form
from tests.support.doors import served_here
from tests.support.forms.pages import Page
from tests.support.stored import waiting_rows

pytestmark = pytest.mark.slow
HALF = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000\r\n\r\n_once=2026Q3."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_hundred_half_sent_pages_do_not_hold_the_door(sandbox, monkeypatch):
    monkeypatch.setattr(survey_form, "PATIENCE", 3)
    path = f"/s/{sandbox.link()}"
    with served_here(create_survey_app(sandbox.settings)) as address, ExitStack() as opened:
        host, _, port = address.removeprefix("http://").partition(":")
        halves = []
        for _ in range(200):
            it = opened.enter_context(socket.create_connection((host, int(port)), 60))
            it.sendall(f"POST {path} HTTP/1.1\r\nHost: {host}\r\n".encode() + HALF)
            halves.append(it)
        with httpx.Client(base_url=address) as ana:
            page = Page(ana.get(path).text).filled
            assert ana.post(path, data={**page, "core-voice": "2"}).status_code == 303
        assert {it.recv(12) for it in halves} == {b"HTTP/1.1 408"}
    assert len(sandbox.in_transaction(waiting_rows)) == 1
