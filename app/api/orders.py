"""Orders of the ledger as people handle them: looked at, accepted, imported, retried, ignored, handled elsewhere."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from app.api.fields import OrderId, name_of
from app.api.language import AskedLanguage, language_of
from app.api.problem import ProblemError, answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.api.urls import public_base
from app.domain.intake import Intake
from app.domain.message import Message, message
from app.domain.task import RunRequest, Task
from app.domain.wording import say
from app.errors import BadInput
from app.marketplaces.registry import platform
from app.runs.report import Moment, RunReport
from app.store import order_actions
from app.store import orders as questions
from app.store.accounts import StoredAccount
from app.system import System
from app.tasks.settings import read_settings

router = APIRouter(
    generate_unique_id_function=name_of, tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)]
)

PAGE = 200
MOST_ORDER_IDS = 100
# PostgreSQL's integer, which numbers the ledger.
LARGEST_NUMBER = 2**31 - 1


class State(StrEnum):
    TO_ACCEPT = "to_accept"
    TO_IMPORT = "to_import"
    NOT_IMPORTED = "not_imported"
    IMPORTED = "imported"
    ALL = "all"


_INTAKES = {
    State.TO_ACCEPT: [Intake.HELD],
    State.TO_IMPORT: [Intake.DUE, Intake.CREATING],
    State.NOT_IMPORTED: [Intake.BLOCKED, Intake.NEEDS_PERSON],
    State.IMPORTED: [Intake.IMPORTED],
    State.ALL: list(Intake),
}


class OrderLine(BaseModel):
    """One order of the ledger; no buyer's data."""

    number: int = Field(description="Ledger number, for paging.")
    order_id: str
    state: str = Field(description="Where it stands with us.")
    marketplace_state: str
    code: str | None
    message: str | None
    fix: str | None
    fulfilment: str
    total: str
    currency: str
    placed_at: Moment
    accept_by: Moment | None
    ship_by: Moment | None
    since: Moment
    next_try_at: Moment | None
    read_at: Moment = Field(description="When the marketplace was last asked about it.")
    shop_ref: str | None


class OrderIds(BaseModel):
    model_config = ConfigDict(extra="forbid")

    order_ids: list[OrderId] = Field(min_length=1, max_length=MOST_ORDER_IDS, examples=[["CMD-1042-A"]])


class Moved(BaseModel):
    """What became of a person's word."""

    order_ids: list[str]
    refused: dict[str, str] = Field(description="Orders that did not follow, with the state they are in.")


@router.get(
    "/api/accounts/{account}/orders", responses=answers(401, 404, 422, 429, 503), summary="Orders of the ledger"
)
async def list_orders(
    system: SystemDep,
    account: str,
    state: Annotated[State, Query()] = State.ALL,
    days: Annotated[int, Query(ge=1, le=3650, description="Placed in the last so many days.")] = 30,
    after: Annotated[
        int, Query(ge=0, le=LARGEST_NUMBER, description="Ledger number after which the list goes on.")
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=PAGE)] = PAGE,
    language: AskedLanguage = None,
) -> list[OrderLine]:
    """Return orders as the ledger holds them, oldest first."""
    row = await system.accounts.named(account)
    reader = read_settings(row.settings).reader(language)
    found = await system.store.read(
        questions.listed,
        questions.Scope(account_id=row.id),
        _INTAKES[state],
        to_accept=state is State.TO_ACCEPT,
        placed_since=system.clock.now() - timedelta(days=days),
        after_id=after,
        limit=limit,
    )
    lines = []
    for order in found:
        code = order.code or order.decision_code or None
        said = say(Message(code, order.params), reader) if code else None
        lines.append(
            OrderLine(
                number=order.id,
                order_id=order.order_id,
                state=order.intake,
                marketplace_state=order.platform_status or order.remote_state,
                code=code,
                message=said.message if said else None,
                fix=said.fix if said else None,
                fulfilment=order.fulfilment,
                total=order.total,
                currency=order.currency,
                placed_at=order.placed_at,
                accept_by=order.accept_by,
                ship_by=order.ship_by,
                since=order.intake_since,
                next_try_at=order.next_try_at,
                read_at=order.read_at,
                shop_ref=order.shop_ref,
            )
        )
    return lines


