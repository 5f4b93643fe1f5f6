"""The linter: one instrument that pleases it, and one small change for every rule."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.answers import Response, read_answers
from surveys.checking import check_instrument, longest_response
from surveys.domains import CORE_DOMAINS
from surveys.instruments import YES_NO_OPTIONS, Instrument, Option, Question, ShowIf, shipped_instruments

# A busy machine is no reason to fail.
unhurried = settings(deadline=None)


def options_of(codes, texts):
    return tuple(Option(code=code, text=text) for code, text in zip(codes, texts, strict=False))


POINTS = options_of("12345", ("Not at all", "A little", "Some", "A lot", "In every way"))
NOTE = "The next question is about feeling safe."


def scale(name, text="How did it go?", **fields):
    return Question(
        id=name,
        kind="scale",
        text=text,
        **{"domain": "needs", "options": POINTS, "favourable": "last", **fields},
    )


CORE = tuple(scale(f"core-{d}", domain=d, notice=NOTE if d == "safety" else "") for d in CORE_DOMAINS)
FREELY = scale("answered-freely", domain="freely")
BOX = Question(
    id="going-well", kind="long-text", text="What is going well?", notice="Please leave out names."
)
SECOND = Question(
    id="should-change", kind="long-text", text="What should change?", notice="Please leave out names."
)


def instrument(*extra, ends=(BOX, SECOND), **changes):
    good = Instrument(
        id="mine",
        version=1,
        title="Your feedback",
        audiences=("youth",),
        minutes=3,
        questions=(*CORE, FREELY, *extra, *ends),
    )
    return msgspec.structs.replace(good, **changes)


def yes_no(text, **fields):
    return Question(id="extra", kind="yes-no", text=text, options=YES_NO_OPTIONS, **fields)


def only(problems, *parts):
    assert len(problems) == 1, problems
    assert all(part in problems[0] for part in parts), problems
    return True


def test_an_instrument_that_keeps_the_rules_is_left_alone():
    assert check_instrument(instrument(yes_no("Do you ride the bus?"))) == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Did abuse come up?", "abuse"),
        ("Do SURVIVORS work here?", "survivors"),
        ("Is this the survivor-led group?", "survivor"),
        ("Do they know CSEC?", "csec"),
        ("Do they help with sex-work?", "sex-work"),
        ("Is it about sex\nwork?", "sex\nwork"),
        ("Do they talk of traf\u00adficking?", "trafficking"),
        ("Is this the DCFS desk?", "dcfs"),
        ("Was probation here?", "probation"),
        ("¿Hay víctimas aquí?", "victimas"),
        ("¿Hay vi\u0301ctimas aquí?", "victimas"),
        ("¿Se habla de trata de personas?", "trata de personas"),
        ("¿Hay explotación?", "explotacion"),
    ],
)
def test_a_banned_word_is_found_however_it_is_written(text, word):
    assert any(
        f"mine, extra: the word “{word}” may not" in problem
        for problem in check_instrument(instrument(yes_no(text)))
    )


@pytest.mark.parametrize(
    "text", ["Is the courtesy bus good?", "¿Cómo te trata el equipo?", "Is LA County here?", "Is it gangly?"]
)
def test_a_word_that_only_looks_banned_is_left_alone(text):
    assert check_instrument(instrument(yes_no(text))) == []


def test_a_banned_word_is_found_in_every_place_a_person_can_see():
    good = yes_no("Is it near?")
    options = (Option(code="victim", text="One"), Option(code="b", text="A victim"))
    for changed in (
        {"id": "victim-desk"},
        {"hint": "For a victim."},
        {"notice": "For a victim."},
        {"kind": "single", "options": options},
    ):
        problems = check_instrument(instrument(msgspec.structs.replace(good, **changed)))
        assert any("the word “victim”" in problem for problem in problems)
    assert only(check_instrument(instrument(id="victim-care")), "victim-care: the word “victim”")
    assert only(check_instrument(instrument(title="For victims")), "mine: the word “victims”")


@pytest.mark.parametrize(
    "text",
    [
        "Why did you leave?",
        "What happened to you?",
        "Have you ever run?",
        "¿Por qué te fuiste?",
        "¿Qué te pasó?",
    ],
)
def test_nobody_is_asked_what_happened_or_why(text):
    assert only(check_instrument(instrument(yes_no(text))), "mine, extra: ", "asks about events or reasons")


def test_youth_are_asked_ten_scales_at_most():
    tenth, eleventh = scale("tenth"), scale("eleventh")
    assert check_instrument(instrument(tenth)) == []
    assert only(
        check_instrument(instrument(tenth, eleventh)), "mine: asks youth 11 scale questions; 10 is the most"
    )
    assert check_instrument(instrument(tenth, eleventh, audiences=("caregiver",))) == []


def test_youth_are_asked_for_three_minutes_at_most():
    assert only(check_instrument(instrument(minutes=4)), "takes youth 4 minutes; 3 is the most")
    assert check_instrument(instrument(minutes=4, audiences=("partner",))) == []


def test_three_text_boxes_are_too_many_and_would_not_fit():
    third = Question(id="third", kind="short-text", text="Which one?", notice="Please leave out names.")
    problems = check_instrument(instrument(ends=(BOX, SECOND, third)))
    assert any("mine: has 3 text boxes; 2 is the most" in problem for problem in problems)
    assert any("8191 fit into one sealed row" in problem for problem in problems)
    assert len(problems) == 2


def test_text_boxes_come_last():
    question = yes_no("Is it near?")
    assert only(check_instrument(instrument(ends=(BOX, SECOND, question))), "extra comes after a text box")


def test_every_text_box_has_a_notice_of_its_own():
    """One question at a time, nobody sees the notice of another box."""
    bare = msgspec.structs.replace(BOX, notice=" ")
    assert only(check_instrument(instrument(ends=(bare, SECOND))), "going-well is a text box with no notice")
    bare = msgspec.structs.replace(SECOND, notice="")
    assert only(check_instrument(instrument(ends=(BOX, bare))), "should-change is a text box with no notice")


@pytest.mark.parametrize(
    "text", ["Is the police kind?", "Is the court near?", "Is jail near?", "Is it safe?", "¿Es seguro?"]
)
def test_a_content_note_stands_before_hard_subjects(text):
    problems = check_instrument(instrument(yes_no(text)))
    assert only(problems, "extra touches police, court, detention or safety")
    assert check_instrument(instrument(yes_no(text, notice=NOTE))) == []


def test_a_question_about_safety_needs_its_note_whatever_its_words():
    bare = tuple(msgspec.structs.replace(question, notice="") for question in CORE)
    questions = (*bare, FREELY, BOX)
    assert only(check_instrument(instrument(questions=questions)), "core-safety touches")


def test_the_note_of_the_question_that_a_follow_up_hangs_on_is_note_enough():
    follow_up = scale("judge", "Was the judge kind?", show_if=ShowIf("extra", ("yes",)))
    court = yes_no("Did you go to court?", notice="The next two are about court.")
    assert check_instrument(instrument(court, follow_up)) == []
    assert only(check_instrument(instrument(yes_no("Did you go in?"), follow_up)), "judge touches")


@pytest.mark.parametrize(
    "text",
    [
        "Was it not unsafe?",
        "Did nobody say nothing?",
        "Don’t you think it isn't near?",
        "Is it never without food?",
    ],
)
def test_a_double_negative_is_found(text):
    problems = check_instrument(instrument(yes_no(text, notice="The next question is about feeling safe.")))
    assert only(problems, "mine, extra: ", "is a double negative")


def test_two_plain_negatives_in_two_sentences_are_fine():
    options = (Option(code="a", text="No, not yet"), Option(code="b", text="Yes"))
    assert (
        check_instrument(instrument(Question(id="extra", kind="single", text="Is it near?", options=options)))
        == []
    )
    question = yes_no("Is it near?", hint="Do not say who. No one can see it.")
    assert check_instrument(instrument(question)) == []


def test_a_strategy_the_plan_does_not_have_is_found():
    question = msgspec.structs.replace(yes_no("Was it near?"), strategies=("7.8", "9.9"))
    assert only(check_instrument(instrument(question)), "informs strategy 9.9, which the plan does not have")


def test_a_sentence_has_twenty_words_at_most():
    twenty = "Is " + "it " * 18 + "near?"
    assert check_instrument(instrument(yes_no(twenty, hint="So is it."))) == []
    assert only(
        check_instrument(instrument(yes_no("Now " + twenty, hint="So is it."))),
        "a sentence has 21 words; 20 is the most",
    )


def test_hard_words_are_found():
    problems = check_instrument(instrument(yes_no("Was collaboration institutionally satisfactory?")))
    assert len(problems) == 2
    assert "mine, extra: its words read at grade" in problems[0]
    assert "its words and options read at grade" in problems[1]


def test_easy_options_do_not_hide_a_hard_question():
    options = tuple(Option(code=f"o{n}", text=f"It is {n}") for n in range(30))
    hard = Question(id="extra", kind="single", text="Was collaboration satisfactory?", options=options)
    assert only(check_instrument(instrument(hard)), "its words read at grade")


def test_a_question_without_words_is_found():
    assert only(check_instrument(instrument(yes_no("???"))), "mine, extra: the question has no words")


def test_whether_people_could_answer_freely_is_always_asked():
    assert only(check_instrument(instrument(questions=(*CORE, BOX))), "does not ask answered-freely")
    question = yes_no("Were you free to answer?")
    as_yes_no = msgspec.structs.replace(question, id="answered-freely")
    assert only(
        check_instrument(instrument(questions=(*CORE, as_yes_no, BOX))), "does not ask answered-freely"
    )


def test_core_scales_all_run_the_same_way():
    core = (*CORE[:-1], msgspec.structs.replace(CORE[-1], favourable="first"))
    assert only(check_instrument(instrument(questions=(*core, FREELY, BOX))), "let all run the same way")
    assert check_instrument(instrument(scale("rushed", favourable="first"))) == []


def test_agree_and_disagree_are_refused():
    points = options_of("12345", ("Disagree", "Disagree a bit", "Not sure", "Agree a bit", "Agree"))
    assert only(check_instrument(instrument(scale("extra", options=points))), "agree or disagree")


def test_every_point_is_a_word_of_its_own():
    numbers = options_of("12345", "12345")
    assert only(check_instrument(instrument(scale("extra", options=numbers))), "an option is not in words")
    twice = options_of("12345", ("Bad", "Some", "some", "Good", "Best"))
    assert only(check_instrument(instrument(scale("extra", options=twice))), "two options read the same")


@pytest.mark.parametrize("name", shipped_instruments())
def test_no_answer_is_longer_than_the_longest(name):
    shipped = shipped_instruments()[name]
    fields = {q.id: [max(q.codes, key=len)] if q.codes else ["あ" * 1_000] for q in shipped.questions}
    answers = read_answers(shipped, fields)
    response = Response(
        program="empowerment-conference",
        audience="caregiver",
        instrument=shipped.id,
        language="zh-Hant",
        period="2026Q3",
        origin="live",
        answers=answers,
        consent="changed",
    )
    assert len(msgspec.msgpack.encode(response)) < longest_response(shipped) <= 8_191


def test_ticks_count_all_together_in_the_longest_answer():
    options = tuple(Option(code=f"code-{n}", text=f"Way {n}") for n in range(9))
    ticks = Question(id="ways", kind="multiple", text="How do you get here?", options=options)
    growth = longest_response(instrument(ticks)) - longest_response(instrument())
    assert growth == len("ways") + 1 + 1 + 9 * (len("code-0") + 1)


def test_an_answer_too_long_to_seal_is_refused():
    options = tuple(Option(code=f"{n:03}-{'x' * 40}", text=f"Way {n}") for n in range(99))
    ticks = Question(id="ways", kind="multiple", text="How do you get here?", options=options)
    assert only(check_instrument(instrument(ticks)), "mine: the longest possible answer takes", "8191 fit")


@pytest.mark.slow
@unhurried
@given(text=st.text(), hint=st.text(), option=st.text())
def test_the_linter_answers_in_sentences_whatever_it_reads(text, hint, option):
    options = (Option(code="a", text=option), Option(code="b", text="Near"))
    for problem in check_instrument(
        instrument(Question(id="extra", kind="single", text=text, hint=hint, options=options))
    ):
        assert problem.startswith(("mine: ", "mine, extra: "))
        assert problem.endswith(".")


@pytest.mark.slow
@unhurried
@given(
    st.sampled_from(["trafficking", "victim", "survivor", "abuse", "exploitation", "víctima", "abuso"]),
    st.data(),
)
def test_a_banned_word_is_found_in_any_case_and_place(word, data):
    before = data.draw(st.sampled_from(["", "Is the ", "¿", "(", "a-"]))
    shouted_word = "".join(c.upper() if data.draw(st.booleans()) else c for c in word)
    problems = check_instrument(instrument(yes_no(f"{before}{shouted_word} near?")))
    assert any("may not appear on a page for respondents" in problem for problem in problems)
