"""How accounts and shops are connected, as a person configures it: checked, masked, or in plain to be encrypted."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, SecretStr, ValidationError

from app.domain.invalid import what_is_wrong, wrong_field
from app.domain.message import message
from app.errors import BadInput


def read_config(model: type[BaseModel], values: Mapping[str, Any]) -> BaseModel:
    """Return a checked configuration; raises BadInput naming the field, never its value."""
    try:
        return model.model_validate(dict(values))
    except ValidationError as exc:
        error = exc.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in error["loc"])
        if error["type"] == "missing":
            about = message(f"{model.__name__}.{name}")
            raise BadInput(message("FIELD_MISSING", field=name, about=about), field=name) from exc
        raise BadInput(wrong_field(name, what_is_wrong(error)), field=name) from exc


def plain(config: BaseModel) -> dict[str, Any]:
    """Return a configuration with its secrets, to be encrypted at once."""
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in config.__dict__.items()
    }


def shown(config: BaseModel) -> dict[str, Any]:
    """Return a configuration for people, its secrets masked."""
    return {name: "(set)" if isinstance(value, SecretStr) else value for name, value in config.__dict__.items()}


def split(values: Mapping[str, Any], *models: type[BaseModel]) -> list[dict[str, Any]]:
    """Sort values by the models that have a field of their name; raises BadInput, naming all, for one that none has."""
    parts: list[dict[str, Any]] = [{} for _ in models]
    for name, value in values.items():
        owner = next((part for part, model in zip(parts, models, strict=True) if name in model.model_fields), None)
        if owner is None:
            known = ", ".join(field for model in models for field in model.model_fields)
            raise BadInput(message("FIELD_UNKNOWN", field=name[:64], known=known), field=name)
        owner[name] = value
    return parts
