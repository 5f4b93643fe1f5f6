"""The reading formulas, against values worked out by hand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.reading import EASY_IN_SPANISH, perspicuity, reading_grade, sentences, words

# A busy machine is no reason to fail.
unhurried = settings(deadline=None)


def test_one_short_english_sentence_has_the_grade_worked_out_by_hand():
    # The cat sat on the mat: 6 words, 1 sentence, 6 syllables. 0.39 * 6 + 11.8 * 1 - 15.59 = -1.45,
    # the value commonly printed for this sentence.
    assert reading_grade("The cat sat on the mat.") == pytest.approx(-1.45)


def test_two_english_sentences_are_averaged():
    # Peo-ple treat-ed you. An-swer on-ly this win-dow: 3 + 4 words, 2 sentences, 5 + 7 syllables.
    # 0.39 * 7 / 2 + 11.8 * 12 / 7 - 15.59
    text = "People treated you. Answer only this window."
    assert reading_grade(text) == pytest.approx(0.39 * 3.5 + 11.8 * 12 / 7 - 15.59)
    assert reading_grade(text) == pytest.approx(6.0036, abs=0.0001)


def test_long_english_words_ask_for_more_school():
    assert reading_grade("Institutional accountability necessitates collaboration.") > 12


def test_a_spanish_sentence_has_the_perspicuity_worked_out_by_hand():
    # La ca-sa de la fa-mi-lia: 5 words, 8 syllables. 206.835 - 62.3 * 8 / 5 - 5 = 102.155
    assert perspicuity("La casa de la familia.") == pytest.approx(102.155)


def test_two_spanish_sentences_are_averaged():
    # ¿Con-fian-za? La ca-sa de la fa-mi-lia: 6 words, 2 sentences, 11 syllables.
    # 206.835 - 62.3 * 11 / 6 - 6 / 2
    assert perspicuity("¿Confianza? La casa de la familia.") == pytest.approx(89.6183, abs=0.0001)


def test_the_inflesz_scale_tells_a_form_from_a_question():
    assert perspicuity("¿Te ayudaron la última vez?") > EASY_IN_SPANISH
    form = "La institucionalización de procedimientos administrativos requiere colaboración."
    assert perspicuity(form) < 40


@pytest.mark.parametrize("text", ["", " \n ", "?!", "— …"])
def test_a_text_without_words_has_no_grade(text):
    with pytest.raises(ValueError, match="no words"):
        reading_grade(text)
    with pytest.raises(ValueError, match="no words"):
        perspicuity(text)


def test_a_line_of_its_own_is_a_sentence():
    assert sentences("Very easy\nIn between\n\nHard. Really? “Yes.” Done") == [
        "Very easy",
        "In between",
        "Hard",
        "Really",
        "“Yes",
        "Done",
    ]


def test_a_number_with_a_point_stays_in_its_sentence():
    assert len(sentences("It took 2.5 days.")) == 1


def test_a_word_keeps_its_apostrophe():
    assert words("I'd rather not, she’d say.") == ["I'd", "rather", "not", "she’d", "say"]


@unhurried
@given(st.lists(st.sampled_from(["people", "treat", "safe", "family", "answer"]), min_size=1, max_size=30))
def test_a_text_said_twice_keeps_its_grade(some_words):
    once = " ".join(some_words) + ". "
    assert reading_grade(once * 2) == pytest.approx(reading_grade(once))
    assert perspicuity(once * 2) == pytest.approx(perspicuity(once))


@unhurried
@given(st.text())
def test_any_text_with_words_can_be_measured(text):
    if words(text):
        assert reading_grade(text) > -15.59
        assert perspicuity(text) < 206.835
