"""What every marketplace draws for a new order: products, buyer and time, with the shapes that break naive readers."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

from app.sandbox.buyers import Buyer
from app.sandbox.catalogue import Product, unlisted_product
from app.sandbox.context import Context
from app.sandbox.control_input import ControlRefused, OrderRequest
from app.sandbox.times import duration, floor_ms, floor_second

# How far apart orders of one request are placed when they have an age.
SPREAD = timedelta(seconds=60)
ODD_NAME = 'Zoë "Zaza" <b>O\u2019Neil</b> & Fils\t🚲'
ODD_TITLE = "Écran 24\" <b>« neuf »</b> ; à l'état\u00a0: 100 %\n🎁"


def check_sku(context: Context, request: OrderRequest) -> None:
    """Raise ControlRefused for an SKU that is not in the catalogue, unless that is what is asked for."""
    if request.sku is not None and request.sku not in context.by_sku and request.shape != "unknown_sku":
        raise ControlRefused(f"sku can't be {request.sku!r}; allowed: the SKUs of /_control/catalog.")


def products_of(context: Context, request: OrderRequest, draw: random.Random, count: int) -> list[Product]:
    """Return the products of a new order, the one that was asked for first."""
    if request.shape == "zero_lines":
        return []
    if request.shape == "same_sku_twice":
        count = max(2, count)
    products = draw.sample(context.catalogue, count)
    if request.sku in context.by_sku:
        others = [product for product in products if product.sku != request.sku]
        products = [context.by_sku[request.sku], *others][:count]
    if request.shape == "unknown_sku":
        unknown = unlisted_product(draw.randint(1, 9999))
        products[0] = (
            replace(unknown, sku=request.sku) if request.sku and request.sku not in context.by_sku else unknown
        )
    if request.shape == "same_sku_twice":
        products[1] = products[0]
    if request.shape == "odd_text":
        products[0] = replace(products[0], title=ODD_TITLE)
    return products


def buyer_of(buyer: Buyer, request: OrderRequest, *, business: bool) -> Buyer:
    """Return the buyer with the texts that the shape of the order asks for."""
    if request.shape == "odd_text":
        return replace(buyer, first_name=ODD_NAME, last_name="  " + "Ñ" * 120, hint='l\'étage; "gauche"\r\n\\o/')
    return replace(buyer, company="Établissements L'Hermite & Fils SARL") if business else buyer


def created_at(
    request: OrderRequest, draw: random.Random, *, now: datetime, position: int, latest: datetime
) -> datetime:
    """Return when the order was created: `latest` without an age, in whole seconds or in milliseconds."""
    moment = latest
    if request.age is not None:
        moment = now - duration(request.age) - SPREAD * (request.count - 1 - position) / request.count
    return floor_second(moment) if draw.random() < 0.5 else floor_ms(moment)
