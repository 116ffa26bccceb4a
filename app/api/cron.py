"""The cron URLs: one per account and task. A hit writes a run, waits a little for it, and answers with its report."""

from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from app.api.fields import EmptyIsAbsent, Flag, OrderId, Text, name_of
from app.api.problem import NEVER_KEPT, ProblemError, answers
from app.api.security import SCHEMES, SystemDep, cron_account, read_cron_account, refuse_robots
from app.api.urls import public_base
from app.domain.message import message
from app.domain.task import ACTIVE, Mode, RunRequest, RunStatus, Task
from app.domain.wording import Language, Reader
from app.errors import BadInput, StoreUnavailable
from app.marketplaces.registry import platform
from app.runs import report as reporting
from app.runs.report import RunReport
from app.store.accounts import AccountChanged, StoredAccount
from app.store.runs import Arrived, Run
from app.system import System
from app.tasks import TASKS
from app.tasks.request import TaskRequest, parse_request
from app.tasks.settings import read_settings

log = structlog.get_logger()

# Some cron services cut answers at 8 KB; 4 KB with headers leave room for proxies.
BODY_LIMIT = 3200
POLL_AFTER_S = 15
MOST_ORDER_IDS = 100
MOST_PROBLEMS = 10_000
_COMMON = ("token", "dry_run", "wait", "detail", "strict", "slot", "lang")

router = APIRouter(tags=["cron"], generate_unique_id_function=name_of)


class CronQuery(BaseModel):
    """The parameters of a cron URL."""

    model_config = ConfigDict(extra="allow")

    recheck: Flag = Field(False, description="orders-import: catch-up for orders shipped by the marketplace (FBA …).")
    doublecheck: Flag = Field(False, description="orders-import: catch-up for regular orders not yet shipped.")
    full: Flag = Field(False, description="offers-send: everything, not only what changed.")
    force: Flag = Field(False, description="orders-status: look again at orders already handled.")
    confirm: Text = Field("", description="offers-send: send what the held run of this id would have sent, once.")
    channel: Text = Field(
        "", description="orders-import: only MFN (you ship) or AFN (the marketplace ships).", examples=["MFN", "AFN"]
    )
    order_id: list[OrderId] = Field(
        [],
        max_length=MOST_ORDER_IDS,
        description="orders-*: only these orders (may be repeated).",
        examples=[["CMD-1042-A"]],
    )
    since: Text = Field(
        "",
        description="orders-import: widen the window: ISO 8601, or a span such as 36h or 5d.",
        examples=["5d", "2026-11-20T08:00:00Z"],
    )
    dry_run: Flag = Field(False, description="Write nothing to marketplace or shop; say what would happen.")
    wait: Annotated[float | None, EmptyIsAbsent] = Field(
        None,
        ge=0,
        allow_inf_nan=False,
        description="Seconds to wait for the report, as far as the service allows; 0 answers at once.",
        examples=[25],
    )
    detail: Annotated[Literal["full", "summary"] | None, EmptyIsAbsent] = Field(
        None, description="full: every order, not only the problems."
    )
    strict: Flag = Field(False, description="`partial` becomes HTTP 500, for callers that read only the code.")
    slot: Text = Field("", description="The same slot never runs twice.", examples=["2026-11-21T09"])
    lang: Annotated[Language | None, EmptyIsAbsent] = Field(None, description="Language of the sentences.")


EXAMPLE: dict[str, Any] = {
    "ok": True,
    "status": "partial",
    "message": "12 orders imported, 1 order not imported, 1 order needs you: "
    "No product in your shop has the SKU “LAMP-9”.",
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
            "message": "No product in your shop has the SKU “LAMP-9”.",
            "fix": "Create the product, correct its SKU, or link the SKU to a product (marketcron account map-sku). "
            "The order will be retried automatically.",
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
    },
    202: {
        "description": "Still running or queued; `Location` holds the report.",
        "model": RunReport,
        "headers": {
            "Location": {"description": "Opens the report without a token.", "schema": {"type": "string"}},
            "Retry-After": {"description": "Seconds until a look is worth it.", "schema": {"type": "integer"}},
        },
    },
    500: {"description": "Failed, or partial with strict=1; the body says why.", "model": RunReport},
    **answers(401, 403, 404, 422, 429, 503),
}


_ROUTE: dict[str, Any] = {
    "response_model": RunReport,
    "responses": _RESPONSES,
    "summary": "Run a task for an account",
    "dependencies": [Depends(refuse_robots), *(Depends(scheme) for scheme in SCHEMES)],
}


