"""Offers against an operator written by hand: exact requests, and what becomes of every answer."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from email.message import Message
from email.parser import BytesParser
from typing import Any

import httpx
import pytest

from app.domain.offer import LiveOffer, Offer, OfferKind, OfferResults, Submitted
from app.domain.order import Fulfilment
from app.domain.page import Page
from app.domain.task import Priority
from app.domain.wording import in_english
from app.errors import BadInput, LimitReached, Refused, SetupWrong, Unavailable
from app.marketplaces.mirakl import offer_files
from app.marketplaces.mirakl.adapter import MiraklMarketplace
from tests.marketplaces.mirakl.builders import a_marketplace, answers
from tests.marketplaces.mirakl.records import Record
from tests.marketplaces.reaching import NOON, Remote, a_connector
from tests.support.aio import run

PATHS = {OfferKind.STOCK: "/api/offers/stock/imports", OfferKind.PRICE: "/api/offers/pricing/imports"}
KINDS = list(OfferKind)

AN_OFFER = Offer(sku="PS-REF-001", quantity=11, price=Decimal("34.905"))


def an_operator(**answered: httpx.Response) -> Remote:
    """Return one that takes files, with other answers by name: stock, pricing, configuration, status, error_report."""

    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.removesuffix("/imports").rsplit("/", 1)[1]
        if request.method == "GET" and name == "pricing":
            name = "status"
        if name in answered:
            return answered[name]
        if name == "configuration":
            return answers({"features": {"offer_prices_decimals": "2"}})
        return answers({"import_id": "7f1c", "importId": "7f1c"}, status=201)

    return Remote(answer)


def sent(remote: Remote, *offers: Offer, kind: OfferKind = OfferKind.STOCK, **config: str) -> Submitted:
    marketplace = a_marketplace(remote, connector=None, **config)
    return run(marketplace.send_offers(kind, offers or [AN_OFFER], priority=Priority.STOCK))


def parts(request: httpx.Request) -> list[Message]:
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    return list(BytesParser().parsebytes(head + request.content).walk())[1:]


class TestSending:
    @pytest.mark.parametrize(
        ("kind", "file"),
        [
            (OfferKind.STOCK, "offer-sku;quantity;warehouse-code;update-delete\r\nPS-REF-001;11;;\r\n"),
            (
                OfferKind.PRICE,
                "offer-sku;price;discount-price;discount-start-date;discount-end-date\r\nPS-REF-001;34.91;;;\r\n",
            ),
        ],
    )
    def test_a_file_goes_to_the_call_that_touches_nothing_else(self, kind: OfferKind, file: str) -> None:
        remote = an_operator()

        submitted = sent(remote, kind=kind, shop_id="2042")

        assert submitted == Submitted(receipt="7f1c")
        request = remote.requests[-1]
        assert (request.method, remote.paths[-1]) == ("POST", f"{PATHS[kind]}?shop_id=2042")
        [part] = parts(request)
        assert part.get_param("name", header="Content-Disposition") == "file"
        assert part.get_filename() == "offers.csv"
        assert part.get_content_type() == "text/csv"
        assert part.get_payload(decode=True) == file.encode()

    def test_prices_have_the_decimals_of_the_operator(self) -> None:
        remote = an_operator(configuration=answers({"features": {"offer_prices_decimals": "3"}}))

        sent(remote, kind=OfferKind.PRICE)

        assert b";34.905;" in remote.requests[-1].content

    def test_stock_needs_no_question_before(self) -> None:
        remote = an_operator()

        sent(remote)

        assert len(remote.requests) == 1

    def test_an_older_operator_numbers_imports(self) -> None:
        assert sent(an_operator(stock=answers({"import_id": 2035}, status=201))).receipt == "2035"

    def test_what_does_not_fit_is_refused_without_a_call_and_the_rest_is_sent(self) -> None:
        remote = an_operator()

        submitted = sent(remote, Offer(sku="a/b", quantity=1), AN_OFFER)

        assert submitted.receipt == "7f1c"
        assert submitted.refused.keys() == {"a/b"}
        assert b"a/b" not in remote.requests[0].content

    def test_nothing_that_fits_is_no_call(self) -> None:
        remote = an_operator()

        submitted = sent(remote, Offer(sku="a/b", quantity=1))

        assert (submitted.receipt, set(submitted.refused)) == (None, {"a/b"})
        assert remote.requests == []

    def test_the_file_is_written_beside_the_loop(self, monkeypatch: pytest.MonkeyPatch) -> None:
        threads: list[threading.Thread] = []
        written = offer_files.offers_file

        def watched(*arguments: Any, **named: Any) -> Any:
            threads.append(threading.current_thread())
            return written(*arguments, **named)

        monkeypatch.setattr(offer_files, "offers_file", watched)

        sent(an_operator())

        assert threads != [threading.main_thread()]

    @pytest.mark.parametrize("kind", KINDS)
    def test_files_are_a_minute_apart(self, kind: OfferKind) -> None:
        remote = an_operator()
        connector = a_connector(remote.transport)
        marketplace = a_marketplace(remote, connector=connector)

        async def twice() -> timedelta:
            await marketplace.send_offers(kind, [AN_OFFER], priority=Priority.STOCK)
            first = connector.clock.now()
            await marketplace.send_offers(kind, [AN_OFFER], priority=Priority.STOCK)
            return connector.clock.now() - first

        assert run(twice()) >= timedelta(minutes=1)

    def test_a_file_too_many_says_when_to_come_back(self) -> None:
        remote = an_operator()
        connector = a_connector(remote.transport, deadline=NOON + timedelta(seconds=30))
        marketplace = a_marketplace(remote, connector=connector)

        async def twice() -> None:
            await marketplace.send_offers(OfferKind.STOCK, [AN_OFFER], priority=Priority.STOCK)
            await marketplace.send_offers(OfferKind.STOCK, [AN_OFFER], priority=Priority.STOCK)

        with pytest.raises(LimitReached):
            run(twice())

    def test_a_file_whose_answer_was_lost_is_handed_in_again(self) -> None:
        failing = [httpx.Response(502)]
        remote = Remote(lambda request: failing.pop() if failing else answers({"import_id": "8"}, status=201))

        assert sent(remote).receipt == "8"
        assert [request.read().partition(b"\r\n\r\n")[2][:9] for request in remote.requests] == [b"offer-sku"] * 2

    @pytest.mark.parametrize("body", [{}, [], {"import_id": None}, {"import_id": ""}])
    def test_an_answer_without_a_receipt_makes_no_sense(self, body: object) -> None:
        with pytest.raises(Unavailable, match="import_id"):
            sent(an_operator(stock=answers(body, status=201)))

    @pytest.mark.parametrize("status", [400, 413, 415])
    def test_a_file_that_is_refused_as_a_whole_says_why(self, status: int) -> None:
        with pytest.raises(Refused) as caught:
            sent(an_operator(stock=answers({"message": "Not a CSV file"}, status=status)))

        assert (caught.value.reason, caught.value.detail) == ("REQUEST_REFUSED", "Not a CSV file")

    @pytest.mark.parametrize("status", [404, 405])
    def test_an_operator_who_takes_no_files_is_a_matter_of_the_set_up(self, status: int) -> None:
        with pytest.raises(SetupWrong):
            sent(an_operator(stock=answers({}, status=status)))


def a_status(kind: OfferKind, status: str = "COMPLETE", **changes: Any) -> httpx.Response:
    record = {
        "import_id": "7f1c",
        "status": status,
        "has_error_report": False,
        "lines_in_error": 0,
        "lines_in_success": 2,
        "shop_id": 2042,
    } | changes
    return answers(record if kind is OfferKind.STOCK else {"data": [record]})


def followed(remote: Remote, kind: OfferKind, **config: str) -> OfferResults | None:
    return run(a_marketplace(remote, connector=None, **config).follow(kind, "7f1c"))


REPORT = httpx.Response(200, text="line;reason;offer-sku;x\n3;Offer not found;S;1\n")


@pytest.mark.parametrize("kind", KINDS)
class TestFollowing:
    @pytest.mark.parametrize("status", ["WAITING", "RUNNING", "SOMETHING_NEW"])
    def test_an_import_that_is_not_over_is_asked_for_later(self, kind: OfferKind, status: str) -> None:
        assert followed(an_operator(status=a_status(kind, status)), kind) is None

    def test_a_good_one_needs_no_report(self, kind: OfferKind) -> None:
        remote = an_operator(status=a_status(kind))

        assert followed(remote, kind, shop_id="2042") == OfferResults()
        assert remote.paths == [
            {
                OfferKind.STOCK: "/api/offers/stock/imports/7f1c/status?shop_id=2042",
                OfferKind.PRICE: "/api/offers/pricing/imports?import_id=7f1c&shop_id=2042",
            }[kind]
        ]

    @pytest.mark.parametrize(
        "reported",
        [{"has_error_report": True}, {"lines_in_error": 1}, {"has_error_report": True, "lines_in_error": None}],
    )
    def test_complete_does_not_mean_that_all_went_well(self, kind: OfferKind, reported: dict[str, Any]) -> None:
        remote = an_operator(status=a_status(kind, **reported), error_report=REPORT)

        assert followed(remote, kind, shop_id="2042") == OfferResults(refused={"S": "Offer not found"})
        report = remote.requests[-1]
        assert remote.paths[-1] == f"{PATHS[kind]}/7f1c/error_report?shop_id=2042"
        assert report.headers["Accept"].startswith("text/csv")

    def test_a_failed_one_took_nothing(self, kind: OfferKind) -> None:
        remote = an_operator(status=a_status(kind, "FAILED", reason_status="Line 2 can't be parsed"))

        assert followed(remote, kind) == OfferResults(failed="Line 2 can't be parsed")

    def test_a_failed_one_without_a_word_still_failed(self, kind: OfferKind) -> None:
        results = followed(an_operator(status=a_status(kind, "FAILED")), kind)

        assert results
        assert results.failed

    @pytest.mark.parametrize("status", [404, 410])
    def test_one_that_nobody_knows_is_gone(self, kind: OfferKind, status: int) -> None:
        remote = an_operator(status=answers({"message": "Import not found"}, status=status))

        assert followed(remote, kind) == OfferResults(gone=True)

    @pytest.mark.parametrize("report", [answers({}, status=404), httpx.Response(200, text="")])
    def test_refused_lines_that_nobody_names_count_for_all(self, kind: OfferKind, report: httpx.Response) -> None:
        remote = an_operator(status=a_status(kind, lines_in_error=3), error_report=report)

        results = followed(remote, kind)

        assert results
        assert "3" in in_english(results.failed)

    def test_an_empty_report_of_nothing_is_good_news(self, kind: OfferKind) -> None:
        remote = an_operator(status=a_status(kind, has_error_report=True), error_report=httpx.Response(200, text=""))

        assert followed(remote, kind) == OfferResults()

    @pytest.mark.parametrize("body", [[], {"data": [{"import_id": "7f1c"}]}, {"data": ["7f1c"]}])
    def test_an_answer_that_makes_no_sense_is_none(self, kind: OfferKind, body: object) -> None:
        with pytest.raises(Unavailable):
            followed(an_operator(status=answers(body)), kind)


def test_prices_of_another_import_are_not_ours() -> None:
    remote = an_operator(status=a_status(OfferKind.PRICE, import_id="another"))

    assert followed(remote, OfferKind.PRICE) == OfferResults(gone=True)


def a_record(number: int = 1, **changes: Any) -> Record:
    return {
        "shop_sku": f"PS-REF-{number:04}",
        "offer_id": 7000 + number,
        "active": True,
        "inactivity_reasons": [],
        "quantity": 12,
        "price": Decimal("34.90"),
        "total_price": Decimal("39.80"),
        "all_prices": [],
        "state_code": "11",
    } | changes


class Shelf:
    """An operator's list of offers; `before` changes it before a page is cut."""

    def __init__(self, count: int, *, before: Callable[["Shelf", int], None] | None = None) -> None:
        self.offers = [a_record(number) for number in range(count)]
        self._before = before
        self.remote = Remote(self._answer)

    def leave(self, *numbers: int) -> None:
        gone = {f"PS-REF-{number:04}" for number in numbers}
        self.offers = [offer for offer in self.offers if offer["shop_sku"] not in gone]

    @property
    def skus(self) -> list[str]:
        return [offer["shop_sku"] for offer in self.offers]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self._before:
            self._before(self, len(self.remote.requests))
        offset, most = int(request.url.params["offset"]), int(request.url.params["max"])
        return answers({"offers": self.offers[offset : offset + most], "total_count": len(self.offers)})


