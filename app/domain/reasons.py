"""Every code that a report can hold, and after which of them somebody has to act.

Codes are stable: scripts and support rely on them. Their sentences stand in `sentences_en.py` and `sentences_fr.py`.
"""

from functools import cache

from app.domain import sentences_en

# Somebody has to act; after the others the service goes on by itself.
NEEDS_PERSON = frozenset(
    {
        "UNKNOWN_TWICE",
        "TRACKING_MISSING",
        "TRACKING_REFUSED",
        "TRACKING_URL_UNKNOWN",
        "CARRIER_UNKNOWN",
        "SHIP_REFUSED",
        "SHIPMENT_NOT_SHOWN",
        "DELETED_IN_SHOP",
        "OFFER_REFUSED",
        "PRICE_GUARD",
        "STOCK_GUARD",
        "OFFERS_UNANSWERED",
        "SHIPPED_THERE_ONLY",
        "TOTAL_DIFFERS",
        "UNKNOWN_THERE",
        "SKU_UNKNOWN",
        "SKU_AMBIGUOUS",
        "SKU_MISSING",
        "PRODUCT_INACTIVE",
        "OUT_OF_STOCK",
        "ADDRESS_MISSING",
        "ADDRESS_REFUSED",
        "COUNTRY_INACTIVE",
        "CURRENCY_UNKNOWN",
        "CARRIER_UNMAPPED",
        "TOTAL_MISMATCH",
        "TAXES_EXCLUDED",
        "REFUNDED",
        "ORDER_HALF_MADE",
        "ORDER_MISSING",
        "UNREADABLE",
        "NO_LINES",
        "STATE_UNKNOWN",
        "DATA_EXPIRED",
        "SHOP_REFUSED",
        "DECISION_REFUSED",
        "PARTIAL_ACCEPT_OFF",
        "ON_HOLD",
        "BUYER_ASKS_CANCEL",
        "CANCELLED_IN_SHOP",
        "SHIPPED_BUT_CANCELLED",
        "DEADLINE_NEAR",
        "DEADLINE_PASSED",
        "CREDENTIALS_REFUSED",
        "ROLE_MISSING",
        "REQUEST_REFUSED",
        "SHOP_SETUP",
        "MARKETPLACE_SETUP",
        "TASK_LATE",
        "INTERNAL",
    }
)


REASONS = frozenset(code for code in sentences_en.REASONS if not code.endswith(".fix"))


# Why an order waits in the normal course of things, or what is special about one that was imported: said in the full
# report, never among the problems.
QUIET = frozenset(
    {
        "WAITING_PAYMENT",
        "WAITING_ACCEPTANCE",
        "WAITING_FULFILMENT",
        "REPLACEMENT_ORDER",
        "CANCELLED_ON_MARKETPLACE",
        "PARTLY_SHIPPED",
        "WAITING_TRACKING",
    }
)


@cache
def shown_as_problems() -> tuple[str, ...]:
    """Return the codes that a report lists as problems, by name."""
    return tuple(sorted(REASONS - QUIET))
