"""A survey moves in, is looked over, stored, asked and released: the commands of whoever brings one."""

import io
import json

import pytest
from babel.messages.pofile import read_po
from pyxform.xls2xform import convert
from sqlalchemy import select

from feedback.commands import forms
from feedback.languages import LANGUAGES, language_named
from feedback.storage.staff_tables import AuditRow
from feedback.translations.sections import texts_of
from surveys.instruments import ShowIf, load_instrument, shipped_instruments
from surveys.toml_text import write_instrument
from tests.support.commands import does, refuses
from tests.support.forms.survey_forms import submission_key
from tests.support.instruments import OWN
from tests.support.sandbox import DOMAINS

SATISFACTION = """
| survey |
| | type | name | label::English (en) | label::Español (es) | required | relevant | appearance | constraint |
| | start | start | | | | | | |
| | deviceid | deviceid | | | | | | |
| | begin_group | visit | Your visit | Su visita | | | | |
| | integer | age | How old are you? | ¿Cuántos años tiene? | yes | | | . > 0 |
| | note | n1 | The next ones are about today. | Las siguientes son sobre hoy. | | | | |
| | select_one yn | saw_staff | Did you meet with staff today? | ¿Se reunió con el personal hoy? | yes | | | |
| | select_one sat | staff_kind | How kind were they? | ¿Fueron amables? | | ${saw_staff} = 'yes' | likert | |
| | select_multiple needs | got | What did you get here? | ¿Qué recibió aquí? | | | | |
| | end_group | | | | | | | |
| | note | n2 | Please leave out names. | Por favor, no ponga nombres. | | | | |
| | text | got_other | What else did you get? | ¿Qué más recibió? | | selected(${got}, 'other') | | |
| | note | n3 | No names here either. | Tampoco ponga nombres aquí. | | | | |
| | text | more | What should we do better? | ¿Qué deberíamos hacer mejor? | | | multiline | |
| choices |
| | list_name | name | label::English (en) | label::Español (es) |
| | yn | yes | Yes | Sí |
| | yn | no | No | No |
| | sat | 1 | Not kind | Nada amables |
| | sat | 2 | Kind | Amables |
| | needs | food | Food | Comida |
| | needs | ride | A ride | Un viaje |
| | needs | other | Some other thing | Otra cosa |
| | needs | na | Prefer not to say | Prefiero no decir |
| settings |
| | form_title | form_id | version | default_language |
| | Vista Client Satisfaction | vista_visit | 2024051301 | Español (es) |
"""


@pytest.fixture
def satisfaction(tmp_path):
    """A form as a contractor has it in Kobo: required answers, rules, groups, an “other”, Spanish words."""
    file = tmp_path / "satisfaction.md"
    file.write_text(SATISFACTION, encoding="utf-8")
    return file


def entries(sandbox):
    async def read(session):
        return [(it.action, it.object) for it in (await session.execute(select(AuditRow))).scalars()]

    return sandbox.in_transaction(read)


# import-xlsform.


def test_a_form_becomes_an_instrument_file_and_words_in_its_other_languages(command, satisfaction, tmp_path):
    lines = does(command("survey", "import-xlsform", satisfaction)).splitlines()
    out = tmp_path / "satisfaction.toml"
    instrument = load_instrument(out)
    assert lines[0] == f"{out} was written: {len(instrument.questions)} questions for youth."
    assert f"{tmp_path / 'satisfaction.es.po'} was written: a draft until a person has read it." in lines
    assert (
        "  Row 5, age: was left out: a number or a date can single a person out; offer ranges to choose from."
        in lines
    )
    assert "  Row 7, saw_staff: it can be skipped here; nothing is required." in lines
    assert lines[-1] == f"Look it over, mend what the linter says, then run `feedback survey add {out}`."
    assert (instrument.id, instrument.title) == ("vista-visit", "Your feedback")
    assert instrument.audiences == ("youth",)
    assert instrument.question("saw-staff").notice == "The next ones are about today."
    assert instrument.question("staff-kind").show_if == ShowIf("saw-staff", ("yes",))
    assert instrument.question("got").codes == ("food", "ride", "other")
    raw = (tmp_path / "satisfaction.es.po").read_bytes()
    catalog = read_po(io.BytesIO(raw), locale="es")
    assert catalog.get("How kind were they?").string == "¿Fueron amables?"
    assert {message.id for message in catalog if message.id} <= set(texts_of(instrument))
    assert b"No person has reviewed these words yet." in raw


