"""The main job over real HTTP: five hundred orders in every state, accepted, paid, imported, compared both ways."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from app.system import System
from tests.support.caller import Service
from tests.support.deployment import Deployment, stock_up
from tests.support.marketplace import Marketplace
from tests.support.snapshot import differences, read_snapshot

# Fast enough for the published frequencies, slow enough that nothing ships by itself while we look.
SPEED = 20
HOUR_S = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededOrders:
    """The ids of five hundred orders, by what should become of them."""

    to_accept: list[str]
    short: list[str]
    adopted: list[str]
    before_start: list[str]
    all_ids: list[str]


def seed_five_hundred(marketplace: Marketplace, *, scarce: str) -> SeededOrders:
    """Make orders in every state, shipped by the merchant and by the marketplace."""
    seed = marketplace.seed
    to_accept = seed(160, "to_accept")
    short = seed(15, "to_accept", sku=scarce)
    adopted = seed(10, "to_ship")
    before_start = seed(10, "to_ship", age="40d")
    rest = [
        *seed(30, "pending"),
        *seed(10, "to_accept", fulfilment="marketplace"),
        *seed(60, "accepted"),
        *seed(25, "accepted", payment_delay_s=20 * 24 * HOUR_S),
        *seed(20, "accepted", payment="refused"),
        *seed(50, "to_ship"),
        *seed(20, "to_ship", age="3h"),
        *seed(20, "shipped"),
        *seed(10, "closed"),
        *seed(15, "cancelled"),
        *seed(15, "refused"),
        *seed(15, "to_ship", fulfilment="marketplace"),
        *seed(15, "shipped", fulfilment="marketplace"),
    ]
    all_ids = [*to_accept, *short, *adopted, *before_start, *rest]
    return SeededOrders(to_accept=to_accept, short=short, adopted=adopted, before_start=before_start, all_ids=all_ids)


def adopt(service: Service, order_ids: list[str]) -> None:
    async def work(system: System) -> None:
        refs: Mapping[str, str | None] = dict.fromkeys(order_ids)
        assert (await system.accounts.adopt("mirakl-demo", refs)).adopted == len(order_ids)

    service.tool(work)


def scarce_sku(marketplace: Marketplace) -> str:
    sku: str = marketplace.catalogue()[0]["sku"]
    return sku


@pytest.mark.long
def test_every_one_of_five_hundred_orders_is_where_it_belongs_and_a_second_pass_changes_nothing(
    deployment: Deployment,
) -> None:
    marketplace = deployment.marketplace(speed=SPEED)
    service = deployment.service(marketplace)
    scarce = scarce_sku(marketplace)
    stock = stock_up(service, marketplace, none_of=[scarce])
    service.add_account("mirakl-demo", marketplace.connection())
    seeded = seed_five_hundred(marketplace, scarce=scarce)
    assert len(set(seeded.all_ids)) == 500
    adopt(service, seeded.adopted)
    service.start()

    accepting = service.run("orders-accept")

    lines = {order_id: order["lines"] for order_id, order in marketplace.orders().items()}
    servable = {each for each in seeded.to_accept if all(line["sku"] != scarce for line in lines[each])}
    assert set(marketplace.state()["accepted"]) == servable
    assert accepting["status"] == "partial"
    assert accepting["counts"]["accepted"] == len(servable)
    assert {problem["code"] for problem in accepting["problems"]} == {"OUT_OF_STOCK"}

    marketplace.advance(HOUR_S)
    importing = service.run("orders-import")

    never = {*seeded.adopted, *seeded.before_start}
    snapshot = read_snapshot(service.database_url)
    assert differences(marketplace, snapshot, initial_stock=stock, never=never) == []
    assert set(snapshot.intakes) == set(seeded.all_ids)
    assert {snapshot.intakes[order_id] for order_id in seeded.adopted} == {"handled"}
    assert {snapshot.intakes[order_id] for order_id in seeded.before_start} == {"before_start"}
    assert importing["counts"]["seen"] == 500
    assert importing["counts"]["imported"] == len(snapshot.orders)
    assert importing["counts"]["before_start"] == len(seeded.before_start)
    held = Counter(snapshot.codes[order_id] for order_id, intake in snapshot.intakes.items() if intake == "held")
    assert set(held) == {"WAITING_PAYMENT", "WAITING_ACCEPTANCE", "WAITING_FULFILMENT"}
    assert importing["counts"]["waiting"] == held.total()

    again = service.run("orders-import")

    assert (again["status"], again["counts"]["imported"], again["counts"]["not_imported"]) == ("done", 0, 0)
    assert read_snapshot(service.database_url).orders == snapshot.orders
    assert read_snapshot(service.database_url).stock == snapshot.stock
    assert read_snapshot(service.database_url).intakes == snapshot.intakes
    state = marketplace.state()
    assert (state["throttled"], state["writes_repeated"]) == ({}, 0)
