"""The group of the customers that are created: its discount would be taken off the marketplace's prices."""

from decimal import Decimal, InvalidOperation

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError
from app.shops.prestashop.checks.lines import bad, good
from app.shops.prestashop.client import Client
from app.shops.prestashop.config import PrestashopConfig
from app.shops.prestashop.reads.facts import Facts

_CODE = "CUSTOMER_GROUP"


async def customer_group(
    client: Client, *, facts: Facts, mapping: ShopMapping, config: PrestashopConfig, readable: bool
) -> Finding:
    """Return whether the group is there and gives no discount, as far as the key may read it."""
    guest = mapping.customer_mode == "guest"
    own = facts.setting("PS_GUEST_GROUP", "2") if guest else facts.setting("PS_CUSTOMER_GROUP", "3")
    number = config.customer_group or own
    unread = good(_CODE, "GROUP_UNREAD", number=number)
    if not readable:
        return unread
    try:
        record = await client.get("groups", number)
    except CallError:
        return unread
    if record is None:
        return bad(_CODE, "GROUP_MISSING", number=number)
    name = record["name"] or number
    if percent := _percent(record["reduction"]):
        return bad(_CODE, "GROUP_DISCOUNT", group=name, percent=percent)
    return good(_CODE, "GROUP_GOOD", group=name)


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text or "0").normalize()
    except InvalidOperation:
        return Decimal(0)
