"""An order as all platforms deliver it."""

from decimal import Decimal

from app.domain.money import Money
from app.domain.order import marketplace_key
from tests.shops.builders import a_line, an_order


def test_only_what_is_still_owed_is_open() -> None:
    order = an_order(a_line(quantity=3, cancelled=1, price="10.00", shipping="2.00"), a_line("GONE", cancelled=1))

    assert [line.sku for line in order.open_lines] == ["LAMPE"]
    assert order.open_total == Money(Decimal("22.00"), "EUR")


def test_the_key_names_platform_and_order() -> None:
    assert marketplace_key("mirakl", "A-1") == "mkp:mirakl:A-1"
