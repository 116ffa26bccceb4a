"""Reports after the hit: one run in full, the runs of an account, and the schema of it all."""

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.fields import EmptyIsAbsent, RunId, Text, name_of
from app.api.problem import NEVER_KEPT, ProblemError, answers
from app.api.security import ADMIN_SCHEME, SCHEMES, SystemDep, admin, reader
from app.api.urls import public_base
from app.domain.message import message
from app.domain.task import Task
from app.domain.wording import Language
from app.runs import report as reporting
from app.runs.report import Moment, RunReport
from app.runs.reports import ITEMS_PER_PAGE
from app.store import accounts, runs
from app.tasks.settings import read_settings

router = APIRouter(tags=["runs"], generate_unique_id_function=name_of)


@router.get(
    "/runs/{run_id}",
    response_model=RunReport,
    responses=answers(401, 404, 422, 429, 503),
    summary="The full report of a run",
    dependencies=[Depends(scheme) for scheme in SCHEMES],
)
async def show_run(
    request: Request,
    system: SystemDep,
    run_id: Annotated[str, Depends(reader)],
    after: Annotated[Text, Query(description="Order id after which the items go on.")] = "",
    limit: Annotated[int, Query(ge=1, le=ITEMS_PER_PAGE, description="Items on one page.")] = ITEMS_PER_PAGE,
    lang: Annotated[Language | None, EmptyIsAbsent, Query(description="Language of the sentences.")] = None,
) -> Response:
    """Return a run's report with what became of every order, a page at a time (`Link: …; rel="next"`)."""
    run = await system.store.read(runs.run_by_id, run_id)
    if run is None:
        raise ProblemError(404, message("NO_RUN"))
    account = (await system.store.read(accounts.account_and_shop, run.account_id)).account
    items = await system.reports.items(run_id, after=after, limit=limit + 1)
    report = await system.reports.of(
        run,
        account,
        reader=read_settings(account.settings).reader(lang),
        base_url=public_base(request, system),
        problems=ITEMS_PER_PAGE,
        items=items[:limit],
    )
    headers = dict(NEVER_KEPT)
    if len(items) > limit:
        rest = urlencode({"after": items[limit - 1].subject, "limit": limit} | ({"lang": lang} if lang else {}))
        headers["Link"] = f'<{report.links.report}&{rest}>; rel="next"'
    indent = 2 if "text/html" in request.headers.get("accept", "") else None
    return Response(reporting.to_json(report, indent=indent), media_type="application/json", headers=headers)


class RunLine(BaseModel):
    """One run in a list."""

    run_id: str
    account: str
    task: str
    status: str
    modes: list[str]
    dry_run: bool
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    counts: dict[str, int]
    continues: str | None = Field(description="The paused run that this one went on with.")


@router.get(
    "/api/runs",
    responses=answers(401, 404, 422, 429, 503),
    summary="Runs, newest first",
    dependencies=[Depends(admin), Depends(ADMIN_SCHEME)],
)
async def list_runs(
    system: SystemDep,
    account: Annotated[str | None, EmptyIsAbsent, Query(description="Only this account.")] = None,
    task: Annotated[Task | None, EmptyIsAbsent, Query(description="Only this task.")] = None,
    before: Annotated[RunId | None, EmptyIsAbsent, Query(description="Id of the last run already seen.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[RunLine]:
    """Return runs, newest first."""
    account_id = (await system.accounts.named(account)).id if account is not None else None
    names = {row.id: row.name for row in await system.store.read(accounts.all_accounts)}
    rows = await system.store.read(runs.runs_of, account_id=account_id, task=task, before=before, limit=limit)
    return [
        RunLine(
            run_id=row.id,
            account=names.get(row.account_id, ""),
            task=row.task,
            status=row.status,
            modes=row.request["modes"],
            dry_run=row.dry_run,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            counts=reporting.counts_of(row, row.counts or {}),
            continues=row.continues,
        )
        for row in rows
    ]


@router.get("/schemas/run-report.json", summary="JSON Schema of the run report")
async def report_schema() -> dict[str, Any]:
    """Return the JSON Schema of the run report."""
    return reporting.json_schema()
