"""What an object has to be before anything of it is stored."""

from collections.abc import Collection
from html import escape

from app.sandbox.prestashop.errors import Refusal, refuse
from app.sandbox.prestashop.messages import sentence
from app.sandbox.prestashop.tables.entities import Entity
from app.sandbox.prestashop.webservice.checks import accepts

OF_A_FIELD = 85
OF_A_TRANSLATION = 84


def validate(entity: Entity, *, language: str, required: Collection[str]) -> None:
    """Raise Refusal for the first field that the shop does not take; `required` are those that the merchant added."""
    for field in entity.resource.fields:
        value = entity.values.get(field.name)
        if field.name == "id" or field.getter:
            continue
        code = OF_A_TRANSLATION if field.kind == "lang" else OF_A_FIELD
        texts = list(value.values()) or [""] if isinstance(value, dict) else ["" if value is None else str(value)]
        name = f"{entity.resource.model}->{field.name}"
        for text in texts:
            if text.strip() == "":
                if field.required or field.name in required:
                    raise _invalid(code, language, "empty", name)
                continue
            if field.size is not None and len(text) > field.size:
                raise _invalid(code, language, "length", name, length=len(text), size=field.size)
            if text != "0" and not accepts(field.check, text):
                raise _invalid(code, language, "invalid", name)


def _invalid(code: int, language: str, why: str, name: str, **parts: object) -> Refusal:
    said = sentence(language, why, field=escape(name, quote=False), **parts)
    return refuse(400, code, f'Validation error: "{said}"')
