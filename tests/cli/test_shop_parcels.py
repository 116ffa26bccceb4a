"""`shop ship`, `shop cancel`, `shop delete-order`, and `shop orders` after them."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.store import embedded
from app.store.engine import Store
from tests.cli.shell import Shell
from tests.shops.builders import NOW
from tests.shops.embedded.test_store import a_content
from tests.shops.embedded.under_test import a_product
from tests.support.aio import run
from tests.support.kept_engines import KeptEngines

SKU = "theirs-LAMPE"

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def store(shell: Shell) -> Iterator[Store]:
    """The database behind the shell; its shop `main` holds the order MKP-1: three lamps, ordered as theirs-LAMPE."""
    store = Store(f"sqlite:///{shell.folder / 'data' / 'marketcron.db'}", engines=KeptEngines)
    run(store.write(embedded.save_products, "main", products=[a_product(quantity=50)], now=NOW))
    order = replace(a_content("mkp:mirakl:MKP-1", units={"LAMPE": 3}), shop_id="main")
    run(store.write(embedded.create_order, order))
    yield store
    store.close()


def stock(store: Store) -> int:
    return run(store.read(embedded.products_by_sku, "main", skus=["LAMPE"]))["LAMPE"].quantity


def test_a_shipped_order_says_what_comes_next(shell: Shell) -> None:
    result = shell.call("shop", "ship", "main", "MKP-1", "--carrier", "Colissimo", "--tracking", "6A001")

    assert result.code == 0
    assert result.out == (
        "Order MKP-1 is shipped with parcel 1 (Colissimo 6A001). The next orders-status tells the marketplace.\n"
    )


def test_half_an_order_says_what_is_open(shell: Shell) -> None:
    result = shell.call("shop", "ship", "main", "1", "--pieces", f"{SKU}=1")

    assert result.out == (
        f"Order MKP-1 is shipped in part with parcel 1 (without tracking); still open: 2 x {SKU}. "
        "The next orders-status tells the marketplace.\n"
    )


def test_a_second_call_says_that_nothing_changed(shell: Shell) -> None:
    words = ("shop", "ship", "main", "MKP-1", "--carrier", "UPS", "--tracking", "1Z", "--pieces", f"{SKU}=1")
    shell.call(*words)

    result = shell.call(*words)

    assert result.code == 0
    assert result.out == (
        "Order MKP-1 has parcel 1 (UPS 1Z) already; nothing changed. "
        "For another parcel with the same in it add --parcel 2.\n"
    )


def test_a_corrected_number_says_how_it_read(shell: Shell) -> None:
    shell.call("shop", "ship", "main", "MKP-1", "--carrier", "UPS", "--tracking", "1Z1")

    result = shell.call("shop", "ship", "main", "MKP-1", "--carrier", "UPS", "--tracking", "1Z2")

    assert result.out == (
        "Order MKP-1 now has parcel 1 (UPS 1Z2), before it read UPS 1Z1. "
        "orders-status tells the marketplace, with force=1 where the old number was confirmed already.\n"
    )


def test_shipping_answers_programs(shell: Shell) -> None:
    words = ("--carrier", "UPS", "--tracking", "1Z1", "--url", "https://track.example/1Z1", "--pieces", f"{SKU}=2")

    answer = shell.call("shop", "ship", "main", "MKP-1", *words, "--json").json

    shipped_at = answer["shipment"].pop("shipped_at")
    assert shipped_at.endswith("Z")
    assert answer == {
        "ref": "1",
        "marketplace_order_id": "MKP-1",
        "platform": "mirakl",
        "outcome": "partly",
        "shipment": {
            "parcel": 1,
            "carrier": "UPS",
            "tracking": "1Z1",
            "url": "https://track.example/1Z1",
            "pieces": {SKU: 2},
        },
        "before": None,
        "open": {SKU: 1},
    }


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("main", "MKP-9"), "The shop has no order 'MKP-9'."),
        (("nowhere", "MKP-1"), "nowhere"),
        (("main", "MKP-1", "--pieces", "LAMPE"), "'LAMPE' counts no units. Write it as SKU=2."),
        (("main", "MKP-1", "--pieces", "=2"), "'=2' counts no units"),
        (("main", "MKP-1", "--pieces", f"{SKU}=-1"), "counts no units"),
        (("main", "MKP-1", "--pieces", f"{SKU}=1", "--pieces", f"{SKU}=2"), "given twice"),
        (("main", "MKP-1", "--pieces", f"{SKU}=0"), "Less than one unit"),
        (("main", "MKP-1", "--pieces", f"{SKU}=4"), f"has open: 3 x {SKU}. Give fewer."),
        (("main", "MKP-1", "--tracking", "6A001"), "needs its carrier"),
    ],
)
def test_what_can_not_be_shipped_is_bad_input(shell: Shell, words: tuple[str, ...], sentence: str) -> None:
    result = shell.call("shop", "ship", *words)

    assert result.code == 2
    assert result.out == ""
    assert sentence in result.err


def test_cancelling_says_who_informs_the_marketplace(shell: Shell, store: Store) -> None:
    results = [shell.call("shop", "cancel", "main", "MKP-1") for _ in range(2)]

    assert "its units are back in stock" in results[0].out
    assert "orders-status reports it as a problem" in results[0].out
    assert results[1].out == "Order MKP-1 was cancelled before; nothing changed.\n"
    assert [result.code for result in results] == [0, 0]
    assert stock(store) == 50
    refused = shell.call("shop", "ship", "main", "MKP-1")
    assert (refused.code, "is cancelled" in refused.err) == (2, True)


def test_cancelling_answers_programs(shell: Shell) -> None:
    answers = [shell.call("shop", "cancel", "main", "1", "--json").json for _ in range(2)]

    assert answers[0] == {
        "ref": "1",
        "marketplace_order_id": "MKP-1",
        "platform": "mirakl",
        "outcome": "cancelled",
    }
    assert answers[1]["outcome"] == "already_cancelled"


def test_what_left_is_not_cancelled(shell: Shell, store: Store) -> None:
    shell.call("shop", "ship", "main", "MKP-1")

    result = shell.call("shop", "cancel", "main", "MKP-1")

    assert (result.code, "is not cancelled: it left" in result.err) == (2, True)
    assert stock(store) == 47


def test_an_order_is_deleted_only_by_whoever_is_sure(shell: Shell, store: Store) -> None:
    asked = shell.call("shop", "delete-order", "main", "MKP-1")
    kept = shell.call("shop", "orders", "main", "--json").json

    deleted = shell.call("shop", "delete-order", "main", "MKP-1", "--yes")

    assert (asked.code, "--yes" in asked.err, len(kept)) == (2, True, 1)
    assert deleted.code == 0
    assert "orders-reconcile reports" in deleted.out
    assert shell.call("shop", "orders", "main", "--json").json == []
    assert stock(store) == 47


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1)])
def test_a_person_is_asked_before_an_order_is_deleted(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, answer: str, left: int
) -> None:
    monkeypatch.setattr("app.cli.shop_parcels.somebody_answers", lambda: True)

    result = shell.call("shop", "delete-order", "main", "MKP-1", typed=answer)

    assert "Delete order MKP-1 (paid) with its buyer and parcels for ever?" in result.err
    assert len(shell.call("shop", "orders", "main", "--json").json) == left


def test_orders_are_listed_with_their_parcels(shell: Shell) -> None:
    shell.call("shop", "ship", "main", "MKP-1", "--carrier", "UPS", "--tracking", "1Z1", "--pieces", f"{SKU}=1")
    shell.call("shop", "ship", "main", "MKP-1")

    (order,) = shell.call("shop", "orders", "main", "--json").json
    (line,) = shell.call("shop", "orders", "main").out.splitlines()

    assert [each["tracking"] for each in order["shipments"]] == ["1Z1", ""]
    assert line.split("\t")[3:] == ["shipped", "12.345 EUR", f"3 x {SKU}", "UPS 1Z1, no tracking"]
