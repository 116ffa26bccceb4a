"""How an account uses its shop: SKUs made of the shop's words, and what its settings say."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.shop_mapping import ShopMapping, shop_mapping_of
from app.tasks.settings import AccountSettings, read_settings

AFFIX = st.text(alphabet="AB-", max_size=4)


@given(AFFIX, AFFIX, st.text(alphabet="AB-", min_size=1, max_size=6))
def test_the_identifier_in_a_sku_is_the_one_it_was_made_of(prefix: str, suffix: str, identifier: str) -> None:
    mapping = ShopMapping(sku_prefix=prefix, sku_suffix=suffix)

    assert mapping.identifier_in(mapping.marketplace_sku(identifier)) == identifier


@given(AFFIX, AFFIX, st.text(alphabet="AB-", max_size=12))
def test_a_sku_is_made_of_the_identifier(prefix: str, suffix: str, sku: str) -> None:
    mapping = ShopMapping(sku_prefix=prefix, sku_suffix=suffix)

    identifier = mapping.identifier_in(sku)

    assert identifier is None or mapping.marketplace_sku(identifier) == sku


@pytest.mark.parametrize("sku", ["", "FR-", "-X", "FR-X", "FRX", "FR-LAMPE", "LAMPE-X", "fr-LAMPE-X", "FR-LAMPE-X "])
def test_a_sku_without_prefix_or_suffix_has_no_identifier(sku: str) -> None:
    assert ShopMapping(sku_prefix="FR-", sku_suffix="-X").identifier_in(sku) is None


def test_settings_without_a_word_about_it_mean_the_default() -> None:
    assert shop_mapping_of({"start_from": "2026-01-01T00:00:00Z"}) == ShopMapping()
    assert read_settings({"start_from": "2026-01-01T00:00:00Z"}).shop_mapping == ShopMapping()


def test_every_part_of_the_mapping_is_a_setting_and_kept_settings_say_the_same() -> None:
    chosen = {
        "sku_from": "ean13",
        "sku_prefix": "FR-",
        "sku_suffix": "-X",
        "sku_links": {"OLD/1": "12:34"},
        "carriers": {"EXPRESS": "4", "*": "7"},
        "imported_state": "2",
        "fulfilled_state": "5",
        "shipped_states": ["4", "5"],
        "cancelled_state": "6",
        "customer_mode": "registered",
    }
    settings = read_settings({"start_from": "2026-01-01T00:00:00Z", **chosen})

    # When the account was added is a fact, not a choice.
    assert {each.name for each in fields(ShopMapping)} - {"connected_at"} == chosen.keys()
    assert chosen.keys() <= AccountSettings.model_fields.keys()
    assert settings.shop_mapping == shop_mapping_of(settings.model_dump(mode="json"))
    assert settings.shop_mapping.shipped_states == ("4", "5")
    assert settings.shop_mapping.sku_links == {"OLD/1": "12:34"}
