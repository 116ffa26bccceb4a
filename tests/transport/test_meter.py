import httpx
import pytest

from app.errors import Unavailable
from app.observe.metrics import Metrics
from app.transport.meter import Meter, OperationCounts
from tests.support.aio import run
from tests.transport.remote import READ, a_wire, in_turn, limited, ok

OUTCOMES = {"ok": 1, "throttled": 1, "unavailable": 4}


def test_a_run_knows_what_it_asked() -> None:
    wire = a_wire(in_turn(httpx.Response(429, headers={"Retry-After": "3"}), ok()))

    run(wire.api.call(limited(READ)))

    assert (wire.meter.calls, wire.meter.retries, wire.meter.throttled) == (2, 1, 1)
    assert wire.meter.waited_s == pytest.approx(3, abs=0.1)
    assert wire.meter.by_operation == {("mirakl", "LIST"): OperationCounts(2, 1, 1, wire.meter.waited_s)}


def test_a_run_keeps_its_requests_by_operation() -> None:
    meter = Meter()
    meter.count_wait(service="amazon", operation="getOrder", seconds=2)
    for operation in ("searchOrders", "token", "searchOrders"):
        meter.count_call(service="amazon", operation=operation, outcome="ok", seconds=1)

    assert meter.operations == {"amazon searchOrders": 2, "amazon token": 1}


def test_the_process_counts_all_runs() -> None:
    metrics = Metrics()

    run(a_wire(in_turn(httpx.Response(429), ok()), meter=Meter(observer=metrics)).api.call(limited(READ)))
    with pytest.raises(Unavailable):
        run(a_wire(lambda _: httpx.Response(500), meter=Meter(observer=metrics)).api.call(READ))

    labels = {"service": "mirakl", "operation": "LIST"}
    figure = metrics.registry.get_sample_value
    assert {how: figure("marketcron_calls_total", {**labels, "outcome": how}) for how in OUTCOMES} == OUTCOMES
    assert figure("marketcron_call_seconds_count", labels) == 6
    assert figure("marketcron_call_retries_total", labels) == 4
    assert figure("marketcron_calls_throttled_total", labels) == 1
    assert figure("marketcron_quota_wait_seconds_total", labels) == pytest.approx(10)
    assert b"marketcron_calls_total" in metrics.text()


def test_two_processes_share_no_figures() -> None:
    Metrics().called(service="s", operation="o", outcome="ok", seconds=1)

    assert 'service="s"' not in Metrics().text().decode()
