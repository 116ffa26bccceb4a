"""The carriers that Amazon knows by a code, and the rule that no parcel goes without a number. Pure.

Amazon publishes no list: the table of carriers has the spellings that sellers use. Any other is confirmed by its name.
"""

from app.domain.carriers.lookup import carriers_of
from app.domain.shipment import Carrier, ShippingOptions

# What stands in place of a code for a carrier that is confirmed by its name.
OTHER = "Other"

# How fast an order is to be delivered, and no word where Amazon leaves it out.
_SERVICE_LEVELS = (
    "",
    "EXPEDITED",
    "FREE_ECONOMY",
    "NEXT_DAY",
    "PRIORITY",
    "SAME_DAY",
    "SCHEDULED",
    "SECOND_DAY",
    "STANDARD",
)

SHIPPING_OPTIONS = ShippingOptions(
    carriers=carriers_of("amazon"),
    other_carriers=True,
    # A confirmation without a number breaks Amazon's model.
    tracking_required=frozenset(_SERVICE_LEVELS),
)


def code_and_name(carrier: Carrier) -> tuple[str, str]:
    """Return what Amazon is confirmed of a carrier: its code, or `Other` and its name."""
    return (carrier.code, "") if carrier.code else (OTHER, carrier.label)
