"""The calls we make. PrestaShop limits none of them; hosts do, so that a shop gets few connections at a time.

Each is named `resource.verb`, as a webservice key's rights are.
"""

from functools import cache
from typing import Literal

from app.transport.operation import MIB, Operation

Verb = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

# Two mails and an invoice are made before it answers, on cheap hosting a long time.
ORDER_POST_TIMEOUT_S = 120.0
READ_TIMEOUT_S = 30.0
# Absolute values: writing them twice changes nothing. Stock may have been sold in between, so it is not among them.
_REPEATABLE = frozenset({"orders", "order_carriers", "order_payments", "order_invoices"})

SINGULAR = {
    "addresses": "address",
    "carriers": "carrier",
    "carts": "cart",
    "combinations": "combination",
    "configurations": "configuration",
    "countries": "country",
    "currencies": "currency",
    "customers": "customer",
    "groups": "group",
    "languages": "language",
    "order_carriers": "order_carrier",
    "order_histories": "order_history",
    "order_invoices": "order_invoice",
    "order_payments": "order_payment",
    "order_states": "order_state",
    "orders": "order",
    "product_suppliers": "product_supplier",
    "products": "product",
    "specific_prices": "specific_price",
    "states": "state",
    "stock_availables": "stock_available",
    "tax_rules": "tax_rule",
    "taxes": "tax",
}


@cache
def operation(verb: Verb, resource: str, *, path: str, tunnelled: bool = False) -> Operation:
    """Return the call of that verb on a resource (empty: the list of all, with our key's rights).

    `tunnelled`: sent as POST with `ps_method`, for hosts that let no other verb through.
    """
    writes = verb != "GET"
    return Operation(
        name=f"{resource or 'rights'}.{verb.lower()}",
        method="POST" if tunnelled and verb not in ("GET", "POST") else verb,
        path=path,
        writes=writes,
        repeatable=not writes or verb == "DELETE" or (verb in ("PUT", "PATCH") and resource in _REPEATABLE),
        read_timeout_s=ORDER_POST_TIMEOUT_S if (verb, resource) == ("POST", "orders") else READ_TIMEOUT_S,
        max_bytes=64 * MIB,
        answer="text",
    )
