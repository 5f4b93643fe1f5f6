"""Who reads rows, as it is written and as it is read."""

import pytest

from analysis.publishing import viewers
from analysis.publishing.viewers import CTLT, PUBLIC, READER, ViewerUnknown, parse


@pytest.mark.parametrize(
    ("text", "viewer"),
    [
        ("public", PUBLIC),
        ("reader", READER),
        ("ctlt", CTLT),
        ("contractor:olive-crest", viewers.contractor("olive-crest")),
        ("keeper:probation", viewers.keeper("probation")),
    ],
)
def test_a_viewer_is_read_as_it_is_written(text, viewer):
    assert parse(text) == viewer
    assert str(viewer) == text


@pytest.mark.parametrize(
    "text", ["", "nobody", "vista-del-mar", "CTLT", "reviewer", "contractor:", "keeper:", "ctlt:x", ":x"]
)
def test_whoever_is_no_viewer_is_refused_by_name(text):
    with pytest.raises(
        ViewerUnknown, match=f"“{text}” is not public, reader, ctlt, contractor:ID or keeper:ID"
    ):
        parse(text)


def test_the_public_and_a_reader_read_no_program_whole():
    whole = (CTLT, viewers.contractor("olive-crest"), viewers.keeper("probation"))
    assert all(it.reads_whole_programs for it in whole)
    assert not any(it.reads_whole_programs for it in (PUBLIC, READER))


def test_only_a_contractor_has_the_rows_of_its_contracts():
    assert viewers.contractor("olive-crest").contractor == "olive-crest"
    assert [it.contractor for it in (PUBLIC, READER, CTLT, viewers.keeper("probation"))] == [None] * 4
