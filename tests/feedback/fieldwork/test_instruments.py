"""A deployment's own instruments: stored once, asked like any other, and never changed in meaning."""

import msgspec
import pytest

from feedback.entering.importing import import_responses
from feedback.fieldwork.instruments import (
    InstrumentRefused,
    add_instrument,
    instrument_by_id,
    known_instruments,
)
from feedback.fieldwork.links import LinkClosed, all_links, open_link
from feedback.storage.tables import InstrumentRow, LinkRow
from surveys.instruments import Option, shipped_instruments
from tests.support.forms.survey_forms import submission_key
from tests.support.instruments import OWN, PROTOCOL, RIDE
from tests.support.sandbox import DOMAINS


def revise(instrument=OWN, question="ride", version=2, **fields):
    """The instrument with one question changed."""
    questions = tuple(
        msgspec.structs.replace(it, **fields) if it.id == question else it for it in instrument.questions
    )
    return msgspec.structs.replace(instrument, version=version, questions=questions)


@pytest.fixture
def add(sandbox):
    def store(instrument):
        today = sandbox.settings.today
        return sandbox.in_transaction(lambda session: add_instrument(session, instrument, today))

    return store


@pytest.fixture
def refusal(add):
    def sentences(instrument):
        with pytest.raises(InstrumentRefused) as caught:
            add(instrument)
        return str(caught.value)

    return sentences


def instruments_of(sandbox):
    return sandbox.in_transaction(known_instruments)


def test_a_deployment_knows_the_shipped_instruments_and_its_own(sandbox, add):
    assert instruments_of(sandbox) == shipped_instruments()
    add(OWN)
    assert instruments_of(sandbox) == {**shipped_instruments(), "vista-visit": OWN}
    by_id = {
        name: sandbox.in_transaction(lambda session, name=name: instrument_by_id(session, name))
        for name in ("vista-visit", "protocol-youth", "nosuch")
    }
    assert by_id == {"vista-visit": OWN, "protocol-youth": PROTOCOL, "nosuch": None}


def test_a_stored_instrument_never_takes_the_place_of_a_shipped_one(sandbox, refusal):
    assert "protocol-youth comes with the product" in refusal(revise(PROTOCOL, "felt-rushed", text="Else?"))

    async def slip_in(session):
        definition = msgspec.to_builtins(revise(PROTOCOL, "felt-rushed", text="Else?"))
        session.add(
            InstrumentRow(id="protocol-youth", definition=definition, added_on=sandbox.settings.today)
        )

    sandbox.in_transaction(slip_in)  # as after an update that ships an id somebody used
    assert instruments_of(sandbox) == shipped_instruments()


def test_what_was_never_asked_may_change_in_any_way(sandbox, add, refusal):
    add(OWN)
    assert "stored exactly so already" in refusal(OWN)
    other = revise(kind="yes-no", options=())
    add(other)
    assert instruments_of(sandbox)["vista-visit"] == other


def test_what_was_asked_may_grow_and_be_worded_better_as_a_new_version(sandbox, add, refusal):
    add(OWN)
    sandbox.link(instrument="vista-visit")
    better = revise(
        text="How did you come here?", options=(*RIDE.options, Option(code="foot", text="On foot"))
    )
    assert "version 1; a change needs a higher version" in refusal(msgspec.structs.replace(better, version=1))
    add(better)
    assert instruments_of(sandbox)["vista-visit"] == better
    add(msgspec.structs.replace(better, version=3, audiences=("youth", "caregiver")))


MEANS_ELSE = {
    "another kind": (revise(kind="multiple"), "ride: was asked already; kind, domain and good end"),
    "another good end": (
        revise(question="felt-rushed", favourable="last"),
        "felt-rushed: was asked already",
    ),
    "another domain": (revise(domain="access"), "ride: was asked already; kind, domain"),
    "a lost code": (
        revise(options=(Option(code="bus", text="Bus"), Option(code="taxi", text="Taxi"))),
        "ride: was asked already; the codes van may not go away",
    ),
    "a lost question": (
        msgspec.structs.replace(PROTOCOL, id="vista-visit", version=2),
        "the question ride may not go away",
    ),
    "a lost audience": (
        msgspec.structs.replace(OWN, version=2, audiences=("caregiver",)),
        "may not lose an audience",
    ),
}


@pytest.mark.parametrize(("new", "sentence"), MEANS_ELSE.values(), ids=MEANS_ELSE)
def test_what_was_asked_never_means_something_else(sandbox, add, refusal, new, sentence):
    add(OWN)
    sandbox.link(instrument="vista-visit")
    assert sentence in refusal(new)
    assert instruments_of(sandbox)["vista-visit"] == OWN


