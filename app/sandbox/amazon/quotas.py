"""The usage plans that hold before Amazon knows how much a seller sells, by operation."""

from app.sandbox.amazon.buckets import Rate
from app.sandbox.quota import Limit

RATES: dict[str, Rate] = {
    "searchOrders": Rate(0.0056, 20),
    "getOrder": Rate(0.5, 30),
    "confirmShipment": Rate(2, 10),
    "patchListingsItem": Rate(5, 5),
    "getListingsItem": Rate(5, 10),
    "searchListingsItems": Rate(5, 5),
    "createFeedDocument": Rate(0.5, 15),
    "createFeed": Rate(0.0083, 15),
    "getFeed": Rate(2, 15),
    "cancelFeed": Rate(2, 15),
    "getFeeds": Rate(0.0222, 10),
    "getFeedDocument": Rate(0.0222, 10),
    "createReport": Rate(0.0167, 15),
    "getReport": Rate(2, 15),
    "getReports": Rate(0.0222, 10),
    "cancelReport": Rate(0.0222, 10),
    "getReportDocument": Rate(0.0167, 15),
    "getMarketplaceParticipations": Rate(0.016, 15),
    "getInventorySummaries": Rate(2, 2),
}
# All sellers of an application together. Prices and stock have the large one, previews and product data their own.
APPLICATION_RATES: dict[str, Rate] = {
    "patchListingsItem": Rate(500, 500),
    "patchListingsItem/product data": Rate(100, 100),
    "patchListingsItem/preview": Rate(20, 20),
    "getListingsItem": Rate(100, 100),
}
APPLICATION_MESSAGES = {
    "patchListingsItem": "You exceeded the request limit of your application for listings.",
    "patchListingsItem/product data": "You exceeded the request limit of your application for product data.",
    "patchListingsItem/preview": "You exceeded the request limit of your application for validation previews.",
    "getListingsItem": "You exceeded the request limit of your application for listings.",
}
# Five submissions in five minutes for an account and region, apart from the bucket of createFeed.
JSON_LISTINGS_FEEDS = Limit(calls=5, per_s=300)
# The static sandbox has one plan for everything.
STATIC = Rate(5, 15)
