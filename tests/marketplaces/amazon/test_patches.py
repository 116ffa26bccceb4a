"""What is sent of offers, and what is read from Amazon's reports about them."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from app.domain.message import message
from app.marketplaces.amazon.offers.patches import (
    LARGEST_FEED,
    MOST_MESSAGES,
    FeedReport,
    feed_files,
    is_internal,
    price_patch,
    read_report,
    said,
    stock_patch,
)
from app.marketplaces.amazon.stores import MARKETPLACES, STORES
from tests.sandbox.amazon.models import model, schema_faults, with_models

SELLER = "A1B2C3D4E5F6G7"
EUROPE = [store for store in MARKETPLACES.values() if store.region == "EU"]


@with_models
def test_feeds_are_as_amazons_schema_says() -> None:
    prices = {store: Decimal("24.90") for store in EUROPE}

    [file] = feed_files(SELLER, [("A", stock_patch(0)), ('Größe "L"\\', price_patch(prices))])

    content = json.loads(file)
    assert schema_faults("listings-feed-schema-v2", content) == []
    assert [message["sku"] for message in content["messages"]] == ["A", 'Größe "L"\\']


def test_a_feed_holds_as_many_messages_as_amazon_takes() -> None:
    files = list(feed_files(SELLER, ((f"SKU-{number}", stock_patch(1)) for number in range(MOST_MESSAGES + 1))))

    assert [len(json.loads(file)["messages"]) for file in files] == [MOST_MESSAGES, 1]
    assert [json.loads(file)["messages"][0]["messageId"] for file in files] == [1, 1]


def test_a_feed_is_no_larger_than_amazon_takes() -> None:
    prices = price_patch({store: Decimal("1234567.89") for store in EUROPE})

    files = list(feed_files(SELLER, ((f"SKU-{number:036}", prices) for number in range(10_000))))

    assert len(files) > 1
    assert max(map(len, files)) <= LARGEST_FEED + 1000
    skus = [message["sku"] for file in files for message in json.loads(file)["messages"]]
    assert skus == [f"SKU-{number:036}" for number in range(10_000)]


def test_of_no_offer_there_is_no_feed() -> None:
    assert list(feed_files(SELLER, ())) == []


@pytest.mark.parametrize(("price", "sent"), [("24.90", "24.9"), ("20.00", "20"), ("0.07", "0.07"), ("1586", "1586")])
def test_a_price_is_sent_as_a_number_without_noise(price: str, sent: str) -> None:
    [file] = feed_files(SELLER, [("A", price_patch({STORES["FR"]: Decimal(price)}))])

    assert f'"value_with_tax":{sent}}}'.encode() in file


def test_a_report_without_errors_refuses_nothing() -> None:
    warning, hint = (an_error("A", "Odd.") | {"severity": severity} for severity in ("WARNING", "INFO"))

    assert read_report(a_report(warning, hint)) == FeedReport({})


def test_errors_are_reported_by_sku() -> None:
    issues = [
        an_error("A", "No brand."),
        an_error("B", "No brand."),
        an_error("A", "No title."),
        an_error("A", "No brand."),
    ]

    assert read_report(a_report(*issues)) == FeedReport({"A": "No brand; No title", "B": "No brand"})


@with_models
def test_amazons_own_example_is_read() -> None:
    example = json.dumps(model("schemas/listings-feed-processing-report-schema-v2.example")).encode()

    assert read_report(example).refused.keys() == {"My-SKU-B", "My-SKU-C"}


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"<html></html>",
        b"[]",
        b'{"issues": [{"severity": "ERROR", "message": "The feed is not readable"}]}',
        b'{"issues": [{"severity": "ERROR", "messageId": 3, "message": "Which one?"}]}',
        b'{"issues": [], "summary": {"messagesInvalid": 2}}',
    ],
    ids=["none", "empty", "no JSON", "no object", "of the whole", "without a SKU", "unnamed"],
)
def test_a_report_that_does_not_say_which_skus_are_refused_counts_for_all(content: bytes | None) -> None:
    assert read_report(content).failed


def test_issues_without_words_are_reported_by_their_number() -> None:
    assert said({"issues": [{"code": "90220", "severity": "ERROR"}]}) == "90220"
    assert said({"issues": None}) == said({}) == message("NO_REASON_GIVEN")


def test_a_fault_of_amazons_own_is_known_by_its_number() -> None:
    assert is_internal({"issues": [{"code": "4000000", "severity": "ERROR", "message": "Try again."}]})
    assert not is_internal({"issues": [{"code": "4000001"}]})
    assert not is_internal({})


def an_error(sku: str, message: str) -> dict[str, Any]:
    return {"messageId": 1, "sku": sku, "code": "90220", "severity": "ERROR", "message": message}


def a_report(*issues: dict[str, Any]) -> bytes:
    errors = {issue.get("sku") for issue in errors_of(issues)}
    return json.dumps({"issues": issues, "summary": {"messagesInvalid": len(errors)}}).encode()


def errors_of(issues: tuple[dict[str, Any], ...]) -> Iterator[dict[str, Any]]:
    return (issue for issue in issues if issue["severity"] == "ERROR")
