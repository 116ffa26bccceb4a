"""The request of a hit or a command to a task, checked once for all."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.domain.invalid import InvalidValue, wrong_field
from app.domain.message import message
from app.domain.order import Fulfilment
from app.domain.task import Mode, RunRequest, Task, parse_moment
from app.errors import BadInput
from app.tasks import TASKS

CHANNELS = {"MFN": Fulfilment.MERCHANT, "AFN": Fulfilment.MARKETPLACE}
EARLIEST_SINCE = datetime(2000, 1, 1, tzinfo=UTC)
# An unescaped plus in an address is a blank.
_LOST_PLUS = re.compile(r"(?<=:\d\d) (?=\d\d:?\d\d$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRequest:
    """A request as it came, not checked yet."""

    modes: frozenset[Mode] = frozenset()
    order_ids: tuple[str, ...] = ()
    since: str = ""
    channel: str = ""
    confirm: str = ""
    dry_run: bool = False

    @property
    def given(self) -> list[str]:
        """The names of the parameters that hold something."""
        values = {"order_id": self.order_ids, "since": self.since, "channel": self.channel, "confirm": self.confirm}
        return [*map(str, self.modes), *(name for name, value in values.items() if value)]


def parse_request(
    task: Task,
    request: TaskRequest,
    *,
    now: datetime,
    names: Iterable[str] | None = None,
    also: Iterable[str] = ("dry_run",),
    spell: Callable[[str], str] = str,
) -> RunRequest:
    """Return what is asked; raises BadInput naming the value that can't be used. `spell` writes a parameter's name.

    `names` are the parameters that were given, the empty ones too; `also` those that every task knows.
    """
    _refuse_foreign(task, request.given if names is None else names, also=also, spell=spell)
    return RunRequest(
        task=task,
        modes=request.modes,
        dry_run=request.dry_run,
        order_ids=tuple(dict.fromkeys(request.order_ids)),
        since=_since(request.since, now=now, spell=spell),
        fulfilments=_fulfilments(request.channel, spell=spell),
        confirm=request.confirm,
    )


def _refuse_foreign(task: Task, names: Iterable[str], *, also: Iterable[str], spell: Callable[[str], str]) -> None:
    """Raise BadInput for a parameter that means nothing for a task."""
    spec = TASKS[task]
    known = {*spec.parameters, *spec.modes, *also}
    for name in names:
        if name not in known:
            options = tuple(sorted(spell(each) for each in known))
            foreign = message("PARAMETER_FOREIGN", name=spell(name[:40]), task=str(task), known=options)
            raise BadInput(foreign, field=name[:40])


def _since(text: str, *, now: datetime, spell: Callable[[str], str]) -> str:
    since = _LOST_PLUS.sub("+", text.strip())
    if since:
        try:
            moment = parse_moment(since, now=now)
        except InvalidValue as exc:
            raise BadInput(wrong_field(spell("since"), exc), field="since") from exc
        if not EARLIEST_SINCE <= moment <= now:
            wrong = message("MOMENT_OUTSIDE", text=since[:40], first=str(EARLIEST_SINCE.year))
            raise BadInput(wrong_field(spell("since"), wrong), field="since")
    return since


def _fulfilments(text: str, *, spell: Callable[[str], str]) -> frozenset[Fulfilment]:
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in CHANNELS]
    if wrong:
        said = message("NO_CHANNEL", text=wrong[0][:20], allowed=tuple(CHANNELS))
        raise BadInput(wrong_field(spell("channel"), said), field="channel")
    return frozenset(CHANNELS[name] for name in names)
