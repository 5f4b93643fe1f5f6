"""The rules as they are written are those that the code has: measures, what a respondent meets, formats."""

import re

import pytest

from analysis.batch_ledger import Batch
from analysis.figures import Figure
from analysis.publishing.metrics import METRICS
from analysis.publishing.process_measures import Measure
from analysis.publishing.rows import Row
from feedback.app import LARGEST_SURVEY_BODY, create_staff_app, create_survey_app
from feedback.commands.translating import LanguageStanding
from feedback.fieldwork.reading_plans import ReadingPlan
from feedback.inbox.sealing import ROW_BYTES, SEAL_BYTES, USED_KEY_QUARTERS
from feedback.languages import LANGUAGES, SOURCE
from feedback.release.ledgerfiles import LedgerFile
from feedback.results.columns import DICTIONARY, NOTE, PROCESS, RESULTS
from feedback.results.exports import LOG_COLUMNS
from feedback.results.selections import FILTERS, OWN_FIELDS
from feedback.staff.accounts import Person
from feedback.web.survey.survey_form import PROOF, ReturnNote
from surveys.answers import CONSENTS, LONGEST_TEXT, LONGEST_TEXT_BYTES
from surveys.checking import HIGHEST_GRADE, LONGEST_SENTENCE, MOST_MINUTES, MOST_SCALES, MOST_TEXTS
from surveys.domains import CORE_DOMAINS, DOMAINS
from surveys.help import help_lines
from surveys.instruments import shipped_instruments
from surveys.reading import EASY_IN_SPANISH
from surveys.registry import Contractor, Program, Programs, default_instrument, shipped_programs
from tests.support.repository import DOCS, ROOT
from tests.support.site import routes

IN_WORDS = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
SCRIPT_OF_TABLETS = (ROOT / "feedback" / "web" / "survey" / "inline" / "tablet.js").read_text("utf-8")


def law(name: str) -> str:
    """A document in one line, as it is read."""
    return " ".join((DOCS / f"{name}.md").read_text("utf-8").split())


def rows(name: str, head: str) -> list[list[str]]:
    """The cells of the table under this head."""
    lines = (DOCS / f"{name}.md").read_text("utf-8").splitlines()
    begins = lines.index(head) + 2
    ends = next((n for n, line in enumerate(lines) if n > begins and not line.startswith("|")), len(lines))
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[begins:ends]]


def test_the_table_of_measures_is_that_of_the_code():
    table = [[f"`{it.id}`", it.name, it.formula, it.direction, ", ".join(it.strategies)] for it in METRICS]
    assert rows("measures", "| id | name | formula | good | strategies |") == table


def test_the_instruments_are_those_that_ship():
    instruments = {name: [minutes, scales] for name, _, minutes, scales in _instruments()}
    assert instruments == {
        f"`{it.id}`": [str(it.minutes), str(sum(q.kind == "scale" for q in it.questions))]
        for it in shipped_instruments().values()
    }


def _instruments() -> list[list[str]]:
    return rows("measures", "| instrument | asks | minutes | scales |")


def test_which_instrument_a_link_opens_is_what_the_measures_say():
    audiences = {"young people": "youth", "experts": "expert", "parents and caregivers": "caregiver"}
    table = rows("measures", "| program | audience | instrument |")
    assert len(table) == 6
    for program in shipped_programs().programs:
        for audience in program.audiences:
            first = next(
                instrument
                for kind, whose, instrument in table
                if _is_kind(program, kind) and audiences.get(whose, audience) == audience
            )
            assert first == f"`{default_instrument(program, audience)}`", (program.id, audience)


def _is_kind(program: Program, kinds: str) -> bool:
    if "countywide" in kinds:
        return program.kind == "county program" and "2.3" in program.strategies
    return kinds == "any other" or program.kind in kinds.split(", ")


