"""The management API: the admin alone, no secret in any answer, every refusal a sentence."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.api.service import ADMIN, NAME, Service, body, description

SETTINGS = f"/accounts/{NAME}/settings"
ORDERS = f"/accounts/{NAME}/orders"
ACTIONS = ("accept", "import", "refresh", "retry", "ignore", "handled")


def addresses() -> list[tuple[str, str]]:
    """Return method and path of every route under /api."""
    return sorted(
        (method.upper(), path.replace("{account}", NAME))
        for path, operations in description()["paths"].items()
        if path.startswith("/api/")
        for method in operations
    )


def orders(service: Service, state: str, **query: Any) -> list[str]:
    """Return the ids of the orders that the ledger lists in a state."""
    answer = service.manage("GET", ORDERS, params={"state": state, **query})
    return [line["order_id"] for line in answer.json()]


@pytest.mark.parametrize(("method", "path"), addresses())
@pytest.mark.parametrize("header", ["", "Basic YWRtaW46YWRtaW4=", "Bearer wrong", f"Token {ADMIN}", "Bearer "])
def test_nobody_but_the_admin_gets_in(module_service: Service, method: str, path: str, header: str) -> None:
    answer = module_service.request(method, path, headers={"Authorization": header})

    assert answer.status_code in (401, 429)


@pytest.mark.parametrize(("method", "path"), addresses())
def test_the_cron_token_does_not_open_the_management_api(module_service: Service, method: str, path: str) -> None:
    answer = module_service.request(method, path, headers={"Authorization": f"Bearer {module_service.token}"})

    assert answer.status_code in (401, 429)


def test_the_admin_token_in_the_url_opens_nothing(service: Service) -> None:
    assert service.get("/api/accounts", params={"token": ADMIN}).status_code == 401


def test_accounts_are_listed_without_their_secrets(service: Service) -> None:
    (line,) = service.manage("GET", "/accounts").json()

    assert (line["name"], line["connection"]["api_key"]) == (NAME, "(set)")


def test_settings_show_every_default(service: Service) -> None:
    assert service.manage("GET", SETTINGS).json()["accept_when"] == "in_stock"


def test_settings_can_be_changed(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"accept_when": "always"})

    assert service.manage("GET", SETTINGS).json()["accept_when"] == "always"


def test_a_setting_left_out_takes_its_default_again(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"accept_when": "always"})
    service.manage("PUT", SETTINGS, json={"language": "fr"})

    assert service.manage("GET", SETTINGS).json()["accept_when"] == "in_stock"


def test_start_from_stays_when_it_is_left_out(service: Service) -> None:
    before = service.manage("GET", SETTINGS).json()["start_from"]
    service.clock.advance(3600)

    assert service.manage("PUT", SETTINGS, json={}).json()["start_from"] == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("30d", "2026-01-31T12:00:00Z"),
        ("36h", "2026-03-01T00:00:00Z"),
        ("2026-01-01T00:00:00+01:00", "2026-01-01T00:00:00+01:00"),
        ("2026-01-01", "2026-01-01T00:00:00Z"),
    ],
)
def test_start_from_takes_a_moment_or_a_span(service: Service, given: str, kept: str) -> None:
    assert service.manage("PUT", SETTINGS, json={"start_from": given}).json()["start_from"] == kept


@pytest.mark.parametrize("given", ["soon", "5x", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", 5, {}, "\0"])
def test_an_impossible_start_is_422_and_named(service: Service, given: object) -> None:
    answer = service.manage("PUT", SETTINGS, json={"start_from": given})

    assert (answer.status_code, body(answer).get("field")) == (422, "start_from")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"accept_when": "sometimes"}, "accept_when: allowed values: in_stock, always and never."),
        ({"language": "de"}, "language: allowed values: en and fr."),
        ({"lookback_days": 0}, "lookback_days: must be at least 1."),
        ({"lookback_days": 10**30}, "lookback_days: must be at most 90."),
        ({"import_without_stock": "perhaps"}, "import_without_stock: must be true or false"),
        ({"anonymous_email_domain": "a\0b"}, "anonymous_email_domain: holds characters that can't stand there"),
    ],
)
def test_a_bad_setting_is_422_and_says_what_is_allowed(service: Service, values: dict[str, Any], sentence: str) -> None:
    answer = service.manage("PUT", SETTINGS, json=values)

    assert (answer.status_code, body(answer)["detail"][: len(sentence)]) == (422, sentence)


def test_an_unknown_setting_is_422_and_names_the_known_ones(service: Service) -> None:
    detail = body(service.manage("PUT", SETTINGS, json={"acept_when": "always"}))["detail"]

    assert detail.startswith(
        "There is no setting “acept_when”. The settings are: start_from, allowed_networks, language,"
    )


def test_a_bad_setting_changes_nothing(service: Service) -> None:
    before = service.manage("GET", SETTINGS).json()
    service.manage("PUT", SETTINGS, json={"language": "fr", "accept_when": "sometimes"})

    assert service.manage("GET", SETTINGS).json() == before


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff", b'{"\\ud800": 1}', b'{"language": "\\ud800"}', b"[" * 50_000],
)
def test_a_body_that_is_no_object_of_settings_is_422(service: Service, content: bytes) -> None:
    answer = service.request(
        "PUT",
        f"/api{SETTINGS}",
        content=content,
        headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
    )

    assert answer.status_code == 422


@pytest.mark.parametrize("name", ["nobody", "a%00b", "%C3%A9", "x" * 5000])
def test_an_account_that_does_not_exist_is_404_and_names_those_that_do(service: Service, name: str) -> None:
    answer = service.manage("GET", f"/accounts/{name}/settings")

    assert (answer.status_code, f"Accounts: {NAME}." in body(answer)["detail"]) == (404, True)


def test_the_connection_test_says_what_works(service: Service) -> None:
    report = service.manage("POST", f"/accounts/{NAME}/check").json()

    assert (report["ok"], report["findings"][0]["ok"]) == (True, True)


def test_the_connection_test_of_a_refused_key_is_a_finding_that_says_what_to_do(service: Service) -> None:
    service.control("POST", "mirakl/faults", kind="http_401")

    answer = service.manage("POST", f"/accounts/{NAME}/check")

    finding = body(answer)["findings"][0]
    assert (answer.status_code, body(answer)["ok"]) == (200, False)
    assert (finding["code"], "account set" in finding["fix"]) == ("CREDENTIALS_REFUSED", True)


def test_the_connection_test_says_what_a_scarce_quota_is_used_for(service: Service) -> None:
    service.add_account("amazon-eu", sandbox="amazon")

    findings = service.manage("POST", "/accounts/amazon-eu/check").json()["findings"]

    [share] = [each for each in findings if each["code"] == "QUOTA_SHARE"]
    assert (share["ok"], "483 searchOrders calls of a day" in share["sentence"]) == (True, True)


def test_the_status_says_orders_a_day_and_what_a_scarce_quota_is_used_for(service: Service) -> None:
    service.add_account("amazon-eu", sandbox="amazon")
    service.make_orders(count=3, age="1h")
    service.hit()
    service.hit(account="amazon-eu")

    found = {each["account"]: each for each in service.manage("GET", "/status").json()}

    amazon, mirakl = found["amazon-eu"]["quota"], found[NAME]
    assert (mirakl["orders_per_day"], mirakl["quota"], mirakl["advice"]) == (3.0, None, [])
    assert (amazon["operation"], amazon["calls_24h"], amazon["allowed_24h"]) == ("searchOrders", 1, 483.8)
    assert amazon["share"] == pytest.approx(1 / 483.8, abs=0.001)


def test_the_status_says_in_the_accounts_language_what_to_change(service: Service) -> None:
    service.add_account("amazon-eu", sandbox="amazon", language="fr")
    service.control("POST", "amazon/orders", count=101, state="to_ship", payment="ok", age="3h")
    service.clock.advance(300)
    service.hit(account="amazon-eu")

    found = {each["account"]: each for each in service.manage("GET", "/status").json()}

    assert found["amazon-eu"]["orders_per_day"] == 101.0
    assert found["amazon-eu"]["advice"][0].startswith(
        "101 commandes par jour : appelez orders-import toutes les 20 à 60"
    )


def test_a_hit_from_outside_the_allowed_networks_is_403_and_runs_nothing(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"allowed_networks": ["203.0.113.0/24"]})

    answer = service.hit()

    assert (answer.status_code, "allowed_networks" in body(answer)["detail"]) == (403, True)
    assert service.manage("GET", "/runs").json() == []


def test_a_hit_from_an_allowed_network_is_served(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"allowed_networks": ["203.0.113.0/24", "192.0.2.1"]})

    assert service.hit().status_code in (200, 202)


def test_a_network_that_is_none_is_422_and_says_how_to_write_one(service: Service) -> None:
    answer = service.manage("PUT", SETTINGS, json={"allowed_networks": ["everybody"]})

    assert (answer.status_code, "203.0.113.0/24" in body(answer)["detail"]) == (422, True)


@pytest.mark.parametrize(
    ("state", "expected"),
    [("to_accept", "waiting"), ("not_imported", "blocked"), ("imported", "fine"), ("to_import", None)],
)
def test_orders_are_listed_by_where_they_stand(service: Service, state: str, expected: str | None) -> None:
    made = {
        "waiting": service.make_orders(state="to_accept"),
        "blocked": service.make_orders(shape="unknown_sku"),
        "fine": service.make_orders(),
    }
    service.hit()

    assert orders(service, state) == (made[expected] if expected else [])


def test_orders_are_listed_page_by_page(service: Service) -> None:
    ids = service.make_orders(count=3)
    service.hit()
    (first,) = service.manage("GET", ORDERS, params={"limit": 1}).json()

    assert orders(service, "all", after=first["number"]) == [each for each in ids if each != first["order_id"]]


def test_orders_are_listed_for_so_many_days(service: Service) -> None:
    service.make_orders(age="72h")
    (young,) = service.make_orders(age="1h")
    service.hit()

    assert orders(service, "all", days=2) == [young]


@pytest.mark.parametrize(
    "query",
    [
        {"state": "lost"},
        {"days": 0},
        {"days": 10**20},
        {"after": -1},
        {"after": 2**31},
        {"limit": 201},
        {"limit": "x"},
        {"after": "\0"},
    ],
)
def test_a_list_that_can_not_be_is_422(service: Service, query: dict[str, Any]) -> None:
    assert service.manage("GET", ORDERS, params=query).status_code == 422


def test_a_number_beyond_all_orders_lists_nothing(service: Service) -> None:
    assert orders(service, "all", after=2**31 - 1) == []


def test_accept_decides_on_these_orders_alone(service: Service) -> None:
    first, _ = service.make_orders(count=2, state="to_accept")

    report = service.manage("POST", f"{ORDERS}/accept", json={"order_ids": [first]}).json()

    assert (report["task"], report["counts"]["seen"]) == ("orders-accept", 1)


def test_import_creates_these_orders_alone(service: Service) -> None:
    first, _ = service.make_orders(count=2)

    service.manage("POST", f"{ORDERS}/import", json={"order_ids": [first]})

    assert orders(service, "imported") == [first]


def test_refresh_reads_without_importing(service: Service) -> None:
    (order_id,) = service.make_orders()

    report = service.manage("POST", f"{ORDERS}/refresh", json={"order_ids": [order_id]}).json()

    assert (report["counts"]["seen"], orders(service, "imported")) == (1, [])


def test_retry_imports_what_was_ignored(service: Service) -> None:
    (order_id,) = service.make_orders(state="to_accept")
    service.hit()
    service.manage("POST", f"{ORDERS}/ignore", json={"order_ids": [order_id]})
    service.control("POST", f"mirakl/orders/{order_id}", state="to_ship")

    service.manage("POST", f"{ORDERS}/retry", json={"order_ids": [order_id]})

    assert orders(service, "imported") == [order_id]


def test_retry_of_what_is_imported_is_422_and_says_so(service: Service) -> None:
    (order_id,) = service.make_orders()
    service.hit()

    answer = service.manage("POST", f"{ORDERS}/retry", json={"order_ids": [order_id]})

    assert (answer.status_code, body(answer)["detail"]) == (
        422,
        f"None of these orders can be retried: {order_id} is imported.",
    )


@pytest.mark.parametrize("action", ["ignore", "handled"])
def test_a_persons_word_is_kept(service: Service, action: str) -> None:
    (order_id,) = service.make_orders(shape="unknown_sku")
    service.hit()

    moved = service.manage("POST", f"{ORDERS}/{action}", json={"order_ids": [order_id, "unknown"]}).json()

    assert moved == {"order_ids": [order_id], "refused": {"unknown": "unknown"}}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    "content",
    [
        b"{}",
        b'{"order_ids": []}',
        b'{"order_ids": [""]}',
        b'{"order_ids": ["a\\u0000b"]}',
        b'{"order_ids": ["\\ud800"]}',
        b'{"order_ids": [1]}',
        b'{"order_ids": ["A"], "all": true}',
        b'{"order_ids": ' + b"[" * 20_000,
    ],
    ids=["none", "empty", "empty id", "nul", "surrogate", "number", "unknown field", "deep"],
)
def test_order_ids_that_can_not_be_are_422(module_service: Service, action: str, content: bytes) -> None:
    answer = module_service.request(
        "POST",
        f"/api{ORDERS}/{action}",
        content=content,
        headers={"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"},
    )

    assert answer.status_code == 422


def test_ten_megabytes_of_order_id_are_422_in_a_short_answer(service: Service) -> None:
    answer = service.manage("POST", f"{ORDERS}/ignore", json={"order_ids": ["x" * 10_000_000]})

    assert (answer.status_code, len(answer.content) < 1000) == (413, True)


def test_ten_megabytes_without_a_length_are_422(service: Service) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'{"order_ids": ["'
        for _ in range(10_000):
            yield b"x" * 1_000

    answer = service.request(
        "POST", f"/api{ORDERS}/ignore", content=endless(), headers={"Authorization": f"Bearer {ADMIN}"}
    )

    assert answer.status_code == 422


def test_runs_are_listed_newest_first(service: Service) -> None:
    first, second = body(service.hit())["run_id"], body(service.hit("orders-accept"))["run_id"]

    assert [line["run_id"] for line in service.manage("GET", "/runs").json()] == [second, first]


def test_runs_are_listed_by_account_and_task(service: Service) -> None:
    service.hit("orders-accept")
    wanted = body(service.hit())["run_id"]

    listed = service.manage("GET", "/runs", params={"account": NAME, "task": "orders-import"}).json()

    assert [line["run_id"] for line in listed] == [wanted]


def test_runs_are_listed_page_by_page(service: Service) -> None:
    first, second = body(service.hit())["run_id"], body(service.hit())["run_id"]

    listed = service.manage("GET", "/runs", params={"before": second}).json()

    assert [line["run_id"] for line in listed] == [first]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"account": "nobody"}, 404),
        ({"account": "\0"}, 404),
        ({"task": "orders-pay"}, 422),
        ({"task": "\0"}, 422),
        ({"before": "\0"}, 422),
        ({"limit": 0}, 422),
    ],
)
def test_a_list_of_runs_that_can_not_be_is_refused(service: Service, query: dict[str, Any], code: int) -> None:
    assert service.manage("GET", "/runs", params=query).status_code == code


def test_status_counts_what_is_imported_and_what_is_not(service: Service) -> None:
    service.make_orders(count=2)
    service.make_orders(shape="unknown_sku")
    service.hit()

    (status,) = service.manage("GET", "/status").json()

    assert (status["imported"], status["not_imported"], status["last_import_at"]) == (2, 1, "2026-03-02T12:00:00Z")


@pytest.mark.parametrize(("hours", "late"), [(2, False), (3, True)])
def test_a_task_without_success_for_long_is_late(service: Service, hours: int, late: bool) -> None:
    service.hit()
    service.clock.advance(hours * 3600)

    (status,) = service.manage("GET", "/status").json()
    (task,) = [task for task in status["tasks"] if task["task"] == "orders-import"]

    assert task["late"] is late


@pytest.mark.parametrize(
    ("task", "hours", "late"),
    [
        ("orders-accept", 3, True),
        ("offers-send", 3, False),
        # Monday is over at 13:00 in Paris, where it is 13:00 now; Tuesday begins at 08:00, 19 hours later.
        ("offers-send", 20, False),
        ("offers-send", 21, True),
        ("orders-status", 21, False),
        ("orders-reconcile", 21, False),
    ],
)
def test_no_task_is_late_for_the_hours_that_its_account_does_not_work(
    service: Service, task: str, hours: int, late: bool
) -> None:
    service.manage("PUT", SETTINGS, json={"working_hours": "mo-fr 08:00-13:00"})
    service.clock.advance(hours * 3600)

    (status,) = service.manage("GET", "/status").json()
    (found,) = [each for each in status["tasks"] if each["task"] == task]

    assert found["late"] is late


def test_a_hit_is_served_at_any_hour(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"working_hours": "sa 08:00-13:00"})

    assert body(service.hit("offers-send"))["status"] == "done"
    assert body(service.hit("orders-status"))["status"] == "done"


def test_the_connection_test_knows_how_the_account_uses_its_shop(service: Service) -> None:
    good = service.manage("POST", f"/accounts/{NAME}/check").json()
    service.manage("PUT", SETTINGS, json={"sku_from": "id"})

    bad = service.manage("POST", f"/accounts/{NAME}/check").json()

    assert (good["ok"], bad["ok"]) == (True, False)
    assert [line["code"] for line in bad["findings"] if not line["ok"]] == ["SKU_FROM"]


def test_the_next_run_is_expected_when_the_hours_begin_again(service: Service) -> None:
    service.manage("PUT", SETTINGS, json={"working_hours": "mo-fr 08:00-13:00"})

    (status,) = service.manage("GET", "/status").json()

    expected = {each["task"]: each["next_expected_at"] for each in status["tasks"]}
    assert expected["offers-send"] == expected["orders-status"] == "2026-03-03T07:00:00Z"
    assert expected["orders-import"] == "2026-03-02T13:00:00Z"
    assert expected["orders-reconcile"] == "2026-03-03T12:00:00Z"


def test_status_names_the_last_run_and_the_last_success(service: Service) -> None:
    good = body(service.hit())
    service.control("POST", "mirakl/faults", kind="http_401")
    bad = body(service.hit())

    (status,) = service.manage("GET", "/status").json()
    (task,) = [task for task in status["tasks"] if task["task"] == "orders-import"]

    assert (task["last_run_id"], task["last_status"], task["last_success_at"]) == (
        bad["run_id"],
        "failed",
        good["started_at"],
    )
