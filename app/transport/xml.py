"""XML answers read with care: noise before the document is cut off, document types are refused.

A badly set host prints PHP notices before the document. A document type could make a small answer grow without end, and
no service of ours sends one.
"""

import re
from xml.etree.ElementTree import Element, ParseError, fromstring

_ELEMENT = re.compile("<[A-Za-z_]")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class NotXml(ValueError):
    """The text holds no XML document."""


def parse(text: str) -> tuple[Element, str]:
    """Return the document's root and what stood before it; raises NotXml."""
    start = text.find("<?xml")
    if start < 0:
        raise NotXml("no XML declaration")
    # The declaration's encoding speaks of bytes; this is text.
    noise, document = text[:start].strip("\ufeff \t\r\n"), text[start:].rstrip("\0 \t\r\n").partition("?>")[2]
    first = _ELEMENT.search(document)
    if first is None or "<!DOCTYPE" in document[: first.start()]:
        raise NotXml("no element, or a document type")
    try:
        return fromstring(document), noise  # noqa: S314 - nothing can be declared without a document type
    except ParseError as exc:
        raise NotXml(str(exc)) from exc


def legal(text: str) -> str:
    """Return the text without the characters that no XML document may hold."""
    return _ILLEGAL.sub("", text)
