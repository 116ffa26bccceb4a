"""PRI01's file: one line, one price; the lines of an offer replace all its prices, and one bad line spoils them all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC
from decimal import Decimal

from app.sandbox.mirakl.offers.offer import CHANNELS, Price, VolumePrice
from app.sandbox.mirakl.offers.parsed_file import Effect, ParsedFile, Rules, ShopOffers, offer_of_line
from app.sandbox.mirakl.offers.sheet import LineBroken, LineError, Row, Sheet, by_offer, moment, open_sheet
from app.sandbox.published import lists_of

REQUIRED = ("offer-sku", "price")
OPTIONAL = lists_of("mirakl")["price_columns"]
# Columns of a feature that the platform has not are unknown to it; customers' own prices are not simulated.
CHANNEL_COLUMNS = ("channels",)
SCHEDULE_COLUMNS = ("start-date", "end-date")
MOST_PRICES = 50


@dataclass(frozen=True, slots=True)
class PriceChange:
    sku: str
    prices: tuple[Price, ...]
    rows: Sequence[Row]
    approval: bool

    def apply(self, seller: ShopOffers) -> Effect:
        offer = offer_of_line(seller, self.sku)
        if self.approval:
            return "pending"
        offer.prices = self.prices
        return "updated"


def read_prices(content: bytes, rules: Rules) -> ParsedFile:
    """Return what the file asks for; FileBroken when it can't be read."""
    switches = rules.switches
    channels = CHANNEL_COLUMNS if switches.channel_pricing else ()
    schedule = SCHEDULE_COLUMNS if switches.scheduled_pricing else ()
    sheet = open_sheet(content, required=REQUIRED, optional=(*OPTIONAL, *channels, *schedule))
    parsed = ParsedFile(sheet.columns)
    for sku, rows in by_offer(sheet, "offer-sku", parsed.errors):
        prices, errors = _prices(sheet, rows, rules)
        parsed.errors.extend(errors)
        if not errors:
            parsed.changes.append(PriceChange(sku, prices, rows, approval=switches.price_approval))
    return parsed


def _prices(sheet: Sheet, rows: list[Row], rules: Rules) -> tuple[tuple[Price, ...], list[LineError]]:
    if len(rows) > MOST_PRICES:
        return (), [LineError(row, f"More than {MOST_PRICES} prices for one offer") for row in rows]
    prices: list[Price] = []
    bad: dict[int, str] = {}
    for row in rows:
        try:
            prices.extend(_new_prices(sheet, row, rules, beside=prices))
        except LineBroken as reason:
            bad[row.line] = str(reason)
    if not bad:
        return tuple(prices), []
    # Prices are replaced as a whole, so a part of them would delete the rest.
    return (), [LineError(row, bad.get(row.line, "Another line of this offer is in error")) for row in rows]


def _new_prices(sheet: Sheet, row: Row, rules: Rules, *, beside: Sequence[Price]) -> list[Price]:
    kind = sheet.cell(row, "price-type")
    if kind not in ("", "PRICE"):
        raise LineBroken(f"price-type can't be '{kind}'")
    prices = [_price(sheet, row, rules, channel=channel) for channel in _channels(sheet.cell(row, "channels"))]
    taken = {(price.channel, price.start, price.end) for price in beside}
    for price in prices:
        if (price.channel, price.start, price.end) in taken:
            raise LineBroken("The offer has such a price in a line above")
    return prices


def _channels(text: str) -> list[str | None]:
    if not text:
        return [None]
    codes = list(dict.fromkeys(text.split("|")))
    for code in codes:
        if code not in CHANNELS:
            raise LineBroken(f"Channel '{code}' not found")
    return [*codes]


def _price(sheet: Sheet, row: Row, rules: Rules, *, channel: str | None) -> Price:
    origin = rules.amount(sheet.cell(row, "price"), "price")
    start = moment(sheet.cell(row, "start-date"), column="start-date")
    end = moment(sheet.cell(row, "end-date"), column="end-date")
    if start and end and start >= end:
        raise LineBroken("start-date is not before end-date")
    volumes = _volumes(sheet.cell(row, "price-ranges"), sheet.cell(row, "discount-ranges"), rules)
    return _discounted(Price(origin, channel=channel, start=start, end=end, volumes=volumes), sheet, row, rules)


def _discounted(price: Price, sheet: Sheet, row: Row, rules: Rules) -> Price:
    text = sheet.cell(row, "discount-price")
    start = moment(sheet.cell(row, "discount-start-date"), column="discount-start-date")
    end = moment(sheet.cell(row, "discount-end-date"), column="discount-end-date")
    if not text:
        if start or end:
            raise LineBroken("Dates of a discount without discount-price")
        return price
    discount = rules.amount(text, "discount-price")
    if discount >= price.origin:
        raise LineBroken("discount-price is not below price")
    if start and end and start >= end:
        raise LineBroken("discount-start-date is not before discount-end-date")
    if rules.switches.discount_period_required and not (start and end):
        raise LineBroken("A discount needs discount-start-date and discount-end-date")
    today = rules.now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if rules.switches.discount_price_creation_in_the_past_blocked and start and start < today:
        raise LineBroken("A discount can't begin in the past")
    return replace(price, discount=discount, discount_start=start, discount_end=end)


def _volumes(prices: str, discounts: str, rules: Rules) -> tuple[VolumePrice, ...]:
    if not (prices or discounts):
        return ()
    origins = _ranges(prices, "price-ranges", rules)
    lowered = _ranges(discounts, "discount-ranges", rules)
    thresholds = sorted(origins.keys() | lowered.keys())
    return tuple(VolumePrice(each, origins.get(each), lowered.get(each)) for each in thresholds)


def _ranges(text: str, column: str, rules: Rules) -> dict[int, Decimal]:
    found: dict[int, Decimal] = {}
    for part in text.split(",") if text else ():
        threshold, _, price = part.partition("|")
        if not (threshold.isascii() and threshold.isdigit()) or len(threshold) > 9 or int(threshold) in found:
            raise LineBroken(f"{column} '{text}' is not a list such as 5|109.20,10|108.70")
        found[int(threshold)] = rules.amount(price, column)
    return found
