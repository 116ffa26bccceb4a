import random

from app.sandbox.people import person


def test_one_generator_gives_the_same_people() -> None:
    assert person(random.Random("a")) == person(random.Random("a"))


def test_some_people_have_no_phone() -> None:
    draw = random.Random("a")

    phones = {person(draw).phone is None for _ in range(50)}

    assert phones == {True, False}


def test_people_live_in_several_countries_written_with_three_letters() -> None:
    draw = random.Random("a")

    countries = {person(draw).place.alpha3 for _ in range(100)}

    assert {"FRA", "BEL", "REU"} <= countries
