"""What a client can ask of a remote service, and what came back."""

import string
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal, TypeAlias
from urllib.parse import quote

from app.domain.invalid import InvalidValue
from app.transport.quotas import Quota

MIB = 1024 * 1024
# Nobody who means it asks for more; without a bound a broken answer could stop an account for ever.
LONGEST_DELAY_S = 86_400

# A file to hand in: its name, its content, its media type.
Upload: TypeAlias = tuple[str, bytes, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of a remote API, with its limits.

    `path` is a template such as `/api/orders/{order_id}/accept`. `writes`: the call changes something over there.
    `repeatable`: sending it twice does no harm (by default true for reads alone). `read_timeout_s`: longest silence
    while waiting for bytes, in real time. `max_bytes`: largest answer, decompressed. Operations of one name share one
    bucket.
    """

    name: str
    method: str
    path: str
    writes: bool = False
    repeatable: bool | None = None
    read_timeout_s: float = 30
    max_bytes: int = 32 * MIB
    quota: Quota | None = None
    answer: Literal["json", "empty", "text"] = "json"

    @property
    def safe_to_repeat(self) -> bool:
        """Whether the call may be sent again when nobody knows what became of the first one."""
        return not self.writes if self.repeatable is None else self.repeatable

    def fill(self, ids: Mapping[str, str]) -> str:
        """Return the path with the ids percent-encoded in it.

        Raises InvalidValue for an id that would turn the path into another one (empty, `.` or `..`), KeyError for a
        missing one.
        """
        for name, value in ids.items():
            if value in ("", ".", ".."):
                raise InvalidValue("PATH_VALUE_UNFIT", value=value, name=name)
        return string.Formatter().vformat(self.path, (), {name: quote(value, safe="") for name, value in ids.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer, read to its end.

    `data`: parsed JSON with every fraction as Decimal, the text of a text operation, None for anything else.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    data: object = None

    @property
    def date(self) -> datetime | None:
        """The remote clock, from the `Date` header."""
        return _http_date(self.header("Date"))

    def header(self, name: str) -> str:
        """Return a header by its name in any case, empty when it is absent."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")

    def retry_after_s(self, now: datetime) -> float | None:
        """Return the delay the server asked for: `Retry-After` as seconds or as a date on its own clock.

        `now` is taken where it doesn't give its time. None: it asked for none, or for nothing that makes sense.
        """
        text = self.header("Retry-After").strip()
        if text.replace(".", "", 1).isdecimal() and text.isascii():
            return min(float(text), LONGEST_DELAY_S)
        moment = _http_date(text)
        if moment is None:
            return None
        return min(max(0.0, (moment - (self.date or now)).total_seconds()), LONGEST_DELAY_S)


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
