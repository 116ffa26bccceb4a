"""SKUs of an account linked to products of its shop by hand."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, ConfigDict, Field

from app.api.fields import name_of
from app.api.problem import ProblemError, answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.domain.message import message
from app.tasks.settings import ShopId, SkuText

router = APIRouter(
    generate_unique_id_function=name_of, tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)]
)

ADDRESS = "/api/accounts/{account}/sku-links/{sku:path}"

Sku = Annotated[
    SkuText, Path(description="The SKU at the marketplace, percent-encoded, a slash too.", examples=["LAMP%2F9"])
]


class SkuLink(BaseModel):
    """Which product a SKU means."""

    model_config = ConfigDict(extra="forbid")

    product: ShopId = Field(description="The product, by the shop's own reference.", examples=["LAMP-9"])


class SkuLinked(BaseModel):
    """What a SKU means now."""

    sku: str
    product: str | None = Field(description="The product it is linked to; null: none.")
    before: str | None = Field(description="The product it was linked to before.")
    retried: list[str] = Field(description="Orders that it kept out of the shop, by id: the next import tries them.")


@router.put(ADDRESS, responses=answers(401, 404, 422, 429, 503), summary="Link a SKU to a product")
async def link(system: SystemDep, account: str, sku: Sku, body: SkuLink) -> SkuLinked:
    """Say which product of the shop a SKU means, whatever products have it; all other settings stay."""
    linked = await system.accounts.link_sku(account, sku, product=body.product)
    return SkuLinked(sku=sku, product=linked.product, before=linked.before, retried=list(linked.retried))


@router.delete(ADDRESS, responses=answers(401, 404, 422, 429, 503), summary="Take a SKU's link out")
async def unlink(system: SystemDep, account: str, sku: Sku) -> SkuLinked:
    """Let a SKU mean the product that bears it again."""
    linked = await system.accounts.link_sku(account, sku, product=None)
    if linked.before is None:
        raise ProblemError(404, message("SKU_NOT_LINKED", sku=sku), field="sku")
    return SkuLinked(sku=sku, product=None, before=linked.before, retried=list(linked.retried))
