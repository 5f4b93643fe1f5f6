"""Translators at the staff door: they open a message, type, and press one of its buttons."""

import re

from feedback.languages import LANGUAGES
from feedback.translations.catalogs import Catalog, Message, Translation
from feedback.translations.proposals import keep_waiting
from feedback.translations.sections import messages_in
from feedback.translations.words import messages_here, read_words, store_translations
from tests.support.forms.pages import Page


def opened(client, at: str) -> Page:
    return Page(client.get(at).text)


def buttons(page: Page) -> set[str]:
    """What the buttons of a message's own form would do."""
    return {it["value"] for it in page.all("button") if it.get("name") == "as"}


def press(sandbox, client, at: str, button: str, *forms: str, **overrides: str):
    """Fill in the form of a message, and press a button of it, or one that is not there."""
    fields = {name: values[-1] for name, values in opened(client, at).filled.items()}
    texts = {f"form-{number}": form for number, form in enumerate(forms)}
    return sandbox.submit(client, at, at, **{**fields, **texts, "as": button, **overrides})


def review_all(sandbox, tag: str) -> None:
    """Two people have agreed to every message of a language as it stands."""

    async def review(session):
        catalog = (await read_words(session, drafts=True)).spoken(LANGUAGES[tag])
        messages = messages_in(await messages_here(session))
        reviews = [(it, Translation(catalog.translations[it.source].forms, "reviewed")) for it in messages]
        await store_translations(session, LANGUAGES[tag], reviews, "rosa@county.example, ana@county.example")

    sandbox.in_transaction(review)


def say(sandbox, tag: str, texts: dict[Message, str], state="draft", who="somebody") -> None:
    """Put words in force past every check, as a database would hold them that was changed by hand."""

    async def store(session):
        translations = [(message, Translation((text,), state)) for message, text in texts.items()]
        await store_translations(session, LANGUAGES[tag], translations, who)

    sandbox.in_transaction(store)


def said_of(message: Message, words: str) -> str:
    """The words, told apart from those of every other message, with every place of the message in them."""
    places = " ".join(re.findall(r"%\(\w+\)s|%%", message.source))
    return f"{words} {message.key} {places}"


def lay(sandbox, tag: str, words: str) -> None:
    """Every message says this, past every check, and something like it waits for each."""

    async def store(session):
        messages = messages_in(await messages_here(session))
        translations = [(it, Translation((said_of(it, words),))) for it in messages]
        await store_translations(session, LANGUAGES[tag], translations, "somebody")
        proposals = [(it, (said_of(it, f"{words}?"),)) for it in messages]
        await keep_waiting(session, LANGUAGES[tag], proposals, "tam@county.example")

    sandbox.in_transaction(store)


def words_of(sandbox, tag: str) -> Catalog:
    words = sandbox.in_transaction(lambda session: read_words(session, drafts=True))
    return words.spoken(LANGUAGES[tag])
