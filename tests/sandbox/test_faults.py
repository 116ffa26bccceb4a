import contextlib

import httpx
import pytest

from tests.sandbox.client import Remote, talk


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 502, 503, 504])
def test_a_status_fault_answers_that_status(status: int) -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/faults", kind=f"http_{status}")
        return (await remote.get("orders")).status_code

    assert talk(script) == status


@pytest.mark.parametrize(("given", "header"), [({}, None), ({"retry_after": 30}, "30")])
def test_a_429_fault_names_a_wait_only_when_given(given: dict[str, int], header: str | None) -> None:
    async def script(remote: Remote) -> str | None:
        await remote.control("mirakl/faults", kind="http_429", **given)
        wait: str | None = (await remote.get("orders")).headers.get("retry-after")
        return wait

    assert talk(script) == header


def test_a_fault_hits_as_often_as_its_count() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.control("mirakl/faults", kind="http_503", count=2)
        return [(await remote.get("version")).status_code for _ in range(3)]

    assert talk(script) == [503, 503, 200]


def test_a_fault_strikes_only_its_operation() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.control("mirakl/faults", kind="http_500", operation="OR11")
        return [(await remote.get(path)).status_code for path in ("version", "orders")]

    assert talk(script) == [200, 500]


def test_a_rate_strikes_the_same_calls_every_time() -> None:
    async def script(remote: Remote) -> list[int]:
        await remote.control("mirakl/faults", kind="http_500", rate=0.5)
        return [(await remote.get("version")).status_code for _ in range(40)]

    first, second = talk(script), talk(script)

    assert first == second
    assert set(first) == {200, 500}


def test_faults_can_be_taken_away() -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/faults", kind="http_500")
        await remote.http.delete("/_control/mirakl/faults")
        return (await remote.get("version")).status_code

    assert talk(script) == 200


@pytest.mark.parametrize("kind", ["http_500", "http_429", "http_404", "timeout", "reset", "truncate", "malformed"])
def test_a_fault_leaves_no_effect(kind: str) -> None:
    async def script(remote: Remote) -> str:
        (order_id,) = await remote.make(lines=1)
        await remote.control("mirakl/faults", kind=kind)
        with contextlib.suppress(httpx.TransportError):
            await remote.decide(order_id, True)
        state: str = (await remote.state())["orders"][0]["state"]
        return state

    assert talk(script) == "WAITING_ACCEPTANCE"


@pytest.mark.parametrize("answer", ["http_500", "reset", "timeout"])
def test_a_lost_answer_leaves_the_effect(answer: str) -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(lines=1)
        await remote.control("mirakl/faults", kind="lost_ack", answer=answer)
        with contextlib.suppress(httpx.TransportError):
            assert (await remote.decide(order_id, True)).status_code == 500
        accepted: list[str] = (await remote.state())["accepted"]
        return accepted

    assert len(talk(script)) == 1


def test_the_answer_of_a_read_is_never_lost() -> None:
    async def script(remote: Remote) -> int:
        await remote.control("mirakl/faults", kind="lost_ack")
        return (await remote.get("orders")).status_code

    assert talk(script) == 200


@pytest.mark.parametrize(("kind", "error"), [("timeout", httpx.ReadTimeout), ("reset", httpx.ReadError)])
def test_silence_and_cuts_are_transport_errors(kind: str, error: type[Exception]) -> None:
    async def script(remote: Remote) -> None:
        await remote.control("mirakl/faults", kind=kind)
        with pytest.raises(error):
            await remote.get("version")

    talk(script)


def test_a_truncated_answer_is_no_json() -> None:
    async def script(remote: Remote) -> httpx.Response:
        await remote.make(count=3)
        await remote.control("mirakl/faults", kind="truncate")
        return await remote.get("orders")

    answer = talk(script)

    with pytest.raises(ValueError):
        answer.json()


def test_a_malformed_answer_is_a_page_with_200() -> None:
    async def script(remote: Remote) -> httpx.Response:
        await remote.control("mirakl/faults", kind="malformed")
        return await remote.get("orders")

    answer = talk(script)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_a_slow_answer_is_the_true_one() -> None:
    async def script(remote: Remote) -> list[str]:
        (order_id,) = await remote.make(lines=1)
        await remote.control("mirakl/faults", kind="slow", delay_s=0)
        await remote.decide(order_id, True)
        accepted: list[str] = (await remote.state())["accepted"]
        return accepted

    assert len(talk(script)) == 1


def test_hits_are_counted_by_kind() -> None:
    async def script(remote: Remote) -> dict[str, int]:
        await remote.control("mirakl/faults", kind="http_500", count=2)
        await remote.control("mirakl/faults", kind="malformed", count=1)
        for _ in range(4):
            await remote.get("version")
        hits: dict[str, int] = (await remote.state())["faults"]
        return hits

    assert talk(script) == {"http_500": 2, "malformed": 1}


@pytest.mark.parametrize(
    ("body", "word"), [({"kind": "fire"}, "lost_ack"), ({"kind": "reset", "operation": "XX"}, "OR21")]
)
def test_a_fault_that_does_not_exist_is_refused_with_the_allowed_ones(body: dict[str, str], word: str) -> None:
    async def script(remote: Remote) -> httpx.Response:
        return await remote.control("mirakl/faults", **body)

    answer = talk(script)

    assert answer.status_code == 422
    assert word in answer.json()["detail"]
