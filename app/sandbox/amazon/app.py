"""The Selling Partner API: the list of operations, and the way of a call through the gateway to its answer."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from app.sandbox.accounts import Account
from app.sandbox.amazon import stores, troubles
from app.sandbox.amazon.account import AmazonAccount
from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import Refusal, not_found, refusal
from app.sandbox.amazon.files import document_calls, feed_calls, job_calls, report_calls
from app.sandbox.amazon.gateway import TOKEN_HEADER, Gateway
from app.sandbox.amazon.listings import calls as listing_calls
from app.sandbox.amazon.lwa import LoginWithAmazon, LwaRefusal, lwa_refusal, read_fields
from app.sandbox.amazon.orders import calls as order_calls
from app.sandbox.amazon.quotas import RATES
from app.sandbox.amazon.seller import Seller
from app.sandbox.amazon.shipping import calls as shipping_calls
from app.sandbox.amazon.static import StaticSandbox
from app.sandbox.amazon.switches import Role
from app.sandbox.context import Context

ORDERS, LISTINGS = "/orders/2026-01-01/orders", "/listings/2021-08-01/items"
CONFIRMATION = "/orders/v0/orders/{orderId}/shipmentConfirmation"
FEEDS, REPORTS = "/feeds/2021-06-30", "/reports/2021-06-30"
# Amazon's documents are at another host; the sandbox has a path for them.
UPLOAD, DOWNLOAD = "uploadDocument", "downloadDocument"
# "Your rate limit for this operation" is a header of these, and never of 403, 429 and 5xx.
WITH_RATE_HEADER = frozenset({200, 201, 202, 204, 400, 404})


@dataclass(frozen=True)
class Served:
    """One operation: its name in the models, where it is, and what answers it."""

    name: str
    method: str
    path: str
    answer: Callable[[Call], Response]
    role: Role | None = None


OPERATIONS = (
    Served("searchOrders", "GET", ORDERS, order_calls.search_orders, "orders"),
    Served("getOrder", "GET", f"{ORDERS}/{{orderId}}", order_calls.get_order, "orders"),
    Served("confirmShipment", "POST", CONFIRMATION, shipping_calls.confirm_shipment, "orders"),
    Served("searchListingsItems", "GET", f"{LISTINGS}/{{sellerId}}", listing_calls.search_items, "listings"),
    Served("getListingsItem", "GET", f"{LISTINGS}/{{sellerId}}/{{sku:path}}", listing_calls.get_item, "listings"),
    Served("patchListingsItem", "PATCH", f"{LISTINGS}/{{sellerId}}/{{sku:path}}", listing_calls.patch_item, "listings"),
    Served("createFeedDocument", "POST", f"{FEEDS}/documents", document_calls.create_feed_document),
    Served("getFeedDocument", "GET", f"{FEEDS}/documents/{{feedDocumentId}}", document_calls.get_feed_document),
    Served("createFeed", "POST", f"{FEEDS}/feeds", feed_calls.create_feed),
    Served("getFeeds", "GET", f"{FEEDS}/feeds", job_calls.FEEDS.list),
    Served("getFeed", "GET", f"{FEEDS}/feeds/{{feedId}}", job_calls.FEEDS.get),
    Served("cancelFeed", "DELETE", f"{FEEDS}/feeds/{{feedId}}", job_calls.FEEDS.cancel),
    Served("createReport", "POST", f"{REPORTS}/reports", report_calls.create_report),
    Served("getReports", "GET", f"{REPORTS}/reports", job_calls.REPORTS.list),
    Served("getReport", "GET", f"{REPORTS}/reports/{{reportId}}", job_calls.REPORTS.get),
    Served("cancelReport", "DELETE", f"{REPORTS}/reports/{{reportId}}", job_calls.REPORTS.cancel),
    Served("getReportDocument", "GET", f"{REPORTS}/documents/{{reportDocumentId}}", document_calls.get_report_document),
    Served("getMarketplaceParticipations", "GET", "/sellers/v1/marketplaceParticipations", stores.participations),
    Served("getInventorySummaries", "GET", "/fba/inventory/v1/summaries", stores.inventory),
)


class AmazonPlatform:
    """One region, one application, two sellers; the first is the default account."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sellers = (
            Seller(context, name="amazon", number=1, seller_id="A1SANDBOX0SELL", title="Boutique de l'Étoile"),
            Seller(context, name="amazon-two", number=2, seller_id="A2SANDBOX0SELL", title="Maison d'à côté"),
        )
        self._lwa = LoginWithAmazon(self._sellers, draw=context.draw("amazon", "tokens"))
        self._gateway = Gateway(self._lwa)
        self._static = StaticSandbox(context.models)
        self._request_ids: random.Random = context.draw("amazon", "requests")
        names = frozenset({troubles.TOKEN, UPLOAD, DOWNLOAD, *(operation.name for operation in OPERATIONS)})
        self.accounts: Mapping[str, Account] = {
            seller.name: AmazonAccount(seller, operations=names, lwa=self._lwa, gateway=self._gateway)
            for seller in self._sellers
        }
        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        starlette = Starlette(
            routes=[
                Route("/auth/o2/token", self._give_token, methods=["POST"]),
                Route("/static/auth/o2/token", self._give_token, methods=["POST"]),
                Route("/static/{path:path}", self._give_example, methods=every),
                Route("/s3/{document_id}", self._keep_document, methods=["GET", "PUT"]),
                *(self._route(operation) for operation in OPERATIONS),
            ],
            exception_handlers={HTTPException: _no_such_thing},
        )
        starlette.router.redirect_slashes = False
        self.app: ASGIApp = starlette

    def _route(self, operation: Served) -> Route:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            seller = self._lwa.owner(request.headers.get(TOKEN_HEADER)) or self._sellers[0]
            seller.calls[operation.name] += 1
            try:
                now = self._context.clock.now()
                self._gateway.enter(request, body, operation=operation.name, role=operation.role, now=now)
            except Refusal as reason:
                response = self._refused(seller, operation.name, reason)
            else:
                response = await troubles.answer(
                    seller,
                    request,
                    operation=operation.name,
                    serve=lambda: self._serve(operation, request, body, seller),
                )
            return self._with_headers(response, operation.name, seller)

        return Route(operation.path, endpoint, methods=[operation.method])

    async def _serve(self, operation: Served, request: Request, body: bytes, seller: Seller) -> Response:
        now = self._context.clock.now()
        seller.schedule.settle(now)
        try:
            return operation.answer(Call(request, body, seller, operation.name, now))
        except Refusal as reason:
            return self._refused(seller, operation.name, reason)

    def _refused(self, seller: Seller, operation: str, reason: Refusal) -> Response:
        counted = seller.throttled if reason.status == 429 else seller.refused
        counted[operation] += 1
        return refusal(reason)

    def _with_headers(self, response: Response, operation: str, seller: Seller) -> Response:
        response.headers["x-amzn-RequestId"] = str(UUID(int=self._request_ids.getrandbits(128), version=4))
        if seller.switches.rate_header and response.status_code in WITH_RATE_HEADER:
            factor = seller.plan.at(self._context.clock.now().timestamp())
            response.headers["x-amzn-RateLimit-Limit"] = f"{RATES[operation].per_second * factor:g}"
        return response

    async def _give_token(self, request: Request) -> Response:
        fields = read_fields(request, await request.body())
        seller = self._lwa.seller_of(fields) or self._sellers[0]
        seller.calls[troubles.TOKEN] += 1

        async def serve() -> Response:
            if seller.switches.lwa_error is not None:
                return lwa_refusal(seller.switches.lwa_error, "Injected by the sandbox")
            try:
                return JSONResponse(self._lwa.give(fields, now=self._context.clock.now()))
            except LwaRefusal as reason:
                seller.refused[troubles.TOKEN] += 1
                return lwa_refusal(reason.error, reason.description)

        return await troubles.answer(seller, request, operation=troubles.TOKEN, serve=serve)

    async def _keep_document(self, request: Request) -> Response:
        body = await request.body()
        now = self._context.clock.now()
        document_id = request.path_params["document_id"]
        seller = next(
            (each for each in self._sellers if each.documents.get(document_id, now=now) is not None), self._sellers[0]
        )
        name = UPLOAD if request.method == "PUT" else DOWNLOAD
        seller.calls[name] += 1

        async def serve() -> Response:
            if name == UPLOAD:
                return document_calls.store_upload(seller, request, body)
            return document_calls.give_download(seller, request)

        return await troubles.answer(seller, request, operation=name, serve=serve)

    async def _give_example(self, request: Request) -> Response:
        body = await request.body()
        now = self._context.clock.now()
        try:
            self._lwa.holder(request.headers.get(TOKEN_HEADER), now=now)
        except Refusal as reason:
            return refusal(reason)
        path = f"/{request.path_params['path']}"
        return self._static.answer(request, path, body, now_s=now.timestamp())


async def _no_such_thing(_: Request, reason: Exception) -> Response:
    status = reason.status_code if isinstance(reason, HTTPException) else 500
    if status == 404:
        return refusal(not_found("Resource"))
    return refusal(Refusal(status, "InvalidInput", "The method is not allowed for this resource."))
