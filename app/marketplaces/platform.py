"""One platform as the registry knows it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.domain.reading import Reading
from app.domain.task import Task
from app.marketplaces.port import Marketplace
from app.transport.connector import Connector


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A platform's name, tasks, windows, the model of its credentials, and how to open an account on it.

    `config` is a pydantic model of what is needed to reach an account; the whole of it is kept encrypted, and its
    fields of type SecretStr are never shown again.
    """

    name: str
    title: str
    tasks: frozenset[Task]
    reading: Reading
    config: type[BaseModel]
    open: Callable[[Any, Connector], Marketplace]
