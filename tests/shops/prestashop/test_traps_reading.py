"""The traps of PrestaShop's Webservice that lie in wait for whoever reads; each by its number in the list of traps."""

from datetime import UTC, datetime

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.shop_mapping import ShopMapping
from app.shops.port import Ambiguous, Match, Unknown
from app.shops.prestashop.reads import order_list, product_offers, progress
from app.shops.prestashop.reads.catalogue import Catalogue
from app.shops.prestashop.records import Record
from tests.shops.prestashop.fake_prestashop import NOW, FakePrestashop, a_client, a_setup, answer, some_facts
from tests.shops.prestashop.recordings import recorded, with_recordings
from tests.support.aio import run


def a_catalogue(shop: FakePrestashop) -> Catalogue:
    return Catalogue(a_client(shop), facts=some_facts(), mapping=ShopMapping())


def read_everything(shop: FakePrestashop) -> list[httpx.Request]:
    """Ask all that the reading side asks; return the requests."""
    setup, facts, mapping = a_setup(shop), some_facts(), ShopMapping()
    catalogue = Catalogue(setup.client, facts=facts, mapping=mapping)

    async def read() -> None:
        await catalogue.resolve(["LAMPE", "SHIRT", "[odd]"])
        await catalogue.rate("1", country_id="8")
        async for _ in product_offers.offers(setup.client, facts=facts, mapping=mapping, clock=setup.clock):
            pass
        async for _ in order_list.orders(
            setup.client,
            facts=facts,
            mapping=mapping,
            catalogue=catalogue,
            key_prefix="mkp:",
            since=datetime(2026, 11, 20, tzinfo=UTC),
            clock=setup.clock,
        ):
            pass
        await progress.progress_of(setup.client, facts=facts, mapping=mapping, refs=["9"], clock=setup.clock)

    run(read())
    return setup.requests


def a_shop() -> FakePrestashop:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE")
    shop.product(13, reference="SHIRT")
    shop.combination(13, 34, reference="SHIRT-S")
    shop.add("tax_rules", 1)
    shop.add("taxes", 1)
    shop.add("orders", 9, current_state="4")
    shop.add("order_carriers", 90, id_order=9)
    return shop


def test_trap_01_nothing_is_read_as_json_which_drops_zeros() -> None:
    requests = read_everything(a_shop())

    assert len(requests) > 10
    assert all("output_format" not in request.url.params for request in requests)
    assert {request.headers["Accept"] for request in requests} == {"text/xml"}
    assert all("Output-Format" not in request.headers for request in requests)


@with_recordings
def test_trap_01_a_quantity_of_zero_is_there() -> None:
    stock = run(a_client(lambda _: recorded("223").response()).get("stock_availables", "21"))

    assert stock is not None
    assert stock["quantity"] == "0"


@with_recordings
def test_trap_02_an_empty_list_is_no_orders() -> None:
    assert run(a_client(lambda _: recorded("038").response()).find("orders", display=("id",))) == []


def test_trap_06_whoever_filters_by_a_date_says_so() -> None:
    requests = read_everything(a_shop())

    dated = [each for each in requests if any(name.startswith("filter[date_") for name in each.url.params)]
    assert dated
    assert all(each.url.params.get("date") == "1" for each in dated)


def test_trap_07_whatever_is_read_in_pages_is_sorted() -> None:
    requests = read_everything(a_shop())

    paged = [each for each in requests if "limit" in each.url.params]
    assert paged
    assert {each.url.params.get("sort") for each in paged} == {"[id_ASC]"}
    assert all(each.url.params["filter[id]"].startswith(">[") for each in paged)


@pytest.mark.parametrize("other", ["lampe", "LÄMPE", "LAMPÉ", "LAMPE "])
def test_trap_08_equal_without_case_and_accents_is_not_equal(other: str) -> None:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE")

    answers = run(a_catalogue(shop).resolve([other, "LAMPE"]))

    match = answers["LAMPE"]
    assert answers[other] == Unknown(other)
    assert isinstance(match, Match)
    assert match.ref == "12"


def test_trap_08_an_order_of_a_like_key_is_not_ours() -> None:
    shop, facts = FakePrestashop(), some_facts()
    shop.add("orders", 8, gift_message="MKP:Mirakl:MKP-1")
    setup = a_setup(shop)

    async def listed() -> list[str]:
        pages = order_list.orders(
            setup.client,
            facts=facts,
            mapping=ShopMapping(),
            catalogue=a_catalogue(shop),
            key_prefix="mkp:mirakl:",
            since=datetime(2026, 11, 20, tzinfo=UTC),
            clock=setup.clock,
        )
        return [order.ref async for page in pages for order in page.items]

    assert run(listed()) == []
    assert shop.calls("orders") == 1