@router.post(
    "/api/accounts/{account}/orders/accept",
    responses=answers(401, 404, 422, 429, 503),
    summary="Accept these orders now",
)
async def accept(request: Request, system: SystemDep, account: str, body: OrderIds) -> RunReport:
    """Run orders-accept for these orders and return its report."""
    return await _run(request, system, account, Task.ORDERS_ACCEPT, body)


@router.post(
    "/api/accounts/{account}/orders/import",
    responses=answers(401, 404, 422, 429, 503),
    summary="Import these orders now",
)
async def import_now(request: Request, system: SystemDep, account: str, body: OrderIds) -> RunReport:
    """Run orders-import for these orders and return its report."""
    return await _run(request, system, account, Task.ORDERS_IMPORT, body)


@router.post(
    "/api/accounts/{account}/orders/refresh", responses=answers(401, 404, 422, 429, 503), summary="Look these orders up"
)
async def refresh(request: Request, system: SystemDep, account: str, body: OrderIds) -> RunReport:
    """Make a dry run of an import of these orders: nothing is written to marketplace or shop."""
    return await _run(request, system, account, Task.ORDERS_IMPORT, body, dry_run=True)


@router.post(
    "/api/accounts/{account}/orders/retry", responses=answers(401, 404, 422, 429, 503), summary="Try these orders again"
)
async def retry(request: Request, system: SystemDep, account: str, body: OrderIds) -> RunReport:
    """Put blocked or set-aside orders back in line, import them, and return the report."""
    row = await system.accounts.named(account)
    moved = await system.store.write(order_actions.retry, row.id, body.order_ids, now=system.clock.now())
    if not moved.order_ids:
        raise ProblemError(422, message("NONE_CAN_BE_RETRIED", orders=_states(moved.refused)), field="order_ids")
    return await _run(request, system, account, Task.ORDERS_IMPORT, OrderIds(order_ids=moved.order_ids))


@router.post(
    "/api/accounts/{account}/orders/ignore", responses=answers(401, 404, 422, 429, 503), summary="Never import these"
)
async def ignore(system: SystemDep, account: str, body: OrderIds) -> Moved:
    """Set orders aside for good; `retry` brings them back."""
    row = await system.accounts.named(account)
    moved = await system.store.write(order_actions.ignore, row.id, body.order_ids, now=system.clock.now())
    return Moved(order_ids=moved.order_ids, refused=moved.refused)


@router.post(
    "/api/accounts/{account}/orders/handled",
    responses=answers(401, 404, 422, 429, 503),
    summary="These are in the shop already",
)
async def handled(system: SystemDep, account: str, body: OrderIds) -> Moved:
    """Keep that a person created these orders in the shop."""
    row = await system.accounts.named(account)
    moved = await system.store.write(order_actions.handle, row.id, body.order_ids, now=system.clock.now())
    return Moved(order_ids=moved.order_ids, refused=moved.refused)


def _states(refused: dict[str, str]) -> tuple[Message, ...]:
    return tuple(message("ORDER_IS", order_id=order_id, state=state) for order_id, state in refused.items())


async def _run(
    request: Request, system: System, account: str, task: Task, body: OrderIds, *, dry_run: bool = False
) -> RunReport:
    row: StoredAccount = await system.accounts.named(account)
    try:
        platform(row.platform).task(task)
    except BadInput as exc:
        raise ProblemError(404, exc.said, field=exc.field) from exc
    run_request = RunRequest(task=task, order_ids=tuple(dict.fromkeys(body.order_ids)), dry_run=dry_run)
    arrived = await system.service.trigger(row, run_request)
    run = await system.service.wait(arrived.run.id, seconds=system.settings.wait_default_s)
    return await system.reports.of(
        run,
        row,
        reader=read_settings(row.settings).reader(language_of(request)),
        base_url=public_base(request, system),
        joined=arrived.arrival == "joined",
        items=await system.reports.items(run.id),
    )
