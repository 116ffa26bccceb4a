"""Amazon's own model files, read from the contracts folder beside this repository, and how answers are held to them."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "contracts" / "amazon"
ORDERS = "orders_2026-01-01"
LISTINGS = "listingsItems_2021-08-01"
FEEDS = "feeds_2021-06-30"
REPORTS = "reports_2021-06-30"

with_models = pytest.mark.skipif(not FOLDER.is_dir(), reason="Amazon's model files are not beside this repository")


@cache
def model(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return found


def faults(name: str, definition: str, answer: object) -> list[str]:
    """Return where the answer breaks that definition, and what it holds that the definition does not know."""
    definitions = model(name)["definitions"]
    schema = {"$ref": f"#/definitions/{definition}", "definitions": definitions}
    checker = jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker())
    wrong = [f"{error.json_path}: {error.message}" for error in checker.iter_errors(answer)]
    return wrong + [f"{path}: unknown" for path in schema_strangers(definitions[definition], definitions, answer, "$")]


def schema_faults(name: str, content: object) -> list[str]:
    """Return where the content of a document breaks that schema."""
    checker = jsonschema.Draft7Validator(model(f"schemas/{name}"))
    return [f"{error.json_path}: {error.message}" for error in checker.iter_errors(content)]


def schema_strangers(schema: Any, definitions: Any, value: object, path: str) -> Iterator[str]:
    """Yield the path of everything in a value that its schema does not know."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if isinstance(value, list):
        for position, each in enumerate(value):
            yield from schema_strangers(schema.get("items", {}), definitions, each, f"{path}[{position}]")
    known = schema.get("properties")
    if isinstance(value, dict) and known is not None:
        for key, each in value.items():
            if key in known:
                yield from schema_strangers(known[key], definitions, each, f"{path}.{key}")
            elif not schema.get("additionalProperties"):
                yield f"{path}.{key}"
