"""Whatever somebody wrote is shown as it is and runs nowhere; what can only be a mistake is refused."""

import msgspec
import pytest
from sqlalchemy import select

from analysis.text.redaction import redact
from feedback.comments.waiting import Loose, written
from feedback.fieldwork import links
from feedback.fieldwork.instruments import InstrumentRefused, add_instrument
from feedback.fieldwork.links import LinkRefused, NewLink
from feedback.inbox.unsealing import Opener
from feedback.staff.accounts import AccountRefused, add_user
from feedback.storage import keys
from feedback.storage.tables import (
    BatchRow,
    CommentRow,
    LinkRow,
    MeasureRow,
    PublishedRow,
    ReleaseRow,
    ValueRow,
)
from feedback.translations.catalogs import Message
from feedback.translations.proofreading import problems
from surveys.instruments import InstrumentBroken, parse_instrument, shipped_instruments
from surveys.registry import ProgramsBroken, parse_programs, shipped_programs
from surveys.toml_text import write_instrument
from tests.support.attack.payloads import (
    PROGRAM,
    SPANISH,
    SURVEY,
    UNREADABLE,
    VISIBLE,
    instrument,
    programs,
    store_everywhere,
)
from tests.support.files.reading import csv_cells, exported
from tests.support.forms.pages import Page
from tests.support.sampling import marked

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the promise is about words, one database is enough."""
STAFF = (
    "/", "/links", "/links/{slug}/poster", f"/programs/{PROGRAM}", "/measures",
    "/strategies/6.4", "/served", f"/served/{PROGRAM}", "/releases", "/audit", "/audit?object={words}",
)  # fmt: skip
WORDS = ("/words", "/words/es", "/words/es?search={words}", f"/words/es/preview/{SURVEY}")
SURVEYS = ("/s/{slug}", "/s/{slug}?lang=es", "/s/{slug}/print", "/thanks", "/heard", f"/heard/{PROGRAM}")


def check(page, answer, *, scripts):
    """Nothing but our own markup stands on the page."""
    assert answer.status_code == 200, (page, answer.text)
    document = Page(answer.text)
    assert len(document.all("script")) <= scripts, page
    assert not any(document.all("script")), "ours stands inside the page and comes from nowhere"
    for tag, fields in document.tags:
        assert not [name for name in fields if name.startswith("on")], (page, tag, fields)
        address = fields.get("href") or fields.get("src") or fields.get("action") or ""
        assert not address.startswith(("javascript:", "x")), (page, tag, fields)
    return document


@pytest.mark.slow
@ON_SQLITE
@pytest.mark.parametrize("words", marked(VISIBLE, *VISIBLE[::3]))
def test_words_are_shown_as_they_are_and_open_no_element(sandbox, words):
    slug = store_everywhere(sandbox, words)
    sandbox.answer(11, program=PROGRAM, instrument=SURVEY)
    sandbox.on("2026-10-15").release()
    plain = " ".join(words.split())
    places = {
        "slug": slug,
        "words": words.replace("%", "%25").replace("&", "%26").replace("+", "%2B").replace("#", "%23"),
    }
    documents = {}
    for email, role, pages in (
        ("carla@county.example", "ctlt", STAFF),
        ("ada@county.example", "admin", WORDS),
    ):
        with sandbox.staff_door(sandbox.user(email, role)) as door:
            for page in pages:
                documents[page] = check(page, door.get(page.format(**places)), scripts=int("preview" in page))
    with sandbox.staff_door("ada@county.example") as ada:
        documents["/paper"] = check("/paper", ada.get(f"/links/{slug}/paper"), scripts=0)
    with sandbox.survey_door() as door:
        for page in SURVEYS:
            documents[page] = check(page, door.get(page.format(**places)), scripts=1)
    for page in (
        "/",
        "/links",
        f"/programs/{PROGRAM}",
        "/served",
        "/audit",
        "/paper",
        "/words/es",
        "/s/{slug}",
    ):
        assert plain in documents[page].text, page


@ON_SQLITE
def test_a_link_s_place_that_can_only_be_a_mistake_is_refused(sandbox):
    for words in UNREADABLE:
        new_link = NewLink(program="frp", audience="youth", place=words)

        def make(session, new_link=new_link):
            return links.make_link(session, new_link, sandbox.settings.today)

        with pytest.raises(LinkRefused, match="A place is one line of at most 200 characters, all of them"):
            sandbox.in_transaction(make)
    assert sandbox.in_transaction(lambda s: s.execute(select(LinkRow))).all() == []


@pytest.mark.slow
def test_a_place_typed_on_the_page_is_refused_there_and_nothing_is_stored(sandbox):
    with sandbox.staff_door(sandbox.user()) as carla:
        for place in ("by the\tdoor", "\u202erood", "x" * 201):
            answer = sandbox.submit(carla, "/links", "/links", **{"for": "frp/youth", "place": place})
            assert answer.status_code == 400
            assert "A place is one line of at most 200 characters" in Page(answer.text).text
        assert (
            sandbox.submit(carla, "/links", "/links", **{"for": "frp/youth", "place": "x" * 200}).status_code
            == 303
        )


@ON_SQLITE
@pytest.mark.parametrize(
    "email",
    ["=cmd|x@evil.example", "+1@evil.example", "-1@evil.example", "@x@evil.example", "＝1@evil.example",
     "<b>@evil.example", '"a b"@evil.example', "a@evil.example,b@evil.example", "a@b@evil.example",
     *(f"{it}@county.example" for it in UNREADABLE), *(f"rita@{it}.example" for it in UNREADABLE)],
)  # fmt: skip
def test_an_address_that_would_be_a_formula_or_holds_what_cannot_be_seen_gets_no_account(sandbox, email):
    with pytest.raises(AccountRefused, match="is not an email address"):
        sandbox.in_transaction(lambda session: add_user(session, email, "reviewer", None))


@ON_SQLITE
def test_ordinary_addresses_get_an_account(sandbox):
    for email in ("o'neil.rita+heard@dhs.county.example", "_r%x&y-1@a-b.example", "1@county.example"):
        sandbox.in_transaction(lambda session, email=email: add_user(session, email, "reviewer", None))


@pytest.mark.parametrize("words", [*(it for it in UNREADABLE if "\ud800" not in it), "x" * 201])
@pytest.mark.parametrize(
    "field", ["name", "short", "pool", "named_in", "contractor", "public_name", "said_as"]
)
def test_a_program_s_words_that_can_only_be_a_mistake_are_refused_by_their_place(words, field):
    program = msgspec.to_builtins(shipped_programs().programs[0])
    program[field] = {**program["said_as"], "youth": words} if field == "said_as" else words
    if field == "contractor":
        program["contractor_id"] = "vista"
    file = {"programs": [program], "contractors": [{"id": "vista", "name": "Vista"}]}
    with pytest.raises(ProgramsBroken) as broken:
        parse_programs(msgspec.json.encode(file), "ours.json")
    assert f"(frp): {field}" in str(broken.value)
    assert "should be one line of at most 200 characters, all of them visible." in str(broken.value)


@pytest.mark.parametrize(
    ("contractor", "mistake"),
    [
        ({"id": "=1+1", "name": "Vista"}, "(=1+1): id should be lower-case words joined by hyphens"),
        ({"id": "v" * 81, "name": "Vista"}, "id should be lower-case words joined by hyphens, at most 80"),
        ({"id": "vista", "name": " "}, "(vista): name: should be one line"),
        ({"id": "vista", "name": "Vis\0ta"}, "(vista): name: should be one line"),
    ],
)
def test_a_contractor_s_id_and_name_are_checked(contractor, mistake):
    file = {"programs": [], "contractors": [contractor]}
    with pytest.raises(ProgramsBroken) as broken:
        parse_programs(msgspec.json.encode(file), "ours.json")
    assert mistake in str(broken.value)


def test_a_lone_half_of_a_character_never_comes_in_from_a_programs_file():
    with pytest.raises(ProgramsBroken):
        parse_programs(b'{"programs": [], "contractors": [{"id": "vista", "name": "a\\ud800"}]}', "ours.json")


@pytest.mark.parametrize("words", [it for it in UNREADABLE if "\ud800" not in it and "\n" not in it])
@pytest.mark.parametrize("field", ["title", "text", "hint", "notice", "option"])
def test_an_instrument_s_words_that_can_only_be_a_mistake_are_refused(words, field):
    usual = shipped_instruments()["protocol-youth"]
    first = usual.questions[0]
    if field == "title":
        broken = msgspec.structs.replace(usual, title=words)
    else:
        option = msgspec.structs.replace(first.options[0], text=words)
        change = {"options": (option, *first.options[1:])} if field == "option" else {field: words}
        questions = (msgspec.structs.replace(first, **change), *usual.questions[1:])
        broken = msgspec.structs.replace(usual, questions=questions)
    with pytest.raises(InstrumentBroken, match="holds a character that cannot be seen or stored"):
        parse_instrument(write_instrument(broken), "ours.toml")


@ON_SQLITE
def test_an_instrument_s_words_have_an_end(sandbox):
    for new in (instrument("x" * 1_001), msgspec.structs.replace(instrument("Bus"), title="x" * 1_001)):
        with pytest.raises(InstrumentRefused, match="has more than 1,000 characters"):
            sandbox.in_transaction(lambda s, new=new: add_instrument(s, new, sandbox.settings.today))


@pytest.mark.parametrize("words", [it for it in VISIBLE if set("<>%") & set(it) or "&lt;" in it])
def test_a_translation_that_holds_markup_or_a_place_of_its_own_is_refused(words):
    """Templates take a message's words for safe, so that this check is what keeps markup out."""
    assert problems(SPANISH, Message(source="Send"), [words])