@router.post("/cron/{account}/{task}", operation_id="run_task_by_post", **_ROUTE)
@router.get("/cron/{account}/{task}", operation_id="run_task", **_ROUTE)
async def run_task(
    request: Request,
    system: SystemDep,
    account: Annotated[StoredAccount, Depends(cron_account)],
    task: Annotated[str, Path(description="The task.", json_schema_extra={"enum": [str(each) for each in TASKS]})],
    query: Annotated[CronQuery, Query()],
    idempotency_key: Annotated[Text, Header(description="Same as `slot`.")] = "",
    x_cloudscheduler_scheduletime: Annotated[Text, Header(description="Same as `slot`; Google's scheduler.")] = "",
) -> Response:
    """Run a task, or join the equal run under way, and answer with its report.

    `curl 'https://cron.shop.example/cron/mirakl-demo/orders-import?token=TOKEN&recheck=1'`
    """
    hit_priority = system.executor.hit_priority
    slot = query.slot or idempotency_key or x_cloudscheduler_scheduletime or None
    with hit_priority.answering():
        account, arrived = await _record(request, system, account, task, query=query, slot=slot)
    run = arrived.run
    joined = arrived.arrival in ("joined", "known_slot")
    wait = min(system.settings.wait_default_s if query.wait is None else query.wait, system.settings.wait_max_s)
    try:
        if run.status in ACTIVE and wait > 0:
            run = await system.service.wait(run.id, seconds=wait)
        with hit_priority.answering():
            report = await _report(request, system, account, run, query=query, joined=joined)
    except StoreUnavailable as exc:
        if arrived.run.status not in ACTIVE:
            raise
        # The run has its row, so "nothing was recorded" would be untrue: it goes on when the database is back.
        log.warning("report not read, the database is away", run_id=arrived.run.id, why=str(exc))
        report = _unread(request, system, account, arrived.run, query=query, joined=joined)
    return _answer(request, report, query=query)


@router.api_route("/cron/{account}/{task}", methods=["HEAD", "OPTIONS"], include_in_schema=False)
async def run_nothing() -> Response:
    """Answer monitors and browsers that only look; nothing is run."""
    return Response(status_code=204, headers={**NEVER_KEPT, "Allow": "GET, POST, HEAD, OPTIONS"})


async def _record(
    request: Request, system: System, account: StoredAccount, task: str, *, query: CronQuery, slot: str | None
) -> tuple[StoredAccount, Arrived]:
    """Write the run of a hit, or find the one it belongs to; the account is as it stands now."""
    while True:
        run_request = _run_request(_task(task, account), query, system)
        if system.stopping.is_set():
            raise ProblemError(503, message("STOPPING_UNRECORDED"), headers={"Retry-After": "5"})
        try:
            return account, await system.service.trigger(account, run_request, slot=slot, by_heart=True)
        except AccountChanged:
            account = await read_cron_account(request, system, account.name)


def _task(name: str, account: StoredAccount) -> Task:
    try:
        return platform(account.platform).task(name)
    except BadInput as exc:
        raise ProblemError(404, exc.said, field=exc.field) from exc


def _run_request(task: Task, query: CronQuery, system: System) -> RunRequest:
    task_request = TaskRequest(
        modes=frozenset(mode for mode in Mode if getattr(query, mode)),
        order_ids=tuple(query.order_id),
        since=query.since,
        channel=query.channel,
        confirm=query.confirm,
        dry_run=query.dry_run,
    )
    names = [*query.model_fields_set, *(query.model_extra or {})]
    return parse_request(task, task_request, names=names, also=_COMMON, now=system.clock.now())


def _reader(account: StoredAccount, query: CronQuery) -> Reader:
    return read_settings(account.settings).reader(query.lang)


async def _report(
    request: Request, system: System, account: StoredAccount, run: Run, *, query: CronQuery, joined: bool
) -> RunReport:
    full = query.detail == "full"
    return await system.reports.of(
        run,
        account,
        reader=_reader(account, query),
        base_url=public_base(request, system),
        joined=joined,
        problems=MOST_PROBLEMS if full else reporting.FIRST_PROBLEMS,
        items=await system.reports.all_items(run.id) if full else None,
    )


def _unread(
    request: Request, system: System, account: StoredAccount, run: Run, *, query: CronQuery, joined: bool
) -> RunReport:
    """Return what is known of a run that was recorded but can't be read now."""
    return reporting.build(
        run,
        account=account.name,
        platform=account.platform,
        outcomes={},
        problems=[],
        problems_total=0,
        reader=_reader(account, query),
        link=system.reports.link(public_base(request, system), run.id),
        joined=joined,
    )


def _answer(request: Request, report: RunReport, *, query: CronQuery) -> Response:
    headers = dict(NEVER_KEPT)
    status = 200
    if report.status in ACTIVE:
        status = 202
        headers |= {"Location": report.links.report, "Retry-After": str(POLL_AFTER_S)}
    elif report.status is RunStatus.FAILED or (query.strict and report.status is RunStatus.PARTIAL):
        status = 500
    indent = 2 if "text/html" in request.headers.get("accept", "") else None
    limit = 2**31 if query.detail == "full" else BODY_LIMIT
    body = reporting.fitted(report, limit=limit, indent=indent)
    return Response(body, status_code=status, media_type="application/json", headers=headers)
