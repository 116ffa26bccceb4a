"""Pure ASGI middleware; anything heavier would hold answers back when the server stops."""

from starlette.types import ASGIApp, Receive, Scope, Send


class StripTrailingSlash:
    """Serves `/x/` as `/x`: callers follow no redirect."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and len(scope["path"]) > 1 and scope["path"].endswith("/"):
            scope = {**scope, "path": scope["path"].rstrip("/") or "/"}
        await self._app(scope, receive, send)