def test_every_domain_is_in_the_measures():
    text = law("measures").partition("## Domains")[2].partition("## Good answers")[0]
    assert [it for it in DOMAINS if not re.search(rf"\b{it}\b", text)] == []
    assert len(CORE_DOMAINS) == 8


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("respondent", f"A box takes {LONGEST_TEXT:,} characters and {LONGEST_TEXT_BYTES:,} bytes."),
        ("respondent", f"at most {IN_WORDS[MOST_SCALES]} scales and {IN_WORDS[MOST_MINUTES]} minutes"),
        ("respondent", f"At most {IN_WORDS[MOST_TEXTS]} text boxes"),
        ("respondent", f"English reads at school grade {HIGHEST_GRADE:.0f} or below"),
        ("respondent", f"on average at {EASY_IN_SPANISH:.0f} or above"),
        ("respondent", f"No sentence has more than {LONGEST_SENTENCE} words"),
        ("respondent", f"(`feedback/languages.py`): {', '.join(LANGUAGES)}."),
        ("architecture", f"padded to {ROW_BYTES:,} bytes"),
        ("architecture", f"the seal adds {SEAL_BYTES}"),
        ("architecture", f"kept {IN_WORDS[USED_KEY_QUARTERS]} releases longer"),
        ("interface", f"at most {LARGEST_SURVEY_BODY:,} bytes"),
        ("interface", f"`_consent` ({', '.join(f'`{it}`' for it in CONSENTS)})"),
        ("interface", f"in the header `{PROOF}`"),
    ],
)
def test_a_law_has_the_number_that_the_code_has(name, sentence):
    assert sentence in law(name)


def test_a_tablet_rests_as_long_as_the_law_says():
    waits = [
        int(float(it)) // 1000 for it in re.findall(r"setTimeout\([^;]+, (\d+e\d+)\)", SCRIPT_OF_TABLETS)
    ]
    assert sorted(waits) == [20, 40]
    assert "after 40 seconds of rest it asks, 20 seconds later it empties itself" in law("respondent")


def test_every_help_line_is_in_the_law():
    text = law("respondent")
    assert [it.id for it in help_lines(whole=True) if it.call and it.call not in text] == []


def test_every_language_of_the_county_is_counted():
    assert len(LANGUAGES) == 15
    assert SOURCE.tag == "en"


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_address_is_in_the_interface_and_every_address_there_is_one(sandbox):
    text = (DOCS / "interface.md").read_text("utf-8")
    addresses = re.findall(r"`(?:GET |POST )?(/[^`\s]*)`", text.partition("## The survey door")[2])
    paths = {
        re.sub(r"\{[^}]*\}", "<>", path)
        for create in (create_survey_app, create_staff_app)
        for _, path, _ in routes(create(sandbox.settings))
    }
    assert {re.sub("<[^>]*>", "<>", it) for it in addresses} == paths - {"/<>"}


def test_every_status_of_a_reply_is_in_the_interface():
    statuses = {
        int(it)
        for row in rows("interface", "| reply to a page | when |")
        for it in re.findall(r"\d{3}", row[0])
    }
    assert {it.value for it in ReturnNote if it.value} <= statuses
    assert {303, 403, 408, 413, 415} <= statuses


@pytest.mark.parametrize(
    "struct",
    [
        Batch,
        Row,
        Figure,
        Measure,
        LedgerFile,
        Program,
        Programs,
        Contractor,
        Person,
        ReadingPlan,
        LanguageStanding,
    ],
)
def test_every_field_that_another_program_reads_is_in_the_interface(struct):
    text = law("interface")
    fields = struct.__struct_encode_fields__
    assert [it for it in fields if f"`{it}`" not in text and f'"{it}"' not in text] == []


def test_every_column_of_a_file_is_in_the_interface():
    text = law("interface")
    columns = (*RESULTS.header, *PROCESS.header, *DICTIONARY.header, NOTE.name, *LOG_COLUMNS)
    assert [it for it in columns if f"`{it}`" not in text] == []


def test_whatever_a_file_is_chosen_by_is_in_the_interface():
    text = law("interface").partition("On the staff door an address chooses by")[2]
    assert [it for it in (*FILTERS, *OWN_FIELDS) if f"`{it}`" not in text] == []
