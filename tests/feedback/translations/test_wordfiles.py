"""Words as files: what goes out as PO or XLIFF comes in again, and a file that is wrong changes nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback.languages import LANGUAGES
from feedback.translations import wordfiles, xliff
from feedback.translations.catalogs import Catalog, Message, Translation, shipped_catalogs
from feedback.translations.sections import Section, sections
from feedback.translations.wordfiles import FORMATS, WordsRefused, read_words, take, write_words
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs

AR, ES, RU = (LANGUAGES[tag] for tag in ("ar", "es", "ru"))
DAYS = Message(source="%(n)s day", plural="%(n)s days", places=("here",))
SKIP = Message(source="You can skip any question. “Any” & all.", places=("q, text", "r, text"))
HERE = [
    Section(title="One", messages=(Message(source="Send"), SKIP)),
    Section(title="Two", messages=(DAYS, Message(source="Help"), Message(source="Leave"))),
]
SAID = {
    "Send": Translation(("Отправить",), "reviewed"),
    SKIP.source: Translation(("Можно пропустить любой вопрос. «Любой» & все.",), "changed", "You can skip."),
    DAYS.source: Translation(("%(n)s день", "%(n)s дня", "%(n)s дней")),
    "Help": Translation(
        ("  Помощь",),
    ),
}
RUSSIAN = Catalog(RU, SAID)
EVERY = sections(shipped_instruments().values(), shipped_programs().programs)
each_format = pytest.mark.parametrize("kind", FORMATS)


def written(tmp_path, content, name="words.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def taken(given, catalog=RUSSIAN, reviewed=False, here=HERE, instruments=()):
    return take(catalog, here, instruments, given, reviewed=reviewed)


def po(*entries, language="ru", forms=3):
    head = f'"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Plural-Forms: nplurals={forms}; plural=0;\\n"\n'
    return f'msgid ""\nmsgstr ""\n{head}\n' + "\n\n".join(entries) + "\n"


def unit(source, target, state="translated"):
    words = f'<source>{source}</source><target state="{state}">{target}</target>'
    return f'<trans-unit id="x">{words}</trans-unit>'


def xlf(*units, language="ru", namespace="urn:oasis:names:tc:xliff:document:1.2", before=""):
    told = f'source-language="en" target-language="{language}" datatype="plaintext" original="x"'
    body = f"<file {told}><body>{''.join(units)}</body></file>"
    return f'{before}<xliff version="1.2" xmlns="{namespace}">{body}</xliff>'


@each_format
def test_every_message_state_and_plural_form_comes_back_as_it_went_out(tmp_path, kind):
    path = written(tmp_path, write_words(RUSSIAN, HERE, kind))
    found = {source: (plural, said) for source, plural, said in read_words(path, RU)}
    assert {source: said for source, (_, said) in found.items() if said} == SAID
    assert found["Leave"] == ("", None)
    assert found[DAYS.source][0] == DAYS.plural
    assert list(found) == [message.source for section in HERE for message in section.messages]


@each_format
@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_every_shipped_catalog_goes_out_and_comes_in_and_changes_nothing(tmp_path, kind, tag):
    catalog = shipped_catalogs()[tag]
    path = written(tmp_path, write_words(catalog, EVERY, kind))
    done = take(
        catalog, EVERY, shipped_instruments().values(), read_words(path, LANGUAGES[tag]), reviewed=False
    )
    assert (done.written, done.empty, done.unproven) == ([], 0, 0)
    assert done.as_before == sum(len(section.messages) for section in EVERY)


@each_format
def test_a_file_says_where_each_message_stands_and_what_its_english_was(kind):
    text = write_words(RUSSIAN, HERE, kind).decode()
    for told in ("q, text", "r, text", "You can skip."):
        assert told in text
    if kind == "po":
        assert "nplurals=3" in text
        assert '#, reviewed\nmsgid "Send"' in text
    else:
        assert 'state="final"' in text
        assert 'state="needs-review-translation"' in text
        assert 'target-language="ru"' in text


@each_format
def test_without_a_person_behind_it_a_file_makes_drafts_and_proposals_and_with_one_reviewed_words(
    tmp_path, kind
):
    said = {**SAID, "Send": Translation(("Послать",), "reviewed"), "Leave": Translation(("Уйти",))}
    given = read_words(written(tmp_path, write_words(Catalog(RU, said), HERE, kind)), RU)
    alone = taken(given)
    assert {message.source: it.state for message, it in alone.written} == {"Leave": "draft"}
    assert [(message.source, forms) for message, forms in alone.waiting] == [("Send", ("Послать",))]
    assert (alone.unproven, alone.as_before, alone.number("draft")) == (1, 3, 1)
    vouched = taken(given, reviewed=True)
    everything = {"Send", "Help", "Leave", DAYS.source}
    assert {message.source: it.state for message, it in vouched.written} == dict.fromkeys(
        everything, "reviewed"
    )
    assert (vouched.waiting, vouched.unproven, vouched.as_before) == ([], 0, 1)


def test_words_left_alone_keep_their_review_and_only_somebody_who_is_named_calls_them_wrong():
    alone = taken([("Send", "", Translation(("Отправить",)))])
    assert (alone.written, alone.as_before) == ([], 1)
    doubted = [("Send", "", Translation(("Отправить",), "changed"))]
    nobody = taken(doubted)
    assert (nobody.written, nobody.waiting, nobody.as_before) == ([], [], 1)
    somebody = taken(doubted, reviewed=True)
    assert [(it.state, it.forms) for _, it in somebody.written] == [("changed", ("Отправить",))]
    again = taken([("Help", "", Translation(("  Помощь",), "reviewed"))])
    assert (again.unproven, again.number("draft")) == (1, 1)


@pytest.mark.parametrize("reviewed", [False, True])
@pytest.mark.parametrize("state", ["draft", "reviewed", "changed"])
def test_nothing_that_nobody_vouched_for_takes_the_place_of_reviewed_words(state, reviewed):
    done = taken([("Send", "", Translation(("Послать",), state))], reviewed=reviewed)
    if reviewed and state != "changed":
        assert [it for _, it in done.written] == [Translation(("Послать",), "reviewed")]
    else:
        assert (done.written, [forms for _, forms in done.waiting]) == ([], [("Послать",)])


@pytest.mark.parametrize("state", ["draft", "reviewed", "changed"])
def test_drafts_and_words_for_the_english_before_are_replaced_as_the_file_says(state):
    for source in ("Help", SKIP.source, "Leave"):
        done = taken([(source, "", Translation(("Слово",), state))])
        assert [it.state for _, it in done.written] == ["changed" if state == "changed" else "draft"]
        assert done.waiting == []


def test_what_waits_from_a_file_is_checked_as_strictly_as_what_is_taken():
    instrument = shipped_instruments()["youth-experience"]
    options = next(it for it in instrument.questions if it.kind == "scale").options
    said = shipped_catalogs()["es"].said
    first = said[options[0].text].forms
    reviewed = Catalog(ES, {source: Translation(it.forms, "reviewed") for source, it in said.items()})
    with pytest.raises(WordsRefused, match="two of its answers read"):
        taken([(options[1].text, "", Translation(first))], reviewed, here=EVERY, instruments=[instrument])
    with pytest.raises(WordsRefused, match="holds markup"):
        taken([("Send", "", Translation(("<b>Послать</b>",)))])


# What tools write

POEDIT = """\
# Spanish words of one deployment.
msgid ""
msgstr ""
"Project-Id-Version: Heard\\n"
"PO-Revision-Date: 2026-11-01 10:00-0800\\n"
"Last-Translator: Rosa Díaz <Rosa@Example.org>\\n"
"Language-Team: \\n"
"Language: es_MX\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"X-Generator: Poedit 3.4.2\\n"
"X-Poedit-Basepath: .\\n"

