"""Files of offers survive every SKU, and error reports every form."""

import csv
import io
import tracemalloc
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.message import message
from app.domain.offer import Offer, OfferKind
from app.marketplaces.mirakl.offer_files import offers_file, refused_offers
from app.marketplaces.mirakl.prices import other_prices
from tests.support.sentences import in_full

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def stock_file(*offers: Offer) -> tuple[bytes, dict[str, str]]:
    content, refused = offers_file(OfferKind.STOCK, offers, decimals=2, now=NOW)
    return content, {sku: in_full(why) for sku, why in refused.items()}


def price_file(*offers: Offer) -> tuple[bytes, dict[str, str]]:
    content, refused = offers_file(OfferKind.PRICE, offers, decimals=2, now=NOW)
    return content, {sku: in_full(why) for sku, why in refused.items()}


class TestStock:
    def test_a_line_holds_a_sku_and_its_stock(self) -> None:
        content, refused = stock_file(Offer(sku="PS-REF-001", quantity=11), Offer(sku="PS-REF-002", quantity=0))

        assert content == b"offer-sku;quantity;warehouse-code;update-delete\r\nPS-REF-001;11;;\r\nPS-REF-002;0;;\r\n"
        assert refused == {}

    def test_signs_of_csv_are_quoted(self) -> None:
        content, _ = stock_file(Offer(sku='a;"b"', quantity=1))

        assert content.decode().splitlines()[1] == '"a;""b""";1;;'

    @pytest.mark.parametrize("sku", ["", "a/b", "x" * 41, "half \ud800", "nul\0"])
    def test_a_sku_that_no_file_carries_is_refused_with_a_sentence(self, sku: str) -> None:
        content, refused = stock_file(Offer(sku=sku, quantity=1))

        assert content == b""
        assert refused[sku].endswith(".")

    @pytest.mark.parametrize(("quantity", "fits"), [(-1, False), (0, True), (10**9, True), (10**9 + 1, False)])
    def test_stock_has_bounds(self, quantity: int, fits: bool) -> None:
        content, refused = stock_file(Offer(sku="S", quantity=quantity))

        assert (bool(content), "S" in refused) == (fits, not fits)

    def test_one_that_does_not_fit_keeps_no_other_out(self) -> None:
        content, refused = stock_file(Offer(sku="S"), Offer(sku="T", quantity=2))

        assert content.decode().splitlines()[1:] == ["T;2;;"]
        assert refused.keys() == {"S"}

    def test_of_a_sku_that_comes_twice_the_newest_word_counts(self) -> None:
        content, _ = stock_file(Offer(sku="S", quantity=1), Offer(sku="T", quantity=2), Offer(sku="S", quantity=3))

        assert content.decode().splitlines()[1:] == ["S;3;;", "T;2;;"]

    @given(
        st.dictionaries(
            st.text(st.characters(codec="utf-8", exclude_characters="\0/"), min_size=1, max_size=40),
            st.integers(0, 10**9),
            min_size=1,
            max_size=20,
        )
    )
    def test_every_sku_can_be_read_back(self, stock: dict[str, int]) -> None:
        content, refused = stock_file(*(Offer(sku=sku, quantity=quantity) for sku, quantity in stock.items()))

        rows = list(csv.DictReader(io.StringIO(content.decode(), newline=""), delimiter=";"))
        assert {row["offer-sku"]: int(row["quantity"]) for row in rows} == stock
        assert refused == {}

    def test_a_large_file_takes_little_more_memory_than_its_size(self) -> None:
        offers = [Offer(sku=f"PS-REF-{number:06}", quantity=number) for number in range(20_000)]

        tracemalloc.start()
        content, _ = stock_file(*offers)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert content.count(b"\n") == 20_001
        assert peak < 5_000_000


