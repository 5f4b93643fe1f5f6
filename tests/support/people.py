"""Somebody of the staff with a password in their head and a phone in their hand."""

import datetime as dt
import re

import pyotp

from feedback import clock
from feedback.deployment import read_staff_keys
from feedback.staff import accounts, codes, sessions
from feedback.staff.signing_in import SignedIn, SigningIn
from tests.support.sandbox import PASSWORD, Sandbox


class Person:
    """Invited and set up; the phone's clock is the door's."""

    def __init__(self, sandbox: Sandbox, email="carla@county.example", role="ctlt", contractor=None) -> None:
        self.sandbox, self.email = sandbox, email
        self.keys = read_staff_keys(sandbox.settings)
        token = sandbox.in_transaction(lambda s: accounts.add_user(s, email, role, contractor))
        self.accept(token)

    def accept(self, token: str, password: str = PASSWORD) -> None:
        """Open a one-time address and set everything up."""
        self.secret = accounts.invited_secret(self.keys, token)
        self.recovery = self.sandbox.set_up(token, password)

    def code(self, later: int = 1) -> str:
        """What the phone shows so many half minutes from now; the present one was used to set it up."""
        return codes.shown_at(self.secret, clock.now() + dt.timedelta(seconds=30 * later))

    def give_password(self, password: str = PASSWORD, device: str = "", email: str = "") -> str | None:
        return self._try(device, lambda it: it.with_password(email or self.email, password))

    def give_code(self, pending: str, code: str, device: str = "") -> SignedIn | None:
        return self._try(device, lambda it: it.with_code(pending, code))

    def sign_in(self, device: str = "") -> SignedIn:
        pending = self.give_password(device=device)
        assert pending is not None
        # Whichever of the phone's codes was not used yet: a test signs in faster than a phone counts.
        tries = (self.give_code(pending, self.code(later), device) for later in (-1, 0, 1))
        return next(it for it in tries if it is not None)

    def _try(self, device: str, work):
        return self.sandbox.run(lambda d: work(SigningIn(d.database, self.keys, device)))

    def session_of(self, token: str, *, pending: bool = False) -> str | None:
        """Whose session a token is, by address."""

        async def find(session):
            user = await sessions.user_of(session, token, pending=pending)
            return user and user.email

        return self.sandbox.in_transaction(find)


def code_on(page):
    """What a phone shows that read the page."""
    secret = re.search(r'<code class="typed">([A-Z2-7 ]+)</code>', page)[1]
    return pyotp.TOTP(secret.replace(" ", "")).at(dt.datetime.now(dt.UTC))
