"""The guards: what is rarely meant waits for a person, what is usual does not."""

import pytest

from app.domain.guards import Figures, held
from app.domain.message import message


def figures(**changes: int) -> Figures:
    """A shop of a hundred offers, of which nothing changes."""
    usual = {
        "listed": 100,
        "live": 100,
        "stock_changes": 0,
        "to_zero": 0,
        "priced": 100,
        "price_changes": 0,
        "price_not_positive": 0,
        "price_moves": 0,
    }
    return Figures(**{**usual, **changes})


def codes(**changes: int) -> list[str]:
    return [why.code for why in held(figures(**changes))]


def test_a_usual_run_is_not_held() -> None:
    assert codes() == codes(stock_changes=100, to_zero=50, price_changes=100, price_moves=5) == []


@pytest.mark.parametrize(("live", "to_zero"), [(100, 51), (4, 3), (5, 3), (1000, 1000)])
def test_more_than_half_to_nothing_is_held(live: int, to_zero: int) -> None:
    assert codes(live=live, to_zero=to_zero) == ["STOCK_GUARD"]


@pytest.mark.parametrize(("live", "to_zero"), [(100, 50), (3, 3), (1, 1), (0, 0), (4, 2)])
def test_half_to_nothing_and_a_tiny_shop_that_sells_out_are_not(live: int, to_zero: int) -> None:
    assert codes(live=live, to_zero=to_zero) == []


@pytest.mark.parametrize("priced", [1, 3, 100])
def test_a_price_of_nothing_is_always_held(priced: int) -> None:
    assert codes(priced=priced, price_not_positive=1) == ["PRICE_GUARD"]


@pytest.mark.parametrize(("priced", "moves"), [(100, 6), (1000, 51), (20, 2), (10, 2), (4, 4)])
def test_many_far_moves_are_held(priced: int, moves: int) -> None:
    assert codes(priced=priced, price_moves=moves) == ["PRICE_GUARD"]


@pytest.mark.parametrize(("priced", "moves"), [(100, 5), (20, 1), (10, 1), (4, 1), (3, 3)])
def test_a_few_far_moves_and_one_of_a_small_shop_are_not(priced: int, moves: int) -> None:
    assert codes(priced=priced, price_moves=moves) == []


def test_every_reason_is_named_with_its_figures() -> None:
    stock, price = held(figures(to_zero=60, price_not_positive=2))

    assert (stock.code, stock.params) == ("STOCK_GUARD", {"number": 60, "live": 100})
    assert (price.code, price.params) == ("PRICE_GUARD", {"detail": message("PRICES_NOT_POSITIVE", number=2)})
