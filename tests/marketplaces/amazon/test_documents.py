import gzip
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from app.errors import Unavailable
from app.marketplaces.amazon.adapter import quota_scope
from app.marketplaces.amazon.client import AmazonClient
from tests.marketplaces.amazon.builders import a_config
from tests.marketplaces.reaching import Remote, a_connector
from tests.support.aio import run

URL = "https://store.example/folder/a%2Fb.json?X-Signature=abc%2Bdef%2F1&X-Expires=300"


def test_a_document_goes_to_its_address_without_the_access_token() -> None:
    remote = Remote(lambda request: httpx.Response(200))

    run(a_client(remote).upload(URL, b"content", content_type="application/json; charset=UTF-8"))

    [request] = remote.requests
    assert (request.method, request.content) == ("PUT", b"content")
    assert request.headers["content-type"] == "application/json; charset=UTF-8"
    assert "x-amz-access-token" not in request.headers
    assert request.url.raw_path.startswith(b"/folder/a%2Fb.json?")
    assert dict(request.url.params) == {"X-Signature": "abc+def/1", "X-Expires": "300"}


@pytest.mark.parametrize("pack", [gzip.compress, bytes])
def test_a_document_is_unpacked_where_amazon_says_that_it_is_packed(pack: Callable[[bytes], bytes]) -> None:
    remote = Remote(lambda request: httpx.Response(200, content=pack(b'{"header": {}}')))
    document = {"url": URL} | ({"compressionAlgorithm": "GZIP"} if pack is gzip.compress else {})

    assert run(a_client(remote).download(document)) == b'{"header": {}}'


@pytest.mark.parametrize(
    ("document", "content"),
    [
        ({}, b""),
        ({"url": None}, b""),
        ({"url": URL, "compressionAlgorithm": "GZIP"}, b"no gzip"),
        ({"url": URL, "compressionAlgorithm": "GZIP"}, gzip.compress(b"x" * 1000, mtime=0)[:-9]),
    ],
    ids=["no address", "no text for an address", "not packed", "cut off"],
)
def test_a_document_that_makes_no_sense_is_an_outage(document: dict[str, Any], content: bytes) -> None:
    remote = Remote(lambda request: httpx.Response(200, content=content))

    with pytest.raises(Unavailable):
        run(a_client(remote).download(document))


def test_the_signature_of_an_address_is_in_no_error() -> None:
    remote = Remote(lambda request: httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>"))

    with pytest.raises(Exception, match="download") as caught:
        run(a_client(remote).download({"url": URL}))

    assert "abc" not in str(caught.value)


def a_client(remote: Remote) -> AmazonClient:
    config = a_config()
    return AmazonClient(config, a_connector(remote.transport), quota_scope=quota_scope(config))
