"""The run report: the same keys and types for every task and platform, `ok` and `status` first.

Sentences are made when the report is shown, from the codes that the run kept, so that the language can be chosen then.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from app.domain.reasons import Language, needing_a_person, say
from app.domain.task import ACTIVE, RunStatus, Task
from app.store.run_items import NOT_ORDERS
from app.store.tables import RunItemRow, RunRow
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


def order_id_of(item: RunItemRow) -> str | None:
    """Return the order an item is about; None for one about an offer, a day, or the run itself."""
    return None if item.subject.startswith(NOT_ORDERS) else item.subject


def problem(item: RunItemRow, *, language: Language) -> Problem:
    """Return an item with its sentences."""
    said = say(item.code, language=language, params={"sku": item.sku, **item.params})
    return Problem(
        code=item.code,
        order_id=order_id_of(item),
        sku=item.sku or None,
        message=said.message,
        fix=said.fix,
        since=item.since,
        deadline=item.deadline,
    )


def counts_of(run: RunRow, outcomes: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that the run's task promises, in its order; those of a skipped run are zero."""
    return {key: int(outcomes.get(key, 0)) for key in TASKS[Task(run.task)].counts}


def build(
    run: RunRow,
    *,
    account: str,
    platform: str,
    outcomes: Mapping[str, int],
    problems: Sequence[RunItemRow],
    problems_total: int,
    language: Language,
    link: str,
    joined: bool = False,
    next_useful_at: datetime | None = None,
    last: "RunReport | None" = None,
    items: Sequence[RunItemRow] | None = None,
) -> RunReport:
    """Return the report of a run as it stands."""
    shown = [problem(item, language=language) for item in problems]
    counts = counts_of(run, outcomes)
    finished = run.finished_at
    return RunReport(
        ok=run.status not in (RunStatus.FAILED, RunStatus.PAUSED),
        status=RunStatus(run.status),
        message=_message(run, counts, shown, language=language, next_useful_at=next_useful_at),
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
        items=[_item(item) for item in items] if items is not None else None,
        links=Links(report=link),
    )


def _quota(cost: Mapping[str, Any]) -> Quota:
    return Quota(
        calls=int(cost.get("calls", 0)),
        retries=int(cost.get("retries", 0)),
        throttled=int(cost.get("throttled", 0)),
        waited_s=round(float(cost.get("waited_s", 0.0)), 1),
    )


def _item(item: RunItemRow) -> Item:
    changes = [str(item.params[key]) for key in ("quantity", "price", "change") if item.params.get(key)]
    return Item(
        order_id=order_id_of(item),
        sku=item.sku or None,
        outcome=item.outcome,
        code=item.code or None,
        change=", ".join(changes) or None,
    )


