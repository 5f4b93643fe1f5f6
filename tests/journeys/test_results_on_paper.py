"""What people said, printed: black on white whatever the screen's colours, with nothing folded away."""

import msgspec
import pytest

from tests.support.browser.every_page import FULL, every_page, in_every_language, with_all_there_can_be
from tests.support.browser.windows import open_window

pytestmark = [pytest.mark.browser, pytest.mark.slow]

INK = """
() => {
const looks = new Set(), text = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (text.nextNode()) {
  const it = text.currentNode.parentElement;
  if (!text.currentNode.data.trim() || !it.checkVisibility({visibilityProperty: true})) continue;
  let behind = 'rgba(0, 0, 0, 0)';
  for (let at = it; at && behind == 'rgba(0, 0, 0, 0)'; at = at.parentElement)
    behind = getComputedStyle(at).backgroundColor;
  looks.add(`${getComputedStyle(it).color} on ${behind}`);
}
return [...looks];
}
"""
SHOWN = "of => [...document.querySelectorAll(of)].map(it => it.checkVisibility())"


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    sandbox = with_all_there_can_be(in_every_language(tmp_path_factory.mktemp("made-up")))
    sandbox.settings = msgspec.structs.replace(sandbox.settings, made_up=True)
    return list(every_page(sandbox, FULL, "en"))


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_results_print_in_black_on_white_unfolded_and_say_that_they_are_made_up(chromium, printed, colours):
    with open_window(chromium) as window:
        for page in printed:
            window.show(page, script=False, unfold=False)
            on_screen = window.look(SHOWN, "tr")
            window.settle(700, colours, media="print")
            assert window.look(INK) == ["rgb(0, 0, 0) on rgb(255, 255, 255)"], page.name
            assert window.look(SHOWN, ".made-up") == [True]
            assert window.look(SHOWN, ".leave, .chooser, footer") == [False] * 3
            rows = window.look(SHOWN, "tr")
            assert len(rows) > 20
            assert all(rows), page.name
            assert all(on_screen) == (
                "<details" not in page.body.partition("<h1>")[2].partition("<footer>")[0]
            )
