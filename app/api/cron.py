"""The cron URLs: one per account and task. A hit writes a run, waits a little for it, and answers with its report."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.problem import NEVER_KEPT, ProblemError, answers
from app.api.security import SCHEMES, SystemDep, cron_account, refuse_robots
from app.api.urls import public_base
from app.domain.order import Fulfilment
from app.domain.reasons import Language
from app.domain.task import ACTIVE, Asked, Mode, RunStatus, Task, parse_moment
from app.marketplaces.registry import platform
from app.runs import report as reporting
from app.runs.report import RunReport
from app.store.tables import AccountRow, RunRow
from app.system import System
from app.tasks import TASKS
from app.tasks.settings import read_settings

# Some cron services cut answers at 8 KB; 4 KB with headers leave room for proxies.
BODY_LIMIT = 3200
POLL_AFTER_S = 15
MOST_ORDER_IDS = 100
_CHANNELS = {"MFN": Fulfilment.MERCHANT, "AFN": Fulfilment.MARKETPLACE}
_COMMON = ("token", "dry_run", "wait", "detail", "strict", "slot", "lang")
_MODES = (Mode.RECHECK, Mode.DOUBLECHECK)

router = APIRouter(tags=["cron"])


class CronQuery(BaseModel):
    """The parameters of a cron URL."""

    model_config = ConfigDict(extra="allow")

    recheck: bool = Field(False, description="orders-import: catch-up for orders shipped by the marketplace (FBA …).")
    doublecheck: bool = Field(False, description="orders-import: catch-up for regular orders not yet shipped.")
    channel: str = Field("", description="orders-import: only MFN (you ship) or AFN (the marketplace ships).")
    order_id: list[str] = Field([], description="orders-*: only these orders (may be repeated).")
    since: str = Field("", description="orders-import: widen the window: ISO 8601, or a span such as 36h or 5d.")
    dry_run: bool = Field(False, description="Write nothing to marketplace or shop; say what would happen.")
    wait: float | None = Field(None, ge=0, le=300, description="Seconds to wait for the report; 0 answers at once.")
    detail: str = Field("", pattern="^(full|summary)?$", description="full: every order, not only the problems.")
    strict: bool = Field(False, description="`partial` becomes HTTP 500, for callers that read only the code.")
    slot: str = Field("", max_length=200, description="The same slot never runs twice.")
    lang: Language | None = Field(None, description="Language of the sentences.")


_EXAMPLE: dict[str, Any] = {
    "ok": True,
    "status": "partial",
    "message": "12 orders imported, 1 not imported, 1 needs you: No product of the shop bears the SKU 'LAMP-9'.",
    "run_id": "01JDXAMPLE0000000000000000",
    "account": "mirakl-demo",
    "platform": "mirakl",
    "task": "orders-import",
    "modes": [],
    "dry_run": False,
    "joined": False,
    "started_at": "2026-11-21T09:20:00Z",
    "finished_at": "2026-11-21T09:20:04Z",
    "duration_s": 4.1,
    "window": {"from": "2026-11-21T07:50:00Z", "to": "2026-11-21T09:20:00Z", "by": "updated"},
    "counts": {
        "seen": 13, "imported": 12, "already_imported": 0, "not_imported": 1, "waiting": 0, "listed_only": 0,
        "before_start": 0, "cancelled": 0, "found_by_catch_up": 0,
    },
    "problems": [
        {
            "code": "SKU_UNKNOWN",
            "order_id": "CMD-1042-A",
            "sku": "LAMP-9",
            "message": "No product of the shop bears the SKU 'LAMP-9'.",
            "fix": "Create the product or correct its SKU; the order is retried by itself.",
            "since": "2026-11-21T09:20:03Z",
            "deadline": None,
        }
    ],
    "problems_total": 1,
    "quota": {"calls": 3, "retries": 0, "throttled": 0, "waited_s": 0.0},
    "cause": None,
    "next_useful_at": "2026-11-21T09:24:00Z",
    "resume_at": None,
    "last": None,
    "items": None,
    "links": {"report": "https://cron.shop.example/runs/01JDXAMPLE0000000000000000?expires=1795857600&sig=…"},
}  # fmt: skip

_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Finished: done, partial, paused or skipped.",
        "content": {"application/json": {"example": _EXAMPLE}},
    },
    202: {"description": "Still running or queued; `Location` holds the report.", "model": RunReport},
    204: {"description": "HEAD and OPTIONS: nothing is run."},
    500: {"description": "Failed, or partial with strict=1; the body says why.", "model": RunReport},
    **answers(401, 403, 404, 422, 429, 503),
}


@router.api_route(
    "/cron/{account}/{task}",
    methods=["GET", "POST"],
    response_model=RunReport,
    responses=_RESPONSES,
    summary="Run a task for an account",
    dependencies=[Depends(refuse_robots), *(Depends(scheme) for scheme in SCHEMES)],
)
async def run_task(
    request: Request,
    system: SystemDep,
    account: Annotated[AccountRow, Depends(cron_account)],
    task: Annotated[str, Path(description="The task.", json_schema_extra={"enum": [str(each) for each in TASKS]})],
    query: Annotated[CronQuery, Query()],
    idempotency_key: Annotated[str, Header(max_length=200)] = "",
    x_cloudscheduler_scheduletime: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """Run a task, or join the equal run under way, and answer with its report."""
    chosen = _task(task, account)
    asked = _asked(chosen, query, system)
    if system.stopping.is_set():
        raise ProblemError(503, "The service is stopping; nothing was recorded.", headers={"Retry-After": "5"})
    slot = query.slot or idempotency_key or x_cloudscheduler_scheduletime or None
    arrived = await system.service.trigger(account, asked, slot=slot)
    run = arrived.run
    if run.status in ACTIVE:
        wait = system.settings.wait_default_s if query.wait is None else query.wait
        run = await system.service.wait(run.id, seconds=min(wait, system.settings.wait_max_s))
    joined = arrived.arrival in ("joined", "known_slot")
    return await _answer(request, system, account, run, query=query, joined=joined)


@router.api_route("/cron/{account}/{task}", methods=["HEAD", "OPTIONS"], include_in_schema=False)
async def run_nothing() -> Response:
    """Answer monitors and browsers that only look; nothing is run."""
    return Response(status_code=204, headers={**NEVER_KEPT, "Allow": "GET, POST, HEAD, OPTIONS"})


def _task(name: str, account: AccountRow) -> Task:
    offered = [str(task) for task in TASKS if task in platform(account.platform).tasks]
    if name not in offered:
        raise ProblemError(
            404, f"'{name[:40]}' is not offered by {account.platform}. Its tasks: {', '.join(offered)}.", field="task"
        )
    return Task(name)


def _asked(task: Task, query: CronQuery, system: System) -> Asked:
    spec = TASKS[task]
    known = {*_COMMON, *spec.parameters, *spec.modes}
    for name in [*query.model_fields_set, *(query.model_extra or {})]:
        if name not in known and name != "order_id":
            raise _unknown(task, name, known)
    if query.order_id and "order_id" not in known:
        raise _unknown(task, "order_id", known)
    if len(query.order_id) > MOST_ORDER_IDS or any(not 0 < len(each) <= 100 for each in query.order_id):
        raise ProblemError(
            422, f"order_id: give at most {MOST_ORDER_IDS} order ids of 1 to 100 characters.", field="order_id"
        )
    if query.since:
        try:
            parse_moment(query.since, now=system.clock.now())
        except ValueError as exc:
            raise ProblemError(422, f"since: {exc}.", field="since") from exc
    return Asked(
        task=task,
        modes=frozenset(mode for mode in _MODES if getattr(query, mode)),
        dry_run=query.dry_run,
        order_ids=tuple(query.order_id),
        since=query.since,
        channels=_channels(query.channel),
    )


def _unknown(task: Task, name: str, known: set[str]) -> ProblemError:
    return ProblemError(
        422, f"'{name[:40]}' means nothing for {task}. It knows: {', '.join(sorted(known))}.", field=name[:40]
    )


def _channels(text: str) -> frozenset[Fulfilment]:
    names = [name.strip().upper() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if name not in _CHANNELS]
    if wrong:
        raise ProblemError(422, f"channel: '{wrong[0][:20]}' is none of MFN, AFN.", field="channel")
    return frozenset(_CHANNELS[name] for name in names)


async def _answer(
    request: Request, system: System, account: AccountRow, run: RunRow, *, query: CronQuery, joined: bool
) -> Response:
    base = public_base(request, system)
    full = query.detail == "full"
    report = await system.reports.of(
        run,
        account,
        language=query.lang or read_settings(account.settings).language,
        base_url=base,
        joined=joined,
        problems=10_000 if full else reporting.FIRST_PROBLEMS,
        items=await system.reports.all_items(run.id) if full else None,
    )
    headers = dict(NEVER_KEPT)
    status = 200
    if report.status in ACTIVE:
        status = 202
        headers |= {"Location": report.links.report, "Retry-After": str(POLL_AFTER_S)}
    elif report.status is RunStatus.FAILED or (query.strict and report.status is RunStatus.PARTIAL):
        status = 500
    indent = 2 if "text/html" in request.headers.get("accept", "") else None
    limit = 2**31 if full else BODY_LIMIT
    body = reporting.fitted(report, limit=limit, indent=indent)
    return Response(body, status_code=status, media_type="application/json", headers=headers)
