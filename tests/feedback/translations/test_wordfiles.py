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
TRANSLATIONS = {
    "Send": Translation(("Отправить",), "reviewed"),
    SKIP.source: Translation(("Можно пропустить любой вопрос. «Любой» & все.",), "changed", "You can skip."),
    DAYS.source: Translation(("%(n)s день", "%(n)s дня", "%(n)s дней")),
    "Help": Translation(
        ("  Помощь",),
    ),
}
RUSSIAN = Catalog(RU, TRANSLATIONS)
EVERY = sections(shipped_instruments().values(), shipped_programs().programs)
each_format = pytest.mark.parametrize("kind", FORMATS)


def word_file(tmp_path, content, name="words.txt"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def plan_of(entries, catalog=RUSSIAN, reviewed=False, here=HERE, instruments=()):
    return take(catalog, here, instruments, entries, reviewed=reviewed)


def po(*entries, language="ru", forms=3):
    head = f'"Language: {language}\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
    head += f'"Plural-Forms: nplurals={forms}; plural=0;\\n"\n'
    return f'msgid ""\nmsgstr ""\n{head}\n' + "\n\n".join(entries) + "\n"


def unit(source, target, state="translated"):
    words = f'<source>{source}</source><target state="{state}">{target}</target>'
    return f'<trans-unit id="x">{words}</trans-unit>'


def xlf(*units, language="ru", namespace="urn:oasis:names:tc:xliff:document:1.2", before=""):
    attributes = f'source-language="en" target-language="{language}" datatype="plaintext" original="x"'
    body = f"<file {attributes}><body>{''.join(units)}</body></file>"
    return f'{before}<xliff version="1.2" xmlns="{namespace}">{body}</xliff>'


@each_format
def test_every_message_state_and_plural_form_comes_back_as_it_went_out(tmp_path, kind):
    path = word_file(tmp_path, write_words(RUSSIAN, HERE, kind))
    entries = {source: (plural, words) for source, plural, words in read_words(path, RU)}
    assert {source: words for source, (_, words) in entries.items() if words} == TRANSLATIONS
    assert entries["Leave"] == ("", None)
    assert entries[DAYS.source][0] == DAYS.plural
    assert list(entries) == [message.source for section in HERE for message in section.messages]


@each_format
@pytest.mark.parametrize("tag", [tag for tag in LANGUAGES if tag != "en"])
def test_every_shipped_catalog_goes_out_and_comes_in_and_changes_nothing(tmp_path, kind, tag):
    catalog = shipped_catalogs()[tag]
    path = word_file(tmp_path, write_words(catalog, EVERY, kind))
    plan = take(
        catalog, EVERY, shipped_instruments().values(), read_words(path, LANGUAGES[tag]), reviewed=False
    )
    assert (plan.translations, plan.empty, plan.unproven) == ([], 0, 0)
    assert plan.as_before == sum(len(section.messages) for section in EVERY)


@each_format
def test_a_file_says_where_each_message_stands_and_what_its_english_was(kind):
    text = write_words(RUSSIAN, HERE, kind).decode()
    for words in ("q, text", "r, text", "You can skip."):
        assert words in text
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
    words = {**TRANSLATIONS, "Send": Translation(("Послать",), "reviewed"), "Leave": Translation(("Уйти",))}
    entries = read_words(word_file(tmp_path, write_words(Catalog(RU, words), HERE, kind)), RU)
    plan = plan_of(entries)
    assert {message.source: it.state for message, it in plan.translations} == {"Leave": "draft"}
    assert [(message.source, forms) for message, forms in plan.proposals] == [("Send", ("Послать",))]
    assert (plan.unproven, plan.as_before, plan.number("draft")) == (1, 3, 1)
    reviewed_plan = plan_of(entries, reviewed=True)
    everything = {"Send", "Help", "Leave", DAYS.source}
    assert {message.source: it.state for message, it in reviewed_plan.translations} == dict.fromkeys(
        everything, "reviewed"
    )
    assert (reviewed_plan.proposals, reviewed_plan.unproven, reviewed_plan.as_before) == ([], 0, 1)


def test_words_left_alone_keep_their_review_and_only_somebody_who_is_named_calls_them_wrong():
    plan = plan_of([("Send", "", Translation(("Отправить",)))])
    assert (plan.translations, plan.as_before) == ([], 1)
    entries = [("Send", "", Translation(("Отправить",), "changed"))]
    nobody = plan_of(entries)
    assert (nobody.translations, nobody.proposals, nobody.as_before) == ([], [], 1)
    somebody = plan_of(entries, reviewed=True)
    assert [(it.state, it.forms) for _, it in somebody.translations] == [("changed", ("Отправить",))]
    again = plan_of([("Help", "", Translation(("  Помощь",), "reviewed"))])
    assert (again.unproven, again.number("draft")) == (1, 1)


@pytest.mark.parametrize("reviewed", [False, True])
@pytest.mark.parametrize("state", ["draft", "reviewed", "changed"])
def test_nothing_that_nobody_vouched_for_takes_the_place_of_reviewed_words(state, reviewed):
    plan = plan_of([("Send", "", Translation(("Послать",), state))], reviewed=reviewed)
    if reviewed and state != "changed":
        assert [it for _, it in plan.translations] == [Translation(("Послать",), "reviewed")]
    else:
        assert (plan.translations, [forms for _, forms in plan.proposals]) == ([], [("Послать",)])


@pytest.mark.parametrize("state", ["draft", "reviewed", "changed"])
def test_drafts_and_words_for_the_english_before_are_replaced_as_the_file_says(state):
    for source in ("Help", SKIP.source, "Leave"):
        plan = plan_of([(source, "", Translation(("Слово",), state))])
        assert [it.state for _, it in plan.translations] == ["changed" if state == "changed" else "draft"]
        assert plan.proposals == []


def test_what_waits_from_a_file_is_checked_as_strictly_as_what_is_taken():
    instrument = shipped_instruments()["youth-experience"]
    options = next(it for it in instrument.questions if it.kind == "scale").options
    translations = shipped_catalogs()["es"].translations
    first = translations[options[0].text].forms
    catalog = Catalog(ES, {source: Translation(it.forms, "reviewed") for source, it in translations.items()})
    with pytest.raises(WordsRefused, match="two of its answers read"):
        plan_of([(options[1].text, "", Translation(first))], catalog, here=EVERY, instruments=[instrument])
    with pytest.raises(WordsRefused, match="holds markup"):
        plan_of([("Send", "", Translation(("<b>Послать</b>",)))])


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
SECTIONS = [
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
    file = word_file(tmp_path, (b"\xef\xbb\xbf" if "mark" in ends else b"") + raw, name)
    entries = read_words(file, ES, "Ana Ruiz")
    # One message is as before but a draft, one says something else.
    drafts = Catalog(ES, {"Send": Translation(("Mandar",)), QUESTION.source: Translation(("%(number)s",))})
    plan = plan_of(entries, drafts, reviewed=True, here=SECTIONS)
    assert {message.source: (it.state, it.forms) for message, it in plan.translations} == {
        "Send": ("reviewed", ("Mandar",)),
        QUESTION.source: ("reviewed", ("Pregunta %(number)s de %(count)s",)),
        "Leave": ("changed", ("Salir",)),
    }
    assert (plan.empty, plan.as_before, plan.proposals) == (1, 0, [])
    after = Catalog(ES, {message.source: it for message, it in plan.translations})
    again = plan_of(entries, after, reviewed=True, here=SECTIONS)
    assert again.translations == [], "once more changes nothing"


@pytest.mark.parametrize(
    "name", ["Rosa Díaz", "ROSA DÍAZ", " rosa   díaz ", "rosa@example.org", "R. <rosa@EXAMPLE.org>"]
)
def test_whoever_the_file_names_as_its_translator_cannot_have_reviewed_it(tmp_path, name):
    file = word_file(tmp_path, POEDIT, "es.po")
    with pytest.raises(
        WordsRefused, match=r"Rosa Díaz <Rosa@Example\.org> translated it\. Nobody reviews their own"
    ):
        read_words(file, ES, name)
    assert len(read_words(file, ES, "Rosa")) == 4, "another one"
    assert len(read_words(file, ES)) == 4, "without a review anybody's file is taken"


def test_every_fault_is_named_by_message_and_language_and_nothing_is_taken():
    entries = [
        ("Send", "", Translation(("<b>Послать</b>",))),
        ("No such words", "", Translation(("Нет",))),
        (DAYS.source, DAYS.plural, Translation(("%(n)s день", "%(n)s дня"))),
        ("Help", "", Translation(("%(who)s",))),
        ("Help", "", None),
        (DAYS.source, "", None),
    ]
    with pytest.raises(WordsRefused) as refused:
        plan_of(entries)
    lines = str(refused.value).splitlines()
    assert len(lines) == 6
    assert all(line.startswith("ru, “") for line in lines)
    for problem in ("holds markup", "no such message here", "2 plural forms", "no place", "stands twice"):
        assert any(problem in line for line in lines), problem


def test_a_scale_whose_points_would_read_the_same_is_refused():
    instrument = shipped_instruments()["youth-experience"]
    options = next(it for it in instrument.questions if it.kind == "scale").options
    catalog = shipped_catalogs()["es"]
    entries = [(options[1].text, "", Translation((catalog.gettext(options[0].text),)))]
    with pytest.raises(WordsRefused, match="two of its answers read"):
        plan_of(entries, catalog, here=EVERY, instruments=[instrument])


def test_a_file_in_another_language_is_refused(tmp_path):
    for content in (
        po('msgid "Send"\nmsgstr "Enviar"', language="es"),
        xlf(unit("Send", "x"), language="es"),
    ):
        with pytest.raises(WordsRefused, match="says that it is in “es”, not in ru"):
            read_words(word_file(tmp_path, content), RU)
    silent = xlf(unit("Send", "Послать"), language="")
    assert read_words(word_file(tmp_path, silent), RU) == [("Send", "", Translation(("Послать",)))]
    regional = po('msgid "Send"\nmsgstr "Enviar"', language="es_MX")
    assert len(read_words(word_file(tmp_path, regional), ES)) == 1


def test_a_po_file_that_miscounts_its_plural_forms_can_still_be_named(tmp_path):
    entry = 'msgid "%(n)s day"\nmsgid_plural "%(n)s days"\n'
    entry += "\n".join(f'msgstr[{number}] "%(n)s"' for number in range(4))
    for forms in (1, 2, 4):
        entries = read_words(word_file(tmp_path, po(entry, forms=forms)), RU)
        with pytest.raises(
            WordsRefused, match=r"ru, “%\(n\)s day”: has 4 plural forms; the language has 3\."
        ):
            plan_of(entries)


@pytest.mark.parametrize(
    ("state", "ours"),
    [
        ("final", "reviewed"), ("signed-off", "reviewed"), ("translated", "draft"), ("new", "draft"),
        ("needs-translation", "changed"), ("needs-review-translation", "changed"), ("x-own", "draft"),
    ],
)  # fmt: skip
def test_each_state_of_xliff_is_one_of_ours(tmp_path, state, ours):
    ((_, _, words),) = read_words(word_file(tmp_path, xlf(unit("Send", "Послать", state))), RU)
    assert words.state == ours


@pytest.mark.parametrize("state", ["needs-translation", "needs-review-translation", "needs-adaptation"])
def test_what_a_tool_doubts_is_not_reviewed_though_somebody_approved_it_once(tmp_path, state):
    approved_unit = unit("Send", "Послать", state).replace('id="x"', 'id="x" approved="yes"')
    ((_, _, words),) = read_words(word_file(tmp_path, xlf(approved_unit)), RU)
    assert words.state == "changed"


def test_an_approved_unit_without_a_state_is_reviewed_and_one_with_nothing_is_empty(tmp_path):
    approved = '<trans-unit id="x" approved="yes"><source>Send</source><target>Послать</target></trans-unit>'
    bare = '<trans-unit id="y"><source>Help</source></trans-unit>'
    entries = read_words(word_file(tmp_path, xlf(approved, bare)), RU)
    assert entries == [("Send", "", Translation(("Послать",), "reviewed")), ("Help", "", None)]


def test_plural_forms_are_as_sure_as_the_least_sure_of_them(tmp_path):
    units = (unit("%(n)s day", "%(n)s день", "final"), unit("%(n)s days", "%(n)s дня", "needs-l10n"))
    group = f'<group restype="x-gettext-plurals" id="x">{"".join(units)}</group>'
    empty = '<group restype="x-gettext-plurals" id="y"></group>'
    entries = read_words(word_file(tmp_path, xlf(group, empty)), RU)
    words = Translation(("%(n)s день", "%(n)s дня"), "changed")
    assert entries == [("%(n)s day", "%(n)s days", words), ("", "", None)]


def test_markup_inside_a_target_is_seen_by_the_check(tmp_path):
    entries = read_words(word_file(tmp_path, xlf(unit("Send", 'По<g id="1">сл</g>ать'))), RU)
    with pytest.raises(WordsRefused, match="holds markup"):
        plan_of(entries)


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
        read_words(word_file(tmp_path, xlf(unit("Send", "&b;"), before=before)), RU)


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
        read_words(word_file(tmp_path, content), RU)


def test_the_name_of_a_file_decides_where_its_beginning_does_not(tmp_path):
    content = xlf(unit("Send", "Послать")).encode("utf-16")
    assert len(read_words(word_file(tmp_path, content, "words.xlf"), RU)) == 1


def test_a_file_larger_than_any_catalog_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(wordfiles, "LARGEST", 10)
    with pytest.raises(WordsRefused, match="larger than any catalog"):
        read_words(word_file(tmp_path, po()), RU)


@given(st.binary(max_size=200) | st.text(alphabet='<>/&;!?[]"= xliffgroup', max_size=80).map(str.encode))
def test_no_bytes_make_the_xliff_reader_fail_otherwise_than_in_a_sentence(raw):
    with pytest.raises(ValueError, match=r"^the file "):
        xliff.read(raw)