def test_the_operator_says_the_id_the_audience_and_the_place(command, satisfaction, tmp_path):
    out = tmp_path / "mine.toml"
    text = does(
        command("survey", "import-xlsform", satisfaction, "--id", "olive-visit", "--audience", "caregiver",
                "--audience", "youth", "--out", out)
    )  # fmt: skip
    instrument = load_instrument(out)
    assert (instrument.id, instrument.audiences) == ("olive-visit", ("caregiver", "youth"))
    assert "The form does not say whom it asks" not in text
    assert (tmp_path / "mine.es.po").exists()


def test_what_the_linter_would_refuse_is_said_at_once(command, tmp_path):
    file = tmp_path / "rough.md"
    file.write_text(
        "| survey |\n| | type | name | label |\n| | text | x | Why did the abuse happen to you? |\n"
    )
    text = does(command("survey", "import-xlsform", file))
    assert "What the linter says:\n  rough" in text
    assert "may not appear on a page for respondents" in text


@pytest.mark.parametrize("there", ["satisfaction.toml", "satisfaction.es.po"])
def test_moving_a_form_in_writes_over_no_file(command, satisfaction, tmp_path, there):
    (tmp_path / there).write_text("mine")
    sentence = refuses(command("survey", "import-xlsform", satisfaction))
    assert sentence == f"{tmp_path / there} is there already; nothing is written over."
    assert {path.name for path in tmp_path.iterdir()} == {"satisfaction.md", there}


def test_a_disk_that_fails_leaves_no_file_of_several(tmp_path):
    with pytest.raises(FileNotFoundError):
        forms._write_new({tmp_path / "one": b"1", tmp_path / "nowhere" / "two": b"2"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("form.docx", b"x", "an XLSForm is a file ending in"),
        ("form.xlsx", b"", "is empty."),
        ("form.xlsx", b"PK\x03\x04", "is damaged, or not what its name says."),
        ("form.md", b"a letter, not a table", "is damaged, or not what its name says."),
        (
            "form.md",
            b"| survey |\n| | type | name |\n| | start | start |\n",
            "asks nothing that can be asked",
        ),
    ],
)
def test_what_is_no_form_is_refused_and_nothing_is_written(command, tmp_path, name, content, sentence):
    file = tmp_path / name
    file.write_bytes(content)
    outcome = command("survey", "import-xlsform", file)
    assert (outcome.status, outcome.out) == (1, "")
    assert sentence in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_an_id_that_is_none_is_refused(command, satisfaction, tmp_path):
    sentence = command("survey", "import-xlsform", satisfaction, "--id", "My Survey").err
    assert "“My Survey” should be lower-case words joined by hyphens." in sentence
    assert not (tmp_path / "satisfaction.toml").exists()


# survey add, list, show, check.


