"""Questions in their order: the same numbers and conditions wherever they are asked."""

from surveys.asking import asked_questions
from surveys.instruments import shipped_instruments


def test_every_question_stands_in_its_place_and_no_number_is_missing():
    for instrument in shipped_instruments().values():
        questions = asked_questions(instrument, comments=True)
        assert [it.question for it in questions] == list(instrument.questions)
        numbers = [it.number for it in questions if it.number]
        assert numbers == list(range(1, len(numbers) + 1))


def test_a_follow_up_has_no_number_but_its_condition_in_words():
    questions = {
        it.question.id: it for it in asked_questions(shipped_instruments()["youth-experience"], comments=True)
    }
    first, follow_up = questions["court-or-meeting"], questions["understood-court"]
    assert (follow_up.number, follow_up.conditions) == (None, ("Yes",))
    assert (first.number, first.conditions) == (9, ())


def test_without_comments_no_text_is_asked():
    questions = asked_questions(shipped_instruments()["protocol-youth"], comments=False)
    assert len(questions) == 10
    assert not any(it.question.is_text for it in questions)
