"""The content of an answer, unpacked while it comes and never further than it may go.

A few kilobytes can unpack to gigabytes, above all where packing is stacked; no service of ours packs twice.
"""

import zlib

ACCEPT_ENCODING = "gzip, deflate"

_GZIP, _ZLIB, _RAW = 31, 15, -15
# The forms that a content of that encoding may have, the usual one first.
_FORMS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}


class Unpackable(Exception):
    """The content can't be unpacked: it is packed twice, in a way that was not asked for, damaged or cut off."""


class TooLarge(Exception):
    """There is more content than an answer may have."""


class Unpacker:
    """Unpacks a content chunk by chunk, up to `most_bytes`; `content_encoding` is the header's value.

    Raises Unpackable, also when it is made, and TooLarge.
    """

    def __init__(self, content_encoding: str, *, most_bytes: int) -> None:
        named = [each.strip().lower() for each in content_encoding.split(",")]
        packed = [each for each in named if each not in {"", "identity"}]
        if len(packed) > 1 or not set(packed) <= _FORMS.keys():
            raise Unpackable
        self._forms = list(_FORMS[packed[0]]) if packed else []
        self._inflating = zlib.decompressobj(self._forms.pop(0)) if packed else None
        self._began = False
        self._left = most_bytes

    def unpack(self, chunk: bytes) -> bytes:
        """Return what the next chunk holds."""
        unpacked = chunk if self._inflating is None else self._inflated(chunk)
        self._began = self._began or bool(chunk)
        self._left -= len(unpacked)
        if self._left < 0:
            raise TooLarge
        return unpacked

    def finish(self) -> None:
        """Raise Unpackable where the content was cut off; one without a byte is empty."""
        if self._inflating is not None and self._began and not self._inflating.eof:
            raise Unpackable

    def _inflated(self, chunk: bytes) -> bytes:
        assert self._inflating is not None
        try:
            return self._inflating.decompress(chunk, self._left + 1)
        except zlib.error as exc:
            if self._began or not self._forms:
                raise Unpackable from exc
            self._inflating = zlib.decompressobj(self._forms.pop(0))
            return self._inflated(chunk)
