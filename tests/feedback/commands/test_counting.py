"""Numbers in sentences: one batch, two batches."""

import pytest

from feedback.commands.counting import quantity


@pytest.mark.parametrize(("number", "text"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (21, "21 rows")])
def test_a_number_agrees_with_what_it_counts(number, text):
    assert quantity(number, "row") == text


def test_an_own_plural_and_its_verb_are_taken_as_they_are():
    texts = [quantity(number, "batch was", "batches were") for number in (1, 2)]
    assert texts == ["1 batch was", "2 batches were"]
