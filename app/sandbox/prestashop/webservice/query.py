"""What a read asks for: which rows, in which order, which of their fields, and what it may not ask."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.sandbox.prestashop.errors import Fault, Refusal, php_warning, refuse
from app.sandbox.prestashop.tables.collation import collated
from app.sandbox.prestashop.tables.rows import Row, Table
from app.sandbox.prestashop.tables.schema import Association, Field, Resource
from app.sandbox.prestashop.webservice.filters import Filter, read_filter
from app.sandbox.prestashop.webservice.nearest import did_you_mean, quoted

DATES = ("date_add", "date_upd")
_FILTER = re.compile(r"filter\[(\w+)\]")
_LIST = re.compile(r"\[(.*)\]", re.DOTALL)
_COMMA = re.compile(r",(?![^\[]*\])")
_NESTED = re.compile(r"(\w+)\[(.*)\]")
_LIMIT = re.compile(r"(?:(\d+),)?(\d+)")
_SORT = re.compile(r"(.+)_(ASC|DESC)", re.IGNORECASE)
# Where the service trips over a filter that it has just refused.
_TRIPPING_LINES = (1333, 1334, 1335, 1336)
# Rows that are equal in what they are sorted by come in no order at all.
_SCRAMBLE, _WIDTH = 7, 13


@dataclass(frozen=True)
class Display:
    """Which fields are shown; None: the ids alone. `virtual` are named prices."""

    fields: tuple[Field, ...]
    associations: tuple[Association, ...]
    parts: Mapping[str, frozenset[str]]
    virtual: tuple[str, ...] = ()


@dataclass(frozen=True)
class Query:
    """One list as it was asked for."""

    filters: tuple[Filter, ...]
    sort: tuple[tuple[Field, bool], ...]
    offset: int
    count: int | None
    display: Display | None


def read_query(resource: Resource, params: Sequence[tuple[str, str]], *, warnings: bool) -> Query:
    """Return what the parameters ask for; raises Refusal with the service's number for what can't be asked."""
    given = dict(params)
    display = read_display(resource, given.get("display"), virtual=virtual_prices(params))
    filters = _filters(resource, params, dated=given.get("date") in ("1", "true"), warnings=warnings)
    offset, count = _limit(given.get("limit"))
    return Query(filters, _sort(resource, given), offset, count, display)


def select(table: Table, query: Query) -> list[Row]:
    """Return the rows that a query finds, in its order."""
    rows: Iterable[Row] = _candidates(table, query.filters)
    if query.filters:
        rows = [row for row in rows if all(each.passes(row) for each in query.filters)]
    if query.sort:
        rows = _sorted(rows, query.sort)
    elif not query.filters and table.resource.natural:
        rows = sorted(rows, key=lambda row: tuple(collated(row[name]) for name in table.resource.natural))
    stop = None if query.count is None else query.offset + query.count
    return list(islice(rows, query.offset, stop))


def read_display(resource: Resource, text: str | None, *, virtual: frozenset[str] = frozenset()) -> Display | None:
    """Return what is to be shown; None when nothing was said."""
    if text in (None, "", "minimum"):
        return None
    if text == "full":
        return Display(resource.fields, resource.associations, {})
    names = [each.name for each in resource.fields] + [each.name for each in resource.associations]
    found = _LIST.fullmatch(text or "")
    if found is None:
        raise refuse(
            400,
            36,
            "The 'display' syntax is wrong. You can set 'full' or '[field_1,field_2,field_3,...]'. "
            f"These are available: {quoted(names)}",
        )
    parts: dict[str, frozenset[str]] = {}
    wanted: dict[str, None] = {}
    for each in (word.strip() for word in _COMMA.split(found[1])):
        nested = _NESTED.fullmatch(each)
        name = nested[1] if nested else each
        if nested:
            parts[name] = frozenset(nested[2].split(","))
        if name not in names and name not in virtual:
            raise refuse(
                400, 35, f'Unable to display this field "{name}". However, these are available: {quoted(names)}'
            )
        wanted[name] = None
    return Display(
        tuple(each for each in resource.fields if each.name in wanted),
        tuple(each for each in resource.associations if each.name in wanted),
        parts,
        tuple(name for name in wanted if name not in names),
    )


def virtual_prices(params: Iterable[tuple[str, str]]) -> frozenset[str]:
    """Return the names that `price[name][…]` gives to computed prices."""
    return frozenset(found[1] for name, _ in params if (found := re.match(r"price\[(\w+)\]", name)))


def _filters(
    resource: Resource, params: Iterable[tuple[str, str]], *, dated: bool, warnings: bool
) -> tuple[Filter, ...]:
    allowed = [each.name for each in resource.fields if dated or each.name not in DATES]
    filters = []
    for key, text in params:
        found = _FILTER.fullmatch(key)
        if found is None:
            continue
        name = found[1]
        if name not in allowed:
            raise _tripped(Fault(32, f"This filter does not exist. {did_you_mean(name, allowed)}"), warnings=warnings)
        field = resource.by_name[name]
        if field.getter:
            sentence = f'The field "{name}" is dynamic. It is not possible to filter GET query with this field.'
            raise _tripped(Fault(34, sentence), warnings=warnings)
        filters.append(read_filter(field, text))
    return tuple(filters)


def _tripped(fault: Fault, *, warnings: bool) -> Refusal:
    if not warnings:
        return Refusal(400, fault)
    tripping = "Trying to access array offset on value of type bool"
    return Refusal(500, fault, *(php_warning(tripping, line=line) for line in _TRIPPING_LINES))


def _sort(resource: Resource, given: Mapping[str, str]) -> tuple[tuple[Field, bool], ...]:
    text = given.get("sort")
    if not text:
        return ()
    allowed = [
        each.name for each in resource.fields if not each.getter and (given.get("date") or each.name not in DATES)
    ]
    found = _LIST.fullmatch(text)
    order = []
    for each in (found[1] if found else text).split(","):
        word = _SORT.fullmatch(each.strip())
        if word is None:
            raise refuse(
                400,
                37,
                'The "sort" value has to be formed as this example: "field_ASC" or '
                "'[field_1_DESC,field_2_ASC,field_3_ASC,...]' (\"field\" has to be an available field)",
            )
        if word[1] not in allowed:
            raise refuse(400, 38, f"Unable to filter by this field. However, these are available: {', '.join(allowed)}")
        order.append((resource.by_name[word[1]], word[2].upper() == "DESC"))
    return tuple(order)


def _limit(text: str | None) -> tuple[int, int | None]:
    if not text:
        return 0, None
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise refuse(400, 39, 'The "limit" value has to be formed as this example: "5,25" or "10"')
    return int(found[1] or 0), int(found[2])


def _candidates(table: Table, filters: Iterable[Filter]) -> Iterable[Row]:
    """Return the rows that may pass: by id, by an index, or all of them."""
    for each in filters:
        if each.equals is None:
            continue
        if each.field.name == "id":
            return [table[row_id] for row_id in sorted(map(int, each.equals)) if row_id in table]
        if table.is_indexed(each.field.name):
            return table.found_by(each.field.name, each.equals)
    return table


def _sorted(rows: Iterable[Row], order: Sequence[tuple[Field, bool]]) -> Iterable[Row]:
    if order[0][0].name == "id" and not order[0][1] and isinstance(rows, Table) and rows.in_order:
        return rows
    found = list(rows)
    if all(field.name != "id" for field, _ in order):
        found.sort(key=lambda row: row.id * _SCRAMBLE % _WIDTH)
    for field, down in reversed(order):
        found.sort(key=_key(field), reverse=down)
    return found


def _key(field: Field) -> Any:
    name = field.name
    if field.kind in ("text", "lang"):
        return lambda row: str(row[name]).casefold()
    if field.nullable:
        return lambda row: -1 if row[name] is None else row[name]
    return lambda row: row[name]
