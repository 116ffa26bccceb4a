"""The run report: the same keys and types for every task and platform, `ok` and `status` first.

Sentences are made when the report is shown, from the codes that the run kept, so that the language can be chosen then.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.domain.message import Message, message
from app.domain.reasons import NEEDS_PERSON
from app.domain.task import ACTIVE, RunStatus, Task
from app.domain.wording import Reader, say, sentence
from app.store.run_items import NOT_ORDERS, ItemNote
from app.store.runs import Run
from app.tasks import TASKS

SCHEMA_VERSION = 1
FIRST_PROBLEMS = 20
# Characters of a message that has to be cut for the answer to stay small.
SHORTENED = 200


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


Moment = Annotated[
    datetime,
    PlainSerializer(_zulu, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(_Part):
    """What the run read at the marketplace."""

    from_: Moment | None = Field(serialization_alias="from", validation_alias="from")
    to: Moment
    by: str = Field(description="Which date of an order is meant: updated, placed, or to_accept for all that wait.")


class Problem(_Part):
    """Something about one order, or about the run itself (`order_id` null)."""

    code: str = Field(description="Stable code.")
    order_id: str | None
    sku: str | None
    message: str
    fix: str = Field(description="What to do.")
    since: Moment | None
    deadline: Moment | None


class Quota(_Part):
    """What the run's calls cost."""

    calls: int
    retries: int
    throttled: int = Field(description="How often the marketplace asked to slow down.")
    waited_s: float = Field(description="Seconds that calls waited for their quota.")


class Item(_Part):
    """What became of one order (`detail=full`)."""

    order_id: str | None
    sku: str | None
    outcome: str
    code: str | None
    change: str | None = Field(description="What differs or would change, old → new.")


class Links(_Part):
    report: str = Field(description="Opens the full report in a browser until the link expires.")


class RunReport(_Part):
    """The answer of a cron URL."""

    ok: bool = Field(description="False when the task did not get through: failed or paused.")
    status: RunStatus
    message: str
    run_id: str
    account: str
    platform: str
    task: Task
    modes: list[str]
    dry_run: bool
    joined: bool = Field(description="True when an equal run was under way already, or the slot had its run.")
    started_at: Moment | None
    finished_at: Moment | None
    duration_s: float | None
    window: Window | None
    counts: dict[str, int]
    problems: list[Problem]
    problems_total: int = Field(description="How many problems there are; the report link shows them all.")
    quota: Quota
    cause: str | None = Field(description="marketplace, shop or service: who is the reason of failed or paused.")
    next_useful_at: Moment | None
    resume_at: Moment | None
    last: dict[str, Any] | None = Field(description="For skipped: the last report of this kind.")
    items: list[Item] | None = Field(description="With detail=full: what became of every order.")
    links: Links


def order_id_of(item: ItemNote) -> str | None:
    """Return the order an item is about; None for one about an offer, a day, or the run itself."""
    return None if item.subject.startswith(NOT_ORDERS) else item.subject


def problem(item: ItemNote, reader: Reader) -> Problem:
    """Return an item with its sentences."""
    said = say(Message(item.code, {"sku": item.sku, **item.params}), reader)
    return Problem(
        code=item.code,
        order_id=order_id_of(item),
        sku=item.sku or None,
        message=said.message,
        fix=said.fix,
        since=item.since,
        deadline=item.deadline,
    )


