"""The catalogue as products: one each; every seventh has two combinations, of which one has the SKU."""

from collections.abc import Iterable
from decimal import Decimal

from app.sandbox.catalogue import BOOK_VAT_PERMILLE, NORMAL_VAT_PERMILLE, RANGE_NUMBERS, Product
from app.sandbox.prestashop.installation.localization import TAX_GROUPS
from app.sandbox.prestashop.rules import stock
from app.sandbox.prestashop.rules.names import ATTRIBUTES
from app.sandbox.prestashop.rules.rounding import to_millionths, without_tax
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.tables import Row

COMBINED_EVERY = 7
MIDDLE_RATE_EVERY = 9
MIDDLE_RATE_PERMILLE = 100
# What the other combination costs more, and how many units there are of it.
OTHER_IMPACT = Decimal("2.500000")
OTHER_QUANTITY = 5
SHOP_DEFAULT_WHEN_SOLD_OUT = 2
# Marks a second product of a reference.
TWIN = "@twin"


def add_products(shop: Shop, products: Iterable[Product]) -> None:
    """Add the articles to the shop's products, with their stock."""
    now = shop.local_now()
    for article in products:
        if is_combined(article):
            _combined(shop, article, now)
        else:
            _plain(shop, article, now)


def is_combined(article: Product) -> bool:
    return article.number % COMBINED_EVERY == 0


def permille_of(article: Product) -> int:
    """Return the tax that the shop takes in its own country: books the low rate, some the middle one."""
    if article.vat_permille == BOOK_VAT_PERMILLE:
        return BOOK_VAT_PERMILLE
    return MIDDLE_RATE_PERMILLE if article.number % MIDDLE_RATE_EVERY == 0 else NORMAL_VAT_PERMILLE


def add_twin(shop: Shop, sku: str) -> None:
    """Add a second product of the same reference."""
    article = shop.context.by_sku[sku]
    row = _product(shop, article, shop.local_now(), reference=sku, ean=article.ean)
    row[TWIN] = True
    _add_stock(shop, row.id, 0, 1)


def remove_twin(shop: Shop, sku: str) -> None:
    """Take the second product of that reference away."""
    for row in shop.database["products"].where("reference", sku):
        if row.get(TWIN):
            for shelf in shop.database["stock_availables"].where("id_product", row.id):
                shop.database["stock_availables"].remove(shelf)
            shop.database["products"].remove(row)


def _plain(shop: Shop, article: Product, now: str) -> None:
    row = _product(shop, article, now, reference=article.sku, ean=article.ean)
    _add_stock(shop, row.id, 0, article.quantity)


def _combined(shop: Shop, article: Product, now: str) -> None:
    row = _product(shop, article, now, reference=f"MODELE-{article.number}", ean="")
    combinations = shop.database["combinations"]
    shop.database["products"].change(row, product_type="combinations")
    _add_stock(shop, row.id, 0, 0)
    this = combinations.add(id_product=row.id, reference=article.sku, ean13=article.ean, default_on=1)
    this[ATTRIBUTES] = "Finition : Mat"
    other = combinations.add(id_product=row.id, reference=f"{article.sku}-BRILLANT", price=OTHER_IMPACT)
    other[ATTRIBUTES] = "Finition : Brillant"
    shop.database["products"].change(row, cache_default_attribute=this.id, id_default_combination=this.id)
    _add_stock(shop, row.id, this.id, article.quantity)
    _add_stock(shop, row.id, other.id, OTHER_QUANTITY)
    stock.add_up(shop.database, row.id)


def _product(shop: Shop, article: Product, now: str, *, reference: str, ean: str) -> Row:
    permille = permille_of(article)
    price = without_tax(Decimal(article.price_cents) / 100, Decimal(permille) / 10)
    row = shop.database["products"].add(
        reference=reference,
        ean13=ean,
        id_tax_rules_group=TAX_GROUPS[permille],
        price=to_millionths(price),
        weight=Decimal("0.500000"),
        active=1,
        name=article.title,
        date_add=now,
        date_upd=now,
    )
    if article.number < RANGE_NUMBERS:
        shop.database["product_suppliers"].add(
            id_product=row.id, id_supplier=1, id_currency=1, product_supplier_reference=f"F-{article.sku}"
        )
    return row


def _add_stock(shop: Shop, product: int, attribute: int, quantity: int) -> None:
    id_shop, id_shop_group = stock.owner(shop.database)
    shop.database["stock_availables"].add(
        id_product=product,
        id_product_attribute=attribute,
        id_shop=id_shop,
        id_shop_group=id_shop_group,
        quantity=quantity,
        out_of_stock=SHOP_DEFAULT_WHEN_SOLD_OUT,
    )
