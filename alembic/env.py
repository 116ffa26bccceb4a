"""What Alembic runs: the service migrates by `app.store.migrate`, the command `alembic` is for writing migrations."""

from typing import Any, Literal

import sqlalchemy as sa
import sqlmodel
from alembic import context
from alembic.autogenerate.api import AutogenContext

from app.settings import load_settings
from app.store import migrate
from app.store.tables import metadata
from app.store.types import UtcDateTime


def render_item(kind: str, item: Any, autogen_context: AutogenContext) -> str | Literal[False]:
    """Name our column types in migrations, so that they read like the tables."""
    if kind == "type" and isinstance(item, UtcDateTime):
        autogen_context.imports.add("from app.store.types import UtcDateTime")
        return "UtcDateTime()"
    if kind == "type" and isinstance(item, sqlmodel.AutoString):
        return "sa.String()" if item.length is None else f"sa.String(length={item.length})"
    return False


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        # Our SQLite connections begin transactions themselves, so a migration is done whole or not at all.
        transactional_ddl=True,
    )
    context.run_migrations()


given: sa.Connection | None = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with migrate.alone(load_settings().database) as opened:
        run(opened)
