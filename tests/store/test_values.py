"""What leaves the store: values that say of each column what the table says of it."""

from collections.abc import Mapping
from dataclasses import FrozenInstanceError, fields
from typing import Any, get_args

import pytest
from sqlmodel import SQLModel

from app.store.accounts import StoredAccount, StoredShop
from app.store.offers import Receipt, RefusedOffer
from app.store.orders import LedgerOrder
from app.store.passes import Pass
from app.store.run_items import ItemNote
from app.store.runs import Run
from app.store.tables import (
    AccountRow,
    OfferRow,
    OrderRow,
    PassRow,
    ReceiptRow,
    RunItemRow,
    RunRow,
    ShopRow,
    table_of,
)
from app.store.values import value_of
from tests.shops.builders import NOW

ROWS: Mapping[type[Any], type[SQLModel]] = {
    StoredAccount: AccountRow,
    StoredShop: ShopRow,
    Run: RunRow,
    ItemNote: RunItemRow,
    Pass: PassRow,
    LedgerOrder: OrderRow,
    Receipt: ReceiptRow,
    RefusedOffer: OfferRow,
}


@pytest.mark.parametrize("kind", ROWS, ids=lambda kind: kind.__name__)
def test_a_field_may_be_none_where_its_column_may_be_null(kind: type[Any]) -> None:
    columns = table_of(ROWS[kind]).c

    may_be_none = {each.name: type(None) in get_args(each.type) for each in fields(kind)}

    assert may_be_none == {name: columns[name].nullable for name in may_be_none}


def test_a_value_can_not_be_changed() -> None:
    shop = value_of(ShopRow(id="main", name="main", kind="embedded", created_at=NOW), StoredShop)

    assert shop == StoredShop(id="main", name="main", kind="embedded", created_at=NOW)
    with pytest.raises(FrozenInstanceError):
        shop.name = "another"  # type: ignore[misc]


def test_of_no_row_there_is_no_value() -> None:
    assert value_of(None, StoredShop) is None
