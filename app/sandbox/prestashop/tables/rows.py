"""The shop's database: rows by id, found by index, numbered as they come."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.sandbox.prestashop.tables.collation import collated
from app.sandbox.prestashop.tables.schema import Resource, Value

IndexKey = int | str


class Row(dict[str, Any]):
    """One row; a column that was never written reads as the column's default."""

    __slots__ = ("_defaults",)

    def __init__(self, defaults: Mapping[str, Value], values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self._defaults = defaults

    def __missing__(self, name: str) -> Any:
        return self._defaults[name]

    @property
    def id(self) -> int:
        number: int = self["id"]
        return number


class Table:
    """The rows of one resource. Rows are changed by its methods alone, so that every index holds."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource
        self.rows: dict[int, Row] = {}
        # Whether the rows are kept as they are numbered, which spares a sort.
        self.in_order = True
        self.next_id = 1
        self._defaults = {each.name: each.empty for each in resource.fields}
        self._index: dict[str, dict[IndexKey, list[int]]] = {name: {} for name in resource.index}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __contains__(self, row_id: object) -> bool:
        return row_id in self.rows

    def __getitem__(self, row_id: int) -> Row:
        return self.rows[row_id]

    def get(self, row_id: int) -> Row | None:
        return self.rows.get(row_id)

    def add(self, **values: Any) -> Row:
        """Insert a row; without an id it gets the next number."""
        row_id = values.setdefault("id", self.next_id)
        row = Row(self._defaults, values)
        self.in_order = self.in_order and row_id >= self.next_id
        self.next_id = max(self.next_id, row_id + 1)
        self.rows[row_id] = row
        for name in self._index:
            self._enter(name, row)
        return row

    def change(self, row: Row, **values: Any) -> None:
        """Write those columns of a row."""
        for name in self._index.keys() & values.keys():
            self._leave(name, row)
        row.update(values)
        for name in self._index.keys() & values.keys():
            self._enter(name, row)

    def remove(self, row: Row) -> None:
        for name in self._index:
            self._leave(name, row)
        del self.rows[row.id]

    def skip_to(self, row_id: int) -> None:
        """Let the next row have that number: others were made and deleted meanwhile."""
        self.next_id = max(self.next_id, row_id)

    def where(self, name: str, value: IndexKey) -> list[Row]:
        """Return the rows whose indexed column equals that value, by id."""
        return [self.rows[row_id] for row_id in self._index[name].get(_key(value), ())]

    def found_by(self, name: str, values: Iterable[IndexKey]) -> Iterator[Row]:
        """Return the rows whose indexed column equals one of the values, in the index's order."""
        index = self._index[name]
        for key in sorted({_key(value) for value in values} & index.keys(), key=lambda key: (str(type(key)), key)):
            for row_id in index[key]:
                yield self.rows[row_id]

    def is_indexed(self, name: str) -> bool:
        return name in self._index

    def _enter(self, name: str, row: Row) -> None:
        ids = self._index[name].setdefault(_key(row[name]), [])
        ids.append(row.id)
        if len(ids) > 1 and ids[-2] > row.id:
            ids.sort()

    def _leave(self, name: str, row: Row) -> None:
        key = _key(row[name])
        ids = self._index[name][key]
        ids.remove(row.id)
        if not ids:
            del self._index[name][key]


class Database:
    """Every table by its resource's name."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        self.tables = {resource.name: Table(resource) for resource in resources}

    def __getitem__(self, name: str) -> Table:
        return self.tables[name]

    def config(self, name: str) -> str:
        """Return a setting of the shop; "" when there is none."""
        rows: Sequence[Row] = self["configurations"].where("name", name)
        return str(rows[0]["value"]) if rows else ""

    def configure(self, name: str, value: str) -> None:
        """Set a setting of the shop."""
        table = self["configurations"]
        rows = table.where("name", name)
        if rows:
            table.change(rows[0], value=value)
        else:
            table.add(name=name, value=value)


def _key(value: Any) -> IndexKey:
    return collated(value) if isinstance(value, str) else int(value)
