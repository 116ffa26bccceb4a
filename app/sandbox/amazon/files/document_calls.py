"""Documents: an address to send a feed to, one to fetch a result from, and what answers behind them."""

import gzip

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.sandbox.amazon.call import Call
from app.sandbox.amazon.errors import bad_request, not_found
from app.sandbox.amazon.files.documents import Document, expired
from app.sandbox.amazon.seller import Seller

TOKEN_HEADER = "x-amz-access-token"  # noqa: S105 - the name of a header


def create_feed_document(call: Call) -> Response:
    """Answer POST /feeds/2021-06-30/documents."""
    content_type = call.json_object().get("contentType")
    if not isinstance(content_type, str) or "/" not in content_type:
        raise bad_request("contentType is required.")
    document = call.seller.documents.make(content_type, now=call.now)
    address = call.seller.documents.address(document, "PUT", root=call.root, now=call.now)
    return JSONResponse({"feedDocumentId": document.document_id, "url": address}, 201)


def get_feed_document(call: Call) -> Response:
    """Answer GET /feeds/2021-06-30/documents/{feedDocumentId}."""
    return _found(call, "feedDocumentId")


def get_report_document(call: Call) -> Response:
    """Answer GET /reports/2021-06-30/documents/{reportDocumentId}."""
    return _found(call, "reportDocumentId")


def store_upload(seller: Seller, request: Request, body: bytes) -> Response:
    """Answer PUT at a signed address: exactly the content type that was announced, and no token."""
    refused, document = _admitted(seller, request, "PUT")
    if document is None:
        return refused
    if request.headers.get("content-type") != document.content_type:
        return _storage_refusal(403, "SignatureDoesNotMatch", "The content type is not the one that was signed.")
    seller.documents.fill(document, body)
    return Response(b"", 200)


def give_download(seller: Seller, request: Request) -> Response:
    """Answer GET at a signed address."""
    refused, document = _admitted(seller, request, "GET")
    if document is None or document.content is None:
        return refused
    headers = {"Content-Type": document.content_type}
    if document.gzipped and request.query_params.get("response-content-encoding") == "gzip":
        headers["Content-Encoding"] = "gzip"
    return Response(document.content, headers=headers)


def result_document(seller: Seller, content: bytes, content_type: str, *, encoding: str = "utf-8") -> Document:
    """Return a new document of Amazon's, compressed as it likes."""
    zipped = seller.switches.gzip
    return seller.documents.make(
        f"{content_type}; charset={encoding}",
        now=seller.context.clock.now(),
        content=gzip.compress(content, mtime=0) if zipped else content,
        gzipped=zipped,
    )


def _found(call: Call, name: str) -> Response:
    document = call.seller.documents.get(call.path(name), now=call.now)
    if document is None or document.content is None:
        raise not_found(f"Document {call.path(name)}")
    unzips = call.request.query_params.get("enableContentEncodingUrlHeader") == "true"
    address = call.seller.documents.address(
        document, "GET", root=call.root, now=call.now, unzips=unzips and document.gzipped
    )
    body = {name: document.document_id, "url": address}
    if document.gzipped:
        body["compressionAlgorithm"] = "GZIP"
    return JSONResponse(body)


def _admitted(seller: Seller, request: Request, verb: str) -> tuple[Response, Document | None]:
    """Return the document that the address stands for, or none and the refusal."""
    given, document_id = request.query_params, request.path_params["document_id"]
    now = seller.context.clock.now()
    timestamp, signature = given.get("X-Amz-Date", ""), given.get("X-Amz-Signature", "")
    if TOKEN_HEADER in request.headers:
        return _storage_refusal(400, "InvalidArgument", "Only one auth mechanism is allowed."), None
    if not seller.documents.admits(document_id, verb, timestamp=timestamp, signature=signature):
        return _storage_refusal(403, "SignatureDoesNotMatch", "The signature does not match."), None
    if expired(timestamp, now=now):
        return _storage_refusal(403, "AccessDenied", "Request has expired"), None
    document = seller.documents.get(document_id, now=now)
    return _storage_refusal(404, "NoSuchKey", "The specified key does not exist."), document


def _storage_refusal(status: int, code: str, message: str) -> Response:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return Response(body, status, media_type="application/xml")
