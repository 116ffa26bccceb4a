"""A look at a database beside the Store."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool


@contextmanager
def connected(url: str) -> Iterator[sa.Connection]:
    """Yield a connection of its own; what it wrote is committed at the end."""
    with _engine(url).begin() as connection:
        yield connection


@lru_cache(maxsize=8)
def _engine(url: str) -> sa.Engine:
    plain = make_url(url)
    if plain.get_backend_name() == "postgresql":
        plain = plain.set(drivername="postgresql+psycopg")
    return sa.create_engine(plain, poolclass=NullPool)


def table_names(url: str) -> set[str]:
    with connected(url) as connection:
        return set(sa.inspect(connection).get_table_names())
