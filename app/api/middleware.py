"""Pure ASGI middleware; anything heavier would hold answers back when the server stops."""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problem import problem_response
from app.domain.message import message

# All settings of an account, with ten thousand SKUs linked and as many left out, are less.
LARGEST_BODY = 2048 * 1024


class StripTrailingSlash:
    """Serves `/x/` as `/x`: callers follow no redirect. A slash that was sent encoded belongs to a name, and stays."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            sent = scope.get("raw_path") or scope["path"].encode()
            slashes = len(sent) - len(sent.rstrip(b"/"))
            scope = {**scope, "path": scope["path"].removesuffix("/" * slashes) or "/"}
        await self._app(scope, receive, send)


class LimitBody:
    """Takes no more of a request than any of ours needs; bodies are read before the caller is known."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        if length.isdecimal() and int(length[:20]) > LARGEST_BODY:
            refusal = problem_response(Request(scope), 413, message("BODY_TOO_LARGE", limit=LARGEST_BODY // 1024))
            await refusal(scope, receive, send)
            return
        taken = 0

        async def receive_some() -> Message:
            nonlocal taken
            received = await receive()
            taken += len(received.get("body", b""))
            if taken > LARGEST_BODY:
                raise ValueError("the body is too large")
            return received

        await self._app(scope, receive_some, send)
