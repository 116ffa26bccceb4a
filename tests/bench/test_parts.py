"""Every part of the measurement works, at a size that takes seconds; how fast anything was says nothing here."""

import math

import pytest

from tests.bench.figures import Figure
from tests.bench.parts import PARTS
from tests.bench.waits import TIGHT, refused

# The others take longer than a test may.
QUICK = ("quota", "offers", "amazon_floor", "amazon_day")


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.long) for name in PARTS]
)
def test_a_part_returns_figures_with_something_to_reach(name: str) -> None:
    figures = PARTS[name].tried()

    assert all(math.isfinite(figure.value) for figure in figures)
    assert len({(figure.part, figure.name) for figure in figures}) == len(figures)
    assert any(figure.reached is not None for figure in figures)


@pytest.mark.parametrize(
    ("value", "at_most", "at_least", "reached"),
    [
        (3.0, 3.0, None, True),
        (3.1, 3.0, None, False),
        (150.0, None, 150.0, True),
        (149.0, None, 150.0, False),
        (1.0, None, None, None),
    ],
)
def test_a_figure_knows_whether_it_is_good_enough(
    value: float, at_most: float | None, at_least: float | None, reached: bool | None
) -> None:
    assert Figure(part="part", name="figure", value=value, at_most=at_most, at_least=at_least).reached is reached


def test_the_strict_bucket_refuses_what_comes_before_its_token() -> None:
    on_time = [0.0] * TIGHT.burst + [TIGHT.interval_s * number for number in range(1, 4)]

    assert refused(on_time, TIGHT) == 0
    assert refused([*on_time, TIGHT.interval_s * 3], TIGHT) == 1
