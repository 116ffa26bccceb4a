"""How the database compares text: neither case nor accents matter, nor spaces at the end."""

import unicodedata
from typing import TypeVar

Key = TypeVar("Key", int, str)


def collated(value: Key) -> Key:
    """Return what equal values have in common."""
    if not isinstance(value, str):
        return value
    if value.isascii():
        return value.lower().rstrip(" ")
    apart = unicodedata.normalize("NFKD", value.casefold())
    return "".join(mark for mark in apart if not unicodedata.combining(mark)).rstrip(" ")
