"""The calls we make to Amazon, each with the usage plan that Amazon publishes for it.

A bucket belongs to a seller and an application in one region. What `x-amzn-RateLimit-Limit` says replaces the rate
below; the burst is never named. Who may take the last tokens, in this order: shipments, the live poll of orders, stock,
prices, catch-ups, backfill.
"""

from app.domain.task import Priority
from app.transport.operation import MIB, Operation
from app.transport.quotas import Quota

# Nobody publishes how often tokens may be asked for; one lasts an hour.
TOKEN = Operation(
    name="token",
    method="POST",
    path="",
    answer="text",
    max_bytes=MIB,
    quota=Quota(burst=10, interval_s=10),
)

# One call in 178.6 s, a hundred orders each: a full bucket is 2,000 orders. Three tokens are kept for the live poll.
SEARCH_ORDERS = Operation(
    name="searchOrders",
    method="GET",
    path="/orders/2026-01-01/orders",
    read_timeout_s=60,
    quota=Quota(burst=20, interval_s=1 / 0.0056, reserves={Priority.CATCH_UP: 3, Priority.BACKFILL: 6}),
)
GET_ORDER = Operation(
    name="getOrder",
    method="GET",
    path="/orders/2026-01-01/orders/{order_id}",
    quota=Quota(burst=30, interval_s=2, reserves={Priority.CATCH_UP: 5, Priority.BACKFILL: 10}),
)
PARTICIPATIONS = Operation(
    name="getMarketplaceParticipations",
    method="GET",
    path="/sellers/v1/marketplaceParticipations",
    quota=Quota(burst=15, interval_s=1 / 0.016),
)

CONFIRM_SHIPMENT = Operation(
    name="confirmShipment",
    method="POST",
    path="/orders/v0/orders/{order_id}/shipmentConfirmation",
    writes=True,
    # The same package reference again corrects the package: nothing happens twice.
    repeatable=True,
    answer="empty",
    quota=Quota(burst=10, interval_s=0.5),
)

# Stock may take the last two before prices do.
PATCH_LISTING = Operation(
    name="patchListingsItem",
    method="PATCH",
    path="/listings/2021-08-01/items/{seller_id}/{sku}",
    writes=True,
    # The last value stands: the same one twice changes nothing.
    repeatable=True,
    quota=Quota(burst=5, interval_s=0.2, reserves={Priority.PRICES: 2}),
)
SEARCH_LISTINGS = Operation(
    name="searchListingsItems",
    method="GET",
    path="/listings/2021-08-01/items/{seller_id}",
    read_timeout_s=60,
    quota=Quota(burst=5, interval_s=0.2),
)
GET_LISTING = Operation(
    name="getListingsItem",
    method="GET",
    path="/listings/2021-08-01/items/{seller_id}/{sku}",
    quota=Quota(burst=5, interval_s=0.2),
)

CREATE_FEED_DOCUMENT = Operation(
    name="createFeedDocument",
    method="POST",
    path="/feeds/2021-06-30/documents",
    writes=True,
    # A document that no feed names is nothing.
    repeatable=True,
    quota=Quota(burst=15, interval_s=2),
)
# Feeds of offers have a limit of their own, five in five minutes: two at once and then one in 150 s stay below it.
CREATE_FEED = Operation(
    name="createFeed",
    method="POST",
    path="/feeds/2021-06-30/feeds",
    writes=True,
    quota=Quota(burst=2, interval_s=150, reserves={Priority.PRICES: 1}),
)
GET_FEED = Operation(
    name="getFeed",
    method="GET",
    path="/feeds/2021-06-30/feeds/{feed_id}",
    quota=Quota(burst=15, interval_s=0.5),
)
GET_FEEDS = Operation(
    name="getFeeds",
    method="GET",
    path="/feeds/2021-06-30/feeds",
    quota=Quota(burst=10, interval_s=1 / 0.0222),
)
GET_FEED_DOCUMENT = Operation(
    name="getFeedDocument",
    method="GET",
    path="/feeds/2021-06-30/documents/{document_id}",
    quota=Quota(burst=10, interval_s=1 / 0.0222),
)

# Asking for a report changes nothing of the seller's, and one that nobody fetches is forgotten: no write.
CREATE_REPORT = Operation(
    name="createReport",
    method="POST",
    path="/reports/2021-06-30/reports",
    quota=Quota(burst=15, interval_s=1 / 0.0167),
)
GET_REPORT = Operation(
    name="getReport",
    method="GET",
    path="/reports/2021-06-30/reports/{report_id}",
    quota=Quota(burst=15, interval_s=0.5),
)
GET_REPORT_DOCUMENT = Operation(
    name="getReportDocument",
    method="GET",
    path="/reports/2021-06-30/documents/{document_id}",
    quota=Quota(burst=15, interval_s=1 / 0.0167),
)

# The store behind a document is no part of the API: no token, no quota.
UPLOAD = Operation(
    name="upload",
    method="PUT",
    path="",
    writes=True,
    repeatable=True,
    read_timeout_s=120,
    answer="empty",
)
DOWNLOAD = Operation(
    name="download",
    method="GET",
    path="",
    read_timeout_s=120,
    max_bytes=64 * MIB,
    answer="empty",
)
