"""Answers as XML: values in CDATA, links to what they name, lists within the resource's name."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from app.sandbox.prestashop.errors import Fault
from app.sandbox.prestashop.tables.entities import Entity
from app.sandbox.prestashop.tables.rows import Row
from app.sandbox.prestashop.tables.schema import Association, Field, Item, Part, Resource, Shown

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<prestashop xmlns:xlink="http://www.w3.org/1999/xlink">\n'
TAIL = "</prestashop>\n"
# The pictures of a product stand below its id.
IMAGES = "images/products"


@dataclass(frozen=True)
class XmlWriter:
    """Writes for one caller: `root` begins every link, `languages` are the ids that translated fields come in."""

    root: str
    languages: Sequence[int]

    def objects(self, resource: Resource, entities: Sequence[Entity], *, listed: bool) -> str:
        """Return one object, or a list of them."""
        inside = "".join(self._object(each) for each in entities)
        return self._page(f"<{resource.name}>\n{inside}</{resource.name}>\n" if listed else inside)

    def ids(self, resource: Resource, ids: Iterable[int]) -> str:
        """Return a list that names the ids alone."""
        link = f"{self.root}/{resource.name}"
        rows = "".join(f'<{resource.node} id="{each}" xlink:href="{link}/{each}"/>\n' for each in ids)
        return self._page(f"<{resource.name}>\n{rows}</{resource.name}>\n")

    def errors(self, faults: Iterable[Fault]) -> str:
        inside = "".join(
            f"<error>\n<code><![CDATA[{each.code}]]></code>\n<message><![CDATA[{each.message}]]></message>\n</error>\n"
            for each in faults
        )
        return self._page(f"<errors>\n{inside}</errors>\n")

    def rights(self, rights: Iterable[tuple[Resource, frozenset[str]]], *, shop_name: str) -> str:
        """Return what a key may do."""
        inside = "".join(self._right(resource, verbs) for resource, verbs in rights)
        return self._page(f'<api shopName="{escape(shop_name)}">\n{inside}</api>\n')

    def _page(self, inside: str) -> str:
        return f"{HEAD}{inside}{TAIL}"

    def _right(self, resource: Resource, verbs: frozenset[str]) -> str:
        link = f'xlink:href="{self.root}/{resource.name}"'
        may = " ".join(
            f'{verb.lower()}="{str(verb in verbs).lower()}"'
            for verb in ("GET", "PUT", "POST", "PATCH", "DELETE", "HEAD")
        )
        schemas = "".join(
            f'<schema xlink:href="{self.root}/{resource.name}?schema={kind}" type="{kind}"/>\n'
            for kind in ("blank", "synopsis")
        )
        description = f"<description {link} {may}>\n{escape(resource.description)}</description>\n"
        return f"<{resource.name} {link} {may}>\n{description}{schemas}</{resource.name}>\n"

    def _object(self, entity: Entity) -> str:
        resource = entity.resource
        lines = [self._field(resource.by_name[name], value, entity) for name, value in entity.values.items()]
        lines += [f"\t<{name}><![CDATA[{value}]]></{name}>\n" for name, value in entity.more.items()]
        associations = "".join(self._associations(entity)) if entity.associations else ""
        return f"<{resource.node}>\n{''.join(lines)}{associations}</{resource.node}>\n"

    def _field(self, field: Field, value: Shown, entity: Entity) -> str:
        name = field.name
        if field.kind == "lang":
            return f"\t<{name}>{self._translations(value)}</{name}>\n"
        text = "" if value is None else str(value)
        link = ""
        # Ids of nothing lead nowhere; what is not called id_… is linked even so.
        if field.link is not None and not (name.startswith("id_") and text in ("", "0")):
            of_product = f"{entity.text('id')}/" if field.link == IMAGES else ""
            link = f' xlink:href="{self.root}/{field.link}/{of_product}{text}"'
        mark = ' notFilterable="true"' if field.getter else ""
        return f"\t<{name}{link}{mark}><![CDATA[{text}]]></{name}>\n"

    def _translations(self, value: Shown) -> str:
        parts = []
        for language in self.languages:
            text = value.get(language) if isinstance(value, dict) else value
            link = "" if text is None else f' xlink:href="{self.root}/languages/{language}"'
            parts.append(f'<language id="{language}"{link}><![CDATA[{"" if text is None else text}]]></language>')
        return "".join(parts)

    def _associations(self, entity: Entity) -> Iterator[str]:
        yield "<associations>\n"
        for name, items in entity.associations.items():
            yield self._association(entity.resource.association(name), items, entity.row)
        yield "</associations>\n"

    def _association(self, association: Association, items: Sequence[Item], row: Row | None) -> str:
        api = f' api="{association.api}"' if association.api else ""
        virtual = ' virtualEntity="true"' if association.virtual else ""
        opening = f'<{association.name} nodeType="{association.item}"{api}{virtual}'
        if not items:
            return f"{opening}/>\n"
        inside = "".join(self._item(association, item, row) for item in items)
        return f"{opening}>\n{inside}</{association.name}>\n"

    def _item(self, association: Association, item: Item, row: Row | None) -> str:
        link = ""
        if association.link is not None and row is not None:
            address = association.link.format_map({**row, "item": item["id"]})
            link = f' xlink:href="{self.root}/{address}"'
        elif association.api:
            link = f' xlink:href="{self.root}/{association.api}/{item["id"]}"'
        parts = "".join(self._part(part, item[part.name]) for part in association.parts if part.name in item)
        return f"\t<{association.item}{link}>\n{parts}\t</{association.item}>\n"

    def _part(self, part: Part, value: str) -> str:
        link = f' xlink:href="{self.root}/{part.link}/{value}"' if part.link else ""
        return f"\t<{part.name}{link}><![CDATA[{value}]]></{part.name}>\n"
