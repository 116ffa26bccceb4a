"""What `filter[field]=value` means, as the database reads it."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.sandbox.prestashop.tables.collation import collated
from app.sandbox.prestashop.tables.rows import IndexKey, Row
from app.sandbox.prestashop.tables.schema import Field, Value

_BRACKETS = re.compile(r"(.*)\[(.*)\](.*)", re.DOTALL)
_INTERVAL = re.compile(r"([\d.:\-\s]+),([\d.:\-\s]+)")
Comparable = int | Decimal | str


@dataclass(frozen=True)
class Filter:
    """One condition on one field; `equals` are the values it asks for when it asks for nothing else."""

    field: Field
    test: Callable[[Comparable], bool]
    equals: Sequence[IndexKey] | None = None

    def passes(self, row: Row) -> bool:
        value: Value = row[self.field.name]
        if isinstance(value, dict):
            return any(self.test(collated(each)) for each in value.values())
        if value is None:
            return False
        return self.test(collated(value) if isinstance(value, str) else value)


def read_filter(field: Field, text: str) -> Filter:
    """Return the condition that a filter's value stands for."""
    found = _BRACKETS.fullmatch(text)
    if found is None:
        return _one_of(field, [text])
    before, inside, after = found.groups()
    if before == "%" or after == "%":
        return _like(field, before + inside + after)
    if before == "" and after == "":
        return _listed(field, inside)
    if before == ">":
        bound = _comparable(field, inside)
        return Filter(field, lambda value: _above(value, bound))
    if before == "<":
        bound = _comparable(field, inside)
        return Filter(field, lambda value: _above(bound, value))
    if before == "!":
        refused = {_comparable(field, each) for each in inside.split("|")}
        return Filter(field, lambda value: value not in refused)
    return Filter(field, lambda _: True)


def _listed(field: Field, inside: str) -> Filter:
    if inside.find("|") > 0:
        return _one_of(field, inside.split("|"))
    interval = _INTERVAL.fullmatch(inside)
    if interval is None:
        return _one_of(field, [inside])
    low, high = sorted((_comparable(field, interval[1]), _comparable(field, interval[2])))
    return Filter(field, lambda value: not _above(low, value) and not _above(value, high))


def _one_of(field: Field, texts: Iterable[str]) -> Filter:
    wanted = {_comparable(field, each) for each in texts}
    equals = [each for each in wanted if isinstance(each, (int, str))]
    return Filter(field, lambda value: value in wanted, equals if len(equals) == len(wanted) else None)


def _like(field: Field, pattern: str) -> Filter:
    parts = [".*" if each == "%" else "." if each == "_" else re.escape(each) for each in collated(pattern)]
    compiled = re.compile("".join(parts), re.DOTALL)
    return Filter(field, lambda value: compiled.fullmatch(str(field.shown(value))) is not None)


def _comparable(field: Field, text: str) -> Comparable:
    if field.kind == "date":
        # A day alone is its first second.
        return f"{text} 00:00:00" if len(text) == len("2026-01-01") else text.strip()
    if field.kind in ("text", "lang"):
        return collated(text)
    value = field.stored(text)
    return value if isinstance(value, (int, Decimal)) else 0


def _above(one: Comparable, other: Comparable) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return str(one) > str(other)
    return one > other
