"""A network that goes wrong at one call, in one way, and then works again."""

import httpx

WAYS = ("killed before", "killed after", "cut before", "cut after", "500 before", "500 after", "noise after")


class Killed(BaseException):
    """The process ends here: nobody catches it."""


class Troubled(httpx.AsyncBaseTransport):
    """Passes calls on; the one of that number (from 1) goes wrong, and no other."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.calls: list[str] = []
        self.at = 0
        self.way = ""

    def plan(self, at: int, way: str) -> None:
        self.calls, self.at, self.way = [], at, way

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(f"{request.method} {request.url.path.rpartition('/api/')[2].partition('/')[0]}")
        if len(self.calls) != self.at:
            return await self._inner.handle_async_request(request)
        kind, _, moment = self.way.partition(" ")
        if moment == "after":
            await (await self._inner.handle_async_request(request)).aread()
        if kind == "killed":
            raise Killed
        if kind == "cut":
            raise httpx.ReadTimeout("cut", request=request)
        body = b"<br/><b>Warning</b>: half an answer" if kind == "noise" else b""
        return httpx.Response(200 if kind == "noise" else 500, content=body, request=request)
