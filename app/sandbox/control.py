"""The side door for tests and the demo: worlds, orders, faults, switches and time. No marketplace has it."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.catalogue import Product
from app.sandbox.faults import FaultWish
from app.sandbox.moments import iso
from app.sandbox.stage import Stage
from app.sandbox.wishes import ClockWish, ControlRefused, ResetWish, UnknownThere, json_object, read

COLUMNS = ("sku", "title", "ean", "price", "quantity")
# From so many articles on the catalogue is written beside the event loop.
LARGE = 5_000


def router(stage: Stage) -> APIRouter:
    """Return the routes under /_control for that stage."""
    routes = APIRouter(prefix="/_control")

    def time() -> dict[str, Any]:
        clock = stage.clock
        return {"now": iso(clock.now()), "offset_s": clock.offset.total_seconds(), "speed": clock.speed}

    @routes.post("/reset")
    async def reset(request: Request) -> Response:
        wish = read(ResetWish, json_object(await request.body()))
        stage.reset(seed=wish.seed, speed=wish.speed)
        return JSONResponse({"seed": stage.world.seed, **time()})

    @routes.post("/clock")
    async def clock(request: Request) -> Response:
        stage.clock.advance(read(ClockWish, json_object(await request.body())).advance_s)
        return JSONResponse(time())

    @routes.get("/catalog")
    async def catalog(format: str = "json") -> Response:
        if format not in ("json", "csv"):
            raise ControlRefused(f"format can't be {format!r}; allowed: 'json' or 'csv'.")
        write = _as_csv if format == "csv" else _as_json
        products = stage.world.catalogue
        return write(products) if len(products) < LARGE else await asyncio.to_thread(write, products)

    @routes.get("/credentials")
    async def credentials(request: Request) -> Response:
        root = str(request.base_url).rstrip("/")
        accounts = {name: account.credentials(root) for name, account in stage.accounts().items()}
        shops = {name: shop.account.credentials(root) for name, shop in stage.shops.items()}
        return JSONResponse({**accounts, "shops": shops})

    @routes.post("/{name}/orders")
    async def create_orders(name: str, request: Request) -> Response:
        return JSONResponse({"ids": stage.driven(name).create_orders(json_object(await request.body()))})

    @routes.post("/{name}/orders/{order_id}")
    async def change_order(name: str, order_id: str, request: Request) -> Response:
        return JSONResponse(stage.account(name).change_order(order_id, json_object(await request.body())))

    @routes.post("/{name}/{things}/{number}/{action}")
    async def act(name: str, things: str, number: str, action: str, request: Request) -> Response:
        wish = json_object(await request.body())
        return JSONResponse(stage.shop(name).act(things, number, action, wish))

    @routes.post("/{name}/offers")
    async def change_offers(name: str, request: Request) -> Response:
        return JSONResponse(stage.driven(name).change_offers(json_object(await request.body())))

    @routes.get("/{name}/imports/{import_id}")
    async def sent_file(name: str, import_id: str) -> Response:
        return Response(stage.account(name).sent_file(import_id), media_type="application/octet-stream")

    @routes.post("/{name}/switches")
    async def switches(name: str, request: Request) -> Response:
        return JSONResponse(stage.driven(name).set_switches(json_object(await request.body())))

    @routes.post("/{name}/faults")
    async def add_fault(name: str, request: Request) -> Response:
        account = stage.driven(name)
        account.faults.add(read(FaultWish, json_object(await request.body())), operations=account.operations)
        return JSONResponse({"faults": [fault.wish.model_dump(exclude_none=True) for fault in account.faults.faults]})

    @routes.delete("/{name}/faults")
    async def clear_faults(name: str) -> Response:
        stage.driven(name).faults.clear()
        return JSONResponse({"faults": []})

    @routes.get("/{name}/state")
    async def state(name: str, offers: str = "1") -> Response:
        if offers not in ("0", "1"):
            raise ControlRefused(f"offers can't be {offers!r}; allowed: '0' or '1'.")
        return JSONResponse(stage.driven(name).state(offers=offers == "1"))

    return routes


def _as_json(products: Sequence[Product]) -> Response:
    return JSONResponse([product.row() for product in products])


def _as_csv(products: Sequence[Product]) -> Response:
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(product.row() for product in products)
    return Response(page.getvalue(), media_type="text/csv")


def refuse_in_sentences(app: FastAPI) -> None:
    """Answer control input that can't be used with 422, and unknown names with 404, each with one sentence."""

    async def refused(_: Request, reason: Exception) -> Response:
        return JSONResponse({"detail": str(reason)}, 422)

    async def unknown(_: Request, reason: Exception) -> Response:
        return JSONResponse({"detail": str(reason)}, 404)

    app.add_exception_handler(ControlRefused, refused)
    app.add_exception_handler(UnknownThere, unknown)
