"""How a resource of the Webservice is declared: its fields, in the order of answers, and its associations."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Literal, get_args

# What a row holds, and what an object of the Webservice shows: null is shown too, in its way.
Value = str | int | Decimal | dict[int, str] | None
Shown = str | int | dict[int, str] | None
Item = Mapping[str, str]
Kind = Literal["int", "decimal", "text", "date", "lang"]
KINDS: tuple[Kind, ...] = get_args(Kind)

NO_DATE = "0000-00-00 00:00:00"
# Where a cart keeps its rows, beside its columns.
CART_ROWS = "@cart_rows"
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
_EMPTY: Mapping[str, Value] = {"int": 0, "decimal": Decimal(0), "text": "", "date": NO_DATE, "lang": ""}
_LEADING_NUMBER = re.compile(r"\s*[+-]?\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column. `check` is the shop's validator and `size` its longest text, both applied before anything is stored.

    `getter` marks what can't be filtered, `computed` what no column holds, `fixed` what must not be sent, `own` what is
    never overwritten; `width` is the column's: longer text is cut in silence.
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
    computed: bool = False
    width: int | None = None

    @property
    def empty(self) -> Value:
        """What the column holds when nothing was said."""
        if self.default is not None or self.nullable:
            return self.default
        return _EMPTY[self.kind]

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


@dataclass(frozen=True)
class Part:
    """One field of an association's items."""

    name: str
    link: str | None = None
    required: bool = False
    read_only: bool = False


@dataclass(frozen=True, kw_only=True)
class Association:
    """A list of items within an object: `api` is the resource they link to, a virtual one has no resource of its own.

    `link` replaces that address; it may name columns of the row and `item`, the item's id.
    """

    name: str
    item: str
    parts: tuple[Part, ...]
    api: str | None = None
    virtual: bool = False
    link: str | None = None

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

    def association(self, name: str) -> Association:
        """Return the association of that name; StopIteration when it is not declared."""
        return next(each for each in self.associations if each.name == name)


def _leading(text: str) -> Decimal:
    """Return the number that a text begins with, 0 when it begins with none."""
    found = _LEADING_NUMBER.match(text.replace(",", "."))
    try:
        return Decimal(found.group().strip()) if found else Decimal(0)
    except InvalidOperation:
        return Decimal(0)
