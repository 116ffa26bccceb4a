"""What every marketplace draws for a new order: products, buyer and time, with the shapes that break naive readers."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from app.sandbox.catalogue import Product, stranger
from app.sandbox.moments import floor_ms, floor_second, span
from app.sandbox.people import Person
from app.sandbox.wishes import ControlRefused, OrderWish
from app.sandbox.world import World

# How far apart orders of one request are placed when they have an age.
SPREAD = timedelta(seconds=60)
ODD_NAME = 'Zoë "Zaza" <b>O\u2019Neil</b> & Fils\t🚲'
ODD_TITLE = "Écran 24\" <b>« neuf »</b> ; à l'état\u00a0: 100 %\n🎁"


def check_sku(world: World, wish: OrderWish) -> None:
    """Raise ControlRefused for an SKU that is not in the catalogue, unless that is what is asked for."""
    if wish.sku is not None and wish.sku not in world.by_sku and wish.shape != "unknown_sku":
        raise ControlRefused(f"sku can't be {wish.sku!r}; allowed: the SKUs of /_control/catalog.")


def products_of(world: World, wish: OrderWish, draw: random.Random, count: int) -> list[Product]:
    """Return the products of a new order, the one that was asked for first."""
    if wish.shape == "zero_lines":
        return []
    if wish.shape == "same_sku_twice":
        count = max(2, count)
    products = draw.sample(world.catalogue, count)
    if wish.sku in world.by_sku:
        others = [product for product in products if product.sku != wish.sku]
        products = [world.by_sku[wish.sku], *others][:count]
    if wish.shape == "unknown_sku":
        unknown = stranger(draw.randint(1, 9999))
        products[0] = replace(unknown, sku=wish.sku) if wish.sku and wish.sku not in world.by_sku else unknown
    if wish.shape == "same_sku_twice":
        products[1] = products[0]
    if wish.shape == "odd_text":
        products[0] = replace(products[0], title=ODD_TITLE)
    return products


def buyer_of(buyer: Person, wish: OrderWish, *, business: bool) -> Person:
    """Return the buyer with the texts that the shape of the order asks for."""
    if wish.shape == "odd_text":
        return replace(buyer, first_name=ODD_NAME, last_name="  " + "Ñ" * 120, hint='l\'étage; "gauche"\r\n\\o/')
    return replace(buyer, company="Établissements L'Hermite & Fils SARL") if business else buyer


def created_at(wish: OrderWish, draw: random.Random, *, now: datetime, place: int, latest: datetime) -> datetime:
    """Return when the order was created: `latest` without an age, in whole seconds or in milliseconds."""
    moment = latest
    if wish.age is not None:
        moment = now - span(wish.age) - SPREAD * (wish.count - 1 - place) / wish.count
    return floor_second(moment) if draw.random() < 0.5 else floor_ms(moment)
