"""Is it alive, is it ready, what does it count."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api.fields import name_of
from app.api.problem import ProblemError, answers
from app.api.security import SystemDep
from app.domain.message import message
from app.store import accounts

router = APIRouter(tags=["health"], generate_unique_id_function=name_of)


class Health(BaseModel):
    ok: bool


@router.head("/healthz", include_in_schema=False)
@router.get("/healthz", summary="Is the process alive")
async def alive() -> Health:
    """Answer without touching anything."""
    return Health(ok=True)


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses=answers(503), summary="Can it take hits")
async def ready(system: SystemDep) -> Health:
    """Answer once the database did; 503 when it does not, or while the service stops."""
    if system.stopping.is_set():
        raise ProblemError(503, message("STOPPING"), headers={"Retry-After": "5"})
    await system.store.read(accounts.shops)
    return Health(ok=True)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(system: SystemDep) -> Response:
    """Return the figures of this process, and those of the database as read a minute ago at most, for Prometheus."""
    return Response(system.metrics.text(), media_type=system.metrics.content_type)
