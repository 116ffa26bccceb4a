"""Every error that leaves a port, grouped by what a run must do about it.

    MarketcronError
    ├── BadInput               somebody's words can't be used: say which and what is allowed
    ├── StoreUnavailable       our database can't answer: nothing was recorded
    ├── LeaseLost              another worker holds this run now: stop without a word
    └── CallError              a remote side did not do what we asked
        ├── Refused            it said no to this one thing            stops item   retry no
        ├── OutcomeUnknown     a write may or may not have happened    stops item   retry later
        ├── Throttled          it asked us to slow down                stops run    retry now, then later
        ├── Unavailable        it is down, cut off or answers noise    stops run    retry now, then later
        ├── CredentialsRefused key or token refused                    stops run    retry no
        ├── RoleMissing        the key lacks a right                   stops run    retry no
        ├── SetupWrong         address or configuration wrong          stops run    retry no
        └── LimitReached       quota or time of this run is used up    stops run    retry later

`stops` says how far the harm reaches, `retry` when a repetition makes sense. `now` is for the transport alone; what
leaves it after its tries counts as `later`. A run that stops with `later` ends `paused` and goes on by itself; one that
stops with `no` ends `failed`.
"""

from datetime import datetime
from types import MappingProxyType
from typing import ClassVar, Literal, Required, TypedDict, Unpack

from app.domain.message import Message, Params
from app.domain.wording import in_english

Stops = Literal["item", "run"]
Retry = Literal["no", "later", "now"]
Cause = Literal["marketplace", "shop", "service"]


class MarketcronError(Exception):
    """Something marketcron can name."""


class BadInput(MarketcronError):
    """{message}"""

    def __init__(self, said: Message | str, *, field: str | None = None) -> None:
        self.said, self.field = said, field
        self.message = in_english(said)
        super().__init__(self.message)


class StoreUnavailable(MarketcronError):
    """The database can't be used, nothing was recorded; `said` is why, and what to do."""

    def __init__(self, said: Message | str) -> None:
        self.said = said
        super().__init__(in_english(said))


class LeaseLost(MarketcronError):
    """Another worker took this run over."""


class CallFacts(TypedDict, total=False):
    """What every CallError takes; its own arguments come beside these."""

    service: Required[str]
    operation: Required[str]
    detail: Message | str
    status: int | None
    side: Cause


class CallError(MarketcronError):
    """A remote side did not do what was asked.

    `code` is a code of `domain.reasons`; `status` the HTTP status if there was one; `detail` our own words, or a
    short text of the remote side, already free of secrets and personal data.
    """

    stops: ClassVar[Stops] = "run"
    retry: ClassVar[Retry] = "later"
    code: str = "INTERNAL"

    def __init__(
        self,
        *,
        service: str,
        operation: str,
        detail: Message | str = "",
        status: int | None = None,
        side: Cause = "marketplace",
    ) -> None:
        self.service = service
        self.operation = operation
        self.detail = detail
        self.status = status
        self.side: Cause = side
        super().__init__(self.sentence())

    def sentence(self) -> str:
        status = f" ({self.status})" if self.status else ""
        detail = in_english(self.detail) or (type(self).__doc__ or "").splitlines()[0]
        return f"{self.service} {self.operation}{status}: {detail}"

    @property
    def plain_detail(self) -> str:
        """The detail in English, for logs and for what looks into it."""
        return in_english(self.detail)

    @property
    def down_code(self) -> str:
        return "SHOP_DOWN" if self.side == "shop" else "MARKETPLACE_DOWN"


class Refused(CallError):
    """It refused this request."""

    # `reason` is a code of `domain.reasons` or a word of the adapter's own; `params` fill the sentence of that code.
    stops = "item"
    retry = "no"

    def __init__(self, *, reason: str, params: Params = MappingProxyType({}), **facts: Unpack[CallFacts]) -> None:
        self.reason, self.params = reason, params
        super().__init__(**facts)


class OutcomeUnknown(CallError):
    """No usable answer came back, so the effect is unknown until it is read back."""

    stops = "item"
    retry = "later"
    code = "OUTCOME_UNKNOWN"


class Throttled(CallError):
    """It asked us to slow down."""

    retry = "now"
    code = "QUOTA_USED_UP"

    def __init__(self, *, retry_after_s: float | None, **facts: Unpack[CallFacts]) -> None:
        self.retry_after_s = retry_after_s
        facts.setdefault("status", 429)
        super().__init__(**facts)


class Unavailable(CallError):
    """It is down or does not answer properly."""

    retry: ClassVar[Retry] = "now"

    def __init__(self, *, retry_after_s: float | None = None, **facts: Unpack[CallFacts]) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(**facts)
        self.code = self.down_code


class CredentialsRefused(CallError):
    """It refused our key."""

    retry = "no"
    code = "CREDENTIALS_REFUSED"


class RoleMissing(CallError):
    """Our key lacks the right for this call."""

    retry = "no"
    code = "ROLE_MISSING"


class SetupWrong(CallError):
    """What is configured for it can't work."""

    retry = "no"

    def __init__(self, **facts: Unpack[CallFacts]) -> None:
        super().__init__(**facts)
        self.code = "MARKETPLACE_SETUP" if self.side == "marketplace" else "SHOP_SETUP"


class LimitReached(CallError):
    """The quota or the time of this run is used up."""

    # `resume_at`: when the next call may go; `interval_s`: how far calls are apart from then on, 0 where no quota is
    # the reason.
    retry = "later"

    def __init__(
        self,
        *,
        resume_at: datetime,
        code: Literal["QUOTA_USED_UP", "TIME_USED_UP"],
        interval_s: float = 0.0,
        **facts: Unpack[CallFacts],
    ) -> None:
        self.resume_at, self.interval_s = resume_at, interval_s
        super().__init__(**facts)
        self.code = code
