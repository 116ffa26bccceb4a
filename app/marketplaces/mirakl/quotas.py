"""The calls we make to a Mirakl operator, each with the frequency that Mirakl publishes for it."""

from app.domain.task import Priority
from app.transport.operation import Operation
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

# "Once per minute", counted over the last hour, and nobody says whether every page counts: 60 an hour are kept as 30 at
# once plus 30 an hour. Calls in parallel or without a pause get sellers blocked, hence the second between pages.
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
