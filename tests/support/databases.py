"""Addresses of databases on the tests' own PostgreSQL, made when they are needed."""

import itertools

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.support.loops import finish

_numbers = itertools.count()


def tell_server(url: str, command: str) -> None:
    """Tell the PostgreSQL server of this address something about its databases."""

    async def tell():
        server = make_url(url).set(database="postgres")
        engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(text(command))
        await engine.dispose()

    finish(tell())


def new_address(base: str) -> str:
    """Return the address of a database that a sandbox will make."""
    return base.format(f"t{next(_numbers)}")


def new_database(base: str) -> str:
    """Make an empty database and return its address."""
    url = new_address(base)
    tell_server(url, f"CREATE DATABASE {make_url(url).database}")
    return url
