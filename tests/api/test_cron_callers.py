"""Cron URLs: who may hit them, and who only looks."""

import hashlib
import hmac as real_hmac
from typing import Any

import httpx
import pytest

from app import keys
from app.api.security import WRONG_TOKENS_PER_MINUTE
from tests.api.service import ADMIN, NAME, Service, body

URL = f"/cron/{NAME}/orders-import"
NEVER_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer", "x-robots-tag": "noindex"}


class Counting:
    """Counts the work of comparing tokens."""

    def __init__(self) -> None:
        self.digests = self.comparisons = 0

    def new(self, key: bytes, message: bytes, digest: Any) -> Any:
        self.digests += 1
        return real_hmac.new(key, message, hashlib.sha256)

    def compare_digest(self, one: bytes, other: bytes) -> bool:
        self.comparisons += 1
        return real_hmac.compare_digest(one, other)


def work_of(service: Service, monkeypatch: pytest.MonkeyPatch, path: str) -> tuple[int, int]:
    """Return how many HMACs were made and how many comparisons for a wrong token."""
    counting = Counting()
    with monkeypatch.context() as patched:
        patched.setattr(keys, "hmac", counting)
        assert service.get(path, params={"token": "wrong"}).status_code == 401
    return counting.digests, counting.comparisons


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_hit_by_either_method_runs_the_task(service: Service, method: str) -> None:
    answer = service.hit(method=method)

    assert body(answer)["status"] == "done"


@pytest.mark.parametrize("place", ["query", "bearer", "lower case bearer", "header"])
def test_the_token_is_taken_from_each_place(service: Service, place: str) -> None:
    token = service.token
    options: dict[str, Any] = {
        "query": {"params": {"token": token}},
        "bearer": {"headers": {"Authorization": f"Bearer {token}"}},
        "lower case bearer": {"headers": {"Authorization": f"bearer  {token} "}},
        "header": {"headers": {"X-Cron-Token": token}},
    }[place]

    assert service.get(URL, **options).status_code == 200


@pytest.mark.parametrize("authorization", ["Basic dXNlcjpwYXNz", "Bearer of-the-scheduler-itself", "Bearer", ""])
def test_a_foreign_authorization_beside_a_right_token_in_the_url_does_no_harm(
    service: Service, authorization: str
) -> None:
    answer = service.get(URL, params={"token": service.token}, headers={"Authorization": authorization})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"params": {"token": ""}},
        {"params": {"token": "wrong"}},
        {"params": {"token": "é\u2028\U0001f6b2"}},
        {"params": {"token": "\0"}},
        {"headers": {"Authorization": "Bearer \xff".encode("latin-1")}},
        {"headers": {"X-Cron-Token": ADMIN}},
    ],
    ids=["none", "empty", "wrong", "unicode", "nul", "bytes", "the admin's"],
)
def test_any_other_token_is_401(service: Service, options: dict[str, Any]) -> None:
    assert service.get(URL, **options).status_code == 401


def test_a_token_of_ten_megabytes_is_401(service: Service) -> None:
    assert service.get_raw(URL, query=b"token=" + b"x" * 10_000_000)[0] == 401


def test_a_token_that_is_right_but_for_one_letter_is_401(service: Service) -> None:
    token = service.token
    wrong = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert service.get(URL, params={"token": wrong}).status_code == 401


def test_the_token_of_another_account_is_401(service: Service) -> None:
    other = service.add_account("mirakl-two", sandbox="mirakl-two")
    token = service.system.accounts.cron_token(other)

    assert service.get(URL, params={"token": token}).status_code == 401


@pytest.mark.parametrize("account", ["nobody", "MIRAKL-DEMO", "a\0b", "é", "x" * 5000, "%2e%2e", "mirakl-demo%20"])
def test_401_hides_whether_the_account_exists(service: Service, account: str) -> None:
    known = service.get(URL, params={"token": "wrong"})

    unknown = service.get(f"/cron/{account.replace(chr(0), '%00')}/orders-import", params={"token": "wrong"})

    assert (unknown.status_code, unknown.content, unknown.headers) == (known.status_code, known.content, known.headers)


