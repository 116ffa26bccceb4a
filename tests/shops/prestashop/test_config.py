"""What people enter to reach a PrestaShop, as they paste it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.shops.prestashop.config import PrestashopConfig, bare_key, shop_root
from tests.shops.prestashop.fake_prestashop import KEY


def a_config(**fields: object) -> PrestashopConfig:
    return PrestashopConfig.model_validate({"url": "https://shop.example", "key": KEY, **fields})


@pytest.mark.parametrize(
    ("pasted", "root"),
    [
        ("https://shop.example", "https://shop.example"),
        ("https://shop.example/", "https://shop.example"),
        (" https://shop.example ", "https://shop.example"),
        ("shop.example", "https://shop.example"),
        ("https://SHOP.example:8443/", "https://shop.example:8443"),
        ("https://shop.example/fr/", "https://shop.example/fr"),
        ("https://shop.example//fr//", "https://shop.example/fr"),
        ("https://shop.example/api", "https://shop.example"),
        ("https://shop.example/fr/api/orders?display=full", "https://shop.example/fr"),
        ("https://shop.example/admin123/index.php?controller=AdminLogin#top", "https://shop.example"),
        ("https://shop.example/webservice/dispatcher.php", "https://shop.example"),
        ("http://127.0.0.1:8080/prestashop", "http://127.0.0.1:8080/prestashop"),
        ("http://localhost:9000/prestashop", "http://localhost:9000/prestashop"),
        ("http://shop.test", "http://shop.test"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
    ],
)
def test_the_address_is_understood_as_people_paste_it(pasted: str, root: str) -> None:
    assert a_config(url=pasted).url == root


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "not a web address"),
        ("ftp://shop.example", "not a web address"),
        ("https://", "not a web address"),
        ("https://sh op.example", "not a web address"),
        ("https://shop.example:port", "not a web address"),
        ("https://me:secret@shop.example", "user name or password"),
        ("http://shop.invalid.com", "https://"),
    ],
)
def test_another_address_is_refused_with_what_to_do(pasted: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        shop_root(pasted)

    assert str(error.value).endswith((".example.", "https://"))


@pytest.mark.parametrize("pasted", [KEY, f" {KEY}\n"])
def test_the_key_is_taken_without_what_surrounds_it(pasted: str) -> None:
    assert a_config(key=pasted).key.get_secret_value() == KEY


@pytest.mark.parametrize(
    ("pasted", "said"), [("", "this has 0"), (KEY[1:], "this has 31"), (KEY * 2, "this has 64"), ("é" * 32, "letters")]
)
def test_what_can_be_no_key_is_refused_with_what_to_do(pasted: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        bare_key(pasted)

    assert str(error.value).endswith("Copy it again")


def test_a_refused_key_is_never_repeated() -> None:
    with pytest.raises(ValidationError) as error:
        a_config(key="SECRET-THAT-IS-TOO-SHORT")

    assert "SECRET-THAT" not in str(error.value)


def test_the_key_is_never_shown() -> None:
    assert KEY not in repr(a_config())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id_shop", "one"),
        ("id_shop", "-1"),
        ("payment_module", "ps wirepayment"),
        ("carrier", "DHL"),
        ("customer_group", "guests"),
        ("shop_connections", 0),
        ("shop_connections", 9),
        ("verbs", "get"),
        ("unheard_of", "x"),
    ],
)
def test_what_does_not_fit_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValidationError):
        a_config(**{field: value})


def test_numbers_may_be_numbers() -> None:
    config = a_config(id_shop=2, carrier=7, customer_group=3)

    assert (config.id_shop, config.carrier, config.customer_group) == ("2", "7", "3")


def test_every_field_has_a_title_and_a_sentence() -> None:
    for name, field in PrestashopConfig.model_fields.items():
        assert field.title, name
        assert (field.description or "").endswith("."), name


def taken_as(pasted: str) -> str:
    try:
        return shop_root(pasted)
    except ValueError as error:
        return str(error)


@given(text=st.text(max_size=60))
def test_any_address_is_taken_or_refused_with_what_to_do(text: str) -> None:
    outcome = taken_as(text)

    assert outcome.endswith((".example.", "https://")) or outcome == shop_root(outcome)
