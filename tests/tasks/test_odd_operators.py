"""Operators that answer otherwise than was asked: the whole service against the sandbox of Mirakl."""

from tests.tasks.sandbox_service import DAY_S, SandboxService
from tests.tasks.sandbox_service import service as service

PAID = {"state": "to_ship", "lines": 2, "quantity": 2}


def totals(service: SandboxService) -> dict[str, str]:
    """Return the total of every order in the shop by marketplace id."""
    return {row["marketplace_order_id"]: row["total"] for row in service.rows("embedded_orders")}


def test_amounts_without_taxes_are_imported_with_the_taxes_that_are_listed(service: SandboxService) -> None:
    ids = service.api.make_orders(count=3, **PAID)
    service.switch(tax_mode_asked="ignored")

    report = service.run("orders-import")

    assert (report.counts["imported"], report.codes) == (3, set())
    assert totals(service) == {order_id: service.order(order_id)["total"] for order_id in ids}


def test_amounts_without_taxes_wait_where_no_taxes_are_listed(service: SandboxService) -> None:
    [order_id] = service.api.make_orders(count=1, **PAID)
    service.switch(tax_mode_asked="ignored", taxes_listed=False)

    report = service.run("orders-import")
    service.switch(tax_mode_asked="honoured")
    service.pass_time(DAY_S)
    again = service.run("orders-import")

    assert report.codes == {"TAXES_EXCLUDED"}
    assert again.counts["imported"] == 1
    assert totals(service) == {order_id: service.order(order_id)["total"]}


def test_a_country_without_a_code_is_read_by_its_name(service: SandboxService) -> None:
    service.api.make_orders(count=1, **PAID)
    service.switch(country_iso="null")

    report = service.run("orders-import")

    assert (report.counts["imported"], report.codes) == (1, set())
