"""How every account and task is doing, on one page."""

from fastapi import APIRouter, Depends

from app.api.fields import name_of
from app.api.problem import answers
from app.api.security import ADMIN_SCHEME, SystemDep, admin
from app.runs.overview import AccountStatus

router = APIRouter(
    generate_unique_id_function=name_of, tags=["management"], dependencies=[Depends(admin), Depends(ADMIN_SCHEME)]
)


@router.get("/api/status", responses=answers(401, 429, 503), summary="All accounts and tasks")
async def show_status(system: SystemDep) -> list[AccountStatus]:
    """Return for each account what stands where, and for each task when it last succeeded."""
    return await system.overview.accounts()