def pages_of(remote: Remote, *, resume: str | None = None, **config: str) -> list[Page[LiveOffer]]:
    async def read(marketplace: MiraklMarketplace) -> list[Page[LiveOffer]]:
        return [page async for page in marketplace.live_offers(resume=resume)]

    return run(read(a_marketplace(remote, connector=None, **config)))


def skus(pages: list[Page[LiveOffer]]) -> list[str]:
    return [offer.sku for page in pages for offer in page.items]


def the_offer(**changes: Any) -> LiveOffer:
    [page] = pages_of(Remote(lambda request: answers({"offers": [a_record(**changes)], "total_count": 1})))
    return page.items[0]


class TestLiveOffers:
    def test_an_offer_is_reported_in_our_words(self) -> None:
        assert the_offer() == LiveOffer(sku="PS-REF-0001", quantity=12, price=Decimal("34.90"))
        assert the_offer().fulfilment is Fulfilment.MERCHANT

    def test_an_offer_that_the_operator_ships_is_kept_apart(self) -> None:
        assert the_offer(fulfillment={"center": {"code": "HUB"}}).fulfilment is Fulfilment.MARKETPLACE
        assert the_offer(fulfillment={"center": {"code": "DEFAULT"}}).fulfilment is Fulfilment.MERCHANT

    def test_other_prices_are_kept_for_the_way_back(self) -> None:
        entries = [
            {"channel_code": None, "unit_origin_price": Decimal("34.90"), "unit_discount_price": Decimal("29.95")},
            {"channel_code": "BE", "unit_origin_price": Decimal("36.25")},
        ]
        live = the_offer(price=Decimal("29.90"), all_prices=entries)
        remote = an_operator()

        sent(
            remote,
            Offer(sku=live.sku, price=Decimal("31.00"), other_prices=live.other_prices),
            kind=OfferKind.PRICE,
        )

        assert live.price == Decimal("34.90")
        [part] = parts(remote.requests[-1])
        assert part.get_payload(decode=True) == (
            b"offer-sku;price;discount-price;discount-start-date;discount-end-date;channels\r\n"
            b"PS-REF-0001;31.00;29.95;;;\r\n"
            b"PS-REF-0001;36.25;;;;BE\r\n"
        )

    @pytest.mark.parametrize(
        ("reported", "inactive"),
        [
            (
                {"active": False, "inactivity_reasons": ["ZERO_QUANTITY", "SHOP_NOT_OPEN"]},
                ("ZERO_QUANTITY", "SHOP_NOT_OPEN"),
            ),
            ({"active": False, "inactivity_reasons": None}, ("INACTIVE",)),
            ({"active": True, "inactivity_reasons": None}, ()),
        ],
    )
    def test_it_says_why_an_offer_is_not_on_sale(self, reported: dict[str, Any], inactive: tuple[str, ...]) -> None:
        assert the_offer(**reported).inactive == inactive

    @pytest.mark.parametrize("nonsense", [None, "many", -3, True, 10**30])
    def test_what_can_not_be_read_is_zero_and_the_offer_is_still_there(self, nonsense: object) -> None:
        live = the_offer(quantity=nonsense, price=None)

        assert (live.quantity, live.price) == (0, Decimal(0))

    def test_it_asks_for_the_largest_pages_of_its_shop(self) -> None:
        shelf = Shelf(250)

        pages = pages_of(shelf.remote, shop_id="2042")

        assert shelf.remote.paths == [f"/api/offers?max=100&offset={offset}&shop_id=2042" for offset in (0, 90, 180)]
        assert skus(pages) == shelf.skus
        assert [page.resume is None for page in pages] == [False, False, True]
        assert all(page.remote_now for page in pages)

    def test_a_shop_without_offers_is_one_empty_page(self) -> None:
        [page] = pages_of(Shelf(0).remote)

        assert (page.items, page.resume, page.read_at) == ((), None, NOON)

    def test_an_offer_without_a_sku_hides_no_other(self) -> None:
        shelf = Shelf(3)
        shelf.offers[2]["shop_sku"] = None

        assert skus(pages_of(shelf.remote)) == shelf.skus[:2]

    @pytest.mark.parametrize("gone", [range(1), range(100), range(20, 120)])
    def test_offers_that_leave_the_list_hide_no_other(self, gone: range) -> None:
        def somebody_deletes(shelf: Shelf, requests: int) -> None:
            if requests == 3:
                shelf.leave(*gone)

        shelf = Shelf(350, before=somebody_deletes)

        found = skus(pages_of(shelf.remote))

        assert set(shelf.skus) <= set(found)
        assert len(found) == len(set(found))

    def test_a_list_in_another_order_each_time_still_ends(self) -> None:
        def shuffle(shelf: Shelf, requests: int) -> None:
            shelf.offers = shelf.offers[137:] + shelf.offers[:137]

        assert pages_of(Shelf(350, before=shuffle).remote)

    def test_it_goes_on_after_a_page_that_was_stored(self) -> None:
        shelf = Shelf(350)
        first, second, *_ = pages_of(shelf.remote)
        shelf.leave(*range(30))

        rest = pages_of(shelf.remote, resume=second.resume)

        assert set(shelf.skus) <= {*skus([first, second]), *skus(rest)}
        assert len(skus(rest)) < 250

    @pytest.mark.parametrize("resume", ["7", "x PS-REF-0001", "-1 PS-REF-0001"])
    def test_a_place_that_we_never_gave_is_refused(self, resume: str) -> None:
        with pytest.raises(BadInput):
            pages_of(Shelf(0).remote, resume=resume)

    @pytest.mark.parametrize(
        "body",
        [
            [],
            {"offers": None, "total_count": 0},
            {"offers": []},
            {"offers": [], "total_count": 5},
            {"offers": [a_record()], "total_count": 5},
            {"offers": ["PS-REF-0001"], "total_count": 1},
        ],
    )
    def test_a_page_that_makes_no_sense_is_none(self, body: object) -> None:
        with pytest.raises(Unavailable, match="the answer makes no sense"):
            pages_of(Remote(lambda request: answers(body)))

    def test_pages_are_turned_gently(self) -> None:
        pages = pages_of(Shelf(1000).remote)

        assert pages[-1].read_at - pages[0].read_at >= timedelta(seconds=len(pages) - 2)
