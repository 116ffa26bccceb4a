"""Parameters of messages are kept as JSON and come back as they were."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

from app.domain.message import Message, Params, from_json, message, to_json
from app.domain.money import Money


def test_every_kind_of_parameter_comes_back_from_json() -> None:
    params: Params = {
        "why": message("OUT_OF_STOCK", sku="A-1", wanted=3, left=1),
        "total": Money(Decimal("12.90"), "EUR"),
        "at": datetime(2026, 11, 22, 9, 20, tzinfo=UTC),
        "day": date(2026, 11, 22),
        "share": Decimal("12.5"),
        "number": 3,
        "names": ("EUR", message("SIDE_SHOP")),
        "text": "12.90 EUR",
    }

    assert from_json(json.loads(json.dumps(to_json(params)))) == params


def test_what_another_version_kept_is_text() -> None:
    assert from_json({"odd": {"a": 1}, "none": None}) == {"odd": "{'a': 1}", "none": "None"}


def test_a_message_holds_its_parameters_by_name() -> None:
    assert message("SKU_UNKNOWN", sku="A-1") == Message("SKU_UNKNOWN", {"sku": "A-1"})
