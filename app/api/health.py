"""Is it alive, is it ready, what does it count."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from app.api.problem import answers
from app.api.security import SystemDep
from app.store import accounts

router = APIRouter(tags=["health"])


class Health(BaseModel):
    ok: bool


@router.get("/healthz", summary="Is the process alive")
async def alive() -> Health:
    """Answer without touching anything."""
    return Health(ok=True)


@router.get("/readyz", responses=answers(503), summary="Can it take hits")
async def ready(system: SystemDep) -> Health:
    """Answer once the database did; 503 when it does not, or while the service stops."""
    await system.store.read(accounts.accounts)
    return Health(ok=not system.stopping.is_set())


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={200: {"content": {"text/plain": {}}}},
)
async def metrics(system: SystemDep) -> Response:
    """Return the figures of this process in Prometheus' text format."""
    return Response(system.metrics.text(), media_type=system.metrics.content_type)
