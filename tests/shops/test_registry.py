"""The registry of shops."""

import pytest
from pydantic import ValidationError

from app.errors import BadInput
from app.shops.registry import SHOPS, kind


def test_every_kind_is_registered_under_its_own_name() -> None:
    assert {name: each.name for name, each in SHOPS.items()} == {name: name for name in SHOPS}


def test_a_kind_that_does_not_exist_is_answered_with_those_that_do() -> None:
    with pytest.raises(BadInput, match=r"no kind of shop named “magento”.*embedded") as refusal:
        kind("magento")

    assert refusal.value.field == "kind"


def test_the_embedded_shop_needs_no_configuration() -> None:
    config = kind("embedded").config

    assert config().model_dump() == {"currency": "EUR"}
    with pytest.raises(ValidationError):
        config.model_validate({"base_url": "https://shop.example"})
