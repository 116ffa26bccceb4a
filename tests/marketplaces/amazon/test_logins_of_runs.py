"""Authorisations that end, tokens that end early, and who asks for new ones: never more often than once."""

import asyncio
import itertools
from dataclasses import replace

import httpx
import pytest

from app.clock import JumpingClock
from app.domain.order import Order
from app.keys import Keys
from app.marketplaces.amazon.adapter import PLATFORM, AmazonMarketplace
from app.store.engine import Store
from app.store.tokens import StoredTokens
from app.transport.tokens import MemoryTokens, TokenStore
from tests.marketplaces.amazon.amazon_service import FOUND_AFTER_S, AmazonService
from tests.marketplaces.amazon.builders import TOKEN_PATH, a_config, a_token
from tests.marketplaces.amazon.records import an_order
from tests.marketplaces.amazon.test_login import EXPIRED, logins
from tests.marketplaces.amazon.test_sandbox import EVERYTHING, Region, play
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

AT_ONCE = 12


def test_an_authorisation_that_was_ended_fails_each_run_after_one_login_and_blames_the_marketplace(
    service: AmazonService,
) -> None:
    service.run()
    service.make(2)
    service.pass_time(FOUND_AFTER_S)
    service.switch(authorised=False)
    before = service.calls("token")

    seen = []
    for _ in range(3):
        status, answer = service.answer()
        seen.append((status, answer["status"], answer["cause"], [each["code"] for each in answer["problems"]]))

    assert seen == [(500, "failed", "marketplace", ["CREDENTIALS_REFUSED"])] * 3
    assert service.calls("token") - before == 3
    # The token that was good a moment ago is tried once; without one nothing is asked.
    assert service.refused("searchOrders") == 1
    service.switch(authorised=True)
    assert service.run().counts["imported"] == 2


def test_a_failed_account_says_how_to_authorise_it_again(service: AmazonService) -> None:
    service.switch(authorised=False)

    problem = service.run().problem("CREDENTIALS_REFUSED")

    assert "Authorise the application again in Seller Central" in problem["fix"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ("invalid_grant", "failed"),
        ("invalid_client", "failed"),
        ("access_denied", "failed"),
        ("unauthorized_client", "failed"),
        ("invalid_request", "failed"),
        ("unsupported_grant_type", "failed"),
        ("invalid_scope", "failed"),
        ("server_error", "paused"),
        ("temporarily_unavailable", "paused"),
    ],
)
def test_each_refusal_of_a_login_ends_a_run_as_it_must(service: AmazonService, error: str, status: str) -> None:
    service.pass_hours(2)
    service.switch(lwa_error=error)
    before = service.calls("token")

    report = service.run()

    assert report.status == status
    assert service.calls("searchOrders") == 1
    assert service.calls("token") - before == (1 if status == "failed" else 4)


def test_a_login_that_is_down_for_an_hour_costs_nothing_but_the_hour(service: AmazonService) -> None:
    made = service.make(3)
    service.pass_hours(2)
    service.switch(lwa_error="temporarily_unavailable")

    during = service.run()
    service.switch(lwa_error=None)
    after = service.went_on(during)

    assert (during.codes, after.status) == ({"MARKETPLACE_DOWN"}, "done")
    assert service.shop_orders() == dict.fromkeys(made, 1)


@pytest.mark.parametrize("life_s", [5, 121])
def test_tokens_that_live_for_seconds_import_all_the_same_and_nothing_is_refused(
    service: AmazonService, life_s: int
) -> None:
    service.switch(token_lifetime_s=life_s)
    made = service.make(120, age="2d")
    # The token of the connection test lives for an hour.
    service.pass_hours(2)

    report = service.run()

    assert (report.status, report.counts["imported"]) == ("done", len(made))
    assert service.state()["wasted"] == {}


def test_a_role_that_was_taken_away_fails_the_run_and_is_named(service: AmazonService) -> None:
    service.run()
    service.switch(roles=["recipient", "buyer", "listings"])

    report = service.run()

    assert (report.status, report.answer["cause"], report.codes) == ("failed", "marketplace", {"ROLE_MISSING"})
    assert "the role Inventory and Order Tracking" in report.problem("ROLE_MISSING")["message"]


def test_without_the_role_for_addresses_orders_wait_and_enter_once_it_was_given(service: AmazonService) -> None:
    service.switch(roles=["orders", "listings"])
    [order_id] = service.make()
    service.pass_time(FOUND_AFTER_S)

    without = service.run()
    service.switch(roles=["orders", "listings", "recipient", "buyer"])
    service.pass_hours(1.5)
    after = service.run()

    assert without.codes == {"ADDRESS_MISSING"}
    assert service.intake(order_id) == ("imported", "")
    assert after.counts["imported"] == 1