def test_trap_09_a_shared_reference_is_a_question() -> None:
    shop = FakePrestashop()
    shop.product(1, reference="demo_1")
    for number in range(1, 9):
        shop.combination(1, number, reference="demo_1")

    found = run(a_catalogue(shop).resolve(["demo_1"]))["demo_1"]

    assert found == Ambiguous("demo_1", tuple(f"1-{number}" for number in range(1, 9)))


def test_trap_17_a_product_with_combinations_is_never_sold_as_itself() -> None:
    shop = a_shop()
    shop.combination(13, 35)
    catalogue = a_catalogue(shop)

    found = run(catalogue.resolve(["SHIRT", "SHIRT-S"]))
    product = run(catalogue.products(["13"]))["13"]

    assert {sku: each.ref for sku, each in found.items() if isinstance(each, Match)} == {
        "SHIRT": "13-35",
        "SHIRT-S": "13-34",
    }
    assert (product.active, product.orderable, product.has_combinations) == (True, False, True)


def test_trap_18_stock_below_nothing_is_reported_as_it_is() -> None:
    shop = FakePrestashop()
    shop.product(12, reference="LAMPE", quantity=-4700)

    match = run(a_catalogue(shop).resolve(["LAMPE"]))["LAMPE"]

    assert isinstance(match, Match)
    assert match.available == -4700


def test_trap_21_a_combination_comes_with_its_number() -> None:
    catalogue = a_catalogue(a_shop())

    async def needed() -> tuple[str, str]:
        match = (await catalogue.resolve(["SHIRT-S"]))["SHIRT-S"]
        assert isinstance(match, Match)
        product = (await catalogue.products([match.ref]))[match.ref]
        return product.product_id, product.attribute_id

    assert run(needed()) == ("13", "34")


def test_trap_27_a_number_is_seen_though_the_order_did_not_change() -> None:
    shop, facts = a_shop(), some_facts()
    setup = a_setup(shop)

    async def numbers() -> list[str]:
        found = await progress.progress_of(
            setup.client, facts=facts, mapping=ShopMapping(), refs=["9"], clock=setup.clock
        )
        return [parcel.number for parcel in found["9"].parcels]

    before = run(numbers())
    shop.change("order_carriers", 90, tracking_number="6A12345678901")

    assert (before, run(numbers())) == ([""], ["6A12345678901"])


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21 17:14:41", datetime(2026, 11, 21, 16, 14, 41, tzinfo=UTC)),
        ("2026-07-01 00:30:00", datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
        ("2026-10-25 01:59:59", datetime(2026, 10, 24, 23, 59, 59, tzinfo=UTC)),
        ("2026-10-25 02:30:00", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-10-25 03:00:00", datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("", None),
    ],
)
def test_trap_28_the_shop_writes_its_own_time(text: str, moment: datetime | None) -> None:
    assert some_facts().moment(text) == moment


def test_trap_28_an_order_of_the_hour_that_comes_twice_is_listed() -> None:
    shop, facts = FakePrestashop(), some_facts()
    made = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    shop.add("orders", 9, date_add=facts.local(made))
    client, clock = a_client(shop), JumpingClock(NOW)

    async def listed() -> list[str]:
        pages = order_list.orders(
            client,
            facts=facts,
            mapping=ShopMapping(),
            catalogue=a_catalogue(shop),
            key_prefix="mkp:",
            since=datetime(2026, 10, 25, 1, 29, tzinfo=UTC),
            clock=clock,
        )
        return [order.ref async for page in pages for order in page.items]

    assert run(listed()) == ["9"]


def test_trap_29_a_carrier_that_was_edited_since_still_has_its_name() -> None:
    shop = a_shop()
    # 3 was deleted when it was edited, 77 was made after the shop's facts were read.
    shop.change("order_carriers", 90, id_carrier=3, tracking_number="6A1")
    shop.add("orders", 10, current_state="4")
    shop.add("order_carriers", 91, id_order=10, id_carrier=77, tracking_number="6A2")
    shop.add("carriers", 77, name="Colissimo de demain")
    setup = a_setup(shop)

    async def names() -> list[str]:
        found = await progress.progress_of(
            setup.client, facts=some_facts(), mapping=ShopMapping(), refs=["9", "10"], clock=setup.clock
        )
        return [found[ref].parcels[0].carrier for ref in ("9", "10")]

    assert run(names()) == ["Colissimo d'hier", "Colissimo de demain"]


def test_trap_36_noise_before_the_document_changes_nothing() -> None:
    clean = answer("<taxes><tax><id>1</id></tax></taxes>")
    noisy = httpx.Response(
        200, headers=clean.headers, content=b"\xef\xbb\xbf\nNotice: x in <b>y.php</b>\n" + clean.content
    )

    assert run(a_client(lambda _: noisy).find("taxes")) == [Record({"id": "1"})]
