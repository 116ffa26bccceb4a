"""An object of the Webservice on its way in or out: texts, as the program holds them, not yet or no longer a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.sandbox.prestashop.tables import computed
from app.sandbox.prestashop.tables.rows import Database, Row
from app.sandbox.prestashop.tables.schema import Association, Field, Item, Resource, Shown


@dataclass
class Entity:
    """One object: its fields by name, what hangs on it by association, and `more`, computed for one answer."""

    resource: Resource
    values: dict[str, Shown]
    associations: dict[str, Sequence[Item]] = field(default_factory=dict)
    more: dict[str, str] = field(default_factory=dict)
    row: Row | None = None

    def text(self, name: str) -> str:
        """Return a field as text; "" when it is null."""
        value = self.values.get(name)
        return "" if value is None else str(value)

    def number(self, name: str) -> int:
        """Return a field as the whole number that it begins with."""
        stored = self.resource.by_name[name].stored(self.values.get(name))
        return stored if isinstance(stored, int) else 0


def shown(database: Database, resource: Resource, row: Row, field: Field) -> Shown:
    """Return how one field of a row reads."""
    compute = computed.FIELDS.get((resource.name, field.name))
    return field.shown(row[field.name]) if compute is None else compute(database, row)


def items_of(database: Database, resource: Resource, row: Row, association: Association) -> Sequence[Item]:
    """Return the items of an association: those kept with the row, or computed ones."""
    kept: Sequence[Item] | None = row.get(association.key)
    if kept is not None:
        return kept
    compute = computed.ASSOCIATIONS.get((resource.name, association.name))
    return () if compute is None else compute(database, row)


def entity_of(
    database: Database,
    resource: Resource,
    row: Row,
    *,
    fields: Iterable[Field] | None = None,
    associations: Iterable[Association] | None = None,
) -> Entity:
    """Return a row as an object, with those fields and associations; all of them when nothing is said."""
    wanted = resource.fields if fields is None else fields
    shown_associations = resource.associations if associations is None else associations
    return Entity(
        resource,
        {each.name: shown(database, resource, row, each) for each in wanted},
        {each.name: items_of(database, resource, row, each) for each in shown_associations},
        row=row,
    )
