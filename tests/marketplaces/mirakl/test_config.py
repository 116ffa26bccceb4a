"""What people paste becomes an address, a key and a number, or a sentence that helps."""

import pytest
from pydantic import ValidationError

from app.marketplaces.mirakl.config import MiraklConfig

KEY = "00000000-1111-2222-3333-444444444444"


def a_config(**changes: object) -> MiraklConfig:
    return MiraklConfig.model_validate({"base_url": "https://op-prod.mirakl.net", "api_key": KEY} | changes)


def complaint(**changes: object) -> str:
    with pytest.raises(ValidationError) as caught:
        a_config(**changes)
    [error] = caught.value.errors()
    assert KEY not in str(caught.value)
    return error["msg"]


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("https://op-prod.mirakl.net", "https://op-prod.mirakl.net"),
        ("  https://OP-prod.mirakl.net/ ", "https://op-prod.mirakl.net"),
        ("op-prod.mirakl.net", "https://op-prod.mirakl.net"),
        ("https://op-prod.mirakl.net/api", "https://op-prod.mirakl.net"),
        ("https://op-prod.mirakl.net/api/orders?max=10", "https://op-prod.mirakl.net"),
        ("https://op-prod.mirakl.net/mmp/shop/account/shop/2042#tab", "https://op-prod.mirakl.net"),
        ("https://op-prod.mirakl.net/login", "https://op-prod.mirakl.net"),
        ("https://merchant.example.test/market/api/", "https://merchant.example.test/market"),
        ("https://merchant.example.test:8443/", "https://merchant.example.test:8443"),
        ("http://127.0.0.1:9000/mirakl", "http://127.0.0.1:9000/mirakl"),
        ("http://localhost:9000/mirakl/api/", "http://localhost:9000/mirakl"),
        ("http://[::1]:9000/mirakl", "http://[::1]:9000/mirakl"),
    ],
)
def test_an_address_is_kept_as_scheme_host_and_prefix(pasted: str, kept: str) -> None:
    assert a_config(base_url=pasted).base_url == kept


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        ("http://op-prod.mirakl.net", "write the address with https://"),
        ("http://127.0.0.1.example.test", "write the address with https://"),
        ("ftp://op-prod.mirakl.net", "not a web address"),
        ("https://", "not a web address"),
        ("", "not a web address"),
        ("https://op prod", "not a web address"),
        ("https://op-prod.mirakl.net:port", "not a web address"),
        ("https://me:secret@op-prod.mirakl.net", "remove it"),
    ],
)
def test_an_address_that_can_not_work_says_what_to_paste(pasted: str, words: str) -> None:
    assert words in complaint(base_url=pasted)


def test_a_key_loses_the_space_around_it_and_is_never_shown() -> None:
    config = a_config(api_key=f"  {KEY}\n")

    assert config.api_key.get_secret_value() == KEY
    assert KEY not in repr(config)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (f"Bearer {KEY}", "the key alone"),
        (f"authorization: {KEY}", "the key alone"),
        (f'"{KEY}"', "quotation marks"),
        (f"«{KEY}»", "quotation marks"),
        (f"{KEY[:9]} {KEY[9:]}", "Copy it again"),
        (" ", "It is empty"),
    ],
)
def test_what_is_not_a_bare_key_is_refused_with_a_sentence(given: str, words: str) -> None:
    assert words in complaint(api_key=given)


def test_a_shop_number_may_come_as_a_number() -> None:
    assert a_config(shop_id=2042).shop_id == "2042"


def test_a_shop_number_has_digits_only() -> None:
    assert "digits only" in complaint(shop_id="Ma boutique")


def test_every_field_has_a_sentence() -> None:
    assert all(field.description and field.description.endswith(".") for field in MiraklConfig.model_fields.values())
