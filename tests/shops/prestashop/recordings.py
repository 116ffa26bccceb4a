"""What a real PrestaShop answered, where the recordings lie beside the repository."""

import base64
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "contracts" / "prestashop-recordings"

with_recordings = pytest.mark.skipif(not FOLDER.is_dir(), reason="the recordings of a real PrestaShop are not here")


@dataclass(frozen=True, slots=True)
class Recording:
    """One call of a real shop: what was asked, and what it said."""

    name: str
    method: str
    target: str
    key: str
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def resource(self) -> str:
        return self.target.partition("?")[0].removeprefix("/api/").split("/")[0]

    @property
    def is_json(self) -> bool:
        return "output_format=JSON" in self.target

    def response(self) -> httpx.Response:
        headers = {name: value for name, value in self.headers.items() if name.lower() != "content-length"}
        return httpx.Response(self.status, headers=headers, content=self.body)


def recorded(name: str) -> Recording:
    """Return the recording whose name begins so."""
    (path,) = FOLDER.glob(f"{name}*.http")
    return _read(path)


def all_recorded() -> list[Recording]:
    """Return all recordings, none where the folder is not there."""
    return [_read(path) for path in sorted(FOLDER.glob("*.http"))]


def _read(path: Path) -> Recording:
    asked, _, answered = path.read_bytes().partition(b"=== RESPONSE ===\n")
    first, *asked_headers = asked.partition(b"\n\n")[0].decode().splitlines()
    head, _, body = answered.partition(b"\n\n")
    status, *lines = head.decode().splitlines()
    method, target, _ = first.split(" ")
    sent = dict(line.split(": ", 1) for line in asked_headers if ": " in line)
    user = base64.b64decode(sent.get("Authorization", "").removeprefix("Basic ")).decode()
    return Recording(
        name=path.stem,
        method=method,
        target=target,
        key=user.removesuffix(":"),
        status=int(status.split(" ")[1]),
        headers={name: value.strip() for name, _, value in (line.partition(":") for line in lines)},
        body=body.rstrip(b"\n") if body.strip() else b"",
    )
