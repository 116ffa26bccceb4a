"""The control API for tests and the demo: resets, orders, faults, switches and time. No marketplace has it."""

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

from app.sandbox.accounts import Controlled, Json
from app.sandbox.catalogue import Product
from app.sandbox.control_input import ClockRequest, ControlNotFound, ControlRefused, ResetRequest, json_object, read
from app.sandbox.faults import FaultRequest
from app.sandbox.simulation import Simulation
from app.sandbox.times import iso

COLUMNS = ("sku", "title", "ean", "price", "quantity")
# From so many articles on the catalogue is written beside the event loop.
LARGE = 5_000


Endpoint = Callable[[Request, Json], Any]


def routes(simulation: Simulation) -> list[Route]:
    """Return the routes under /_control for that simulation."""
    found: list[Route] = []

    def served(method: str, path: str) -> Callable[[Endpoint], Endpoint]:
        def keep(endpoint: Endpoint) -> Endpoint:
            async def answer(request: Request) -> Response:
                answered = endpoint(request, json_object(await request.body()))
                return answered if isinstance(answered, Response) else JSONResponse(answered)

            found.append(Route(f"/_control{path}", answer, methods=[method]))
            return endpoint

        return keep

    def time() -> Json:
        clock = simulation.clock
        return {"now": iso(clock.now()), "offset_s": clock.offset.total_seconds(), "speed": clock.speed}

    def driven(request: Request) -> Controlled:
        return simulation.driven(request.path_params["name"])

    @served("POST", "/reset")
    def reset(_: Request, body: Json) -> Json:
        request = read(ResetRequest, body)
        simulation.reset(seed=request.seed, speed=request.speed)
        return {"seed": simulation.context.seed, **time()}

    @served("POST", "/clock")
    def clock(_: Request, body: Json) -> Json:
        simulation.clock.advance(read(ClockRequest, body).advance_s)
        return time()

    @served("GET", "/credentials")
    def credentials(request: Request, _: Json) -> Json:
        root = str(request.base_url).rstrip("/")
        accounts = {name: account.credentials(root) for name, account in simulation.accounts().items()}
        return {**accounts, "shops": {name: shop.account.credentials(root) for name, shop in simulation.shops.items()}}

    @served("POST", "/{name}/orders")
    def create_orders(request: Request, body: Json) -> Json:
        return {"ids": driven(request).create_orders(body)}

    @served("POST", "/{name}/orders/{order_id}")
    def change_order(request: Request, body: Json) -> Json:
        return simulation.account(request.path_params["name"]).change_order(request.path_params["order_id"], body)

    @served("POST", "/{name}/{things}/{number}/{action}")
    def act(request: Request, body: Json) -> Json:
        name, things, number, action = (request.path_params[each] for each in ("name", "things", "number", "action"))
        return simulation.shop(name).act(things, number, action, body)

    @served("POST", "/{name}/offers")
    def change_offers(request: Request, body: Json) -> Json:
        return driven(request).change_offers(body)

    @served("GET", "/{name}/imports/{import_id}")
    def sent_file(request: Request, _: Json) -> Response:
        content = simulation.account(request.path_params["name"]).sent_file(request.path_params["import_id"])
        return Response(content, media_type="application/octet-stream")

    @served("POST", "/{name}/switches")
    def switches(request: Request, body: Json) -> Json:
        return driven(request).set_switches(body)

    @served("POST", "/{name}/faults")
    def add_fault(request: Request, body: Json) -> Json:
        account = driven(request)
        account.faults.add(read(FaultRequest, body), operations=account.operations)
        return {"faults": [fault.request.model_dump(exclude_none=True) for fault in account.faults.faults]}

    @served("DELETE", "/{name}/faults")
    def clear_faults(request: Request, _: Json) -> Json:
        driven(request).faults.clear()
        return {"faults": []}

    @served("GET", "/{name}/state")
    def state(request: Request, _: Json) -> Json:
        offers = request.query_params.get("offers", "1")
        if offers not in ("0", "1"):
            raise ControlRefused(f"offers can't be {offers!r}; allowed: '0' or '1'.")
        return driven(request).state(offers=offers == "1")

    async def catalog(request: Request) -> Response:
        written = request.query_params.get("format", "json")
        if written not in ("json", "csv"):
            raise ControlRefused(f"format can't be {written!r}; allowed: 'json' or 'csv'.")
        write = _as_csv if written == "csv" else _as_json
        products = simulation.context.catalogue
        return write(products) if len(products) < LARGE else await asyncio.to_thread(write, products)

    return [Route("/_control/catalog", catalog, methods=["GET"]), *found]


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

    def answering(status: int) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def answer(_: Request, reason: Exception) -> Response:
            return JSONResponse({"detail": str(reason)}, status)

        return answer

    async def unrouted(_: Request, reason: Exception) -> Response:
        assert isinstance(reason, HTTPException)
        return JSONResponse({"detail": reason.detail}, reason.status_code, headers=reason.headers)

    app.add_exception_handler(HTTPException, unrouted)
    app.add_exception_handler(ControlRefused, answering(422))
    app.add_exception_handler(ControlNotFound, answering(404))
