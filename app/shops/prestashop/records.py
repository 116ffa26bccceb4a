"""PrestaShop's XML, to be sent and as it comes.

    <prestashop><orders><order><id>8</id> … <associations><order_rows><order_row>…   a list
    <prestashop><order><id>8</id> …                                                  one, or those that were written
    <prestashop><errors><error><code>85</code><message>…                             a refusal

Reading is XML too: JSON drops every field of a single object that is "0" or empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element, SubElement, tostring

from app.transport.xml import legal

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Record:
    """One entity: its fields as texts (a translated one in its first language), its associations by their name.

    `fixed`: fields that PrestaShop computes, which a PUT must not send back.
    """

    fields: Row
    rows: Mapping[str, Sequence[Row]] = field(default_factory=dict)
    fixed: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        """Return a field, empty when it is absent."""
        return self.fields.get(name, "")

    @property
    def id(self) -> str:
        return self.fields.get("id", "")

    def is_on(self, name: str) -> bool:
        """Return whether a flag is set."""
        return self.fields.get(name, "") == "1"

    def agrees(self, wanted: Row) -> bool:
        """Return whether it says the same of these fields, numbers by their value: 3.5 is 3.500000."""
        return all(_same(self[name], value) for name, value in wanted.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One entity to be written; `rows` by association and the name of its elements."""

    fields: Row
    rows: Mapping[tuple[str, str], Sequence[Row]] = field(default_factory=dict)


def document(singular: str, drafts: Sequence[Draft]) -> bytes:
    """Return the XML that writes these entities in one call."""
    root = Element("prestashop")
    for draft in drafts:
        entity = SubElement(root, singular)
        _put(entity, draft.fields)
        if draft.rows:
            associations = SubElement(entity, "associations")
            for (name, row_name), rows in draft.rows.items():
                held = SubElement(associations, name)
                for row in rows:
                    _put(SubElement(held, row_name), row)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def records_in(root: Element, *, plural: str, singular: str) -> list[Record] | None:
    """Return the entities of an answer, None when it holds neither a list nor one of them."""
    listed = root.find(plural)
    found = root.findall(singular) if listed is None else listed.findall(singular)
    if listed is None and not found:
        return None
    return [_record(each) for each in found]


def error_codes(root: Element) -> list[tuple[int, str]]:
    """Return the code and text of each error of an answer; texts are in the shop's language and may quote us."""
    found = []
    for each in root.iterfind("errors/error"):
        code = (each.findtext("code") or "").strip()
        found.append((int(code) if code.isdecimal() else 0, (each.findtext("message") or "").strip()))
    return found


def _same(have: str, want: str) -> bool:
    try:
        return Decimal(have) == Decimal(want)
    except InvalidOperation:
        return have == want


def _put(parent: Element, fields: Row) -> None:
    for name, value in fields.items():
        SubElement(parent, name).text = legal(value)


def _record(entity: Element) -> Record:
    fields: dict[str, str] = {}
    rows: dict[str, list[Row]] = {}
    fixed: set[str] = set()
    for name, value in entity.attrib.items():
        if name == "id":
            fields["id"] = value
    for each in entity:
        if each.tag == "associations":
            rows |= {held.tag: [{cell.tag: _text(cell) for cell in row} for row in held] for held in each}
            continue
        fields[each.tag] = _text(each)
        if "notFilterable" in each.attrib:
            fixed.add(each.tag)
    return Record(fields, rows, frozenset(fixed))


def _text(element: Element) -> str:
    texts = [language.text or "" for language in element.findall("language")] or [element.text or ""]
    return next((text.strip() for text in texts if text.strip()), "")
