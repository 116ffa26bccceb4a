"""Reads resources.txt, the one declaration of what the Webservice serves; its head explains the form."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from app.sandbox.prestashop.tables.schema import KINDS, VERBS, Association, Field, Kind, Part, Resource

FILE = Path(__file__).with_name("resources.txt")
NO_ROWS = "without rows"
# The types that occur most, by short names of their own.
TYPES: Mapping[str, tuple[Kind, str]] = {
    "id": ("int", "isUnsignedId"),
    "owner": ("int", "isNullOrUnsignedId"),
    "flag": ("int", "isBool"),
    "count": ("int", "isUnsignedInt"),
    "price": ("decimal", "isPrice"),
    "float": ("decimal", "isFloat"),
    "datetime": ("date", "isDate"),
    "name": ("text", "isGenericName"),
    "lang_name": ("lang", "isGenericName"),
}
_FIELD = re.compile(
    r"(?P<name>\w+)(?::(?P<type>[\w.]+))?(?:/(?P<places>\d))?(?:\((?P<size>\d+)\))?(?P<required>!?)(?P<nullable>\??)"
    r"(?:=(?P<default>[\w-]+))?(?:>(?P<link>[\w/]+))?(?P<marks>(?:\+[\w=]+)*)"
)
_ASSOCIATION = re.compile(r"(\w+)=(\w+)(?:>([\w/]+))?(?:@([\w/{}]+))?(\+virtual)?(?:\(([^)]*)\))?")
_PART = re.compile(r"(\w+)(!?)(~?)(?:>(\w+))?")


def read_resources() -> tuple[dict[str, Resource], frozenset[str]]:
    """Return the resources by name, in alphabetical order, and the names of those without rows."""
    blocks = dict(_blocks(FILE.read_text(encoding="utf-8")))
    names = frozenset(blocks.pop(NO_ROWS).split())
    resources = (_resource(head, body) for head, body in blocks.items())
    return {each.name: each for each in sorted(resources, key=lambda each: each.name)}, names


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield each unindented line with the indented ones below it."""
    for block in re.findall(r"^[^#\s].*\n(?:[ ]+.*\n)*", text, re.MULTILINE):
        head, _, body = block.partition("\n")
        yield head, " ".join(body.split())


def _resource(head: str, body: str) -> Resource:
    declared, _, description = head.partition(" -- ")
    name, node, model, *settings = declared.split()
    given = {key: tuple(values.split(",")) for key, _, values in (each.partition("=") for each in settings)}
    columns, _, associations = body.partition("* ")
    return Resource(
        name=name,
        node=node,
        model=model,
        description=description,
        fields=(Field(name="id", kind="int"), *map(_field, columns.split())),
        associations=tuple(_associations(associations)),
        verbs=frozenset(given.get("verbs", VERBS)),
        index=given.get("index", ()),
        natural=given.get("sorted", ()),
    )


def _field(declared: str) -> Field:
    found = _FIELD.fullmatch(declared)
    assert found is not None, declared
    kind, check = _type(found["type"] or "text")
    marks = dict(mark.partition("=")[::2] for mark in found["marks"].split("+"))
    default = found["default"]
    return Field(
        name=found["name"],
        kind=kind,
        check=check,
        places=int(found["places"] or 6),
        size=int(found["size"]) if found["size"] else None,
        required=bool(found["required"]),
        nullable=bool(found["nullable"]),
        default=int(default) if default and kind == "int" else default,
        link=found["link"],
        getter="getter" in marks,
        fixed="fixed" in marks,
        own="own" in marks,
        number="number" in marks,
        computed="computed" in marks,
        width=int(marks["width"]) if "width" in marks else None,
    )


def _type(word: str) -> tuple[Kind, str | None]:
    name, _, check = word.partition(".")
    kind = next((each for each in KINDS if each == name), None)
    return TYPES.get(word) or ((kind, check or None) if kind else ("text", word))


def _associations(declared: str) -> Iterator[Association]:
    for name, item, api, link, virtual, parts in _ASSOCIATION.findall(declared):
        found = (_PART.fullmatch(each) for each in (parts or "id").split())
        yield Association(
            name=name,
            item=item,
            parts=tuple(Part(each[1], each[4], bool(each[2]), bool(each[3])) for each in found if each),
            api=None if virtual else api or name,
            virtual=bool(virtual),
            link=link or None,
        )
