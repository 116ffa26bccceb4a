"""Rows stop at the store's door: what leaves it is a frozen value, with the columns that its readers need."""

from typing import Any, ClassVar, Protocol, TypeVar, overload

from sqlmodel import SQLModel


class _Value(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Any]]


ValueT = TypeVar("ValueT", bound=_Value)


@overload
def value_of(row: SQLModel, kind: type[ValueT]) -> ValueT: ...
@overload
def value_of(row: None, kind: type[ValueT]) -> None: ...
def value_of(row: SQLModel | None, kind: type[ValueT]) -> ValueT | None:
    """Return a row as a value of this dataclass, whose fields are called as the columns; None for no row."""
    return None if row is None else kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})
