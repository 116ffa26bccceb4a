import pytest
from cronsim import CronSim

from app.domain.task import Task
from tests.cli.shell import Shell
from tests.marketplaces.reaching import NOON


def test_each_task_has_its_url_and_the_import_its_catch_ups(shell: Shell) -> None:
    shell.add_account()

    found = shell.call("urls", "--json").json

    assert set(found[0]) == {"account", "task", "url", "recommended", "catch_up"}
    flags = {each["url"].partition("token=")[2][43:] for each in found if each["task"] == Task.ORDERS_IMPORT}
    assert flags == {"", "&recheck=1", "&doublecheck=1"}
    assert [each["url"][-2:] == "=1" for each in found] == [each["catch_up"] for each in found]


def test_what_a_marketplace_does_by_itself_has_no_url(shell: Shell) -> None:
    shell.add_account_without_acceptance()

    found = shell.call("urls", "--json").json

    assert {each["task"] for each in found} == set(Task) - {Task.ORDERS_ACCEPT}


def test_the_public_address_is_the_one_given_or_configured(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_account()
    monkeypatch.setenv("BASE_URL", "https://cron.shop.example/")

    assert shell.call("urls", "--json").json[0]["url"].startswith("https://cron.shop.example/cron/mirakl/")
    given = shell.call("urls", "--json", "--base-url", "https://other.example/").json
    assert given[0]["url"].startswith("https://other.example/cron/mirakl/")


def test_one_account_may_be_chosen(shell: Shell) -> None:
    shell.add_account("first")
    shell.add_account("second")

    found = shell.call("urls", "--account", "second", "--json").json

    assert {each["account"] for each in found} == {"second"}


def test_tasks_of_working_hours_name_those_of_the_account(shell: Shell) -> None:
    shell.add_account("always")
    shell.add_account("office", "--set", "working_hours=mo-fr 08:00-19:00", "--set", "timezone=Europe/Lisbon")

    found = {
        (each["account"], each["task"]): each["recommended"]
        for each in shell.call("urls", "--json").json
        if not each["catch_up"]
    }

    assert found["always", Task.OFFERS_SEND] == "hourly in working hours"
    assert found["office", Task.OFFERS_SEND] == "hourly in working hours (mo-fr 08:00-19:00, Europe/Lisbon)"
    assert found["office", Task.ORDERS_STATUS].endswith("(mo-fr 08:00-19:00, Europe/Lisbon)")
    assert found["office", Task.ORDERS_ACCEPT] == found["always", Task.ORDERS_ACCEPT] == "hourly"


def test_an_import_comes_behind_acceptance_where_there_is_one(shell: Shell) -> None:
    shell.add_account("mirakl")
    shell.add_account_without_acceptance("amazon")

    found = {
        each["account"]: each["recommended"]
        for each in shell.call("urls", "--json").json
        if each["task"] == Task.ORDERS_IMPORT and not each["catch_up"]
    }

    assert found == {"mirakl": "hourly, 20 minutes after acceptance", "amazon": "hourly"}


def test_a_pipe_gets_one_url_a_line(shell: Shell) -> None:
    shell.add_account()

    lines = shell.call("urls").out.splitlines()

    assert all(line.split("\t")[3].startswith("http://127.0.0.1:8000/cron/") for line in lines)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--account", "nobody"], "There is no account named “nobody”"),
        (["--base-url", "cron.shop.example"], "is no address of a service"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    said = shell.call("urls", *words)

    assert said.code == 2
    assert sentence in said.err


def test_a_crontab_calls_every_url_at_its_times(shell: Shell) -> None:
    shell.add_account("first")
    shell.add_account_without_acceptance()

    lines = shell.call("crontab").out.splitlines()

    urls = [each["url"] for each in shell.call("urls", "--json").json]
    assert [line.partition("'")[2].removesuffix("'") for line in lines] == urls
    for line in lines:
        times, _, command = line.partition("  ")
        CronSim(times, NOON)
        # Silent when all is well, an error and a word when not: cron mails what is said.
        assert command.startswith("curl -fsS --max-time 60 -o /dev/null 'http")


def test_a_crontab_for_a_program_has_its_parts(shell: Shell) -> None:
    shell.add_account("first")

    lines = shell.call("crontab", "--json").json

    assert [each["line"] for each in lines] == shell.call("crontab").out.splitlines()
    assert {each["account"] for each in lines} == {"first"}
    assert all(each["line"] == f"{each['schedule']}  {each['command']}" for each in lines)


def test_a_crontab_may_be_of_one_account_and_knows_the_public_address(shell: Shell) -> None:
    shell.add_account("first")
    shell.add_account("second")

    reported = shell.call("crontab", "--account", "second", "--base-url", "https://cron.shop.example").out

    assert "/cron/first/" not in reported
    assert reported.count("https://cron.shop.example/cron/second/") == len(reported.splitlines())
