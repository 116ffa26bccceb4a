"""What a real PrestaShop was asked and answered, read from the contracts folder beside this repository."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "contracts" / "prestashop-recordings"


@dataclass(frozen=True)
class Recording:
    """One call: what went out, and what came back."""

    name: str
    verb: str
    target: str
    authorization: str | None
    sent: bytes
    status: int
    headers: Mapping[str, str]
    at: datetime
    received: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "")

    @property
    def resource(self) -> str:
        return self.target.removeprefix("/api/").split("?")[0].split("/")[0]


def recordings() -> list[Recording]:
    """Return every recording in the order in which the calls were made."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.http"))]
    return sorted(found, key=lambda each: each.at)


def _read(path: Path) -> Recording:
    asked, _, answered = path.read_bytes().partition(b"=== RESPONSE ===\n")
    head, _, sent = asked.partition(b"\n\n")
    request, *more = head.decode().splitlines()
    verb, target, _ = request.split(" ")
    answer_head, _, received = answered.partition(b"\n\n")
    status, *headers = answer_head.decode().splitlines()
    conditions = _headers(headers)
    return Recording(
        name=path.stem,
        verb=verb,
        target=target,
        authorization=_headers(more).get("authorization"),
        sent=sent.removesuffix(b"\n\n"),
        status=int(status.split(" ")[1]),
        headers=conditions,
        at=parsedate_to_datetime(conditions["date"]).astimezone(UTC),
        received=received,
    )


def _headers(lines: list[str]) -> dict[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
