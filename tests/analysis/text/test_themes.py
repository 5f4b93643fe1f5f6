import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.text.themes import Codebook, CodebookBroken, Theme, load_codebook

SHIPPED = load_codebook()
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
def test_the_shipped_codebook_finds_what_a_comment_is_about(text, language, expected):
    assert expected in SHIPPED.themes_in(text, language)


@pytest.mark.parametrize(
    ("text", "language", "theme"),
    [
        ("Me dieron lentes nuevos", "es", "waiting"),
        ("Hay citas por la tarde", "es", "waiting"),
        ("Me siento atrás y tengo esperanza", "es", "waiting"),
        ("La clase dura dos horas", "es", "waiting"),
        ("La visita de la supervisora fue corta", "es", "family"),
        ("Toman su bebida con calma", "es", "family"),
        ("Me duele la migraña", "es", "language-culture"),
        ("Me acostumbré y seguramente vuelvo, seguro que sí", "es", "safety"),
        ("La calidad es buena y trato de venir", "es", "staff-kindness"),
        ("Claro que sí", "es", "information"),
        ("No es efectivo", "es", "basic-needs"),
        ("Hacen un buen trabajo", "es", "school-work"),
        ("Es un programa juvenil", "es", "law-enforcement"),
        ("La hospitalidad de siempre", "es", "health-care"),
        ("The class is two hours", "en", "waiting"),
        ("Longer visits and a longer break", "en", "waiting"),
        ("People sit in the hall", "en", "law-enforcement"),
        ("It is free of charge, there are no charges", "en", "law-enforcement"),
        ("Train people well", "en", "transport"),
        ("Something warm to drink", "en", "staff-kindness"),
        ("A yellow room, respectively a kind of hall", "en", "staff-kindness"),
        ("For example", "en", "health-care"),
        ("It was fine, eventually", "en", "activities"),
        ("A panic attack, and a pimple", "en", "safety"),
        ("They do a great job", "en", "school-work"),
        ("I heard about it from a friend", "en", "being-listened-to"),
        ("Honestly, it was fine", "en", "information"),
        ("I read a book", "en", "access"),
    ],
)
def test_a_word_that_only_looks_like_a_theme_is_not_taken_for_it(text, language, theme):
    assert theme not in SHIPPED.themes_in(text, language)


@pytest.mark.parametrize(
    ("text", "language", "theme"),
    [
        ("El personal es lento y llegan tarde", "es", "waiting"),
        ("Pasamos horas en la fila", "es", "waiting"),
        ("Pasé tres horas esperando", "es", "waiting"),
        ("Más visitas con la familia", "es", "family"),
        ("Que traduzcan las cartas", "es", "language-culture"),
        ("Que nos tomen en cuenta", "es", "being-listened-to"),
        ("Que no cambien a cada rato", "es", "staff-turnover"),
        ("Es un lugar seguro", "es", "safety"),
        ("El trato es bueno y son cálidos", "es", "staff-kindness"),
        ("Quiero buscar trabajo", "es", "school-work"),
        ("I waited two hours", "en", "waiting"),
        ("It took three weeks to get a call", "en", "waiting"),
        ("It took longer than last time", "en", "waiting"),
        ("I was in the hall for two weeks", "en", "law-enforcement"),
        ("I took the train", "en", "transport"),
        ("A warm welcome", "en", "staff-kindness"),
        ("They are kind", "en", "staff-kindness"),
        ("I was attacked", "en", "safety"),
        ("I have a job now", "en", "school-work"),
        ("I felt heard", "en", "being-listened-to"),
    ],
)
def test_what_a_theme_is_about_is_still_found(text, language, theme):
    assert theme in SHIPPED.themes_in(text, language)


def test_themes_come_in_the_codebooks_order():
    assert SHIPPED.themes_in("I waited for housing and a ride to my family", "en") == (
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
    assert SHIPPED.themes_in("我需要住房", "zh-Hans") == ()
    assert Codebook(
        (
            Theme(id="a", label="A", definition="A."),
            Theme(id="b", label="B", definition="B.", strategies=(), words={"en": ("b",)}),
        )
    ).themes_in("b", "en") == ("b",)


@given(st.text(max_size=200), st.sampled_from(["en", "es", "ko", ""]))
def test_the_shipped_codebook_survives_any_text(text, language):
    assert set(SHIPPED.themes_in(text, language)) <= {theme.id for theme in SHIPPED.themes}


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
