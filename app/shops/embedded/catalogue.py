"""A catalogue file (CSV) for the embedded shop: read strictly, loaded whole or not at all.

The whole file is checked before the first product is written, since a catalogue that is half loaded at a bad line sells
what is not there. Then it is read again and written in batches: orders get their turn between two batches, and memory
holds the file's bytes and one batch, however many products there are. A load that is cut off between two batches is
mended by loading the file again.
"""

import asyncio
import csv
import io
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO

from app.clock import Clock
from app.errors import BadInput
from app.store import embedded
from app.store.embedded import Product, Saved
from app.store.engine import Store

COLUMNS = ("sku", "title", "ean", "price", "quantity")
SEPARATORS = (";", ",", "\t")
BATCH = 1_000
LARGEST_FILE_BYTES = 256 * 1024 * 1024
LONGEST: Mapping[str, int] = {"sku": 100, "title": 500}
MOST_PRICE_DIGITS = 7
MOST_QUANTITY_DIGITS = 9
EAN_LENGTHS = (8, 12, 13, 14)

_SHOWN = 40
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_LINE_BREAKS_AND_TABS = re.compile(r"[\t\r\n]+")
_PRICE = re.compile(r"(-?)([0-9]+)(?:[.,]([0-9]+))?")
_QUANTITY = re.compile(r"-?[0-9]+")
# How Python shows a byte that is not UTF-8 (error handler `surrogateescape`).
_BAD_BYTE = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line can't be loaded; `line` counts from 1 as in an editor, `column` is empty for the whole line."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the columns stand in this file."""

    separator: str
    names: tuple[str, ...]
    places: Mapping[str, int]


class Products:
    """The good lines of a file, read again each time they are walked through."""

    def __init__(self, raw: bytes, *, layout: Layout | None, bad_lines: frozenset[int], count: int) -> None:
        self._raw = raw
        self._layout = layout
        self._bad_lines = bad_lines
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Product]:
        if self._layout is None:
            return
        for line, product in _lines(self._raw, self._layout):
            if isinstance(product, Product) and line not in self._bad_lines:
                yield product


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A file that was checked to its end: the products of its good lines, and what is wrong with the others."""

    products: Products
    problems: tuple[Problem, ...]


def read_catalogue(source: str | Path | BinaryIO) -> Catalogue:
    """Return what a file holds, in seconds for 100,000 lines (call it in a thread); raises BadInput if unreadable."""
    raw = _bytes_of(source)
    layout = _layout(raw)
    if isinstance(layout, Problem):
        return Catalogue(Products(raw, layout=None, bad_lines=frozenset(), count=0), (layout,))
    problems: list[Problem] = []
    first_lines: dict[str, int] = {}
    count = 0
    for line, found in _lines(raw, layout):
        twin = first_lines.setdefault(found.sku, line) if found.sku else line
        if twin != line:
            problems.append(Problem(line, "sku", f"'{_shown(found.sku)}' is already in line {twin}"))
        if isinstance(found, Bad):
            problems.extend(found.problems)
        elif twin == line:
            count += 1
    bad_lines = frozenset(problem.line for problem in problems)
    return Catalogue(Products(raw, layout=layout, bad_lines=bad_lines, count=count), tuple(problems))


async def load_catalogue(
    store: Store, shop_id: str, catalogue: Catalogue, *, clock: Clock, partial: bool = False
) -> Saved:
    """Add the products to the shop, overwrite those that differ, leave those the file does not name.

    Raises BadInput, with nothing loaded, when a line is bad; with `partial` the good lines are loaded all the same.
    Raises StoreUnavailable; what was written until then stays, and loading again completes it.
    """
    if catalogue.problems and not partial:
        raise BadInput(_refusal(catalogue.problems), field="file")
    total = Saved(added=0, changed=0, unchanged=0)
    products = iter(catalogue.products)
    while batch := await asyncio.to_thread(_take, products):
        saved = await store.write(embedded.save_products, shop_id, products=batch, now=clock.now())
        total = Saved(
            added=total.added + saved.added,
            changed=total.changed + saved.changed,
            unchanged=total.unchanged + saved.unchanged,
        )
    return total


@dataclass(frozen=True, slots=True)
class Bad:
    """A line that can't be loaded; its SKU still counts as taken."""

    sku: str
    problems: tuple[Problem, ...]