_WORDS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "en": {
        "accepted": ("{n} order accepted", "{n} orders accepted"),
        "refused": ("{n} refused", "{n} refused"),
        "imported": ("{n} order imported", "{n} orders imported"),
        "waiting": ("{n} waiting", "{n} waiting"),
        "not_imported": ("{n} not imported", "{n} not imported"),
        "sent": ("{n} sent", "{n} sent"),
        "pending": ("{n} not answered yet", "{n} not answered yet"),
        "held": ("{n} held", "{n} held"),
        "changed": ("{n} changed", "{n} changed"),
        "waiting_tracking": ("{n} waiting for tracking", "{n} waiting for tracking"),
        "cancelled_in_shop": ("{n} cancelled in the shop", "{n} cancelled in the shop"),
        "cancelled_on_marketplace": ("{n} cancelled on the marketplace", "{n} cancelled on the marketplace"),
        "closed": ("{n} closed", "{n} closed"),
        "matched": ("{n} the same on both sides", "{n} the same on both sides"),
        "only_on_marketplace": ("{n} only on the marketplace", "{n} only on the marketplace"),
        "only_in_shop": ("{n} only in the shop", "{n} only in the shop"),
        "state_differs": ("{n} with another state", "{n} with another state"),
        "total_differs": ("{n} with another total", "{n} with another total"),
        "offers_differ": ("{n} offer differs", "{n} offers differ"),
        "nothing": ("nothing new", "nothing new"),
        "person": ("{n} needs you", "{n} need you"),
        "would": ("dry run", "dry run"),
        "running": ("still running", "still running"),
        "queued": ("waits for its turn", "waits for its turn"),
    },
    "fr": {
        "accepted": ("{n} commande acceptée", "{n} commandes acceptées"),
        "refused": ("{n} refusée", "{n} refusées"),
        "imported": ("{n} commande importée", "{n} commandes importées"),
        "waiting": ("{n} en attente", "{n} en attente"),
        "not_imported": ("{n} non importée", "{n} non importées"),
        "sent": ("{n} envoyée", "{n} envoyées"),
        "pending": ("{n} sans réponse encore", "{n} sans réponse encore"),
        "held": ("{n} retenue", "{n} retenues"),
        "changed": ("{n} modifiée", "{n} modifiées"),
        "waiting_tracking": ("{n} en attente de suivi", "{n} en attente de suivi"),
        "cancelled_in_shop": ("{n} annulée dans la boutique", "{n} annulées dans la boutique"),
        "cancelled_on_marketplace": ("{n} annulée sur la place de marché", "{n} annulées sur la place de marché"),
        "closed": ("{n} close", "{n} closes"),
        "matched": ("{n} identique des deux côtés", "{n} identiques des deux côtés"),
        "only_on_marketplace": ("{n} seulement sur la place de marché", "{n} seulement sur la place de marché"),
        "only_in_shop": ("{n} seulement dans la boutique", "{n} seulement dans la boutique"),
        "state_differs": ("{n} d'un autre état", "{n} d'un autre état"),
        "total_differs": ("{n} d'un autre total", "{n} d'un autre total"),
        "offers_differ": ("{n} offre diffère", "{n} offres diffèrent"),
        "nothing": ("rien de nouveau", "rien de nouveau"),
        "person": ("{n} demande votre attention", "{n} demandent votre attention"),
        "would": ("simulation", "simulation"),
        "running": ("en cours", "en cours"),
        "queued": ("attend son tour", "attend son tour"),
    },
}
_HEADLINES: Mapping[Task, tuple[str, ...]] = {
    Task.ORDERS_ACCEPT: ("accepted", "refused", "waiting"),
    Task.ORDERS_IMPORT: ("imported", "waiting", "not_imported"),
    Task.OFFERS_SEND: ("held", "sent", "refused", "pending"),
    Task.ORDERS_STATUS: (
        "sent",
        "waiting_tracking",
        "refused",
        "cancelled_in_shop",
        "cancelled_on_marketplace",
        "closed",
    ),
    Task.ORDERS_RECONCILE: (
        "matched",
        "only_on_marketplace",
        "only_in_shop",
        "state_differs",
        "total_differs",
        "offers_differ",
    ),
}


def _message(
    run: RunRow,
    counts: Mapping[str, int],
    problems: Sequence[Problem],
    *,
    language: Language,
    next_useful_at: datetime | None,
) -> str:
    words = _WORDS[language]

    def phrase(key: str, n: int) -> str:
        return words[key][0 if n == 1 else 1].format(n=n)

    if run.status == RunStatus.SKIPPED:
        when = next_useful_at.strftime("%H:%M UTC") if next_useful_at else ""
        return say("TOO_SOON", language=language, params={"next_useful_at": when}).message
    if run.status in (RunStatus.FAILED, RunStatus.PAUSED) and problems and problems[0].order_id is None:
        return problems[0].message
    if run.status in ACTIVE:
        return phrase(str(run.status), 0)
    parts = [phrase(key, counts[key]) for key in _HEADLINES[Task(run.task)] if counts[key]]
    if run.dry_run and counts.get("changed"):
        parts = [phrase("changed", counts["changed"]), *parts]
    parts = parts or [phrase("nothing", 0)]
    if run.dry_run:
        parts = [phrase("would", 0), *parts]
    person = int((run.counts or {}).get("needs_person", 0))
    first = next((problem for problem in problems if problem.code in needing_a_person()), None)
    if person and first:
        parts.append(f"{phrase('person', person)}: {first.message}")
    return ", ".join(parts)


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
