"""What each verb does to a row, and how it refuses."""

from typing import Any

import pytest

from tests.sandbox.prestashop.caller import Caller, an_address, an_object, codes, fields, talk


def test_a_put_empties_what_is_left_out() -> None:
    async def script(caller: Caller) -> dict[str, str]:
        address = await caller.address(await caller.customer(), phone="0601020304")
        values = dict(an_address(alias="Autre"))
        await caller.ask("PUT", f"addresses/{address}", an_object("address", "", id=address, **values))
        return await caller.one("addresses", address)

    after = talk(script)

    assert (after["alias"], after["id_customer"], after["phone"]) == ("Autre", "0", "")


def test_a_put_without_a_required_field_is_refused() -> None:
    async def script(caller: Caller) -> list[int]:
        order = await caller.ordered(await caller.ready())
        return codes(await caller.ask("PUT", f"orders/{order}", f"<order><id>{order}</id><note>x</note></order>"))

    assert talk(script) == [41]


def test_a_patch_leaves_the_rest_alone() -> None:
    async def script(caller: Caller) -> dict[str, str]:
        address = await caller.address(await caller.customer(), phone="0601020304")
        await caller.patch("addresses", "address", address, city="Roubaix")
        return await caller.one("addresses", address)

    after = talk(script)

    assert (after["city"], after["phone"]) == ("Roubaix", "0601020304")


def test_a_patch_is_stopped_by_an_old_value_that_is_not_valid() -> None:
    async def script(caller: Caller) -> list[int]:
        (row,) = await caller.listed("configurations", **{"filter[name]": "[PS_OS_WS_PAYMENT]"})
        number, cured = int(row["id"]), "2026-01-01 00:00:00"
        stopped = await caller.patch("configurations", "configuration", number, value="11")
        passed = await caller.patch(
            "configurations", "configuration", number, value="11", date_add=cured, date_upd=cured
        )
        return [stopped.status_code, passed.status_code]

    assert talk(script) == [400, 200]


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "code"),
    [
        ("POST", "messages", "<message><id>4</id><message>x</message></message>", 400, 91),
        ("PATCH", "orders/1", "<order><note>x</note></order>", 400, 90),
        ("PATCH", "messages", "<message><id>1</id></message><message><id>1</id></message>", 400, 89),
        ("PATCH", "orders/99", "<order><id>99</id><note>x</note></order>", 404, 92),
        ("DELETE", "specific_prices/99", None, 404, 87),
    ],
)
def test_ids_in_the_wrong_place_are_refused_by_number(
    verb: str, path: str, body: str | None, status: int, code: int
) -> None:
    async def script(caller: Caller) -> tuple[int, list[int]]:
        answer = await caller.ask(verb, path, body)
        return answer.status_code, codes(answer)

    assert talk(script) == (status, [code])


def test_an_answer_shows_what_was_sent_and_a_read_what_was_kept() -> None:
    async def script(caller: Caller) -> list[str]:
        order = await caller.ordered(await caller.ready())
        answer = await caller.patch("orders", "order", order, total_shipping="3.5", reference="RAKUTEN-1234")
        kept = await caller.one("orders", order)
        return [
            fields(answer)["total_shipping"],
            kept["total_shipping"],
            fields(answer)["reference"],
            kept["reference"],
        ]

    assert talk(script) == ["3.5", "3.500000", "RAKUTEN-1234", "RAKUTEN-1"]


def test_a_delete_answers_with_nothing() -> None:
    async def script(caller: Caller) -> list[Any]:
        cart = (await caller.ready()).cart
        answer = await caller.ask("DELETE", f"carts/{cart}")
        return [answer.status_code, answer.content, (await caller.get(f"carts/{cart}")).status_code]

    assert talk(script) == [200, b"", 404]


def test_several_rows_are_deleted_at_once() -> None:
    async def script(caller: Caller) -> list[int]:
        customer = await caller.customer()
        made = [str(await caller.address(customer)) for _ in range(3)]
        await caller.ask("DELETE", f"addresses?id=[{','.join(made[:2])}]")
        return [(await caller.get(f"addresses/{each}")).status_code for each in made]

    assert talk(script) == [404, 404, 200]


def test_a_cart_with_an_order_is_not_deleted() -> None:
    async def script(caller: Caller) -> list[int]:
        ids = await caller.ready()
        await caller.ordered(ids)
        return codes(await caller.ask("DELETE", f"carts/{ids.cart}"))

    assert talk(script) == [87]


def test_what_comes_before_a_refused_object_stays() -> None:
    async def script(caller: Caller) -> list[Any]:
        answer = await caller.ask("POST", "messages", "<message><message>un</message></message><message/>")
        return [answer.status_code, len(await caller.listed("messages"))]

    assert talk(script) == [400, 1]


def test_times_are_those_of_the_shops_wall() -> None:
    async def script(caller: Caller) -> list[str]:
        winter = await caller.one("customers", await caller.customer())
        await caller.switch(timezone="America/Montreal")
        abroad = await caller.one("customers", await caller.customer())
        return [winter["date_add"], abroad["date_add"]]

    assert talk(script) == ["2026-03-02 13:00:00", "2026-03-02 07:00:00"]
