"""The query string of OR11."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from starlette.datastructures import QueryParams

from app.sandbox.mirakl.orders import Order
from app.sandbox.mirakl.params import Paging, csv, date, flag, ids, not_allowed, one_of, paging
from app.sandbox.mirakl.states import OLD_STATES, STATES
from app.sandbox.published import lists_of

# The operator goes back a little by itself, so that no latency loses an update.
UPDATE_DELTA = timedelta(seconds=30)
TAX_MODES = ("TAX_INCLUDED", "TAX_EXCLUDED")
WORKFLOWS = lists_of("mirakl")["payment_workflows"]

Test = Callable[[Order], bool]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Query:
    """One list request: which orders, which page, which tax mode (None: the platform's)."""

    tests: tuple[Test, ...]
    page: Paging
    tax_mode: str | None

    def wants(self, order: Order) -> bool:
        return all(test(order) for test in self.tests)


def parse(params: QueryParams) -> Query:
    """Return what is asked; Refusal 400 for what can't be read."""
    one_of(params, "sort", ("dateCreated",))
    return Query(
        tests=tuple(_tests(params)),
        page=paging(params),
        tax_mode=one_of(params, "order_tax_mode", TAX_MODES),
    )


def _tests(params: QueryParams) -> list[Test]:
    found = [
        _when(ids(params, "order_ids"), lambda wanted, order: order.order_id in wanted),
        # The sandbox gives its orders no references of customer or seller.
        _when(ids(params, "order_references_for_customer"), lambda ids, order: False),
        _when(ids(params, "order_references_for_seller"), lambda ids, order: False),
        _when(_states(params), lambda states, order: order.state in states),
        _when(csv(params, "channel_codes"), lambda codes, order: _channel(order) in codes),
        _when(flag(params, "only_null_channel") or None, lambda _, order: order.channel is None),
        _when(date(params, "start_date"), lambda start, order: order.created >= start),
        _when(date(params, "end_date"), lambda end, order: order.created <= end),
        _when(date(params, "start_update_date"), lambda start, order: order.updated >= start - UPDATE_DELTA),
        _when(date(params, "end_update_date"), lambda end, order: order.updated <= end),
        _when(flag(params, "customer_debited"), lambda debited, order: order.paid == debited),
        _when(one_of(params, "payment_workflow", WORKFLOWS), lambda workflow, order: order.workflow == workflow),
        _when(flag(params, "has_incident"), lambda incident, order: order.incident == incident),
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


def _states(params: QueryParams) -> frozenset[str] | None:
    states = csv(params, "order_state_codes")
    for state in sorted(states or ()):
        if state not in STATES and state not in OLD_STATES:
            raise not_allowed("order_state_codes", state)
    return states
