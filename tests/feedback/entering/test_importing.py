"""Answers that come as a file: every bad row is named, and what is stored is sealed and marked as entered."""

import csv
import io
from typing import get_args, get_type_hints

import msgspec
import pytest

from feedback.entering import importing
from feedback.entering.importing import ImportRefused, import_responses
from feedback.fieldwork import instruments
from feedback.fieldwork.programs import asked_instruments
from feedback.inbox.sealing import Envelope
from feedback.inbox.unsealing import Opener
from feedback.languages import LANGUAGES
from feedback.storage import keys
from surveys.answers import NOT_SHOWN, Problem, Response
from surveys.instruments import Option, Question, shipped_instruments
from surveys.periods import Period
from tests.support.stored import waiting_rows

CORE = ("core-safety", "core-respect")
HEADER = ("program", "audience", "language", "period", *CORE, "going-well")
GOOD = ("frp", "youth", "en", "2026Q2", "5", "4", "The van came.")


@pytest.fixture
def write(tmp_path):
    """Write a CSV file of these rows, or these bytes."""

    def to_file(*rows, header=HEADER, encoding="utf-8", raw=None):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([header, *rows])
        path = tmp_path / "answers.csv"
        path.write_bytes(raw if raw is not None else text.getvalue().encode(encoding))
        return path

    return to_file


def enter(sandbox, path, instrument="protocol-youth", *, skip_bad=False):
    return sandbox.run(lambda d: import_responses(d, path, instrument, "Rosa", skip_bad=skip_bad))


def responses_in(sandbox):
    """What waits in the inbox, opened with the private key as a release would."""
    opener = Opener(keys.read_private(sandbox.settings.keys / keys.RELEASE_PRIVATE, None))
    rows = sandbox.in_transaction(waiting_rows)
    return [opener.open(sealed, Envelope).response for _, sealed in rows]


def refusal(sandbox, path, instrument="protocol-youth", **options):
    """The sentences of a refusal; nothing was stored."""
    with pytest.raises(ImportRefused) as error:
        enter(sandbox, path, instrument, **options)
    assert responses_in(sandbox) == []
    return str(error.value).splitlines()


def test_a_good_row_becomes_a_sealed_response_marked_as_entered_this_quarter(sandbox, write):
    outcome = enter(sandbox, write(GOOD))
    assert (outcome.n_stored, outcome.n_already, outcome.skipped) == (1, 0, ())
    assert responses_in(sandbox) == [
        Response(
            program="frp",
            audience="youth",
            instrument="protocol-youth",
            language="en",
            period="2026Q2",
            origin="entered",
            answers={"core-safety": "5", "core-respect": "4", "going-well": "The van came."},
            consent="private",
            entered="2026Q3",
        )
    ]


def test_a_cell_can_be_declined_or_blank(sandbox, write):
    enter(sandbox, write(("frp", "youth", "en", "2026Q2", "-", "", " ")))
    (response,) = responses_in(sandbox)
    assert response.answers == {"core-safety": "-"}


def test_columns_come_in_any_order_and_questions_may_be_left_out(sandbox, write):
    header = ("core-voice", "period", "language", "audience", "program")
    enter(sandbox, write(("1", "2026Q3", "en", "youth", "syz"), header=header))
    (response,) = responses_in(sandbox)
    assert (response.program, response.period, response.answers) == ("syz", "2026Q3", {"core-voice": "1"})


def test_a_language_is_written_as_people_write_it(sandbox, write):
    rows = [("frp", "youth", tag, "2026Q2", "5", "", "") for tag in ("es-MX", "tl", "zh_TW", "EN")]
    enter(sandbox, write(*rows))
    assert sorted(response.language for response in responses_in(sandbox)) == ["en", "es", "fil", "zh-Hant"]


def test_several_options_stand_between_bars(sandbox, write, monkeypatch):
    ways = Question(
        id="ways",
        kind="multiple",
        text="Which?",
        options=(Option(code="bus", text="Bus"), Option(code="van", text="Van")),
    )
    protocol = shipped_instruments()["protocol-youth"]
    longer = msgspec.structs.replace(protocol, questions=(*protocol.questions, ways))
    monkeypatch.setattr(instruments, "shipped_instruments", lambda: {"protocol-youth": longer})
    header = ("program", "audience", "language", "period", "ways")
    cells = ("van|bus", "bus", "-", "")
    path = write(*[("frp", "youth", "en", "2026Q2", cell) for cell in cells], header=header)
    enter(sandbox, path)
    answers = [response.answers.get("ways") for response in responses_in(sandbox)]
    assert sorted(map(str, answers)) == ["('bus', 'van')", "('bus',)", "-", "None"]
    bad = write(("frp", "youth", "en", "2026Q2", "bus|plane"), header=header)
    with pytest.raises(ImportRefused, match=r"Row 2: ways holds what is none of bus, van, -\."):
        enter(sandbox, bad)


