"""What we store of respondents and programs, on one page; what we store of the staff is in staff_tables.

What is missing is the point: no time finer than a quarter, no address, device or session, no answer unsealed.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_CLUSTERED: dict[str, bool] = {"sqlite_with_rowid": False}
"""A hidden row number would count up in order of arrival; these tables are ordered by their random key."""


class Base(DeclarativeBase): ...


class DeploymentRow(Base):
    """Facts of this deployment: its first quarter, when its inbox was rewritten, what to overwrite."""

    __tablename__ = "deployment"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class ContractorRow(Base):
    __tablename__ = "contractors"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class ProgramRow(Base):
    """A program as its file describes it (surveys.registry), and who reads about it (reading_plans)."""

    __tablename__ = "programs"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    position: Mapped[int]
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    reading: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class ContractRow(Base):
    """Who ran a program from which quarter to which; no batch spans two contracts."""

    __tablename__ = "contracts"
    program: Mapped[str] = mapped_column(ForeignKey("programs.id"), primary_key=True)
    first: Mapped[str] = mapped_column(String(6), primary_key=True)
    contractor: Mapped[str] = mapped_column(ForeignKey("contractors.id"))
    last: Mapped[str | None] = mapped_column(String(6))


class InstrumentRow(Base):
    """An instrument of this deployment's own (surveys.instruments.Instrument); the shipped ones are files."""

    __tablename__ = "instruments"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    definition: Mapped[dict[str, Any]] = mapped_column(JSON)
    added_on: Mapped[dt.date]


class LinkRow(Base):
    """An address that opens one survey for one program and one audience at one place."""

    __tablename__ = "links"
    slug: Mapped[str] = mapped_column(String(24), primary_key=True)
    program: Mapped[str] = mapped_column(ForeignKey("programs.id"))
    audience: Mapped[str] = mapped_column(String(16))
    instrument: Mapped[str] = mapped_column(String(80))
    language: Mapped[str | None] = mapped_column(String(16))
    place: Mapped[str] = mapped_column(Text, default="")
    embed: Mapped[list[str]] = mapped_column(JSON, default=list)
    comments: Mapped[bool] = mapped_column(default=True)
    made_on: Mapped[dt.date]
    expires_on: Mapped[dt.date | None]
    closed_on: Mapped[dt.date | None]


class AskedRow(Base):
    """Which instrument a program's audience was ever asked with: decides a batch's items, never an answer."""

    __tablename__ = "asked"
    program: Mapped[str] = mapped_column(ForeignKey("programs.id"), primary_key=True)
    audience: Mapped[str] = mapped_column(String(16), primary_key=True)
    instrument: Mapped[str] = mapped_column(String(80), primary_key=True)


class InboxRow(Base):
    """One sealed response. Nothing about it is readable without the release key."""

    __tablename__ = "inbox"
    __table_args__ = _CLUSTERED
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int | None]  # veiled by the key


class UsedKeyRow(Base):
    """The key of a response let out or taken back, so that a late second Send is not another answer."""

    __tablename__ = "used_keys"
    __table_args__ = _CLUSTERED
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    until: Mapped[str] = mapped_column(String(6))
    thrown_away: Mapped[bool | None]


class BatchedRow(Base):
    """What is kept of a response let out (analysis.kept_answers.KeptAnswers): sealed, and soon destroyed."""

    __tablename__ = "batched"
    __table_args__ = _CLUSTERED
    key: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class ReleaseRow(Base):
    """The log of releases. The primary key is what keeps a quarter from being released twice."""

    __tablename__ = "releases"
    period: Mapped[str] = mapped_column(String(6), primary_key=True)
    released_at: Mapped[dt.datetime]
    released_on: Mapped[dt.date]
    operator: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(String(40))
    policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    batches: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    entered: Mapped[int]  # people in this release's batches whose answers were typed in
    ledger_sha256: Mapped[str] = mapped_column(String(64))
    published_sha256: Mapped[str] = mapped_column(String(64), server_default="")
    chain_sha256: Mapped[str] = mapped_column(String(64), server_default="")  # over the one before too


class BatchRow(Base):
    """The ledger: one row per batch, never changed."""

    __tablename__ = "batches"
    id: Mapped[str] = mapped_column(String(12), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    scope: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(80))
    audience: Mapped[str] = mapped_column(String(100))
    class_: Mapped[str] = mapped_column("class", String(100))
    wave: Mapped[str | None] = mapped_column(String(8))
    origin: Mapped[str] = mapped_column(String(8))
    first: Mapped[str] = mapped_column(String(6))
    last: Mapped[str] = mapped_column(String(6))
    release: Mapped[str] = mapped_column(ForeignKey("releases.period"))
    n: Mapped[int]
    of: Mapped[list[str]] = mapped_column("joined", JSON)
    rule: Mapped[str] = mapped_column(String(40))
    variances: Mapped[dict[str, str]] = mapped_column(JSON)
    contract: Mapped[str | None] = mapped_column(String(100))


class ValueRow(Base):
    """One noised value of a batch: a whole number, unclamped."""

    __tablename__ = "batch_values"
    batch: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    item: Mapped[str] = mapped_column(String(120), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


class CommentRow(Base):
    """A comment cut loose from its answers, redacted and sealed to the review key, or a row of padding."""

    __tablename__ = "comments"
    __table_args__ = _CLUSTERED
    id: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class PublishedRow(Base):
    """A row of a published table, written once in the release's own transaction."""

    __tablename__ = "published"
    __table_args__ = (Index("published_by_subject", "name", "subject", "release"),)
    release: Mapped[str] = mapped_column(ForeignKey("releases.period"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(8))
    subject: Mapped[str] = mapped_column(String(80), server_default="")
    """The program or strategy that the row is about, empty for all others (Row.subject)."""
    readers: Mapped[list[str]] = mapped_column(JSON)  # viewers (analysis.publishing.rows.GuardedRow)
    row: Mapped[dict[str, Any]] = mapped_column(JSON)


class MeasureRow(Base):
    """A process metric as it stood at a release."""

    __tablename__ = "measures"
    release: Mapped[str] = mapped_column(ForeignKey("releases.period"), primary_key=True)
    viewer: Mapped[str] = mapped_column(String(100), primary_key=True)  # `ctlt`, or `contractor:ID`
    position: Mapped[int] = mapped_column(primary_key=True)
    row: Mapped[dict[str, Any]] = mapped_column(JSON)


class WorkTotalRow(Base):
    """What is reported of a program's own work in a quarter. Not about answers."""

    __tablename__ = "work_totals"
    program: Mapped[str] = mapped_column(ForeignKey("programs.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(6), primary_key=True)
    served: Mapped[int]
    offered: Mapped[int]
    minutes: Mapped[int]  # of staff time spent on asking, in the whole quarter
    partners_served: Mapped[int | None]  # in no other number; empty where partners were not told apart
    partners_offered: Mapped[int | None]