def test_many_calls_whose_token_ended_early_ask_for_one_new_token() -> None:
    remote, good = an_amazon_that_takes("Atza|number-1")
    amazon = a_process(remote.transport, MemoryTokens())

    async def script() -> int:
        await at_once(amazon, calls=1)
        good[:] = ["Atza|number-2"]
        return await at_once(amazon)

    assert run(script()) == AT_ONCE
    assert logins(remote) == 2


def test_refusals_that_arrive_one_after_the_other_ask_for_one_new_token() -> None:
    remote, good = an_amazon_that_takes("Atza|number-1")
    clock = JumpingClock(NOON)
    amazon = a_process(LateLogin(remote, clock), MemoryTokens(), clock=clock)

    async def script() -> int:
        await at_once(amazon, calls=1)
        good[:] = ["Atza|number-2"]
        return await at_once(amazon)

    assert run(script()) == AT_ONCE
    assert logins(remote) == 2


def test_two_processes_whose_token_ended_early_ask_for_one_new_token(sqlite_store: Store) -> None:
    remote, good = an_amazon_that_takes("Atza|number-1")
    kept = StoredTokens(sqlite_store, Keys("a secret for tests that is long enough").cipher)
    clock = JumpingClock(NOON)
    clock.busy.append(lambda: sqlite_store.in_flight > 0)
    processes = [a_process(LateLogin(remote, clock), kept, clock=clock) for _ in range(2)]

    async def script() -> int:
        await at_once(*processes, calls=1)
        good[:] = ["Atza|number-2"]
        return await at_once(*processes)

    assert run(script()) == 2 * AT_ONCE
    assert logins(remote) == 2


def test_two_processes_that_begin_at_the_same_moment_share_one_login(sqlite_store: Store) -> None:
    remote, _ = an_amazon_that_takes("Atza|number-1")
    kept = StoredTokens(sqlite_store, Keys("a secret for tests that is long enough").cipher)
    clock = JumpingClock(NOON)
    clock.busy.append(lambda: sqlite_store.in_flight > 0)

    found = run(at_once(*(a_process(LateLogin(remote, clock), kept, clock=clock) for _ in range(2))))

    assert found == 2 * AT_ONCE
    assert logins(remote) == 1


def test_a_clock_that_is_hours_off_never_makes_amazon_refuse_a_request() -> None:
    async def scene(region: Region) -> None:
        made = await region.control.make(3, age="2h")
        for off_s in (-3 * 3600, 3 * 3600):
            ours = JumpingClock(region.clock.now())
            ours.advance(off_s)
            connector = replace(region.connector, clock=ours)
            amazon = AmazonMarketplace(region.config, connector)
            since = ours.now() - PLATFORM.poll_policy.overlap

            pages = [page async for page in amazon.orders(replace(EVERYTHING, since=since))]

            assert pages[0].remote_now is not None
            assert pages[0].remote_now <= region.clock.now()
        assert made
        assert (await region.control.state())["refused"] == {}

    play(scene)


class LateLogin(httpx.AsyncBaseTransport):
    """A network on which each call takes a second longer than the one before."""

    def __init__(self, remote: Remote, clock: JumpingClock) -> None:
        self._way, self._clock, self._calls = remote.transport, clock, itertools.count()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._way.handle_async_request(request)
        await self._clock.sleep(0 if request.url.path == TOKEN_PATH else next(self._calls))
        return response


def an_amazon_that_takes(*tokens: str) -> tuple[Remote, list[str]]:
    """Return an Amazon whose logins give numbered tokens, and the list of those that let somebody in."""
    remote, good = Remote(lambda request: a_token()), list(tokens)

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == TOKEN_PATH:
            return a_token(f"Atza|number-{logins(remote)}")
        if request.headers["x-amz-access-token"] not in good:
            return EXPIRED
        return httpx.Response(200, json={"order": an_order(request.url.path.rsplit("/", 1)[1])})

    remote.answer = answer
    return remote, good


def a_process(
    network: httpx.AsyncBaseTransport, kept: TokenStore, *, clock: JumpingClock | None = None
) -> AmazonMarketplace:
    return AmazonMarketplace(a_config(), replace(a_connector(network, clock=clock), tokens=kept))


async def at_once(*marketplaces: AmazonMarketplace, calls: int = AT_ONCE) -> int:
    """Read as many orders by id over each of them at the same time; returns how many were read."""

    async def one(amazon: AmazonMarketplace, order_id: str) -> int:
        return len([each async for each in amazon.orders_by_id([order_id]) if isinstance(each, Order)])

    reads = [
        one(amazon, f"250-{place:07}-{number:07}")
        for place, amazon in enumerate(marketplaces)
        for number in range(calls)
    ]
    return sum(await asyncio.gather(*reads))
