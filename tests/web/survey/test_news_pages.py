"""The calendar and the feed: days and no figure, as RFC 5545 and RFC 4287 have them, alike for everybody."""

import datetime as dt
import re
from xml.etree import ElementTree as ET

import msgspec
import pytest

from feedback.languages import LANGUAGES
from feedback.web.rendering import in_months
from feedback.web.survey.calendar_file import Calendar, Event
from surveys.checking import banned_words
from tests.support.catalogs import catalog, shipped

pytestmark = pytest.mark.slow  # each makes a release

CALENDAR, FEED = "/heard/calendar.ics", "/heard/feed.xml"
ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 5545, 3.1: name *(";" param) ":" value, without the quoted values that nothing here has.
CONTENT_LINE = re.compile(r"([A-Z-]+)((?:;[A-Z]+=[A-Za-z0-9-]+)*):([^\x00-\x08\x0a-\x1f\x7f]*)")
TEXT = re.compile(r"(?:[^\\;,]|\\[\\;,nN])*")
DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def two_releases(sandbox):
    """Late by five days, and on its day."""
    sandbox.answer(30)
    sandbox.on("2026-10-20").release()
    sandbox.on("2027-01-15").release()
    return sandbox


def fetched(sandbox, path, **params):
    with sandbox.survey_door() as door:
        answer = door.get(path, params=params)
    assert answer.status_code == 200
    return answer


def lines_of(text: str) -> list[tuple[str, str, str]]:
    """The content lines of a calendar: name, parameters, value. Asserts how they are written."""
    assert text.endswith("\r\n")
    assert not re.search(r"[^\r]\n|\r[^\n]", text), "a line ends with both"
    folded = text.split("\r\n")[:-1]
    assert max(len(line.encode()) for line in folded) <= 75
    unfolded = "\r\n".join(folded).replace("\r\n ", "").split("\r\n")
    matches = [CONTENT_LINE.fullmatch(line) for line in unfolded]
    assert all(matches), [line for line, it in zip(unfolded, matches, strict=True) if not it]
    return [it.groups() for it in matches]


def events_of(text: str) -> list[dict[str, str]]:
    """Each event by the names of its properties. Asserts what RFC 5545 asks of a calendar and an event."""
    lines = lines_of(text)
    names = [name for name, _, _ in lines]
    first = names.index("BEGIN", 1)
    assert lines[0] == ("BEGIN", "", "VCALENDAR")
    assert lines[-1] == ("END", "", "VCALENDAR")
    head = {name: value for name, _, value in lines[1:first]}
    assert head["VERSION"] == "2.0"
    assert head["PRODID"]
    assert len(head) == first - 1, "each property of the calendar stands once"
    events = []
    for name, parameters, value in lines[first:-1]:
        if name == "BEGIN":
            assert value == "VEVENT"
            events.append({})
        elif name != "END":
            assert name not in events[-1], "each property of an event stands once"
            events[-1][name] = value
            if name == "DTSTART":
                assert parameters == ";VALUE=DATE"
            if name in ("SUMMARY", "DESCRIPTION"):
                assert TEXT.fullmatch(value)
    assert names.count("END") == names.count("BEGIN") == len(events) + 1
    for event in events:
        assert {"UID", "DTSTAMP", "DTSTART", "SUMMARY"} <= set(event)
        assert re.fullmatch(r"\d{8}T\d{6}Z", event["DTSTAMP"])
        dt.datetime.strptime(event["DTSTART"], "%Y%m%d").replace(tzinfo=dt.UTC)
    assert len({event["UID"] for event in events}) == len(events)
    return events


def test_the_calendar_has_every_day_on_which_results_came_and_the_next_four(two_releases):
    events = events_of(fetched(two_releases, CALENDAR).text)
    assert [(it["DTSTART"], it["STATUS"], it["SUMMARY"]) for it in events] == [
        ("20261020", "CONFIRMED", "Results of July 2026 – September 2026"),
        ("20270115", "CONFIRMED", "Results of October 2026 – December 2026"),
        ("20270415", "TENTATIVE", "Results of January 2027 – March 2027"),
        ("20270715", "TENTATIVE", "Results of April 2027 – June 2027"),
        ("20271015", "TENTATIVE", "Results of July 2027 – September 2027"),
        ("20280115", "TENTATIVE", "Results of October 2027 – December 2027"),
    ]
    assert events[0]["DESCRIPTION"] == r"They came out on October 20\, 2026."
    assert events[-1]["DESCRIPTION"] == "They come out around this day."
    assert {it["URL"] for it in events} == {f"{two_releases.settings.survey_url}/heard"}


