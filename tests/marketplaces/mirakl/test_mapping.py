"""Mirakl's records become orders, or say which field stands in the way."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import Money
from app.domain.order import Address, Buyer, Fulfilment, Line, Order, OrderState, Unreadable
from app.domain.wording import in_english
from app.marketplaces.mirakl import mapping
from tests.marketplaces.mirakl.records import Record, a_line, an_address, an_order


def euros(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


def read(record: Record) -> Order:
    order = mapping.order(record)
    assert isinstance(order, Order), order
    return order


def reason(record: Record) -> str:
    answer = mapping.order(record)
    assert isinstance(answer, Unreadable), answer
    assert answer.order_id == record["order_id"]
    return in_english(answer.reason)


def test_a_paid_order_is_read_in_full() -> None:
    order = read(an_order())

    address = Address(
        last_name="Exemple",
        first_name="Alice",
        street_1="1 rue du Test",
        street_2="Bat. B",
        extra="Code 12A",
        postcode="59000",
        city="Lille",
        country="FR",
        phone="+33 3 00 00 00 00",
    )
    assert order == Order(
        platform="mirakl",
        order_id="SBX-1-A",
        state=OrderState.TO_SHIP,
        platform_status="SHIPPING",
        fulfilment=Fulfilment.MERCHANT,
        placed_at=datetime(2026, 3, 2, 8, 10, 5, tzinfo=UTC),
        updated_at=datetime(2026, 3, 2, 9, 2, 31, 204_000, tzinfo=UTC),
        ship_by=datetime(2026, 3, 4, 22, 59, 59, 999_000, tzinfo=UTC),
        accept_by=None,
        currency="EUR",
        total=euros("64.70"),
        lines=(
            Line(
                id="SBX-1-A-1",
                sku="PS-REF-001",
                title="Lampe de bureau",
                quantity=2,
                quantity_open=2,
                unit_price=euros("29.90"),
                shipping=euros("4.90"),
                total=euros("64.70"),
                state=OrderState.TO_SHIP,
                platform_status="SHIPPING",
            ),
        ),
        sales_channel="FR",
        basket="SBX-1",
        buyer=Buyer(
            last_name="Exemple", first_name="Alice", email="sbx-anon@notification.example.test", locale="fr_FR"
        ),
        shipping_address=address,
        billing_address=replace(address, street_2="", extra="", phone=""),
        shipping_method="STD",
        shipping_method_label="Livraison standard",
    )


@pytest.mark.parametrize(
    ("platform_status", "state"),
    [
        ("STAGING", OrderState.PENDING),
        ("WAITING_ACCEPTANCE", OrderState.TO_ACCEPT),
        ("WAITING_DEBIT", OrderState.ACCEPTED),
        ("WAITING_DEBIT_PAYMENT", OrderState.ACCEPTED),
        ("SHIPPING", OrderState.TO_SHIP),
        ("SHIPPED", OrderState.SHIPPED),
        ("TO_COLLECT", OrderState.SHIPPED),
        ("RECEIVED", OrderState.SHIPPED),
        ("CLOSED", OrderState.CLOSED),
        ("REFUSED", OrderState.REFUSED),
        ("CANCELED", OrderState.CANCELLED),
        ("WAITING_REFUND", OrderState.UNKNOWN),
        ("SOMETHING_NEW", OrderState.UNKNOWN),
    ],
)
def test_every_status_has_one_of_our_states_and_is_kept(platform_status: str, state: OrderState) -> None:
    order = read(an_order(order_state=platform_status))

    assert (order.state, order.platform_status) == (state, platform_status)


@pytest.mark.parametrize(
    ("platform_status", "state", "open_units"),
    [
        ("SHIPPING", OrderState.TO_SHIP, 2),
        ("REFUSED", OrderState.REFUSED, 0),
        ("CANCELED", OrderState.CANCELLED, 0),
        ("REFUNDED", OrderState.CLOSED, 0),
        ("INCIDENT_OPEN", OrderState.UNKNOWN, 2),
        ("SOMETHING_NEW", OrderState.UNKNOWN, 2),
    ],
)
def test_a_line_says_what_is_still_owed(platform_status: str, state: OrderState, open_units: int) -> None:
    [line] = read(an_order(order_lines=[a_line(order_line_state=platform_status)])).lines

    assert (line.state, line.platform_status, line.quantity_open) == (state, platform_status, open_units)


def test_cancelled_units_are_no_longer_owed() -> None:
    cancelations = [{"id": "1", "quantity": 1}, {"id": "2", "quantity": 1, "amount": Decimal("5")}, {"id": "3"}]

    [line] = read(an_order(order_lines=[a_line(quantity=5, cancelations=cancelations)])).lines

    assert (line.quantity, line.quantity_open) == (5, 3)


def test_more_cancelled_than_ordered_owes_nothing() -> None:
    [line] = read(an_order(order_lines=[a_line(cancelations=[{"quantity": 9}])])).lines

    assert line.quantity_open == 0


def test_two_lines_of_one_sku_stay_two_lines() -> None:
    order = read(an_order(order_lines=[a_line(), a_line(order_line_id="SBX-1-A-2")]))

    assert [(line.id, line.sku) for line in order.lines] == [("SBX-1-A-1", "PS-REF-001"), ("SBX-1-A-2", "PS-REF-001")]


def test_promotions_and_fees_leave_the_total_as_the_operator_says_it() -> None:
    line = a_line(
        origin_unit_price=Decimal("34.90"),
        promotions=[{"id": "P", "deduced_amount": Decimal("10.00")}],
        fees=[{"code": "ECO", "amount": Decimal("0.50")}],
        total_price=Decimal("65.20"),
    )
    promotions = {"applied_promotions": [{"id": "P"}], "total_deduced_amount": Decimal("10.00")}

    order = read(an_order(order_lines=[line], promotions=promotions, total_price=Decimal("65.20")))

    assert order.total == order.open_total == euros("65.20")


@pytest.mark.parametrize("reported", ["64.70", "94.70"])
def test_a_total_with_or_without_the_refused_lines_is_the_total_of_all_lines(reported: str) -> None:
    refused = a_line(order_line_id="2", order_line_state="REFUSED", total_price=Decimal("30.00"))

    order = read(an_order(order_lines=[a_line(), refused], total_price=Decimal(reported)))

    assert (order.total, order.open_total) == (euros("94.70"), euros("64.70"))


def test_a_total_that_does_not_add_up_is_left_for_others_to_see() -> None:
    assert read(an_order(total_price=Decimal("60.00"))).total == euros("60.00")


def test_an_order_without_lines_is_readable() -> None:
    assert read(an_order(order_lines=[])).lines == ()


def test_whole_amounts_and_free_lines_are_money_too() -> None:
    line = a_line(price_unit=0, shipping_price=None, total_price=0)

    order = read(an_order(order_lines=[line], total_price=0))

    assert order.total == order.lines[0].shipping == euros("0")


def test_addresses_are_none_until_they_are_given() -> None:
    customer = {"customer_id": "1", "firstname": "Alice", "lastname": "Exemple", "billing_address": None}

    order = read(an_order(order_state="WAITING_ACCEPTANCE", customer=customer))

    assert order.shipping_address is None
    assert order.billing_address is None
    assert order.buyer
    assert order.buyer.last_name == "Exemple"


def test_an_address_full_of_nulls_is_not_given() -> None:
    nulls = dict.fromkeys(an_address())

    order = read(an_order(customer={"shipping_address": nulls, "billing_address": nulls}))

    assert (order.shipping_address, order.billing_address) == (None, None)


def test_a_company_brings_its_name_and_tax_number() -> None:
    organization = {"name": "Essai SARL", "tax_identification_number": "FR00000000000", "identification_number": "0"}

    order = read(an_order(customer={"lastname": "Exemple", "organization": organization}))

    assert order.buyer
    assert (order.buyer.company, order.buyer.tax_id) == ("Essai SARL", "FR00000000000")


def test_company_lines_of_an_address_become_one() -> None:
    order = read(an_order(customer={"shipping_address": an_address(company="Essai", company_2="Quai 3")}))

    assert order.shipping_address
    assert order.shipping_address.company == "Essai Quai 3"


@pytest.mark.parametrize(
    ("code", "country"),
    [("FRA", "FR"), ("deu", "DE"), ("GUF", "GF"), ("XKX", "XK"), ("BE", "BE"), ("ZZZ", "ES"), (None, "ES")],
)
def test_a_country_is_known_by_its_code_and_else_by_its_name(code: str | None, country: str) -> None:
    order = read(an_order(customer={"shipping_address": an_address(country_iso_code=code, country="Espagne")}))

    assert order.shipping_address
    assert order.shipping_address.country == country


@pytest.mark.parametrize(
    ("fulfillment", "fulfilment"),
    [
        ({"center": {"code": "DEFAULT"}}, Fulfilment.MERCHANT),
        ({"center": {"code": "WAREHOUSE-7"}}, Fulfilment.MARKETPLACE),
        ({"center": None}, Fulfilment.MERCHANT),
        (None, Fulfilment.MERCHANT),
    ],
)
def test_the_fulfilment_centre_says_who_ships(fulfillment: object, fulfilment: Fulfilment) -> None:
    assert read(an_order(fulfillment=fulfillment)).fulfilment is fulfilment


def test_the_relay_is_kept() -> None:
    assert read(an_order(shipping_pudo_id="PUDO-12")).pickup_point == "PUDO-12"


def test_the_tax_mode_of_the_answer_wins_over_the_one_asked_for() -> None:
    reported = mapping.order(an_order(order_tax_mode="TAX_EXCLUDED"), asked_tax_mode="incl")
    not_given = mapping.order(an_order(order_tax_mode=None), asked_tax_mode="excl")

    assert isinstance(reported, Order)
    assert isinstance(not_given, Order)
    assert (reported.tax_mode, not_given.tax_mode) == ("excl", "excl")


@pytest.mark.parametrize("text", ["2026-03-02T09:15:00Z", "2026-03-02T09:15:00.000Z", "2026-03-02T10:15:00+01:00"])
def test_one_moment_is_one_moment_however_it_is_written(text: str) -> None:
    assert read(an_order(created_date=text)).placed_at == datetime(2026, 3, 2, 9, 15, tzinfo=UTC)


def test_only_what_is_needed_has_to_be_there() -> None:
    bare = {
        "order_id": "SBX-1-A",
        "order_state": "SHIPPING",
        "created_date": "2026-03-02T08:10:05Z",
        "currency_iso_code": "EUR",
        "total_price": 1,
        "order_lines": [
            {"order_line_id": "1", "order_line_state": "SHIPPING", "quantity": 1, "price_unit": 1, "total_price": 1}
        ],
    }

    order = read(bare)

    assert order.buyer is None
    assert order.updated_at is None
    assert order.lines[0].sku == ""


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"created_date": "yesterday"}, "created_date"),
        ({"created_date": None}, "created_date"),
        ({"last_updated_date": "0001-01-01T00:00:00+14:00"}, "last_updated_date"),
        ({"order_state": None}, "order_state"),
        ({"currency_iso_code": ""}, "currency_iso_code"),
        ({"total_price": "64,70"}, "total_price"),
        ({"total_price": Decimal("NaN")}, "total_price"),
        ({"total_price": Decimal("1E+99")}, "total_price"),
        ({"total_price": 64.7}, "total_price"),
        ({"total_price": True}, "total_price"),
        ({"order_tax_mode": "TAX_HALF"}, "order_tax_mode"),
        ({"order_lines": None}, "order_lines"),
        ({"order_lines": ["line"]}, "order_lines[0]"),
        ({"order_lines": [a_line(), a_line()]}, "order_lines[].order_line_id"),
        ({"order_lines": [a_line(quantity=None)]}, "order_lines[0].quantity"),
        ({"order_lines": [a_line(quantity=-1)]}, "order_lines[0].quantity"),
        ({"order_lines": [a_line(order_line_id=None)]}, "order_lines[0].order_line_id"),
        ({"order_lines": [a_line(total_price=None)]}, "order_lines[0].total_price"),
        ({"order_lines": [a_line(cancelations=[{"quantity": "1"}])]}, "order_lines[0].quantity"),
        ({"order_lines": [a_line(cancelations={"quantity": 1})]}, "order_lines[0].cancelations"),
    ],
)
def test_an_order_that_can_not_be_understood_names_the_field(changes: Record, field: str) -> None:
    assert reason(an_order(**changes)) == f"the field {field} can't be read"


def test_states_become_statuses_for_a_query() -> None:
    statuses = mapping.platform_statuses({OrderState.SHIPPED, OrderState.PARTIALLY_SHIPPED})

    assert statuses == ("SHIPPED", "TO_COLLECT", "RECEIVED")


def test_unknown_states_can_not_be_asked_for_so_nothing_is_left_out() -> None:
    assert mapping.platform_statuses({OrderState.SHIPPED, OrderState.UNKNOWN}) == ()


def test_no_bank_details_are_taken_from_an_account() -> None:
    account = mapping.account(
        {"shop_id": 2042, "shop_name": "Essai", "shop_state": "OPEN", "payment_info": {"iban": 1}}
    )

    assert account == mapping.Account(
        shop_id="2042", name="Essai", state="OPEN", suspension="", closed_from="", closed_to="", currency=""
    )


@pytest.mark.parametrize(
    ("reported", "decimals"),
    [("0", 0), ("4", 4), (3, 3), (None, 2), ("", 2), ("two", 2), ("-1", 2), ("99", 2), ("²", 2)],
)
def test_prices_have_the_decimals_that_the_operator_says(reported: object, decimals: int) -> None:
    assert mapping.platform_configuration({"features": {"offer_prices_decimals": reported}}).price_decimals == decimals


def test_a_tenant_without_configuration_has_all_off() -> None:
    assert mapping.platform_configuration({"features": None}) == mapping.PlatformConfiguration(
        order_acceptance="", early_addresses=False, listed_carriers_only=False, timezone=""
    )


def test_text_that_no_database_takes_is_cleaned() -> None:
    assert read(an_order(shipping_type_label="Stan\x00dard \ud800")).shipping_method_label == "Standard ?"


_ODD: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(places=None)
    | st.text("a7é \x00\ud800", max_size=6)
    | st.sampled_from(["2026-03-02T08:10:05Z", "SHIPPING", "EUR", "FRA"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*an_address(), "code", "center"]), inner, max_size=3)
    ),
    max_leaves=5,
)


def _with_odd_fields(record: Record) -> st.SearchStrategy[Record]:
    odd = st.dictionaries(st.sampled_from(sorted(record)), _ODD, max_size=4)
    return odd.map(lambda changes: record | changes)


@given(
    record=_with_odd_fields(an_order()),
    line=_with_odd_fields(a_line()),
    address=_with_odd_fields(an_address()),
    nested=st.booleans(),
)
def test_whatever_comes_it_is_an_order_or_says_why_not(
    record: Record, line: Record, address: Record, nested: bool
) -> None:
    record["order_id"] = "SBX-1-A"
    if nested:
        record |= {"order_lines": [line], "customer": {"shipping_address": address}}

    answer = mapping.order(record)

    assert answer.order_id == "SBX-1-A"
    if isinstance(answer, Order):
        assert answer.placed_at.tzinfo is UTC
        assert answer.total.amount.is_finite()
        assert all(0 <= line.quantity_open <= line.quantity for line in answer.lines)
