"""A real Chromium, as small as a phone."""

from contextlib import contextmanager

from tests.support.browser import browsers

PHONE = {"width": 390, "height": 844}
QUIET = (
    *browsers.QUIET,
    # A door of a test stands on this machine, which a page from elsewhere may otherwise not reach.
    "--disable-features=LocalNetworkAccessChecks",
    "--test-third-party-cookie-phaseout",
)


@contextmanager
def new_phone(chromium, **options):
    """A page of a phone that nobody has used yet."""
    context = chromium.new_context(viewport=PHONE, has_touch=True, is_mobile=True, **options)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()
