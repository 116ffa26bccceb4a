"""Seek paging: a token that carries everything, so that new entries never move a page."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from starlette.datastructures import QueryParams

from app.sandbox.mirakl.errors import Refusal
from app.sandbox.mirakl.params import DEFAULT_PAGE, LARGEST_PAGE, not_allowed, whole

Item = TypeVar("Item")


@dataclass(frozen=True)
class Seek:
    """Which entries, how many, and beside which one; `filters` are the caller's own."""

    filters: Mapping[str, list[str]]
    limit: int
    descending: bool
    after: int | None = None
    before: int | None = None

    def token(self, *, after: int | None = None, before: int | None = None) -> str:
        carried = replace(self, after=after, before=before)
        return base64.urlsafe_b64encode(json.dumps(carried.__dict__).encode()).decode()


def seek(params: QueryParams, *, filters: Sequence[str], sort: str) -> Seek:
    """Return what is asked; with a page_token every other parameter is ignored. The newest come first by default."""
    token = params.get("page_token")
    if token:
        return _from_token(token)
    order = params.get("sort") or f"{sort},DESC"
    if order not in (f"{sort},ASC", f"{sort},DESC"):
        raise not_allowed("sort", order)
    return Seek(
        filters={name: params.getlist(name) for name in filters if params.getlist(name)},
        limit=whole(params, "limit", default=DEFAULT_PAGE, least=1, most=LARGEST_PAGE),
        descending=order.endswith("DESC"),
    )


def page(entries: Mapping[int, Item], query: Seek) -> tuple[list[Item], dict[str, str]]:
    """Return the entries of the page, and the tokens of the pages beside; the keys grow with time."""
    keys = sorted(entries, reverse=query.descending)
    first = 0
    if query.after is not None:
        first = sum(1 for key in keys if _rank(key, query) <= _rank(query.after, query))
    if query.before is not None:
        earlier = sum(1 for key in keys if _rank(key, query) < _rank(query.before, query))
        first = max(0, earlier - query.limit)
    shown = keys[first : first + query.limit]
    tokens = {}
    if shown and first + len(shown) < len(keys):
        tokens["next_page_token"] = query.token(after=shown[-1])
    if shown and first > 0:
        tokens["previous_page_token"] = query.token(before=shown[0])
    return [entries[key] for key in shown], tokens


def _rank(key: int, query: Seek) -> int:
    return -key if query.descending else key


def _from_token(token: str) -> Seek:
    try:
        carried: dict[str, Any] = json.loads(base64.urlsafe_b64decode(token))
        return Seek(**carried)
    except (ValueError, TypeError, binascii.Error) as broken:
        raise Refusal(400, "The page_token can't be read") from broken
