"""How every shop is checked and names its products."""

import pytest

from app.domain.wording import Reader
from app.shops.port import Match, Unknown
from tests.contract.shops.under_test import STOCK, ShopUnderTest
from tests.support.aio import run


class ProductsSuite:
    """Subclassed where the fixture `tested` is: each test gets a fresh shop."""

    def test_every_sku_gets_one_answer(self, tested: ShopUnderTest) -> None:
        asked = ["LAMPE", "NOT-THERE", "LAMPE", "lampe", "NOT-THERE"]

        answers = run(tested.shop.resolve(asked)).by_sku

        assert set(answers) == {"LAMPE", "NOT-THERE", "lampe"}
        lamp = answers["LAMPE"]
        assert isinstance(lamp, Match)
        assert (lamp.sku, lamp.active, lamp.available) == ("LAMPE", True, STOCK)
        assert answers["NOT-THERE"] == Unknown("NOT-THERE")

    def test_resolving_nothing_is_no_question(self, tested: ShopUnderTest) -> None:
        assert run(tested.shop.resolve([])).by_sku == {}

    @pytest.mark.parametrize("sku", ["", "%", "' OR 1=1 --", "a\0b", "\ud83d", "🎁", "x" * 5000])
    def test_odd_skus_are_unknown(self, tested: ShopUnderTest, sku: str) -> None:
        assert run(tested.shop.resolve([sku])).by_sku == {sku: Unknown(sku)}

    def test_a_shop_that_works_says_so(self, tested: ShopUnderTest) -> None:
        findings = run(tested.shop.check())

        assert findings
        assert all(finding.ok and finding.said(Reader()).message for finding in findings)
