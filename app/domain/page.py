"""A page of anything that is read in pages."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """Some items; `resume` continues after them (None: this was the last page).

    `remote_now` is the other side's clock when it answered, `read_at` ours when we asked.
    """

    items: tuple[T, ...]
    read_at: datetime
    resume: str | None = None
    remote_now: datetime | None = None
