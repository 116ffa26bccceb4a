"""The migrations and the tables say the same, on both databases."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from app.store import migrate
from app.store.tables import metadata
from tests.support.databases import connected


def test_the_migrations_make_the_tables_of_the_metadata(database_url: str) -> None:
    with connected(database_url) as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)

    assert differences == [], "make a migration: alembic revision --autogenerate -m …"


def test_the_migrations_make_the_indexes_of_the_metadata(database_url: str, bare_url: str) -> None:
    """Alembic does not compare the conditions of partial indexes."""
    with connected(bare_url) as connection:
        metadata.create_all(connection)

    assert indexes(database_url) == indexes(bare_url)


def test_the_folder_of_the_migrations_does_not_hide_the_library() -> None:
    assert not (migrate.SCRIPTS / "__init__.py").exists()


def indexes(url: str) -> set[str]:
    with connected(url) as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
        else:
            query = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
        return {" ".join(str(definition).split()) for definition in connection.scalars(sa.text(query))}
