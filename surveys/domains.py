"""The domains a question can belong to, and the eight that everyone is asked about."""

CORE_DOMAINS = ("safety", "respect", "language", "voice", "trust", "access", "connection", "helpfulness")
"""One core question each, in every instrument, so that totals over audiences add like to like."""

DOMAINS = (*CORE_DOMAINS, "needs", "confidence", "freely")
"""`freely` holds the question whether the person could answer freely; it says how far to trust the rest."""

MEASURE_NAMES = {
    "overall": "All questions together",
    "domain:safety": "Feeling safe",
    "domain:respect": "Respect and culture",
    "domain:language": "Language",
    "domain:voice": "Having a say",
    "domain:trust": "Knowing what would happen",
    "domain:access": "Getting help easily and in time",
    "domain:connection": "A person who shows up",
    "domain:helpfulness": "Being helped",
    "domain:needs": "Basic needs",
    "domain:confidence": "Confidence as a parent or caregiver",
    "domain:freely": "Answering freely",
}
"""Domains as people on both doors read them; the messages are in the catalogs."""
