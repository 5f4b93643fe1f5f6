"""How pages lie on small screens: nothing cut or sideways, targets a thumb can hit, in every language."""

import pytest

from feedback.languages import LANGUAGES
from tests.support.browser.windows import open_window
from tests.support.sampling import marked
from tests.support.voices import PSEUDO, each_language

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROBLEMS = """
() => {
const wide = document.documentElement.clientWidth, found = [];
const name = it => `${it.tagName} ${it.className} “${(it.innerText || it.name || '').slice(0, 40)}”`;
const seen = it => it.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true});
const broad = document.documentElement.scrollWidth;
if (broad > wide) found.push(`scrolls sideways: ${broad}`);
for (const it of document.body.querySelectorAll('*')) {
  if (!seen(it)) continue;
  const box = it.getBoundingClientRect();
  if (it.clientWidth && it.scrollWidth > it.clientWidth + 1) found.push(`cut: ${name(it)}`);
  if (box.width && (box.left < -0.5 || box.right > wide + 0.5)) found.push(`out of the window: ${name(it)}`);
  if (!it.matches('a[href], button, summary, input, textarea')) continue;
  // The label of a choice is the target of its input.
  const target = it.matches('[type=radio], [type=checkbox]') ? it.closest('label') : it;
  const size = target.getBoundingClientRect();
  if (size.width < 43.5 || size.height < 43.5)
    found.push(`small target: ${name(target)} ${Math.round(size.width)} x ${Math.round(size.height)}`);
}
return found;
}
"""
MOVING = """
() => [...document.querySelectorAll('*')].filter(it => {
  const style = getComputedStyle(it);
  return parseFloat(style.transitionDuration) || style.animationName != 'none' ||
    style.scrollBehavior != 'auto';
}).length + document.getAnimations().length
"""
COVERED = """
() => {
const it = document.activeElement, box = it.getBoundingClientRect(), head = document.querySelector('.top');
if (it == document.body || head.contains(it)) return '';
const end = head.getBoundingClientRect().bottom;
if (box.top >= end - 1 && box.top <= innerHeight - 20) return '';
return `${it.outerHTML.slice(0, 90)} at ${box.top}, under ${end}`;
}
"""


@pytest.fixture(scope="module")
def window(chromium):
    with open_window(chromium) as new_window:
        yield new_window


def problems(window, page, *sizes):
    """What is wrong with a page without script, at each width and text size in percent."""
    window.show(page, script=False)
    problems_by_size = {}
    for width, text in sizes:
        window.settle(width)
        window.look("size => { document.documentElement.style.fontSize = size; }", f"{text}%")
        problems_by_size[f"{page.name}, {width} px, {text} %"] = window.look(PROBLEMS)
    return {name: it for name, it in problems_by_size.items() if it}


# 160 and 195 px are what a phone of 320 and 390 px shows when the page is zoomed to 200 %.
SMALLEST = (320, 100)
SIZES = (SMALLEST, (320, 200), (390, 100), (390, 200), (1280, 100), (160, 100), (195, 100))


# The tallest letters, the longest words, and both directions.
@pytest.mark.parametrize("voice", marked([*LANGUAGES, *PSEUDO], "en", "km", *PSEUDO))
def test_nothing_is_cut_or_sideways_and_every_target_can_be_hit(window, pages, voice):
    """On the smallest phone: there the words of each language lie differently."""
    assert faults_of(window, pages, voice, SMALLEST) == {}


@pytest.mark.parametrize("tag", marked(LANGUAGES, "ar"))
def test_nothing_is_cut_or_sideways_at_any_other_width_or_size_of_letters(window, pages, tag):
    assert faults_of(window, pages, tag, *SIZES[1:]) == {}


def faults_of(window, pages, voice, *sizes):
    return {name: it for page in pages.of(voice) for name, it in problems(window, page, *sizes).items()}


@each_language
def test_no_step_is_cut_or_sideways(window, pages, tag):
    window.show(pages.one(tag, "survey"), script=True)
    problems_by_size = {}
    for step in window.steps():
        for width in (160, 320):
            window.settle(width)
            problems_by_size[f"{step}, {width} px"] = window.look(PROBLEMS)
    assert {step: it for step, it in problems_by_size.items() if it} == {}


def test_nothing_moves(window, pages):
    for page in pages.of("en"):
        window.show(page, script=True)
        window.settle(390, reduced_motion="reduce")
        assert window.look(MOVING) == 0, page.name


@pytest.mark.parametrize("text", [100, 200])
def test_what_has_focus_is_never_under_the_head_of_the_page(window, pages, text):
    for name in ("survey", "survey refused", "help", "heard"):
        window.show(pages.one("es", name), script=False)
        window.look("size => { document.documentElement.style.fontSize = size; }", f"{text}%")
        for key in ("Tab", "Shift+Tab"):
            for _ in range(60):
                window.page.keyboard.press(key)
                assert window.look(COVERED) == "", (name, key)


STYLE = """
of => {
const style = getComputedStyle(document.querySelector(of));
return ['border', 'outline', 'backgroundColor', 'boxShadow'].map(it => style[it]).join(' | ');
}
"""


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_in_forced_colours_one_sees_what_is_chosen_and_where_one_is(window, pages, colours):
    window.show(pages.one("en", "survey"), script=False)
    window.settle(390, colours, forced_colors="active")
    label = window.page.locator("label.pick").first
    plain, style = label.screenshot(), style_of(window, "label.pick")
    window.page.locator("label.pick input").first.check()
    window.look("document.activeElement.blur()")
    assert style_of(window, "label.pick") != style, "the whole choice and not its dot alone"
    checked = label.screenshot()
    window.page.keyboard.press("Tab")
    window.page.locator("label.pick input").first.focus()
    assert len({plain, checked, label.screenshot()}) == 3, "plain, chosen, chosen with the focus on it"
    for target in (".leave", "summary", "textarea", ".send"):
        window.page.locator(target).first.focus()
        assert "solid 3px" in style_of(window, f"{target}:focus-visible"), target


def style_of(window, selector):
    return window.look(STYLE, selector)