def test_before_the_first_release_the_calendar_has_the_days_to_come(sandbox):
    events = events_of(fetched(sandbox, CALENDAR).text)
    assert [it["DTSTART"] for it in events] == ["20261015", "20270115", "20270415", "20270715"]
    assert {it["DTSTAMP"] for it in events} == {"20260701T000000Z"}


def test_a_release_is_the_same_event_on_whatever_day_it_comes(sandbox):
    expected = events_of(fetched(sandbox, CALENDAR).text)[0]
    sandbox.on("2026-10-20").release()
    event = events_of(fetched(sandbox, CALENDAR).text)[0]
    assert event["UID"] == expected["UID"]
    assert (expected["DTSTART"], expected["SEQUENCE"]) == ("20261015", "0")
    assert (event["DTSTART"], event["SEQUENCE"]) == ("20261020", "1")


def elements(sandbox, **params):
    return ET.fromstring(fetched(sandbox, FEED, **params).content)


def text_of(element, name):
    """The one text of this name that stands right inside. RFC 4287 allows no second one."""
    (own,) = element.findall(f"{ATOM}{name}")
    assert own.text
    assert not own.attrib
    return own.text


def entries_of(feed) -> list[tuple[str, str, str]]:
    """Id, title and day of each entry. Asserts what RFC 4287 asks of a feed and an entry."""
    assert feed.tag == f"{ATOM}feed"
    links = {it.attrib["rel"]: it.attrib["href"] for it in feed.findall(f"{ATOM}link")}
    assert links["self"] == text_of(feed, "id")
    (author,) = feed.findall(f"{ATOM}author")
    assert text_of(author, "name")
    assert text_of(feed, "title")
    entries = feed.findall(f"{ATOM}entry")
    days = [text_of(it, "updated") for it in (feed, *entries)]
    assert all(map(DATE_TIME.fullmatch, days))
    ids = [text_of(it, "id") for it in entries]
    assert len({*ids, text_of(feed, "id")}) == len(ids) + 1
    for entry in entries:
        (link,) = entry.findall(f"{ATOM}link")
        assert link.attrib["rel"] == "alternate"
        assert link.attrib["href"] == links["alternate"]
        assert text_of(entry, "summary")
    return [
        (id_, text_of(it, "title"), day[:10]) for id_, it, day in zip(ids, entries, days[1:], strict=True)
    ]


def test_the_feed_has_an_entry_for_each_release_the_latest_first(two_releases):
    page = f"{two_releases.settings.survey_url}/heard"
    feed = elements(two_releases)
    assert entries_of(feed) == [
        (f"{page}#2026Q4", "Results of October 2026 – December 2026", "2027-01-15"),
        (f"{page}#2026Q3", "Results of July 2026 – September 2026", "2026-10-20"),
    ]
    assert text_of(feed, "updated") == "2027-01-15T12:00:00Z"


def test_a_feed_without_a_release_is_one_all_the_same(sandbox):
    feed = elements(sandbox)
    assert entries_of(feed) == []
    assert text_of(feed, "updated") == "2026-07-01T12:00:00Z"


def test_an_entry_keeps_its_id_and_day_when_more_come(sandbox):
    sandbox.on("2026-10-20").release()
    before = entries_of(elements(sandbox))
    sandbox.on("2027-01-15").release()
    assert entries_of(elements(sandbox))[1:] == before


@pytest.mark.parametrize("path", [CALENDAR, FEED])
def test_who_asks_and_when_changes_nothing_in_it(two_releases, path):
    answer = fetched(two_releases, path)
    two_releases.answer(50)
    with two_releases.on("2027-04-02").survey_door() as door:
        later = door.get(
            path, headers={"If-Modified-Since": "Sat, 01 Jan 2028 00:00:00 GMT", "User-Agent": "x"}
        )
    assert (later.status_code, later.content) == (200, answer.content)
    assert later.headers["cache-control"] == "no-store"
    assert not {"etag", "last-modified", "set-cookie", "date"} & set(later.headers)


