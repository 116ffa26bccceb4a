"""The group of the customers that are created: its discount would be taken off the marketplace's prices."""

from decimal import Decimal, InvalidOperation

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError
from app.shops.prestashop.checks.lines import bad, good
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.reads.facts import Facts

_PAGE = "Shop Parameters > Customer Settings > Groups"
_CODE = "CUSTOMER_GROUP"


async def customer_group(
    client: Client, *, facts: Facts, mapping: ShopMapping, config: PrestashopConfig, readable: bool
) -> Finding:
    """Return whether the group is there and gives no discount, as far as the key may read it."""
    guest = mapping.customer_mode == "guest"
    own = facts.setting("PS_GUEST_GROUP", "2") if guest else facts.setting("PS_CUSTOMER_GROUP", "3")
    number = config.customer_group or own
    unread = good(
        _CODE,
        f"Customers come into the group {number}, which this key can't read. See under {_PAGE} that its discount is 0, "
        "or tick GET in the row groups of the key.",
    )
    if not readable:
        return unread
    try:
        record = await client.get("groups", number)
    except CallError:
        return unread
    if record is None:
        return bad(
            _CODE,
            f"Customers should come into the group {number}, which the shop does not have.",
            fix=f"Choose one of {_PAGE}: marketcron shop set NAME customer_group=…",
        )
    name = record["name"] or number
    if _percent(record["reduction"]):
        return bad(
            _CODE,
            f"The group '{name}', into which customers come, has a discount of {_percent(record['reduction']):f} %: "
            "totals would not match.",
            fix=f"Make a group without discount under {_PAGE}, then: marketcron shop set NAME customer_group=…",
        )
    return good(_CODE, f"Customers come into the group '{name}', which gives no discount.")


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text or "0").normalize()
    except InvalidOperation:
        return Decimal(0)
