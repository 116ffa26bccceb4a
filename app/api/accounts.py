"""Accounts: list, settings, connection test."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends
from pydantic import BaseModel, Field

from app.api.fields import name_of
from app.api.findings import CheckResult, result_of
from app.api.problem import answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.runs.report import Moment
from app.store import accounts as questions
from app.tasks.settings import AccountSettings, read_settings

router = APIRouter(
    generate_unique_id_function=name_of, tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)]
)


class AccountLine(BaseModel):
    """One account in a list; credentials are never shown."""

    name: str
    platform: str
    shop: str
    created_at: Moment
    connection: dict[str, Any] = Field(description="The platform's own fields; secrets read (set).")


@router.get("/api/accounts", responses=answers(401, 429, 503), summary="All accounts")
async def list_accounts(system: SystemDep) -> list[AccountLine]:
    """Return the accounts by name."""
    shops = {row.id: row.name for row in await system.store.read(questions.shops)}
    return [
        AccountLine(
            name=row.name,
            platform=row.platform,
            shop=shops[row.shop_id],
            created_at=row.created_at,
            connection=system.accounts.shown_config(row),
        )
        for row in await system.store.read(questions.accounts)
    ]


@router.get("/api/accounts/{account}/settings", responses=answers(401, 404, 429, 503), summary="Settings of an account")
async def show_settings(system: SystemDep, account: str) -> AccountSettings:
    """Return an account's settings, defaults filled in."""
    return read_settings((await system.accounts.named(account)).settings)


@router.put(
    "/api/accounts/{account}/settings",
    responses=answers(401, 404, 422, 429, 503),
    summary="Change the settings of an account",
)
async def put_settings(
    system: SystemDep,
    account: str,
    values: Annotated[dict[str, Any], Body(examples=[{"accept_when": "in_stock", "language": "fr"}])],
) -> AccountSettings:
    """Replace an account's settings; what is left out takes its default, `start_from` alone stays as it is."""
    return await system.accounts.replace_settings(account, values)


@router.post(
    "/api/accounts/{account}/check",
    responses=answers(401, 404, 422, 429, 500, 503),
    summary="Test the connection",
)
async def check_account(system: SystemDep, account: str) -> CheckResult:
    """Return what works, what is missing, and how to mend it."""
    return result_of(await system.accounts.check(account))
