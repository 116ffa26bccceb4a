"""Headers that age, such as access tokens: asked for again before every try."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx
import pytest

from app.errors import Unavailable
from app.transport.meter import Meter
from tests.support.aio import run
from tests.transport.remote import READ, a_wire, in_turn, limited, ok


@dataclass
class Login:
    """Gives a new token each time it is asked."""

    given: list[str] = field(default_factory=list)
    fails: bool = False

    async def headers(self) -> Mapping[str, str]:
        if self.fails:
            raise Unavailable(service="login", operation="token")
        self.given.append(f"token-number-{len(self.given) + 1}")
        return {"x-token": self.given[-1]}


def test_every_try_brings_the_newest_header() -> None:
    login = Login()
    wire = a_wire(in_turn(httpx.Response(503), ok()))
    api = replace(wire.api, fresh_headers=login.headers)

    run(api.call(READ))

    sent = [request.headers["x-token"] for request in wire.requests]
    assert len(set(sent)) == 2
    assert sent[-1] == login.given[-1]


def test_a_header_that_aged_in_the_queue_is_asked_for_again() -> None:
    login = Login()
    wire = a_wire(lambda _: ok())
    api = replace(wire.api, fresh_headers=login.headers)
    operation = limited(READ, burst=1, interval_s=3600)

    async def twice() -> None:
        for _ in range(2):
            await api.call(operation)

    run(twice())

    assert wire.elapsed_s >= 3600
    assert wire.requests[-1].headers["x-token"] == login.given[-1]


def test_a_login_that_fails_costs_no_token_of_the_quota_and_sends_nothing() -> None:
    login = Login(fails=True)
    wire = a_wire(lambda _: ok())
    api = replace(wire.api, fresh_headers=login.headers, meter=Meter())
    operation = limited(READ, burst=1, interval_s=3600)

    with pytest.raises(Unavailable, match="login"):
        run(api.call(operation))
    login.fails = False
    run(api.call(operation))

    assert len(wire.requests) == 1
    assert wire.elapsed_s < 3600


def test_a_header_that_an_answer_repeats_is_masked() -> None:
    login = Login()
    wire = a_wire(lambda request: httpx.Response(400, text=f"never heard of {request.headers['x-token']}"))
    api = replace(wire.api, fresh_headers=login.headers)

    with pytest.raises(Exception, match="never heard of") as caught:
        run(api.call(READ))

    assert "token-number" not in str(caught.value)
