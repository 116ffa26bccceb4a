"""The side door for tests and the demo: worlds, orders, faults, switches and time. No marketplace has it."""

import asyncio
import csv
import io
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.sandbox.catalogue import Product
from app.sandbox.faults import FaultWish
from app.sandbox.moments import iso
from app.sandbox.stage import Stage
from app.sandbox.wishes import ClockWish, ControlRefused, ResetWish, UnknownThere, json_object, read

COLUMNS = ("sku", "title", "ean", "price", "quantity")
# From so many articles on the catalogue is written beside the event loop.
LARGE = 5_000


Endpoint = Callable[[Request], Awaitable[Response]]


def routes(stage: Stage) -> list[Route]:
    """Return the routes under /_control for that stage."""
    found: list[Route] = []

    def served(method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        def keep(endpoint: Endpoint) -> Endpoint:
            found.append(Route(f"/_control{path}", endpoint, methods=[method]))
            return endpoint

        return keep

    def time() -> dict[str, Any]:
        clock = stage.clock
        return {"now": iso(clock.now()), "offset_s": clock.offset.total_seconds(), "speed": clock.speed}

    @served("POST", "/reset")
    async def reset(request: Request) -> Response:
        wish = read(ResetWish, json_object(await request.body()))
        stage.reset(seed=wish.seed, speed=wish.speed)
        return JSONResponse({"seed": stage.world.seed, **time()})

    @served("POST", "/clock")
    async def clock(request: Request) -> Response:
        stage.clock.advance(read(ClockWish, json_object(await request.body())).advance_s)
        return JSONResponse(time())

    @served("GET", "/catalog")
    async def catalog(request: Request) -> Response:
        written = request.query_params.get("format", "json")
        if written not in ("json", "csv"):
            raise ControlRefused(f"format can't be {written!r}; allowed: 'json' or 'csv'.")
        write = _as_csv if written == "csv" else _as_json
        products = stage.world.catalogue
        return write(products) if len(products) < LARGE else await asyncio.to_thread(write, products)

    @served("GET", "/credentials")
    async def credentials(request: Request) -> Response:
        root = str(request.base_url).rstrip("/")
        accounts = {name: account.credentials(root) for name, account in stage.accounts().items()}
        shops = {name: shop.account.credentials(root) for name, shop in stage.shops.items()}
        return JSONResponse({**accounts, "shops": shops})

    @served("POST", "/{name}/orders")
    async def create_orders(request: Request) -> Response:
        return JSONResponse({"ids": stage.driven(_name(request)).create_orders(json_object(await request.body()))})

    @served("POST", "/{name}/orders/{order_id}")
    async def change_order(request: Request) -> Response:
        account, order_id = stage.account(_name(request)), request.path_params["order_id"]
        return JSONResponse(account.change_order(order_id, json_object(await request.body())))

    @served("POST", "/{name}/{things}/{number}/{action}")
    async def act(request: Request) -> Response:
        wish = json_object(await request.body())
        things, number, action = (request.path_params[each] for each in ("things", "number", "action"))
        return JSONResponse(stage.shop(_name(request)).act(things, number, action, wish))

    @served("POST", "/{name}/offers")
    async def change_offers(request: Request) -> Response:
        return JSONResponse(stage.driven(_name(request)).change_offers(json_object(await request.body())))

    @served("GET", "/{name}/imports/{import_id}")
    async def sent_file(request: Request) -> Response:
        content = stage.account(_name(request)).sent_file(request.path_params["import_id"])
        return Response(content, media_type="application/octet-stream")

    @served("POST", "/{name}/switches")
    async def switches(request: Request) -> Response:
        return JSONResponse(stage.driven(_name(request)).set_switches(json_object(await request.body())))

    @served("POST", "/{name}/faults")
    async def add_fault(request: Request) -> Response:
        account = stage.driven(_name(request))
        account.faults.add(read(FaultWish, json_object(await request.body())), operations=account.operations)
        return JSONResponse({"faults": [fault.wish.model_dump(exclude_none=True) for fault in account.faults.faults]})

    @served("DELETE", "/{name}/faults")
    async def clear_faults(request: Request) -> Response:
        stage.driven(_name(request)).faults.clear()
        return JSONResponse({"faults": []})

    @served("GET", "/{name}/state")
    async def state(request: Request) -> Response:
        offers = request.query_params.get("offers", "1")
        if offers not in ("0", "1"):
            raise ControlRefused(f"offers can't be {offers!r}; allowed: '0' or '1'.")
        return JSONResponse(stage.driven(_name(request)).state(offers=offers == "1"))

    return found


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    return name


def _as_json(products: Sequence[Product]) -> Response:
    return JSONResponse([product.row() for product in products])


def _as_csv(products: Sequence[Product]) -> Response:
    page = io.StringIO(newline="")
    writer = csv.DictWriter(page, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(product.row() for product in products)
    return Response(page.getvalue(), media_type="text/csv")


def refuse_in_sentences(app: Starlette) -> None:
    """Answer control input that can't be used with 422, and unknown names with 404, each with one sentence."""

    async def refused(_: Request, reason: Exception) -> Response:
        return JSONResponse({"detail": str(reason)}, 422)

    async def unknown(_: Request, reason: Exception) -> Response:
        return JSONResponse({"detail": str(reason)}, 404)

    async def nothing_there(_: Request, reason: Exception) -> Response:
        assert isinstance(reason, HTTPException)
        return JSONResponse({"detail": reason.detail}, reason.status_code, headers=reason.headers)

    app.add_exception_handler(HTTPException, nothing_there)
    app.add_exception_handler(ControlRefused, refused)
    app.add_exception_handler(UnknownThere, unknown)
