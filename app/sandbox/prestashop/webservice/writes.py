"""Writes: bodies become objects, objects are checked, the shop's rules keep them, the answer shows what was sent."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.sandbox.prestashop.errors import refuse
from app.sandbox.prestashop.rules import object_models
from app.sandbox.prestashop.rules.object_models import SentParts
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row
from app.sandbox.prestashop.tables.entities import Entity, entity_of, items_of, shown
from app.sandbox.prestashop.tables.schema import Field, Item, Resource
from app.sandbox.prestashop.webservice.validation import validate
from app.sandbox.prestashop.webservice.xml_in import Element, read_body, text_of, translations


async def write(shop: Shop, resource: Resource, verb: str, body: bytes, *, mail: bool) -> Sequence[Entity]:
    """Do what a POST, PUT or PATCH says, object by object, and return what its answer shows."""
    elements = read_body(body, warnings=shop.switches.php_warnings)
    _check_ids(elements, verb)
    written = []
    for element in elements:
        sent = SentParts(mail, _associations(resource, element))
        if verb == "POST":
            written.append(await _create(shop, resource, element, sent))
        else:
            written.append(_update(shop, resource, element, sent, whole=verb == "PUT"))
    return written


def delete(shop: Shop, resource: Resource, ids: Sequence[str]) -> None:
    """Delete those rows; raises Refusal when one does not exist."""
    table = shop.database[resource.name]
    rows = {row_id: table.get(int(row_id)) if row_id.isdigit() else None for row_id in ids}
    missing = [
        row_id for row_id, row in rows.items() if row is None or not object_models.remove(shop, resource.name, row)
    ]
    if missing or not rows:
        raise refuse(404, 87, f"Id(s) not exists: {', '.join(missing)}")


async def _create(shop: Shop, resource: Resource, element: Element, sent: SentParts) -> Entity:
    entity = Entity(resource, dict.fromkeys((each.name for each in resource.fields), None))
    _BodyReader(shop, entity, element, whole=True).fill()
    row = await object_models.add(shop, entity, sent)
    _show_associations(shop, entity, row)
    return entity


def _update(shop: Shop, resource: Resource, element: Element, sent: SentParts, *, whole: bool) -> Entity:
    row = shop.database[resource.name].get(_number(element.findtext("id")))
    if row is None:
        raise refuse(404, 92, "Invalid ID")
    entity = entity_of(shop.database, resource, row, associations=())
    _BodyReader(shop, entity, element, whole=whole, row=row).fill()
    object_models.change(shop, entity, row, sent)
    _show_associations(shop, entity, row)
    return entity


@dataclass
class _BodyReader:
    """Reads a body into an object, field by field in the shop's order; what is refused later does not undo it."""

    shop: Shop
    entity: Entity
    element: Element
    whole: bool
    row: Row | None = None

    def fill(self) -> None:
        """Take the fields from the body; what is left out becomes null when the object is sent whole."""
        resource = self.entity.resource
        required = self.shop.switches.required_fields.get(resource.name, ())
        # What is never overwritten stays as it is, sent or not.
        fields = [each for each in resource.fields if each.name != "id" and not (each.own and self.row is not None)]
        for position, field in enumerate(fields):
            child = self.element.find(field.name)
            if child is not None:
                self._take(field, child, rest=fields[position + 1 :])
            elif self.whole and (field.required or field.name in required):
                raise refuse(400, 41, f'parameter "{field.name}" required')
            elif self.whole and not field.computed:
                self.entity.values[field.name] = None
        validate(self.entity, language=self.shop.switches.language, required=required)

    def _take(self, field: Field, child: Element, *, rest: Sequence[Field]) -> None:
        if field.fixed:
            sentence = f'parameter "{field.name}" not writable. Please remove this attribute of this XML'
            raise refuse(400, 93, sentence)
        if self.row is not None and field.name == "current_state" and self.entity.resource.name == "orders":
            object_models.set_current_state(self.shop, self.row, _number(child.text))
            for each in (field, *rest):
                self.entity.values[each.name] = shown(self.shop.database, self.entity.resource, self.row, each)
        elif field.computed:
            if self.row is not None:
                object_models.track(self.shop, self.row, text_of(child))
                self.entity.values[field.name] = shown(self.shop.database, self.entity.resource, self.row, field)
        else:
            self.entity.values[field.name] = translations(child) if field.kind == "lang" else text_of(child)


def _check_ids(elements: Sequence[Element], verb: str) -> None:
    ids = [text for each in elements if (text := (each.findtext("id") or "").strip())]
    if verb == "POST":
        if ids:
            raise refuse(400, 91, "id is forbidden when adding a new resource")
        return
    if len(set(ids)) < len(ids):
        raise refuse(400, 89, "id is duplicate in request")
    if len(ids) < len(elements):
        raise refuse(400, 90, "id is required when modifying a resource")


def _associations(resource: Resource, element: Element) -> Mapping[str, Sequence[Item]]:
    associations = element.find("associations")
    if associations is None:
        return {}
    found: dict[str, Sequence[Item]] = {}
    for association in resource.associations:
        listed = associations.find(association.name)
        if listed is None:
            continue
        found[association.name] = [
            {part.name: str(_number(item.findtext(part.name))) for part in association.parts} for item in listed
        ]
    return found


def _show_associations(shop: Shop, entity: Entity, row: Row) -> None:
    entity.row = row
    resource = entity.resource
    entity.associations = {each.name: items_of(shop.database, resource, row, each) for each in resource.associations}


def _number(text: str | None) -> int:
    """Return the number that a text begins with: items hold numbers alone, and 0 where nothing was sent."""
    found = re.match(r"\s*-?\d+", text or "")
    return int(found.group()) if found else 0
