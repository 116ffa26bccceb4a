"""Writing stock, rightly and wrongly."""

from typing import Any

from tests.sandbox.prestashop.caller import CANCELED, COMBINED_SKU, PLAIN_SKU, Caller, an_object, codes, talk


async def row_of(caller: Caller, sku: str = PLAIN_SKU) -> dict[str, Any]:
    product, attribute = await caller.found(sku)
    filters = {"filter[id_product]": str(product), "filter[id_product_attribute]": str(attribute)}
    (row,) = await caller.listed("stock_availables", **filters)
    return row


def test_a_patch_with_id_and_shop_sets_the_quantity_and_the_sum() -> None:
    async def script(caller: Caller) -> list[Any]:
        row = await row_of(caller, COMBINED_SKU)
        count = (await caller.state())["stock"]
        await caller.patch("stock_availables", "stock_available", row["id"], id_shop=row["id_shop"], quantity=300)
        product = row["id_product"]
        shelves = await caller.listed("stock_availables", **{"filter[id_product]": product})
        return [len(shelves), [int(each["quantity"]) for each in shelves], count[f"{COMBINED_SKU}-BRILLANT"]]

    assert talk(script) == [3, [305, 300, 5], 5]


def test_a_put_without_its_shop_loses_the_row() -> None:
    async def script(caller: Caller) -> list[Any]:
        row = await row_of(caller)
        whole = {
            name: row[name] for name in ("id", "id_product", "id_product_attribute", "depends_on_stock", "out_of_stock")
        }
        await caller.ask("PUT", "stock_availables", an_object("stock_available", "", **whole, quantity=7))
        await caller.ordered(await caller.ready())
        rows = await caller.listed("stock_availables", **{"filter[id_product]": row["id_product"]})
        return [(each["id_shop"], each["quantity"]) for each in rows]

    assert talk(script) == [("0", "7"), ("1", "-1")]


def test_units_that_were_given_back_come_again_with_a_cancel() -> None:
    async def script(caller: Caller) -> int:
        before = await caller.stock()
        order = await caller.ordered(await caller.ready(quantity=2))
        row = await row_of(caller)
        await caller.patch("stock_availables", "stock_available", row["id"], id_shop=1, quantity=before)
        await caller.enter(order, CANCELED)
        return await caller.stock() - before

    assert talk(script) == 2


def test_rows_are_neither_made_nor_deleted() -> None:
    async def script(caller: Caller) -> list[list[int]]:
        return [codes(await caller.ask(verb, "stock_availables/1")) for verb in ("POST", "DELETE")]

    assert talk(script) == [[101], [101]]


def test_shared_stock_belongs_to_the_group_and_is_lowered_all_the_same() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(shared_stock=True)
        before = await caller.stock()
        await caller.ordered(await caller.ready())
        row = await row_of(caller)
        return [row["id_shop"], row["id_shop_group"], before - int(row["quantity"])]

    assert talk(script) == ["0", "1", 1]
