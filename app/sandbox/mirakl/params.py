"""Query strings, read as strictly as the real ones; what a call does not know it ignores."""

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import URL, QueryParams

from app.sandbox.mirakl.errors import Refusal
from app.sandbox.times import parse_datetime

DEFAULT_PAGE = 10
LARGEST_PAGE = 100
MOST_IDS = 100


@dataclass(frozen=True)
class Paging:
    """Offset paging: which page of the list, and which way round the list is."""

    max: int
    offset: int
    descending: bool
    paginate: bool


def paging(params: QueryParams) -> Paging:
    return Paging(
        max=whole(params, "max", default=DEFAULT_PAGE, least=1, most=LARGEST_PAGE),
        offset=whole(params, "offset", default=0, least=0, most=None),
        descending=one_of(params, "order", ("asc", "desc")) == "desc",
        paginate=flag(params, "paginate") is not False,
    )


def links(url: URL, page: Paging, *, total: int) -> dict[str, str]:
    """Return the Link header that leads to the pages beside; nothing when there are none."""
    found = []
    if page.paginate and page.offset > 0:
        found.append(_link(url, max(0, page.offset - page.max), "previous"))
    if page.paginate and page.offset + page.max < total:
        found.append(_link(url, page.offset + page.max, "next"))
    return {"Link": ", ".join(found)} if found else {}


def csv(params: QueryParams, name: str) -> frozenset[str] | None:
    values = [part.strip() for text in params.getlist(name) for part in text.split(",") if part.strip()]
    return frozenset(values) if values else None


def ids(params: QueryParams, name: str) -> frozenset[str] | None:
    values = csv(params, name)
    if values is not None and len(values) > MOST_IDS:
        raise Refusal(400, f"Limit of {MOST_IDS} exceeded for parameter '{name}'")
    return values


def date(params: QueryParams, name: str) -> datetime | None:
    text = params.get(name)
    if not text:
        return None
    try:
        return parse_datetime(text)
    except ValueError as broken:
        raise not_allowed(name, text) from broken


def flag(params: QueryParams, name: str) -> bool | None:
    text = params.get(name)
    if not text:
        return None
    if text not in ("true", "false"):
        raise not_allowed(name, text)
    return text == "true"


def one_of(params: QueryParams, name: str, allowed: tuple[str, ...]) -> str | None:
    text = params.get(name)
    if not text:
        return None
    if text not in allowed:
        raise not_allowed(name, text)
    return text


def whole(params: QueryParams, name: str, *, default: int, least: int, most: int | None) -> int:
    text = params.get(name)
    if not text:
        return default
    if not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > 9:
        raise not_allowed(name, text)
    number = int(text)
    if number < least or (most is not None and number > most):
        raise not_allowed(name, text)
    return number


def not_allowed(name: str, text: str) -> Refusal:
    return Refusal(400, f"Value '{text}' is not allowed for parameter '{name}'")


def _link(url: URL, offset: int, rel: str) -> str:
    return f'<{url.include_query_params(offset=offset)}>; rel="{rel}"'
