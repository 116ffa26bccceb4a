"""`marketcron migrate`."""

from app.cli.output import AsJson, print_json, say
from app.cli.process import settings_of_this_place
from app.store import migrate as migrations


def migrate(json_: AsJson = False) -> None:
    """Bring the database to the tables of this version."""
    settings = settings_of_this_place()
    before = migrations.current(settings.database)
    migrations.upgrade(settings.database)
    after = migrations.current(settings.database)
    if json_:
        print_json({"from": before, "to": after})
    elif before == after:
        say(f"The database is at revision {after} already.")
    else:
        say(f"The database went from {f'revision {before}' if before else 'no tables'} to revision {after}.")
