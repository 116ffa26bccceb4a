"""Faults as a shop's caller meets them. Only `lost_ack` leaves an effect behind."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.connection import Dropped, Unanswered, client_left_within
from app.sandbox.faults import NOISE
from app.sandbox.prestashop.shop import Shop
from app.sandbox.prestashop.webservice.answers import XML, died, of_the_host
from app.sandbox.prestashop.webservice.xml_out import HEAD


async def answer(
    shop: Shop, request: Request, *, operation: str, write: bool, serve: Callable[[], Awaitable[Response]]
) -> Response:
    """Return what the caller gets: the true answer of `serve`, or what a fault makes of it."""
    fault = shop.faults.next(operation, write=write)
    if fault is None:
        return await serve()
    match fault.kind:
        case "timeout":
            return Unanswered()
        case "reset":
            return Dropped()
        case "malformed":
            return Response(NOISE, media_type="text/html")
        case "slow":
            if await client_left_within(request.receive, fault.delay_s):
                return Dropped()
            return await serve()
        case "truncate":
            body = HEAD.encode() if write else bytes((await serve()).body)
            return Response(body[: max(1, len(body) // 2)], headers={"Content-Type": XML})
        case "lost_ack":
            await serve()
            return _lost(fault.answer or str(shop.faults.draw.choice(("http_500", "reset"))))
        case _:
            status = int(fault.kind.removeprefix("http_"))
            return died() if status == 500 else of_the_host(status, retry_after=fault.retry_after)


def _lost(how: str) -> Response:
    if how == "reset":
        return Dropped()
    return Unanswered() if how == "timeout" else died()
