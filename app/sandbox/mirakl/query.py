"""The query string of OR11, read as strictly as the real one; what it does not know it ignores."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from starlette.datastructures import QueryParams

from app.sandbox.mirakl.errors import Refusal
from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.states import OLD_STATES, STATES
from app.sandbox.moments import parse_stamp

DEFAULT_PAGE = 10
LARGEST_PAGE = 100
MOST_IDS = 100
# The operator goes back a little by itself, so that no latency loses an update.
UPDATE_DELTA = timedelta(seconds=30)
TAX_MODES = ("TAX_INCLUDED", "TAX_EXCLUDED")
WORKFLOWS = (
    "PAY_ON_ACCEPTANCE",
    "PAY_ON_DELIVERY",
    "PAY_ON_DUE_DATE",
    "PAY_ON_SHIPMENT",
    "NO_CUSTOMER_PAYMENT_CONFIRMATION",
)

Test = Callable[[Order], bool]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Query:
    """One list request: which orders, which page, which tax mode (None: the platform's)."""

    tests: tuple[Test, ...]
    max: int
    offset: int
    descending: bool
    paginate: bool
    tax_mode: str | None

    def wants(self, order: Order) -> bool:
        return all(test(order) for test in self.tests)


def parse(params: QueryParams) -> Query:
    """Return what is asked; Refusal 400 for what can't be read."""
    _one_of(params, "sort", ("dateCreated",))
    return Query(
        tests=tuple(_tests(params)),
        max=_whole(params, "max", default=DEFAULT_PAGE, least=1, most=LARGEST_PAGE),
        offset=_whole(params, "offset", default=0, least=0, most=None),
        descending=_one_of(params, "order", ("asc", "desc")) == "desc",
        paginate=_flag(params, "paginate") is not False,
        tax_mode=_one_of(params, "order_tax_mode", TAX_MODES),
    )


def _tests(params: QueryParams) -> list[Test]:
    found = [
        _when(_ids(params, "order_ids"), lambda ids, order: order.order_id in ids),
        # The sandbox gives its orders no references of customer or seller.
        _when(_ids(params, "order_references_for_customer"), lambda ids, order: False),
        _when(_ids(params, "order_references_for_seller"), lambda ids, order: False),
        _when(_states(params), lambda states, order: order.state in states),
        _when(_csv(params, "channel_codes"), lambda codes, order: _channel(order) in codes),
        _when(_flag(params, "only_null_channel") or None, lambda _, order: order.channel is None),
        _when(_date(params, "start_date"), lambda start, order: order.created >= start),
        _when(_date(params, "end_date"), lambda end, order: order.created <= end),
        _when(_date(params, "start_update_date"), lambda start, order: order.updated >= start - UPDATE_DELTA),
        _when(_date(params, "end_update_date"), lambda end, order: order.updated <= end),
        _when(_flag(params, "customer_debited"), lambda debited, order: order.paid == debited),
        _when(_one_of(params, "payment_workflow", WORKFLOWS), lambda workflow, order: order.workflow == workflow),
        _when(_flag(params, "has_incident"), lambda incident, order: order.incident == incident),
        _when(frozenset(params.getlist("fulfillment_center_code")) or None, lambda codes, order: order.center in codes),
    ]
    return [test for test in found if test is not None]


def _when(value: Value | None, test: Callable[[Value, Order], bool]) -> Test | None:
    if value is None:
        return None
    given = value
    return lambda order: test(given, order)


def _channel(order: Order) -> str | None:
    return order.channel[0] if order.channel else None


def _csv(params: QueryParams, name: str) -> frozenset[str] | None:
    values = [part.strip() for text in params.getlist(name) for part in text.split(",") if part.strip()]
    return frozenset(values) if values else None


def _ids(params: QueryParams, name: str) -> frozenset[str] | None:
    values = _csv(params, name)
    if values is not None and len(values) > MOST_IDS:
        raise Refusal(400, f"Limit of {MOST_IDS} exceeded for parameter '{name}'")
    return values


def _states(params: QueryParams) -> frozenset[str] | None:
    states = _csv(params, "order_state_codes")
    for state in sorted(states or ()):
        if state not in STATES and state not in OLD_STATES:
            raise _bad("order_state_codes", state)
    return states


def _date(params: QueryParams, name: str) -> datetime | None:
    text = params.get(name)
    if not text:
        return None
    try:
        return parse_stamp(text)
    except ValueError as broken:
        raise _bad(name, text) from broken


def _flag(params: QueryParams, name: str) -> bool | None:
    text = params.get(name)
    if not text:
        return None
    if text not in ("true", "false"):
        raise _bad(name, text)
    return text == "true"


def _one_of(params: QueryParams, name: str, allowed: tuple[str, ...]) -> str | None:
    text = params.get(name)
    if not text:
        return None
    if text not in allowed:
        raise _bad(name, text)
    return text


def _whole(params: QueryParams, name: str, *, default: int, least: int, most: int | None) -> int:
    text = params.get(name)
    if not text:
        return default
    if not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > 9:
        raise _bad(name, text)
    number = int(text)
    if number < least or (most is not None and number > most):
        raise _bad(name, text)
    return number


def _bad(name: str, text: str) -> Refusal:
    return Refusal(400, f"Value '{text}' is not allowed for parameter '{name}'")
