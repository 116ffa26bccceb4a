"""What is needed to reach a marketplace or a shop is said in both languages."""

import pytest
from pydantic import BaseModel

from app.domain.wording import CATALOGUES
from app.marketplaces.registry import PLATFORMS
from app.shops.registry import SHOPS

MODELS: list[type[BaseModel]] = [
    *(each.config for each in PLATFORMS.values()),
    *(each.config for each in SHOPS.values()),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_field_that_must_be_given_is_described_in_both_languages(model: type[BaseModel]) -> None:
    needed = {name: field for name, field in model.model_fields.items() if field.is_required()}

    assert {name: CATALOGUES["en"].get(f"{model.__name__}.{name}") for name in needed} == {
        name: field.description for name, field in needed.items()
    }
    assert [name for name in needed if f"{model.__name__}.{name}" not in CATALOGUES["fr"]] == []
