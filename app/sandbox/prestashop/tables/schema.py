"""How a resource of the Webservice is declared: its fields, in the order of answers, and its associations."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from app.sandbox.prestashop.tables.rows import Database, Row

# What a row holds, and what an object of the Webservice shows: null is shown too, in its way.
Value = str | int | Decimal | dict[int, str] | None
Shown = str | int | dict[int, str] | None
Item = Mapping[str, str]
Kind = Literal["int", "decimal", "text", "date", "lang"]

NO_DATE = "0000-00-00 00:00:00"
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_EMPTY: Mapping[str, Value] = {"int": 0, "decimal": Decimal(0), "text": "", "date": NO_DATE, "lang": ""}
_LEADING_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column. `check` is the shop's validator and `size` its longest text, both applied before anything is stored.

    `getter` marks what is computed and can't be filtered, `fixed` what must not be sent, `own` what is never
    overwritten; `width` is the column's: longer text is cut in silence.
    """

    name: str
    kind: Kind = "text"
    places: int = 6
    default: Value = None
    nullable: bool = False
    required: bool = False
    check: str | None = None
    size: int | None = None
    link: str | None = None
    getter: bool = False
    fixed: bool = False
    own: bool = False
    number: bool = False
    width: int | None = None
    compute: "Callable[[Database, Row], Shown] | None" = None

    @property
    def empty(self) -> Value:
        """What the column holds when nothing was said."""
        if self.default is not None or self.nullable:
            return self.default
        return _EMPTY[self.kind]

    @property
    def is_column(self) -> bool:
        """Whether the database keeps it: what is computed by a getter is nowhere written."""
        return not (self.getter and self.compute is not None)

    def stored(self, shown: Shown) -> Value:
        """Return what the database keeps of a text that was sent, as MySQL makes it of one."""
        if shown is None:
            return self.empty
        if isinstance(shown, dict):
            return dict(shown)
        text = str(shown)
        match self.kind:
            case "int":
                return None if self.nullable and text == "" else int(_leading(text))
            case "decimal":
                return _leading(text).quantize(Decimal(1).scaleb(-self.places), ROUND_HALF_UP)
            case "date":
                return text or self.empty
            case _:
                return text[: self.width]

    def shown(self, value: Value) -> Shown:
        """Return how a stored value reads."""
        if value is None or isinstance(value, (str, dict)):
            return value
        if self.kind == "decimal":
            return f"{value:.{self.places}f}"
        return value if self.number and isinstance(value, int) else str(value)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One field of an association's items."""

    name: str
    link: str | None = None
    required: bool = False
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Association:
    """What hangs on a row: `api` is linked by the item's id, a virtual one has no resource of its own."""

    name: str
    item: str
    parts: tuple[Part, ...] = (Part(name="id"),)
    api: str | None = None
    virtual: bool = False
    link: "Callable[[Row, Item], str] | None" = None
    items: "Callable[[Database, Row], Sequence[Item]] | None" = None

    @property
    def key(self) -> str:
        """Where a row keeps the items that are not computed."""
        return f"@{self.name}"


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One resource: `node` is one of them, `model` the name that validation speaks of.

    `index` are the columns the database finds rows by, `natural` the columns in whose order an unsorted list comes: the
    database reads it from whatever index it likes, and that is rarely the id.
    """

    name: str
    node: str
    model: str
    fields: tuple[Field, ...]
    associations: tuple[Association, ...] = ()
    description: str = ""
    verbs: frozenset[str] = frozenset(VERBS)
    index: tuple[str, ...] = ()
    natural: tuple[str, ...] = ()
    by_name: Mapping[str, Field] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {each.name: each for each in self.fields})

    @property
    def dated(self) -> bool:
        return "date_upd" in self.by_name

    def association(self, name: str) -> Association | None:
        return next((each for each in self.associations if each.name == name), None)


def _leading(text: str) -> Decimal:
    """Return the number that a text begins with, 0 when it begins with none."""
    found = _LEADING_NUMBER.match(text.replace(",", "."))
    try:
        return Decimal(found.group().strip()) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def ref(
    name: str,
    link: str | None = None,
    *,
    check: str | None = None,
    default: int | None = None,
    required: bool = False,
    nullable: bool = False,
    getter: bool = False,
    fixed: bool = False,
    number: bool = False,
    compute: "Callable[[Database, Row], Shown] | None" = None,
) -> Field:
    """Return a field that holds a whole number, mostly the id of something."""
    return Field(
        name=name,
        kind="int",
        link=link,
        check=check,
        default=default,
        required=required,
        nullable=nullable,
        getter=getter,
        fixed=fixed,
        number=number,
        compute=compute,
    )


def flag(name: str, *, default: int | None = None, required: bool = False, nullable: bool = False) -> Field:
    """Return a field that holds 0 or 1."""
    return ref(name, check="isBool", default=default, required=required, nullable=nullable)


def price(name: str, *, required: bool = False) -> Field:
    """Return a field that holds an amount in millionths."""
    return Field(name=name, kind="decimal", check="isPrice", required=required)
