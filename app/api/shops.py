"""Shops: list, connection test, test order, and the states that an account may choose from."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from app.api.fields import Text, name_of
from app.api.findings import CheckResult, result_of
from app.api.language import AskedLanguage
from app.api.problem import ProblemError, answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.domain.wording import Reader, sentence
from app.errors import BadInput
from app.runs.report import Moment
from app.shops import capabilities
from app.store import accounts as questions
from app.tasks.settings import read_settings

router = APIRouter(
    generate_unique_id_function=name_of, tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)]
)

# On cheap hosting each of some thirty calls takes seconds.
TEST_ORDER_TIME = timedelta(minutes=10)

ShopName = Annotated[str, Path(description="Name of the shop.", examples=["main"])]


class ShopLine(BaseModel):
    """One shop in a list; keys are never shown."""

    name: str
    kind: str
    created_at: Moment
    connection: dict[str, Any] = Field(description="The fields of its kind; secrets read (set).")


class TestOrder(BaseModel):
    """A test order that is wanted."""

    model_config = ConfigDict(extra="forbid")

    confirm: Literal[True] = Field(description="It is written to the shop, which sends its mails to a placeholder.")
    sku: Text = Field("", description="Reference of the product; empty: the first that can be sold.")
    keep: bool = Field(False, description="Whether the order stays in the shop, to be looked at.")


class StateLine(BaseModel):
    """One state of the shop."""

    id: str
    name: str
    flags: list[str] = Field(description="What is ticked on it, by PrestaShop's names.")
    means: list[str] = Field(description="What it says of an order that it stands in this state.")


class SuggestedSetting(BaseModel):
    value: str | list[str]
    reason: str


class StatesOfShop(BaseModel):
    """States to choose from, what is suggested, and what is chosen; PUT of the settings stores a choice."""

    shop: str
    states: list[StateLine]
    suggestion: dict[str, SuggestedSetting] = Field(description="By setting of the account.")
    settings: dict[str, str | list[str]] = Field(description="The same settings as they are; empty: as suggested.")


@router.get("/api/shops", responses=answers(401, 429, 500, 503), summary="All shops")
async def list_shops(system: SystemDep) -> list[ShopLine]:
    """Return the shops by name."""
    return [
        ShopLine(name=row.name, kind=row.kind, created_at=row.created_at, connection=system.shops.shown_config(row))
        for row in await system.store.read(questions.shops)
    ]


@router.post(
    "/api/shops/{shop}/check",
    responses=answers(401, 404, 422, 429, 500, 503),
    summary="Test the connection to a shop",
)
async def check_shop(system: SystemDep, shop: ShopName, language: AskedLanguage) -> CheckResult:
    """Return what works, what is missing, and where to mend it."""
    return result_of(await system.shops.check(shop), Reader(language or "en"))


@router.post(
    "/api/shops/{shop}/test-order",
    responses=answers(401, 404, 422, 429, 500, 503),
    summary="Make a test order in a shop",
)
async def try_order(system: SystemDep, shop: ShopName, body: TestOrder, language: AskedLanguage) -> CheckResult:
    """Make an order of one unit, look at it, take it out again; return how each step went. It takes a while."""
    opened = await system.shops.connect(shop, within=TEST_ORDER_TIME)
    findings = await capabilities.try_order(opened, name=shop, sku=body.sku, keep=body.keep)
    return result_of(findings, Reader(language or "en"))


@router.get(
    "/api/accounts/{account}/shop-states",
    responses=answers(401, 404, 422, 429, 500, 503),
    summary="States of an account's shop",
)
async def shop_states(system: SystemDep, account: str, language: AskedLanguage) -> StatesOfShop:
    """Return the shop's own states, which of them are suggested and which the account has chosen."""
    row, shop = await system.accounts.shop_of(account)
    try:
        found = await capabilities.states_of(shop, name=row.name)
    except BadInput as exc:
        raise ProblemError(404, exc.said, field=exc.field) from exc
    chosen = read_settings((await system.accounts.named(account)).settings)
    reader, settings = chosen.reader(language), chosen.model_dump(mode="json")
    return StatesOfShop(
        shop=row.name,
        states=[
            StateLine(
                id=each.id,
                name=each.name,
                flags=list(each.flags),
                means=[sentence(meaning, reader) for meaning in each.means],
            )
            for each in found.states
        ],
        suggestion={
            name: SuggestedSetting(
                value=value if isinstance(value, str) else list(value), reason=sentence(found.reasons[name], reader)
            )
            for name, value in found.suggested.items()
        },
        settings={name: settings[name] for name in found.suggested},
    )