@pytest.mark.parametrize("path", [CALENDAR, FEED])
def test_it_holds_days_and_no_figure(sandbox, path):
    sandbox.answer(30)
    sandbox.on("2026-10-15").release()
    text = fetched(sandbox, path).text
    for harmless in (
        r"UID:.*",
        r"\d{8}(T\d{6}Z)?",
        r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?",
        r"https?://[^\"<\s]+",
    ):
        text = re.sub(harmless, "", text)
    assert "%" not in text
    assert set(re.findall(r"\d+", re.sub(r"(?s)^.*?(?=What people said)", "", text))) <= {
        *("2026", "2027"),  # years
        *("0", "1"),  # whether an event has been
        "15",  # the day of the month
    }
    assert "30" not in text


@pytest.mark.slow
@pytest.mark.parametrize("tag", LANGUAGES)
def test_it_speaks_every_language_and_leads_to_the_page_in_it(two_releases, tag):
    two_releases.settings = msgspec.structs.replace(two_releases.settings, offer_draft_languages=True)
    own = "" if tag == "en" else f"?lang={tag}"
    answer = fetched(two_releases, CALENDAR, lang=tag)
    events = events_of(answer.text)
    months = in_months(LANGUAGES[tag], ["2026Q3"])
    assert months in events[0]["SUMMARY"].replace("\\,", ",")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert answer.headers["content-language"] == tag
    assert f"SUMMARY;LANGUAGE={tag}:" in answer.text
    assert {it["URL"] for it in events} == {f"{two_releases.settings.survey_url}/heard{own}"}
    feed = elements(two_releases, lang=tag)
    assert months in entries_of(feed)[1][1]
    assert feed.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == tag
    assert text_of(feed, "id") == f"{two_releases.settings.survey_url}/heard/feed.xml{own}"
    assert banned_words(answer.text + ET.tostring(feed, encoding="unicode")) == []


def test_an_event_is_the_same_in_every_language(two_releases):
    two_releases.settings = msgspec.structs.replace(two_releases.settings, offer_draft_languages=True)
    english, arabic = (events_of(fetched(two_releases, CALENDAR, lang=tag).text) for tag in ("en", "ar"))
    assert [it["UID"] for it in english] == [it["UID"] for it in arabic]


def test_made_up_results_say_so_in_every_event_and_entry(two_releases):
    two_releases.settings = msgspec.structs.replace(two_releases.settings, made_up=True)
    events = events_of(fetched(two_releases, CALENDAR).text)
    assert all("Every answer here is made up." in it["DESCRIPTION"] for it in events)
    summaries = [it.text for it in elements(two_releases).iter(f"{ATOM}summary")]
    assert len(summaries) == 2
    assert all("Every answer here is made up." in it for it in summaries)


def test_words_that_got_past_every_check_break_neither_file(two_releases):
    """Two lines of one would be an event of somebody else's, and markup another feed."""
    hostile = 'a;b,c\\d\r\nEND:VEVENT\x00\ufffe<b>&amp;</b> ]]>"'
    texts = {
        "What people said": hostile,
        "Results of %(months)s": f"{hostile}: %(months)s",
        "They came out on %(day)s.": f"{hostile} %(nothing)s %",
    }
    with shipped(es=catalog("es", texts, reviewed=True)):
        events = events_of(fetched(two_releases, CALENDAR, lang="es").text)
        feed = elements(two_releases, lang="es")
    assert len(events) == 6
    plain = 'a;b,c\\d END:VEVENT <b>&amp;</b> ]]>"'
    assert text_of(feed, "title") == plain
    (_, title, _), _ = entries_of(feed)
    assert title.startswith(f"{plain}: octubre de 2026")
    assert events[0]["SUMMARY"].startswith('a\\;b\\,c\\\\d END:VEVENT <b>&amp\\;</b> ]]>": julio de 2026')
    assert events[0]["DESCRIPTION"] == r"They came out on 20 de octubre de 2026."


def test_a_long_line_is_folded_inside_no_letter():
    event = Event(
        uid="x",
        day=dt.date(2026, 10, 15),
        known_since=dt.date(2026, 10, 15),
        summary="ខ្មែរ, " * 40,
        description="\\;\n",
        address="https://heard.example/heard",
        has_been=True,
    )
    text = Calendar(name="x", language="km", events=(event,)).text()
    (only,) = events_of(text)
    assert only["SUMMARY"] == "ខ្មែរ\\, " * 40
    assert only["DESCRIPTION"] == r"\\\;\n"
