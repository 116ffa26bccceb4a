"""Offers: what each marketplace shows of our SKUs, what the shop wants, and the batches under way between the two.

known.py       what the marketplace shows
wanted.py      what the shop wants, and what sending it would do
batches.py     what is under way
conditions.py  when an offer differs
"""

from app.store.offers.batches import (
    Batch,
    Receipt,
    ReceiptState,
    RefusedOffer,
    begin_batch,
    give_up,
    pending_count,
    receipts,
    refused_offers,
    settle_results,
    settle_submitted,
)
from app.store.offers.known import Known, begin_listing, end_listing, known_offers, last_listing, take_listing
from app.store.offers.wanted import (
    Rest,
    Wanted,
    figures,
    leave_alone,
    on_sale_before,
    on_sale_count,
    want,
    want_nothing_of_the_rest,
)

__all__ = [
    "Batch",
    "Known",
    "Receipt",
    "ReceiptState",
    "RefusedOffer",
    "Rest",
    "Wanted",
    "begin_batch",
    "begin_listing",
    "end_listing",
    "figures",
    "give_up",
    "known_offers",
    "last_listing",
    "leave_alone",
    "on_sale_before",
    "on_sale_count",
    "pending_count",
    "receipts",
    "refused_offers",
    "settle_results",
    "settle_submitted",
    "take_listing",
    "want",
    "want_nothing_of_the_rest",
]
