"""The products of a shop as one account names them: SKUs to products, what orders need of them, and back to SKUs.

    product 12 without combinations       sold as itself              ref 12
    product 12 with combinations          sold by them alone          ref 12-34, 12-35 …

PrestaShop takes an order for a product with combinations without saying which, and lowers stock that nobody has; so
that is never a match. A combination without a reference, EAN or supplier's reference of its own has its product's.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from app.domain.shop_mapping import ShopMapping, SkuSource
from app.shops.port import Ambiguous, Match, Unknown
from app.shops.prestashop.client import Client, together
from app.shops.prestashop.reads.facts import Facts
from app.shops.prestashop.reads.label_search import search
from app.shops.prestashop.reads.stock import STOCK_FIELDS, UNCOUNTED, counts_stock, quantities
from app.shops.prestashop.reads.taxes import TaxRates
from app.shops.prestashop.records import Record, Row

PRODUCT_FIELDS = (
    "id",
    "reference",
    "ean13",
    "active",
    "available_for_order",
    "id_tax_rules_group",
    "ecotax",
    "cache_is_pack",
    "name",
)
COMBINATION_FIELDS = ("id", "id_product", "reference", "ean13", "ecotax")
SUPPLIER_FIELDS = ("id", "id_product", "id_product_attribute", "product_supplier_reference")

_REF = re.compile(r"([1-9][0-9]{0,9})(?:-([1-9][0-9]{0,9}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product, or one of its combinations, as orders need it; `attribute_id` is "0" for a product itself.

    `orderable`: active, available for order, and not a product that is sold by its combinations alone. `ecotax` is
    without tax and for one unit.
    """

    ref: str
    product_id: str
    attribute_id: str
    title: str
    reference: str
    ean13: str
    active: bool
    orderable: bool
    tax_group: str
    ecotax: Decimal
    has_combinations: bool
    is_pack: bool


@dataclass(frozen=True, slots=True)
class _Borne:
    """An identifier that was found on a product, or on one of its combinations."""

    identifier: str
    product_id: str
    attribute_id: str


