import pytest

from app.cli import account, values
from app.domain.task import Task
from tests.cli.shell import RunningSandbox, Shell


def test_an_account_is_tested_added_and_its_urls_are_printed(shell: Shell, sandbox: RunningSandbox) -> None:
    said = shell.call("account", "add", "mirakl", "--platform", "mirakl", *sandbox.fields())

    assert said.code == 0
    assert "ok  The shop is open." in said.out
    assert "http://127.0.0.1:8000/cron/mirakl/orders-import?token=" in said.out


def test_adding_says_as_json_what_was_found_and_where_to_hit(shell: Shell, sandbox: RunningSandbox) -> None:
    said = shell.call("account", "add", "mirakl", "--platform", "mirakl", "--json", *sandbox.fields())

    assert said.json["account"] == "mirakl"
    assert all(finding["ok"] for finding in said.json["findings"])
    assert {url["task"] for url in said.json["urls"]} == set(Task)


def test_a_refused_key_is_a_sentence_without_any_json(shell: Shell, sandbox: RunningSandbox) -> None:
    fields = ["--set", f"base_url={sandbox.url}/mirakl", "--set", "api_key=wrong"]

    said = shell.call("account", "add", "mirakl", "--platform", "mirakl", *fields)

    assert said.err.splitlines()[-1].startswith("mirakl A01 (401): Unauthorized. ")


def test_a_refused_key_is_a_sentence_and_adds_nothing(shell: Shell, sandbox: RunningSandbox) -> None:
    fields = ["--set", f"base_url={sandbox.url}/mirakl", "--set", "api_key=wrong"]
    said = shell.call("account", "add", "mirakl", "--platform", "mirakl", *fields)

    assert said.code == 1
    assert "401" in said.err
    assert "Copy the key again" in said.err
    assert shell.call("account", "list", "--json").json == []


def test_an_adapter_that_knows_what_to_do_is_not_talked_over(shell: Shell, sandbox: RunningSandbox) -> None:
    said = shell.call(
        "account", "add", "amazon", "--platform", "amazon", *sandbox.fields("amazon", refresh_token="wrong")
    )

    assert said.code == 1
    assert said.err.endswith("Authorise the application again in Seller Central and enter the new refresh token.\n")


def test_missing_fields_are_named_where_nobody_can_be_asked(shell: Shell) -> None:
    said = shell.call("account", "add", "mirakl", "--platform", "mirakl")

    assert said.code == 2
    assert said.err.startswith("Missing: base_url, api_key.")


def test_missing_fields_are_asked_for_in_a_terminal(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (values, account):
        monkeypatch.setattr(module, "somebody_answers", lambda: True)

    said = shell.call(
        "account", "add", "mirakl", "--platform", "mirakl", "--no-check",
        typed="https://operator.example\nvery-secret-key\n2026-01-31T08:00:00Z\n",
    )  # fmt: skip

    assert said.code == 0
    assert "very-secret-key" not in said.out + said.err
    assert shell.call("account", "list", "--json").json[0]["settings"]["start_from"] == "2026-01-31T08:00:00Z"


def test_secrets_are_never_shown(shell: Shell) -> None:
    shell.add_account()

    for words in (("show", "mirakl"), ("show", "mirakl", "--json"), ("list",), ("list", "--json")):
        said = shell.call("account", *words)
        assert said.code == 0
        assert "very-secret-key" not in said.out + said.err


def test_fields_are_changed_and_brought_back_to_their_defaults(shell: Shell) -> None:
    shell.add_account()

    shell.call("account", "set", "mirakl", "language=fr", "--set", "lookback_days=9")
    assert shell.call("account", "show", "mirakl", "--json").json["settings"]["language"] == "fr"
    said = shell.call("account", "set", "mirakl", "language=", "lookback_days=", "--json")

    assert said.json["settings"]["language"] == "en"
    assert said.json["settings"]["lookback_days"] is None


def test_who_changes_the_key_is_asked_to_test_it(shell: Shell) -> None:
    shell.add_account()

    said = shell.call("account", "set", "mirakl", "api_key=another-secret")

    assert "marketcron account check mirakl" in said.out
    assert "another-secret" not in said.out


def test_a_check_that_finds_something_wrong_fails(shell: Shell, sandbox: RunningSandbox) -> None:
    shell.call("account", "add", "mirakl", "--platform", "mirakl", *sandbox.fields())

    said = shell.call("account", "check", "mirakl", "--json")

    assert said.code == 1
    assert [finding["code"] for finding in said.json["findings"] if not finding["ok"]] == ["CATALOGUE"]


def test_a_rotated_token_makes_other_urls(shell: Shell) -> None:
    before = shell.add_account().out

    said = shell.call("account", "rotate-token", "mirakl", "--json")

    assert not any(url in before for url in said.json["urls"])


def test_a_removed_account_is_gone(shell: Shell) -> None:
    shell.add_account()

    assert shell.call("account", "remove", "mirakl").code == 0
    assert shell.call("account", "show", "mirakl").code == 2


def test_a_person_is_asked_before_an_account_is_removed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    shell.add_account()
    monkeypatch.setattr(account, "somebody_answers", lambda: True)

    said = shell.call("account", "remove", "mirakl", typed="n\n")

    assert said.code == 1
    assert shell.call("account", "show", "mirakl").code == 0


def test_adopted_orders_are_not_imported(shell: Shell, sandbox: RunningSandbox) -> None:
    sandbox.connect(shell)
    order_ids = sandbox.control("mirakl/orders", count=2, state="to_ship", lines=1)["ids"]

    said = shell.call("account", "adopt", "mirakl", shell.file("orders.txt", order_ids[0]), "--json")
    shell.call("run", "mirakl", "orders-import")

    assert said.json == {"adopted": 1, "already_ours": []}
    held = shell.call("shop", "orders", "main", "--json").json
    assert [order["marketplace_order_id"] for order in held] == [order_ids[1]]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["add", "Bad Name", "--platform", "mirakl"], "can't be an account's name"),
        (["add", "mirakl", "--platform", "nowhere"], "There is no platform “nowhere”"),
        (["add", "mirakl", "--platform", "mirakl", "--shop", "nowhere"], "There is no shop named “nowhere”"),
        (["add", "mirakl", "--platform", "mirakl", "--set", "colour=red"], "There is no field “colour”"),
        (["add", "mirakl", "--platform", "mirakl", "--set", "start_from=soon"], "start_from: “soon” is neither"),
        (["show", "nobody"], "There is no account named “nobody”"),
        (["set", "nobody", "language=fr"], "There is no account named “nobody”"),
        (["set", "nobody"], "Nothing to change"),
        (["check", "nobody"], "There is no account named “nobody”"),
        (["rotate-token", "nobody"], "There is no account named “nobody”"),
        (["remove", "nobody"], "There is no account named “nobody”"),
        (["adopt", "nobody", "nofile"], "nofile"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_code_2(shell: Shell, words: list[str], sentence: str) -> None:
    if words[0] == "add":
        words = [*words, "--no-check", "--set", "base_url=https://operator.example", "--set", "api_key=very-secret-key"]

    said = shell.call("account", *words)

    assert said.code == 2
    assert sentence in said.err
    assert "very-secret-key" not in said.err
