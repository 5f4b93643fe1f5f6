"""A survey somebody already has moves in, and whatever cannot come along is named by its row."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyxform.xls2xform import convert

from surveys.domains import CORE_DOMAINS
from surveys.instruments import (
    YES_NO_OPTIONS,
    Instrument,
    Option,
    Question,
    ShowIf,
    parse_instrument,
    shipped_instruments,
)
from surveys.toml_text import write_instrument
from surveys.xlsform import XlsFormRefused
from surveys.xlsform.exporter import sheets, write_workbook
from surveys.xlsform.importer import Target, move_in
from surveys.xlsform.workbooks import read_form
from tests.support.forms.xlsforms import TAGS, YES_NO, moved, q

SHIPPED = shipped_instruments()
CORE = tuple(question for question in SHIPPED["youth-experience"].questions if question.is_core)
OURS = {*(f"core-{domain}" for domain in CORE_DOMAINS), "answered-freely"}
KINDS = [("k", "a", "Kind"), ("k", "b", "Okay"), ("k", "c", "Unkind")]
FIVE = [("f", str(n), text) for n, text in enumerate(("Never", "Rarely", "Sometimes", "Often", "Always"), 1)]
BEGIN, END = {"type": "begin_group", "name": "g"}, {"type": "end_group"}


def own_questions(survey):
    """The questions of the form itself; ours were put in."""
    return [question for question in survey.instrument.questions if question.id not in OURS]


def only_question(survey):
    (question,) = own_questions(survey)
    return question


def losses(survey, row):
    return [loss.partition(": ")[2] for loss in survey.losses if loss.startswith(f"Row {row}")]


# What each kind becomes.


def test_a_choice_of_one_keeps_its_codes_and_words(tmp_path):
    survey = moved(
        tmp_path, q("select_one k", "Staff_Kind", "How kind?", hint="Think of today."), choices=KINDS
    )
    options = (Option(code="a", text="Kind"), Option(code="b", text="Okay"), Option(code="c", text="Unkind"))
    assert only_question(survey) == Question(
        id="staff-kind", kind="single", text="How kind?", options=options, hint="Think of today."
    )
    assert losses(survey, 2) == []


def test_a_choice_of_several_stays_a_choice_of_several(tmp_path):
    assert only_question(moved(tmp_path, q("select_multiple k", "got"), choices=KINDS)).kind == "multiple"


@pytest.mark.parametrize("appearance", ["", "multiline"])
def test_a_text_is_short_unless_it_has_lines(tmp_path, appearance):
    survey = moved(tmp_path, q("text", "more", appearance=appearance))
    assert only_question(survey).kind == ("long-text" if appearance else "short-text")
    assert losses(survey, 2) == []


@pytest.mark.parametrize(
    ("choices", "codes"),
    [
        (YES_NO, {"yes": "yes", "no": "no"}),
        (
            [("yn", "1", "YES."), ("yn", "0", "No"), ("yn", "9", "I don’t know")],
            {"1": "yes", "9": "not-sure"},
        ),
    ],
)
def test_yes_and_no_are_a_kind_of_their_own_under_whatever_names(tmp_path, choices, codes):
    follow_ups = [
        q("text", f"then_{name}", relevant=f"${{came}} = '{name}'", appearance="multiline") for name in codes
    ]
    survey = moved(tmp_path, q("select_one yn", "came"), *follow_ups, choices=choices)
    came, *rest = own_questions(survey)
    assert (came.kind, came.options) == ("yes-no", YES_NO_OPTIONS)
    assert [it.show_if for it in rest] == [ShowIf("came", (code,)) for code in codes.values()]
    sentences = ["it offers “Not sure” besides yes and no"] if len(choices) == 2 else []
    assert losses(survey, 2) == [f"{it}." for it in sentences]


@pytest.mark.parametrize(
    "choices",
    [
        [("yn", "yes", "Yes"), ("yn", "no", "No, never")],
        [("yn", "yes", "Yes"), ("yn", "maybe", "Not sure")],
        [("yn", "yes", "Yes"), ("yn", "no", "No"), ("yn", "n", "Not sure"), ("yn", "d", "Don't know")],
    ],
)
def test_what_only_resembles_yes_and_no_stays_a_choice(tmp_path, choices):
    assert only_question(moved(tmp_path, q("select_one yn", "came"), choices=choices)).kind == "single"


def test_five_options_are_a_scale_when_the_form_says_which_end_is_good(tmp_path):
    row = q("select_one f", "rushed", **{"heard::domain": "respect", "heard::favourable": "first"})
    question = only_question(moved(tmp_path, row, choices=FIVE))
    assert (question.kind, question.domain, question.favourable) == ("scale", "respect", "first")
    assert question.codes == ("1", "2", "3", "4", "5")
    assert question.options[0].text == "Never"


@pytest.mark.parametrize("domain", ["", "weather"])
def test_five_options_that_say_nothing_stay_a_choice_and_the_operator_is_told(tmp_path, domain):
    survey = moved(tmp_path, q("select_one f", "rushed", **{"heard::domain": domain}), choices=FIVE)
    assert (only_question(survey).kind, only_question(survey).domain) == ("single", None)
    assert "it becomes a scale" in losses(survey, 2)[0]


def test_a_note_is_the_notice_of_the_next_question_and_two_are_joined(tmp_path):
    rows = (
        q("note", "n1", "One.", **{"label::Español (es)": "Uno.", "label::Tagalog": "Isa."}),
        q("note", "n2", "Two.", **{"label::Español (es)": "Dos."}),
        q("text", "more"),
        q("text", "last"),
    )
    survey = moved(tmp_path, *rows)
    assert [it.notice for it in own_questions(survey)] == ["One. Two.", ""]
    assert survey.translations["es"]["One. Two."] == "Uno. Dos."
    assert "One. Two." not in survey.translations["fil"]


def test_a_note_before_nothing_is_named(tmp_path):
    rows = (
        q("note", "a", "Now about you."), q("integer", "age", "Your age?"),
        q("note", "b", "One box."), q("select_one one", "alone"),
        q("note", "c", "Hello."), q("text", "who", "What is your first name?"),
        q("note", "d", "Read this."), {"type": "calculate", "name": "sum", "calculation": "1 + 1"},
        q("text", "more"), q("note", "e", "Thank you!"),
    )  # fmt: skip
    survey = moved(tmp_path, *rows, choices=[("one", "a", "Alone")])
    sentences = ["was left out: the question it stands before is not asked."]
    assert [losses(survey, row) for row in (2, 4, 6, 11)] == [sentences] * 4
    assert only_question(survey).notice == "Read this."
    assert losses(survey, 5) == ["was left out: it offers fewer than two options."]


def test_groups_are_flattened_and_their_headings_named(tmp_path):
    repeat = {"type": "begin_repeat", "name": "r", "label": "Each visit"}
    rows = ({**BEGIN, "label": "About"}, q("text", "a"), repeat, q("text", "b"), {"type": "end_repeat"}, END)
    survey = moved(tmp_path, *rows)
    assert [it.id for it in own_questions(survey)] == ["a", "b"]
    assert losses(survey, 2) == ["the heading of the group was left out."]
    assert losses(survey, 4) == [
        "its questions are asked once; nothing is repeated here.",
        "the heading of the group was left out.",
    ]


# Conditions.


def follow_up(tmp_path, relevant, kind="select_one k", **more):
    """What a question after `staff` hangs on, and what was said of it."""
    survey = moved(tmp_path, q(kind, "staff"), q("text", "then", relevant=relevant, **more), choices=KINDS)
    return own_questions(survey)[-1].show_if, losses(survey, 3)


CARRIED = {
    "${staff} = 'a'": ("a",),
    '${staff}="b"': ("b",),
    "${staff} = ‘c’": ("c",),
    "selected(${staff}, 'b')": ("b",),
    " ( ${staff} = 'c' ) or ((selected( ${staff} , 'a')))": ("a", "c"),
    "${staff} = 'a' or ${staff} = 'a'": ("a",),
}


@pytest.mark.parametrize(("relevant", "codes"), CARRIED.items(), ids=CARRIED)
def test_a_condition_on_an_earlier_choice_is_carried_over(tmp_path, relevant, codes):
    assert follow_up(tmp_path, relevant) == (ShowIf("staff", codes), [])


LOST = [
    "${staff} != 'a'",
    "${staff} = 'a' and ${staff} = 'b'",
    "not(${staff} = 'a')",
    "${staff} = 'nosuch'",
    "${staff} = 7",
    "${then} = 'a'",
    "${staff} = 'a' or ${then} = 'b'",
    "${staff} = 'a' or true()",
    "(${staff} = 'a') or (${staff} = 'b') and true()",
]


@pytest.mark.parametrize("relevant", LOST)
def test_a_condition_that_cannot_come_along_is_named_and_the_question_shown_to_everyone(tmp_path, relevant):
    condition, sentences = follow_up(tmp_path, relevant)
    assert condition is None
    assert sentences == [f"its condition “{relevant}” was left out; it is shown to everyone."]


def test_a_condition_on_one_answer_and_no_other_cannot_be_said(tmp_path):
    assert follow_up(tmp_path, "selected(${staff}, 'a')", "select_multiple k")[0] == ShowIf("staff", ("a",))
    assert follow_up(tmp_path, "${staff} = 'a'", "select_multiple k")[0] is None


def test_a_condition_on_words_or_on_a_scale_is_named(tmp_path):
    assert follow_up(tmp_path, "${staff} = 'a'", "text")[0] is None
    scale = q("select_one f", "often", **{"heard::domain": "respect", "heard::favourable": "first"})
    survey = moved(tmp_path, scale, q("text", "then", relevant="${often} = 1"), choices=FIVE)
    assert own_questions(survey)[-1].show_if is None


def test_a_group_s_condition_is_its_questions_condition_unless_there_are_two(tmp_path):
    rows = (
        q("select_one k", "staff"),
        {**BEGIN, "relevant": "${staff} = 'a'"},
        q("note", "n", "Some words."),
        q("text", "one"),
        q("text", "two", relevant="${staff} = 'b'"),
        END,
    )
    survey = moved(tmp_path, *rows, choices=KINDS)
    _, one, two = own_questions(survey)
    assert (one.show_if, one.notice, two.show_if) == (ShowIf("staff", ("a",)), "Some words.", None)
    assert "“${staff} = 'a'” and “${staff} = 'b'”" in losses(survey, 6)[0]
    assert losses(survey, 4) == []


def test_a_note_with_a_condition_of_its_own_is_named(tmp_path):
    rows = (
        q("select_one k", "staff"),
        q("note", "n", "Words.", relevant="${staff} = 'a'"),
        q("text", "then"),
    )
    assert losses(moved(tmp_path, *rows, choices=KINDS), 3) == [
        "its condition was left out; it is shown with then."
    ]


def test_a_core_question_is_shown_to_everyone(tmp_path):
    ours = {"heard::domain": "safety", "heard::favourable": "last", "relevant": "${staff} = 'a'"}
    rows = (q("select_one k", "staff"), q("select_one f", "core_safety", **ours))
    survey = moved(tmp_path, *rows, choices=[*KINDS, *FIVE])
    safety = survey.instrument.question("core-safety")
    assert (safety.show_if, safety.options[0].text) == (None, "Never")
    assert "shown to everyone" in losses(survey, 3)[0]


# What cannot come along.

LEFT_OUT = {
    "start": "nothing is recorded about the person or the phone",
    "end": "nothing is recorded",
    "today": "nothing is recorded",
    "deviceid": "nothing is recorded",
    "phonenumber": "nothing is recorded",
    "username": "nothing is recorded",
    "email": "nothing is recorded",
    "geopoint": "where a person is, is never asked for",
    "start-geopoint": "where a person is",
    "image": "never pictures, recordings or files",
    "audio": "never pictures",
    "video": "never pictures",
    "file": "never pictures",
    "barcode": "never pictures",
    "integer": "offer ranges to choose from",
    "decimal": "offer ranges",
    "range": "offer ranges",
    "date": "offer ranges",
    "time": "offer ranges",
    "dateTime": "offer ranges",
    "acknowledge": "nothing to agree to",
    "rank k": "nothing is put in order",
    "hidden": "nothing is worked out",
}


@pytest.mark.parametrize(("kind", "reason"), LEFT_OUT.items(), ids=LEFT_OUT)
def test_what_is_not_asked_here_is_left_out_by_name(tmp_path, kind, reason):
    survey = moved(tmp_path, q(kind, "x"), q("text", "more"), choices=KINDS)
    assert only_question(survey).id == "more"
    (sentence,) = losses(survey, 2)
    assert sentence.startswith("was left out: ")
    assert reason in sentence


def test_an_audit_of_how_somebody_answers_is_left_out(tmp_path):
    survey = moved(tmp_path, {"type": "audit"}, q("text", "more"))
    assert "nothing is recorded about the person" in losses(survey, 2)[0]


def test_a_kind_nobody_has_heard_of_is_left_out(tmp_path):
    survey = moved(tmp_path, q("telepathy", "x"), q("text", "more"))
    assert losses(survey, 2) == ["was left out: questions of the kind “telepathy” are not asked here."]


@pytest.mark.parametrize(
    "label",
    [
        "What is your name?",
        "Client's first name",
        "Phone number",
        "Your e-mail",
        "Home address",
        "Date of birth",
    ],
)
def test_a_question_who_somebody_is_never_moves_in(tmp_path, label):
    survey = moved(tmp_path, q("text", "x", label), q("text", "more", "Name one thing to change."))
    assert only_question(survey).id == "more"
    assert losses(survey, 2) == ["was left out: it asks who the person is."]


COLUMNS = {
    "required": ("yes", "it can be skipped here; nothing is required"),
    "constraint": (". != ''", "its rule for which answers are allowed was left out"),
    "read_only": ("yes", "it cannot be read-only here"),
    "default": ("Fine", "its preset answer was left out; nothing is preset here"),
    "media::image": ("a.png", "its pictures and sounds were left out"),
    "guidance_hint": ("Say it slowly", "its guidance hint was left out"),
    "appearance": ("w4", "its appearance “w4” was left out"),
    "our_code": ("7b", "its column “our_code” was left out"),
}


@pytest.mark.parametrize(("column", "cell"), COLUMNS.items(), ids=COLUMNS)
def test_a_column_that_cannot_come_along_is_named(tmp_path, column, cell):
    content, sentence = cell
    assert losses(moved(tmp_path, q("text", "more", **{column: content})), 2) == [f"{sentence}."]


def test_what_is_not_required_anyway_and_a_builder_s_own_columns_are_not_named(tmp_path):
    own_columns = {"$kuid": "ab12", "_isRepeatGroup": "x"}
    assert losses(moved(tmp_path, q("text", "more", required="no", **own_columns)), 2) == []


def test_filters_and_random_order_of_choices_are_named(tmp_path):
    row = q("select_one k", "staff", choice_filter="town = 'x'", parameters="randomize=true")
    header = ("list_name", "name", "label", "town")
    survey = moved(tmp_path, row, choices=[(*choice, "x") for choice in KINDS], header=header)
    assert losses(survey, 2) == [
        "its choice filter was left out; all its options are offered to everyone.",
        "its parameters were left out.",
    ]


def test_the_box_behind_other_is_named_and_the_option_stays(tmp_path):
    survey = moved(tmp_path, q("select_multiple k or_other", "got"), choices=KINDS)
    assert only_question(survey).codes == ("a", "b", "c", "other")
    assert losses(survey, 2) == [
        "the box for “other” was left out; give it a row of its own if it is needed."
    ]


def test_options_in_another_file_are_named(tmp_path):
    survey = moved(tmp_path, q("select_one_from_file towns.csv", "town"), q("text", "more"))
    assert losses(survey, 2) == [
        "was left out: it offers fewer than two options.",
        "its options are in another file.",
    ]


def test_settings_and_sheets_that_cannot_come_along_are_named(tmp_path):
    from tests.support.forms.xlsforms import write_xlsx

    file = write_xlsx(
        tmp_path / "mine.xlsx",
        {
            "survey": [("type", "name", "label"), ("text", "more", "What else?")],
            "settings": [("form_title", "style"), ("Vista Survey", "pages")],
            "external_choices": [("list_name", "name"), ("towns", "x")],
        },
    )
    survey = move_in(read_form(file), Target(), TAGS.get)
    assert survey.instrument.id == "mine"
    sentences = {"Settings: “style” was left out.", "The sheet external_choices was left out."}
    assert sentences <= set(survey.losses)


# Options.


@pytest.mark.parametrize(
    "words",
    ["Prefer not to say", "I'd rather not answer", "I don't want to say", "Decline to answer", "Refused"],
)
def test_an_option_to_decline_is_left_out_because_every_question_has_one(tmp_path, words):
    survey = moved(tmp_path, q("select_one k", "staff"), choices=[*KINDS, ("k", "z", words)])
    assert only_question(survey).codes == ("a", "b", "c")
    assert losses(survey, 2) == [f"its option “{words}” was left out; every question has one of its own."]


@pytest.mark.parametrize("words", ["I prefer to say it", "Not good", "I want to share more"])
def test_an_option_that_says_something_stays(tmp_path, words):
    survey = moved(tmp_path, q("select_one k", "staff"), choices=[*KINDS, ("k", "z", words)])
    assert only_question(survey).codes == ("a", "b", "c", "z")


def test_codes_are_made_of_names_and_clashes_are_named(tmp_path):
    choices = [("k", "Very_Good", "Good"), ("k", "very-good", "Better"), ("k", "很好", "Best")]
    survey = moved(tmp_path, q("select_one k", "staff"), choices=choices)
    assert only_question(survey).codes == ("very-good", "very-good-2", "option-3")
    assert losses(survey, 2) == ["its option “very-good” got the code very-good-2; very-good was taken."]


def test_pictures_and_missing_words_of_options_are_named(tmp_path):
    header = ("list_name", "name", "label", "label::Español (es)", "image")
    choices = [
        ("k", "a", "Kind", None, "a.png"),
        ("k", "b", None, "Bien", None),
        ("k", "c", "As ${more} said", None, None),
    ]
    rows = (q("text", "more"), q("select_one k", "staff"))
    survey = moved(tmp_path, *rows, choices=choices, header=header)
    assert [option.text for option in survey.instrument.question("staff").options] == ["Kind", "b"]
    assert losses(survey, 3) == [
        "the picture or sound of its option “a” was left out.",
        "its option “b” has no English words; its name stands for them.",
        "its option “c” was left out; its words quote another answer.",
    ]


# Ids.


def test_names_become_ids_and_clashes_are_named(tmp_path):
    rows = [q("text", name) for name in ("Q_One", "q-one", "_1st", "很好", "theme", "x" * 50)]
    survey = moved(tmp_path, *rows)
    ids = [it.id for it in own_questions(survey)]
    assert ids == ["q-one", "q-one-2", "q-1st", "question-5", "mine-theme", "x" * 40]
    assert losses(survey, 3) == ["its id is q-one-2, because q-one is another question's."]
    assert losses(survey, 6) == ["its id is mine-theme, because theme is another question's."]


@pytest.mark.parametrize(
    ("instrument_id", "prefix"),
    [("mine", "mine"), ("vista-del-mar-visits", "vista-del-mar"), ("a" * 20, "a" * 16), ("core-x", "own")],
)
def test_a_question_that_a_shipped_instrument_asks_otherwise_gets_another_id(tmp_path, instrument_id, prefix):
    target = Target(instrument_id, ("youth",))
    survey = moved(tmp_path, q("select_one k", "how_heard"), choices=KINDS, target=target)
    assert only_question(survey).id == f"{prefix}-how-heard"


def test_only_a_scale_in_its_domain_is_a_core_question_and_only_once(tmp_path):
    ours = {"heard::domain": "safety", "heard::favourable": "last"}
    rows = (
        q("select_one f", "core_safety", **ours), q("select_one f", "core-safety", **ours),
        q("text", "core_trust"), q("select_one f", "core_voice", **{**ours, "heard::favourable": "first"}),
    )  # fmt: skip
    survey = moved(tmp_path, *rows, choices=FIVE)
    ids = [it.id for it in own_questions(survey)]
    assert ids == ["mine-core-safety", "mine-core-trust", "mine-core-voice"]
    assert survey.instrument.question("core-safety").options[0].text == "Never"
    assert survey.instrument.question("core-voice") == SHIPPED["youth-experience"].question("core-voice")


# Words and languages.


def test_markup_is_taken_off_and_named(tmp_path):
    label = "# **How** _kind_\n was <span style='x'>[our staff](https://a.example)</span>? 2 * 3 * 4"
    survey = moved(tmp_path, q("text", "a", label), q("text", "b", "snake_case_words and 5 * 5"))
    assert [it.text for it in own_questions(survey)] == [
        "How kind was our staff ? 2 * 3 * 4",
        "snake_case_words and 5 * 5",
    ]
    assert losses(survey, 2) == ["its markup was left out; the words are plain."]
    assert losses(survey, 3) == []


def test_words_that_quote_another_answer_cannot_be_said(tmp_path):
    survey = moved(tmp_path, q("text", "a"), q("text", "b", "Why ${a}?"), q("text", "c", hint="Not ${a}."))
    assert losses(survey, 3) == losses(survey, 4) == ["was left out: its words quote another answer."]


SPANISH = {"label": "", "label::English (en)": "How was it?", "label::Español (es)": "¿Cómo le fue?"}


def test_other_languages_come_along_beside_the_english(tmp_path):
    header = ("list_name", "name", "label::English (en)", "label::Español (es)")
    choices = [("k", "a", "Kind", "Amable"), ("k", "b", "Okay", "Okay")]
    row = {
        **q("select_one k", "staff"),
        **SPANISH,
        "hint::English (en)": "Today.",
        "hint::Español (es)": "Hoy.",
    }
    survey = moved(tmp_path, row, choices=choices, header=header)
    assert survey.translations == {"es": {"How was it?": "¿Cómo le fue?", "Today.": "Hoy.", "Kind": "Amable"}}


def test_a_language_no_page_speaks_is_named(tmp_path):
    survey = moved(tmp_path, q("text", "a", **{"label::Français (fr)": "Ça va ?"}))
    assert "The words in “Français (fr)” were left out: no page speaks it." in survey.losses
    assert survey.translations == {}


def test_english_is_the_source_whatever_the_form_begins_with(tmp_path):
    settings = {"default_language": "Español (es)"}
    row = q("text", "a", "¿Qué tal?", **{"label::English (en)": "How was it?"})
    survey = moved(tmp_path, row, settings=settings)
    assert (only_question(survey).text, survey.translations) == (
        "How was it?",
        {"es": {"How was it?": "¿Qué tal?"}},
    )


def test_words_in_no_named_language_are_english_unless_others_are(tmp_path):
    assert only_question(moved(tmp_path, q("text", "a", "How was it?"))).text == "How was it?"
    row = q("text", "a", "Comment ?", **{"label::English (en)": "How was it?"})
    survey = moved(tmp_path, row)
    assert only_question(survey).text == "How was it?"
    assert "The words in “default” were left out: no page speaks it." in survey.losses


def test_a_form_without_english_is_refused(tmp_path):
    with pytest.raises(XlsFormRefused, match="no English words; an instrument is written in English"):
        moved(tmp_path, q("text", "a", "¿Qué tal?"), settings={"default_language": "Español (es)"})


def test_a_question_or_a_hint_without_english_words_is_named(tmp_path):
    spanish = {"type": "text", "name": "b", "label::Español (es)": "¿Qué tal?"}
    hint = {"type": "text", "name": "c", "label::English (en)": "More?", "hint::Español (es)": "Diga."}
    survey = moved(tmp_path, {"type": "text", "name": "a", **SPANISH}, spanish, hint)
    assert losses(survey, 3) == ["was left out: it has no English words."]
    assert losses(survey, 4) == ["its hint was left out: it has no English words."]


def test_one_text_said_in_two_ways_keeps_the_first_and_says_so(tmp_path):
    rows = [
        {"type": "text", "name": name, **SPANISH, "label::Español (es)": words}
        for name, words in ("aU", "bV")
    ]
    survey = moved(tmp_path, *rows)
    assert survey.translations["es"] == {"How was it?": "U"}
    assert "“How was it?” is said in two ways in es: “U” stays, “V” was left out." in survey.losses


# The whole instrument.


def test_core_questions_come_first_and_the_one_about_freedom_before_the_boxes(tmp_path):
    rows = (q("text", "a"), q("select_one k", "staff"), q("text", "b"), q("text", "c"))
    survey = moved(tmp_path, *rows, choices=KINDS)
    ids = [it.id for it in survey.instrument.questions]
    assert ids == [*(it.id for it in CORE), "a", "staff", "answered-freely", "b", "c"]
    assert any(
        loss.startswith("Put in, because every instrument asks them: core-access,") for loss in survey.losses
    )


@pytest.mark.parametrize(
    ("audience", "model"),
    [("caregiver", "caregiver-experience"), ("expert", "expert-review"), ("partner", "event")],
)
def test_core_questions_are_in_the_words_of_the_audience(tmp_path, audience, model):
    survey = moved(tmp_path, q("text", "a"), target=Target("mine", (audience,)))
    safety = survey.instrument.question("core-safety")
    assert (survey.instrument.audiences, safety) == ((audience,), SHIPPED[model].question("core-safety"))


def test_a_form_that_says_nothing_of_itself_is_one_for_youth_of_the_file_s_name(tmp_path):
    survey = moved(tmp_path, q("text", "a"), target=Target())
    assert (survey.instrument.id, survey.instrument.version, survey.instrument.minutes) == ("mine", 1, 2)
    assert (survey.instrument.audiences, survey.instrument.title) == (("youth",), "Your feedback")
    assert "it is taken as one for youth" in " ".join(survey.losses)
    assert "The minutes were guessed: 2, for 10 questions." in survey.losses


def test_a_title_that_names_a_place_stays_behind(tmp_path):
    settings = {"form_title": "Vista Survey", "form_id": "2024_Vista", "version": "2024051301"}
    survey = moved(tmp_path, q("text", "a"), settings=settings, target=Target())
    assert (survey.instrument.id, survey.instrument.title, survey.instrument.version) == (
        "survey-2024-vista", "Your feedback", 1,
    )  # fmt: skip
    assert any(it.startswith("The title “Vista Survey” became “Your feedback”") for it in survey.losses)


def test_a_form_that_asks_nothing_is_refused_with_the_reasons(tmp_path):
    with pytest.raises(XlsFormRefused, match=r"Row 2, age: was left out.*\nThe form asks nothing"):
        moved(tmp_path, q("integer", "age"))


# Out and in again.


def round_trip(folder, instrument, languages=None):
    file = folder / "out.xlsx"
    with file.open("wb") as book:
        write_workbook(book, sheets(instrument, languages or {}))
    assert convert(xlsform=file, validate=False).xform.startswith("<?xml")
    return move_in(read_form(file), Target(), TAGS.get)


@pytest.mark.parametrize("instrument", SHIPPED.values(), ids=SHIPPED)
def test_a_shipped_instrument_is_a_valid_form_and_comes_back_equal(tmp_path, instrument):
    survey = round_trip(tmp_path, instrument, {"Español (es)": lambda text: f"({text})"})
    assert (survey.instrument, survey.losses) == (instrument, ())
    assert {f"({text})" for text in survey.translations["es"]} == set(survey.translations["es"].values())


def test_a_notice_finds_a_name_of_its_own(tmp_path):
    clash = (
        Question(id="a", kind="long-text", text="A?", notice="Now."),
        Question(id="a-notice", kind="long-text", text="B?"),
    )
    instrument = Instrument(
        id="mine",
        version=2,
        title="Your feedback",
        audiences=("expert",),
        minutes=9,
        questions=(*SHIPPED["expert-review"].questions, *clash),
    )
    assert round_trip(tmp_path, instrument).instrument == instrument


words = st.text(st.sampled_from("abc deé?¿漢字ਪ=+@,.'\"-"), min_size=1, max_size=30).map(
    lambda text: f"W{' '.join(text.split())}"
)
ids = st.lists(
    st.from_regex(r"z[a-z0-9]{0,5}(-[a-z0-9]{1,5}){0,2}", fullmatch=True), min_size=5, max_size=5, unique=True
)


def options_of(codes, texts):
    return tuple(Option(code=code, text=text) for code, text in zip(codes, texts, strict=False))


@pytest.mark.slow
@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids, st.lists(words, min_size=8, max_size=8, unique=True), st.booleans())
def test_any_instrument_comes_back_equal_from_its_form(tmp_path, question_ids, texts, several):
    one, two, three, four, five = question_ids
    options = options_of(("a", "b-2", "3"), texts)
    questions = (
        Question(
            id=one, kind="multiple" if several else "single", text=texts[3], options=options, hint=texts[4]
        ),
        Question(
            id=two, kind="yes-no", text=texts[5], options=YES_NO_OPTIONS, show_if=ShowIf(one, ("a", "3"))
        ),
        Question(
            id=three,
            kind="single",
            text=texts[6],
            domain="needs",
            strategies=("7.8",),
            options=YES_NO_OPTIONS,
            show_if=ShowIf(two, ("not-sure",)),
        ),
        Question(id=four, kind="short-text", text=texts[7], notice=texts[0], show_if=ShowIf(three, ("yes",))),
        Question(id=five, kind="long-text", text=texts[1]),
    )
    freely = SHIPPED["youth-experience"].question("answered-freely")
    instrument = Instrument(
        id="mine",
        version=3,
        title="Your feedback",
        audiences=("youth", "expert"),
        minutes=4,
        questions=(*CORE, freely, *questions),
    )
    assert parse_instrument(write_instrument(instrument), "x") == instrument
    assert round_trip(tmp_path, instrument).instrument == instrument
