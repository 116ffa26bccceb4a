"""Every buyer becomes a customer that the shop takes."""

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.order import Address, Buyer, Order
from app.shops.prestashop.mapping.customers import customer_fields, takes_email
from tests.shops.builders import ADDRESS, BUYER, an_order
from tests.shops.prestashop.test_texts import ANY_TEXT, CUSTOMER_NAME, GENERIC

PLACEHOLDER = "mirakl-1234@orders.invalid"


def written(order: Order, *, email: str = "abc123@marketplace.example", guest: bool = True) -> dict[str, str]:
    return customer_fields(
        order,
        email=email,
        placeholder=PLACEHOLDER,
        guest=guest,
        group_id="2",
        shop_id="1",
        shop_group_id="1",
        language_id="1",
        password="Random-Pass-9912",
    )


def test_a_buyer_is_written_in_full() -> None:
    assert written(an_order()) == {
        "id_default_group": "2",
        "id_lang": "1",
        "id_shop": "1",
        "id_shop_group": "1",
        "is_guest": "1",
        "active": "1",
        "newsletter": "0",
        "optin": "0",
        "passwd": "Random-Pass-9912",
        "lastname": "Lefèvre",
        "firstname": "Zoé",
        "email": "abc123@marketplace.example",
        "company": "Chez Zoé",
    }


def test_a_customer_is_no_guest_where_the_merchant_says_so() -> None:
    assert written(an_order(), guest=False)["is_guest"] == "0"


@given(buyer=st.builds(Buyer, **{field.name: ANY_TEXT for field in fields(Buyer)}), email=ANY_TEXT)
def test_whatever_is_reported_the_shop_takes_it(buyer: Buyer, email: str) -> None:
    found = written(an_order(buyer=buyer), email=email)

    assert CUSTOMER_NAME.fullmatch(found["lastname"])
    assert CUSTOMER_NAME.fullmatch(found["firstname"])
    assert GENERIC.fullmatch(found["company"])
    assert takes_email(found["email"])


NOBODY = Buyer(last_name="", email="abc123@marketplace.example")
COMPANY = replace(ADDRESS, last_name="", first_name="", company="S.A.R.L. Le Goff")


@pytest.mark.parametrize(
    ("buyer", "address", "names"),
    [
        (replace(BUYER, last_name="Martin"), ADDRESS, ("Martin", "Zoé")),
        (replace(BUYER, last_name="", first_name="Lou Martin"), ADDRESS, ("Martin", "Lou")),
        (NOBODY, ADDRESS, ("Lefèvre", "Zoé")),
        (None, ADDRESS, ("Lefèvre", "Zoé")),
        (None, COMPANY, ("S. A. R. L. Le Goff", "-")),
        (replace(NOBODY, company="A1 & Cie"), COMPANY, ("A & Cie", "-")),
        (NOBODY, None, ("-", "-")),
        (None, None, ("-", "-")),
    ],
)
def test_the_customer_is_who_bought_or_whom_it_is_sent_to(
    buyer: Buyer | None, address: Address | None, names: tuple[str, str]
) -> None:
    found = written(an_order(buyer=buyer, address=address))

    assert (found["lastname"], found["firstname"]) == names


def test_whom_it_is_billed_to_comes_before_whom_it_is_sent_to() -> None:
    order = replace(an_order(buyer=None), billing_address=replace(ADDRESS, last_name="Martin", first_name="Lou"))

    assert written(order)["lastname"] == "Martin"


@pytest.mark.parametrize(
    "email",
    [
        "abc123@marketplace.example",
        "a.b+c=d_e/f@mail.marketplace.example",
        "o'neil@marketplace.example",
        "rakuten-1234@orders.invalid",
        f"{'a' * 64}@{'b' * 55}.example",
    ],
)
def test_an_address_that_the_shop_takes_is_kept(email: str) -> None:
    assert written(an_order(), email=email)["email"] == email


@pytest.mark.parametrize(
    "email",
    [
        "",
        "abc123",
        "abc123@",
        "@marketplace.example",
        "abc123@localhost",
        "a b@marketplace.example",
        "a..b@marketplace.example",
        ".ab@marketplace.example",
        "ab.@marketplace.example",
        "zoé@marketplace.example",
        "abc@marché.example",
        '"a b"@marketplace.example',
        "abc@-marketplace.example",
        "abc@marketplace_.example",
        "abc@@marketplace.example",
        "abc@marketplace.example\n",
        "Zoé <abc@marketplace.example>",
        f"{'a' * 65}@marketplace.example",
        f"a@{'b' * 60}.{'b' * 60}.example",
    ],
)
def test_the_placeholder_stands_in_for_one_that_it_refuses(email: str) -> None:
    assert written(an_order(), email=email)["email"] == PLACEHOLDER