class TestPrices:
    def test_a_line_holds_a_sku_and_its_price(self) -> None:
        content, _ = price_file(Offer(sku="PS-REF-001", price=Decimal("34.9")))

        assert content.decode() == (
            "offer-sku;price;discount-price;discount-start-date;discount-end-date\r\nPS-REF-001;34.90;;;\r\n"
        )

    def test_columns_of_a_feature_are_sent_where_an_offer_needs_them(self) -> None:
        content, _ = price_file(
            Offer(sku="S", price=Decimal(1), other_prices='[{"channels":"BE","price":"2.00"}]'),
            Offer(sku="T", price=Decimal(3), other_prices='[{"price-ranges":"5|2.50"}]'),
        )

        assert content.decode().splitlines() == [
            "offer-sku;price;discount-price;discount-start-date;discount-end-date;price-ranges;channels",
            "S;1.00;;;;;",
            "S;2.00;;;;;BE",
            "T;3.00;;;;5|2.50;",
        ]

    @pytest.mark.parametrize("price", [None, Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity"), Decimal("1E+15")])
    def test_what_is_no_price_is_refused(self, price: Decimal | None) -> None:
        content, refused = price_file(Offer(sku="S", price=price))

        assert (content, set(refused)) == (b"", {"S"})

    def test_an_offer_whose_other_prices_would_be_deleted_is_refused_and_says_why(self) -> None:
        kept = other_prices({"all_prices": [{"unit_origin_price": 1}, {"unit_origin_price": 2}]})

        content, refused = price_file(
            Offer(sku="S", price=Decimal(1), other_prices=kept), Offer(sku="T", price=Decimal(2))
        )

        assert content.decode().splitlines()[1:] == ["T;2.00;;;"]
        assert "several plain prices" in refused["S"]


class TestReports:
    @pytest.mark.parametrize(
        "report",
        [
            "error-line;error-message;offer-sku;quantity;warehouse-code;update-delete\n3;Offer not found;S;1;;\n",
            "line;reason;offer-sku;quantity\r\n3;Offer not found;S;1\r\n",
            "\ufeffLine number;Cause;Offer-SKU;quantity\n3;Offer not found;S;1\n",
            "offer-sku;quantity;error-line;error-message\nS;1;3;Offer not found\n",
            "line,error_message,offer_sku,quantity\n3,Offer not found,S,1\n",
            '"error-line";"error-message";"offer-sku"\n"3";"Offer\n not found";"S"\n',
            "new;line;reason;offer-sku;also-new\nx;3;Offer not found;S;y\n",
            "3;Offer not found;S;1;;\n",
            "ligne;motif;référence;quantité\n3;Offer not found;S;1\n",
        ],
    )
    def test_the_reason_of_a_sku_is_found_in_every_form(self, report: str) -> None:
        assert refused_offers(report) == {"S": "Offer not found"}

    def test_the_reasons_of_several_lines_of_an_offer_stand_together(self) -> None:
        report = "line;reason;offer-sku\n2;Too cheap;S\n3;No such channel;S\n4;Too cheap;S\n5;;T\n"

        assert refused_offers(report) == {"S": "Too cheap; No such channel", "T": message("NO_REASON_GIVEN")}

    @pytest.mark.parametrize("report", ["", "\n", "line;reason;offer-sku\n", "line;reason;offer-sku\n3\n4;x;\n"])
    def test_a_report_that_names_nobody_refuses_nobody(self, report: str) -> None:
        assert refused_offers(report) == {}

    @pytest.mark.parametrize("broken", ['3;No such offer "a\rb";a\rb', '3;"' + "x" * 200_000])
    def test_a_broken_line_hides_no_other(self, broken: str) -> None:
        report = f"line;reason;offer-sku\n2;No;S\n{broken}\n4;Never;T\n"

        assert {"S": "No", "T": "Never"}.items() <= refused_offers(report).items()

    @given(st.text(max_size=300))
    def test_reading_a_report_never_fails(self, report: str) -> None:
        refused_offers(report)
