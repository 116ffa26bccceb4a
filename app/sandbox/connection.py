"""Answers that never come. Over a socket the connection is really held or cut; in process the httpx error is raised."""

import asyncio
import socket
import struct
from typing import Any

import httpx
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

# Where the app leaves the server's own `send`, before any middleware wraps it.
RAW_SEND = "sandbox.send"
LONGEST_SILENCE_S = 120.0


class Dropped(Response):
    """Close the connection without an answer."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _in_process(scope):
            raise httpx.ReadError("The sandbox closed the connection")
        _cut(scope)
        await client_left_within(receive, LONGEST_SILENCE_S)


class Unanswered(Response):
    """Keep the connection open and silent until the client leaves; cut it after two minutes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if _in_process(scope):
            # Time-outs of httpx do not reach an app that it calls directly.
            raise httpx.ReadTimeout("The sandbox does not answer")
        if not await client_left_within(receive, LONGEST_SILENCE_S):
            _cut(scope)
            await client_left_within(receive, LONGEST_SILENCE_S)


async def client_left_within(receive: Receive, seconds: float) -> bool:
    """Wait that many real seconds at most; say whether the client left meanwhile."""
    try:
        await asyncio.wait_for(_until_gone(receive), timeout=seconds)
    except TimeoutError:
        return False
    return True


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _in_process(scope: Scope) -> bool:
    # Servers name the version of the HTTP part; httpx.ASGITransport does not.
    return "spec_version" not in scope["asgi"]


def _cut(scope: Scope) -> None:
    # uvicorn's `send` is a method of the request cycle, which holds the transport.
    transport: Any = getattr(getattr(scope[RAW_SEND], "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionAbortedError("This server can't cut a connection")
    if transport.is_closing():
        return
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
