"""Bodies as they come: XML alone. What the parser dislikes is answered with the whole body."""

import re
from collections.abc import Sequence
from xml.etree import ElementTree

from app.sandbox.prestashop.errors import Fault, Refusal, php_warning

_PARSER_LINE = 1544
Element = ElementTree.Element


def read_body(body: bytes, *, warnings: bool) -> Sequence[Element]:
    """Return the objects of a body; raises Refusal when it is no XML."""
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - bodies come from our own tests
    except ElementTree.ParseError as broken:
        raise _unreadable(body, broken, warnings=warnings) from broken
    return list(root)


def text_of(element: Element) -> str:
    return element.text or ""


def translations(element: Element) -> dict[int, str]:
    """Return the texts of a translated field by language id."""
    found = {}
    for language in element.iter("language"):
        number = re.match(r"\d+", language.get("id", ""))
        if number is not None:
            found[int(number.group())] = text_of(language)
    return found


def _unreadable(body: bytes, broken: ElementTree.ParseError, *, warnings: bool) -> Refusal:
    text = body.decode(errors="replace")
    line, column = broken.position
    source = (text.splitlines() or [""])[min(line, len(text.splitlines()) or 1) - 1]
    said = (
        f"Entity: line {line}: parser error : {str(broken).split(':')[0].capitalize()}",
        source[-80:],
        f"{' ' * min(column, 80)}^",
    )
    shown = [php_warning(f"SimpleXMLElement::__construct(): {each}", line=_PARSER_LINE) for each in said]
    cause = Fault(
        127, f"XML error : String could not be parsed as XML\nXML length : {len(body)}\nOriginal XML : {text}"
    )
    return Refusal(500, *(shown if warnings else ()), cause)
