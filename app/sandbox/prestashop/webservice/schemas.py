"""What a resource's objects look like, for callers that ask: an empty one, or one that names its rules."""

from collections.abc import Iterator

from app.sandbox.prestashop.tables.schema import Association, Field, Part, Resource
from app.sandbox.prestashop.webservice.xml_out import HEAD, TAIL

KINDS = ("blank", "synopsis")
_EMPTY = "<![CDATA[]]>"


def schema(resource: Resource, kind: str, *, root: str) -> str:
    """Return the blank object or the synopsis as XML."""
    lines = _blank(resource) if kind == "blank" else _synopsis(resource, root)
    return f"{HEAD}<{resource.node}>\n{''.join(lines)}</{resource.node}>\n{TAIL}"


def _blank(resource: Resource) -> Iterator[str]:
    for field in resource.fields:
        yield f"\t<{field.name}>{_EMPTY}</{field.name}>\n"
    if resource.associations:
        yield "<associations>\n"
        for association in resource.associations:
            parts = "".join(f"\t<{part.name}>{_EMPTY}</{part.name}>\n" for part in association.parts)
            item = f"\t<{association.item}>\n{parts}\t</{association.item}>\n"
            yield f"<{association.name}>\n{item}</{association.name}>\n"
        yield "</associations>\n"


def _synopsis(resource: Resource, root: str) -> Iterator[str]:
    for field in resource.fields:
        # The number is the shop's to give.
        if field.name != "id":
            yield f"\t<{field.name}{_rules(field)}>{_EMPTY}</{field.name}>\n"
    if resource.associations:
        yield "<associations>\n"
        for association in resource.associations:
            yield _association(association, root)
        yield "</associations>\n"


def _rules(field: Field) -> str:
    rules = [
        (field.required, "required", "true"),
        (field.size is not None, "maxSize", str(field.size)),
        (field.check is not None, "format", field.check),
        (field.own or field.fixed, "readOnly", "true"),
        (field.getter, "notFilterable", "true"),
    ]
    return "".join(f' {name}="{value}"' for holds, name, value in rules if holds)


def _association(association: Association, root: str) -> str:
    api = f' api="{association.api}"' if association.api else ""
    virtual = ' virtualEntity="true"' if association.virtual else ""
    parts = "".join(_part(part, root) for part in association.parts)
    item = f"\t<{association.item}>\n{parts}\t</{association.item}>\n"
    return f'<{association.name} nodeType="{association.item}"{api}{virtual}>\n{item}</{association.name}>\n'


def _part(part: Part, root: str) -> str:
    link = f' xlink:href="{root}/{part.link}/"' if part.link else ""
    required = ' required="true"' if part.required else ""
    fixed = ' read_only="true" readOnly="true"' if part.read_only else ""
    return f"\t<{part.name}{link}{required}{fixed}>{_EMPTY}</{part.name}>\n"
