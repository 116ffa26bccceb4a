"""The shop's address: the Webservice under /api, and under its true name for hosts that can't rewrite."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from app.sandbox import faults
from app.sandbox.accounts import SandboxShop
from app.sandbox.context import Context
from app.sandbox.prestashop.account import PrestaShopAccount
from app.sandbox.prestashop.installation import install
from app.sandbox.prestashop.tables import RESOURCES
from app.sandbox.prestashop.tables.schema import VERBS
from app.sandbox.prestashop.webservice import answers
from app.sandbox.prestashop.webservice.call import WRITES, Call
from app.sandbox.prestashop.webservice.xml_out import HEAD

OPERATIONS = frozenset(f"{verb} {name}" for name in RESOURCES for verb in VERBS)
# Unusual verbs reach the service too, which refuses them by number.
METHODS = (*VERBS, "OPTIONS", "TRACE")
PROTOCOL = faults.Protocol(answers.injected, beginning=HEAD.encode(), media_type=answers.XML)


class PrestaShop:
    """One shop behind one address."""

    def __init__(self, context: Context) -> None:
        self.shop = install(context)
        self.account: SandboxShop = PrestaShopAccount(self.shop, operations=OPERATIONS)
        starlette = Starlette(
            routes=[
                Route("/api", self._rewritten, methods=METHODS),
                Route("/api/{path:path}", self._rewritten, methods=METHODS),
                Route("/webservice/dispatcher.php", self._direct, methods=METHODS),
            ]
        )
        starlette.router.redirect_slashes = False
        self.app: ASGIApp = starlette

    async def _rewritten(self, request: Request) -> Response:
        if not self.shop.switches.rewrites:
            return answers.host_answer(404)
        return await self._answer(request, request.path_params.get("path", ""))

    async def _direct(self, request: Request) -> Response:
        return await self._answer(request, request.query_params.get("url", ""))

    async def _answer(self, request: Request, path: str) -> Response:
        refused = self._refused_by_host(request)
        if refused is not None:
            return refused
        call = Call(self.shop, request, path, await request.body())
        self.shop.calls[call.name, call.verb] += 1
        if self.shop.switches.call_ms:
            await asyncio.sleep(self.shop.switches.call_ms / 1000)
        return await faults.answer(
            self.shop.faults,
            request,
            operation=f"{call.verb} {call.name}",
            write=call.verb in WRITES,
            protocol=PROTOCOL,
            serve=lambda: self._to_the_end(call),
        )

    def _refused_by_host(self, request: Request) -> Response | None:
        switches = self.shop.switches
        if switches.redirect_to_https:
            return answers.host_answer(301, location=str(request.url.replace(scheme="https")))
        return answers.host_answer(403) if request.method in switches.blocked_verbs else None

    async def _to_the_end(self, call: Call) -> Response:
        """Serve the call: a caller that hangs up does not stop what it has started."""
        task = asyncio.ensure_future(call.serve())
        self.shop.running.add(task)
        task.add_done_callback(self.shop.running.discard)
        return await asyncio.shield(task)
