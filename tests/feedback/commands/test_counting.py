"""Numbers in sentences: one batch, two batches."""

import pytest

from feedback.commands.counting import counted


@pytest.mark.parametrize(("number", "told"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (21, "21 rows")])
def test_a_number_agrees_with_what_it_counts(number, told):
    assert counted(number, "row") == told


def test_an_own_plural_and_its_verb_are_taken_as_they_are():
    said = [counted(number, "batch was", "batches were") for number in (1, 2)]
    assert said == ["1 batch was", "2 batches were"]
