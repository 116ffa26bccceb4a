"""Buyers and their addresses."""

from typing import Any

import pytest

from tests.sandbox.prestashop.caller import Caller, codes, talk

WHO: dict[str, Any] = {"passwd": "un-long-secret", "lastname": "Peña", "firstname": "Inès", "active": 1}


async def registered(caller: Caller, *, guest: int = 0, email: str = "ines@orders.invalid") -> list[Any]:
    answer = await caller.post("customers", "customer", email=email, is_guest=guest, **WHO)
    return [answer.status_code, codes(answer)]


@pytest.mark.parametrize("guest", [0, 1])
def test_the_e_mail_of_a_customer_is_refused_with_a_500(guest: int) -> None:
    async def script(caller: Caller) -> list[Any]:
        await registered(caller)
        return await registered(caller, guest=guest, email="INES@orders.invalid")

    assert talk(script) == [500, [140, 46]]


def test_guests_may_share_an_e_mail() -> None:
    async def script(caller: Caller) -> list[list[Any]]:
        return [await registered(caller, guest=1), await registered(caller, guest=1), await registered(caller)]

    assert [status for status, _ in talk(script)] == [201, 201, 201]


def test_older_shops_make_the_same_customer_twice() -> None:
    async def script(caller: Caller) -> list[list[Any]]:
        await caller.switch(version="1.7.7.8")
        return [await registered(caller), await registered(caller)]

    assert [status for status, _ in talk(script)] == [201, 201]


@pytest.mark.parametrize(("guest", "group"), [(0, "3"), (1, "2")])
def test_a_customer_gets_the_group_of_its_kind(guest: int, group: str) -> None:
    async def script(caller: Caller) -> list[Any]:
        number = await caller.customer(is_guest=guest)
        (row,) = await caller.listed("customers", **{"filter[id]": str(number)})
        return [row["id_default_group"], row["associations"]["groups"]]

    assert talk(script) == [group, [{"id": group}]]


def test_a_password_goes_in_and_a_hash_comes_out() -> None:
    async def script(caller: Caller) -> dict[str, str]:
        return await caller.one("customers", await caller.customer())

    row = talk(script)

    assert row["passwd"].startswith("$2y$10$")
    assert len(row["secure_key"]) == 32
    assert row["last_passwd_gen"] == "2026-03-02 07:00:00"


def test_nobody_is_written_to_when_a_customer_is_made() -> None:
    async def script(caller: Caller) -> Any:
        await caller.customer()
        return (await caller.state())["mails"]

    assert talk(script) == {}


def test_the_control_api_shows_no_names_and_no_addresses() -> None:
    async def script(caller: Caller) -> str:
        await caller.control("orders", count=3)
        await caller.ready()
        return (await caller.http.get("/_control/prestashop/state")).text

    shown = talk(script)

    assert "Lefèvre" not in shown
    assert "@" not in shown