def test_a_question_that_would_not_have_been_shown_is_kept_as_not_shown(sandbox, write):
    header = ("program", "audience", "language", "period", "knew-where", "no-case-needed")
    enter(
        sandbox, write(("community", "youth", "en", "2026Q2", "no", "yes"), header=header), "plan-community"
    )
    (response,) = responses_in(sandbox)
    assert response.answers["knew-where"] == "no"
    assert response.answers["no-case-needed"] == NOT_SHOWN


def row(**changes):
    return tuple({**dict(zip(HEADER, GOOD, strict=True)), **changes}.values())


UNEVEN = "it has more or fewer cells than the first line"
NO_PROGRAM = "program is no program's id; `feedback programs list` names them"
NOT_WRITTEN_FOR = "audience is none that protocol-youth is written for, which are youth"
NO_LANGUAGE = f"language is none of {', '.join(LANGUAGES)}"
NO_QUARTER = "period is not a quarter; write it like 2026Q3"
BAD = {
    (*GOOD, "one more"): UNEVEN,
    GOOD[:4]: UNEVEN,
    row(program="night-bus"): NO_PROGRAM,
    row(program="pep"): "audience is none that this program asks, which are caregiver, expert",
    row(audience="expert"): NOT_WRITTEN_FOR,
    row(language="klingon"): NO_LANGUAGE,
    row(language=""): NO_LANGUAGE,
    row(period="Summer"): NO_QUARTER,
    row(period=""): NO_QUARTER,
    row(period="2026Q4"): "period is later than 2026Q3, this quarter",
    row(**{"core-safety": "6"}): "core-safety holds what is none of 1, 2, 3, 4, 5, -",
    row(**{"core-safety": "6|7"}): (
        "core-safety holds what is none of 1, 2, 3, 4, 5, -; core-safety takes one of 1, 2, 3, 4, 5, -"
    ),
    row(**{"core-safety": "4|5"}): "core-safety takes one of 1, 2, 3, 4, 5, -",
    row(**{"going-well": "x" * 1_001}): "going-well is longer than 1,000 characters or 3,000 bytes",
    row(program="", audience="elf"): f"{NO_PROGRAM}; {NOT_WRITTEN_FOR}",
}


def test_every_bad_row_is_named_with_its_columns_and_what_they_may_hold_and_nothing_is_stored(sandbox, write):
    path = write(GOOD, *BAD)
    sentences = [f"Row {number}: {reason}." for number, reason in enumerate(BAD.values(), start=3)]
    assert refusal(sandbox, path) == [*sentences, "Nothing of the file was stored."]


HER_WORDS = "Lupe"
ELSEWHERE = {name: row(**{name: HER_WORDS}) for name in HEADER if name != "going-well"}


def test_no_refusal_repeats_what_somebody_answered(sandbox, write):
    """A cell in a wrong column, a file without its first line, a comma too many: each is an answer astray."""
    astray = [*ELSEWHERE.values(), (*GOOD, HER_WORDS), row(**{"core-safety": f"4|{HER_WORDS}"})]
    files = [
        write(*astray, header=HEADER).read_bytes(),
        ",".join([*HEADER, HER_WORDS]).encode(),
        ",".join([*HEADER, HER_WORDS, HER_WORDS]).encode(),
        f"{','.join(HEADER)}\n{','.join(GOOD[:-1])},{HER_WORDS}\xe9".encode("latin-1"),
        f'{",".join(HEADER)}\n{",".join(GOOD[:-1])},"{HER_WORDS}" {HER_WORDS}'.encode(),
        f"{HER_WORDS},{','.join(GOOD)}\n".encode(),
    ]
    for raw in files:
        sentences = " ".join(refusal(sandbox, write(raw=raw)))
        assert HER_WORDS not in sentences
        assert "xe9" not in sentences
    assert len(refusal(sandbox, write(*astray))) == len(astray) + 1


def test_good_rows_beside_bad_ones_are_stored_when_that_is_asked_for(sandbox, write):
    outcome = enter(sandbox, write(GOOD, row(program="night-bus"), GOOD), skip_bad=True)
    assert (outcome.n_stored, outcome.skipped) == (2, (f"Row 3: {NO_PROGRAM}.",))
    assert len(responses_in(sandbox)) == 2


