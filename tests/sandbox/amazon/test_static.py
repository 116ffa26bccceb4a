import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.sandbox.amazon.caller import Caller, talk
from tests.sandbox.amazon.models import FOLDER, model, with_models

Example = tuple[str, str, dict[str, Any], int, Any]
# Two examples of one and the same request: the first is served.
NEVER_SERVED = {("get", "/sellers/v1/account", 400)}


def examples() -> list[Example]:
    """Return every example of the models: verb, path, parameters, status, answer."""
    found: list[Example] = []
    for file in sorted(FOLDER.glob("*.json")):
        for path, verbs in model(file.stem).get("paths", {}).items():
            for verb, operation in verbs.items():
                for status, response in (operation.get("responses", {}) if isinstance(operation, dict) else {}).items():
                    for block in response.get("x-amzn-api-sandbox", {}).get("static", []):
                        parameters = block["request"]["parameters"]
                        found.append((verb, path, parameters, int(status), block.get("response")))
    return found


async def asked(caller: Caller, verb: str, path: str, parameters: dict[str, Any]) -> httpx.Response:
    """Ask for an example with exactly its parameters, and anything for those it leaves open."""
    given = {name: each["value"] for name, each in parameters.items() if "value" in each}
    body = given.pop("body", None)
    for name in [part.strip("{}") for part in path.split("/") if part.startswith("{")]:
        path = path.replace(f"{{{name}}}", quote(str(given.pop(name, "anything")), safe=""))
    query = {
        name: ",".join(map(str, value)) if isinstance(value, list) else str(value) for name, value in given.items()
    }
    return await caller.call(verb.upper(), f"/static{path}", params=query, json=body)


@with_models
def test_every_example_is_served() -> None:
    async def script(caller: Caller) -> list[tuple[str, str, int, int]]:
        wrong = []
        for verb, path, parameters, status, response in examples():
            caller.wait(60)
            answer = await asked(caller, verb, path, parameters)
            same = answer.status_code == status and (not response or answer.json() == response)
            if not same and (verb, path, status) not in NEVER_SERVED:
                wrong.append((verb, path, status, answer.status_code))
        return wrong

    assert len(examples()) > 70
    assert talk(script, models=FOLDER) == []


@with_models
def test_what_matches_no_example_is_refused() -> None:
    async def script(caller: Caller) -> tuple[int, str]:
        answer = await caller.get("/static/orders/2026-01-01/orders", {"createdAfter": "2026-03-01T00:00:00Z"})
        return answer.status_code, answer.json()["errors"][0]["message"]

    assert talk(script, models=FOLDER) == (400, "Could not match input arguments")


@with_models
def test_it_has_one_rate_for_everything_and_wants_a_token() -> None:
    async def script(caller: Caller) -> list[int]:
        path = "/static/sellers/v1/marketplaceParticipations"
        codes = [(await caller.get(path)).status_code for _ in range(16)]
        return [*codes[14:], (await caller.get(path, headers={"x-amz-access-token": ""})).status_code]

    assert talk(script, models=FOLDER) == [200, 429, 403]


def test_a_folder_of_ones_own_will_do(tmp_path: Path) -> None:
    example = {"request": {"parameters": {"name": {"value": "Zoé"}}}, "response": {"greeting": "Bonjour Zoé"}}
    operation = {"responses": {"200": {"x-amzn-api-sandbox": {"static": [example]}}}}
    (tmp_path / "hello.json").write_text(json.dumps({"swagger": "2.0", "paths": {"/hello/{name}": {"get": operation}}}))

    async def script(caller: Caller) -> list[Any]:
        found = await caller.get("/static/hello/Zo%C3%A9")
        return [found.json(), (await caller.get("/static/hello/Bob")).status_code]

    assert talk(script, models=tmp_path) == [{"greeting": "Bonjour Zoé"}, 400]


@pytest.mark.parametrize("models", [None, Path("nowhere")])
def test_without_models_it_says_what_is_missing(models: Path | None) -> None:
    async def script(caller: Caller) -> httpx.Response:
        return await caller.get("/static/sellers/v1/account")

    answer = talk(script, models=models)

    assert answer.status_code == 404
    assert "model files" in answer.json()["detail"]
