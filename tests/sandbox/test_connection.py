import asyncio
from typing import Any

from starlette.types import Message

from app.sandbox.connection import RAW_SEND, Dropped, Unanswered, client_left_within


class Socketless:
    """The part of a server's request cycle that a cut touches."""

    def __init__(self, *, closing: bool = False) -> None:
        self.cut = False
        self.closing = closing
        self.sent: list[Message] = []
        self.transport = self

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    def get_extra_info(self, _: str) -> None:
        return None

    def is_closing(self) -> bool:
        return self.closing

    def abort(self) -> None:
        self.cut = True

    def scope(self) -> dict[str, Any]:
        return {"type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, RAW_SEND: self.send}


async def gone() -> Message:
    return {"type": "http.disconnect"}


async def never() -> Message:
    await asyncio.Event().wait()
    raise AssertionError


def test_a_dropped_answer_cuts_the_connection_and_says_nothing() -> None:
    server = Socketless()

    asyncio.run(Dropped()(server.scope(), gone, server.send))

    assert (server.cut, server.sent) == (True, [])


def test_a_connection_that_the_client_closed_is_left_alone() -> None:
    server = Socketless(closing=True)

    asyncio.run(Dropped()(server.scope(), gone, server.send))

    assert (server.cut, server.sent) == (False, [])


def test_silence_ends_when_the_client_leaves() -> None:
    server = Socketless()

    asyncio.run(Unanswered()(server.scope(), gone, server.send))

    assert (server.cut, server.sent) == (False, [])


def test_a_client_that_stays_is_seen_to_stay() -> None:
    assert asyncio.run(client_left_within(never, 0)) is False