def test_401_costs_as_much_work_for_an_account_that_does_not_exist(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = work_of(service, monkeypatch, URL)

    assert work_of(service, monkeypatch, "/cron/nobody/orders-import") == known


def test_401_costs_as_much_work_for_an_account_that_was_just_opened(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    unknown = work_of(service, monkeypatch, "/cron/nobody/orders-import")
    service.hit(wait=0)

    assert work_of(service, monkeypatch, URL) == unknown


def test_401_costs_as_much_work_after_a_rotation(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    before = work_of(service, monkeypatch, URL)
    service.wait_for(service.system.accounts.rotate_token(NAME))

    assert work_of(service, monkeypatch, URL) == before


def test_without_a_token_an_unknown_task_is_401_like_a_known_one(service: Service) -> None:
    assert service.get(f"/cron/{NAME}/orders-pay").content == service.get(URL).content


def test_without_a_token_a_bad_parameter_is_401_like_a_good_one(service: Service) -> None:
    assert service.get(URL, params={"since": "x", "foo": "y"}).content == service.get(URL).content


def test_without_a_token_nothing_is_run(service: Service) -> None:
    service.get(URL)

    assert service.runs() == []


def test_many_wrong_tokens_from_one_address_become_429(service: Service) -> None:
    answers = [service.get(URL, params={"token": "wrong"}).status_code for _ in range(WRONG_TOKENS_PER_MINUTE + 1)]

    assert answers == [401] * WRONG_TOKENS_PER_MINUTE + [429]


def test_429_says_when_to_come_again(service: Service) -> None:
    wrong = [service.get(URL, params={"token": "wrong"}) for _ in range(WRONG_TOKENS_PER_MINUTE + 1)]

    assert wrong[-1].headers["Retry-After"] == "60"


def test_a_right_token_is_served_after_many_wrong_ones(service: Service) -> None:
    for _ in range(WRONG_TOKENS_PER_MINUTE + 5):
        service.get(URL, params={"token": "wrong"})

    assert service.hit().status_code == 200


def test_a_made_up_forwarded_address_does_not_escape_429(service: Service) -> None:
    answers = [
        service.get(URL, headers={"X-Forwarded-For": f"198.51.100.{number}", "Forwarded": f"for=198.51.100.{number}"})
        for number in range(WRONG_TOKENS_PER_MINUTE + 1)
    ]

    assert answers[-1].status_code == 429


def test_a_task_that_is_not_offered_is_404_and_names_those_that_are(service: Service) -> None:
    answer = service.hit("orders-pay")

    assert (answer.status_code, body(answer)["detail"]) == (
        404,
        "“orders-pay” is not offered by mirakl. "
        "Its tasks: offers-send, orders-accept, orders-import, orders-status and orders-reconcile.",
    )


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_looking_runs_nothing(service: Service, method: str) -> None:
    answer = service.hit(method=method)

    assert (answer.status_code, answer.content, service.runs()) == (204, b"", [])


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Purpose": "prefetch"},
        {"Sec-Purpose": "prefetch;prerender"},
        {"Purpose": "prefetch"},
        {"X-Purpose": "preview"},
        {"X-Moz": "prefetch"},
    ],
)
def test_opening_ahead_of_time_runs_nothing(service: Service, headers: dict[str, str]) -> None:
    answer = service.hit(headers=headers)

    assert (answer.status_code, service.runs()) == (403, [])


@pytest.mark.parametrize(
    "agent",
    [
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "facebookexternalhit/1.1",
        "WhatsApp/2.23.20.0",
        "Twitterbot/1.0",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "LinkedInBot/1.0",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; BingPreview/1.0b)",
        "Microsoft Office Existence Discovery",
    ],
)
def test_link_previews_run_nothing(service: Service, agent: str) -> None:
    answer = service.hit(headers={"User-Agent": agent})

    assert (answer.status_code, service.runs()) == (403, [])


@pytest.mark.parametrize(
    "agent",
    [
        "curl/8.5.0",
        "Wget/1.21.4",
        "Mozilla/4.0 (compatible; cron-job.org; http://cron-job.org/abuse/)",
        "EasyCron/1.0 (https://www.easycron.com/)",
        "Google-Cloud-Scheduler",
        "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
        "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "",
    ],
)
def test_cron_services_monitors_and_browsers_run_the_task(service: Service, agent: str) -> None:
    answer = service.hit(headers={"User-Agent": agent})

    assert (answer.status_code, len(service.runs())) == (200, 1)


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_slash_at_the_end_is_served_without_a_redirect(service: Service, slashes: str) -> None:
    answer = service.get(URL + slashes, params={"token": service.token})

    assert body(answer)["status"] == "done"


def answers_under_cron(service: Service) -> dict[str, httpx.Response]:
    """Return one answer of every kind that a cron URL gives."""
    service.network.hold()
    return {
        "202": service.hit(wait="0"),
        "204": service.hit(method="HEAD"),
        "401": service.get(URL),
        "403": service.hit(headers={"Purpose": "prefetch"}),
        "404": service.hit("orders-pay"),
        "404 without a task": service.get("/cron/x"),
        "404 of a hidden slash": service.get("/cron/mirakl%2Fdemo/orders-import"),
        "405": service.hit(method="DELETE"),
        "422": service.hit(foo="1"),
    }


def test_every_answer_under_cron_is_kept_nowhere(service: Service) -> None:
    kept = {
        name: answer
        for name, answer in answers_under_cron(service).items()
        if any(answer.headers.get(header) != value for header, value in NEVER_KEPT.items())
    }

    assert kept == {}


def test_the_answers_are_of_the_kinds_they_should_be(service: Service) -> None:
    found = {name: str(answer.status_code) for name, answer in answers_under_cron(service).items()}

    assert found == {name: name[:3] for name in found}


def test_the_answer_of_a_finished_run_is_kept_nowhere(service: Service) -> None:
    headers = service.hit().headers

    assert {name: headers.get(name) for name in NEVER_KEPT} == NEVER_KEPT


def test_405_names_all_methods_of_the_address(service: Service) -> None:
    assert service.hit(method="DELETE").headers["Allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    "path",
    [
        "/cron/mirakl-demo%2F..%2F..%2Fapi%2Faccounts/orders-import",
        "/cron/../api/accounts",
        "/cron/..%2fapi%2faccounts",
        "//cron.evil.test/cron/mirakl-demo/orders-import",
        "/cron//orders-import",
        "/cron/%c0%ae/orders-import",
    ],
)
def test_tricks_with_the_path_open_nothing_and_lead_nowhere(service: Service, path: str) -> None:
    answer = service.get(f"http://cron.test{path}", headers={"X-Cron-Token": service.token})

    assert answer.status_code in (401, 404)
