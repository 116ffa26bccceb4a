"""The five tasks, their modes, and what may be asked of each."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from app.domain.invalid import InvalidValue
from app.domain.order import Fulfilment


class Task(StrEnum):
    OFFERS_SEND = "offers-send"
    ORDERS_ACCEPT = "orders-accept"
    ORDERS_IMPORT = "orders-import"
    ORDERS_STATUS = "orders-status"
    ORDERS_RECONCILE = "orders-reconcile"


class Mode(StrEnum):
    """What kind of pass a run is; a run without a mode is live."""

    RECHECK = "recheck"
    DOUBLECHECK = "doublecheck"
    FULL = "full"
    FORCE = "force"


CATCH_UPS = frozenset({Mode.RECHECK, Mode.DOUBLECHECK})
# The pass of orders-reconcile: what it finds counts like a catch-up's.
RECONCILE = "reconcile"
FOUND_LATE = CATCH_UPS | {RECONCILE}


class Priority(IntEnum):
    """Who may use the last tokens of a quota; the higher number yields."""

    SHIPMENTS = 0
    LIVE = 1
    STOCK = 2
    PRICES = 3
    CATCH_UP = 4
    BACKFILL = 5


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    PARTIAL = "partial"
    PAUSED = "paused"
    SKIPPED = "skipped"
    FAILED = "failed"


ACTIVE = frozenset({RunStatus.QUEUED, RunStatus.RUNNING})


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a run is asked to do, apart from how the answer should look."""

    task: Task
    modes: frozenset[Mode] = frozenset()
    dry_run: bool = False
    order_ids: tuple[str, ...] = ()
    since: str = ""
    fulfilments: frozenset[Fulfilment] = frozenset()
    confirm: str = ""

    @property
    def combination(self) -> str:
        """The key of equal hits: the same in everything asked; short, whatever the number of order ids."""
        parts = [
            sorted(self.modes),
            self.dry_run,
            sorted(set(self.order_ids)),
            self.since,
            sorted(self.fulfilments),
            self.confirm,
        ]
        if not any(parts):
            return "live"
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]

    @property
    def catch_ups(self) -> tuple[Mode, ...]:
        """The catch-up passes asked for, in a fixed order."""
        return tuple(mode for mode in (Mode.RECHECK, Mode.DOUBLECHECK) if mode in self.modes)

    def pass_names(self) -> tuple[str, ...]:
        """Return the names of the passes this run makes: the catch-ups, or `live`."""
        return tuple(self.catch_ups) or ("live",)


_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_age(text: str) -> timedelta:
    """Return `36h`, `90m` or `5d` as a time span; raises InvalidValue for anything else."""
    number, unit = text[:-1], text[-1:]
    if unit not in _UNITS or not number.isascii() or not number.isdigit() or len(number) > 5:
        raise InvalidValue("NO_MOMENT", text=text[:40])
    return timedelta(**{_UNITS[unit]: int(number)})


def parse_moment(text: str, *, now: datetime) -> datetime:
    """Return an ISO 8601 date-time (UTC without a zone) or a span before now as a moment; raises InvalidValue."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        try:
            return now - parse_age(text)
        except OverflowError as exc:
            raise InvalidValue("MOMENT_TOO_EARLY", text=text[:40]) from exc
    return moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
