"""Another language, with everything that was filled in: each is a submit button of the form."""

import pytest

from feedback.fieldwork.instruments import add_instrument
from feedback.languages import LANGUAGES
from tests.support.browser.every_page import in_every_language
from tests.support.forms.pages import Page
from tests.support.instruments import EVERY_KIND
from tests.support.sampling import marked

FILLED = {
    "core-voice": ["2"],
    "how-heard": ["school"],
    "heard-too": ["flyer", "online"],
    "court-or-meeting": ["yes"],
    "one-word": ["Kind <b>& 'so' on"],
    "should-change": ["Zwei\nLinien 😀 مرحبا"],
    "_consent": ["changed"],
    "_step": ["5"],
}
"""Every kind of question, what letters do, and where somebody stands."""


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory):
    """A link that asks every kind of question, in every language."""
    sandbox = in_every_language(tmp_path_factory.mktemp("turning"))
    today = sandbox.settings.today
    sandbox.in_transaction(lambda session: add_instrument(session, EVERY_KIND, today))
    return sandbox, f"/s/{sandbox.link(instrument=EVERY_KIND.id)}"


@pytest.fixture
def door(everywhere):
    with everywhere[0].survey_door() as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("before", marked(LANGUAGES, "en", "ar"))
def test_no_change_of_language_loses_an_answer_a_word_or_the_step(everywhere, door, before):
    path = everywhere[1]
    page = Page(door.get(path, params={"lang": before}).text)
    filled = {**page.filled, **FILLED}
    for after in LANGUAGES:
        answer = door.post(path, data={**filled, "_to": after})
        assert (answer.status_code, answer.headers["content-language"]) == (200, after)
        turned = Page(answer.text)
        assert {name: sorted(turned.filled[name]) for name in FILLED} == {
            name: sorted(values) for name, values in FILLED.items()
        }
        assert turned.filled["_once"] == filled["_once"]
        assert turned.filled["_language"] == [after]
        filled = turned.filled
    assert int(filled["_version"][0]) == len(LANGUAGES), "each page that is given back was meant later"
