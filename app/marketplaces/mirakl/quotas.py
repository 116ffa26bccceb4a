"""The calls we make to a Mirakl operator, each with the frequency that Mirakl publishes for it."""

from app.domain.task import Priority
from app.transport.operation import MIB, Operation
from app.transport.quotas import Quota

_HOUR_S = 3600
_DAY_S = 86_400

# "Once per day": reference data. Somebody who mends a connection tests it a few times; the average stays at the rule.
ACCOUNT = Operation(
    name="A01",
    method="GET",
    path="/api/account",
    quota=Quota(burst=5, interval_s=_DAY_S),
)

# No frequency is published for the platform's configuration.
CONFIGURATION = Operation(
    name="PC01",
    method="GET",
    path="/api/platform/configuration",
    quota=Quota(burst=10, interval_s=60),
)

# "Once per minute", counted over the last hour, and nobody says whether every page counts. So that no hour has more
# than 60, 30 go at once and 30 more an hour. Calls in parallel or without a pause get sellers blocked, hence the
# second between pages.
ORDERS = Operation(
    name="OR11",
    method="GET",
    path="/api/orders",
    read_timeout_s=60,
    quota=Quota(
        burst=30,
        interval_s=_HOUR_S / 30,
        spacing_s=1,
        reserves={Priority.CATCH_UP: 10, Priority.BACKFILL: 20},
    ),
)

# "Per new order", without a number. Writes were seen to take more than a minute.
ACCEPT = Operation(
    name="OR21",
    method="PUT",
    path="/api/orders/{order_id}/accept",
    writes=True,
    read_timeout_s=100,
    answer="empty",
    quota=Quota(burst=20, interval_s=0.5),
)

# "Per tracking change" and "each time tracking was entered", without numbers: as careful as with OR21.
TRACKING = Operation(
    name="OR23",
    method="PUT",
    path="/api/orders/{order_id}/tracking",
    writes=True,
    # The last one stands: the same tracking sent twice changes nothing.
    repeatable=True,
    read_timeout_s=100,
    answer="empty",
    quota=Quota(burst=20, interval_s=0.5),
)
SHIP = Operation(
    name="OR24",
    method="PUT",
    path="/api/orders/{order_id}/ship",
    writes=True,
    read_timeout_s=100,
    answer="empty",
    quota=Quota(burst=20, interval_s=0.5),
)

# "Once per day": reference data, and what was read is kept for a day. Only a reading that fails is tried again, every
# two hours at worst: no parcel is confirmed without these lists.
_REFERENCE = Quota(burst=5, interval_s=2 * _HOUR_S)
CARRIERS = Operation(
    name="SH21",
    method="GET",
    path="/api/shipping/carriers",
    quota=_REFERENCE,
)
SHIPPING_METHODS = Operation(
    name="SH12",
    method="GET",
    path="/api/shipping/types",
    quota=_REFERENCE,
)

# "On page view": made for a person who turns pages, so never faster than one. Its pages are read one after the other.
OFFERS = Operation(
    name="OF21",
    method="GET",
    path="/api/offers",
    read_timeout_s=60,
    quota=Quota(burst=10, interval_s=2, spacing_s=1),
)

# "Once per minute" each, and a file may be large. The spacing keeps the minute where requests travel unevenly.
_A_MINUTE = Quota(burst=1, interval_s=60, spacing_s=61)
STOCK_IMPORT = Operation(
    name="STO01",
    method="POST",
    path="/api/offers/stock/imports",
    writes=True,
    # The last file wins: the same one twice changes nothing.
    repeatable=True,
    read_timeout_s=120,
    quota=_A_MINUTE,
)
PRICE_IMPORT = Operation(
    name="PRI01",
    method="POST",
    path="/api/offers/pricing/imports",
    writes=True,
    repeatable=True,
    read_timeout_s=120,
    quota=_A_MINUTE,
)

# "Every 15 seconds".
STOCK_STATUS = Operation(
    name="STO02",
    method="GET",
    path="/api/offers/stock/imports/{import_id}/status",
    quota=Quota(burst=1, interval_s=15, spacing_s=15.5),
)
# "Once per minute" each.
PRICE_STATUS = Operation(
    name="PRI02",
    method="GET",
    path="/api/offers/pricing/imports",
    quota=_A_MINUTE,
)
STOCK_REPORT = Operation(
    name="STO03",
    method="GET",
    path="/api/offers/stock/imports/{import_id}/error_report",
    read_timeout_s=120,
    max_bytes=64 * MIB,
    answer="text",
    quota=_A_MINUTE,
)
PRICE_REPORT = Operation(
    name="PRI03",
    method="GET",
    path="/api/offers/pricing/imports/{import_id}/error_report",
    read_timeout_s=120,
    max_bytes=64 * MIB,
    answer="text",
    quota=_A_MINUTE,
)
