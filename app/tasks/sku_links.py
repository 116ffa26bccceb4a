"""SKUs linked to products by hand: what settles a SKU that names no product of the shop, or several."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.store import accounts, order_actions
from app.store.engine import Session
from app.tasks.settings import read_settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The product that a SKU is linked to now and the one before, by their refs, and the orders tried again for it."""

    product: str | None
    before: str | None
    retried: Sequence[str]


def link_sku(session: Session, account_id: str, sku: str, *, product: str | None, now: datetime) -> Linked:
    """Link a SKU to a product, or (None) to none any more; all other settings stay. Raises BadInput.

    Orders that the SKU kept out of the shop are due at once.
    """
    settings = accounts.locked_account(session, account_id).settings
    links = dict(settings.get("sku_links", {}))
    before = links.pop(sku, None)
    if product is not None:
        links[sku] = product
    checked = read_settings({**settings, "sku_links": links}).model_dump(mode="json")
    accounts.change_account(session, account_id, {"settings": checked})
    return Linked(product=product, before=before, retried=order_actions.retry_sku(session, account_id, sku, now=now))