#. on the page survey/survey
msgid "Send"
msgstr "Mandar"

#, python-format
msgid "Question %(number)s of %(count)s"
msgstr ""
"Pregunta %(number)s "
"de %(count)s"

#, fuzzy
#| msgid "Go"
msgid "Leave"
msgstr "Salir"

msgid "Help"
msgstr ""

#~ msgid "Gone"
#~ msgstr "Ido"
"""
WEBLATE = POEDIT.replace("Poedit 3.4.2", "Weblate 5.8").replace(
    "Language-Team: ", "Language-Team: Spanish <https://hosted.weblate.org/projects/heard/es/>"
)
OMEGAT = POEDIT.replace('"X-Generator: Poedit 3.4.2\\n"\n', "").replace("#, python-format\n", "")
XLIFF = """\
<?xml version="1.0" encoding="UTF-8"?>
<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2" version="1.2">
  <file original="x" source-language="en" target-language="es-MX" datatype="plaintext">
    <header><tool tool-id="any" tool-name="Virtaal"/></header>
    <body>
      <trans-unit id="1" xml:space="preserve"{approved}>
        <source>Send</source>
        <target xml:lang="es-MX"{state}>Mandar</target>
      </trans-unit>
      <trans-unit id="2" xml:space="preserve"{approved}>
        <source>Question %(number)s of %(count)s</source>
        <target{state}>Pregunta %(number)s de %(count)s</target>
      </trans-unit>
      <trans-unit id="3">
        <source>Leave</source>
        <target state="needs-review-translation">Salir</target>
      </trans-unit>
      <trans-unit id="4"><source>Help</source><target/></trans-unit>
    </body>
  </file>
