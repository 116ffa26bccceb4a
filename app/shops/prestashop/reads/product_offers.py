"""All products of a shop as offers, page by page: what a shop of any size costs is calls, not memory.

products        by id, 500 a call, with the prices that its front shows
combinations    of these products, by id, 1,000 a call, with theirs
stock           of what was just read, so that a page is as fresh as its stock
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, InvalidOperation

from app.clock import Clock
from app.domain.offer import ShopOffer
from app.domain.page import Page
from app.domain.shop_mapping import ShopMapping
from app.domain.sku_names import SkuNames
from app.shops.prestashop.client import Client
from app.shops.prestashop.reads.catalogue import (
    SUPPLIER_FIELDS,
    Catalogue,
    identifiers_of,
    is_for_sale,
    ref_of,
    supplier_references,
    suppliers_by_product,
)
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.stock import STOCK_FIELDS, UNCOUNTED, counts_stock, quantities
from app.shops.prestashop.records import Record

# A price takes the shop about a millisecond, on cheap hosting five: a call stays far from its time-out.
PRODUCTS_A_PAGE = 500
COMBINATIONS_A_CALL = 1000
# PrestaShop numbers with 32 bits.
_LAST_ID = 2**32 - 1

_PRODUCT = ("id", "reference", "ean13", "active", "available_for_order", "price_incl", "price_excl")
_COMBINATION = ("id", "id_product", "reference", "ean13", "price_incl", "price_excl")
# Fields that the shop computes when they are named. Without `decimals` it takes them from another setting by mistake.
_PRICES = tuple(
    (f"price[{name}][{key}]", value)
    for name, use_tax in (("price_incl", "1"), ("price_excl", "0"))
    for key, value in (("use_tax", use_tax), ("use_reduction", "1"), ("decimals", "6"))
)

_Stock = Mapping[tuple[str, str], int]


async def offers(client: Client, *, facts: Facts, mapping: ShopMapping, clock: Clock) -> AsyncIterator[Page[ShopOffer]]:
    """Yield every product without combinations and every combination, each once under each SKU that means it.

    At least one page; SKUs that several products have come several times. Prices are in the shop's default currency,
    for its default country and customers, as its front shows them.
    """
    links = await Catalogue(client, facts=facts, mapping=mapping).links()
    walk = _Walk(client=client, facts=facts, clock=clock, sku_names=SkuNames(replace(mapping, sku_links=links)))
    last: str | None = "0"
    while last is not None:
        products = await client.find(
            "products",
            display=_PRODUCT,
            filters={"id": f">[{last}]"},
            sort="id_ASC",
            limit=str(PRODUCTS_A_PAGE),
            extra=_PRICES,
        )
        last = products[-1].id if len(products) == PRODUCTS_A_PAGE else None
        async for page in walk.pages_of(products, resume=last):
            yield page


@dataclass(frozen=True, slots=True)
class _Part:
    """Some combinations and the stock up to the last of them; the first part has that of the products themselves."""

    combinations: Sequence[Record]
    stock: _Stock
    read_at: datetime
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walk:
    client: Client
    facts: Facts
    clock: Clock
    sku_names: SkuNames

    async def pages_of(self, products: Sequence[Record], *, resume: str | None) -> AsyncIterator[Page[ShopOffer]]:
        """Yield what is sold of some products: their combinations, then those that have none."""
        if not products:
            yield Page(items=(), read_at=self.clock.now(), resume=resume)
            return
        by_id = {each.id: each for each in products}
        read = f"[{products[0].id},{products[-1].id}]"
        suppliers = await self._suppliers(read)
        combined: set[str] = set()
        found: list[ShopOffer] = []
        first: _Part | None = None
        async for part in self._parts(read):
            found = [
                offer
                for each in part.combinations
                if each["id_product"] in by_id
                for offer in self._offers(by_id[each["id_product"]], each, stock=part.stock, suppliers=suppliers)
            ]
            combined |= {each["id_product"] for each in part.combinations}
            first = first or part
            if not part.is_last:
                yield Page(items=tuple(found), read_at=part.read_at, resume=part.combinations[-1].id)
        for each in products:
            if first is not None and each.id not in combined:
                found += self._offers(each, None, stock=first.stock, suppliers=suppliers)
        yield Page(items=tuple(found), read_at=first.read_at if first else self.clock.now(), resume=resume)

    async def _parts(self, products: str) -> AsyncIterator[_Part]:
        """Yield the combinations of some products with their stock, part by part: at least one."""
        first = 0
        while first <= _LAST_ID:
            combinations = await self.client.find(
                "combinations",
                display=_COMBINATION,
                filters={"id_product": products, "id": f">[{max(first - 1, 0)}]"},
                sort="id_ASC",
                limit=str(COMBINATIONS_A_CALL),
                extra=_PRICES,
            )
            is_last = len(combinations) < COMBINATIONS_A_CALL
            last = _LAST_ID if is_last else int(combinations[-1].id)
            read_at = self.clock.now()
            stock = await self._stock(products, attributes=f"[{first},{last}]")
            yield _Part(combinations, stock, read_at, is_last)
            first = last + 1

    async def _stock(self, products: str, *, attributes: str) -> _Stock:
        if not counts_stock(self.facts):
            return {}
        rows = await self.client.find(
            "stock_availables",
            display=STOCK_FIELDS,
            filters={"id_product": products, "id_product_attribute": attributes},
            sort="id_ASC",
        )
        return quantities(rows, facts=self.facts, id_shop=self.client.id_shop)

    async def _suppliers(self, products: str) -> Mapping[str, Mapping[str, Sequence[str]]]:
        if self.sku_names.mapping.sku_from != "supplier_reference":
            return {}
        rows = await self.client.find(
            "product_suppliers", display=SUPPLIER_FIELDS, filters={"id_product": products}, sort="id_ASC"
        )
        return suppliers_by_product(rows)

    def _offers(
        self,
        product: Record,
        combination: Record | None,
        *,
        stock: _Stock,
        suppliers: Mapping[str, Mapping[str, Sequence[str]]],
    ) -> Iterator[ShopOffer]:
        """Yield a product, or one of its combinations, under each SKU that means it."""
        priced, attribute_id = combination or product, combination.id if combination else "0"
        ref = ref_of(product.id, attribute_id)
        reported: set[str] = set()
        for supplier in supplier_references(suppliers.get(product.id, {}), attribute_id) or ("",):
            identifiers = identifiers_of(product, combination, supplier=supplier)
            for sku in self.sku_names.skus_of(ref, identifiers=identifiers):
                if sku in reported:
                    continue
                reported.add(sku)
                yield ShopOffer(
                    sku=sku,
                    quantity=stock.get((product.id, attribute_id), 0) if counts_stock(self.facts) else UNCOUNTED,
                    price_incl=_price(priced["price_incl"]),
                    price_excl=_price(priced["price_excl"]),
                    active=is_for_sale(product),
                    ref=ref,
                    identifiers=identifiers,
                )


def _price(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        # No price is a price of nothing, which is held back before it is sent.
        return Decimal(0)
