"""The query string of searchOrders, and its rules."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from starlette.datastructures import QueryParams

from app.sandbox.amazon import params
from app.sandbox.amazon.errors import Refusal, invalid
from app.sandbox.amazon.orders.index import Field, Key
from app.sandbox.amazon.orders.order import Order
from app.sandbox.amazon.orders.page_tokens import PageToken, question_of, read_token
from app.sandbox.amazon.orders.records import INCLUDED
from app.sandbox.amazon.orders.states import STATES
from app.sandbox.amazon.switches import Switches

LARGEST_PAGE = 100
# "At least two minutes before the time of the request."
QUIET = timedelta(minutes=2)
REACH = timedelta(days=2 * 365)
# These alone may differ from page to page.
MAY_CHANGE = ("maxResultsPerPage", "includedData", "paginationToken")


@dataclass(frozen=True)
class Query:
    """One request for a page: which orders, from when until when, and after which order the page begins."""

    by: Field
    after: datetime
    until: datetime
    states: frozenset[str]
    fulfilled_by: frozenset[str]
    store_ids: frozenset[str]
    size: int
    included: frozenset[str]
    question: str
    beyond: Key | None
    chain_began: datetime

    def wants(self, order: Order, *, now: datetime) -> bool:
        """Say whether the order is found, now that the index stands where it stands."""
        return (
            order.findable_at <= now
            and order.created >= now - REACH
            and (not self.states or order.state in self.states)
            and (not self.fulfilled_by or ("AMAZON" if order.by_amazon else "MERCHANT") in self.fulfilled_by)
            # Orders of other channels come whatever stores are asked for.
            and (not self.store_ids or order.other_channel or order.store.store_id in self.store_ids)
        )

    def token_after(self, key: Key, *, now: datetime) -> str:
        """Return the token that leads to what follows that order."""
        return PageToken(self.question, key, self.until, self.chain_began, now).text()


def parse(given: QueryParams, *, switches: Switches, now: datetime) -> Query:
    """Return what is asked; Refusal 400 for what can't be read and for every rule that is broken."""
    by, after, before = _span(given, now=now)
    query = Query(
        by=by,
        after=after,
        until=before or now - timedelta(seconds=switches.search_delay_s),
        states=params.choices(given, "fulfillmentStatuses", STATES),
        fulfilled_by=params.choices(given, "fulfilledBy", ("MERCHANT", "AMAZON")),
        store_ids=frozenset(store.store_id for store in params.stores(given)),
        size=params.whole(given, "maxResultsPerPage", default=LARGEST_PAGE, most=LARGEST_PAGE),
        included=params.choices(given, "includedData", INCLUDED),
        question=question_of([(name, text) for name, text in given.multi_items() if name not in MAY_CHANGE]),
        beyond=None,
        chain_began=now,
    )
    text = given.get("paginationToken")
    return query if text is None else _continued(query, text, switches=switches, now=now)


def _span(given: QueryParams, *, now: datetime) -> tuple[Field, datetime, datetime | None]:
    created, updated = params.moment(given, "createdAfter"), params.moment(given, "lastUpdatedAfter")
    if created is not None and updated is None:
        by, after, mine, others = "created", created, "createdBefore", "lastUpdatedBefore"
    elif updated is not None and created is None:
        by, after, mine, others = "updated", updated, "lastUpdatedBefore", "createdBefore"
    else:
        raise invalid("Exactly one of createdAfter and lastUpdatedAfter must be provided.")
    if others in given:
        raise invalid(f"{others} must not be provided.")
    before = params.moment(given, mine)
    if before is not None and (before < after or before > now - QUIET):
        raise invalid(f"{mine} is invalid.")
    return ("created" if by == "created" else "updated"), after, before


def _continued(query: Query, text: str, *, switches: Switches, now: datetime) -> Query:
    token = read_token(text)
    if token is None:
        raise _bad_token()
    if token.question != query.question:
        raise invalid("paginationToken is invalid.", details="The request parameters differ from the first request.")
    born = token.chain_began if switches.page_life_from == "first_page" else token.made
    if now - born >= timedelta(hours=switches.page_life_h):
        raise _bad_token()
    return replace(query, until=token.until, beyond=token.beyond, chain_began=token.chain_began)


def _bad_token() -> Refusal:
    return invalid("paginationToken is invalid.")
