"""Rows stop at the store's door: what leaves it is a frozen value, with the columns that its readers need."""

from typing import Any, ClassVar, Protocol, TypeVar

from sqlmodel import SQLModel


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


ValueT = TypeVar("ValueT", bound=_Value)


def value_of(row: SQLModel, kind: type[ValueT]) -> ValueT:
    """Return a row as a value of this dataclass, whose fields are called as the columns."""
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})