@pytest.mark.parametrize("words", [it for it in UNREADABLE if "\n" not in it])
def test_a_translation_that_can_only_be_a_mistake_is_refused(words):
    assert any("cannot be read" in it for it in problems(SPANISH, Message(source="Send"), [words]))


def test_shipped_words_are_all_readable():
    assert programs("Bus").programs[0].name == "Bus"
    for it in shipped_instruments().values():
        assert parse_instrument(write_instrument(it), "own.toml") == it


COMMENT = (
    "=cmd|' /C calc'!A0 <script>window.ran=1</script> \x1b[31m \u202eturned \ufeff ＝1 \"quoted\"\n@SUM(A1)"
)


@pytest.mark.slow
def test_a_comment_travels_unharmed_and_no_published_table_holds_any_of_it(sandbox):
    sandbox.answer(11, answers={"should-change": COMMENT})
    sandbox.on("2026-10-15").release()
    sealed = sandbox.in_transaction(lambda s: s.execute(select(CommentRow.sealed))).scalars().all()
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.REVIEW_PRIVATE, None))
    opened = [(b"", opener.open(it, Loose)) for it in sealed]
    assert [it.text for _, it in written(opened)] == [redact(COMMENT, "en").text] * 11
    assert "<script>window.ran=1</script>" in redact(COMMENT, "en").text, (
        "only names and numbers are taken out"
    )

    async def published(session):
        texts = []
        for table in (PublishedRow, MeasureRow, BatchRow, ValueRow, ReleaseRow):
            texts += [str(tuple(row)) for row in await session.execute(select(*table.__table__.columns))]
        return texts

    rows = sandbox.in_transaction(published)
    assert rows
    files = [exported(sandbox, "ctlt", kind) for kind in ("results.csv", "measures.csv")]
    cells = [cell for raw in files for line in csv_cells(raw) for cell in line]
    for piece in ("cmd|", "window.ran", "turned", "quoted", "SUM(A1)"):
        assert not [it for it in (*rows, *cells) if piece in it]
