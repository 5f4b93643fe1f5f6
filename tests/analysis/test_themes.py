import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.themes import Codebook, CodebookBroken, Theme, load_codebook

GOOD = """
[[theme]]
id = "housing"
label = "Housing"
definition = "A place to live."
strategies = ["3.4"]
[theme.words]
en = ["shelter*", "place to live", "rent"]
es = ["información", "papá"]
th = ["บ้าน"]
[theme.patterns]
en = ['\\broom \\d+\\b']
"""


@pytest.fixture
def book(tmp_path):
    def write(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return load_codebook(path)

    return write


def test_the_shipped_codebook_has_the_themes_the_county_asked_for():
    ids = [theme.id for theme in load_codebook().themes]
    assert len(ids) <= 18
    assert {
        "housing", "safety", "transport", "mental-health", "law-enforcement", "peer-support", "waiting",
        "being-listened-to", "basic-needs", "language-culture", "family", "staff-turnover",
    } <= set(ids)  # fmt: skip


def test_every_shipped_theme_says_what_it_is_in_english_and_can_be_found_in_spanish_too():
    for theme in load_codebook().themes:
        assert theme.definition.endswith(".")
        assert theme.strategies
        assert set(theme.words) == {"en", "es"}


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("They moved me to another shelter", "en", "housing"),
        ("I WAITED for three hours", "en", "waiting"),
        ("nobody listens to us", "en-US", "being-listened-to"),
        ("my third social worker left", "en", "staff-turnover"),
        ("didn’t tell me anything", "en", "information"),
        ("el autobús no pasa", "es", "transport"),
        ("el autobus no pasa", "es-MX", "transport"),
        ("la policía me trató mal", "es", "law-enforcement"),
        ("mi terapeuta se fue", "es", "staff-turnover"),
        ("no hay comida", "es", "basic-needs"),
        ("necesito un interprete", "es", "language-culture"),
    ],
)
def test_it_finds_what_a_comment_is_about(text, language, expected):
    assert expected in load_codebook().themes_in(text, language)


def test_themes_come_in_the_codebooks_order():
    assert load_codebook().themes_in("I waited for housing and a ride to my family", "en") == (
        "housing",
        "transport",
        "waiting",
        "family",
    )


def test_whole_words_and_prefixes_are_told_apart(book):
    mine = book(GOOD)
    assert mine.themes_in("two shelters", "en") == ("housing",)
    assert mine.themes_in("a  PLACE\nto live", "en") == ("housing",)
    assert mine.themes_in("parents, different", "en") == ()
    assert mine.themes_in("room 12", "en") == ("housing",)


def test_spanish_is_found_without_accents_but_accents_are_not_thrown_away(book):
    mine = book(GOOD)
    assert mine.themes_in("informacion", "es") == ("housing",)
    assert mine.themes_in("informacio\u0301n", "es") == ("housing",)
    assert mine.themes_in("informaciòn", "es") == ()


def test_a_language_without_spaces_is_searched_by_letters(book):
    assert book(GOOD).themes_in("ฉันอยากมีบ้านใหม่", "th") == ("housing",)


def test_a_language_without_words_has_no_themes():
    assert load_codebook().themes_in("我需要住房", "zh-Hans") == ()
    assert Codebook((Theme("a", "A", "A."), Theme("b", "B", "B.", (), {"en": ("b",)}))).themes_in(
        "b", "en"
    ) == ("b",)


@given(st.text(max_size=200), st.sampled_from(["en", "es", "ko", ""]))
def test_any_text_is_survived(text, language):
    assert set(load_codebook().themes_in(text, language)) <= {theme.id for theme in load_codebook().themes}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (GOOD, "[[theme", "cannot be read as TOML"),
        (GOOD, "", "is a list of"),
        (GOOD, 'theme = "x"', "is a list of"),
        (GOOD, GOOD.replace("[[theme]]", "title = 1\n[[theme]]", 1), "is a list of"),
        (GOOD, 'theme = ["x"]', "theme 1: Expected"),
        (GOOD, GOOD + GOOD, r"theme 2 \(housing\): the id is already used by theme 1"),
        ("label", "lable", r"theme 1 \(housing\): Object contains unknown field `lable`"),
        ('"housing"', '"Housing Now"', "lower-case words joined by hyphens"),
        ('"A place to live."', '" "', "needs a label and a definition"),
        ('"3.4"', '"34"', "a number of the plan"),
        ("en = [", "english = [", "not a language tag"),
        ('"shelter*"', '"she*lter"', r"words.en: 'she\*lter' must be a word"),
        ('"shelter*"', '" "', "words.en"),
        ("room ", "room (", "is not a regular expression"),
        ("\\broom \\d+\\b", "x*", "in every comment"),
    ],
)
def test_a_mistake_in_the_file_is_refused_with_its_place(book, old, new, says):
    with pytest.raises(CodebookBroken, match=says) as refused:
        book(GOOD.replace(old, new))
    assert str(refused.value).startswith("mine.toml")


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(CodebookBroken, match=r"gone\.toml: the file cannot be read"):
        load_codebook(tmp_path / "gone.toml")
