import random

from app.sandbox.buyers import draw_buyer


def test_one_generator_gives_the_same_people() -> None:
    assert draw_buyer(random.Random("a")) == draw_buyer(random.Random("a"))


def test_some_people_have_no_phone() -> None:
    draw = random.Random("a")

    phones = {draw_buyer(draw).phone is None for _ in range(50)}

    assert phones == {True, False}


def test_people_live_in_several_countries_written_with_three_letters() -> None:
    draw = random.Random("a")

    countries = {draw_buyer(draw).town.alpha3 for _ in range(100)}

    assert {"FRA", "BEL", "REU"} <= countries
