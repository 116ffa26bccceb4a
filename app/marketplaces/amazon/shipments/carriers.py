"""The carriers that Amazon knows by a code, and the rule that no parcel goes without a number. Pure.

Amazon publishes no list: these are the spellings that sellers use. Any other carrier is confirmed by its name.
"""

from app.domain.shipment import Carrier, ShippingOptions

# What stands in place of a code for a carrier that is confirmed by its name.
OTHER = "Other"

# Code → the name that shops and people write, where it differs.
_CARRIERS = {
    "Chronopost": "",
    "Colissimo": "",
    "La Poste": "",
    "Colis Prive": "Colis Privé",
    "Mondial Relay": "",
    "DHL": "",
    "DHL Express": "",
    "DPD": "",
    "GLS": "",
    "UPS": "",
    "FedEx": "Federal Express",
    "TNT": "",
    "Deutsche Post": "",
    "Hermes": "",
    "Evri": "",
    "Royal Mail": "",
    "Yodel": "",
    "Correos": "",
    "SEUR": "",
    "MRW": "",
    "BRT": "Bartolini",
    "Poste Italiane": "",
    "SDA": "",
    "PostNL": "Post NL",
    "bpost": "",
    "InPost": "",
    "PostNord": "",
}
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
    carriers=[Carrier(code=code, label=name or code) for code, name in _CARRIERS.items()],
    other_carriers=True,
    # A confirmation without a number breaks Amazon's model.
    tracking_required=frozenset(_SERVICE_LEVELS),
)


def code_and_name(carrier: Carrier) -> tuple[str, str]:
    """Return what Amazon is confirmed of a carrier: its code, or `Other` and its name."""
    return (carrier.code, "") if carrier.code else (OTHER, carrier.label)
