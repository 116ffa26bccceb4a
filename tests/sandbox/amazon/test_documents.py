import gzip
from typing import Any

import httpx
import pytest

from tests.sandbox.amazon.caller import Caller, talk
from tests.sandbox.amazon.models import FEEDS, faults, with_models

JSON = "application/json; charset=UTF-8"
DOCUMENTS = "/feeds/2021-06-30/documents"


async def made(caller: Caller) -> dict[str, Any]:
    answer = await caller.post(DOCUMENTS, {"contentType": JSON})
    assert answer.status_code == 201
    found: dict[str, Any] = answer.json()
    return found


@pytest.mark.parametrize(
    ("wait", "headers", "status"),
    [
        (299, {"content-type": JSON}, 200),
        (301, {"content-type": JSON}, 403),
        (0, {"content-type": "application/json"}, 403),
        (0, {"content-type": JSON.lower()}, 403),
        (0, {"content-type": JSON, "x-amz-access-token": "Atza|any"}, 400),
    ],
)
def test_a_document_is_uploaded_within_five_minutes_as_announced_and_without_a_token(
    wait: float, headers: dict[str, str], status: int
) -> None:
    async def script(caller: Caller) -> int:
        address = (await made(caller))["url"]
        caller.wait(wait)
        return (await caller.http.put(address, content=b"{}", headers=headers)).status_code

    assert talk(script) == status


def test_an_address_is_good_for_one_kind_of_request() -> None:
    async def script(caller: Caller) -> list[int]:
        address = (await made(caller))["url"]
        changed = address.replace("Signature=", "Signature=0")
        headers = {"content-type": JSON}
        return [
            (await caller.http.get(address)).status_code,
            (await caller.http.put(changed, content=b"{}", headers=headers)).status_code,
        ]

    assert talk(script) == [403, 403]


def test_a_document_can_be_fetched_back() -> None:
    async def script(caller: Caller) -> bytes:
        document_id = await caller.upload(b'{"a": 1}')
        return await caller.document(f"{DOCUMENTS}/{document_id}")

    assert talk(script) == b'{"a": 1}'


@pytest.mark.parametrize("path", [f"{DOCUMENTS}/nobody", f"{DOCUMENTS}/{{}}"])
def test_a_document_that_is_not_there_or_empty_is_not_found(path: str) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.get(path.format((await made(caller))["feedDocumentId"]))).status_code

    assert talk(script) == 404


@pytest.mark.parametrize("body", [{}, {"contentType": 1}, {"contentType": "json"}])
def test_a_document_needs_a_content_type(body: dict[str, Any]) -> None:
    async def script(caller: Caller) -> int:
        return (await caller.post(DOCUMENTS, body)).status_code

    assert talk(script) == 400


async def result(caller: Caller, **params: str) -> tuple[dict[str, Any], httpx.Response]:
    """Return a result document, and the answer behind its address."""
    feed_id = await caller.submit("JSON_LISTINGS_FEED", b"no feed")
    caller.wait(600)
    document_id = (await caller.feed(feed_id))["resultFeedDocumentId"]
    found = (await caller.get(f"{DOCUMENTS}/{document_id}", params)).json()
    return found, await caller.http.get(found["url"])


def test_a_result_is_zipped_and_says_so() -> None:
    async def script(caller: Caller) -> list[Any]:
        found, answer = await result(caller)
        return [
            found["compressionAlgorithm"],
            gzip.decompress(answer.content)[:1],
            "content-encoding" in answer.headers,
        ]

    assert talk(script) == ["GZIP", b"{", False]


def test_a_client_may_unzip_by_itself() -> None:
    async def script(caller: Caller) -> bytes:
        _, answer = await result(caller, enableContentEncodingUrlHeader="true")
        return answer.content[:1]

    assert talk(script) == b"{"


def test_a_result_may_come_plain() -> None:
    async def script(caller: Caller) -> list[Any]:
        await caller.switch(gzip=False)
        found, answer = await result(caller)
        return ["compressionAlgorithm" in found, answer.content[:1]]

    assert talk(script) == [False, b"{"]


def test_the_address_of_a_result_expires() -> None:
    async def script(caller: Caller) -> int:
        found, _ = await result(caller)
        caller.wait(301)
        return (await caller.http.get(found["url"])).status_code

    assert talk(script) == 403


def test_results_are_kept_for_28_days() -> None:
    async def script(caller: Caller) -> list[int]:
        found, _ = await result(caller)
        path = f"{DOCUMENTS}/{found['feedDocumentId']}"
        caller.wait(27 * 86_400)
        seen = [(await caller.get(path)).status_code]
        caller.wait(2 * 86_400)
        return [*seen, (await caller.get(path)).status_code]

    assert talk(script) == [200, 404]


@with_models
def test_answers_are_as_the_model_says() -> None:
    async def script(caller: Caller) -> list[Any]:
        found, _ = await result(caller)
        return [await made(caller), found]

    new, found = talk(script)

    assert faults(FEEDS, "CreateFeedDocumentResponse", new) == []
    assert faults(FEEDS, "FeedDocument", found) == []
