"""Instruments: the six that ship, and that every mistake in a file is reported with its place."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.checking import check_instrument, longest_response
from surveys.domains import CORE_DOMAINS
from surveys.instruments import (
    SCALE_CODES,
    InstrumentBroken,
    load_instrument,
    parse_instrument,
    shipped_instruments,
)
from surveys.reading import reading_grade

# A busy machine is no reason to fail.
unhurried = settings(deadline=None)

SHIPPED = shipped_instruments()
every_instrument = pytest.mark.parametrize("instrument", SHIPPED.values(), ids=SHIPPED)
STRATEGIES = {
    f"{area}.{number}"
    for area, most in {1: 6, 2: 6, 3: 6, 4: 7, 5: 4, 6: 8, 7: 8}.items()
    for number in range(1, most + 1)
}
HEAD = 'id = "mine"\nversion = 1\ntitle = "Your feedback"\naudiences = ["youth"]\nminutes = 3\n'
POINTS = 'scale = ["None", "Few", "Some", "Many", "All"]\nfavourable = "last"\n'


def question(lines):
    return f"[[questions]]\n{lines}\n"


CORE = "".join(
    question(f'id = "core-{d}"\nkind = "scale"\ndomain = "{d}"\ntext = "How is {d}?"\n{POINTS}')
    for d in CORE_DOMAINS
)
WHOLE = HEAD + CORE


def refusal(text):
    with pytest.raises(InstrumentBroken) as broken:
        parse_instrument(text, "mine.toml")
    return str(broken.value)


def test_the_six_instruments_ship():
    assert set(SHIPPED) == {
        *(
            "caregiver-experience",
            "event",
            "expert-review",
            "plan-community",
            "protocol-youth",
            "youth-experience",
        )
    }


@every_instrument
def test_a_shipped_instrument_breaks_no_rule(instrument):
    assert check_instrument(instrument) == []


@every_instrument
def test_core_questions_share_codes_and_run_the_same_way(instrument):
    core = [it for it in instrument.questions if it.is_core]
    assert sorted(it.domain for it in core) == sorted(CORE_DOMAINS)
    assert {it.codes for it in core} == {SCALE_CODES}
    assert {it.favourable for it in core} == {"last"}


def test_a_question_keeps_its_points_wherever_it_is_asked():
    forms_by_id = {}
    for instrument in SHIPPED.values():
        for question in instrument.questions:
            forms_by_id.setdefault(question.id, set()).add(
                (question.kind, question.domain, question.options, question.favourable)
            )
    assert {name for name, forms in forms_by_id.items() if len(forms) > 1} == set()


def test_one_scale_runs_from_good_to_bad_and_says_so():
    rushed = SHIPPED["protocol-youth"].question("felt-rushed")
    assert rushed.options[0].text == "Never"
    assert rushed.favourable_codes == ("1", "2")
    assert SHIPPED["protocol-youth"].question("core-safety").favourable_codes == ("4", "5")


@every_instrument
def test_every_question_informs_the_mission_and_strategies_that_exist(instrument):
    for question in instrument.questions:
        assert {"7.3", "7.8"} <= set(question.strategies) <= STRATEGIES


@every_instrument
def test_the_last_two_questions_are_open_and_warned_about(instrument):
    assert [(it.id, it.text) for it in instrument.questions[-2:]] == [
        ("going-well", "What is going well?"),
        ("should-change", "What should change?"),
    ]
    notice = instrument.question("going-well").notice
    assert all(
        part in notice for part in ("names", "No one can answer you here", "help at the end of this page")
    )


@every_instrument
def test_wording_stays_clear_of_the_highest_reading_grade(instrument):
    for question in instrument.questions:
        assert reading_grade(f"{question.notice}\n{question.text}\n{question.hint}") <= 5


@every_instrument
def test_the_longest_answer_fits_one_sealed_row(instrument):
    assert 6_000 < longest_response(instrument) <= 8_191


def test_the_questions_that_measures_need_are_asked():
    ids_by_instrument = {
        "youth-experience": ["understood-court", "connected", "answered-freely"],
        "caregiver-experience": ["caregiver-confidence", "understood-court"],
        "event": ["how-heard"],
        "plan-community": ["knew-where", "no-case-needed", "transit-safety", "need-in-a-week", "connected"],
    }
    for name, ids in ids_by_instrument.items():
        assert all(SHIPPED[name].question(question_id) for question_id in ids)


def test_a_question_that_is_not_asked_is_a_key_error():
    with pytest.raises(KeyError):
        SHIPPED["event"].question("your-name")


def test_an_instrument_of_ones_own_is_read():
    options = '[{code = "a", text = "A"}, {code = "b", text = "B"}]'
    text = WHOLE + question(f'id = "how"\nkind = "multiple"\ntext = "How?"\noptions = {options}')
    text += question('id = "who"\nkind = "yes-no"\ntext = "Who?"\nshow_if = {question = "how", is = ["b"]}')
    text += question(
        'id = "what"\nkind = "short-text"\ntext = "What?"\nshow_if = {question = "who", is = ["yes"]}'
    )
    instrument = parse_instrument(text, "mine.toml")
    assert instrument.question("how").codes == ("a", "b")
    assert instrument.question("who").codes == ("yes", "no", "not-sure")
    assert instrument.question("what").is_text
    assert instrument.question("what").favourable_codes == ()
    assert instrument.question("who").show_if.any_of == ("b",)


def x(kind, rest="", name="x"):
    return f'id = "{name}"\nkind = "{kind}"\ntext = "X?"\n{rest}'


def choice(*options):
    tables = ", ".join(f'{{code = "{code}", text = "{text}"}}' for code, text in options)
    return x("single", f"options = [{tables}]")


def hanging_on(question_id, code):
    return x("yes-no", f'show_if = {{question = "{question_id}", is = ["{code}"]}}')


FIRST = question('id = "first"\nkind = "yes-no"\ntext = "First?"')
NEEDS = 'domain = "needs"\n'
FOUR = 'scale = ["None", "Few", "Some", "Many"]\nfavourable = "last"'
MISTAKES = {
    "a scale without its direction": (
        x("scale", NEEDS + POINTS.split("favourable", maxsplit=1)[0]),
        "(x): favourable: say",
    ),
    "a scale of four": (x("scale", NEEDS + FOUR), "(x): scale: write all five"),
    "a point without words": (x("scale", NEEDS + POINTS.replace("Few", " ")), "(x): scale: write all five"),
    "a scale without a domain": (x("scale", POINTS), "(x): domain: a scale"),
    "an unknown domain": (x("yes-no", 'domain = "mood"'), "(x): domain: “mood”"),
    "points on a yes-no": (x("yes-no", POINTS), "(x): scale: only"),
    "a bad id": (x("yes-no", name="Bad Id"), "(Bad Id): id: should"),
    "an id used twice": (
        x("scale", 'domain = "trust"\n' + POINTS, "core-trust"),
        "(core-trust): id: stands twice",
    ),
    "an empty question": (x("yes-no").replace("X?", " "), "(x): text: is empty"),
    "an unknown core question": (x("scale", NEEDS + POINTS, "core-mood"), "(core-mood): domain: a core"),
    "a core question of another kind": (x("yes-no", NEEDS, "core-needs"), "(core-needs): kind: a core"),
    "one option only": (choice(("a", "A")), "(x): options: offer"),
    "a bad code": (choice(("A!", "A"), ("b", "B")), "(x): options[0].code: “A!”"),
    "a code that means declined": (choice(("a", "A"), ("-", "B")), "(x): options[1].code: “-”"),
    "an option without words": (choice(("a", "A"), ("b", "")), "(x): options[1].text: is empty"),
    "the name of themes": (x("yes-no", name="theme"), "(theme): id: “theme” is the name"),
    "a code used twice": (choice(("a", "A"), ("a", "B")), "(x): options: a code stands twice"),
    "options on a yes-no": (choice(("a", "A")).replace("single", "yes-no"), "(x): options: only"),
    "a condition on nothing": (hanging_on("later", "yes"), "(x): show_if.question: “later”"),
    "a condition on a scale": (hanging_on("core-trust", "1"), "(x): show_if.question: “core-trust”"),
}
# These do not even have the shape of a question, and the reading stops at the first.
MISSHAPEN = {
    "a required flag": (x("yes-no", "required = true"), "$.questions[8]"),
    "an unknown kind": (x("stars"), "$.questions[8].kind"),
    "a missing text": ('id = "x"\nkind = "yes-no"', "$.questions[8]"),
}


@pytest.mark.parametrize(("lines", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_a_question_is_reported_with_its_place(lines, place):
    assert f"mine.toml: questions[8] {place}" in refusal(WHOLE + question(lines))


@pytest.mark.parametrize(("lines", "place"), MISSHAPEN.values(), ids=MISSHAPEN)
def test_what_is_no_question_at_all_is_reported_with_its_place(lines, place):
    message = refusal(WHOLE + question(lines))
    assert message.startswith("mine.toml: ")
    assert place in message


@pytest.mark.parametrize("codes", ['["maybe"]', "[]", '["yes", "maybe"]'])
def test_a_condition_names_codes_that_exist(codes):
    later = question(
        f'id = "x"\nkind = "yes-no"\ntext = "X?"\nshow_if = {{question = "first", is = {codes}}}'
    )
    assert "questions[9] (x): show_if.is: " in refusal(WHOLE + FIRST + later)


def test_a_rating_never_decides_what_is_asked_next():
    later = question(
        'id = "x"\nkind = "yes-no"\ntext = "X?"\nshow_if = {question = "core-safety", is = ["1"]}'
    )
    message = refusal(WHOLE + later)
    assert "(x): show_if.question: “core-safety” is not an earlier choice question." in message
    for instrument in shipped_instruments().values():
        questions = {it.id: it for it in instrument.questions}
        conditions = [it.show_if.question for it in instrument.questions if it.show_if]
        assert not [name for name in conditions if questions[name].kind == "scale"]


def test_a_core_question_is_never_hidden():
    hidden = FIRST + CORE.replace(POINTS, POINTS + 'show_if = {question = "first", is = ["yes"]}\n', 1)
    assert "questions[1] (core-safety): kind" in refusal(HEAD + hidden)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ('id = "mine"', 'id = "My Survey"', "id: “My Survey”"),
        ('audiences = ["youth"]', "audiences = []", "audiences"),
        ('audiences = ["youth"]', 'audiences = ["everyone"]', "$.audiences[0]"),
        ("version = 1", 'version = "1"', "$.version"),
        ("minutes = 3", "", "minutes"),
        ('title = "Your feedback"', 'title = "', "line 3"),
    ],
)
def test_a_mistake_at_the_head_is_reported_with_its_place(before, after, place):
    assert place in refusal(WHOLE.replace(before, after, 1))


@unhurried
@given(st.sets(st.sampled_from(CORE_DOMAINS), min_size=1))
def test_every_core_question_that_is_missing_is_named(domains):
    parts = [
        part
        for part in re.split(r"(?=\[\[questions)", WHOLE)
        if not any(f'"core-{d}"' in part for d in domains)
    ]
    message = refusal("".join(parts) if len(parts) > 1 else HEAD + FIRST)
    assert {domain for domain in CORE_DOMAINS if f"core-{domain}" in message} == domains


@unhurried
@given(st.lists(st.sampled_from(list(MISTAKES.values())), min_size=2, max_size=5, unique=True))
def test_several_mistakes_are_all_reported(mistakes):
    message = refusal(WHOLE + "".join(question(lines) for lines, _ in mistakes))
    for number, (_, place) in enumerate(mistakes, start=8):
        assert f"mine.toml: questions[{number}] {place}" in message


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path, content):
    file = tmp_path / "mine.toml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InstrumentBroken, match=r"mine\.toml: cannot be read"):
        load_instrument(file)


def test_a_file_is_read_from_its_place(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(WHOLE, encoding="utf-8")
    assert load_instrument(file).id == "mine"