def test_every_reason_an_answer_can_be_refused_for_has_words():
    assert set(importing._REASONS) == set(get_args(get_type_hints(Problem)["reason"]))


def test_the_same_file_twice_stores_nothing_new(sandbox, write):
    path = write(GOOD, GOOD)
    assert enter(sandbox, path).n_stored == 2
    again = enter(sandbox, path)
    assert (again.n_stored, again.n_already) == (0, 2)
    assert len(responses_in(sandbox)) == 2


def test_the_same_file_stores_nothing_new_after_its_release(sandbox, write):
    path = write(*[GOOD] * 11)
    enter(sandbox, path)
    sandbox.on("2026-10-15").release()
    again = enter(sandbox, path)
    assert (again.n_stored, again.n_already) == (0, 11)
    assert responses_in(sandbox) == []


@pytest.mark.slow
def test_entered_answers_are_released_as_entered_and_count_from_the_quarter_of_entry(sandbox, write):
    sandbox.answer(11)
    sandbox.on("2026-10-02")
    enter(sandbox, write(*[GOOD] * 11))
    sandbox.release("2026Q3")
    assert [(b.origin, b.n, b.first) for b in sandbox.ledger()] == [("live", 11, "2026Q3")]
    sandbox.on("2027-01-02").release("2026Q4")
    batches = [b for b in sandbox.ledger() if b.origin == "entered" and b.kind == "pulse"]
    assert [(b.owner, b.audience, b.n, b.first, b.last, b.release) for b in batches] == [
        ("frp", "youth", 11, "2026Q2", "2026Q2", "2026Q4")
    ]


def test_an_import_notes_with_what_its_audiences_were_asked(sandbox, write):
    enter(sandbox, write(GOOD, row(program="syz")))
    assert sandbox.in_transaction(asked_instruments) == {
        ("frp", "youth"): ["protocol-youth"],
        ("syz", "youth"): ["protocol-youth"],
    }


def test_a_file_from_a_spreadsheet_with_its_mark_and_line_ends_is_read(sandbox, write):
    assert enter(sandbox, write(GOOD, encoding="utf-8-sig")).n_stored == 1
    assert len(responses_in(sandbox)) == 1


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_file_may_have_any_line_end(line_end):
    raw = line_end.join([",".join(HEADER), ",".join(GOOD), ""]).encode()
    reader = importing._Reader(shipped_instruments()["protocol-youth"], {}, Period(2026, 3))
    assert reader.read(raw) == ([], [f"Row 2: {NO_PROGRAM}."])


def test_a_comment_may_hold_line_ends_and_quotes_and_empty_lines_are_no_rows(sandbox, write):
    header = ",".join(HEADER)
    quoted = '"They said ""come in"",\r\nand I did."'
    raw = f"{header}\r\n\r\nfrp,youth,en,2026Q2,5,4,{quoted}\r\nnosuch,youth,en,2026Q2,,,\r\n"
    outcome = enter(sandbox, write(raw=raw.encode()), skip_bad=True)
    assert outcome.skipped == (f"Row 4: {NO_PROGRAM}.",)
    (response,) = responses_in(sandbox)
    assert response.answers["going-well"] == 'They said "come in",\nand I did.'


def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(sandbox, write):
    first = ",".join(HEADER)
    cases = {
        b"": "The first line lacks the columns program, audience, language, period.",
        b"program,period\n": "The first line lacks the columns audience, language.",
        f"{first},mood,\n".encode(): "Row 1: the headings of columns 8, 9 are no questions of",
        f"{first},program\n".encode(): "A column stands twice in the first line.",
        f"{first}\nfrp,youth,en,2026Q2,5,4,José\n".encode("latin-1"): "Line 2 of the file is not UTF-8.",
        first.encode("utf-16"): "Line 1 of the file is not UTF-8.",
        b'"program" x,period\n': "Line 1 of the file is not CSV:",
        f'{first}\nfrp,youth,en,2026Q2,5,4,"never closed\n'.encode(): "Line 2 of the file is not CSV:",
    }
    for raw, sentence in cases.items():
        (line,) = refusal(sandbox, write(raw=raw), skip_bad=True)
        assert line.startswith(sentence)


def test_a_header_alone_stores_nothing_and_is_no_mistake(sandbox, write):
    outcome = enter(sandbox, write())
    assert (outcome.n_stored, outcome.n_already, outcome.skipped) == (0, 0, ())


def test_an_instrument_that_does_not_exist_is_refused(sandbox, write):
    (sentence,) = refusal(sandbox, write(GOOD), instrument="nosuch")
    assert sentence == "There is no instrument “nosuch”; `feedback survey list` names them."
