"""No words outside the catalogs: the template of all messages holds exactly what stands in the sources."""

import io
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from feedback.translations.extraction import extract_page, extract_programs, extract_toml

ROOT = Path(__file__).parents[2]
JINJA = {"trimmed": "true", "silent": "false"}
METHODS = [
    ("feedback/templates/staff/**.html", "ignore"),
    ("feedback/templates/**.html", "feedback.translations.extraction:extract_page"),
    ("surveys/instruments/**.toml", "feedback.translations.extraction:extract_toml"),
    ("surveys/help.toml", "feedback.translations.extraction:extract_toml"),
    ("analysis/text/codebook.toml", "feedback.translations.extraction:extract_toml"),
    ("surveys/county_plan/programs.json", "feedback.translations.extraction:extract_programs"),
    ("surveys/*.py", "python"),
    ("feedback/web/survey/news_pages.py", "python"),
]


def texts_of_sources() -> set[str]:
    keywords = {"_": None, "gettext_noop": None}
    options = {"feedback/templates/**.html": JINJA}
    messages = extract_from_dir(
        ROOT, METHODS, options, keywords, directory_filter=lambda path: ".venv" not in path
    )
    return {message for _, _, message, _, _ in messages if isinstance(message, str)}


def test_the_template_of_messages_is_current():
    with (ROOT / "locales" / "messages.pot").open("rb") as file:
        texts = {message.id for message in read_po(file) if message.id}
    assert texts == texts_of_sources(), "run `make catalogs`"


def test_a_question_is_handed_over_with_its_place():
    raw = b'id = "x"\n[[questions]]\nid = "q"\ntext = "Why?"\nscale = ["A", "B"]\nkind = "scale"\n'
    messages = list(extract_toml(io.BytesIO(raw), (), (), {}))
    assert messages == [
        (4, None, "Why?", ["q, text"]),
        (5, None, "A", ["q, a point of the scale"]),
        (5, None, "B", ["q, a point of the scale"]),
    ]


def test_the_words_of_a_page_are_handed_over_with_its_name(tmp_path):
    page = tmp_path / "templates" / "survey" / "thanks.html"
    page.parent.mkdir(parents=True)
    page.write_text('<p>{{ _("Thank you") }}</p>', encoding="utf-8")
    with page.open("rb") as file:
        messages = list(extract_page(file, ["_"], [], JINJA))
    assert messages == [(1, "_", "Thank you", ["on the page survey/thanks"])]


def test_of_a_program_only_what_respondents_are_told_is_handed_over():
    raw = b'{"programs": [{"name": "Plan name",\n "said_as": {"youth": "The class"}}]}'
    in_survey = (2, None, "The class", ["How a program is called to: youth"])
    assert list(extract_programs(io.BytesIO(raw), (), (), {})) == [in_survey]
    raw = raw.replace(b"}}", b'},\n "public_name": "Classes, team A"}')
    assert list(extract_programs(io.BytesIO(raw), (), (), {})) == [
        in_survey,
        (3, None, "Classes, team A", ["How a program is called to: everyone, where results are shown"]),
    ]


def test_themes_are_handed_over_without_the_words_that_find_them():
    raw = b'[[theme]]\nid = "waiting"\nlabel = "Waiting"\n[theme.words]\nen = ["wait*"]\n'
    assert [it[2] for it in extract_toml(io.BytesIO(raw), (), (), {})] == ["Waiting"]
