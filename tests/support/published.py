"""Published rows and links of one program, as pages of results read them."""

import datetime as dt

from analysis.publishing.rows import Row
from feedback.fieldwork.links import Link
from surveys.instruments import shipped_instruments
from surveys.registry import shipped_programs

FRP = next(it for it in shipped_programs().programs if it.id == "frp")


def row(release, audience, n=11, table="T1", **filters):
    return Row(
        table=table,
        release=release,
        released_on="2026-10-15",
        filters={"program": "frp", "audience": audience, **filters},
        origin="live",
        n=n,
        status="released" if n else "not_released",
        figures=(),
    )


def link(audience, place=""):
    return Link(
        slug="k3mwpq7r",
        program=FRP,
        audience=audience,
        instrument=shipped_instruments()["protocol-youth"],
        language=None,
        place=place,
        embed=(),
        comments=False,
        reading=None,
        made_on=dt.date(2026, 8, 1),
        expires_on=None,
        closed_on=None,
    )