def _take(products: Iterator[Product]) -> list[Product]:
    return list(itertools.islice(products, BATCH))


def _refusal(problems: Sequence[Problem]) -> str:
    first = problems[0]
    where = f"line {first.line}, {first.column}" if first.column else f"line {first.line}"
    lines = len({problem.line for problem in problems})
    many = f"{lines} lines of the file are bad" if lines > 1 else "A line of the file is bad"
    return f"{many}, nothing was loaded. First {where}: {first.reason}. Correct the file, or load its good lines only."


def _bytes_of(source: str | Path | BinaryIO) -> bytes:
    try:
        if isinstance(source, str | Path):
            with Path(source).open("rb") as file:
                raw = file.read(LARGEST_FILE_BYTES + 1)
        else:
            raw = source.read(LARGEST_FILE_BYTES + 1)
    except (OSError, ValueError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) and exc.strerror else "it is no file"
        raise BadInput(f"The catalogue can't be read: {reason}. Check its name and its rights.", field="file") from exc
    if len(raw) > LARGEST_FILE_BYTES:
        raise BadInput("The catalogue is larger than 256 MB. Split it and load the parts.", field="file")
    return raw


def _text(raw: bytes) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8-sig", errors="surrogateescape", newline="")


def _layout(raw: bytes) -> Layout | Problem:
    """Find the header, the first line that is not blank, and the separator that makes most of it."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(1, "", "the file is saved as UTF-16; save it as UTF-8")
    numbered = enumerate(_text(raw), start=1)
    line, header = next(((number, text) for number, text in numbered if text.strip()), (1, ""))
    if not header:
        return Problem(1, "", "the file is empty; its first line must name the columns " + ", ".join(COLUMNS))
    separator, names = max(
        ((each, _names(header, each)) for each in SEPARATORS),
        key=lambda pair: len(set(COLUMNS).intersection(pair[1])),
    )
    missing = [name for name in COLUMNS if name not in names]
    if len(missing) == len(COLUMNS):
        return Problem(line, "", "the header is missing; the first line must name the columns " + ", ".join(COLUMNS))
    if missing:
        return Problem(line, missing[0], "the header lacks " + ", ".join(missing))
    twice = next((name for name in COLUMNS if names.count(name) > 1), None)
    if twice is not None:
        return Problem(line, twice, "the header names this column twice")
    return Layout(separator, names, {name: names.index(name) for name in COLUMNS})


def _names(header: str, separator: str) -> tuple[str, ...]:
    try:
        fields = next(csv.reader([header], delimiter=separator))
    except csv.Error:
        return ()
    return tuple(field.strip().lower() for field in fields)


def _lines(raw: bytes, layout: Layout) -> Iterator[tuple[int, Product | Bad]]:
    """Yield the number of each line below the header, and its product or what is wrong with it."""
    reader = csv.reader(_text(raw), delimiter=layout.separator, strict=True)
    header_seen = False
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, Bad("", (Problem(line, "", _broken_quotes(line, reader.line_num)),))
            continue
        if not any(field and not field.isspace() for field in fields):
            continue
        if not header_seen:
            header_seen = True
            continue
        yield line, _read(line, fields, layout)


def _broken_quotes(first: int, last: int) -> str:
    lost = f"; lines {first} to {last} can't be read" if last > first else ""
    return f'a field begins with a quote that is not closed before the separator; write "" for a quote inside{lost}'


def _read(line: int, fields: Sequence[str], layout: Layout) -> Product | Bad:
    width = len(layout.names)
    if len(fields) < width or any(fields[width:]):
        reason = f"has {len(fields)} fields, the header has {width}; put quotes around a text or price with a separator"
        return Bad("", (Problem(line, "", reason),))
    undecodable = [
        Problem(line, layout.names[place], _not_utf8(field))
        for place, field in enumerate(fields[:width])
        if _bad(field)
    ]
    if undecodable:
        return Bad("", tuple(undecodable))
    return _product(line, {name: fields[place].strip() for name, place in layout.places.items()})


def _product(line: int, texts: Mapping[str, str]) -> Product | Bad:
    title = _LINE_BREAKS_AND_TABS.sub(" ", texts["title"])
    price, quantity = _price(texts["price"]), _quantity(texts["quantity"])
    reasons = {
        "sku": _text_fault("sku", texts["sku"]) if texts["sku"] else "is missing",
        "title": _text_fault("title", title),
        "ean": _ean_fault(texts["ean"]),
        "price": price if isinstance(price, str) else "",
        "quantity": quantity if isinstance(quantity, str) else "",
    }
    problems = tuple(Problem(line, column, reason) for column, reason in reasons.items() if reason)
    if problems or isinstance(price, str) or isinstance(quantity, str):
        return Bad(texts["sku"], problems)
    return Product(sku=texts["sku"], title=title, ean=texts["ean"], price=price, quantity=quantity)


def _text_fault(column: str, text: str) -> str:
    if len(text) > LONGEST[column]:
        return f"has {len(text)} characters, at most {LONGEST[column]} fit"
    return "holds a control character; type it again" if _CONTROL.search(text) else ""


def _price(text: str) -> Decimal | str:
    """Return the price with two decimals, or what is wrong with it."""
    if not text:
        return "is missing"
    parts = _PRICE.fullmatch(text)
    if parts is None:
        return f"'{_shown(text)}' is not a number; write 12.90 or 12,90"
    sign, whole, decimals = parts[1], parts[2].lstrip("0"), parts[3] or ""
    if sign and (whole or decimals.strip("0")):
        return f"'{_shown(text)}' is negative"
    # Exports write 12.900000; a real third decimal can't be charged, and rounding it would change a price unasked.
    if decimals[2:].strip("0"):
        return f"'{_shown(text)}' has more than 2 decimals"
    if len(whole) > MOST_PRICE_DIGITS:
        return f"'{_shown(text)}' is too high, at most {MOST_PRICE_DIGITS} digits before the decimals"
    return Decimal(f"{whole or '0'}.{decimals[:2]:0<2}")


def _quantity(text: str) -> int | str:
    """Return the number of units, or what is wrong with it."""
    if not text:
        return "is missing"
    if not _QUANTITY.fullmatch(text):
        return f"'{_shown(text)}' is not a whole number"
    digits = text.lstrip("-").lstrip("0")
    if text.startswith("-") and digits:
        return f"'{_shown(text)}' is negative"
    if len(digits) > MOST_QUANTITY_DIGITS:
        return f"'{_shown(text)}' is too high, at most {MOST_QUANTITY_DIGITS} digits"
    return int(digits or "0")


def _ean_fault(ean: str) -> str:
    if not ean:
        return ""
    if len(ean) not in EAN_LENGTHS or not (ean.isascii() and ean.isdigit()):
        return f"'{_shown(ean)}' is not 8, 12, 13 or 14 digits; format the column as text in your spreadsheet"
    # GS1: from the right, the digits before the check digit weigh 3, 1, 3, 1 …
    weighed = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(ean[:-1])))
    right = -weighed % 10
    return "" if int(ean[-1]) == right else f"'{ean}' has a wrong check digit, {right} would be right"


def _bad(field: str) -> bool:
    return not field.isascii() and _BAD_BYTE.search(field) is not None


def _not_utf8(field: str) -> str:
    found = _BAD_BYTE.search(field)
    byte = ord(found[0]) - 0xDC00 if found else 0
    return f"holds the byte 0x{byte:02X}, which is not UTF-8; save the file as UTF-8"


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
