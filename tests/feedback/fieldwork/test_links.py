"""Links: an address that opens one survey for one program and one audience, until it is closed."""

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.fieldwork import links
from feedback.fieldwork.links import LinkClosed, LinkRefused, LinkUnknown, NewLink
from feedback.fieldwork.programs import NoSuchProgram, asked_instruments
from surveys.registry import shipped_programs

TODAY = dt.date(2026, 8, 15)
TOMORROW = dt.date(2026, 8, 16)
FRP = next(program for program in shipped_programs().programs if program.id == "frp")


def make(sandbox, **fields):
    link = NewLink(**{"program": "frp", "audience": "youth", **fields})
    return sandbox.in_transaction(lambda s: links.make_link(s, link, TODAY))


def open_link(sandbox, slug, today=TODAY):
    return sandbox.in_transaction(lambda s: links.open_link(s, slug, today))


def close(sandbox, slug, today=TODAY):
    sandbox.in_transaction(lambda s: links.close_link(s, slug, today))


def instruments_asked(sandbox):
    return sandbox.in_transaction(asked_instruments)


def test_a_link_opens_as_it_was_made(sandbox):
    link = make(
        sandbox,
        language="es",
        place="waiting room",
        embed=("https://example.org", "https://a.example:8443"),
        comments=False,
        expires_on=TOMORROW,
    )
    assert open_link(sandbox, link.slug) == link
    assert (link.program.id, link.audience, link.instrument.id) == ("frp", "youth", "protocol-youth")
    assert (link.language, link.place, link.comments) == ("es", "waiting room", False)
    assert link.embed == ("https://example.org", "https://a.example:8443")
    assert (link.made_on, link.expires_on, link.closed_on) == (TODAY, TOMORROW, None)


def test_a_slug_is_eight_signs_that_nobody_confuses_on_a_poster(sandbox):
    slugs = [make(sandbox).slug for _ in range(5)]
    assert len(set(slugs)) == 5
    assert all(re.fullmatch(r"[2-9a-hjkmnp-z]{8}", slug) for slug in slugs)


def test_nobody_has_to_choose_the_instrument(sandbox):
    usual = {
        ("frp", "youth"): "protocol-youth",
        ("frp", "expert"): "expert-review",
        ("frp", "caregiver"): "caregiver-experience",
        ("ctu", "youth"): "youth-experience",
        ("empowerment-conference", "youth"): "event",
        ("community", "caregiver"): "plan-community",
    }
    instruments = [make(sandbox, program=name, audience=audience).instrument.id for name, audience in usual]
    assert instruments == list(usual.values())


def test_an_instrument_can_be_chosen(sandbox):
    assert make(sandbox, instrument="youth-experience").instrument.id == "youth-experience"


def test_making_a_link_notes_with_what_its_audience_is_asked(sandbox):
    make(sandbox)
    make(sandbox)
    make(sandbox, instrument="youth-experience")
    assert instruments_asked(sandbox) == {("frp", "youth"): ["protocol-youth", "youth-experience"]}


def test_a_link_that_makes_no_sense_is_refused_with_a_sentence_and_not_stored(sandbox):
    refusals = (
        ({"program": "pep"}, "pep asks caregiver, expert, not youth."),
        ({"instrument": "nosuch"}, "There is no instrument “nosuch”"),
        ({"instrument": "caregiver-experience"}, "caregiver-experience is written for caregiver, not youth."),
        ({"language": "tlh"}, "“tlh” is not one of the languages en, es,"),
        ({"embed": ("http://example.org",)}, "“http://example.org” is not an origin"),
    )
    for fields, sentence in refusals:
        with pytest.raises(LinkRefused) as refused:
            make(sandbox, **fields)
        assert sentence in str(refused.value)
    assert sandbox.in_transaction(links.all_links) == []
    assert instruments_asked(sandbox) == {}


def test_there_is_no_link_for_a_program_that_does_not_exist(sandbox):
    with pytest.raises(NoSuchProgram, match="There is no program “nosuch”"):
        make(sandbox, program="nosuch")


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "https://",
        "https://example.org/",
        "https://example.org/page",
        "https://example.org?a",
        "https://user@example.org",
        "https://example.org:port",
        "https://example.org; script-src *",
        "https://example.org;script-src",
        "https://example.org https://evil.example",
        "https://example.org\n",
        "https://*",
        "*",
        "'self'",
    ],
)
def test_what_could_change_a_security_header_is_no_origin(origin):
    with pytest.raises(LinkRefused, match="is not an origin"):
        links._check(NewLink(program="frp", audience="youth", embed=("https://good.example", origin)), FRP)


@given(st.text(max_size=30))
def test_no_origin_that_is_accepted_can_end_the_rule_it_stands_in(tail):
    try:
        links._check(NewLink(program="frp", audience="youth", embed=(f"https://a{tail}",)), FRP)
    except LinkRefused:
        return
    assert re.fullmatch(r"[a-z0-9.:-]*", tail)


def test_an_address_that_nobody_made_is_unknown(sandbox):
    for slug in ("", "short", "22222222", "OOOOOOOO", "2222222!", "a" * 500, "../../etc", "2222222\0"):
        with pytest.raises(LinkUnknown):
            open_link(sandbox, slug)


def test_a_link_is_open_up_to_its_last_day(sandbox):
    slug = make(sandbox, expires_on=TOMORROW).slug
    assert open_link(sandbox, slug, TOMORROW).slug == slug
    with pytest.raises(LinkClosed):
        open_link(sandbox, slug, dt.date(2026, 8, 17))


def test_a_closed_link_stays_closed_from_the_day_it_was_closed(sandbox):
    slug = make(sandbox).slug
    close(sandbox, slug)
    close(sandbox, slug, TOMORROW)
    with pytest.raises(LinkClosed):
        open_link(sandbox, slug)
    (link,) = sandbox.in_transaction(links.all_links)
    assert link.closed_on == TODAY


def test_a_link_that_nobody_made_cannot_be_closed(sandbox):
    with pytest.raises(LinkUnknown):
        close(sandbox, "22222222")


def test_links_are_listed_by_program_closed_ones_too(sandbox):
    syz = make(sandbox, program="syz").slug
    frp = make(sandbox).slug
    close(sandbox, frp)
    assert [link.slug for link in sandbox.in_transaction(links.all_links)] == [frp, syz]