def counts_of(run: Run, outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that the run's task promises, in its order; those of a skipped run are zero."""
    return {key: int(outcomes.get(key, 0)) for key in TASKS[Task(run.task)].counts}


def build(
    run: Run,
    *,
    account: str,
    platform: str,
    outcomes: Mapping[str, int],
    problems: Sequence[ItemNote],
    problems_total: int,
    reader: Reader,
    link: str,
    joined: bool = False,
    next_useful_at: datetime | None = None,
    last: "RunReport | None" = None,
    items: Sequence[ItemNote] | None = None,
) -> RunReport:
    """Return the report of a run as it stands."""
    shown = [problem(item, reader) for item in problems]
    counts = counts_of(run, outcomes)
    finished = run.finished_at
    return RunReport(
        ok=run.status not in (RunStatus.FAILED, RunStatus.PAUSED),
        status=RunStatus(run.status),
        message=_message(run, counts, shown, reader, next_useful_at=next_useful_at),
        run_id=run.id,
        account=account,
        platform=platform,
        task=Task(run.task),
        modes=list(run.request["modes"]),
        dry_run=run.dry_run,
        joined=joined,
        started_at=run.started_at,
        finished_at=finished,
        duration_s=round((finished - run.started_at).total_seconds(), 1) if finished and run.started_at else None,
        window=Window.model_validate(run.window) if run.window else None,
        counts=counts,
        problems=shown,
        problems_total=problems_total,
        quota=_quota(run.quota or {}),
        cause=run.cause,
        next_useful_at=next_useful_at,
        resume_at=run.resume_at,
        last=last.model_dump(mode="json", by_alias=True, exclude={"problems", "items", "last", "links"})
        if last
        else None,
        items=[_item(item, reader) for item in items] if items is not None else None,
        links=Links(report=link),
    )


def _quota(cost: Mapping[str, Any]) -> Quota:
    return Quota(
        calls=int(cost.get("calls", 0)),
        retries=int(cost.get("retries", 0)),
        throttled=int(cost.get("throttled", 0)),
        waited_s=round(float(cost.get("waited_s", 0.0)), 1),
    )


def _item(item: ItemNote, reader: Reader) -> Item:
    changes = [item.params[key] for key in ("quantity", "price", "change") if item.params.get(key)]
    return Item(
        order_id=order_id_of(item),
        sku=item.sku or None,
        outcome=item.outcome,
        code=item.code or None,
        change=", ".join(sentence(each, reader) if isinstance(each, Message) else str(each) for each in changes)
        or None,
    )


# By task, which counts the message names and as what, in this order.
_HEADLINES: Mapping[Task, Mapping[str, str]] = {
    Task.ORDERS_ACCEPT: {"accepted": "COUNT_ACCEPTED", "refused": "COUNT_REFUSED", "waiting": "COUNT_WAITING"},
    Task.ORDERS_IMPORT: {
        "imported": "COUNT_IMPORTED",
        "waiting": "COUNT_WAITING",
        "not_imported": "COUNT_NOT_IMPORTED",
    },
    Task.OFFERS_SEND: {
        "held": "COUNT_OFFERS_HELD",
        "sent": "COUNT_OFFERS_SENT",
        "refused": "COUNT_OFFERS_REFUSED",
        "pending": "COUNT_OFFERS_PENDING",
    },
    Task.ORDERS_STATUS: {
        "sent": "COUNT_SENT",
        "waiting_tracking": "COUNT_WAITING_TRACKING",
        "refused": "COUNT_SHIPMENTS_REFUSED",
        "cancelled_in_shop": "COUNT_CANCELLED_IN_SHOP",
        "cancelled_on_marketplace": "COUNT_CANCELLED_ON_MARKETPLACE",
        "closed": "COUNT_CLOSED",
    },
    Task.ORDERS_RECONCILE: {
        "matched": "COUNT_MATCHED",
        "only_on_marketplace": "COUNT_ONLY_ON_MARKETPLACE",
        "only_in_shop": "COUNT_ONLY_IN_SHOP",
        "state_differs": "COUNT_STATE_DIFFERS",
        "total_differs": "COUNT_TOTAL_DIFFERS",
        "offers_differ": "COUNT_OFFERS_DIFFER",
    },
}


def _message(
    run: Run,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
    reader: Reader,
    *,
    next_useful_at: datetime | None,
) -> str:
    if run.status == RunStatus.SKIPPED:
        when = {"next_useful_at": next_useful_at} if next_useful_at else {}
        return say(Message("TOO_SOON", when), reader).message
    if run.status in (RunStatus.FAILED, RunStatus.PAUSED) and problems and problems[0].order_id is None:
        return problems[0].message
    if run.status in ACTIVE:
        return sentence(Message(run.status.upper()), reader)
    named = _HEADLINES[Task(run.task)]
    parts = [message(code, n=counts[key]) for key, code in named.items() if counts[key]]
    if run.dry_run and counts.get("changed"):
        parts = [message("COUNT_OFFERS_CHANGED", n=counts["changed"]), *parts]
    parts = parts or [message("NOTHING_NEW")]
    if run.dry_run:
        parts = [message("DRY_RUN"), *parts]
    person = int((run.counts or {}).get("needs_person", 0))
    first = next((problem for problem in problems if problem.code in NEEDS_PERSON), None)
    said = [sentence(part, reader) for part in parts]
    if person and first:
        needs = "OFFERS_NEED_YOU" if run.task == Task.OFFERS_SEND else "NEEDS_YOU"
        said.append(f"{sentence(message(needs, n=person), reader)}: {first.message}")
    return ", ".join(said)


def fitted(report: RunReport, *, limit: int, indent: int | None) -> str:
    """Return the report as JSON of at most `limit` bytes: problems are left out from the end, then the last report.

    What is left when that is not enough is a long sentence, which is cut.
    """
    kept = report
    while len(text := to_json(kept, indent=indent)) > limit:
        if len(kept.problems) > 1:
            kept = kept.model_copy(update={"problems": kept.problems[: len(kept.problems) * 2 // 3]})
        elif kept.last is not None:
            kept = kept.model_copy(update={"last": None})
        elif len(kept.message) > SHORTENED:
            kept = kept.model_copy(update={"message": kept.message[: SHORTENED - 1] + "…"})
        elif kept.problems:
            kept = kept.model_copy(update={"problems": []})
        else:
            break
    return text.decode()


def to_json(report: RunReport, *, indent: int | None) -> bytes:
    return report.model_dump_json(by_alias=True, indent=indent).encode()


def json_schema() -> dict[str, Any]:
    """Return the published JSON Schema of the report."""
    schema = RunReport.model_json_schema(by_alias=True, mode="serialization")
    return {"$id": "/schemas/run-report.json", "version": SCHEMA_VERSION, **schema}
