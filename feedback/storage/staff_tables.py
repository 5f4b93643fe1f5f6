"""What we store of the staff and their work: accounts, sessions, words, who did what. This has times."""

import datetime as dt

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from feedback.storage.tables import Base

EVERY_TABLE = Base.metadata
"""Of both modules: who took it from the other one alone might miss the tables of this one."""


class UserRow(Base):
    """Somebody of the staff. Without a password and a second factor nobody signs in."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    contractor: Mapped[str | None] = mapped_column(ForeignKey("contractors.id"))
    password: Mapped[str | None] = mapped_column(Text)
    disabled: Mapped[bool] = mapped_column(default=False)
    second_factor: Mapped[bytes | None] = mapped_column(LargeBinary)  # sealed with a key in no backup
    last_step: Mapped[int | None] = mapped_column(BigInteger)  # half minute of the last code: good once
    seen_release: Mapped[str | None] = mapped_column(String(6))  # newest on its overview; empty before any


class InvitationRow(Base):
    """A one-time address to set a password and a second factor, kept as a hash."""

    __tablename__ = "invitations"
    token: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id"))
    expires_at: Mapped[dt.datetime]


class RecoveryCodeRow(Base):
    """A code for the day the phone is lost, kept as a hash and deleted when used."""

    __tablename__ = "recovery_codes"
    code: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id"))


class PasskeyRow(Base):
    """The public half of a passkey: a stolen table signs in nobody."""

    __tablename__ = "passkeys"
    id: Mapped[bytes] = mapped_column(LargeBinary(1_024), primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id"))
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    name: Mapped[str] = mapped_column(String(80))
    uses: Mapped[int] = mapped_column(BigInteger)  # the passkey's own counter; one that goes back is a copy
    added_on: Mapped[dt.date]


class UsedChallengeRow(Base):
    """A passkey's signature that was taken, until it is too old to be taken again."""

    __tablename__ = "used_challenges"
    challenge: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    until: Mapped[dt.datetime]


class SessionRow(Base):
    """A staff session, kept as a hash so that a stolen database opens none."""

    __tablename__ = "sessions"
    token: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    pending: Mapped[bool] = mapped_column("half", default=False)  # only the password was given so far


class TriesRow(Base):
    """Failed tries to sign in to an account, or with addresses that have none, under a keyed hash."""

    __tablename__ = "tries"
    address: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[dt.datetime]
    unnoted: Mapped[int] = mapped_column(server_default="0")  # failures that are not in the audit log yet
    noted_on: Mapped[dt.date | None]


class TranslationRow(Base):
    """Words of this deployment, in force over the shipped catalog. Staff's work, so it has a time."""

    __tablename__ = "translations"
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)  # a hash: the English may be longer
    source: Mapped[str] = mapped_column(Text)
    forms: Mapped[list[str]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(8))
    made_for: Mapped[str] = mapped_column(Text)  # the English, where that is not `source`
    who: Mapped[str] = mapped_column(Text)  # whoever wrote it, and whoever agreed
    at: Mapped[dt.datetime]


class ProposalRow(Base):
    """Words that wait beside those in force until a second person agrees. One for each message."""

    __tablename__ = "proposals"
    language: Mapped[str] = mapped_column(String(16), primary_key=True)
    key: Mapped[str] = mapped_column(String(16), primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    forms: Mapped[list[str]] = mapped_column(JSON)
    who: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime]


class AuditRow(Base):
    """Who of the staff did what to what. Each row holds the hash of the one before it."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime]
    who: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(String(64))
