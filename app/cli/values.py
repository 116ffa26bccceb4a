"""Values on the command line: `--set key=value`, secrets from files and variables, questions for what is missing."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, get_args

import typer
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from app.errors import BadInput

Pairs = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="A field; KEY=@FILE and KEY=env:NAME keep secrets off this line."),
]


def values_of(pairs: Sequence[str], *models: type[BaseModel]) -> dict[str, Any]:
    """Return the values by field, an empty one as the field's default; raises BadInput, which never holds a value."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        name = name.strip()
        if not equals or not name:
            # It may be a secret whose name was forgotten.
            raise BadInput("A field has no name or no value. Write each as KEY=VALUE.")
        if name in values:
            raise BadInput(f"{name[:40]} is given twice. Give it once.", field=name)
        values[name] = _text(name, text) or _default(name, models)
    return values


def _text(name: str, text: str) -> str:
    if text.startswith("@"):
        return _from_file(name, text[1:])
    if text.startswith("env:"):
        return _from_environment(name, text[4:])
    return text


def _from_file(name: str, path: str) -> str:
    try:
        return Path(path).expanduser().read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "it is not UTF-8 text"
        raise BadInput(
            f"{name}: the file {path} can't be read ({why}). Check the path after the @.", field=name
        ) from exc


def _from_environment(name: str, variable: str) -> str:
    if variable not in os.environ:
        raise BadInput(f"{name}: there is no variable {variable[:40]}. Export it, or check its name.", field=name)
    return os.environ[variable].strip()


def _default(name: str, models: Sequence[type[BaseModel]]) -> Any:
    fields = (model.model_fields[name] for model in models if name in model.model_fields)
    return next((field.get_default(call_default_factory=True) for field in fields if not field.is_required()), "")


def complete(values: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return the values with what the model still needs: asked for in a terminal, else BadInput names it."""
    missing = {name: field for name, field in model.model_fields.items() if field.is_required() and name not in values}
    if missing and not somebody_answers():
        named = "\n".join(f"  {name}: {field.description or 'no description'}" for name, field in missing.items())
        raise BadInput(
            f"Missing: {', '.join(missing)}. Give each with --set KEY=VALUE.\n{named}", field=next(iter(missing))
        )
    return {**values, **{name: _ask(name, field) for name, field in missing.items()}}


def ask(name: str, description: str, *, default: str | None = None, secret: bool = False) -> str:
    """Return what a person types for a field."""
    typer.echo(description, err=True)
    answer: str = typer.prompt(name, default=default, hide_input=secret, err=True)
    return answer.strip()


def somebody_answers() -> bool:
    """Whether a person sits at the other end of standard input."""
    return sys.stdin.isatty()


def _ask(name: str, field: FieldInfo) -> str:
    return ask(field.title or name, field.description or "", secret=_is_secret(field))


def _is_secret(field: FieldInfo) -> bool:
    return field.annotation is SecretStr or SecretStr in get_args(field.annotation)
