"""Answers as JSON, with what makes it a trap: an object on its own has no key for what is 0 or empty."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from app.sandbox.prestashop.errors import Fault
from app.sandbox.prestashop.tables.entities import Entity
from app.sandbox.prestashop.tables.schema import Field, Resource, Shown

# What PHP's empty() is true for.
NOTHING: tuple[Any, ...] = (None, "", "0", 0)


@dataclass(frozen=True)
class JsonWriter:
    """Writes for one caller; translated fields are plain with one language and a list with several."""

    languages: Sequence[int]

    def objects(self, resource: Resource, entities: Sequence[Entity], *, listed: bool) -> str:
        if listed:
            # An empty list has lost its name.
            return _text({resource.name: [self._object(each) for each in entities]} if entities else [])
        if len(entities) > 1:
            return _text({resource.name: [self._object(each, alone=True) for each in entities]})
        return _text({resource.node: self._object(entities[0], alone=True)} if entities else [])

    def ids(self, resource: Resource, ids: Iterable[int]) -> str:
        rows = [{"id": each} for each in ids]
        return _text({resource.name: rows} if rows else [])

    def errors(self, faults: Iterable[Fault]) -> str:
        return _text({"errors": [{"code": each.code, "message": each.message} for each in faults]})

    def _object(self, entity: Entity, *, alone: bool = False) -> dict[str, Any]:
        fields = entity.resource.by_name
        values = {name: self._value(fields[name], value) for name, value in entity.values.items()}
        if alone:
            values = {name: value for name, value in values.items() if value not in NOTHING}
        associations = {name: [dict(item) for item in items] for name, items in entity.associations.items() if items}
        return {**values, **entity.more, **({"associations": associations} if associations else {})}

    def _value(self, field: Field, value: Shown) -> Any:
        if field.name == "id" and value is not None:
            return int(str(value))
        if field.kind != "lang":
            return value
        texts = value if isinstance(value, dict) else dict.fromkeys(self.languages, value or "")
        if len(self.languages) == 1:
            return texts.get(self.languages[0], "")
        return [{"id": str(language), "value": texts.get(language, "")} for language in self.languages]


def _text(content: Any) -> str:
    # PHP escapes slashes.
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
