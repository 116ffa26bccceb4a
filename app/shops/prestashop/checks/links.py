"""SKUs that were linked by hand to products which are not there."""

from collections.abc import Sequence

from app.domain.finding import Finding
from app.domain.message import message
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError
from app.shops.prestashop.checks.lines import bad, failed
from app.shops.prestashop.client import Client
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Facts


async def linked_skus(client: Client, *, facts: Facts, mapping: ShopMapping) -> Sequence[Finding]:
    """Return a line if some link leads nowhere."""
    links = mapping.sku_links
    if not links:
        return []
    try:
        existing = await Catalogue(client, facts=facts, mapping=mapping).products(list(links.values()))
    except CallError as error:
        return [failed(error, code="SKU_LINKS")]
    astray = [message("SKU_LINK", sku=sku, product=ref) for sku, ref in links.items() if ref not in existing]
    return [bad("SKU_LINKS", "SKU_LINKS_BY_ID", links=tuple(astray))] if astray else []