</xliff>
"""
BY_TOOLS = {
    "Poedit.po": POEDIT,
    "Weblate.po": WEBLATE,
    "OmegaT.po": OMEGAT,
    "translated.xlf": XLIFF.format(approved="", state=' state="translated"'),
    "bare.xlf": XLIFF.format(approved="", state=""),
    "approved.xlf": XLIFF.format(approved=' approved="yes"', state=""),
    "translated and approved.xlf": XLIFF.format(approved=' approved="yes"', state=' state="translated"'),
    "not approved.xlf": XLIFF.format(approved=' approved="no"', state=' state="translated"'),
}
QUESTION = Message(source="Question %(number)s of %(count)s")
ASKED = [
    Section(
        title="One",
        messages=(Message(source="Send"), QUESTION, Message(source="Leave"), Message(source="Help")),
    )
]


@pytest.mark.parametrize("ends", ["unix", "windows", "windows and a mark at the beginning"])
@pytest.mark.parametrize("name", BY_TOOLS)
def test_a_file_that_a_tool_wrote_makes_all_reviewed_that_it_translated_and_did_not_doubt(
    tmp_path, name, ends
):
    raw = BY_TOOLS[name].replace("\n", "\n" if ends == "unix" else "\r\n").encode()
    file = written(tmp_path, (b"\xef\xbb\xbf" if "mark" in ends else b"") + raw, name)
    given = read_words(file, ES, "Ana Ruiz")
    # One message is as before but a draft, one says something else.
    drafts = Catalog(ES, {"Send": Translation(("Mandar",)), QUESTION.source: Translation(("%(number)s",))})
    done = taken(given, drafts, reviewed=True, here=ASKED)
    assert {message.source: (it.state, it.forms) for message, it in done.written} == {
        "Send": ("reviewed", ("Mandar",)),
        QUESTION.source: ("reviewed", ("Pregunta %(number)s de %(count)s",)),
        "Leave": ("changed", ("Salir",)),
    }
    assert (done.empty, done.as_before, done.waiting) == (1, 0, [])
    after = Catalog(ES, {message.source: it for message, it in done.written})
    assert taken(given, after, reviewed=True, here=ASKED).written == [], "once more changes nothing"


@pytest.mark.parametrize(
    "name", ["Rosa Díaz", "ROSA DÍAZ", " rosa   díaz ", "rosa@example.org", "R. <rosa@EXAMPLE.org>"]
)
def test_whoever_the_file_names_as_its_translator_cannot_have_reviewed_it(tmp_path, name):
    file = written(tmp_path, POEDIT, "es.po")
    with pytest.raises(
        WordsRefused, match=r"Rosa Díaz <Rosa@Example\.org> translated it\. Nobody reviews their own"
    ):
        read_words(file, ES, name)
    assert len(read_words(file, ES, "Rosa")) == 4, "another one"
    assert len(read_words(file, ES)) == 4, "without a review anybody's file is taken"


def test_every_fault_is_named_by_message_and_language_and_nothing_is_taken():
    wrong = [
        ("Send", "", Translation(("<b>Послать</b>",))),
        ("No such words", "", Translation(("Нет",))),
        (DAYS.source, DAYS.plural, Translation(("%(n)s день", "%(n)s дня"))),
        ("Help", "", Translation(("%(who)s",))),
        ("Help", "", None),
        (DAYS.source, "", None),
    ]
    with pytest.raises(WordsRefused) as refused:
        taken(wrong)
    lines = str(refused.value).splitlines()
    assert len(lines) == 6
    assert all(line.startswith("ru, “") for line in lines)
    for problem in ("holds markup", "no such message here", "2 plural forms", "no place", "stands twice"):
        assert any(problem in line for line in lines), problem


def test_a_scale_whose_points_would_read_the_same_is_refused():
    instrument = shipped_instruments()["youth-experience"]
    options = next(it for it in instrument.questions if it.kind == "scale").options
    catalog = shipped_catalogs()["es"]
    given = [(options[1].text, "", Translation((catalog.gettext(options[0].text),)))]
    with pytest.raises(WordsRefused, match="two of its answers read"):
        taken(given, catalog, here=EVERY, instruments=[instrument])


def test_a_file_in_another_language_is_refused(tmp_path):
    for content in (
        po('msgid "Send"\nmsgstr "Enviar"', language="es"),
        xlf(unit("Send", "x"), language="es"),
    ):
        with pytest.raises(WordsRefused, match="says that it is in “es”, not in ru"):
            read_words(written(tmp_path, content), RU)
    silent = xlf(unit("Send", "Послать"), language="")
    assert read_words(written(tmp_path, silent), RU) == [("Send", "", Translation(("Послать",)))]
    regional = po('msgid "Send"\nmsgstr "Enviar"', language="es_MX")
    assert len(read_words(written(tmp_path, regional), ES)) == 1


def test_a_po_file_that_miscounts_its_plural_forms_can_still_be_named(tmp_path):
    entry = 'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
    entry += "\n".join(f'msgstr[{number}] "%(n)s"' for number in range(4))
    for forms in (1, 2, 4):
        given = read_words(written(tmp_path, po(entry, forms=forms)), RU)
        with pytest.raises(
            WordsRefused, match=r"ru, “%\(n\)s day”: has 4 plural forms; the language has 3\."
        ):
            taken(given)


@pytest.mark.parametrize(
    ("state", "read"),
    [
        ("final", "reviewed"), ("signed-off", "reviewed"), ("translated", "draft"), ("new", "draft"),
        ("needs-translation", "changed"), ("needs-review-translation", "changed"), ("x-own", "draft"),
    ],
)  # fmt: skip
def test_each_state_of_xliff_is_one_of_ours(tmp_path, state, read):
    ((_, _, said),) = read_words(written(tmp_path, xlf(unit("Send", "Послать", state))), RU)
    assert said.state == read


@pytest.mark.parametrize("state", ["needs-translation", "needs-review-translation", "needs-adaptation"])
def test_what_a_tool_doubts_is_not_reviewed_though_somebody_approved_it_once(tmp_path, state):
    doubted = unit("Send", "Послать", state).replace('id="x"', 'id="x" approved="yes"')
    ((_, _, said),) = read_words(written(tmp_path, xlf(doubted)), RU)
    assert said.state == "changed"


def test_an_approved_unit_without_a_state_is_reviewed_and_one_with_nothing_is_empty(tmp_path):
    approved = '<trans-unit id="x" approved="yes"><source>Send</source><target>Послать</target></trans-unit>'
    bare = '<trans-unit id="y"><source>Help</source></trans-unit>'
    found = read_words(written(tmp_path, xlf(approved, bare)), RU)
    assert found == [("Send", "", Translation(("Послать",), "reviewed")), ("Help", "", None)]


def test_plural_forms_are_as_sure_as_the_least_sure_of_them(tmp_path):
    units = (unit("%(n)s day", "%(n)s день", "final"), unit("%(n)s days", "%(n)s дня", "needs-l10n"))
    group = f'<group restype="x-gettext-plurals" id="x">{"".join(units)}</group>'
    empty = '<group restype="x-gettext-plurals" id="y"></group>'
    found = read_words(written(tmp_path, xlf(group, empty)), RU)
    said = Translation(("%(n)s день", "%(n)s дня"), "changed")
    assert found == [("%(n)s day", "%(n)s days", said), ("", "", None)]


def test_markup_inside_a_target_is_seen_by_the_check(tmp_path):
    found = read_words(written(tmp_path, xlf(unit("Send", 'По<g id="1">сл</g>ать'))), RU)
    with pytest.raises(WordsRefused, match="holds markup"):
        taken(found)


@pytest.mark.parametrize(
    "before",
    [
        '<!DOCTYPE xliff [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE xliff SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE xliff [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<?xml version="1.0"?>\n<!DOCTYPE xliff>',
    ],
)
def test_a_document_type_is_refused_before_anything_is_read(tmp_path, before):
    with pytest.raises(WordsRefused, match="has a document type"):
        read_words(written(tmp_path, xlf(unit("Send", "&b;"), before=before)), RU)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("<xliff", "is no XML"),
        ("<xliff><unclosed></xliff>", "is no XML"),
        ("<?xml version='1.0' encoding='klingon'?><xliff/>", "is no XML"),
        ("<html></html>", "is no XLIFF"),
        (xlf(namespace="urn:oasis:names:tc:xliff:document:2.0"), "is no XLIFF"),
        ("not a catalog", "is no .po file"),
        (
            xlf(unit("Send", "x")).replace("</xliff>", '<file target-language="es"/></xliff>'),
            "holds several languages: es, ru",
        ),
    ],
)
def test_what_is_no_file_of_words_is_refused_in_a_sentence(tmp_path, content, sentence):
    with pytest.raises(WordsRefused, match=sentence):
        read_words(written(tmp_path, content), RU)


def test_the_name_of_a_file_decides_where_its_beginning_does_not(tmp_path):
    content = xlf(unit("Send", "Послать")).encode("utf-16")
    assert len(read_words(written(tmp_path, content, "words.xlf"), RU)) == 1


def test_a_file_larger_than_any_catalog_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(wordfiles, "LARGEST", 10)
    with pytest.raises(WordsRefused, match="larger than any catalog"):
        read_words(written(tmp_path, po()), RU)


@given(st.binary(max_size=200) | st.text(alphabet='<>/&;!?[]"= xliffgroup', max_size=80).map(str.encode))
def test_no_bytes_make_the_xliff_reader_fail_otherwise_than_in_a_sentence(raw):
    with pytest.raises(ValueError, match=r"^the file "):
        xliff.read(raw)
