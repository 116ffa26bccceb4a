"""Multipart bodies: the file of an import, and the text parts beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from app.sandbox.mirakl.errors import Refusal


@dataclass(frozen=True)
class Upload:
    """The part `file`, and the parts that are text."""

    content: bytes
    fields: Mapping[str, str]


async def receive(request: Request) -> Upload | Refusal:
    """Return what was sent, or why it can't be used, to be answered after the key and the quota are checked."""
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "multipart/form-data":
        return Refusal(415, f"Content-Type '{content_type}' is not supported")
    try:
        async with request.form() as form:
            file = form.get("file")
            if not isinstance(file, UploadFile):
                return Refusal(400, "Required part 'file' is not present")
            fields = {name: value for name, value in form.items() if isinstance(value, str)}
            return Upload(await file.read(), fields)
    except HTTPException as broken:
        return Refusal(400, f"The multipart body can't be read: {broken.detail}")