def test_a_file_of_answers_counts_as_asking(sandbox, add, refusal, tmp_path):
    add(OWN)
    file = tmp_path / "answers.csv"
    file.write_text("program,audience,language,period,ride\nfrp,youth,en,2026Q2,van\n")
    outcome = sandbox.run(lambda d: import_responses(d, file, "vista-visit", "Rosa", skip_bad=False))
    assert outcome.n_stored == 1
    assert "may not go away" in refusal(msgspec.structs.replace(PROTOCOL, id="vista-visit", version=2))


TAKEN = {
    "other codes": {"options": (Option(code="bus", text="Bus"), Option(code="train", text="Train"))},
    "other words": {"text": "How will you get home?"},
    "other words for a code": {"options": (Option(code="bus", text="A bus"), Option(code="van", text="Van"))},
    "another kind": {"kind": "multiple"},
}


@pytest.mark.parametrize("fields", TAKEN.values(), ids=TAKEN)
def test_one_id_is_one_question_whichever_instrument_asks_it(add, refusal, fields):
    """All tables count by question: two meanings under one id would be added up."""
    add(OWN)
    second = msgspec.structs.replace(revise(version=1, **fields), id="olive-visit")
    assert "olive-visit, ride: is another question in vista-visit" in refusal(second)
    add(msgspec.structs.replace(OWN, id="olive-visit"))


def test_a_question_of_two_instruments_can_still_be_worded_better_in_one(add):
    add(OWN)
    add(msgspec.structs.replace(OWN, id="olive-visit"))
    add(revise(text="How did you come here?"))


def test_an_id_the_ledger_has_no_room_for_is_refused(refusal):
    long = "a" * 81
    assert "has at most 80 characters" in refusal(msgspec.structs.replace(OWN, id=long))
    assert "has more than 60 characters" in refusal(revise(id="r" * 61))
    options = (Option(code="c" * 41, text="Bus"), Option(code="van", text="Van"))
    assert "has more than 40 characters" in refusal(revise(options=options))


def test_a_link_whose_instrument_left_the_product_is_closed(sandbox):
    slug = sandbox.link()

    async def forget(session):
        (await session.get(LinkRow, slug)).instrument = "long-gone"

    sandbox.in_transaction(forget)
    assert sandbox.in_transaction(all_links) == []
    with pytest.raises(LinkClosed):
        sandbox.in_transaction(lambda session: open_link(session, slug, sandbox.settings.today))


@pytest.mark.slow
def test_an_own_instrument_goes_the_whole_way(sandbox, add):
    """Added, linked, answered on the page, released: the tables hold its question."""
    add(OWN)
    slug = sandbox.link(instrument="vista-visit")
    with sandbox.survey_door() as door:
        page = door.get(f"/s/{slug}").text
        assert "How did you get here?" in page
        for _ in range(110):
            answers = {f"core-{domain}": "5" for domain in DOMAINS}
            key = {"_once": submission_key(door, f"/s/{slug}")}
            response = door.post(f"/s/{slug}", data={**key, "ride": "van", **answers})
            assert response.status_code == 303
    sandbox.on("2026-10-15").release()
    (batch,) = [batch for batch in sandbox.ledger() if batch.kind == "detail"]
    assert (batch.n, batch.owner) == (110, "frp")
    assert batch.values["ride:option:van"] > batch.values["ride:option:bus"]
    (row,) = [row for row in sandbox.tables() if row.table == "T1d" and row.n]
    van, bus = (row.figure(f"option:ride:{code}") for code in ("van", "bus"))
    assert van.value > bus.value


@pytest.mark.slow
def test_staff_may_choose_an_own_instrument_for_a_link(sandbox, add):
    add(OWN)
    with sandbox.staff_door(sandbox.user()) as door:
        assert '<option value="vista-visit">' in door.get("/links").text


def test_an_own_instrument_is_offered_only_in_languages_that_have_every_word_of_it(sandbox, add):
    add(OWN)
    add(msgspec.structs.replace(PROTOCOL, id="olive-visit"))
    sandbox.settings = msgspec.structs.replace(sandbox.settings, offer_draft_languages=True)
    with sandbox.survey_door() as door:
        for name, tongue in (("vista-visit", "en"), ("olive-visit", "es"), ("protocol-youth", "es")):
            page = door.get(f"/s/{sandbox.link(instrument=name)}?lang=es").text
            assert f'<html lang="{tongue}"' in page
