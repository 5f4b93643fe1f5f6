"""axe finds nothing on any page of the survey door: every language, width and colour, script on and off.

A whole look takes place at 320 px in light colours. At other widths and in dark colours only what can come
out differently there is looked at again; and contrast, which takes most of axe's time, only where something
in view has a look (colours, size, weight) not yet judged at that width in any language.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from surveys.instruments import shipped_instruments
from tests.support.browser.axe import BY_LAYOUT, CONTRAST, RUN, TAGS
from tests.support.browser.windows import open_window
from tests.support.voices import each_language, each_voice

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OTHERWISE = ((320, "dark"), (390, "light"), (390, "dark"), (1280, "light"), (1280, "dark"))
"""Besides 320 px in light colours, in which a window opens."""
ALIKE = {
    "survey by Enter", "survey on a tablet", "survey in a frame", "thanks in a frame", "thanks on a tablet",
    "closed", "unreadable",
}  # fmt: skip
"""Made of what stands on other pages too: every rule once, and once more on a wide dark screen, is enough."""
LEFT_OUT = {
    # The shared tablet clears itself, or the next person finds the last one’s answers: essential (2.2.1).
    "thanks on a tablet": {"meta-refresh"},
    "survey on a tablet": {"meta-refresh"},
}
LOOKS = """
() => {
const looks = new Set();
const text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT, it => it.data.trim() ? 1 : 2);
while (text.nextNode()) {
  const it = text.currentNode.parentElement, style = getComputedStyle(it), behind = [];
  if (!it.checkVisibility({visibilityProperty: true})) continue;
  for (let at = it; at; at = at.parentElement) {
    const {backgroundColor, backgroundImage, opacity, filter} = getComputedStyle(at);
    behind.push(backgroundColor, backgroundImage, opacity, filter);
  }
  const looked = [style.color, style.fontSize, style.fontWeight, style.textShadow, style.textDecorationLine];
  looks.add([innerWidth, it.localName, ...looked, ...behind].join('; '));
}
return [...looks];
}
"""
"""What contrast is judged by: each text's own look and all that lies behind it."""


@pytest.fixture(scope="module")
def window(chromium):
    with open_window(chromium) as new_window:
        yield new_window


def axe_problems(window, name, only):
    return [it for it in window.look(RUN, only) if it[0] not in LEFT_OUT.get(name, ())]


@pytest.fixture(scope="module")
def judged():
    """The looks whose contrast axe has judged."""
    return set()


def axe_problems_at_every_width(window, name, judged):
    """Everything once, in a window of 320 px; then what can change, in each width and colour."""
    yield from axe_problems(window, name, {"type": "tag", "values": TAGS})
    judged |= set(window.look(LOOKS))
    for width, colours in OTHERWISE[-1:] if name in ALIKE else OTHERWISE:
        window.settle(width, colours)
        looks = set(window.look(LOOKS))
        rules = [it for it in BY_LAYOUT if it != CONTRAST or not looks <= judged]
        judged |= looks
        problems = axe_problems(window, name, {"type": "rule", "values": rules})
        yield from ([*it, f"{width} px, {colours}"] for it in problems)


@pytest.mark.parametrize("script", [True, False], ids=["script on", "script off"])
@each_voice
def test_axe_finds_nothing_on_any_page(window, pages, judged, voice, script):
    problems = {}
    # Every instrument is made of what stands on the page of one.
    for page in (it for it in pages.of(voice) if it.name not in shipped_instruments()):
        # No other page is changed by its script (see below), and what is alike with it is alike without it.
        if script or (page.is_in_steps and page.name not in ALIKE):
            window.show(page, script=script)
            window.look(Axe().axe_script)
            problems[page.name] = list(axe_problems_at_every_width(window, page.name, judged))
    assert {name: it for name, it in problems.items() if it} == {}


def test_the_script_changes_nothing_where_there_are_no_questions(window, pages):
    for page in (it for it in pages.of("en", "ar") if not it.is_in_steps):
        markup = []
        for script in (True, False):
            window.show(page, script=script)
            markup.append(window.look("document.documentElement.outerHTML"))
        assert markup[0] == markup[1], page.name


@each_language
def test_axe_finds_nothing_at_any_step(window, pages, tag):
    window.show(pages.one(tag, "survey"), script=True, unfold=False)
    window.look(Axe().axe_script)
    problems, last_kind = {}, ""
    for number, step in enumerate(window.steps()):
        kind = window.look("it => document.getElementById(it)?.querySelector('input, textarea')?.type", step)
        if kind != last_kind or not step:
            problems[f"{number} {step}"] = axe_problems(window, "survey", {"type": "tag", "values": TAGS})
        if kind == "textarea":
            # So that the last step asks what we may do with it.
            window.page.locator("textarea:visible").fill("x")
        last_kind = kind
    assert len(problems) >= 4, "first screen, choices, words, what we may do with words"
    assert {name: it for name, it in problems.items() if it} == {}


def test_axe_would_have_found_something(window, pages):
    window.show(pages.one("en", "survey"), script=True)
    window.look(Axe().axe_script)
    window.look("document.body.insertAdjacentHTML('beforeend', '<img src=x><p style=color:#ccc>x</p>')")
    rules = [rule for rule, _ in axe_problems(window, "", {"type": "tag", "values": TAGS})]
    assert {"image-alt", "region"} <= set(rules)


def test_axe_would_have_found_what_is_too_faint_on_wide_dark_screens_alone(window, pages, judged):
    window.show(pages.one("en", "survey"), script=True)
    window.look(Axe().axe_script)
    window.look("""
      const faint = new CSSStyleSheet();
      faint.replaceSync('@media (min-width: 900px) and (prefers-color-scheme: dark) { h1 { color: #444 } }');
      document.adoptedStyleSheets = [faint];
    """)
    problems = axe_problems_at_every_width(window, "survey", judged)
    assert {(rule, *where) for rule, _, *where in problems} == {("color-contrast", "1280 px, dark")}
