"""The CSV of the imports: UTF-8, semicolons, a header. What breaks the file, and what breaks one line of it."""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from app.sandbox.times import parse_datetime

# What an error report puts before the columns of the file; a corrected report may be sent again as it is.
REPORT_COLUMNS = ("error-line", "error-message")
LARGEST_QUANTITY = 1_000_000_000
# Every quotation mark opens a cell, closes it, or is doubled: an unescaped one fails the whole file.
_QUOTING = re.compile(r'(?:(?:"[^"]*+(?:""[^"]*+)*+"|[^";\r\n]*+)(?:;|\r\n|\n|\r|\Z))*+')
_NUMBER = re.compile(r"-?\d{1,9}(?:\.\d{1,9})?")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class FileBroken(Exception):
    """The whole file fails; the message is the reason."""


class LineBroken(Exception):
    """One line fails; the message is the reason."""


class Row(NamedTuple):
    """One line of the file; the header is line 1."""

    line: int
    cells: list[str]


class LineError(NamedTuple):
    """A line that was refused, and why."""

    row: Row
    reason: str


@dataclass(frozen=True)
class Sheet:
    """A file whose header is in order; its rows come once, and may break the file on the way."""

    columns: Sequence[str]
    places: Mapping[str, int]
    rows: Iterator[Row]

    def cell(self, row: Row, column: str) -> str:
        """Return the text of that cell; nothing where the file has no such column."""
        position = self.places.get(column)
        return "" if position is None else row.cells[position].strip()


def open_sheet(content: bytes, *, required: Iterable[str], optional: Iterable[str]) -> Sheet:
    """Return the sheet; FileBroken when it is not UTF-8, badly quoted, or its header is not as it must be."""
    text = _text(content)
    # Strictness of our own comes first: the csv module forgives a mark inside a bare cell.
    if '"' in text and _QUOTING.fullmatch(text) is None:
        raise FileBroken("The file is not well quoted")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";", strict=True)
    columns = next(_lines(reader), [])
    _check_header(columns, required=tuple(required), optional=tuple(optional))
    rows = (Row(number, cells) for number, cells in enumerate(_lines(reader), start=2))
    return Sheet(columns, {column: position for position, column in enumerate(columns)}, rows)


def whole_rows(sheet: Sheet, errors: list[LineError]) -> Iterator[Row]:
    """Yield the rows that have as many columns as the header; the others become errors."""
    width = len(sheet.columns)
    for row in sheet.rows:
        if len(row.cells) == width:
            yield row
        else:
            errors.append(LineError(row, f"Wrong number of columns: {len(row.cells)} instead of {width}"))


def by_offer(sheet: Sheet, column: str, errors: list[LineError]) -> Iterator[tuple[str, list[Row]]]:
    """Yield each SKU with its adjacent rows; rows without a SKU, or of a SKU that had its turn, become errors."""
    seen: set[str] = set()
    position = sheet.places[column]
    for cell, group in itertools.groupby(whole_rows(sheet, errors), key=lambda row: row.cells[position]):
        rows, sku = list(group), cell.strip()
        if sku and sku not in seen:
            seen.add(sku)
            yield sku, rows
            continue
        reason = "The lines of one offer must be adjacent" if sku else f"{column} is missing"
        errors.extend(LineError(row, reason) for row in rows)


def quantity_of(text: str) -> int:
    """Return the quantity; LineBroken unless it is a whole number from 0 to a billion."""
    if not (text.isascii() and text.isdigit()):
        raise LineBroken(f"Quantity '{text}' is not a whole number of 0 or more")
    if len(text) > len(str(LARGEST_QUANTITY)) or int(text) > LARGEST_QUANTITY:
        raise LineBroken(f"Quantity '{text}' is more than {LARGEST_QUANTITY}")
    return int(text)


def amount(text: str, *, column: str, decimals: int, rounds: bool) -> Decimal:
    """Return the amount; LineBroken unless it is a number above 0 with no more decimals than the platform has.

    Only the point separates decimals: Mirakl's samples mix it with the comma, and a comma hides a wrong locale.
    """
    if _NUMBER.fullmatch(text) is None:
        raise LineBroken(f"{column} '{text}' is not a number")
    number = Decimal(text)
    step = Decimal(1).scaleb(-decimals)
    if number.quantize(step) != number:
        if not rounds:
            raise LineBroken(f"{column} '{text}' has more than {decimals} decimals")
        number = number.quantize(step)
    if number <= 0:
        raise LineBroken(f"{column} '{text}' is not above 0")
    return number


def moment(text: str, *, column: str) -> datetime | None:
    """Return the date-time, or the beginning of the day; None for an empty cell."""
    if not text:
        return None
    try:
        if _DAY.fullmatch(text):
            return datetime.fromisoformat(text).replace(tzinfo=UTC)
        return parse_datetime(text)
    except ValueError as broken:
        raise LineBroken(f"{column} '{text}' is not an ISO 8601 date") from broken


def error_report(columns: Sequence[str], errors: Sequence[LineError]) -> str:
    """Return the report: line number, reason, then the line as it was sent."""
    page = io.StringIO(newline="")
    writer = csv.writer(page, delimiter=";", lineterminator="\n")
    writer.writerow([*REPORT_COLUMNS, *(column for column in columns if column not in REPORT_COLUMNS)])
    kept = [position for position, column in enumerate(columns) if column not in REPORT_COLUMNS]
    for error in errors:
        cells = error.row.cells
        own = cells if len(kept) == len(columns) else [cells[position] for position in kept if position < len(cells)]
        writer.writerow([error.row.line, error.reason, *own])
    return page.getvalue()


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        raise FileBroken("The file is not UTF-8") from broken


def _lines(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    try:
        for cells in reader:
            if cells:
                yield cells
    except csv.Error as broken:
        raise FileBroken(f"The file can't be read: {broken}") from broken


def _check_header(columns: Sequence[str], *, required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for column in required:
        if column not in columns:
            raise FileBroken(f"Column '{column}' is missing")
    for column in columns:
        if column not in (*required, *optional, *REPORT_COLUMNS):
            raise FileBroken(f"Column '{column}' is unknown")
    if len(set(columns)) < len(columns):
        raise FileBroken("A column occurs twice")
