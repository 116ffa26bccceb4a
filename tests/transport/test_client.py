import asyncio
import gzip
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from app.domain.task import Priority
from app.errors import (
    CallError,
    CredentialsRefused,
    LeaseLost,
    LimitReached,
    OutcomeUnknown,
    Refused,
    RoleMissing,
    SetupWrong,
    StoreUnavailable,
    Throttled,
    Unavailable,
)
from app.transport import client as client_module
from app.transport.operation import Answer, Operation
from app.transport.quotas import MemoryQuotas, Quota
from tests.support.aio import run
from tests.transport.remote import READ, SECRET, START, WRITE, Wire, a_wire, in_turn, limited, ok

ONE_ORDER = {"order_id": "42"}


def failure(wire: Wire, operation: Operation = READ) -> CallError:
    """Make a call that must fail, and return its error."""
    with pytest.raises(CallError) as caught:
        run(wire.api.call(operation, path=ONE_ORDER if operation.writes else {}))
    return caught.value


class Endless(httpx.AsyncByteStream):
    """A body whose first bytes come at once and whose end never does."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"orders": ['
        await asyncio.Event().wait()


class CutOff(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b'{"orders": ['
        raise httpx.ReadError("connection reset by peer")


class TestAnAnswer:
    def test_it_holds_json_with_exact_numbers(self) -> None:
        wire = a_wire(lambda _: httpx.Response(200, content=b'{"price": 12.10, "count": 3}'))

        answer = run(wire.api.call(READ))

        assert answer.data == {"price": Decimal("12.10"), "count": 3}
        assert isinstance(answer.data, dict)
        assert str(answer.data["price"]) == "12.10"

    def test_a_large_document_is_parsed_as_well(self) -> None:
        document = ["x" * 1000] * 1500
        wire = a_wire(lambda _: ok(document))

        assert run(wire.api.call(READ)).data == document

    def test_it_says_the_remote_clock(self) -> None:
        wire = a_wire(lambda _: httpx.Response(200, json=[], headers={"Date": "Sat, 21 Nov 2026 09:20:00 GMT"}))

        answer = run(wire.api.call(READ))

        assert answer.date == datetime(2026, 11, 21, 9, 20, tzinfo=UTC)
        assert answer.headers["DATE"] == "Sat, 21 Nov 2026 09:20:00 GMT"

    @pytest.mark.parametrize("text", ["", "yesterday", "Sat, 99 Nov 2026 09:20:00 GMT"])
    def test_a_strange_date_is_none(self, text: str) -> None:
        assert Answer(status=200, headers={"date": text}, body=b"").date is None

    def test_an_empty_answer_is_fine_where_none_is_due(self) -> None:
        wire = a_wire(lambda _: httpx.Response(204))
        quiet = Operation(name="OR21", method="PUT", path="/accept", writes=True, answer="empty")

        answer = run(wire.api.call(quiet))

        assert (answer.status, answer.body, answer.data) == (204, b"", None)

    def test_a_text_comes_as_text(self) -> None:
        wire = a_wire(lambda _: httpx.Response(200, content="a;b\né;d".encode()))
        table = Operation(name="FILE", method="GET", path="/file", answer="text")

        assert run(wire.api.call(table)).data == "a;b\né;d"


class TestARequest:
    def test_ids_are_percent_encoded(self) -> None:
        wire = a_wire(lambda _: ok())

        run(wire.api.call(WRITE, path={"order_id": "A/../B C?#é%2F"}))

        assert wire.requests[0].url.raw_path == b"/orders/A%2F..%2FB%20C%3F%23%C3%A9%252F/accept"

    @pytest.mark.parametrize("order_id", ["", ".", ".."])
    def test_an_id_that_would_change_the_path_is_refused_unsent(self, order_id: str) -> None:
        wire = a_wire(lambda _: ok())

        with pytest.raises(Refused):
            run(wire.api.call(WRITE, path={"order_id": order_id}))

        assert wire.requests == []

    def test_it_goes_below_the_address_with_query_and_headers(self) -> None:
        wire = a_wire(lambda _: ok(), base_url="https://operator.example/prefix/")

        run(wire.api.call(READ, query=[("id", "1"), ("id", "2&3"), ("date", "2026+01")], headers={"X-More": "yes"}))

        request = wire.requests[0]
        assert str(request.url) == "https://operator.example/prefix/orders?id=1&id=2%263&date=2026%2B01"
        assert request.headers["Authorization"] == SECRET
        assert request.headers["X-More"] == "yes"
        assert request.headers["User-Agent"].startswith("marketcron/")

    def test_decimals_are_sent_as_numbers(self) -> None:
        wire = a_wire(lambda _: ok())

        run(wire.api.call(WRITE, path=ONE_ORDER, json={"price": Decimal("12.90"), "quantity": Decimal(3), "é": None}))

        assert wire.requests[0].content == '{"price":12.9,"quantity":3,"é":null}'.encode()
        assert wire.requests[0].headers["Content-Type"] == "application/json"

    def test_bytes_are_sent_as_they_are(self) -> None:
        wire = a_wire(lambda _: ok())

        run(wire.api.call(WRITE, path=ONE_ORDER, content=b"<xml/>", headers={"Content-Type": "text/xml"}))

        assert wire.requests[0].content == b"<xml/>"
        assert wire.requests[0].headers["Content-Type"] == "text/xml"

    def test_files_are_sent_as_the_parts_of_a_form(self) -> None:
        wire = a_wire(lambda _: ok())

        run(wire.api.call(WRITE, path=ONE_ORDER, files={"file": ("offers.csv", "sku\né".encode(), "text/csv")}))

        [request] = wire.requests
        kind, _, boundary = request.headers["Content-Type"].partition("; boundary=")
        assert kind == "multipart/form-data"
        assert request.headers["Authorization"] == SECRET
        assert (
            request.content
            == (
                f"--{boundary}\r\n"
                'Content-Disposition: form-data; name="file"; filename="offers.csv"\r\n'
                "Content-Type: text/csv\r\n\r\n"
                f"sku\né\r\n--{boundary}--\r\n"
            ).encode()
        )

    def test_a_file_is_whole_again_when_it_is_sent_again(self) -> None:
        wire = a_wire(in_turn(httpx.Response(503), ok()))
        again = replace(WRITE, repeatable=True)

        run(wire.api.call(again, path=ONE_ORDER, files={"file": ("a.csv", b"a" * 100_000, "text/csv")}))

        assert [request.content.count(b"a" * 100_000) for request in wire.requests] == [1, 1]

    def test_a_file_whose_answer_was_lost_is_not_sent_again(self) -> None:
        wire = a_wire(in_turn(httpx.Response(503), ok()))

        with pytest.raises(OutcomeUnknown):
            run(wire.api.call(WRITE, path=ONE_ORDER, files={"file": ("a.csv", b"a", "text/csv")}))

        assert (len(wire.requests), wire.lease_checks) == (1, [0])

    def test_cookies_are_not_kept(self) -> None:
        wire = a_wire(lambda _: httpx.Response(200, json=[], headers={"Set-Cookie": "session=1; Path=/"}))

        async def twice() -> None:
            await wire.api.call(READ)
            await wire.api.call(READ)

        run(twice())

        assert [request.headers.get("Cookie") for request in wire.requests] == [None, None]

    @pytest.mark.parametrize(
        "address",
        [
            "",
            "operator.example",
            "ftp://operator.example",
            "https://",
            "https://me:pw@operator.example",
            "https://operator.example/?a=1",
            "https://operator.example:port",
            "https://[broken",
        ],
    )
    def test_an_address_that_cannot_be_called_is_a_wrong_setup(self, address: str) -> None:
        with pytest.raises(SetupWrong):
            a_wire(lambda _: ok(), base_url=address)

    def test_a_key_that_cannot_be_sent_is_a_wrong_setup_and_not_shown(self) -> None:
        wire = a_wire(lambda _: ok(), headers={"Authorization": f"{SECRET}é"})

        error = failure(wire)

        assert isinstance(error, SetupWrong)
        assert SECRET not in str(error)


class TestAStatus:
    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (301, SetupWrong),
            (304, SetupWrong),
            (400, Refused),
            (401, CredentialsRefused),
            (403, RoleMissing),
            (404, Refused),
            (408, Unavailable),
            (422, Refused),
            (425, Unavailable),
            (429, Throttled),
            (500, Unavailable),
            (503, Unavailable),
        ],
    )
    def test_of_a_read_names_its_error(self, status: int, kind: type[CallError]) -> None:
        error = failure(a_wire(lambda _: httpx.Response(status, json={"message": "no"})))

        assert type(error) is kind
        assert (error.service, error.operation, error.status, error.side) == ("mirakl", "LIST", status, "marketplace")

    @pytest.mark.parametrize(
        ("status", "kind"),
        [
            (302, SetupWrong),
            (400, Refused),
            (401, CredentialsRefused),
            (403, RoleMissing),
            (408, OutcomeUnknown),
            (425, OutcomeUnknown),
            (429, Throttled),
            (500, OutcomeUnknown),
            (504, OutcomeUnknown),
        ],
    )
    def test_of_a_write_names_its_error(self, status: int, kind: type[CallError]) -> None:
        error = failure(a_wire(lambda _: httpx.Response(status)), WRITE)

        assert type(error) is kind

    def test_a_redirection_is_not_followed_and_only_its_host_is_named(self) -> None:
        wire = a_wire(lambda _: httpx.Response(302, headers={"Location": "https://login.example/in?ticket=abc"}))

        error = failure(wire)

        assert len(wire.requests) == 1
        assert str(error).endswith("https://login.example")
        assert "ticket" not in str(error)

    def test_what_a_refusal_says_is_kept_short_and_on_one_line(self) -> None:
        wire = a_wire(lambda _: httpx.Response(400, content=b"bad\n\n\tquantity\xff \x00" + b"x" * 5000))

        error = failure(wire)

        assert error.plain_detail.startswith("bad quantity")
        assert len(error.plain_detail) <= 500

    def test_of_a_page_for_people_the_title_is_reported(self) -> None:
        page = "<html><head><title>Down for maintenance</title></head><body>Lots of words</body></html>"
        error = failure(a_wire(lambda _: httpx.Response(503, html=page)))

        assert error.detail == "Down for maintenance"

    def test_our_key_is_never_in_an_error(self) -> None:
        wire = a_wire(lambda _: httpx.Response(401, json={"message": f"unknown key {SECRET}, mail jo@shop.example"}))

        error = failure(wire)

        assert SECRET not in str(error) + error.plain_detail
        assert "jo@shop.example" not in str(error) + error.plain_detail

    def test_nor_are_the_parts_of_a_basic_login(self) -> None:
        basic = "Basic V1NLRVkxMjM0NTY3ODk6"  # WSKEY123456789 and no password
        wire = a_wire(
            lambda _: httpx.Response(400, text="WSKEY123456789 is not allowed"), headers={"Authorization": basic}
        )

        assert "WSKEY123456789" not in str(failure(wire))


class TestARefusalHook:
    def test_it_finds_an_error_in_a_200(self) -> None:
        def refusal(operation: Operation, answer: Answer) -> CallError | None:
            assert answer.data == {"error": "quota"}
            return Throttled(service="mirakl", operation=operation.name, retry_after_s=60)

        wire = a_wire(in_turn(ok({"error": "quota"})), refusal=refusal)

        assert isinstance(failure(wire), Throttled)
        assert wire.sent_at == [0, 60, 120, 180]

    def test_it_reads_bodies_that_are_not_json(self) -> None:
        seen: list[tuple[object, bytes]] = []

        def refusal(operation: Operation, answer: Answer) -> CallError | None:
            seen.append((answer.data, answer.body))
            return Refused(service="mirakl", operation=operation.name, reason="ORDER_MISSING", detail="gone")

        error = failure(a_wire(lambda _: httpx.Response(200, content=b"<error/>"), refusal=refusal), WRITE)

        assert isinstance(error, Refused)
        assert error.reason == "ORDER_MISSING"
        assert seen == [(None, b"<error/>")]

    def test_its_words_are_cleaned(self) -> None:
        def refusal(operation: Operation, answer: Answer) -> CallError | None:
            return SetupWrong(service="mirakl", operation=operation.name, detail=f"key {SECRET} of jo@shop.example")

        error = failure(a_wire(lambda _: ok(), refusal=refusal))

        assert error.detail == "key *** of [e-mail]"
        assert SECRET not in str(error)

    def test_none_leaves_the_answer_to_its_status(self) -> None:
        assert isinstance(failure(a_wire(lambda _: httpx.Response(403), refusal=lambda *_: None)), RoleMissing)


class TestNoise:
    @pytest.mark.parametrize(
        "body", [b"", b'{"orders": [', b"<html></html>", b"\xff\xfe\xff", b'{"price": NaN}', b"[" * 99_999]
    )
    def test_where_json_is_due_is_an_outage_for_a_read(self, body: bytes) -> None:
        wire = a_wire(lambda _: httpx.Response(200, content=body))

        assert isinstance(failure(wire), Unavailable)
        assert len(wire.requests) == 4

    def test_where_json_is_due_leaves_a_write_open(self) -> None:
        wire = a_wire(lambda _: httpx.Response(200, content=b'{"id": '))

        assert isinstance(failure(wire, WRITE), OutcomeUnknown)
        assert len(wire.requests) == 1

    def test_an_answer_above_the_cap_is_not_read_on(self) -> None:
        small = Operation(name="LIST", method="GET", path="/", max_bytes=1000)
        wire = a_wire(lambda _: ok("x" * 1000))

        error = failure(wire, small)

        assert isinstance(error, Unavailable)
        assert "more than 1,000 bytes" in error.plain_detail

    def test_the_cap_counts_what_was_unpacked(self) -> None:
        small = Operation(name="LIST", method="GET", path="/", max_bytes=1000)
        packed = gzip.compress(json.dumps("x" * 100_000).encode())
        wire = a_wire(lambda _: httpx.Response(200, content=packed, headers={"Content-Encoding": "gzip"}))

        assert len(packed) < 1000
        assert isinstance(failure(wire, small), Unavailable)

    @pytest.mark.parametrize(("operation", "kind"), [(READ, Unavailable), (WRITE, OutcomeUnknown)])
    def test_a_body_cut_off_half_way(self, operation: Operation, kind: type[CallError]) -> None:
        assert type(failure(a_wire(lambda _: httpx.Response(200, stream=CutOff())), operation)) is kind

    def test_broken_compression_is_an_outage(self) -> None:
        wire = a_wire(
            lambda _: httpx.Response(200, stream=CutOff(), headers={"Content-Encoding": "gzip"}),
        )

        assert isinstance(failure(wire), Unavailable)

    def test_a_server_that_drips_does_not_hold_us(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client_module, "CONNECT_TIMEOUT_S", 0.001)
        slow = Operation(name="ACCEPT", method="POST", path="/", writes=True, read_timeout_s=0.01)
        wire = a_wire(lambda _: httpx.Response(200, stream=Endless()))

        assert isinstance(failure(wire, slow), OutcomeUnknown)


class TestTimeOuts:
    def test_connecting_and_reading_have_their_own(self) -> None:
        wire = a_wire(lambda _: ok())

        run(wire.api.call(Operation(name="SLOW", method="GET", path="/", read_timeout_s=120)))

        assert wire.requests[0].extensions["timeout"] == {"connect": 5, "read": 120, "write": 120, "pool": 5}


class TestRepetition:
    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.Response(500),
            httpx.Response(429),
            httpx.ReadTimeout("slow"),
            httpx.ReadError("reset"),
            httpx.RemoteProtocolError("disconnected"),
            httpx.ConnectError("refused"),
        ],
    )
    def test_a_read_is_sent_again_after_trouble(self, trouble: httpx.Response | Exception) -> None:
        wire = a_wire(in_turn(trouble, ok()))

        answer = run(wire.api.call(READ))

        assert answer.status == 200
        assert (wire.meter.calls, wire.meter.retries) == (2, 1)

    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.ReadTimeout("slow"),
            httpx.WriteTimeout("slow"),
            httpx.ReadError("reset"),
            httpx.WriteError("reset"),
            httpx.RemoteProtocolError("disconnected"),
            httpx.Response(500),
            httpx.Response(503, headers={"Retry-After": "1"}),
        ],
    )
    def test_a_write_whose_outcome_is_unknown_is_never_sent_again(self, trouble: httpx.Response | Exception) -> None:
        wire = a_wire(in_turn(trouble, ok()))

        assert isinstance(failure(wire, WRITE), OutcomeUnknown)
        assert len(wire.requests) == 1

    @pytest.mark.parametrize(
        "trouble",
        [
            httpx.ConnectError("refused"),
            httpx.ConnectTimeout("slow"),
            httpx.PoolTimeout("busy"),
            httpx.ProxyError("no tunnel"),
            httpx.Response(429),
        ],
    )
    def test_a_write_that_never_arrived_is_sent_again(self, trouble: httpx.Response | Exception) -> None:
        wire = a_wire(in_turn(trouble, ok()))

        run(wire.api.call(WRITE, path=ONE_ORDER))

        assert len(wire.requests) == 2

    def test_a_repeatable_write_is_sent_again(self) -> None:
        again = Operation(name="STATUS", method="PUT", path="/", writes=True, repeatable=True)
        wire = a_wire(in_turn(httpx.ReadTimeout("slow"), ok()))

        run(wire.api.call(again))

        assert len(wire.requests) == 2

    def test_a_read_that_is_not_repeatable_is_sent_once(self) -> None:
        once = Operation(name="POP", method="GET", path="/", repeatable=False)
        wire = a_wire(in_turn(httpx.ReadTimeout("slow"), ok()))

        assert isinstance(failure(wire, once), OutcomeUnknown)

    @pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 422])
    def test_a_no_is_not_asked_again(self, status: int) -> None:
        wire = a_wire(lambda _: httpx.Response(status))

        failure(wire)

        assert len(wire.requests) == 1

    def test_four_tries_are_enough(self) -> None:
        wire = a_wire(lambda _: httpx.Response(502))

        error = failure(wire)

        assert isinstance(error, Unavailable)
        assert (error.code, error.status, wire.meter.calls, wire.meter.retries) == ("MARKETPLACE_DOWN", 502, 4, 3)

    def test_the_delays_grow_at_random_from_half_a_second(self) -> None:
        wire = a_wire(lambda _: httpx.Response(502))

        failure(wire)

        delays = [later - sooner for sooner, later in zip(wire.sent_at, wire.sent_at[1:], strict=False)]
        assert all(delay <= top for delay, top in zip(delays, (0.5, 1, 2), strict=True))
        assert sum(delays) > 0

    @pytest.mark.parametrize(
        "headers",
        [
            {"Retry-After": "7"},
            {"Retry-After": "Sat, 21 Nov 2026 10:00:07 GMT", "Date": "Sat, 21 Nov 2026 10:00:00 GMT"},
            {"Retry-After": "Sat, 21 Nov 2026 09:00:07 GMT"},
        ],
    )
    @pytest.mark.parametrize("status", [429, 503])
    def test_the_delay_of_the_server_wins(self, headers: dict[str, str], status: int) -> None:
        wire = a_wire(in_turn(httpx.Response(status, headers=headers), ok()))

        run(wire.api.call(READ))

        assert wire.sent_at == [0, 7]

    @pytest.mark.parametrize("text", ["soon", "-7", "²", "1e9", "7,5", "nan"])
    def test_a_delay_without_sense_is_none(self, text: str) -> None:
        assert Answer(status=429, headers={"Retry-After": text}, body=b"").retry_after_s(START) is None

    def test_a_delay_has_an_end(self) -> None:
        assert Answer(status=429, headers={"Retry-After": "9" * 30}, body=b"").retry_after_s(START) == 86_400

    def test_a_run_repeats_calls_at_most_ten_times(self) -> None:
        wire = a_wire(lambda _: httpx.Response(502))

        async def many() -> None:
            for _ in range(6):
                with pytest.raises(Unavailable):
                    await wire.api.call(READ)

        run(many())

        assert (wire.meter.calls, wire.meter.retries) == (16, 10)

    def test_or_a_tenth_of_its_calls(self) -> None:
        wire = a_wire(lambda _: httpx.Response(502))
        wire.meter.calls, wire.meter.retries = 300, 29

        failure(wire)

        assert wire.meter.retries == 31


class TestTheDeadline:
    def test_no_call_starts_after_it(self) -> None:
        wire = a_wire(lambda _: ok(), deadline_s=0)

        error = failure(wire)

        assert isinstance(error, LimitReached)
        assert (error.code, error.resume_at, wire.requests) == ("TIME_USED_UP", START, [])

    def test_a_delay_past_it_ends_with_the_error_at_once(self) -> None:
        wire = a_wire(lambda _: httpx.Response(503, headers={"Retry-After": "60"}), deadline_s=30)

        assert isinstance(failure(wire), Unavailable)
        assert (len(wire.requests), wire.elapsed_s) == (1, 0)

    def test_a_429_past_it_says_when_to_come_back(self) -> None:
        wire = a_wire(lambda _: httpx.Response(429, headers={"Retry-After": "60"}), deadline_s=30)

        error = failure(wire, limited(READ))

        assert isinstance(error, LimitReached)
        assert error.code == "QUOTA_USED_UP"
        assert (error.resume_at - START).total_seconds() == 60
        assert (wire.meter.calls, wire.meter.retries, wire.elapsed_s) == (1, 0, 0)

    def test_a_token_past_it_says_when_to_come_back(self) -> None:
        wire = a_wire(lambda _: ok(), deadline_s=600)
        rare = limited(READ, burst=1, interval_s=3600)

        async def twice() -> None:
            await wire.api.call(rare)
            await wire.api.call(rare)

        with pytest.raises(LimitReached) as caught:
            run(twice())

        assert (caught.value.resume_at - START).total_seconds() == pytest.approx(3600, abs=0.1)
        assert wire.meter.calls == 1


class TestTheQuota:
    def test_every_try_takes_a_token(self) -> None:
        wire = a_wire(in_turn(httpx.Response(500), httpx.Response(500), ok()))

        run(wire.api.call(limited(READ, burst=1, interval_s=100)))

        assert wire.sent_at == [pytest.approx(n * 100, abs=0.1) for n in range(3)]
        assert wire.meter.waited_s == pytest.approx(200, abs=3)

    def test_a_429_without_a_delay_blocks_for_one_interval(self) -> None:
        wire = a_wire(in_turn(httpx.Response(429), ok()))

        run(wire.api.call(limited(READ, interval_s=100)))

        assert wire.sent_at == [0, pytest.approx(100, abs=0.1)]
        assert (wire.meter.throttled, wire.meter.retries) == (1, 1)

    def test_a_429_blocks_everybody_in_the_scope(self) -> None:
        quotas = MemoryQuotas()
        first = a_wire(lambda _: httpx.Response(429, headers={"Retry-After": "500"}), quotas=quotas, deadline_s=60)
        second = a_wire(lambda _: ok(), quotas=quotas)
        operation = limited(READ)

        failure(first, operation)
        run(second.api.call(operation))

        assert second.sent_at == [500]

    def test_a_429_without_quota_waits_five_seconds(self) -> None:
        wire = a_wire(in_turn(httpx.Response(429), ok()))

        run(wire.api.call(READ))

        assert wire.sent_at == [0, 5]

    def test_a_rate_reported_by_the_answer_is_used(self) -> None:
        def reported(operation: Operation, answer: Answer) -> float | None:
            return 1 / float(answer.headers["x-rate"])

        wire = a_wire(lambda _: httpx.Response(200, json=[], headers={"x-rate": "0.05"}), reported_interval=reported)
        operation = limited(READ, burst=1, interval_s=10)

        async def thrice() -> None:
            for _ in range(3):
                await wire.api.call(operation)

        run(thrice())

        assert wire.sent_at == [pytest.approx(n * 20, abs=0.1) for n in range(3)]

    def test_an_answer_outlives_a_store_that_cannot_note_its_rate(self) -> None:
        class Forgetful(MemoryQuotas):
            async def learn(
                self, *, scope: str, operation: str, quota: Quota, interval_s: float, now: datetime
            ) -> None:
                raise StoreUnavailable("locked")

        wire = a_wire(lambda _: ok(), reported_interval=lambda *_: 20.0, quotas=Forgetful())

        assert run(wire.api.call(limited(WRITE), path=ONE_ORDER)).status == 200

    def test_the_last_tokens_are_kept_for_more_important_calls(self) -> None:
        wire = a_wire(lambda _: ok())
        operation = Operation(
            name="LIST",
            method="GET",
            path="/",
            quota=Quota(burst=3, interval_s=100, reserves={Priority.BACKFILL: 2}),
        )

        async def calls() -> None:
            await wire.api.call(operation, priority=Priority.BACKFILL)
            await wire.api.call(operation, priority=Priority.SHIPMENTS)
            await wire.api.call(operation, priority=Priority.SHIPMENTS)
            await wire.api.call(operation, priority=Priority.BACKFILL)

        run(calls())

        assert wire.sent_at == [pytest.approx(at, abs=0.2) for at in (0, 0, 0, 300)]


class TestTheLease:
    def test_it_is_looked_at_before_every_write_and_never_before_a_read(self) -> None:
        wire = a_wire(in_turn(httpx.ConnectError("refused"), ok()))

        async def both() -> None:
            await wire.api.call(WRITE, path=ONE_ORDER)
            await wire.api.call(READ)

        run(both())

        assert wire.lease_checks == [0, 1]

    def test_a_lost_lease_stops_the_write_and_is_not_retried(self) -> None:
        wire = a_wire(lambda _: ok())

        async def lost() -> None:
            raise LeaseLost("accept")

        object.__setattr__(wire.api, "before_write", lost)

        with pytest.raises(LeaseLost):
            run(wire.api.call(WRITE, path=ONE_ORDER))
        assert wire.requests == []


def test_a_certificate_that_cannot_be_verified_is_named() -> None:
    trouble = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate has expired")
    trouble.__cause__ = ssl.SSLCertVerificationError()

    assert "certificate has expired" in str(failure(a_wire(lambda _: trouble)))
