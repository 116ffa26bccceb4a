"""The file of `account adopt`: marketplace orders that are in the shop already, one a line."""

import csv
import re
from pathlib import Path

from app.errors import BadInput

LONGEST_ID = 100
SHOWN = 10
_UNFIT = re.compile(r"[\s\x00-\x1f\x7f]")


def read_adopted(path: Path) -> dict[str, str | None]:
    """Return the shop's reference, or None, by marketplace order id; raises BadInput naming the bad lines.

    A line holds the id and, after a comma, semicolon or tab, the shop's reference. A header line is known by its lack
    of digits; empty lines are passed over.
    """
    refs: dict[str, str | None] = {}
    bad: list[str] = []
    first = True
    for number, line in enumerate(_lines(path), start=1):
        cells = _cells(line)
        if not any(cells):
            continue
        is_header = first and bool(cells[0]) and not any(sign.isdigit() for sign in cells[0])
        first = False
        if is_header:
            continue
        order_id, ref = cells[0], (cells[1] if len(cells) > 1 else "") or None
        fault = _fault(cells) or ("is given twice with different references" if refs.get(order_id, ref) != ref else "")
        if fault:
            bad.append(f"line {number} {fault}")
        refs[order_id] = ref
    if bad:
        more = f"; and {len(bad) - SHOWN} more" if len(bad) > SHOWN else ""
        raise BadInput(f"{path.name} can't be used, nothing was adopted: {'; '.join(bad[:SHOWN])}{more}.", field="file")
    if not refs:
        raise BadInput(f"{path.name} holds no order id. Put one on each line.", field="file")
    return refs


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as exc:
        raise BadInput(f"{path} can't be read ({exc.strerror}).", field="file") from exc
    except UnicodeDecodeError as exc:
        raise BadInput(f"{path} is not UTF-8 text. Save it as CSV or text in UTF-8.", field="file") from exc


def _cells(line: str) -> list[str]:
    separator = next((sign for sign in "\t;," if sign in line), ",")
    return [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]


def _fault(cells: list[str]) -> str:
    if not cells[0]:
        return "has no order id in its first column"
    if any(cells[2:]):
        return "has more than two columns"
    if any(len(cell) > LONGEST_ID for cell in cells):
        return f"has more than {LONGEST_ID} characters in a column"
    if _UNFIT.search(cells[0]):
        return f"has a space in the order id '{cells[0][:40]}'"
    return ""
