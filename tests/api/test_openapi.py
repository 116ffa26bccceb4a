"""The description at /openapi.json is true: every answer to what it allows is one that it names."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.api.cron import EXAMPLE
from app.domain.message import message
from app.domain.wording import Reader, say
from tests.api.service import ADMIN, NAME, Service, a_service, description

EXAMPLES_EACH = 12
DESCRIPTION = description()
CRON = "/cron/{account}/{task}"


def askable() -> list[tuple[str, str]]:
    """Return every operation with what it allows, and with what it does not where there is anything to get wrong."""
    operations = {
        f"{method.upper()} {path}": operation
        for path, methods in DESCRIPTION["paths"].items()
        for method, operation in methods.items()
    }
    negative = [name for name, operation in operations.items() if {"parameters", "requestBody"} & set(operation)]
    return [(name, "positive") for name in operations] + [(name, "negative") for name in negative]


@cache
def operations() -> dict[str, Any]:
    """Return what can be asked, by method and path."""
    # Only who asks pays for the library.
    import schemathesis
    from schemathesis.core.result import Ok

    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    found = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    return {f"{operation.method.upper()} {operation.path}": operation for operation in found}


def check(case: Any, answer: httpx.Response) -> None:
    """Fail where an answer is not as described."""
    from schemathesis.specs.openapi import checks

    case.validate_response(
        answer,
        checks=[
            checks.status_code_conformance,
            checks.content_type_conformance,
            checks.response_schema_conformance,
            checks.response_headers_conformance,
        ],
    )


@pytest.fixture(scope="module")
def fast(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Service]:
    """A service that answers without waiting for its runs."""
    folder = tmp_path_factory.mktemp("service")
    with a_service(folder, template=sqlite_template, wait_default_s=0.0, wait_max_s=0.0) as service:
        service.add_account()
        yield service


@settings(
    max_examples=EXAMPLES_EACH,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(choice=st.data())
@pytest.mark.parametrize(("operation", "mode"), askable())
def test_every_answer_is_as_described(fast: Service, operation: str, mode: str, choice: st.DataObject) -> None:
    from schemathesis import GenerationMode

    case = choice.draw(operations()[operation].as_strategy(generation_mode=GenerationMode(mode)))
    if "account" in case.path_parameters and choice.draw(st.booleans()):
        case.path_parameters["account"] = NAME
    case.headers["Authorization"] = f"Bearer {fast.token if case.path == CRON else ADMIN}"
    sent = case.as_transport_kwargs(base_url="http://cron.test")
    sent.pop("cookies", None)
    if "data" in sent:
        sent["content"] = sent.pop("data")

    answer = fast.request(**sent)

    check(case, answer)


def test_the_description_is_served() -> None:
    assert set(DESCRIPTION["paths"]) >= {CRON, "/runs/{run_id}", "/api/status", "/healthz"}


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [each["operationId"] for path in DESCRIPTION["paths"].values() for each in path.values()]

    assert len(names) == len(set(names))


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_cron_url_shows_a_whole_report(method: str) -> None:
    shown = DESCRIPTION["paths"][CRON][method]["responses"]["200"]["content"]["application/json"]["example"]

    assert shown == EXAMPLE


def test_the_problem_of_the_example_is_worded_as_reports_word_it() -> None:
    [shown] = EXAMPLE["problems"]
    said = say(message(shown["code"], sku=shown["sku"]), Reader("en"))

    assert (shown["message"], shown["fix"]) == (said.message, said.fix)
    assert EXAMPLE["message"].endswith(said.message)


@pytest.mark.parametrize("status", ["200", "202", "500"])
def test_an_example_keeps_to_the_schema_beside_it(status: str) -> None:
    shown = DESCRIPTION["paths"][CRON]["get"]["responses"][status]["content"]["application/json"]

    jsonschema.validate(shown["example"], {**shown["schema"], "components": DESCRIPTION["components"]})


def test_every_error_is_described_as_a_problem() -> None:
    others = [
        f"{method} {path} {status}"
        for path, operations in DESCRIPTION["paths"].items()
        for method, operation in operations.items()
        for status, response in operation["responses"].items()
        if int(status) >= 400
        and list(response["content"]) != ["application/problem+json"]
        and (path, status) != (CRON, "500")
    ]

    assert others == []


def test_every_parameter_of_a_cron_url_has_a_sentence() -> None:
    parameters = DESCRIPTION["paths"][CRON]["get"]["parameters"]

    assert [each["name"] for each in parameters if not each.get("description", "").endswith(".")] == []


def test_every_place_for_a_token_is_described() -> None:
    assert DESCRIPTION["paths"][CRON]["get"]["security"] == [
        {"CronTokenInUrl": []},
        {"CronTokenHeader": []},
        {"CronTokenBearer": []},
    ]


def test_no_page_of_ours_loads_anything_from_elsewhere(fast: Service) -> None:
    assert (fast.get("/docs").status_code, fast.get("/redoc").status_code) == (404, 404)
