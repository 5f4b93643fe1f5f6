"""Words that would run, break out or hide, for every place where words are stored and shown."""

import msgspec

from feedback.fieldwork import links
from feedback.fieldwork.instruments import add_instrument
from feedback.fieldwork.programs import store_programs
from feedback.languages import LANGUAGES
from feedback.staff.audit import record
from feedback.translations.catalogs import Message, Translation
from feedback.translations.proofreading import problems
from feedback.translations.words import store_translations
from surveys.instruments import Instrument, Option, shipped_instruments
from surveys.registry import Contractor, Programs, shipped_programs

RUNS = "window.ran=1"
VISIBLE = (
    f"<script>{RUNS}</script>",
    f'"><img src=x onerror="{RUNS}">',
    f"'><svg/onload={RUNS}>",
    f"</textarea></title></style></script><script>{RUNS}</script>",
    f"javascript:{RUNS}",
    "{{ 7 * 7 }}{% raw %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1-1",
    "@SUM(A1)",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    '  =HYPERLINK("https://evil.example")',
    "%(name)s %s %",
    "&lt;b&gt; &amp; &#0;",
)
"""What somebody may mean to write, and nothing may run."""
UNREADABLE = (
    "a\0b",
    "a\tb",
    "a\rb",
    "a\nb",
    "a\x1bb",
    "a\x7fb",
    "a\x85b",
    "a\u2028b",
    "a\u202eb",
    "a\ud800b",
)
"""What nobody means to write in one line."""
SPANISH = LANGUAGES["es"]
PROGRAM = "night-bus"
SURVEY = "night-bus-visit"


def instrument(words: str) -> Instrument:
    """The usual questions, each text of them hostile."""
    usual = shipped_instruments()["youth-experience"]
    questions = tuple(
        msgspec.structs.replace(
            question,
            id=question.id if question.is_core else f"x-{question.id}",
            text=f"{number} {words}",
            hint=words,
            notice=words,
            show_if=None,
            options=tuple(Option(code=it.code, text=f"{it.code} {words}") for it in question.options),
        )
        for number, question in enumerate(usual.questions)
    )
    return msgspec.structs.replace(usual, id=SURVEY, title=words, questions=questions)


def programs(words: str) -> Programs:
    new = msgspec.structs.replace(
        shipped_programs().programs[0],
        id=PROGRAM, public_slug=PROGRAM, name=words, short=words, named_in=words, contractor=words,
        public_name=words, contractor_id="night-bus-company",
        respondent_names=dict.fromkeys(("youth", "caregiver", "expert"), words),
    )  # fmt: skip
    return Programs((new,), (Contractor(id="night-bus-company", name=words),))


def store_everywhere(sandbox, words: str) -> str:
    """A program, a contractor, a survey, a link's place, a translation and an entry; the link's slug."""

    async def store(session):
        await store_programs(session, programs(words), sandbox.settings.period)
        await add_instrument(session, instrument(words), sandbox.settings.today)
        translations = [
            (it, Translation((words,), "draft")) for it in (Message(source="Send"), Message(source=words))
        ]
        # What the pages and files of translators refuse never comes here: problems() is their one check.
        translations = [(it, to) for it, to in translations if not problems(SPANISH, it, to.forms)]
        await store_translations(session, SPANISH, translations, words)
        await record(session, words, "backup", words)
        new_link = links.NewLink(program=PROGRAM, audience="youth", instrument=SURVEY, place=words[:200])
        return (await links.make_link(session, new_link, sandbox.settings.today)).slug

    return sandbox.in_transaction(store)
