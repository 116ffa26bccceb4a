"""SKUs that were linked by hand to products which are not there."""

from collections.abc import Sequence

from app.domain.finding import Finding
from app.domain.shop_mapping import ShopMapping
from app.errors import CallError
from app.shops.prestashop.checks.lines import bad, failed
from app.shops.prestashop.client import Client
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.reads.facts import Facts

LINKS_SHOWN = 5


async def linked_skus(client: Client, *, facts: Facts, mapping: ShopMapping) -> Sequence[Finding]:
    """Return a line if some link leads nowhere."""
    links = mapping.sku_links
    if not links:
        return []
    try:
        existing = await Catalogue(client, facts=facts, mapping=mapping).products(list(links.values()))
    except CallError as error:
        return [failed(error, code="SKU_LINKS")]
    astray = [f"'{sku}' to '{ref}'" for sku, ref in links.items() if ref not in existing]
    if not astray:
        return []
    more = f" and {len(astray) - LINKS_SHOWN} more" if len(astray) > LINKS_SHOWN else ""
    return [
        bad(
            "SKU_LINKS",
            f"SKUs are linked to products that the shop does not have: {', '.join(astray[:LINKS_SHOWN])}{more}.",
            fix="Link each to another one, by its id (12, or 12-34 for a combination): marketcron account map-sku "
            "ACCOUNT SKU PRODUCT. Or take the link out: marketcron account unmap-sku ACCOUNT SKU.",
        )
    ]
