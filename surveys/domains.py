"""The domains a question can belong to, and the eight that everyone is asked about."""

CORE_DOMAINS = ("safety", "respect", "language", "voice", "trust", "access", "connection", "helpfulness")
"""One core question each, in every instrument, so that totals over audiences add like to like."""

DOMAINS = (*CORE_DOMAINS, "needs", "confidence", "freely")
"""`freely` holds the question whether the person could answer freely; it says how far to trust the rest."""


def gettext_noop(words: str) -> str:
    """Mark words for the catalogs without translating them here."""
    return words


MEASURE_NAMES = {
    "overall": gettext_noop("All questions together"),
    "domain:safety": gettext_noop("Feeling safe"),
    "domain:respect": gettext_noop("Respect and culture"),
    "domain:language": gettext_noop("Language"),
    "domain:voice": gettext_noop("Having a say"),
    "domain:trust": gettext_noop("Knowing what would happen"),
    "domain:access": gettext_noop("Getting help easily and in time"),
    "domain:connection": gettext_noop("A person who shows up"),
    "domain:helpfulness": gettext_noop("Being helped"),
    "domain:needs": gettext_noop("Basic needs"),
    "domain:confidence": gettext_noop("Confidence as a parent or caregiver"),
    "domain:freely": gettext_noop("Answering freely"),
}
"""Domains as people on both doors read them; the messages are in the catalogs."""
