"""Content is unpacked once, never further than an answer may go, and never half."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest

from app.transport.unpacking import TooLarge, Unpackable, Unpacker

TEXT = "Étagère en chêne, 24 €. ".encode() * 40


def raw_deflate(content: bytes) -> bytes:
    packing = zlib.compressobj(wbits=-15)
    return packing.compress(content) + packing.flush()


def unpacked(content: bytes, *, encoding: str, most_bytes: int = 10_000, chunk: int = 7) -> bytes:
    unpacker = Unpacker(encoding, most_bytes=most_bytes)
    found = b"".join(unpacker.unpack(content[at : at + chunk]) for at in range(0, len(content), chunk))
    unpacker.finish()
    return found


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "plain": ("", bytes),
    "identity": ("identity", bytes),
    "gzip": ("gzip", gzip.compress),
    "in capitals": ("GZIP", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "identity and gzip": ("identity, gzip", gzip.compress),
}


@pytest.mark.parametrize("form", PACKED)
@pytest.mark.parametrize("chunk", [100, 10_000])
def test_content_is_unpacked_as_its_header_says(form: str, chunk: int) -> None:
    encoding, pack = PACKED[form]

    assert unpacked(pack(TEXT), encoding=encoding, chunk=chunk) == TEXT


@pytest.mark.parametrize("encoding", ["gzip, gzip", "gzip,deflate", "br", "zstd", "gzip;q=1"])
def test_what_is_packed_twice_or_was_not_asked_for_is_refused(encoding: str) -> None:
    with pytest.raises(Unpackable):
        Unpacker(encoding, most_bytes=1000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_damaged_content_is_refused(encoding: str) -> None:
    with pytest.raises(Unpackable):
        unpacked(b"no such thing at all", encoding=encoding)


@pytest.mark.parametrize("cut", [1, 5, 20])
def test_content_that_is_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(Unpackable):
        unpacked(gzip.compress(TEXT)[:-cut], encoding="gzip")


@pytest.mark.parametrize("encoding", ["", "gzip", "deflate"])
def test_no_content_is_empty_whatever_its_header_says(encoding: str) -> None:
    assert unpacked(b"", encoding=encoding) == b""


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_as_much_as_is_allowed_is_taken_and_no_byte_more(encoding: str) -> None:
    content = gzip.compress(TEXT) if encoding else TEXT

    assert unpacked(content, encoding=encoding, most_bytes=len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        unpacked(content, encoding=encoding, most_bytes=len(TEXT) - 1)


def test_a_small_content_that_grows_without_end_takes_no_memory() -> None:
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge):
            unpacked(bomb, encoding="gzip", most_bytes=1_000_000, chunk=65_536)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert most < 5_000_000
