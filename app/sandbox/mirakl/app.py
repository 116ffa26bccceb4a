"""The operator's API: access (key, quota, shop) and the list of operations behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from app.sandbox import faults
from app.sandbox.accounts import Account
from app.sandbox.context import Context
from app.sandbox.mirakl import acceptance, listing, reference, shipping
from app.sandbox.mirakl.account import MiraklAccount
from app.sandbox.mirakl.call import Call
from app.sandbox.mirakl.errors import Refusal, injected, refusal
from app.sandbox.mirakl.lifecycle import settle
from app.sandbox.mirakl.offers import import_calls
from app.sandbox.mirakl.offers.listing import list_offers
from app.sandbox.mirakl.offers.uploads import Upload, receive
from app.sandbox.mirakl.quotas import limit_of
from app.sandbox.mirakl.shop import Shop
from app.sandbox.quota import SlidingWindows


@dataclass(frozen=True)
class Operation:
    """One operation: a file comes by multipart, and an error report goes as CSV."""

    code: str
    method: str
    path: str
    answer: Callable[[Call], Response]
    takes_file: bool = False
    gives_file: bool = False


OFFERS, PRICES, ERRORS = "/api/offers", "/api/offers/pricing/imports", "{import_id}/error_report"
OPERATIONS = (
    Operation("OR11", "GET", "/api/orders", listing.list_orders),
    Operation("OR21", "PUT", "/api/orders/{order_id}/accept", acceptance.accept_or_refuse),
    Operation("OR23", "PUT", "/api/orders/{order_id}/tracking", shipping.set_tracking),
    Operation("OR24", "PUT", "/api/orders/{order_id}/ship", shipping.ship),
    Operation("OF21", "GET", OFFERS, list_offers),
    Operation("OF01", "POST", f"{OFFERS}/imports", import_calls.start_offer_import, takes_file=True),
    Operation("OF02", "GET", f"{OFFERS}/imports/{{import_id}}", import_calls.offer_import_status),
    Operation("OF03", "GET", f"{OFFERS}/imports/{ERRORS}", import_calls.error_report("OF01"), gives_file=True),
    Operation("STO01", "POST", f"{OFFERS}/stock/imports", import_calls.start_stock_import, takes_file=True),
    Operation("STO02", "GET", f"{OFFERS}/stock/imports/{{import_id}}/status", import_calls.stock_import_status),
    Operation("STO03", "GET", f"{OFFERS}/stock/imports/{ERRORS}", import_calls.error_report("STO01"), gives_file=True),
    Operation("PRI01", "POST", PRICES, import_calls.start_price_import, takes_file=True),
    Operation("PRI02", "GET", PRICES, import_calls.list_price_imports),
    Operation("PRI03", "GET", f"{PRICES}/{ERRORS}", import_calls.error_report("PRI01"), gives_file=True),
    Operation("A01", "GET", "/api/account", reference.account),
    Operation("PC01", "GET", "/api/platform/configuration", reference.configuration),
    Operation("V01", "GET", "/api/version", reference.version),
    Operation("SH12", "GET", "/api/shipping/types", reference.shipping_types),
    Operation("SH21", "GET", "/api/shipping/carriers", reference.carriers),
)
PROTOCOL = faults.Protocol(injected, beginning=b'{"status": 200, "message": "')
# Every so many refusals for speed have no body at all, as proxies do it.
EMPTY_429_EVERY = 4


class MiraklPlatform:
    """One operator, two shops; the first is the default account."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._windows = SlidingWindows()
        self._shops = (
            Shop(context, name="mirakl", shop_id=2001, title="Boutique de l'Étoile"),
            Shop(context, name="mirakl-two", shop_id=2002, title="Maison d'à côté"),
        )
        codes = frozenset(operation.code for operation in OPERATIONS)
        self.accounts: Mapping[str, Account] = {
            shop.name: MiraklAccount(shop, operations=codes) for shop in self._shops
        }
        starlette = Starlette(
            routes=[self._route(operation) for operation in OPERATIONS],
            exception_handlers={HTTPException: _no_such_thing},
        )
        starlette.router.redirect_slashes = False
        self.app: ASGIApp = starlette

    def _route(self, operation: Operation) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            file = await receive(request) if operation.takes_file else None
            key = request.headers.get("authorization")
            shop = next((shop for shop in self._shops if shop.key == key), None)
            seen_by = shop or self._shops[0]
            seen_by.calls[operation.code] += 1
            response = await faults.answer(
                seen_by.faults,
                request,
                operation=operation.code,
                write=request.method not in ("GET", "HEAD"),
                protocol=PROTOCOL,
                serve=lambda: self._serve(operation, request, body, shop, file=file),
            )
            await seen_by.imports.read_ahead()
            return response

        return Route(operation.path, endpoint, methods=[operation.method])

    async def _serve(
        self, operation: Operation, request: Request, body: bytes, shop: Shop | None, *, file: Upload | Refusal | None
    ) -> Response:
        if shop is None:
            return refusal(Refusal(401, "Unauthorized"))
        now = self._context.clock.now()
        wait_s = self._wait(operation, shop, now_s=now.timestamp())
        if wait_s:
            return _too_fast(shop, operation, wait_s)
        settle(shop, now)
        try:
            _check_request(request, shop, operation)
            return operation.answer(Call(request=request, body=body, shop=shop, now=now, sent_file=file))
        except Refusal as reason:
            return refusal(reason, form=shop.switches.error_form)

    def _wait(self, operation: Operation, shop: Shop, *, now_s: float) -> int:
        limit = limit_of(operation.code, partner=shop.switches.partner)
        if limit is None or shop.switches.quotas == "off":
            return 0
        return self._windows.wait(shop.key, operation.code, limit=limit, now_s=now_s)


def _check_request(request: Request, shop: Shop, operation: Operation) -> None:
    accept = request.headers.get("accept", "*/*")
    kinds = ("application/json", "application/*", "*/*")
    if not operation.gives_file and not any(kind in accept for kind in kinds):
        raise Refusal(406, f"'{accept}' is not available")
    shop_id = request.query_params.get("shop_id")
    if shop_id is None or shop_id == str(shop.shop_id):
        return
    if not (shop_id.isascii() and shop_id.isdigit()):
        raise Refusal(400, f"Value '{shop_id}' is not allowed for parameter 'shop_id'")
    raise Refusal(403, f"You are not allowed to use shop {shop_id}")


def _too_fast(shop: Shop, operation: Operation, wait_s: int) -> Response:
    shop.throttled[operation.code] += 1
    headers = {"Retry-After": str(wait_s)}
    if shop.throttled.total() % EMPTY_429_EVERY == 0:
        return Response(b"", 429, headers)
    return JSONResponse({"status": 429, "message": "Too many requests"}, 429, headers)


async def _no_such_thing(_: Request, reason: Exception) -> Response:
    status = reason.status_code if isinstance(reason, HTTPException) else 500
    detail = reason.detail if isinstance(reason, HTTPException) else "Internal error"
    return JSONResponse({"status": status, "message": detail}, status)