class Catalogue:
    """One shop's products as one account names them; what was read is kept, so it lives no longer than a run."""

    def __init__(self, client: Client, facts: Facts, mapping: ShopMapping) -> None:
        self._client, self._facts, self._mapping = client, facts, mapping
        self._taxes = TaxRates(client, facts)
        self._products: dict[str, Record | None] = {}
        self._combinations: dict[str, Record] = {}
        # All combinations of a product, by its id.
        self._combinations_of: dict[str, list[Record]] = {}
        # The suppliers' references of a product by attribute id, "0" for its own.
        self._suppliers_of: dict[str, dict[str, list[str]]] = {}
        self._linked: dict[str, list[str]] = defaultdict(list)
        for sku, ref in mapping.sku_links.items():
            self._linked[ref].append(sku)

    async def resolve(self, skus: Sequence[str]) -> dict[str, Match | Unknown | Ambiguous]:
        """Return for each SKU the one product it means, Unknown, or Ambiguous.

        Five calls for a hundred SKUs, more where they are long or odd. A product that is inactive or not available for
        order is a match that is not active.
        """
        asked = list(dict.fromkeys(skus))
        meant = await self._meant(asked)
        stock = await self._stock_of([refs[0] for refs in meant.values() if len(refs) == 1])
        return {sku: self._answer(sku, meant.get(sku, ()), stock) for sku in asked}

    async def products(self, refs: Sequence[str]) -> Mapping[str, Product]:
        """Return the products by their refs (`Match.ref`); one that is not there is left out."""
        pairs = {ref: pair for ref in refs if (pair := parse_ref(ref))}
        unseen = {product for product, attribute in pairs.values() if attribute not in self._combinations}
        await self._load({product for product, _ in pairs.values()}, whole=unseen)
        return {ref: product for ref, pair in pairs.items() if (product := self._product(*pair))}

    async def rate(self, tax_group: str, *, country_id: str, postcode: str = "", state_id: str = "") -> Decimal:
        """Return the tax rate of a product's group at an address in percent, 0 where the shop has no rule for it."""
        return await self._taxes.rate(tax_group, country_id=country_id, postcode=postcode, state_id=state_id)

    async def learn(self, orders: Sequence[Record]) -> None:
        """Read what `sku_of` needs for the rows of some orders: nothing, unless SKUs are suppliers' references."""
        if self._mapping.sku_from == "supplier_reference":
            rows = [row for order in orders for row in order.rows.get("order_rows", ())]
            await self._load_suppliers({row.get("product_id", "") for row in rows} - {"", "0"})

    def sku_of(self, row: Row) -> str:
        """Return the marketplace's SKU of an order's row: a linked one, the one made of its identifier, else its ref.

        The row is what the shop noted when the order was made; `learn` comes before.
        """
        product_id, attribute_id = row.get("product_id", ""), row.get("product_attribute_id", "") or "0"
        ref = ref_of(product_id, attribute_id)
        linked = self._linked.get(ref) or self._linked.get(product_id)
        if linked:
            return linked[0]
        identifiers: dict[SkuSource, str] = {
            "id": ref,
            "reference": row.get("product_reference", ""),
            "ean13": row.get("product_ean13", ""),
            "supplier_reference": next(iter(self._supplier_references(product_id, attribute_id)), ""),
        }
        identifier = identifiers[self._mapping.sku_from]
        return self._mapping.marketplace_sku(identifier) if identifier else ref

    async def links(self) -> Mapping[str, str]:
        """Return the linked SKUs with the refs that are sold: a product's only combination stands for the product."""
        bare = {ref for ref in self._mapping.sku_links.values() if (pair := parse_ref(ref)) and pair[1] == "0"}
        await self._load_combinations(bare)
        sold = {ref: self._only_combination(ref) or ref for ref in bare}
        return {sku: sold.get(ref, ref) for sku, ref in self._mapping.sku_links.items()}

    async def _meant(self, skus: Sequence[str]) -> dict[str, list[str]]:
        """Return the refs that each SKU may mean."""
        pointed, identifiers = self._split(skus)
        borne = await self._borne(set(identifiers.values()))
        by_supplier = self._mapping.sku_from == "supplier_reference"
        targets = {pair[0] for ref in pointed.values() if (pair := parse_ref(ref))}
        whole = targets | {each.product_id for each in borne if by_supplier or each.attribute_id == "0"}
        await self._load(targets | {each.product_id for each in borne}, whole=whole)
        if by_supplier:
            await self._load_suppliers(whole)
        named: dict[str, set[str]] = defaultdict(set)
        for each in borne:
            named[each.identifier] |= self._sold(each.product_id, each.attribute_id, heirs=True)
        meant = {sku: named[identifier] for sku, identifier in identifiers.items()}
        for sku, ref in pointed.items():
            pair = parse_ref(ref)
            meant[sku] = self._sold(*pair, heirs=False) if pair else set()
        return {sku: sorted(refs, key=_natural) for sku, refs in meant.items()}

    def _split(self, skus: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the refs that SKUs say themselves or are linked to, and the identifiers of the others."""
        pointed: dict[str, str] = {}
        identifiers: dict[str, str] = {}
        for sku in skus:
            identifier = self._mapping.identifier_in(sku)
            if sku in self._mapping.sku_links:
                pointed[sku] = self._mapping.sku_links[sku]
            elif identifier and self._mapping.sku_from == "id":
                pointed[sku] = identifier
            elif identifier:
                identifiers[sku] = identifier
        return pointed, identifiers

    async def _borne(self, identifiers: set[str]) -> list[_Borne]:
        """Return where the identifiers stand in the shop."""
        if self._mapping.sku_from == "supplier_reference":
            name = "product_supplier_reference"
            rows = await search(
                self._client, "product_suppliers", name=name, identifiers=identifiers, display=SUPPLIER_FIELDS
            )
            return [_Borne(each[name], each["id_product"], each["id_product_attribute"] or "0") for each in rows]
        name = self._mapping.sku_from
        products, combinations = await together(
            search(self._client, "products", name=name, identifiers=identifiers, display=PRODUCT_FIELDS),
            search(self._client, "combinations", name=name, identifiers=identifiers, display=COMBINATION_FIELDS),
        )
        self._products |= {each.id: each for each in products}
        self._combinations |= {each.id: each for each in combinations}
        return [
            *(_Borne(each[name], each.id, "0") for each in products),
            *(_Borne(each[name], each["id_product"], each.id) for each in combinations),
        ]

    def _sold(self, product_id: str, attribute_id: str, *, heirs: bool) -> set[str]:
        """Return what is sold where a product or one of its combinations is named.

        `heirs`: it was named by an identifier, which those combinations share that have none of their own.
        """
        if self._products.get(product_id) is None:
            return set()
        if attribute_id != "0":
            known = self._combinations.get(attribute_id)
            exists = known is not None and known["id_product"] == product_id
            return {ref_of(product_id, attribute_id)} if exists else set()
        combinations = self._combinations_of.get(product_id, [])
        if not combinations:
            return {product_id}
        only = self._only_combination(product_id)
        if only:
            return {only}
        return {
            ref_of(product_id, each.id)
            for each in combinations
            if not heirs or not self._own_identifier(product_id, each)
        }

    def _own_identifier(self, product_id: str, combination: Record) -> str:
        match self._mapping.sku_from:
            case "supplier_reference":
                return next(iter(self._suppliers_of.get(product_id, {}).get(combination.id, [])), "")
            case source:
                return combination[source]

    def _only_combination(self, product_id: str) -> str:
        combinations = self._combinations_of.get(product_id, [])
        return ref_of(product_id, combinations[0].id) if len(combinations) == 1 else ""

    def _answer(
        self, sku: str, refs: Sequence[str], stock: Mapping[tuple[str, str], int]
    ) -> Match | Unknown | Ambiguous:
        if len(refs) > 1:
            return Ambiguous(sku, tuple(refs))
        pair = parse_ref(refs[0]) if refs else None
        product = self._product(*pair) if pair else None
        if product is None or pair is None:
            return Unknown(sku)
        record = self._products[product.product_id] or Record({})
        supplier = next(iter(self._supplier_references(*pair)), "")
        return Match(
            sku=sku,
            ref=product.ref,
            title=product.title,
            active=product.orderable,
            available=stock.get(pair, 0) if counts_stock(self._facts) else UNCOUNTED,
            identifiers=identifiers_of(record, self._combinations.get(product.attribute_id), supplier=supplier),
        )

    def _product(self, product_id: str, attribute_id: str) -> Product | None:
        record, combination = self._products.get(product_id), self._combinations.get(attribute_id)
        if record is None or (attribute_id != "0" and (combination is None or combination["id_product"] != product_id)):
            return None
        identifiers = identifiers_of(record, combination)
        has_combinations = combination is not None or bool(self._combinations_of.get(product_id))
        return Product(
            ref=ref_of(product_id, attribute_id),
            product_id=product_id,
            attribute_id=attribute_id,
            title=record["name"],
            reference=identifiers.get("reference", ""),
            ean13=identifiers.get("ean13", ""),
            active=record.is_on("active"),
            orderable=is_for_sale(record) and (combination is not None or not has_combinations),
            tax_group=record["id_tax_rules_group"] or "0",
            ecotax=(_decimal(combination["ecotax"]) if combination else Decimal(0)) or _decimal(record["ecotax"]),
            has_combinations=has_combinations,
            is_pack=record.is_on("cache_is_pack"),
        )

    def _supplier_references(self, product_id: str, attribute_id: str) -> Sequence[str]:
        return supplier_references(self._suppliers_of.get(product_id, {}), attribute_id)

    async def _stock_of(self, refs: Iterable[str]) -> Mapping[tuple[str, str], int]:
        products = sorted({pair[0] for ref in refs if (pair := parse_ref(ref))})
        if not counts_stock(self._facts):
            return {}
        rows = await self._client.find_all("stock_availables", name="id_product", values=products, display=STOCK_FIELDS)
        return quantities(rows, facts=self._facts, id_shop=self._client.id_shop)

    async def _load(self, product_ids: Iterable[str], *, whole: Iterable[str]) -> None:
        """Read products, and all combinations of some of them, that are not known yet."""
        await together(self._load_products(product_ids), self._load_combinations(whole))

    async def _load_products(self, ids: Iterable[str]) -> None:
        unknown = sorted(set(ids) - self._products.keys())
        found = await self._client.find_all("products", name="id", values=unknown, display=PRODUCT_FIELDS)
        self._products |= dict.fromkeys(unknown)
        self._products |= {each.id: each for each in found}

    async def _load_combinations(self, product_ids: Iterable[str]) -> None:
        unknown = sorted(set(product_ids) - self._combinations_of.keys())
        found = await self._client.find_all(
            "combinations", name="id_product", values=unknown, display=COMBINATION_FIELDS
        )
        self._combinations_of |= {product_id: [] for product_id in unknown}
        for each in found:
            self._combinations_of.setdefault(each["id_product"], []).append(each)
            self._combinations[each.id] = each

    async def _load_suppliers(self, product_ids: Iterable[str]) -> None:
        unknown = sorted(set(product_ids) - self._suppliers_of.keys())
        found = await self._client.find_all(
            "product_suppliers", name="id_product", values=unknown, display=SUPPLIER_FIELDS
        )
        self._suppliers_of |= {product_id: {} for product_id in unknown} | suppliers_by_product(found)


def ref_of(product_id: str, attribute_id: str) -> str:
    """Return the ref of a product, or of one of its combinations."""
    return product_id if attribute_id in ("", "0") else f"{product_id}-{attribute_id}"


def parse_ref(ref: str) -> tuple[str, str] | None:
    """Return product id and attribute id ("0" for the product itself), None for what is no ref."""
    found = _REF.fullmatch(ref)
    return (found[1], found[2] or "0") if found else None


def is_for_sale(product: Record) -> bool:
    """Return whether the shop itself sells a product."""
    return product.is_on("active") and product.is_on("available_for_order")


def identifiers_of(product: Record, combination: Record | None, *, supplier: str = "") -> dict[SkuSource, str]:
    """Return what a product, or one of its combinations, is called."""
    own = combination or product
    identifiers: dict[SkuSource, str] = {
        "id": ref_of(product.id, combination.id if combination else "0"),
        "reference": own["reference"] or product["reference"],
        "ean13": own["ean13"] or product["ean13"],
        "supplier_reference": supplier,
    }
    return {source: identifier for source, identifier in identifiers.items() if identifier}


def suppliers_by_product(rows: Sequence[Record]) -> dict[str, dict[str, list[str]]]:
    """Return the suppliers' references that are filled in, by product and attribute, in their order."""
    found: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        identifier, attribute_id = row["product_supplier_reference"], row["id_product_attribute"] or "0"
        identifiers = found.setdefault(row["id_product"], {}).setdefault(attribute_id, [])
        if identifier and identifier not in identifiers:
            identifiers.append(identifier)
    return found


def supplier_references(of_product: Mapping[str, Sequence[str]], attribute_id: str) -> Sequence[str]:
    """Return the suppliers' references of a combination, or the product's where it has none."""
    return of_product.get(attribute_id) or of_product.get("0", ())


def _natural(ref: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ref.split("-"))


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(0)
