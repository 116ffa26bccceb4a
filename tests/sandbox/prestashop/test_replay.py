"""The sandbox's shop is asked what a real PrestaShop was asked, call by call, and answers the same."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest

from app.clock import JumpingClock
from tests.sandbox.prestashop.comparison import differences
from tests.sandbox.prestashop.demo_shop import open_demo_shop
from tests.sandbox.prestashop.recordings import recordings
from tests.sandbox.prestashop.unrecorded_changes import UNRECORDED, Replay

RECORDED = recordings()
# What can't be compared, each with its reason.
NOT_COMPARED: Mapping[str, str] = {}


@pytest.mark.skipif(not RECORDED, reason="the recordings are not beside this repository")
def test_it_answers_as_the_real_one_did() -> None:
    compared = asyncio.run(_replay())

    assert {name: found for name, found in compared.items() if found} == {}
    assert compared.keys() | NOT_COMPARED.keys() == {each.name for each in RECORDED}


async def _replay() -> dict[str, list[str]]:
    """Make every call in its order and return what differed, by the name of the recording."""
    clock = JumpingClock(RECORDED[0].at)
    prestashop = open_demo_shop(RECORDED, clock=clock)
    transport = httpx.ASGITransport(app=prestashop.app)
    found = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        replay = Replay(prestashop.shop, http, clock)
        for each in RECORDED:
            if each.name in UNRECORDED:
                await UNRECORDED[each.name](replay)
            replay.wait_until(each.at)
            answer = await replay.ask(each)
            if each.name not in NOT_COMPARED:
                found[each.name] = differences(each, answer)
    return found
