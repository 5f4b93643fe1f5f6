"""What every instrument weighs in every language, as the door sends it."""

from feedback.languages import LANGUAGES
from feedback.web.survey.page import inline
from tests.support.browser.every_page import each_survey
from tests.support.sandbox import Sandbox

SCRIPTS = ("leave.js", "ask.js", "listen.js")


def print_weights(sandbox: Sandbox) -> None:
    """Bytes with brotli / with gzip: an instrument a line, a language a column."""
    surveys = each_survey(sandbox)
    print("bytes with brotli / gzip; all of a page comes in one request")
    print(f"{'':8} " + " ".join(f"{name[:15]:>15}" for name in surveys))
    with sandbox.survey_door() as door:
        for tag in LANGUAGES:
            pairs = [
                "/".join(str(weight(door, path, tag, encoding)) for encoding in ("br", "gzip"))
                for path in surveys.values()
            ]
            print(f"{tag:8} " + " ".join(f"{pair:>15}" for pair in pairs), flush=True)
    script = "\n".join(map(inline, SCRIPTS))
    print(f"script inside it, before compression: {len(script.encode())} bytes")


def weight(door, path: str, tag: str, encoding: str) -> int:
    answer = door.get(path, params={"lang": tag}, headers={"Accept-Encoding": encoding})
    assert answer.headers["content-encoding"] == encoding
    return answer.num_bytes_downloaded