def test_an_instrument_is_stored_seen_everywhere_and_audited(feedback, sandbox, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(write_instrument(OWN), encoding="utf-8")
    assert does(feedback("survey", "add", file)).startswith("vista-visit version 1 is stored;")
    assert entries(sandbox) == [("survey.add", "vista-visit version 1")]
    assert "vista-visit" in [it["id"] for it in json.loads(does(feedback("survey", "list", "--json")))]
    assert (
        json.loads(does(feedback("survey", "show", "vista-visit", "--json")))["questions"][0]["id"] == "ride"
    )
    text = does(feedback("survey", "check"))
    summary, languages = text.splitlines()
    assert summary == f"{len(shipped_instruments()) + 1} instruments break no rule that a program can see."
    assert languages.startswith("vista-visit is not offered in es, zh-Hans,")
    link = json.loads(
        does(
            feedback(
                "link",
                "add",
                "--program",
                "frp",
                "--audience",
                "youth",
                "--instrument",
                "vista-visit",
                "--json",
            )
        )
    )
    with sandbox.survey_door() as door:
        assert "How did you get here?" in door.get(f"/s/{link['slug']}").text
    assert refuses(feedback("survey", "add", file)) == "vista-visit is stored exactly so already."
    assert [action for action, _ in entries(sandbox)] == ["survey.add", "link.add"]


def test_an_instrument_that_breaks_a_rule_is_not_stored(feedback, sandbox, tmp_path):
    file = tmp_path / "rough.toml"
    rough = write_instrument(OWN).replace("How did you get here?", "Why did the abuse happen?")
    file.write_text(rough, encoding="utf-8")
    outcome = feedback("survey", "add", file)
    assert (outcome.status, outcome.out) == (1, "")
    assert "may not appear on a page for respondents" in outcome.err
    assert entries(sandbox) == []
    assert "vista-visit" not in does(feedback("survey", "list"))


def test_without_a_deployment_the_shipped_instruments_are_shown(command, tmp_path):
    assert len(does(command("survey", "list")).splitlines()) == len(shipped_instruments())
    file = tmp_path / "own.toml"
    file.write_text(write_instrument(OWN), encoding="utf-8")
    assert "run `feedback init` first" in refuses(command("survey", "add", file))


@pytest.mark.slow
def test_a_contractor_s_form_goes_the_whole_way(feedback, sandbox, satisfaction, tmp_path):
    """Moved in, mended, stored, linked, answered, released: the tables hold its own question."""
    feedback("survey", "import-xlsform", satisfaction)
    out = tmp_path / "satisfaction.toml"
    does(feedback("survey", "add", out))
    slug = sandbox.link(instrument="vista-visit")
    with sandbox.survey_door() as door:
        for _ in range(110):
            core_answers = {f"core-{domain}": "5" for domain in DOMAINS}
            answers = {
                "_once": submission_key(door, f"/s/{slug}"),
                "saw-staff": "yes",
                "staff-kind": "2",
                "got": "ride",
                **core_answers,
            }
            assert door.post(f"/s/{slug}", data=answers).status_code == 303
    sandbox.on("2026-10-15").release()
    (row,) = [row for row in sandbox.tables() if row.table == "T1d" and row.n]
    assert (row.n, row.n_details) == (110, 110)
    assert row.figure("option:staff-kind:2").value > row.figure("option:staff-kind:1").value
    assert row.figure("option:got:ride").value > row.figure("option:got:food").value


# export-xlsform.


def test_an_instrument_leaves_as_a_form_in_every_language_and_comes_back(command, tmp_path):
    file, out = tmp_path / "out.xlsx", tmp_path / "back.toml"
    text = does(command("survey", "export-xlsform", "plan-community", file))
    assert text == f"{file} was written, in {len(LANGUAGES)} languages.\n"
    form = convert(xlsform=file, validate=False)
    assert form.xform.count("<translation ") == len(LANGUAGES)
    assert "不" in form.xform
    back = does(command("survey", "import-xlsform", file, "--out", out))
    assert load_instrument(out) == shipped_instruments()["plan-community"]
    assert "could not come along" not in back
    assert len(list(tmp_path.glob("back.*.po"))) == len(LANGUAGES) - 1
    again = command("survey", "export-xlsform", "plan-community", file)
    assert refuses(again) == f"{file} is there already; nothing is written over."
    assert "There is no instrument “nosuch”" in refuses(command("survey", "export-xlsform", "nosuch", out))


def test_a_language_that_lacks_a_word_gets_no_column(feedback, tmp_path):
    own, file = tmp_path / "own.toml", tmp_path / "own.xlsx"
    own.write_text(write_instrument(OWN), encoding="utf-8")
    does(feedback("survey", "add", own))
    assert does(feedback("survey", "export-xlsform", "vista-visit", file)).endswith("in 1 languages.\n")


NAMED = {
    "es": ["Español (es)", "Spanish", "spanish (mexico)", "es-MX"],
    "en": ["English", "English (en)"],
    "fil": ["Tagalog (tl)", "Tagalog", "Filipino"],
    "fa": ["Farsi", "Persian (fa)"],
    "zh-Hans": ["Chinese (Simplified)", "简体中文"],
    "zh-Hant": ["Traditional Chinese", "繁體中文 (zh-Hant)"],
    None: ["Français (fr)", "default", "", "()"],
}


@pytest.mark.parametrize(("name", "tag"), [(name, tag) for tag, names in NAMED.items() for name in names])
def test_a_language_is_known_by_what_forms_call_it(name, tag):
    language = language_named(name)
    assert (language and language.tag) == tag


def test_every_language_is_known_by_its_own_name_and_its_column():
    for language in LANGUAGES.values():
        assert language_named(language.name) is language
        assert language_named(f"{language.name} ({language.tag})") is language
