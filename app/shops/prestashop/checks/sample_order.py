"""The order that a test order makes: one unit of something that the shop sells, for nobody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, count

from app.domain.finding import Finding
from app.domain.money import Money
from app.domain.order import Address, Buyer, Fulfilment, Line, Order, OrderState
from app.shops.port import Ambiguous, Match
from app.shops.prestashop.checks.lines import bad
from app.shops.prestashop.client import Client
from app.shops.prestashop.reads.catalogue import Catalogue, parse_ref, ref_of
from app.shops.prestashop.reads.facts import Country, Facts
from app.shops.prestashop.reads.stock import STOCK_FIELDS, counts_stock, quantities

PLATFORM = "test"
NUMBER_BEGINS = "TEST-"
# A test order that somebody wanted to keep is not cleared away by the next one.
NUMBER_OF_KEPT_ENDS = "-KEPT"
PLACEHOLDER = "test-order@marketplace.invalid"
FIRST_NAME, LAST_NAME = "Test", "Marketcron"
# A price that no tax divides evenly, and a shipping cost that the shop does not know.
PRICE, SHIPPING = Decimal("19.99"), Decimal("4.90")
# Stock rows that are looked through for something to sell.
ROWS_LOOKED_AT = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What is ordered, and the key of its stock."""

    match: Match
    product_id: str
    attribute_id: str

    @property
    def pair(self) -> tuple[str, str]:
        return self.product_id, self.attribute_id


async def article_named(catalogue: Catalogue, sku: str) -> Article | Finding:
    """Return the product that a SKU means, or why none is ordered."""
    match = (await catalogue.resolve([sku])).get(sku)
    if isinstance(match, Match) and match.active:
        return _article(match)
    if isinstance(match, Match):
        return bad("PRODUCT", "TEST_PRODUCT_INACTIVE", sku=sku[:40])
    if isinstance(match, Ambiguous):
        return bad("PRODUCT", "TEST_PRODUCT_AMBIGUOUS", sku=sku[:40], products=tuple(match.refs))
    return bad("PRODUCT", "TEST_PRODUCT_UNKNOWN", sku=sku[:40])


async def first_for_sale(client: Client, *, facts: Facts, catalogue: Catalogue) -> Article | Finding:
    """Return the first product in stock that the shop sells."""
    rows = await client.find(
        "stock_availables",
        display=STOCK_FIELDS,
        filters={"quantity": ">[0]"} if counts_stock(facts) else {},
        sort="id_ASC",
        limit=str(ROWS_LOOKED_AT),
    )
    stock = quantities(rows, facts=facts, id_shop=client.id_shop)
    units = {ref_of(*pair): left for pair, left in stock.items()}
    products = await catalogue.products(list(units))
    for ref, left in units.items():
        product = products.get(ref)
        if product is not None and product.orderable and not product.is_pack:
            sku = product.reference or ref
            return _article(Match(sku=sku, ref=ref, title=product.title, active=True, available=left))
    return bad("PRODUCT", "TEST_PRODUCT_NONE")


def number_of(now: datetime, *, kept: bool, taken: Collection[str]) -> str:
    """Return the number of a test order, one that no other has."""
    ending = NUMBER_OF_KEPT_ENDS if kept else ""
    numbers = (f"{NUMBER_BEGINS}{now:%Y%m%dT%H%M%S}{more}{ending}" for more in chain([""], map(".{}".format, count(2))))
    return next(number for number in numbers if number not in taken)


def order_of(article: Article, *, number: str, facts: Facts, now: datetime) -> Order | Finding:
    """Return an order of one unit to the shop's own country, complete, as a marketplace gives it."""
    country = _home(facts)
    if country is None:
        return bad("COUNTRIES", "TEST_COUNTRY_NONE")
    currency = _currency(facts)
    line = Line(
        id="1",
        sku=article.match.sku,
        title=article.match.title,
        quantity=1,
        quantity_open=1,
        unit_price=Money(PRICE, currency),
        shipping=Money(SHIPPING, currency),
        total=Money(PRICE + SHIPPING, currency),
        state=OrderState.TO_SHIP,
    )
    address = Address(
        last_name=LAST_NAME,
        first_name=FIRST_NAME,
        street_1="1 Test Street",
        postcode=_postcode(country),
        city="Test",
        country=country.iso_code,
        phone="+33 1 00 00 00 00",
    )
    return Order(
        platform=PLATFORM,
        order_id=number,
        state=OrderState.TO_SHIP,
        platform_status="test",
        fulfilment=Fulfilment.MERCHANT,
        placed_at=now,
        currency=currency,
        total=line.total,
        lines=(line,),
        buyer=Buyer(last_name=LAST_NAME, first_name=FIRST_NAME, email=PLACEHOLDER),
        shipping_address=address,
        billing_address=address,
        shipping_method="test",
    )


def _article(match: Match) -> Article:
    product_id, attribute_id = parse_ref(match.ref) or (match.ref, "0")
    return Article(match=match, product_id=product_id, attribute_id=attribute_id)


def _home(facts: Facts) -> Country | None:
    """Return the shop's own country, or the first that it delivers to."""
    active = [each for each in facts.countries.values() if each.active]
    default = facts.setting("PS_COUNTRY_DEFAULT")
    return next((each for each in active if each.id == default), next(iter(active), None))


def _currency(facts: Facts) -> str:
    default = facts.setting("PS_CURRENCY_DEFAULT")
    codes = {each.id: code for code, each in facts.currencies.items()}
    return codes.get(default) or next(iter(facts.currencies), "EUR")


def _postcode(country: Country) -> str:
    """Return a postcode as the country writes it: N stands for a digit, L for a letter, C for the country's code."""
    signs = {"N": "1", "L": "A", "C": country.iso_code}
    return "".join(signs.get(sign, sign) for sign in country.postcode_format)
