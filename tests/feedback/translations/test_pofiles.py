"""Catalogs as files: the flags and the earlier English survive reading, writing and merging."""

import pytest
from babel.messages.catalog import Catalog

from feedback.translations.merging import merge_all
from feedback.translations.pofiles import merge, messages_of, read_file, write_file

HEAD = 'msgid ""\nmsgstr ""\n"Language: es\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
HEAD += '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\n'


def catalog(text: str) -> Catalog:
    return read_file((HEAD + text).encode())


def template(*sources) -> Catalog:
    pot = Catalog()
    for source in sources:
        pot.add(source)
    return pot


def make_catalog(before: Catalog, *sources) -> Catalog:
    """As `make catalogs` does it: merged, written, and read again."""
    merge(template(*sources), before)
    return read_file(write_file(before))


def test_the_flag_of_a_reviewed_message_survives_reading_writing_and_merging():
    before = catalog('#, reviewed\nmsgid "Send"\nmsgstr "Enviar"\n\nmsgid "Help"\nmsgstr "Ayuda"\n')
    after = make_catalog(before, "Send", "Help")
    assert after["Send"].flags == {"reviewed"}
    assert after["Help"].flags == set()


def test_a_changed_source_keeps_the_words_and_the_old_english_and_loses_its_review():
    before = catalog('#, reviewed\nmsgid "You can skip a question."\nmsgstr "Puedes saltarte una."\n')
    after = make_catalog(before, "You can skip any question.")
    message = after["You can skip any question."]
    assert message.string == "Puedes saltarte una."
    assert message.flags == {"fuzzy"}
    assert list(message.previous_id) == ["You can skip a question."]
    assert "You can skip a question." not in {it.id for it in messages_of(after)}


def test_the_old_english_is_still_there_after_another_merge():
    long = "You can skip a question, and " + "it is fine to skip a whole lot of them, " * 4 + "“really”."
    before = catalog('msgid "Send"\nmsgstr "Enviar"\n')
    before.add(long, 'Puedes "saltarte" una.')
    once = make_catalog(before, long + " Any.", "Send")
    twice = make_catalog(once, long + " Any.", "Send")
    message = twice[long + " Any."]
    assert message.fuzzy
    assert list(message.previous_id) == [long]
    assert not message.user_comments
    assert write_file(make_catalog(twice, long + " Any.", "Send")) == write_file(twice)


def test_a_plural_keeps_both_of_its_old_sources():
    before = catalog(
        'msgid "%(n)s day left"\nmsgid_plural "%(n)s days left"\nmsgstr[0] "un"\nmsgstr[1] "dos"\n'
    )
    after = make_catalog(before, ("%(n)s day is left", "%(n)s days are left"))
    (message,) = messages_of(after)
    assert list(message.previous_id) == ["%(n)s day left", "%(n)s days left"]
    assert message.string == ("un", "dos")


def test_after_a_merge_a_new_message_is_missing_and_an_old_one_is_gone():
    before = catalog(
        '#, reviewed\nmsgid "Send"\nmsgstr "Enviar"\n\n# A person said so\nmsgid "Help"\nmsgstr "Ayuda"\n'
    )
    after = make_catalog(before, "Help", "Something else entirely")
    assert [(it.id, it.string) for it in messages_of(after)] == [
        ("Help", "Ayuda"),
        ("Something else entirely", ""),
    ]
    assert after["Help"].user_comments == ["A person said so"]
    assert not after.obsolete


def test_every_language_of_a_folder_is_merged(tmp_path):
    for folder in ("es", "ko"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "messages.po").write_bytes((HEAD + 'msgid "Send"\nmsgstr "x"\n').encode())
    (tmp_path / "messages.pot").write_bytes(write_file(template("Send", "Leave")))
    merge_all(tmp_path)
    for folder in ("es", "ko"):
        after = read_file((tmp_path / folder / "messages.po").read_bytes())
        assert [it.id for it in messages_of(after)] == ["Send", "Leave"]


@pytest.mark.parametrize(
    "raw",
    [
        b"no catalog",
        b'msgid "x"\nmsgstr[one] "y"\n',
        b'msgstr "alone"\n"and more"\n\nbroken',
        b'msgid "x"\nmsgstr "\xff"\n',
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n\nmsgid "x"\nmsgstr "y"\n',
        b'msgid "x"\n',
        b'msgid ""\nmsgstr "Plural-Forms: nplurals=two\\n"\n',
    ],
)
def test_what_is_no_catalog_is_refused_with_a_sentence(raw):
    with pytest.raises(ValueError, match=r"^The file is no \.po file"):
        read_file(raw)


def test_a_previous_source_that_cannot_be_unquoted_is_kept_as_it_stands():
    after = catalog('#, fuzzy\n#| msgid "50\\x"\nmsgid "Send"\nmsgstr "Enviar"\n')
    assert list(after["Send"].previous_id) == ["50\\x"]


def test_a_mark_that_some_editors_put_first_is_no_part_of_the_file():
    assert (
        read_file(b"\xef\xbb\xbf" + HEAD.encode() + b'msgid "Send"\nmsgstr "Enviar"\n')["Send"].string
        == "Enviar"
    )


def test_more_forms_than_the_header_counts_can_still_be_read():
    text = HEAD + 'msgid "day"\nmsgid_plural "days"\nmsgstr[0] "a"\nmsgstr[1] "b"\nmsgstr[2] "c"\n'
    with pytest.raises(ValueError, match="num_plurals"):
        read_file(text.encode())
    (message,) = messages_of(read_file(text.encode(), as_written=False))
    assert message.string[:4] == ("a", "b", "c", "")
