"""Query strings, read as strictly as the real ones: lists are comma-separated, dates name their offset."""

from collections.abc import Collection
from datetime import datetime

from starlette.datastructures import QueryParams

from app.sandbox.amazon.errors import invalid
from app.sandbox.amazon.marketplaces import Store, of_region
from app.sandbox.amazon.timestamps import parse_timestamp

MOST_STORES = 50


def csv(params: QueryParams, name: str) -> list[str]:
    """Return the values of a list, in the order in which they are given."""
    return [part.strip() for text in params.getlist(name) for part in text.split(",") if part.strip()]


def choices(params: QueryParams, name: str, allowed: Collection[str]) -> frozenset[str]:
    """Return the values of a list of fixed words; an unknown one is refused."""
    values = csv(params, name)
    for value in values:
        if value not in allowed:
            raise invalid(f"{name} is invalid.", details=f"'{value}' is not one of the allowed values.")
    return frozenset(values)


def choice(params: QueryParams, name: str, allowed: Collection[str]) -> str | None:
    value = params.get(name)
    if value is None:
        return None
    if value not in allowed:
        raise invalid(f"{name} is invalid.", details=f"'{value}' is not one of the allowed values.")
    return value


def moment(params: QueryParams, name: str) -> datetime | None:
    text = params.get(name)
    if text is None:
        return None
    found = parse_timestamp(text)
    if found is None:
        raise invalid(f"{name} is invalid.", details=f"'{text}' is not an ISO 8601 date-time.")
    return found


def whole(params: QueryParams, name: str, *, default: int, most: int) -> int:
    text = params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or len(text) > 6 or not 1 <= int(text) <= most:
        raise invalid(f"{name} is invalid.", details=f"It must be between 1 and {most}.")
    return int(text)


def stores(params: QueryParams, *, most: int = MOST_STORES, required: bool = False) -> list[Store]:
    """Return the stores that are named; all of them must be of this region."""
    store_ids = csv(params, "marketplaceIds")
    if len(store_ids) > most or (required and not store_ids):
        raise invalid("marketplaceIds is invalid.", details=f"It must name 1 to {most} marketplaces.")
    found = of_region(store_ids)
    if found is None:
        raise invalid("marketplaceIds is invalid.", details="A marketplace is unknown or of another region.")
    return found
