"""A survey as a page: in which words, and filled with what was sent before."""

from collections.abc import Sequence

from litestar import Response

from feedback.deployment import Deployment
from feedback.fieldwork.links import Link
from feedback.translations.catalogs import Catalog
from feedback.web.survey.page import survey_page
from feedback.web.survey.page_context import ALONE
from feedback.web.survey.survey_form import (
    FilledForm,
    ReturnNote,
    nothing_filled,
    question_views,
    show_if_style,
    step_to_open,
)
from feedback.web.survey.visit import Visit, Wording, texts_read
from surveys.answers import LONGEST_TEXT, Problem
from surveys.asking import asked_questions
from surveys.help import help_lines


def preview(deployment: Deployment, link: Link, catalog: Catalog) -> Response[str]:
    """A survey as it reads in a language, offered or not, for whoever checks its words. It cannot be sent."""
    answer = survey(Visit(deployment, link, ALONE, Wording(catalog)), nothing_filled(""))
    answer.headers["Content-Security-Policy"] += "; sandbox"
    return answer


def survey(
    visit: Visit, filled: FilledForm, note: ReturnNote | None = None, problems: Sequence[Problem] = ()
) -> Response[str]:
    """A link's survey, filled with what was sent before."""
    link, page_context, wording = visit.link, visit.page_context, visit.wording
    settings, catalog = visit.deployment.settings, visit.wording.catalog
    # A box that nobody reads any more still shows the words that are in it.
    boxes = link.comments or any(it.reason == "not-read" for it in problems)
    questions = question_views(asked_questions(link.instrument, comments=boxes), filled, problems)
    own = ("tablet",) if page_context.kiosk else ("frame",) if page_context.frames else ("phone",)
    page = survey_page(
        "survey/survey.html",
        catalog,
        style=show_if_style(questions),
        scripts=("ask.js", "listen.js", *(f"{it}.js" for it in own)),
        fetched=("aloud.js",),
        status=(note and note.value) or 200,
        page_context=page_context,
        link=link,
        asked=questions,
        count=sum(it.number is not None for it in questions),
        filled=filled,
        note=note.name if note and note is not ReturnNote.MOVED else "",
        step=step_to_open(questions, filled, note),
        own_languages=wording.beside,
        keeps=True,
        read_from=link.reading.begins(settings) if link.comments and link.reading else None,
        problems=problems,
        offered=wording.offered,
        reviewed=catalog.is_reviewed and catalog.count(texts_read(link)).is_reviewed,
        longest=LONGEST_TEXT,
        help_lines=help_lines(link.audience),
        settings=settings,
    )
    if note in (ReturnNote.DAMPED, ReturnNote.BUSY):
        page.headers["Retry-After"] = "60"
    return page
