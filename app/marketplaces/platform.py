"""One platform as the registry knows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.domain.message import message
from app.domain.poll_policy import PollPolicy
from app.domain.task import Task
from app.errors import BadInput
from app.marketplaces.port import Marketplace
from app.transport.connector import Connector
from app.transport.operation import Operation
from app.transport.quotas import Quota


@dataclass(frozen=True, slots=True, kw_only=True)
class ScarceCall:
    """The one call of a platform that is scarce: a day has few of them, and each lists so many orders at most.

    `scope` names those whom the platform counts together, from an account's config: it is the quota scope of the
    adapter. `address_role`: the right without which orders come without addresses.
    """

    service: str
    operation: Operation
    orders_per_call: int
    address_role: str
    scope: Callable[[Any], str]

    @property
    def quota(self) -> Quota:
        """The limit of the call as it is published."""
        assert self.operation.quota is not None
        return self.operation.quota


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A platform's name, tasks, windows, the model of its credentials, and how to open an account on it.

    `config` is a pydantic model of what is needed to reach an account; the whole of it is kept encrypted, and its
    fields of type SecretStr are never shown again. `scarce_call`: None where a day's calls are enough for everybody.
    """

    name: str
    title: str
    tasks: frozenset[Task]
    poll_policy: PollPolicy
    config: type[BaseModel]
    open: Callable[[Any, Connector], Marketplace]
    scarce_call: ScarceCall | None = None

    def task(self, name: str) -> Task:
        """Return the task of that name; raises BadInput, which says why there is none and names the others."""
        offered = [task for task in Task if task in self.tasks]
        if name in offered:
            return Task(name)
        code = "NOTHING_TO_ACCEPT" if name == Task.ORDERS_ACCEPT else "NO_TASK"
        why = message(
            code, task=name[:40], platform=self.name, title=self.title, offered=tuple(str(task) for task in offered)
        )
        raise BadInput(why, field="task")
