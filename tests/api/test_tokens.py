"""The life of a cron token: rotations, a changed SECRET_KEY, removed accounts."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import BadInput
from app.store import accounts
from app.store.engine import Session
from tests.api.service import NAME, SECRET, Service, a_service

URL = f"/cron/{NAME}/orders-import"
NEW_SECRET = "another secret that is long enough as well"
DAY_S = 86_400


def code(service: Service, token: str) -> int:
    return service.get(URL, params={"token": token, "wait": "0"}).status_code


def rotate(service: Service) -> str:
    """Give the account a new token and return it."""
    service.wait_for(service.system.accounts.rotate_token(NAME))
    return service.token


def test_a_new_token_works_at_once(service: Service) -> None:
    assert code(service, rotate(service)) == 202


@pytest.mark.parametrize(("days", "expected"), [(6.9, 202), (7.1, 401)])
def test_the_old_token_works_on_for_the_grace_period(service: Service, days: float, expected: int) -> None:
    old = service.token
    rotate(service)

    service.clock.advance(days * DAY_S)

    assert code(service, old) == expected


def test_the_token_before_the_old_one_is_dead(service: Service) -> None:
    oldest = service.token
    rotate(service)
    rotate(service)

    assert code(service, oldest) == 401


def test_the_token_after_the_present_one_is_not_open_yet(service: Service) -> None:
    token = service.token
    coming = rotate(service)
    service.wait_for(service.system.store.write(_back_to_first_generation, service.account().id))

    assert (code(service, token), code(service, coming)) == (202, 401)


def _back_to_first_generation(session: Session, account_id: str) -> None:
    accounts.change_account(session, account_id, {"token_generation": 1, "token_rotated_at": None})


def test_the_url_of_a_removed_account_is_401(service: Service) -> None:
    token = service.token
    service.wait_for(service.system.accounts.remove(NAME))

    assert code(service, token) == 401


def test_a_name_that_is_used_again_does_not_revive_old_urls(service: Service) -> None:
    old = service.token
    service.wait_for(service.system.accounts.remove(NAME))
    service.add_account()

    assert (code(service, old), code(service, service.token)) == (401, 202)


def test_an_account_that_another_process_changes_between_two_hits_is_read_anew(service: Service) -> None:
    token = service.token
    first = code(service, token)
    service.wait_for(service.system.store.write(_change, service.account().id, {"token_generation": 3}))
    rotated = code(service, token)
    service.wait_for(service.system.store.write(_change, service.account().id, {"token_generation": 1}))
    again = code(service, token)
    service.wait_for(service.system.store.write(_change, service.account().id, {"removed_at": service.clock.now()}))

    assert (first, rotated, again, code(service, token)) == (202, 401, 202, 401)


def test_settings_that_change_between_two_hits_count_at_once(service: Service) -> None:
    token = service.token
    first = code(service, token)
    service.wait_for(service.system.accounts.change(NAME, {"allowed_networks": "203.0.113.0/24"}))
    outside = code(service, token)
    service.wait_for(service.system.accounts.change(NAME, {"allowed_networks": "192.0.2.0/24"}))

    assert (first, outside, code(service, token)) == (202, 403, 202)


def _change(session: Session, account_id: str, values: dict[str, Any]) -> None:
    accounts.change_account(session, account_id, values)


@pytest.mark.parametrize(("days", "expected"), [(6.9, 202), (7.1, 401)])
def test_tokens_of_the_secret_before_work_on_for_the_grace_period(
    tmp_path: Path, sqlite_template: Path, days: float, expected: int
) -> None:
    with a_service(tmp_path, template=sqlite_template) as before:
        before.add_account()
        old = before.token
    with a_service(tmp_path, secret_key=NEW_SECRET, secret_key_previous=SECRET) as after:
        after.clock.advance(days * DAY_S)

        assert code(after, old) == expected


def test_a_new_secret_gives_new_tokens(tmp_path: Path, sqlite_template: Path) -> None:
    with a_service(tmp_path, template=sqlite_template) as before:
        before.add_account()
        old = before.token
    with a_service(tmp_path, secret_key=NEW_SECRET, secret_key_previous=SECRET) as after:
        new = after.token

        assert (new != old, code(after, new)) == (True, 202)


def test_after_a_change_the_secret_before_can_be_forgotten(tmp_path: Path, sqlite_template: Path) -> None:
    with a_service(tmp_path, template=sqlite_template) as before:
        before.add_account()
    with a_service(tmp_path, secret_key=NEW_SECRET, secret_key_previous=SECRET):
        pass

    with a_service(tmp_path, secret_key=NEW_SECRET) as after:
        account = after.wait_for(after.system.accounts.named(NAME))

        assert after.system.accounts.shown_config(account)["api_key"] == "(set)"


def test_a_foreign_secret_stops_the_start_with_a_sentence(tmp_path: Path, sqlite_template: Path) -> None:
    with a_service(tmp_path, template=sqlite_template) as before:
        before.add_account()

    said = pytest.raises(BadInput, match="SECRET_KEY is not the one this database was made with")
    with said, a_service(tmp_path, secret_key=NEW_SECRET):
        pass


def test_a_foreign_secret_changes_nothing(tmp_path: Path, sqlite_template: Path) -> None:
    with a_service(tmp_path, template=sqlite_template) as before:
        before.add_account()
        token = before.token
    with pytest.raises(BadInput), a_service(tmp_path, secret_key=NEW_SECRET):
        pass

    with a_service(tmp_path) as again:
        assert code(again, token) == 202


def test_the_secret_is_made_and_kept_when_none_is_given(tmp_path: Path, sqlite_template: Path) -> None:
    with a_service(tmp_path, template=sqlite_template, secret_key="") as before:
        before.add_account()
        token = before.token

    with a_service(tmp_path, secret_key="") as again:
        assert again.token == token
