"""XLSForms: a survey of Kobo, ODK or Enketo moves in, and one of ours moves out.

Only operator commands load this: pyxform, the reference implementation, is neither small nor made for a door.
"""


class XlsFormRefused(Exception):
    """A form cannot be read, or nothing of it can be asked here; the message says why."""
