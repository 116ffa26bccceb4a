"""XML answers read with care: noise around the document is cut off, document types are refused.

A badly set host prints PHP notices before the document, and modules of shops print scripts behind it. Names of products
that were pasted from elsewhere hold characters that no XML may hold. A document type could make a small answer grow
without end, and no service of ours sends one.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

_ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile("&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));")
# A script behind the document may hold the root's end tag as text; so many are tried, the last one first.
_MOST_ENDS = 3


class NotXml(ValueError):
    """The text holds no XML document."""


def parse(text: str) -> tuple[Element, str]:
    """Return the document's root and what stood before it; raises NotXml.

    What no XML may hold is dropped, also where it is written as a number, and so is what stands behind the root.
    """
    start = text.find("<?xml")
    if start < 0:
        raise NotXml("no XML declaration")
    # The declaration's encoding speaks of bytes; this is text.
    noise, document = text[:start].strip("\ufeff \t\r\n"), _REFERENCE.sub(_legal_reference, legal(text[start:]))
    document = document.partition("?>")[2].strip()
    root = _ROOT.search(document)
    if root is None or "<!DOCTYPE" in document[: root.start()]:
        raise NotXml("no element, or a document type")
    failure: Exception | None = None
    for candidate in _ends(document, root[1]):
        try:
            return fromstring(candidate, forbid_dtd=True), noise
        except (ParseError, DefusedXmlException) as exc:
            failure = failure or exc
    raise NotXml(str(failure)) from failure


def legal(text: str) -> str:
    """Return the text without the characters that no XML document may hold."""
    return _ILLEGAL.sub("", text)


def _legal_reference(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    return "" if number > 0x10FFFF or _ILLEGAL.match(chr(number)) else reference[0]


def _ends(document: str, root: str) -> Iterator[str]:
    """Yield the document as it is, then up to the last end tags of its root."""
    yield document
    end = len(document)
    for _ in range(_MOST_ENDS):
        end = document.rfind(f"</{root}", 0, end)
        close = document.find(">", end)
        if end < 0 or close < 0:
            return
        yield document[: close + 1]
