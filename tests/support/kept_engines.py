"""Engines that stay when a store closes: what SQLAlchemy has compiled for one test serves all that follow.

Engines that nobody has are pointed at the next test's database. Their connections never outlive a store.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from app.store.engine import Engines

_free: dict[bool, list["_MovingEngines"]] = {True: [], False: []}


class _MovingEngines(Engines):
    """Engines that may be pointed at one database after another."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.point_at(url)
        for engine in [self.writer, self.reader] if self.is_sqlite else [self.writer]:
            sa.event.listen(engine, "do_connect", self._before_connect)

    def point_at(self, url: str) -> None:
        self._url = make_url(url)
        if self.file is not None:
            self.file.path, self.file.met = self._url.database, None

    def _before_connect(
        self, dialect: sa.Dialect, _record: Any, arguments: list[Any], keywords: dict[str, Any]
    ) -> None:
        positional, named = dialect.create_connect_args(self._url)
        arguments[:] = positional
        keywords.update(named)


class KeptEngines(Engines):
    """Engines for one store, which leaves them to another one."""

    def __init__(self, url: str) -> None:
        free = _free[make_url(url).get_backend_name() == "sqlite"]
        self._lender: _MovingEngines | None = free.pop() if free else _MovingEngines(url)
        self._lender.point_at(url)
        self.is_sqlite, self.file = self._lender.is_sqlite, self._lender.file
        self.writer, self.reader = self._lender.writer, self._lender.reader

    def close(self) -> None:
        if self._lender is not None:
            super().close()
            _free[self.is_sqlite].append(self._lender)
            self._lender = None
